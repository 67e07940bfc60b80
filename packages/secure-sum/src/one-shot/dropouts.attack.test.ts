// Dropouts at every phase: attacks 45 to 50 of the specification's list. Who contributes and vanishes costs nobody anything; members may
// be missing as long as a quorum is left, another one at signing than at answering included.

import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../seeded-members.contract.ts';
import { startContributor } from './contributor/contributor.ts';
import { collectorStep, startCollector } from './coordinator/collector.ts';
import { makeContribution, play } from './one-shot-driver.contract.ts';
import { sumOf, vectorOf, type World, type WorldOptions, world as worldOn } from './one-shot-world.contract.ts';

const full =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

let world: (options?: WorldOptions) => Promise<World>;
let w: World;
let contributions: Uint8Array[];
beforeAll(async () => {
  const engine = await wasmEngine();
  world = (options) => worldOn(nodePrimitives(), engine, options);
  w = await world({ contributors: 6 });
  contributions = [];
  for (let i = 0; i < 6; i++) contributions.push((await makeContribution(w, i)).bytes);
});

const subsets = (count: number): number[][] =>
  Array.from({ length: 2 ** count }, (_, bits) =>
    Array.from({ length: count }, (_, i) => i).filter((i) => (bits >> i) & 1),
  );
const expected = (of: World, who: readonly number[]): Int32Array => sumOf(who.map((i) => vectorOf(of, i)));
const pick = (who: readonly number[]) => ({ contribute: who, contributions: who.map((i) => contributions[i]!) });

describe('attack 45: dropouts', () => {
  it('of every subset of six contributors: the exact sum of the others, or too few of them', async () => {
    for (const who of subsets(6)) {
      const { result, aborted } = await play(w, { ...pick(who), answer: [1, 2, 3] });
      if (who.length < 3) expect([result, aborted]).toEqual([undefined, 'E_TOO_FEW']);
      else expect(result!.sum).toEqual(expected(w, who));
    }
  });

  it('of every subset of four members at signing and at answering: the exact sum, or no quorum', async () => {
    const who = [0, 2, 5];
    const all = subsets(4).map((numbers) => numbers.map((i) => i + 1));
    for (const [i, sign] of all.entries()) {
      for (const [j, answer] of all.entries()) {
        // A slice of the 256 pairs by default; every pair with SUMUS_FULL=1.
        if (!full && (i * 16 + j) % 5 !== 0) continue;
        const { result, aborted, refused } = await play(w, { ...pick(who), sign, answer });
        // Who did not sign does not answer: it has nothing to answer with.
        const willing = answer.filter((number) => sign.includes(number)).length;
        if (sign.length >= 3 && willing >= 3) expect(result!.sum).toEqual(expected(w, who));
        else expect([result, aborted]).toEqual([undefined, 'E_QUORUM']);
        expect(refused.every((code) => ['E_LATE', 'E_PHASE'].includes(code))).toBe(true);
      }
    }
  });

  it('at random among a hundred contributors and 32 members', async () => {
    const count = full ? 100 : 40;
    const literal = { maximumContributors: 100, wordBits: 23, valueBits: 16 };
    const committee = { members: 32, corrupt: 10, choice: 'fixed' as const };
    const big = await world({ contributors: count, literal: { ...literal, committee }, seed: 12 });
    const draw = seeded(7);
    const who = Array.from({ length: count }, (_, i) => i).filter(() => draw() < 0.8);
    const sign = Array.from({ length: 32 }, (_, i) => i + 1).filter(() => draw() < 0.9);
    const answer = sign.filter(() => draw() < 0.9);
    expect(answer.length).toBeGreaterThanOrEqual(22);
    const { result } = await play(big, { contribute: who, sign, answer });
    expect(result!.sum).toEqual(expected(big, who));
  });
});

/** mulberry32, for choices of the test alone. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('attack 46: a contributor that began and never contributed', () => {
  it('is not missed', async () => {
    await startContributor(w.contributors[4]!, w.start());
    const { result } = await play(w, pick([0, 1, 2, 3]));
    expect(result!.sum).toEqual(expected(w, [0, 1, 2, 3]));
  });
});

describe('attack 47: contributors that vanish after they contributed', () => {
  it('are in the sum all the same', async () => {
    const { result } = await play(w, pick([0, 1, 2, 3, 4, 5]));
    expect(result!.sum).toEqual(expected(w, [0, 1, 2, 3, 4, 5]));
  });
});

describe('attack 48: exactly enough, and one fewer', () => {
  it('of contributors', async () => {
    expect((await play(w, pick([3, 4, 5]))).result!.sum).toEqual(expected(w, [3, 4, 5]));
    expect((await play(w, pick([3, 4]))).aborted).toBe('E_TOO_FEW');
  });

  it('of members', async () => {
    const { result } = await play(w, { ...pick([0, 1, 2]), sign: [2, 3, 4] });
    expect(result!.sum).toEqual(expected(w, [0, 1, 2]));
    expect((await play(w, { ...pick([0, 1, 2]), sign: [2, 4] })).aborted).toBe('E_QUORUM');
    expect((await play(w, { ...pick([0, 1, 2]), answer: [2, 4] })).aborted).toBe('E_QUORUM');
  });
});

describe('attack 49: a message after its phase closed', () => {
  it('is late, and changes nothing', async () => {
    const { collector, opener } = await play(w, pick([0, 1, 2]));
    expect(opener!.phase).toBe('done');
    const late = () => collectorStep(w.coordinator, collector, { kind: 'contribution', bytes: contributions[4]! });
    expect(await codeOf(late)).toBe('E_LATE');
  });
});

describe('attack 50: everybody drops, or the coordinator restarts', () => {
  it('ends without a sum, cleanly', async () => {
    const nobody = await play(w, pick([]));
    expect([nobody.result, nobody.aborted]).toEqual([undefined, 'E_TOO_FEW']);
    expect((await play(w, { ...pick([0, 1, 2]), sign: [] })).aborted).toBe('E_QUORUM');
    expect((await play(w, { ...pick([0, 1, 2]), answer: [] })).aborted).toBe('E_QUORUM');
    const { state } = await collectorStep(w.coordinator, startCollector(w.coordinator), { kind: 'time is up' });
    const late = () => collectorStep(w.coordinator, state, { kind: 'contribution', bytes: contributions[0]! });
    expect(await codeOf(late)).toBe('E_LATE');
  });

  it('goes on from what was stored, after every single step', async () => {
    const { result } = await play(w, { ...pick([0, 1, 2, 5]), crash: true });
    expect(result!.sum).toEqual(expected(w, [0, 1, 2, 5]));
  });
});
