// Tests of the software that speak for an artefact, by file and name. Which of them passed is in a test report that is handed in (vitest's
// JSON); without one they are named, and not shown. That each of them exists is itself tested (tests.test.ts).

import { MalformedMessage } from '@sumus/federation/errors';
import type { Exhibit } from './fact.ts';

export interface NamedTest {
  readonly artefact: number;
  readonly file: string;
  /** The name of the test; up to where a table fills it in. */
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly shows: string;
}

const FEDERATION = 'packages/federation/src';
const SECURE_SUM = 'packages/secure-sum/src';
const PRIVACY = 'packages/differential-privacy/src';
const REPLAY = 'simulation/src/replay/replay.test.ts';

const test = (artefact: number, file: string, name: string, shows: string): NamedTest => ({
  artefact,
  file,
  name,
  shows,
});

export const TESTS: readonly NamedTest[] = [
  test(
    5,
    REPLAY,
    'under mask comes to the right sums, and nothing gets out',
    'no message, log or blob of a whole run under mask has any participant’s update in it, packed in any way',
  ),
  test(5, REPLAY, 'under one-shot comes to the right sums, and nothing gets out', 'the same under one-shot'),
  test(
    5,
    REPLAY,
    'finds every upload where nothing protects it',
    'that search does find updates where they are in clear',
  ),
  test(
    5,
    'architecture.test.ts',
    'keeps every rule',
    'from the server’s sources no import path reaches keys, participants’ code or training',
  ),
  test(
    5,
    'architecture.test.ts',
    'is seen whole: a violation planted in the real tree is caught',
    'that walk does find a planted path',
  ),
  test(
    5,
    `${SECURE_SUM}/one-shot/secrecy.test.ts`,
    'cannot tell which of the two honest contributors has which vector',
    'coordinator, tolerated committee members and all other contributors together learn no more than the sum',
  ),
  test(
    8,
    `${FEDERATION}/plan/sensitivity.test.ts`,
    'covers what one record moves in the words, also of a vector that is clipped',
    'a search for a record that moves the summed words by more than is charged finds none',
  ),
  test(
    8,
    `${FEDERATION}/plan/sensitivity.test.ts`,
    'covers what the presence of a participant moves',
    'nor one for a participant',
  ),
  test(
    8,
    `${PRIVACY}/sensitivity/gradients.test.ts`,
    'is caught when the factor of replace-one is forgotten',
    'the search does find a forgotten factor',
  ),
  test(
    9,
    `${PRIVACY}/audit/planted-breaks.test.ts`,
    'a clipped sum with its noise, added and replaced',
    'the black-box audit does not refute the mechanism',
  ),
  test(
    9,
    `${PRIVACY}/audit/planted-breaks.test.ts`,
    'noise reused for two sums, where fresh noise passes',
    'it does refute planted breaks',
  ),
  test(
    9,
    `${PRIVACY}/audit/bounds.test.ts`,
    'does not refute a mechanism that does what it claims, and does one whose noise is a quarter or a half',
    'the audit by one run is right both ways',
  ),
  test(
    11,
    'packages/attacks/src/first-layer/quotients.test.ts',
    'give back the only example of a batch from every neuron that fired, to a millionth',
    'inversion of an update in clear works: the attack is real',
  ),
  test(
    11,
    'packages/attacks/src/imprint/imprint.test.ts',
    'reads most of a batch of 64 where a server that only looks reads a few',
    'so does an imprinting server',
  ),
  test(
    11,
    'packages/attacks/src/sealed/words.test.ts',
    'gives up no picture under a uniform mask, and every one without',
    'under a mask neither finds anything',
  ),
  test(
    15,
    REPLAY,
    'from seed ',
    'schedules of lost, late, repeated and lying messages and of crashes end in the right sum or a clean abort',
  ),
  test(
    15,
    `${FEDERATION}/run/lies.attack.test.ts`,
    'with garbage for a sum, or late, is numbered and not used',
    'bad and late messages of a member change nothing',
  ),
  test(
    15,
    `${FEDERATION}/run/lies.attack.test.ts`,
    'in the name of another, without a certificate, of another run or out of its order is not heard',
    'replays, forgeries and strangers are not heard',
  ),
  test(
    15,
    `${FEDERATION}/run/frame.test.ts`,
    'of any other bytes is refused, never anything else',
    'hostile bytes are refused in a typed way',
  ),
  test(
    15,
    `${FEDERATION}/release/release.test.ts`,
    'is a sum that contributors cannot have made: a word, a norm or a count beyond them',
    'a sum beyond the agreed norm is not released',
  ),
  test(
    16,
    `${PRIVACY}/noise/exactness.everywhere.test.ts`,
    'decides by the exact comparison alone in the same way',
    'noise is drawn by exact whole numbers: no floating-point residue',
  ),
  test(
    16,
    `${PRIVACY}/audit/planted-breaks.test.ts`,
    'the rounding of a naive Laplace in doubles, where the discrete Laplace on a grid passes',
    'the audit finds the residue of floats where there is one',
  ),
  test(
    16,
    `${SECURE_SUM}/wiped-secrets.attack.test.ts`,
    'after a round of mask; in the middle of one it is',
    'secrets are not in memory after a round of mask',
  ),
  test(16, `${SECURE_SUM}/wiped-secrets.attack.test.ts`, 'after a round of one-shot', 'nor after one of one-shot'),
  test(
    19,
    `${SECURE_SUM}/identity/identity.test.ts`,
    'that was revoked is refused; the others still hold',
    'a compromised key is taken out by a revocation, and nobody else is',
  ),
];

