import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SampleRun, sampleRun, textOf } from '../sample-run.contract.ts';
import { examineLog } from './examine.ts';
import { logHead } from './log-digest.ts';

const primitives = nodePrimitives();
// All of it by SUMUS_FULL=1.
const STEP = process.env['SUMUS_FULL'] === '1' ? 1 : 7;
let run: SampleRun;

beforeAll(async () => {
  run = await sampleRun('mask', 8);
}, 60_000);

describe('the log of a run', () => {
  it('as it was written has nothing wrong with it, and neither have the ledgers of those in it', async () => {
    const examined = await examineLog(primitives, { text: run.text, ledgers: run.ledgers });
    expect(examined.findings).toEqual([]);
    expect(examined.state?.releases.length).toBe(2);
    expect(examined.ledgers.every(({ verified }) => verified !== undefined)).toBe(true);
    expect(examined.signed).toBeGreaterThan(7);
    expect(examined.digest).toEqual(logHead(primitives, run.lines));
  });

  it('that lacks an event, or has one twice or elsewhere, is found out', async () => {
    // Behind the last release there is little that anything else follows from.
    const last = run.lines.findLastIndex((line) => kindOf(line) === 'released');
    for (let at = 0; at <= last; at += STEP) {
      const lines = [...run.lines];
      const [line] = lines.splice(at, 1);
      const known = logHead(primitives, run.lines);
      const without = await examineLog(primitives, { text: textOf(lines), known });
      expect(
        without.findings.map(({ code }) => code),
        `without event ${at}`,
      ).toContain('digest');
      // What nobody signed and nothing follows from is seen by the digest alone.
      const plain = await examineLog(primitives, { text: textOf(lines) });
      if (!['phase closed', 'message ignored', 'evidence found'].includes(kindOf(line!)))
        expect(plain.findings.length, `without event ${at}, ${kindOf(line!)}`).toBeGreaterThan(0);
      const twice = run.lines.toSpliced(at, 0, line!);
      const repeated = await examineLog(primitives, { text: textOf(twice) });
      if (!['phase closed', 'message ignored', 'evidence found'].includes(kindOf(line!)))
        expect(repeated.findings.length, `event ${at} twice, ${kindOf(line!)}`).toBeGreaterThan(0);
    }
  });

  it('in which anything signed was changed is found out at that event, by what it is', async () => {
    const findings = async (kind: string, change: (event: Draft) => void): Promise<readonly string[]> => {
      const at = run.lines.findIndex((line) => kindOf(line) === kind);
      const lines = run.lines.with(at, changed(run.lines[at]!, change));
      const examined = await examineLog(primitives, { text: textOf(lines) });
      return examined.findings.filter((one) => one.at === at).map(({ code }) => code);
    };
    expect(
      await findings('run created', (event) => Object.assign(event['plan']['plan'], { name: 'another' })),
    ).toContain('plan');
    expect(
      await findings('member joined', (event) => {
        event['certificate'] = event['certificate'].replace(/..$/, (last: string) => (last === '00' ? '01' : '00'));
      }),
    ).toContain('certificate');
    expect(await findings('released', (event) => event['contributions'].reverse())).toContain('published sum');
    expect(await findings('released', (event) => Object.assign(event['published'], { contributors: 3 }))).toContain(
      'published sum',
    );
    expect(await findings('released', (event) => Object.assign(event['record'], { atMs: 5 }))).toContain('ledger');
  });

  it('in which any word or number at all was changed is not what its digest says', async () => {
    const known = logHead(primitives, run.lines);
    for (let at = 0; at < run.lines.length; at += STEP) {
      const line = changed(run.lines[at]!, (event) => Object.assign(event, { atMs: event['atMs'] + 1 }));
      const lines = run.lines.with(at, line);
      const { findings } = await examineLog(primitives, { text: textOf(lines), known });
      expect(findings.map(({ code }) => code)).toContain('digest');
    }
  });

  it('that was cut is what it says, and not what its digest says', async () => {
    const known = logHead(primitives, run.lines);
    const text = textOf(run.lines.slice(0, -3));
    expect((await examineLog(primitives, { text })).findings).toEqual([]);
    expect((await examineLog(primitives, { text, known })).findings[0]?.what).toMatch(/had \d+ events/);
    const half = await examineLog(primitives, { text: run.text.slice(0, -9) });
    expect(half.findings.map(({ code }) => code)).toEqual(['unreadable']);
  });

  it('of another owner or coordinator than the one that is known is found out', async () => {
    const other = '11'.repeat(32);
    const { text } = run;
    expect((await examineLog(primitives, { text, owner: other })).findings[0]?.code).toBe('plan');
    expect((await examineLog(primitives, { text, coordinator: other })).findings[0]?.what).toMatch(/coordinator/);
  });

  it('is told from another that the coordinator signed as well, by the ledgers of participants', async () => {
    const other = await sampleRun('mask', 8, 8);
    const examined = await examineLog(primitives, { text: other.text, ledgers: run.ledgers });
    expect(new Set(examined.findings.map(({ code }) => code))).toEqual(new Set(['participant']));
    const [first] = run.ledgers;
    const cut = { ...first!, text: first!.text.split('\n').slice(0, 3).join('\n') };
    const one = await examineLog(primitives, { text: run.text, ledgers: [{ ...cut, text: `${cut.text}\n` }] });
    expect(one.findings.map(({ code }) => code)).toContain('participant');
  }, 60_000);

  it('of any bytes at all is examined to the end', async () => {
    for (const text of ['', '\n', 'no log', '{}\n', `${run.lines[1]}\n`, run.text.replaceAll('round', 'around')]) {
      const { findings } = await examineLog(primitives, { text });
      expect(findings.length).toBeGreaterThan(0);
    }
  });
});

// biome-ignore lint/suspicious/noExplicitAny: an event taken apart to be changed.
type Draft = Record<string, any>;

const kindOf = (line: string): string => JSON.parse(line).kind;

function changed(line: string, change: (event: Draft) => void): string {
  const event = JSON.parse(line);
  change(event);
  return canonicalJson(event);
}
