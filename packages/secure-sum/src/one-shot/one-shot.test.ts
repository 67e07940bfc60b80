import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { postQuantumPrimitives } from '@sumus/platform/post-quantum';
import { beforeAll, describe, expect, it } from 'vitest';
import { contributorStep } from './contributor/contributor.ts';
import { restoreContributor, storeContributorInTheClear } from './contributor/contributor-state.ts';
import { requireRecomputed } from './coordinator/result.ts';
import { makeContribution, openOwn, play } from './one-shot-driver.contract.ts';
import { sumOf, vectorOf, type World, type WorldOptions, world as worldOn } from './one-shot-world.contract.ts';
import { boxBytes, decodeContribution } from './round/contribution.ts';

let world: (options?: WorldOptions) => Promise<World>;
beforeAll(async () => {
  const engine = await wasmEngine();
  world = (options) => worldOn(nodePrimitives(), engine, options);
});

describe('a one-shot round', () => {
  it('opens the exact sum', async () => {
    const w = await world();
    const { result, refused } = await play(w);
    // Three of four answers are enough; the fourth comes late.
    expect(refused).toEqual(['E_LATE']);
    expect(result!.sum).toEqual(sumOf([0, 1, 2, 3, 4].map((i) => vectorOf(w, i))));
    expect(result!.set.contributions).toBe(5);
    expect(result!.flagged).toEqual([]);
  });

  it('opens to participants alone what the coordinator never sees', async () => {
    const w = await world({ literal: { openedTo: 'participants' } });
    const played = await play(w);
    expect(played.refused).toEqual([]);
    expect(played.result).toBeUndefined();
    for (const index of [0, 4]) {
      const opened = await openOwn(w, played, index);
      expect(opened.sum).toEqual(sumOf([0, 1, 2, 3, 4].map((i) => vectorOf(w, i))));
      // Which sum it is: in an epoch a coordinator may bring an earlier one again.
      expect(opened.set).toMatchObject({ flush: 0, contributions: 5 });
    }
  });

  it('runs with boxes that need X-Wing as well, for everyone and for participants', async () => {
    for (const openedTo of ['everyone', 'participants'] as const) {
      const literal = { openedTo, boxes: 'hybrid' } as const;
      const w = await world({ literal, contributors: 3, postQuantum: postQuantumPrimitives() });
      const played = await play(w, { crash: true });
      const opened = openedTo === 'everyone' ? played.result! : await openOwn(w, played, 1);
      expect(opened.sum).toEqual(sumOf([0, 1, 2].map((i) => vectorOf(w, i))));
      const [box] = decodeContribution(w.parameters, played.contributions[0]!).boxes;
      expect(box!.length).toBe(boxBytes(w.parameters));
    }
    const other = { literal: { boxes: 'hybrid' } as const, postQuantum: postQuantumPrimitives() };
    expect((await world(other)).context.hash).not.toEqual((await world()).context.hash);
  });

  it('goes on after a crash of everybody after every step', async () => {
    const w = await world({ seed: 2 });
    const whole = await play(await world({ seed: 2 }));
    const crashed = await play(w, { crash: true });
    expect(crashed.refused).toEqual(['E_LATE']);
    expect(crashed.result!.sum).toEqual(whole.result!.sum);
  });

  it('lets a contributor that crashed between storing and sending send the same bytes', async () => {
    const w = await world({ seed: 4 });
    const contributor = w.contributors[0]!;
    const { state, bytes } = await makeContribution(w, 0);
    const resumed = restoreContributor(w.round, storeContributorInTheClear(w.round, state));
    const again = await contributorStep(contributor, resumed, { kind: 'send again' });
    expect(again.outputs.map((output) => (output.kind === 'send' ? output.bytes : output.kind))).toEqual([bytes]);
    expect(again.state).toBe(resumed);
    const other = await world({ seed: 4, roundNumber: 2 });
    expect(() => restoreContributor(other.round, storeContributorInTheClear(w.round, resumed))).toThrow(
      /another round/,
    );
  });

  it('can be recomputed by anybody who kept the ciphertexts', async () => {
    const w = await world({ seed: 3 });
    const { result, contributions } = await play(w);
    const vectors = contributions.map((bytes) => decodeContribution(w.parameters, bytes).ciphertext);
    requireRecomputed(w.coordinator, result!, vectors);
    const lie = result!.sum.slice();
    lie[7]! += 1;
    expect(() => requireRecomputed(w.coordinator, { ...result!, sum: lie }, vectors)).toThrow(/not the one/);
    expect(() => requireRecomputed(w.coordinator, result!, vectors.slice(1))).toThrow(/not those of the set/);
  });
});
