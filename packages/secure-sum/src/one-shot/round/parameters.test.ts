import { capacityBits } from '@sumus/lattice/one-time/sums';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { ENCODING, LITERAL } from '../one-shot-world.contract.ts';
import { strictValueBits, usefulPackings } from './packings.ts';
import { type OneShotLiteral, oneShotParameters, parametersHash, proposalOf } from './parameters.ts';

describe('useful packings', () => {
  it('are those of the specification’s point 8', () => {
    const of = (n: number) =>
      usefulPackings(n).map(({ wordsPerCoefficient: d, wordBits: w, valueBits: b }) => `${d} ${w} ${b}`);
    expect(of(100)).toEqual(expect.arrayContaining(['3 26 19', '4 19 12', '5 15 8', '6 13 6']));
    expect(of(1000)).toEqual(expect.arrayContaining(['3 25 15', '4 19 9', '5 15 5']));
    expect(of(10_000)).toEqual(expect.arrayContaining(['3 25 11', '4 18 4']));
    expect(of(1_000_000)).toEqual(expect.arrayContaining(['3 24 4']));
  });

  it('all meet the capacity inequality and the strict rule, and would not with one bit more', () => {
    for (const n of [3, 10, 100, 1000, 100_000]) {
      for (const { wordsPerCoefficient: d, wordBits: w, valueBits: b } of usefulPackings(n)) {
        expect(capacityBits(w, d, n)).toBeLessThan(88.9997);
        if (w < 32) expect(capacityBits(w + 1, d, n)).toBeGreaterThanOrEqual(88.9997);
        expect(BigInt(n) * (2n ** BigInt(b) - 1n) < 2n ** BigInt(w)).toBe(true);
        expect(BigInt(n) * (2n ** BigInt(b + 1) - 1n) < 2n ** BigInt(w)).toBe(false);
        expect(strictValueBits(n, w)).toBe(b);
      }
    }
  });
});

describe('parameters', () => {
  const refuse = (change: Partial<OneShotLiteral>) =>
    expect(() => oneShotParameters({ ...LITERAL, ...change })).toThrow(
      expect.objectContaining({ code: 'E_PARAMETER' }),
    );

  it('refuse what could wrap, too few contributors, words that are no 32-bit integers, and flushes below n_min', () => {
    refuse({ valueBits: 18 });
    refuse({ minimumContributors: 2 });
    refuse({ minimumContributors: 9 });
    refuse({ wordBits: 33, wordsPerCoefficient: 1 });
    refuse({ vectorLength: 0 });
    refuse({ flushes: { contributions: 2, versionsOld: 1, contributionsEach: 1 } });
    refuse({ flushes: { contributions: 9, versionsOld: 1, contributionsEach: 1 } });
    refuse({ flushes: { contributions: 3, versionsOld: 9, contributionsEach: 1 } });
    refuse({ flushes: { contributions: 3, versionsOld: 1, contributionsEach: 0 } });
  });

  it('say that a committee can be blocked, or are refused (point 31)', () => {
    const five = { members: 5, corrupt: 2, choice: 'fixed' } as const;
    refuse({ committee: five });
    expect(proposalOf(oneShotParameters({ ...LITERAL, committee: { ...five, mayBeBlocked: true } })).quorum).toBe(4);
    for (const [members, corrupt] of [
      [4, 1],
      [10, 3],
      [32, 10],
      [100, 33],
      [128, 42],
    ] as const) {
      const { oneTime } = oneShotParameters({ ...LITERAL, committee: { members, corrupt, choice: 'fixed' } });
      expect(oneTime.committee.progressDespiteCorrupt).toBe(true);
      expect(2 * oneTime.committee.quorum).toBeGreaterThan(members + corrupt);
    }
  });

  it('are all in the configuration’s hash: every change of a literal changes it', () => {
    const primitives = nodePrimitives();
    const hash = (change: Partial<OneShotLiteral> = {}): string =>
      parametersHash(primitives, oneShotParameters({ ...LITERAL, ...change }), ENCODING).join();
    const flushes = { contributions: 8, versionsOld: 0, contributionsEach: 1 };
    const changes: Partial<OneShotLiteral>[] = [
      {},
      { vectorLength: 151 },
      { maximumContributors: 9 },
      { minimumContributors: 4 },
      { wordBits: 21 },
      { wordsPerCoefficient: 2 },
      { valueBits: 15 },
      { committee: { ...LITERAL.committee, members: 5 } },
      { committee: { ...LITERAL.committee, corrupt: 0 } },
      { committee: { ...LITERAL.committee, choice: 'sampled' } },
      { openedTo: 'participants' },
      { boxes: 'hybrid' },
      { flushes },
      { flushes: { ...flushes, contributions: 7 } },
      { flushes: { ...flushes, versionsOld: 1 } },
      { flushes: { ...flushes, contributionsEach: 2 } },
    ];
    expect(new Set(changes.map(hash)).size).toBe(changes.length);
  });
});
