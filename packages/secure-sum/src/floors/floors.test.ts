import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { codeOf } from '../seeded-members.contract.ts';
import {
  committeeQuorum,
  defineFloors,
  type Floors,
  type MaskProposal,
  maskThreshold,
  NO_ROUNDS,
  type OneShotProposal,
  type Proposal,
  requireFloors,
  spendRound,
  type ThresholdProposal,
  tighten,
} from './index.ts';

fc.configureGlobal({ seed: 20_261_120 });

const floors = defineFloors({
  minimumContributors: 10,
  corruptFraction: 0.1,
  minimumWordBits: 12,
  maximumVectorLength: 1_000_000,
  maximumRoundsPerDay: 3,
  minimumCommittee: 10,
  minimumBeaconContributors: 3,
});

const mask: MaskProposal = {
  protocol: 'mask',
  members: 100,
  sharingSet: 43,
  threshold: 27,
  corruptInSharingSet: 10,
  minimumContributors: 20,
  wordBits: 23,
  valueBits: 16,
  vectorLength: 1000,
};
const MASK_BOUND = 10;

const oneShot: OneShotProposal = {
  protocol: 'one-shot',
  committee: 32,
  corruptInCommittee: 10,
  quorum: 22,
  minimumContributors: 10,
  maximumContributors: 100,
  wordBits: 23,
  valueBits: 16,
  vectorLength: 1_000_000,
};
const ONE_SHOT_BOUND = 4;

const threshold: ThresholdProposal = {
  protocol: 'threshold',
  members: 10,
  corruptMembers: 3,
  threshold: 7,
  minimumContributors: 10,
  maximumContributors: 10,
  wordBits: 20,
  valueBits: 16,
  vectorLength: 1000,
};

const codeFor = (proposal: Proposal, bound: number, against: Floors = floors): Promise<unknown> =>
  codeOf(() => requireFloors(against, proposal, bound));

