// Attack 38 through two active sets: a coordinator has one set open a sum, and another the sum without its victim. A member knows its own
// promises only, so all that stands in the way is an honest member in both sets: 2t > n + c.

import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { defineFloors } from '../floors/index.ts';
import { codeOf } from '../seeded-members.contract.ts';
import { contributionsTo, freshStates, opened } from './malicious-coordinator.contract.ts';
import { MEMBER_RULES } from './member-rules.ts';
import { insecureThresholdParameters, type ThresholdLiteral } from './parameters.ts';
import { acceptedBy } from './round.ts';
import { found, LITERAL, roundAt, valuesOfSilo, worldOf } from './threshold-world.contract.ts';

interface Attack {
  readonly literal?: Partial<ThresholdLiteral>;
  readonly sets: readonly [readonly number[], readonly number[]];
  /** Members who forget what they promised and answered. */
  readonly corrupt: readonly number[];
}

/** What the coordinator has of silo 4 after both openings. */
async function differenceOf({ literal = {}, sets: [one, other], corrupt }: Attack): Promise<Int32Array> {
  const founded = await found(await worldOf(nodePrimitives(), literal));
  const round = roundAt(founded, 1);
  const contributions = await contributionsTo(founded, round, [0, 1, 2, 3]);
  const states = freshStates(founded);
  const all = await opened(founded, MEMBER_RULES, states, { round, contributions, activeSet: one });
  for (const number of corrupt) states.set(number, freshStates(founded).get(number)!);
  const request = { round, contributions: contributions.slice(0, 3), activeSet: other };
  const few = await opened(founded, MEMBER_RULES, states, request);
  const difference = all.sum.map((x, i) => x - few.sum[i]!);
  expect(difference).toEqual(valuesOfSilo(founded, 3));
  return difference;
}

describe('attack 38: the sum through one set, the sum without the victim through another', () => {
  it('tells a silo’s vector where more are corrupt than the key is made for: one, of a key for none', async () => {
    const literal = { threshold: 3, corruptMembers: 0 };
    const sets = [
      [1, 2, 3],
      [3, 4, 5],
    ] as const;
    expect(await differenceOf({ literal, sets, corrupt: [3] })).toHaveLength(LITERAL.vectorLength);
    // All honest: the one in both sets refuses.
    expect(await codeOf(() => differenceOf({ literal, sets, corrupt: [] }))).toBe('E_SPENT');
  });

  it.each([
    {
      sets: [
        [1, 2, 3, 4],
        [2, 3, 4, 5],
      ],
      corrupt: [2, 3],
    },
    {
      sets: [
        [1, 2, 3, 4],
        [1, 2, 3, 5],
      ],
      corrupt: [1, 3],
    },
    {
      sets: [
        [1, 3, 4, 5],
        [1, 2, 4, 5],
      ],
      corrupt: [4, 5],
    },
  ] as const)(
    'is refused by the honest member in both, with as many corrupt as the key is made for: $sets',
    async (one) => {
      expect(await codeOf(() => differenceOf(one))).toBe('E_SPENT');
    },
  );

  it.each([
    [6, 3, 2],
    [6, 4, 2],
    [5, 3, 2],
    [5, 3, 1],
    [4, 2, 0],
    [10, 6, 3],
  ])(
    'a key of %i that %i open, with %i corrupt, does not come to be: two sets would share none',
    (members, threshold, corruptMembers) => {
      const literal = { ...LITERAL, members, threshold, corruptMembers };
      expect(() => insecureThresholdParameters(literal)).toThrow(/two sets/);
      const next = insecureThresholdParameters({
        ...literal,
        threshold: threshold + (members === 6 && threshold === 3 ? 2 : 1),
      });
      expect(2 * next.proposal.threshold).toBeGreaterThan(members + corruptMembers);
    },
  );

  it('a participant whose floors assume more corrupt members than the key refuses it (attack 18)', async () => {
    const floors = (corruptFraction: number): ReturnType<typeof defineFloors> =>
      defineFloors({
        minimumContributors: 3,
        corruptFraction,
        minimumWordBits: 8,
        maximumVectorLength: 1000,
        maximumRoundsPerDay: 24,
        minimumCommittee: 3,
        minimumBeaconContributors: 2,
      });
    const parameters = insecureThresholdParameters({ ...LITERAL, members: 10, threshold: 6, corruptMembers: 1 });
    expect(acceptedBy(floors(0.1), parameters)).toEqual(parameters.proposal);
    expect(await codeOf(() => acceptedBy(floors(0.3), parameters))).toBe('E_FLOOR');
  });
});
