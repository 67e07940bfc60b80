import { describe, expect, it } from 'vitest';
import { encodeToBlock } from '../ckks/encoding-blocks.ts';
import { createEmbedding } from '../ckks/encoding-embedding.ts';
import {
  add,
  type Ciphertext,
  ckksContext,
  coefficientStddev,
  declareError,
  declareMagnitude,
  dropTo,
  encode,
  encrypt,
  multiplyPlain,
  rescale,
} from '../ckks/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { ckksPreset } from '../parameters/ckks-presets.ts';
import { chiSquareDeviations } from '../random/statistics.contract.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { toCoefficients, toIntegers } from '../ring/operations.ts';
import { coefficientPolynomial } from '../ring/polynomial.ts';
import { sharedCkksParameters } from './ckks.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { foundEpoch } from './epoch.ts';
import { type Founded, found, phase, shareOf } from './founding.contract.ts';
import { partialDecrypt } from './partial-decryption.ts';
import { refreshRule } from './refresh-rule.ts';
import {
  authoriseCkksRefresh,
  combineRefresh,
  type RefreshAnswer,
  type RefreshTarget,
  refreshAnswer,
} from './refreshing.ts';
import { type ActiveSet, activeSet } from './roster.ts';
import { sumOf } from './sum-of-polynomials.ts';

const SHAPES = {
  double: { degree: 64, levels: 6, scaleBits: 55, limbsPerLevel: 2, digits: 3 },
  single: { degree: 64, levels: 8, scaleBits: 28, limbsPerLevel: 1, baseLimbs: 2, digits: 3 },
} as const;

async function bed(shape: keyof typeof SHAPES, seed: number) {
  const ckks = insecureCkksParameters(SHAPES[shape]);
  const parameters = sharedCkksParameters({
    ckks,
    members: [1, 2, 3, 4, 5],
    threshold: 3,
    decryptions: 10,
    measure: 'kullbackLeibler',
    noiseGrowth: 4,
    magnitude: 2,
    precisionBits: 1 - 40,
  });
  const lattice = await reproducibleLattice(seed);
  const epoch = foundEpoch(lattice, parameters, new Uint8Array(32).fill(seed));
  const founded = found(epoch);
  const context = ckksContext(lattice, ckks);
  const rule = refreshRule({ ckks, answers: 3, refreshes: 100, magnitude: 2 });
  const set = activeSet(epoch.roster, [1, 3, 4]);
  const ledgers = new Map(epoch.roster.members.map((member) => [member, new DecryptionLedger(member)]));
  return { ckks, epoch, founded, context, rule, set, ledgers };
}

type Bed = Awaited<ReturnType<typeof bed>>;

const values = Array.from({ length: 32 }, (_, j) => 1.5 * Math.sin(3 * j + 1));

function spentAt({ context, founded }: Bed, level: number, numbers: readonly number[] = values): Ciphertext {
  return dropTo(encrypt(context, founded.publicKey, numbers, { magnitude: 2 }), level);
}

function answersFor(
  made: Bed,
  ciphertext: Ciphertext,
  target: RefreshTarget,
  set: ActiveSet = made.set,
): RefreshAnswer[] {
  const { epoch, rule, ledgers, founded } = made;
  return set.members.map((member) => {
    const ledger = ledgers.get(member);
    if (ledger === undefined) throw new Error('no ledger');
    return refreshAnswer(shareOf(founded, member), authoriseCkksRefresh(ledger, epoch, rule, ciphertext, set), target);
  });
}

/** Deviation of what is in the ciphertext from these numbers, in units of the numbers, by exact decryption. */
function distance(
  { context }: Bed,
  founded: Founded,
  { c0, c1, level }: Ciphertext,
  numbers: readonly number[],
): number {
  const { scale, ring } = context.level(level);
  const embedding = createEmbedding(context.lattice, ring.degree);
  const exact = toIntegers(
    ring.engine.memory.scope(() => {
      const at = allocateBlock(ring);
      encodeToBlock(embedding, ring, { real: Float64Array.from(numbers) }, { slots: 32, scale: scale.value }, at);
      return coefficientPolynomial(ring, readBlock(ring, at));
    }),
  );
  const found = phase(founded, c0, c1);
  const squares = found.reduce((sum, x, i) => sum + Number(x - exact[i]) ** 2, 0);
  return (Math.sqrt(squares / ring.degree) * Math.sqrt(ring.degree / 2)) / scale.value;
}

