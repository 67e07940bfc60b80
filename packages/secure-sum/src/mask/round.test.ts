import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/index.ts';
import { runsWhole, seededWords } from '../engine/seeded-words.contract.ts';
import { maskRules } from './configuration.ts';
import { everybodyAnswered } from './coordinator/index.ts';
import { completeParameters } from './parameters.ts';
import {
  type RoundOptions,
  type SimulatedProject,
  SimulatedRound,
  seededVector,
  simulatedProject,
} from './simulation.contract.ts';

let world: SimulatedProject;
beforeAll(async () => {
  world = await simulatedProject(nodePrimitives(), await wasmEngine(), 100);
});

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const upTo = (count: number): number[] => [...Array(count).keys()];
const run = (options: RoundOptions): Promise<SimulatedRound> => new SimulatedRound(world, options).run();

/** 40 members with 18 neighbours each: nobody corrupt, one may vanish. */
const SPARSE: Pick<RoundOptions, 'members' | 'configuration' | 'floors'> = {
  members: 40,
  configuration: { own: maskRules({ graph: 'sparse', corruptFraction: 0, dropoutFraction: 1 / 40 }) },
  floors: { corruptFraction: 0 },
};

/** Attack 45: who is left where, by the rules of the protocol alone. undefined: the round ends without a sum. */
function expectedContributors(members: number, dropsAt: (member: number) => number): number[] | undefined {
  const staying = (flow: number): number[] => upTo(members).filter((member) => dropsAt(member) > flow);
  if (staying(0).length < 3) return undefined;
  const { threshold } = completeParameters(staying(0).length);
  const fewest = Math.max(3, threshold);
  if (staying(1).length < fewest || staying(2).length < fewest) return undefined;
  return staying(4).length < threshold ? undefined : staying(2);
}

async function requireExactOrNothing(members: number, flows: readonly number[]): Promise<boolean> {
  const dropsAt = (member: number): number => flows[member] ?? 9;
  const round = await run({ members, dropsAt });
  const expected = expectedContributors(members, dropsAt);
  const about = `${members} members, dropping at ${flows.join()}`;
  if (expected === undefined) {
    expect(round.result, about).toBeUndefined();
    expect(round.coordinator.phase, about).toBe('aborted');
    if (round.coordinator.phase === 'aborted') expect(round.coordinator.reason.code, about).toBe('E_TOO_FEW');
    return false;
  }
  expect(round.refusals, about).toEqual([]);
  expect(sorted(round.membersAt(round.result!.contributors)), about).toEqual(expected);
  expect([...round.result!.sum], about).toEqual(round.plainSum(expected));
  for (const [, result] of round.results) expect(result.sum, about).toEqual(round.result!.sum);
  return true;
}

describe('a round on the complete graph', () => {
  it.each([3, 4, 7, 20])('of %i members gives the exact sum to all', async (members) => {
    const round = await run({ members });
    expect(round.refusals).toEqual([]);
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(members)));
    expect([...round.results.keys()]).toEqual(upTo(members));
    for (const { sum, contributed } of round.results.values()) {
      expect(sum).toEqual(round.result!.sum);
      expect(contributed).toBe(true);
    }
  });

  it('attack 63: does not wrap where every value is the largest, or the smallest', async () => {
    for (const sign of [1, -1]) {
      // 8 · (2^16 − 1) < 2^19 is all that the strict rule allows; Σ is −2^18 + 8 or 2^18 − 8.
      const configuration = { wordBits: 19 };
      const vectorOf = (): Int32Array => new Int32Array(20).fill(sign * 32_767);
      const round = await run({ members: 8, configuration, vectorOf });
      expect([...round.result!.sum]).toEqual(new Array(20).fill(sign * 8 * 32_767));
      const tooMany = await run({ members: 9, configuration, vectorOf });
      expect(tooMany.result).toBeUndefined();
    }
  });

  it.each([
    [8, 1],
    [24, 16],
    [23, 16],
    [32, 25],
    [13, 6],
  ])('has words of %i bits for values of %i', async (wordBits, valueBits) => {
    const values = Math.max(valueBits, 2);
    const configuration = { wordBits, valueBits: values, vectorLength: 1000 };
    const round = await run({ members: 5, configuration });
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(5)));
  });

  it('attack 45: with all of three members dropping anywhere, is exact or ends', async () => {
    let exact = 0;
    const all = [...Array(216).keys()].map((code) => [code % 6, Math.floor(code / 6) % 6, Math.floor(code / 36)]);
    for (const flows of runsWhole() ? all : profiles(3)) if (await requireExactOrNothing(3, flows)) exact += 1;
    // Three members tolerate nobody's leaving before the last message.
    expect(exact).toBe(1);
  });

  it('attack 45: with any number of members dropping at any flow, up to six members, is exact or ends', async () => {
    let exact = 0;
    const pick = seededWords(45);
    for (const members of [4, 5, 6]) {
      for (const flows of profiles(members)) {
        if (!runsWhole() && pick() % (members === 4 ? 5 : members === 5 ? 12 : 24) !== 0) continue;
        // Which member it is: another one each time.
        const turn = pick() % members;
        if (await requireExactOrNothing(members, [...flows.slice(turn), ...flows.slice(0, turn)])) exact += 1;
      }
    }
    expect(exact).toBeGreaterThan(0);
  });

  it('attack 45: of 100 members, with random ones dropping at random flows, is exact or ends', async () => {
    const next = seededWords(7);
    for (let turn = 0; turn < (runsWhole() ? 20 : 1); turn++) {
      const share = [10, 40][turn % 2]!;
      const flows = upTo(100).map(() => (next() % 100 < share ? next() % 5 : 9));
      await requireExactOrNothing(100, flows);
    }
  });

  it('attack 48: with exactly t survivors gives the sum, with t − 1 none', async () => {
    // t = 5 of 7.
    expect(await requireExactOrNothing(7, [9, 9, 9, 9, 9, 4, 4])).toBe(true);
    expect(await requireExactOrNothing(7, [9, 9, 9, 9, 4, 4, 4])).toBe(false);
  });

  it('attack 50: with everybody gone ends', async () => {
    for (const flow of [0, 1, 2, 3, 4]) expect(await requireExactOrNothing(5, new Array(5).fill(flow))).toBe(false);
  });
});