export interface TestReport {
  /** SHA-256 of the report, hexadecimal. */
  readonly sha256: string;
  readonly passed: number;
  readonly failed: number;
  /** By "file name": of each test whether it passed. */
  readonly outcomes: readonly { readonly file: string; readonly name: string; readonly hasPassed: boolean }[];
}

/** What vitest writes with --reporter=json. Tests that were skipped are no outcomes. */
export function readTestReport(text: string, sha256: string): TestReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedMessage('a test report is JSON, and this is not', { cause });
  }
  const outcomes = listOf(value, 'testResults').flatMap((file) =>
    listOf(file, 'assertionResults').flatMap((one) => {
      const [name, status] = [textOf(one, 'title'), textOf(one, 'status')];
      if (status !== 'passed' && status !== 'failed') return [];
      return [{ file: textOf(file, 'name').replaceAll('\\', '/'), name, hasPassed: status === 'passed' }];
    }),
  );
  if (outcomes.length === 0) throw new MalformedMessage('no test report: it has no tests that ran');
  const passed = outcomes.filter(({ hasPassed }) => hasPassed).length;
  return { sha256, passed, failed: outcomes.length - passed, outcomes };
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name);
  if (!Array.isArray(list)) throw new MalformedMessage(`no test report: "${name}" is no list`);
  return list;
}

function textOf(value: unknown, name: string): string {
  const text = memberOf(value, name);
  if (typeof text !== 'string') throw new MalformedMessage(`no test report: "${name}" is no text`);
  return text;
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;

/** The tests of an artefact, as far as the report has them. */
export function exhibitTests(exhibit: Exhibit, artefact: number, report: TestReport | undefined): void {
  for (const { file, name, shows } of TESTS.filter((one) => one.artefact === artefact)) {
    const where = `${file}: ${name}`;
    const found = (report?.outcomes ?? []).filter(
      (one) => (one.file === file || one.file.endsWith(`/${file}`)) && one.name.startsWith(name),
    );
    if (found.length === 0) {
      exhibit.missing(
        `${shows}: the test "${where}" is not in ${report === undefined ? 'a report that was handed in (--tests)' : 'the report that was handed in'}`,
      );
      continue;
    }
    const hasPassed = found.every((one) => one.hasPassed);
    exhibit.fact(hasPassed ? shows : `the test of this FAILED: ${shows}`, { from: 'test', where }, hasPassed);
  }
}