for (const shape of ['double', 'single'] as const) {
  describe(`collective refresh, ${shape} limbs`, () => {
    it('gives the same numbers at the level asked for, at its scale, within the estimate', async () => {
      const made = await bed(shape, 90);
      const { context, rule, epoch, set, founded } = made;
      const top = made.ckks.topLevel;
      const spent = spentAt(made, rule.operandLevel);
      for (const to of [top, top - 1]) {
        const other = add(spent, spentAt(made, rule.operandLevel, [0.25 * to]));
        const expected = values.map((x, j) => x + (j === 0 ? 0.25 * to : 0));
        const bounded = declareMagnitude(other, 2);
        const target = { rule, context, from: rule.operandLevel, to };
        const fresh = combineRefresh(epoch, bounded, set, target, answersFor(made, bounded, target));
        expect(fresh.level).toBe(to);
        const off = distance(made, founded, fresh, expected);
        // Of a key of five parties: √5 times a single party's estimate.
        expect(off).toBeLessThan(fresh.estimate.errorStddev * Math.sqrt(5));
        expect(off).toBeGreaterThan(0);
        // And it can be computed with.
        const next = rescale(multiplyPlain(fresh, encode(context, new Array(32).fill(0.5), { level: to })));
        expect(
          distance(
            made,
            founded,
            next,
            expected.map((x) => x / 2),
          ),
        ).toBeLessThan(next.estimate.errorStddev * 3);
      }
    });

    it('shows the combiner numbers that do not depend on what is refreshed', async () => {
      const made = await bed(shape, 91);
      const { context, rule, epoch } = made;
      const target = { rule, context, from: rule.operandLevel, to: made.ckks.topLevel };
      // All but one member's masks are the adversary's, so the set is that member and others; what is seen is S modulo the content.
      const counts = new Array(8).fill(0);
      const planted = new Array(8).fill(0);
      for (let run = 0; run < 8; run++) {
        const spent = spentAt(made, rule.operandLevel, new Array(32).fill(1.9));
        const h0 = answersFor(made, spent, target).map((answer) => answer.h0);
        const sum = toIntegers(toCoefficients(sumOf([spent.c0, ...h0])));
        const content = phase(made.founded, spent.c0, spent.c1);
        const part = (x: bigint): number => Number(BigInt.asUintN(rule.contentBits, x) >> BigInt(rule.contentBits - 3));
        for (const x of sum) counts[part(x)] += 1;
        // What masks of multiples of 2^contentBits would show.
        for (const x of content) planted[part(x)] += 1;
      }
      const even = new Array(8).fill(1 / 8);
      expect(chiSquareDeviations(counts, even)).toBeLessThan(6);
      expect(chiSquareDeviations(planted, even)).toBeGreaterThan(6);
      expect(epoch.roster.threshold).toBe(3);
    });
  });
}

it('answers once for a ciphertext, and no more often than the masks are made for', async () => {
  const made = await bed('double', 92);
  const { context, epoch, set, ledgers, founded, ckks } = made;
  const rule = refreshRule({ ckks, answers: 3, refreshes: 2, magnitude: 2 });
  const [ledger] = ledgers.values();
  const spent = spentAt(made, rule.operandLevel);
  const token = authoriseCkksRefresh(ledger, epoch, rule, spent, set);
  expect(() => authoriseCkksRefresh(ledger, epoch, rule, spent, set)).toThrow('one answer per ciphertext');
  expect(() => ledger.authorise(epoch, spent, set)).toThrow('one answer per ciphertext');
  expect(() => partialDecrypt(shareOf(founded, 1), token)).toThrow('for refresh, not for opening');
  const target = { rule, context, from: rule.operandLevel, to: ckks.topLevel };
  refreshAnswer(shareOf(founded, 1), token, target);
  expect(() => refreshAnswer(shareOf(founded, 1), token, target)).toThrow('has been used');
  authoriseCkksRefresh(ledger, epoch, rule, spentAt(made, rule.operandLevel), set);
  expect(() => authoriseCkksRefresh(ledger, epoch, rule, spentAt(made, rule.operandLevel), set)).toThrow('2 refreshes');
  expect(ledger.refreshes).toBe(2);
  expect(ledger.results).toBe(0);
  const again = new DecryptionLedger(1);
  again.include(ledger.toBytes());
  expect(again.refreshes).toBe(2);
});

it('refuses a wrong answer, one for another target, a missing member, and content beyond the masks', async () => {
  const made = await bed('double', 93);
  const { context, rule, epoch, set, ckks } = made;
  const target = { rule, context, from: rule.operandLevel, to: ckks.topLevel };
  const spent = spentAt(made, rule.operandLevel);
  const answers = answersFor(made, spent, target);
  const combine = (changed: readonly RefreshAnswer[], to: RefreshTarget = target): Ciphertext =>
    combineRefresh(epoch, spent, set, to, changed);
  expect(() => combine(answers.slice(1))).toThrow('missing');
  expect(() => combine([answers[0], ...answers])).toThrow('two messages');
  expect(() => combine(answers, { ...target, to: target.to - 1 })).toThrow(ProtocolViolation);
  expect(() => combine([{ ...answers[0], h0: answers[1].h0 }, ...answers.slice(1)])).toThrow('do not add up');
  const other = made.epoch;
  const ledger = new DecryptionLedger(1);
  const authorise = (ciphertext: Ciphertext): unknown => authoriseCkksRefresh(ledger, other, rule, ciphertext, set);
  expect(() => authorise(declareMagnitude(spent, 16))).toThrow(/content and noise of up to/);
  expect(() => authorise(declareError(spent, 1e-9))).toThrow("sender's claim");
  expect(() => authorise(dropTo(spent, rule.operandLevel - 1))).toThrow('a refresh takes level');
  expect(() => authorise(dropTo(spent, rule.operandLevel))).not.toThrow();
  expect(() => refreshRule({ ckks, answers: 3, refreshes: 1, statisticalBits: 20 })).toThrow(ParameterError);
  expect(() => refreshRule({ ckks, answers: 3, refreshes: 2 ** 40, magnitude: 2 })).toThrow('at most 126');
});

it('takes level 2 of the sets for training', () => {
  for (const name of ['learn-15d', 'learn-16d'] as const) {
    const rule = refreshRule({ ckks: ckksPreset(name), answers: 5, refreshes: 1000, magnitude: 2 });
    expect(rule.operandLevel).toBe(2);
    expect(rule.maskBits).toBeLessThan(126);
  }
  expect(coefficientStddev({ errorStddev: 1 }, 8, 1)).toBe(0.5);
});