/** For each member a flow at which it drops (5: none), ascending: which member has which does not matter. */
function profiles(members: number): number[][] {
  if (members === 0) return [[]];
  return profiles(members - 1).flatMap((shorter) => {
    const lowest = shorter.at(-1) ?? 0;
    return upTo(6 - lowest).map((more) => [...shorter, lowest + more]);
  });
}

describe('a round on a sparse graph', () => {
  it('gives the exact sum to all', async () => {
    const round = await run(SPARSE);
    expect(round.refusals).toEqual([]);
    expect(round.coordinator.phase).toBe('done');
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(40)));
    expect(round.results.size).toBe(40);
    // Boxes for neighbours, and not for everybody.
    const shares = round.wire.filter(({ type }) => type === 'mask/share');
    expect(new Set(shares.map(({ bytes }) => bytes.length)).size).toBe(1);
    expect(shares[0]!.bytes.length).toBeLessThan(19 * 161 + 300);
  });

  it('attack 45: with random members dropping, is exact or ends', async () => {
    const next = seededWords(8);
    let exact = 0;
    for (let turn = 0; turn < (runsWhole() ? 30 : 1); turn++) {
      const flows = upTo(40).map(() => (next() % 100 < 4 + 6 * turn ? next() % 5 : 9));
      const round = await run({ ...SPARSE, dropsAt: (member) => flows[member] });
      if (round.result === undefined) {
        expect(round.coordinator.phase).toBe('aborted');
        continue;
      }
      exact += 1;
      const living = upTo(40).filter((member) => flows[member]! > 2);
      // Whose neighbours were too few left; everybody else is in the sum.
      const contributors = round.membersAt(round.result.contributors);
      expect(contributors.every((member) => living.includes(member))).toBe(true);
      expect([...round.result.sum]).toEqual(round.plainSum(contributors));
    }
    expect(exact).toBeGreaterThan(0);
  });

  it.runIf(runsWhole())('of 100 members with 42 neighbours is exact with ten gone', async () => {
    const own = maskRules({ graph: 'sparse', corruptFraction: 0.1, dropoutFraction: 0.1 });
    const dropsAt = (member: number): number => (member % 10 === 3 ? 2 : 9);
    const round = await run({ members: 100, configuration: { own, vectorLength: 7 }, dropsAt });
    expect(round.refusals).toEqual([]);
    const living = upTo(100).filter((member) => member % 10 !== 3);
    expect([...round.result!.sum]).toEqual(round.plainSum(living));
  });
});

describe('a phase', () => {
  it('may close when everybody who could answer has', async () => {
    for (const gone of [undefined, 1]) {
      const round = new SimulatedRound(world, { members: 5, dropsAt: (member) => (member === gone ? 2 : undefined) });
      const answered: boolean[] = [];
      const coordinate = round.coordinate.bind(round);
      round.coordinate = async (event) => {
        if (event.kind === 'close' && round.coordinator.phase !== 'advertising') {
          answered.push(everybodyAnswered(round.coordinator));
        }
        await coordinate(event);
      };
      await round.run();
      // Sharing, masking, confirming, unmasking: who vanished before masking is missed there, and not asked later.
      expect(answered).toEqual([true, gone === undefined, true, true]);
    }
  });
});

describe('attack 46: members who advertised and shared nothing', () => {
  it('are ignored, and no mask of theirs is in any vector', async () => {
    const round = await run({ members: 7, dropsAt: (member) => (member < 2 ? 1 : undefined) });
    expect(round.refusals).toEqual([]);
    expect([...round.result!.sum]).toEqual(round.plainSum([2, 3, 4, 5, 6]));
  });
});

describe('attack 47: members who vanish after their vector arrived', () => {
  it.each([3, 4])('are in the sum, when they vanish at flow %i', async (flow) => {
    const round = await run({ members: 7, dropsAt: (member) => (member < 2 ? flow : undefined) });
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(7)));
  });
});

describe('attack 72: random configurations', () => {
  it('give the plain integer sum', async () => {
    const next = seededWords(72);
    for (let turn = 0; turn < (runsWhole() ? 10_000 : 12); turn++) {
      const members = 3 + (next() % 6);
      const valueBits = 2 + (next() % 20);
      const wordBits = Math.min(32, valueBits + 3 + (next() % 8));
      const vectorLength = 1 + (next() % 200);
      const seed = next();
      const flows = upTo(members).map(() => (next() % 8 === 0 ? next() % 5 : 9));
      const configuration = { valueBits, wordBits, vectorLength };
      const vectorOf = (member: number): Int32Array => seededVector(vectorLength, valueBits, seed + member);
      const round = await run({ members, configuration, vectorOf, dropsAt: (member) => flows[member] });
      const expected = expectedContributors(members, (member) => flows[member]!);
      expect(round.result === undefined).toBe(expected === undefined);
      if (expected !== undefined) expect([...round.result!.sum]).toEqual(round.plainSum(expected));
    }
  });
});
