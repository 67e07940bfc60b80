// Attacks 45, 48, 49, 50 on threshold sums: whoever falls silent at whichever step, the sum is exact or there is none, and who was missing
// is said. Exhaustive for four members of whom three open; and sums of random configurations against plain addition (attack 72).

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { committeeQuorum } from '../floors/index.ts';
import { codeOf } from '../seeded-members.contract.ts';
import { startFoundingCoordinator, stepFoundingCoordinator } from './coordinator-founding.ts';
import { startSumCoordinator, stepSumCoordinator } from './coordinator-sum.ts';
import { beginFounding } from './founding.ts';
import { sumThrough } from './sum-through.contract.ts';
import {
  contributionOf,
  type Founded,
  found,
  plainSum,
  roundAt,
  sendsOf,
  startOf,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

const full =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

const subsetsOf = (all: readonly number[]): number[][] =>
  Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((__, i) => (bits >> i) & 1));

describe('attack 45: with four members, of whom three open and one may be corrupt', () => {
  let founded: Founded;
  const activeSet = [1, 2, 4];
  beforeAll(async () => {
    const literal = { members: 4, threshold: 3, corruptMembers: 1, vectorLength: 8, degree: 16 };
    founded = await found(await worldOf(nodePrimitives(), literal));
  });

  it('every choice of contributors, and every active set, gives the exact sum', async () => {
    for (const contributors of subsetsOf([0, 1, 2, 3]).filter(({ length }) => length >= 3)) {
      for (const set of subsetsOf([1, 2, 3, 4]).filter(({ length }) => length === 3)) {
        const { result } = await sumThrough(founded, founded.states, { round: 1, contributors, activeSet: set });
        expect(result?.sum).toEqual(plainSum(contributors.map((index) => valuesOfSilo(founded, index))));
      }
    }
  });

  it('every choice of members that fall silent, at every step: none before the answers, any with c + 1 that opened after them', async () => {
    for (const at of ['threshold/request', 'threshold/certified-set', 'threshold/answers']) {
      for (const silent of subsetsOf(activeSet)) {
        const run = {
          round: 1,
          contributors: [0, 1, 3],
          activeSet,
          deaf: (type: string, number: number) => type === at && silent.includes(number),
        };
        const { result, hub } = await sumThrough(founded, founded.states, run);
        const enough = silent.length === 0 || (at === 'threshold/answers' && activeSet.length - silent.length >= 2);
        expect(result !== undefined, `${at}, without ${silent}`).toBe(enough);
        if (enough) continue;
        const ended = await stepSumCoordinator(sumSetting(founded, roundAt(founded, 1)), hub, { kind: 'timeout' });
        const [, abort] = ended.outputs;
        expect(abort).toMatchObject({ kind: 'abort', reason: { code: 'E_QUORUM' } });
        expect(abort?.kind === 'abort' && abort.reason.members).toEqual(silent.map((number) => `silo-0${number}`));
        // Late (attack 49), or asked again (the set is spent).
        const late = { kind: 'message' as const, bytes: new Uint8Array(0) };
        const setting = sumSetting(founded, roundAt(founded, 1));
        expect(await codeOf(() => stepSumCoordinator(setting, ended.state, late))).toBe('E_LATE');
      }
    }
  });

  it('attack 48: one contributor too few is no sum', async () => {
    const { trust } = founded;
    const round = roundAt(founded, 1);
    const setting = sumSetting(founded, round);
    let state = startSumCoordinator();
    for (const index of [0, 3]) {
      const bytes = await contributionOf(founded, index, round, valuesOfSilo(founded, index));
      ({ state } = await stepSumCoordinator(setting, state, { kind: 'contribution', bytes, trust }));
    }
    const closed = await stepSumCoordinator(setting, state, { kind: 'close', activeSet });
    expect(closed.outputs).toMatchObject([{ kind: 'persist' }, { kind: 'abort', reason: { code: 'E_TOO_FEW' } }]);
    const late = { kind: 'contribution' as const, bytes: new Uint8Array(0), trust };
    expect(await codeOf(() => stepSumCoordinator(setting, closed.state, late))).toBe('E_LATE');
  });

  it('attack 50: a founding that anybody leaves is given up, and who left is named', async () => {
    const world = await worldOf(nodePrimitives(), { members: 4, threshold: 3, corruptMembers: 1 });
    const setting = { primitives: world.primitives, circle: world.setting.circle };
    for (const silent of subsetsOf([0, 1, 2, 3]).filter(({ length }) => length > 0)) {
      let hub = startFoundingCoordinator();
      for (const [i, member] of world.members.entries()) {
        if (silent.includes(i)) continue;
        const { outputs } = await beginFounding(member, startOf(world));
        const { bytes } = sendsOf(outputs)[0]!;
        ({ state: hub } = await stepFoundingCoordinator(setting, hub, { kind: 'message', bytes }));
      }
      const { state, outputs } = await stepFoundingCoordinator(setting, hub, { kind: 'timeout' });
      expect(state.phase).toBe('given up');
      expect(outputs).toMatchObject([
        { kind: 'persist' },
        { kind: 'abort', reason: { members: silent.map((i) => world.silos[i]!.memberId) } },
      ]);
    }
  });
});

describe('attack 72: against plain addition', () => {
  it('sums of random configurations are exact, and no opening of them fails (attack 43)', async () => {
    let seed = 20_261_120;
    const below = (bound: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * bound);
    };
    for (let run = 0; run < (full ? 300 : 6); run++) {
      const members = 3 + below(3);
      const corruptMembers = below(members - 1);
      const least = committeeQuorum(members, corruptMembers);
      const threshold = least + below(members - least + 1);
      const maximumContributors = 3 + below(5);
      const literal = {
        members,
        threshold,
        corruptMembers,
        maximumContributors,
        minimumContributors: 3,
        valueBits: 2 + below(20),
        vectorLength: 1 + below(300),
        degree: 2 ** (4 + below(4)),
        primeCount: 6 + below(2),
        sums: 1 + below(5),
      };
      const founded = await found(await worldOf(nodePrimitives(), literal, { seed: run + 1 }));
      const silos = founded.silos.length;
      const contributors = Array.from({ length: silos }, (_, i) => i).slice(
        0,
        Math.max(3, Math.min(silos, maximumContributors)),
      );
      const all = founded.epoch.circle.members.map(({ number }) => number);
      const activeSet = all.slice(below(all.length - threshold + 1)).slice(0, threshold);
      const { result } = await sumThrough(founded, founded.states, { round: 1, contributors, activeSet });
      expect(result?.sum, JSON.stringify(literal)).toEqual(
        plainSum(contributors.map((index) => valuesOfSilo(founded, index))),
      );
    }
  }, 600_000);
});
