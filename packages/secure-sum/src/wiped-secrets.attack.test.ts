// Attack 73 of the specification's list, across the protocols: when a machine is done, no array that is alive anywhere holds what it
// drew; and what is secret is in no error, no JSON, and nothing that a console shows.

import { inspect } from 'node:util';
import { wasmEngine as latticeEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { commitToBeacon } from './beacon/contributor.ts';
import { openChannel } from './boxes/index.ts';
import { wasmEngine } from './engine/index.ts';
import { Watched } from './live-arrays.contract.ts';
import { SimulatedRound, simulatedProject } from './mask/simulation.contract.ts';
import { play } from './one-shot/one-shot-driver.contract.ts';
import { world } from './one-shot/one-shot-world.contract.ts';
import { SecretBytes } from './secret-bytes.ts';
import { agreementOf, freshSecretKey, type SecretPrimitives } from './secret-primitives.ts';
import { errorOf, project, seededPrimitives } from './seeded-members.contract.ts';
import { stepMember } from './threshold/member.ts';
import type { MemberState } from './threshold/member-state.ts';
import { sumThrough } from './threshold/sum-through.contract.ts';
import { found, worldOf } from './threshold/threshold-world.contract.ts';

interface Watching {
  readonly primitives: SecretPrimitives;
  readonly watched: Watched;
}

/** The same primitives, and whatever random bytes they give from now on is looked for later. */
function watching(primitives: SecretPrimitives): Watching {
  const watched = new Watched();
  const randomBytes = (length: number): Uint8Array<ArrayBuffer> => {
    const bytes = primitives.randomBytes(length);
    if (length >= 16) watched.add(`${length} bytes, drawn as number ${watched.size}`, bytes);
    return bytes;
  };
  return { watched, primitives: { ...primitives, randomBytes } };
}

describe('attack 73: the search for what should be gone', () => {
  it('finds a secret that lives in a weak map alone, and not one that was wiped', async () => {
    const watched = new Watched();
    const bytes = nodePrimitives().randomBytes(32);
    watched.add('a secret', bytes);
    const secret = new SecretBytes(bytes);
    bytes.fill(0);
    expect(await watched.alive()).toEqual(['a secret']);
    secret.wipe();
    expect(await watched.alive()).toEqual([]);
  });
});

describe('attack 73: nothing that was drawn is alive', () => {
  it('after a round of mask; in the middle of one it is', async () => {
    const { primitives: drawing, ...rest } = await simulatedProject(nodePrimitives(), await wasmEngine(), 5);
    const { primitives, watched } = watching(drawing);
    const round = new SimulatedRound({ primitives, ...rest }, { members: 5 });
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    // Keys, seeds and shares are needed still: the search finds what is there.
    expect((await watched.alive()).length).toBeGreaterThanOrEqual(5);
    await round.mask();
    await round.confirm();
    await round.unmask();
    await round.finish();
    expect(round.states.map((state) => state?.phase)).toEqual(new Array(5).fill('done'));
    expect(await watched.alive()).toEqual([]);
  });

  it('after a round of one-shot', async () => {
    const one = await world(nodePrimitives(), await latticeEngine());
    const { primitives, watched } = watching(one.primitives);
    const lattice = { ...one.lattice, primitives };
    const played = await play({
      ...one,
      contributors: one.contributors.map((contributor) => ({ ...contributor, primitives, lattice })),
      members: one.members.map((member) => ({ ...member, primitives, lattice })),
    });
    expect(played.result).toBeDefined();
    expect(watched.size).toBeGreaterThan(one.contributors.length);
    expect(await watched.alive()).toEqual([]);
    // Whoever took part is looked at again, so that it was alive meanwhile.
    expect(played.memberStates.size + played.contributorStates.size).toBe(one.members.length + one.contributors.length);
  });

  it('after the founding of a key that silos share, and a sum', async () => {
    const circle = await worldOf(nodePrimitives());
    const { primitives, watched } = watching(circle.primitives);
    const lattice = { ...circle.setting.lattice, primitives };
    const founded = await found({
      ...circle,
      primitives,
      setting: { ...circle.setting, lattice },
      members: circle.members.map((member) => ({ ...member, primitives, lattice })),
    });
    const summed = await sumThrough(founded, founded.states, {
      round: 1,
      contributors: [0, 1, 2],
      activeSet: [1, 2, 3, 4],
    });
    expect(summed.result).toBeDefined();
    expect(watched.size).toBeGreaterThan(founded.members.length);
    expect(await watched.alive()).toEqual([]);
    expect(summed.states.map(({ phase }) => phase)).toEqual(founded.states.map(() => 'serving'));
    expect(founded.foundings.every(({ phase }) => phase === 'founded')).toBe(true);
  });

  it('what a member of a shared key answered does not print or serialise, and is gone when the result was seen or the epoch ended', async () => {
    const founded = await found(await worldOf(nodePrimitives()));
    const kept = new Map<unknown, SecretBytes>();
    const keep = (state: MemberState): MemberState => {
      if (state.phase !== 'serving') return state;
      for (const { own } of state.answers.values()) {
        if (own === undefined) continue;
        expect(own).toBeInstanceOf(SecretBytes);
        kept.set(own, own);
        const bytes = [...own.exposeInTheClear().slice(-24)].join();
        const shown = inspect(state, { depth: 20, showHidden: true, maxArrayLength: null });
        expect(shown.replaceAll(/[\s,]+/g, ',')).not.toContain(bytes);
        expect(() => JSON.stringify([...state.answers])).toThrow('not serialised');
      }
      return state;
    };
    // Member 4 answers, and the answers of the others do not reach it.
    const summed = await sumThrough(founded, founded.states, {
      round: 1,
      contributors: [0, 1, 2],
      activeSet: [1, 2, 3, 4],
      stored: keep,
      deaf: (type, number) => type === 'threshold/answers' && number === 4,
    });
    expect(kept.size).toBe(4);
    expect([...kept.values()].filter(({ wiped }) => !wiped)).toHaveLength(1);
    const nowMs = founded.parameters.endsAtMs + 1;
    await stepMember(founded.serving[3]!, summed.states[3]!, { kind: 'end', nowMs });
    expect([...kept.values()].every(({ wiped }) => wiped)).toBe(true);
  });
});

describe('attack 73: what a secret shows of itself', () => {
  it('is its kind and length: printed, in JSON, copied, and in the refusals of machines', async () => {
    const primitives = seededPrimitives(nodePrimitives(), 73);
    const { members, open } = await project(primitives, 2);
    const key = freshSecretKey(primitives, 'x25519');
    const bytes = key.expose();
    const secret = new SecretBytes(bytes);
    const [own, peer] = members as [(typeof members)[0], (typeof members)[0]];
    const other = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
    const channel = await openChannel(primitives, {
      context: open,
      own: { memberId: own.memberId, key: await agreementOf(primitives, key) },
      peer: { memberId: peer.memberId, publicKey: other.publicKey },
    });
    const hex = Buffer.from(bytes).toString('hex');
    const spellings = [hex, Buffer.from(bytes).toString('base64').slice(0, 20), [...bytes].slice(0, 8).join()];
    for (const holder of [key, secret, { deep: [{ secret }] }, channel, new Map([[key, channel]])]) {
      const shown = [inspect(holder, { depth: 20, showHidden: true, getters: true }), String(holder)].join();
      for (const spelling of spellings) expect(shown.replaceAll(/[\s,]+/g, ',')).not.toContain(spelling);
    }
    for (const holder of [key, secret, { deep: [secret] }]) expect(() => JSON.stringify(holder)).toThrow();
    expect(structuredCloneOf(secret)).not.toContain(hex.slice(0, 16));
    secret.wipe();
    const wiped = await errorOf(() => secret.exposeInTheClear());
    expect(`${wiped.stack} ${inspect(wiped, { depth: 20 })}`).not.toContain(hex.slice(0, 16));
    // What a caller did wrong is said without what it holds.
    const refused = await errorOf(() => commitToBeacon(primitives, own.memberId, open, { kind: 'result' } as never));
    expect(inspect(refused, { depth: 20, showHidden: true })).not.toContain('exposeInTheClear');
  });
});

/** What another thread would receive, as text. */
const structuredCloneOf = (value: unknown): string => inspect(structuredClone(value), { depth: 20, showHidden: true });
