// Attack 73 of the specification's list: what is secret is overwritten when a step ends, however it ends. Everything random that a
// contributor drew is watched in place; the engine's memory is searched for the vector and for shares; errors and states do not print secrets.

import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../seeded-members.contract.ts';
import { contributorStep, startContributor } from './contributor/contributor.ts';
import { openOwn, play } from './one-shot-driver.contract.ts';
import { type World, world as worldOn } from './one-shot-world.contract.ts';

let engine: Awaited<ReturnType<typeof wasmEngine>>;
beforeAll(async () => {
  engine = await wasmEngine();
});

/** A world whose first contributor's random bytes are kept by reference. */
async function watched(openedTo: 'everyone' | 'participants'): Promise<{ world: World; drawn: Uint8Array[] }> {
  const world = await worldOn(nodePrimitives(), engine, { seed: 50, literal: { openedTo } });
  const drawn: Uint8Array[] = [];
  const primitives = {
    ...world.primitives,
    randomBytes: (length: number) => {
      const bytes = world.primitives.randomBytes(length);
      drawn.push(bytes);
      return bytes;
    },
  };
  const [first, ...others] = world.contributors;
  const contributor = { ...first!, primitives, lattice: { engine, primitives } };
  return { world: { ...world, contributors: [contributor, ...others] }, drawn };
}

const pattern = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => 11_111 + (i % 3));

/** Whether these bytes stand anywhere in the engine's memory. */
function inEngine(needle: Uint8Array): boolean {
  const memory = engine.memory.u8(0, 64 * 65_536);
  for (let at = memory.indexOf(needle[0]!); at >= 0; at = memory.indexOf(needle[0]!, at + 1)) {
    if (needle.every((byte, i) => memory[at + i] === byte)) return true;
  }
  return false;
}

describe.each(['everyone', 'participants'] as const)('attack 73: after a contribution to a sum for %s', (openedTo) => {
  it('every seed, salt and key that was drawn is zero, and the vector is not in the engine', async () => {
    const { world, drawn } = await watched(openedTo);
    const contributor = world.contributors[0]!;
    const { state } = await startContributor(contributor, world.start());
    const values = pattern(150);
    const model = { version: 0, hash: world.context.modelHash };
    const made = await contributorStep(contributor, state, { kind: 'contribute', values, model });
    expect(made.state.phase).toBe('sent');
    // Ephemeral key, one-time key, sharing, four salts, noise; and the opening key.
    expect(drawn.length).toBe(openedTo === 'everyone' ? 8 : 9);
    for (const bytes of drawn) expect(bytes.every((byte) => byte === 0)).toBe(true);
    const needle = new Uint8Array(values.slice(0, 8).buffer);
    expect(inEngine(needle)).toBe(false);
    // The search can find something.
    engine.memory.scope(() => {
      const at = engine.memory.allocate(32);
      engine.memory.u8(at, 32).set(needle);
      expect(inEngine(needle)).toBe(true);
      engine.memory.u8(at, 32).fill(0);
    });
  });

  it('nothing is left behind by one that was refused', async () => {
    const { world, drawn } = await watched(openedTo);
    const contributor = world.contributors[0]!;
    const { state } = await startContributor(contributor, world.start());
    const values = pattern(150).fill(2 ** 30, 149);
    const model = { version: 0, hash: world.context.modelHash };
    const error = await errorOf(() => contributorStep(contributor, state, { kind: 'contribute', values, model }));
    expect(error.message).toMatch(/value number 149 is not an integer in/);
    expect(error.message).not.toContain(String(2 ** 30));
    for (const bytes of drawn) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});

describe('attack 73: states', () => {
  it('do not print or serialise what is secret in them, and forget it when they end', async () => {
    const world = await worldOn(nodePrimitives(), engine, { seed: 51, literal: { openedTo: 'participants' } });
    const played = await play(world);
    const contributor = played.contributorStates.get(1)!;
    const member = played.memberStates.get(world.members[0]!.memberId)!;
    if (contributor.phase !== 'sent' || member.phase !== 'serving') throw new Error('not there');
    expect(() => JSON.stringify(contributor.openingKey)).toThrow();
    expect(String(contributor.openingKey!.key)).toBe('SecretBytes(32)');
    const [signed] = member.signed.values();
    expect(() => JSON.stringify(signed)).toThrow();
    await openOwn(world, played, 1);
    const { state } = await contributorStep(world.contributors[1]!, contributor, { kind: 'end' });
    expect(state.phase).toBe('ended');
    expect(contributor.openingKey!.key.wiped).toBe(true);
  });
});