describe('a participant’s floors', () => {
  it('accept the reference’s parameters, and freeze them', () => {
    const accepted = requireFloors(floors, mask, MASK_BOUND);
    expect(accepted).toEqual(mask);
    expect(Object.isFrozen(accepted)).toBe(true);
    requireFloors(floors, oneShot, ONE_SHOT_BOUND);
    requireFloors(floors, threshold, 3);
  });

  it.each<[string, Partial<ThresholdProposal>]>([
    ['t that the corrupt reach alone', { threshold: 3 }],
    ['t of which two sets share corrupt members only', { threshold: 6 }],
    ['t = 1', { threshold: 1 }],
    ['fewer corrupt assumed than the participant assumes', { corruptMembers: 2 }],
    ['t beyond the members', { threshold: 11 }],
    ['fewer members than the floor', { members: 9 }],
    ['a smaller n_min', { minimumContributors: 9 }],
    ['more contributions than the width holds', { maximumContributors: 17 }],
  ])('refuse of threshold: %s (attack 18)', async (_, change) => {
    expect(await codeFor({ ...threshold, ...change }, 3)).toBe('E_FLOOR');
  });

  it('of threshold are such that two sets share an honest member, and no t below them does', () => {
    for (let members = 3; members <= 60; members++) {
      for (let corrupt = 0; 2 * corrupt < members; corrupt++) {
        const lowest = committeeQuorum(members, corrupt);
        const shared = (t: number): number => Math.max(0, 2 * t - members);
        expect(shared(lowest)).toBeGreaterThan(corrupt);
        expect(shared(lowest - 1)).toBeLessThanOrEqual(corrupt);
      }
    }
    // Sizes of the reference: (members, t) and the most that may be corrupt.
    for (const [members, t, corrupt] of [
      [10, 7, 3],
      [20, 14, 7],
      [50, 34, 17],
      [100, 67, 33],
    ]) {
      expect(committeeQuorum(members!, corrupt!)).toBe(t);
    }
  });

  it('compute how many members of a key may be corrupt, whatever bound the caller hands in (attack 18)', async () => {
    const third = defineFloors({ ...floors, corruptFraction: 0.3 });
    const of = (members: number, corruptMembers: number): ThresholdProposal => ({
      ...threshold,
      members,
      corruptMembers,
      threshold: committeeQuorum(members, corruptMembers),
    });
    for (const [members, corrupt] of [
      [10, 3],
      [29, 8],
      [100, 30],
    ]) {
      requireFloors(third, of(members!, corrupt!), 0);
      expect(await codeFor(of(members!, corrupt! - 1), 0, third)).toBe('E_FLOOR');
    }
    expect(await codeFor(of(10, 0), 0, third)).toBe('E_FLOOR');
  });

  it.each<[string, Partial<MaskProposal>]>([
    ['t lowered by one', { threshold: 26 }],
    ['t = 1', { threshold: 1 }],
    ['k lowered and t with it, for the same number of corrupt', { sharingSet: 11, threshold: 10 }],
    ['fewer corrupt assumed than the participant assumes', { corruptInSharingSet: 9, threshold: 27 }],
    ['n = 2', { members: 2, sharingSet: 2, minimumContributors: 2 }],
    ['a smaller n_min', { minimumContributors: 9 }],
    ['an n_min that the roster does not reach', { minimumContributors: 101 }],
    ['a width that wraps at n values', { wordBits: 22 }],
    ['a width below the floor', { wordBits: 11, valueBits: 1 }],
    ['a vector that is too long', { vectorLength: 1_000_001 }],
    ['t beyond the sharing set', { threshold: 44 }],
    ['a sharing set beyond the roster', { sharingSet: 101, threshold: 60 }],
    ['NaN', { threshold: Number.NaN }],
    ['an infinity', { threshold: Number.POSITIVE_INFINITY }],
    ['a fraction', { threshold: 27.5 }],
    ['a negative number', { corruptInSharingSet: -1 }],
    ['values of no bits', { valueBits: 0 }],
    ['values of 2^40 bits', { valueBits: 2 ** 40, wordBits: 2 ** 41 }],
  ])('refuse mask with %s (attack 18)', async (_, part) => {
    expect(await codeFor({ ...mask, ...part }, MASK_BOUND)).toBe('E_FLOOR');
  });

  it.each<[string, Partial<OneShotProposal>]>([
    ['the quorum lowered by one', { quorum: 21 }],
    ['m = 1', { committee: 1, corruptInCommittee: 0, quorum: 1 }],
    ['a committee below the floor', { committee: 9, corruptInCommittee: 4, quorum: 7 }],
    ['t_c below the participant’s bound', { corruptInCommittee: 3 }],
    ['t_c below γ·m, whatever the caller says', { committee: 60, quorum: 33, corruptInCommittee: 5 }],
    ['a quorum beyond the committee', { quorum: 33 }],
    ['a smaller n_min', { minimumContributors: 9 }],
    ['more contributors than the word holds', { maximumContributors: 129 }],
    ['fewer contributors at most than at least', { maximumContributors: 9 }],
    ['a text for a number', JSON.parse('{"quorum": "22"}')],
  ])('refuse one-shot with %s (attack 18)', async (_, part) => {
    expect(await codeFor({ ...oneShot, ...part }, ONE_SHOT_BOUND)).toBe('E_FLOOR');
  });

  it('refuse a release after every turn, which is a sum of one or two, in every protocol (attack 77)', async () => {
    for (const minimumContributors of [0, 1, 2]) {
      expect(await codeOf(() => defineFloors({ ...floors, minimumContributors }))).toBe('E_PARAMETER');
      const lowest = defineFloors({ ...floors, minimumContributors: 3, minimumCommittee: 3 });
      expect(await codeFor({ ...mask, minimumContributors }, MASK_BOUND, lowest)).toBe('E_FLOOR');
      expect(await codeFor({ ...oneShot, minimumContributors }, ONE_SHOT_BOUND, lowest)).toBe('E_FLOOR');
      expect(await codeFor({ ...threshold, minimumContributors }, 3, lowest)).toBe('E_FLOOR');
    }
  });

  it('hold the width to the last summand: n·(2^b − 1) fits, one more does not (attack 63)', async () => {
    const widest = { ...oneShot, valueBits: 16, wordBits: 23 };
    expect(128 * (2 ** 16 - 1)).toBeLessThan(2 ** 23);
    expect(129 * (2 ** 16 - 1)).toBeGreaterThan(2 ** 23 - 1);
    requireFloors(floors, { ...widest, maximumContributors: 128 }, ONE_SHOT_BOUND);
    expect(await codeFor({ ...widest, maximumContributors: 129 }, ONE_SHOT_BOUND)).toBe('E_FLOOR');
    // Against exact integers, at every boundary that is reachable.
    for (const bits of [1, 2, 5, 8, 12, 15, 16, 19, 24, 31, 40, 52]) {
      for (let word = Math.max(bits, 12); word <= 76; word++) {
        const most = Number((2n ** BigInt(word) - 1n) / (2n ** BigInt(bits) - 1n));
        // A double counts members exactly up to 2^53; rosters end far below.
        if (most < 10 || most > 2 ** 24) continue;
        const at = (maximumContributors: number): Promise<unknown> =>
          codeFor({ ...oneShot, valueBits: bits, wordBits: word, maximumContributors }, ONE_SHOT_BOUND).catch(
            () => 'fits',
          );
        expect([await at(most), await at(most + 1)]).toEqual(['fits', 'E_FLOOR']);
      }
    }
  });

  it('are stated as the specification states them: 2t > K + c and 2q > m + t_c, as small as possible', () => {
    for (let all = 1; all <= 200; all++) {
      for (let corrupt = 0; corrupt < all; corrupt += 3) {
        for (const t of [maskThreshold(all, corrupt), committeeQuorum(all, corrupt)]) {
          expect(2 * t > all + corrupt && 2 * (t - 1) <= all + corrupt).toBe(true);
        }
      }
    }
    // Entries of the reference's tables: K = k + 1.
    expect(
      [
        [31, 5],
        [43, 10],
        [101, 40 - 0],
      ].map(([K, c]) => maskThreshold(K!, c!)),
    ).toEqual([19, 27, 71]);
    expect(
      [
        [5, 1],
        [10, 3],
        [32, 10],
        [100, 33],
        [128, 42],
      ].map(([m, t]) => committeeQuorum(m!, t!)),
    ).toEqual([4, 7, 22, 67, 86]);
  });

  it('are never lowered: whatever floors they are joined with, what was refused stays refused', () => {
    const some = fc.record({
      minimumContributors: fc.integer({ min: 3, max: 50 }),
      corruptFraction: fc.double({ min: 0, max: 0.49, noNaN: true }),
      minimumWordBits: fc.integer({ min: 1, max: 32 }),
      maximumVectorLength: fc.integer({ min: 1, max: 2_000_000 }),
      maximumRoundsPerDay: fc.integer({ min: 1, max: 100 }),
      minimumCommittee: fc.integer({ min: 3, max: 40 }),
      minimumBeaconContributors: fc.integer({ min: 2, max: 9 }),
    });
    const accepts = (against: Floors, proposal: Proposal, bound: number): boolean => {
      try {
        requireFloors(against, proposal, bound);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(some, some, (a, b) => {
        const joined = tighten(defineFloors(a), defineFloors(b));
        expect(tighten(defineFloors(b), defineFloors(a))).toEqual(joined);
        for (const [proposal, bound] of [
          [mask, MASK_BOUND],
          [oneShot, ONE_SHOT_BOUND],
        ] as const) {
          const both = accepts(defineFloors(a), proposal, bound) && accepts(defineFloors(b), proposal, bound);
          expect(accepts(joined, proposal, bound)).toBe(both);
        }
      }),
    );
    expect(Object.isFrozen(floors)).toBe(true);
  });

  it.each<[string, Partial<Floors>]>([
    ['sums of two', { minimumContributors: 2 }],
    ['half corrupt', { corruptFraction: 0.5 }],
    ['NaN', { corruptFraction: Number.NaN }],
    ['no rounds', { maximumRoundsPerDay: 0 }],
    ['a committee of one', { minimumCommittee: 1 }],
    ['a beacon of one', { minimumBeaconContributors: 1 }],
    ['a fraction of a bit', { minimumWordBits: 1.5 }],
  ])('are not made with %s', (_, part) => {
    expect(() => defineFloors({ ...floors, ...part })).toThrow(ParameterError);
  });
});

describe('the rounds of a day', () => {
  const DAY = 86_400_000;
  it('are limited in any 24 hours', async () => {
    let budget = NO_ROUNDS;
    for (const at of [0, 10, 20]) budget = spendRound(floors, budget, at);
    expect(await codeOf(() => spendRound(floors, budget, 30))).toBe('E_FLOOR');
    expect(await codeOf(() => spendRound(floors, budget, DAY - 1))).toBe('E_FLOOR');
    budget = spendRound(floors, budget, DAY);
    expect(budget.enteredAtMs).toEqual([10, 20, DAY]);
    expect(await codeOf(() => spendRound(floors, budget, DAY + 9))).toBe('E_FLOOR');
  });

  it('are not won back by a clock that runs backwards', async () => {
    let budget = NO_ROUNDS;
    for (const at of [5 * DAY, DAY, 0]) budget = spendRound(floors, budget, at);
    expect(budget.enteredAtMs).toEqual([5 * DAY, 5 * DAY, 5 * DAY]);
    expect(await codeOf(() => spendRound(floors, budget, 0))).toBe('E_FLOOR');
    expect(() => spendRound(floors, NO_ROUNDS, Number.NaN)).toThrow(ParameterError);
  });
});
