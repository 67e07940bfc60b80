// Contributors who want no sum to come about, or somebody else to be blamed for it: one whose shares are bad and who is the last to come,
// one who commits to a share that does not fit, two who agree on one key, one who stays on an old model. And committees that claim to have
// fewer corrupt members than a participant assumes.

import { wasmEngine } from '@sumus/lattice/engine';
import { encryptOncePacked, oneTimeKey, shareKey } from '@sumus/lattice/one-time';
import { encodeOneTimeKeyShare } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { defineFloors } from '../floors/index.ts';
import { signMessage } from '../messages/index.ts';
import { agreementOf, freshSecretKey } from '../secret-primitives.ts';
import { codeOf, flipped } from '../seeded-members.contract.ts';
import { memberStep, startMember } from './committee/member.ts';
import { contributorStep, startContributor } from './contributor/contributor.ts';
import { type CollectorState, collectorStep, startCollector } from './coordinator/collector.ts';
import { readComplaint } from './coordinator/complaint.ts';
import { makeContribution, play, requestOf, sentTo } from './one-shot-driver.contract.ts';
import {
  LITERAL,
  sumOf,
  vectorOf,
  type World,
  type WorldOptions,
  world as worldOn,
} from './one-shot-world.contract.ts';
import { acceptedBy, corruptInCommittee } from './round/accept.ts';
import {
  commitmentTo,
  decodeContribution,
  encodeContribution,
  encodeHeadBody,
  SALT_BYTES,
} from './round/contribution.ts';
import { CONTRIBUTE, DELIVERY } from './round/kinds.ts';
import { firstModel } from './round/models.ts';
import { SHARE_PURPOSE } from './round/purposes.ts';
import { committeeName } from './round/round.ts';
import { sealTo } from './suite-boxes.ts';

let world: (options?: WorldOptions) => Promise<World>;
beforeAll(async () => {
  const engine = await wasmEngine();
  world = (options) => worldOn(nodePrimitives(), engine, options);
});

const take = (of: World, state: CollectorState, bytes: Uint8Array) =>
  collectorStep(of.coordinator, state, { kind: 'contribution', bytes });

interface Forgery {
  /** Of the key, and of its sharing. */
  readonly seeds?: readonly [Uint8Array, Uint8Array];
  /** The share of this member is one off. */
  readonly bent?: number;
}

/** A contribution as this contributor may sign one, whatever its machine does. */
async function forged(of: World, index: number, { seeds, bent }: Forgery): Promise<Uint8Array> {
  const contributor = of.contributors[index]!;
  const { lattice, primitives, round, memberId, certificate, signer } = contributor;
  const { parameters, committee, context } = round;
  const key = oneTimeKey(lattice, parameters.oneTime, seeds?.[0]);
  const ephemeral = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
  const boxes: Uint8Array[] = [];
  const commitments: Uint8Array[] = [];
  for (const [i, share] of shareKey(lattice, key, seeds?.[1]).entries()) {
    if (bent === i + 1) share.elements[0] = (share.elements[0]! + 1) % parameters.oneTime.shareModulus;
    const plaintext = new Uint8Array([
      ...primitives.randomBytes(SALT_BYTES),
      ...encodeOneTimeKeyShare(lattice, parameters.oneTime, share),
    ]);
    const { memberId: to, boxKey } = committee[i]!;
    commitments.push(commitmentTo(primitives, round, memberId, to, plaintext));
    const peer = { memberId: committeeName(i + 1), publicKey: boxKey, hybridKey: undefined };
    const ends = { own: { memberId, key: ephemeral }, peer };
    boxes.push(await sealTo(contributor, context, ends, SHARE_PURPOSE, plaintext));
  }
  const values = vectorOf(of, index);
  const ciphertext = encryptOncePacked(lattice, { key, context: round.polynomialSeed, values });
  const body = encodeHeadBody(parameters, {
    index: 0,
    model: { version: 0, hash: context.modelHash },
    ephemeralKey: ephemeral.publicKey,
    openingKey: undefined,
    ciphertextHash: primitives.sha256(ciphertext),
    commitments,
  });
  const head = await signMessage(primitives, signer, context, { ...CONTRIBUTE, sender: memberId, body });
  return encodeContribution(parameters, { certificate, head, ciphertext, boxes });
}

describe('a contributor whose shares are bad and who comes last', () => {
  it('closes the flush, and is still found in a review and taken out; the rest is opened', async () => {
    const w = await world({ literal: { maximumContributors: 4 } });
    let state = startCollector(w.coordinator);
    const sent: Uint8Array[] = [];
    for (const index of [0, 1, 2, 3]) {
      const decoded = decodeContribution(w.parameters, (await makeContribution(w, index)).bytes);
      const boxes = decoded.boxes.map((box) => (index === 3 ? flipped(box, 60) : box));
      sent.push(encodeContribution(w.parameters, { ...decoded, boxes }));
      ({ state } = await take(w, state, sent[index]!));
    }
    expect(state.phase).toBe('closed');
    const review = await collectorStep(w.coordinator, state, { kind: 'review' });
    const member = w.members[0]!;
    const [request] = sentTo(review.outputs, DELIVERY.review, member.memberId);
    const event = { kind: 'review' as const, request: request!, models: firstModel(w.context) };
    const { outputs } = await memberStep(member, startMember(member, w.start()).state, event);
    const [complaint] = sentTo(
      outputs.map((output) => (output.kind === 'send' ? { ...output, to: { kind: 'everybody' as const } } : output)),
      'one-shot/complain',
      member.memberId,
    );
    expect((await readComplaint(w.coordinator, complaint!)).contributors).toEqual([w.contributors[3]!.memberId]);
    ({ state } = await collectorStep(w.coordinator, state, { kind: 'exclude', contribution: sent[3]! }));
    expect(state.phase === 'closed' && state.kept.size).toBe(3);
    // One more would leave fewer than are ever opened: the flush collects again.
    ({ state } = await collectorStep(w.coordinator, state, { kind: 'exclude', contribution: sent[2]! }));
    expect(state.phase).toBe('collecting');
    const { bytes } = await makeContribution(w, 4);
    ({ state } = await take(w, state, bytes));
    const { state: closed } = await collectorStep(w.coordinator, state, { kind: 'time is up' });
    expect(closed.phase === 'closed' && [...closed.kept.keys()]).toEqual(
      [0, 1, 4].map((index) => w.contributors[index]!.memberId),
    );
  });
});

describe('a contributor that commits to a share that does not fit', () => {
  it('makes an honest member’s answer one that does not fit; the sum opens, and nobody is accused', async () => {
    const w = await world({ literal: { committee: { ...LITERAL.committee, members: 7, corrupt: 2 } } });
    const contributions = [await forged(w, 0, { bent: 3 })];
    for (const index of [1, 2, 3, 4]) contributions.push((await makeContribution(w, index)).bytes);
    const all = [0, 1, 2, 3, 4];
    const played = await play(w, { contribute: all, contributions, answer: [3, 1, 2, 4, 5, 6, 7] });
    expect(played.result?.sum).toEqual(sumOf(all.map((index) => vectorOf(w, index))));
    expect(played.result?.flagged).toEqual([w.members[2]!.memberId]);
    expect(played.outputs.filter(({ kind }) => kind === 'evidence')).toEqual([]);
  });
});

describe('two contributors who agree on one key', () => {
  it('are two contributors: members sign, and the exact sum opens', async () => {
    const w = await world();
    const seeds = [w.primitives.randomBytes(32), w.primitives.randomBytes(32)] as const;
    const contributions = [await forged(w, 0, { seeds }), await forged(w, 1, { seeds })];
    for (const index of [2, 3, 4]) contributions.push((await makeContribution(w, index)).bytes);
    const all = [0, 1, 2, 3, 4];
    const { result } = await play(w, { contribute: all, contributions });
    expect(result?.sum).toEqual(sumOf(all.map((index) => vectorOf(w, index))));
    // One contribution twice is still refused, by its member's name.
    const twice = requestOf(w, [contributions[0]!, contributions[0]!, contributions[2]!], 1);
    const event = { kind: 'close' as const, request: twice, models: firstModel(w.context) };
    const member = w.members[0]!;
    expect(await codeOf(() => memberStep(member, startMember(member, w.start()).state, event))).toBe('E_DUPLICATE');
  });
});

describe('contributors who stay on an old model', () => {
  const first = new Uint8Array(32).fill(1);
  const second = new Uint8Array(32).fill(9);

  async function contributed(of: World, index: number, version: number, hash: Uint8Array): Promise<Uint8Array> {
    const contributor = of.contributors[index]!;
    const { state } = await startContributor(contributor, of.start());
    const event = { kind: 'contribute' as const, values: vectorOf(of, index), model: { version, hash } };
    const { outputs } = await contributorStep(contributor, state, event);
    return outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []))[0]!;
  }

  it('drop out when releases have left them behind, instead of keeping everybody else out', async () => {
    const w = await world({ literal: { flushes: { contributions: 4, versionsOld: 0, contributionsEach: 1 } } });
    let state = startCollector(w.coordinator);
    const old = await contributed(w, 0, 0, first);
    ({ state } = await take(w, state, old));
    const model = { version: 1, hash: second };
    ({ state } = await collectorStep(w.coordinator, state, { kind: 'model', model }));
    expect(await codeOf(async () => take(w, state, await contributed(w, 1, 0, first)))).toBe('E_CTX');
    // What is refused for another reason leaves everything as it was.
    const spoilt = await contributed(w, 2, 1, second);
    expect(await codeOf(() => take(w, state, flipped(spoilt, spoilt.length - 2000)))).toMatch(/^E_/);
    expect(state.phase === 'collecting' && [...state.kept.keys()]).toEqual([w.contributors[0]!.memberId]);
    for (const index of [1, 2, 3]) ({ state } = await take(w, state, await contributed(w, index, 1, second)));
    expect(state.phase === 'collecting' && [...state.kept.keys()]).toEqual(
      [1, 2, 3].map((index) => w.contributors[index]!.memberId),
    );
    expect(state.phase === 'collecting' && state.total.contributions).toBe(3);
    // Nobody tells the one who dropped out that it was received.
    expect(await codeOf(() => take(w, state, old))).toBe('E_CTX');
  });

  it('are a sum of their own where they are enough, and the newer contribution is one for the next flush', async () => {
    const w = await world({ literal: { flushes: { contributions: 4, versionsOld: 1, contributionsEach: 1 } } });
    let state = startCollector(w.coordinator);
    for (const index of [0, 1]) ({ state } = await take(w, state, await contributed(w, index, 0, first)));
    const release = async (version: number): Promise<void> => {
      const model = { version, hash: new Uint8Array(32).fill(8 + version) };
      ({ state } = await collectorStep(w.coordinator, state, { kind: 'model', model }));
    };
    await release(1);
    ({ state } = await take(w, state, await contributed(w, 2, 1, second)));
    await release(2);
    const newest = await contributed(w, 3, 2, new Uint8Array(32).fill(10));
    const closing = await take(w, state, newest);
    expect([closing.state.phase, closing.outputs.map(({ kind }) => kind)]).toEqual(['closed', ['persist']]);
    ({ state } = await collectorStep(w.coordinator, closing.state, { kind: 'next flush' }));
    ({ state } = await take(w, state, newest));
    expect(state.phase === 'collecting' && state.kept.size).toBe(1);
  });
});

describe('attack 18: a committee with fewer corrupt members than the participant assumes', () => {
  const floors = (corruptFraction: number) =>
    defineFloors({
      minimumContributors: 3,
      corruptFraction,
      minimumWordBits: 2,
      maximumVectorLength: 1000,
      maximumRoundsPerDay: 1,
      minimumCommittee: 3,
      minimumBeaconContributors: 2,
    });

  it('is refused: the number follows from the floors, not from the round', async () => {
    const w = await world();
    acceptedBy(floors(0.3), w.round);
    const bold = await world({ literal: { committee: { ...LITERAL.committee, members: 7, corrupt: 1 } } });
    acceptedBy(floors(0.28), bold.round);
    expect(await codeOf(async () => acceptedBy(floors(0.3), bold.round))).toBe('E_FLOOR');
  });

  it('and for a sampled one it is the exact tail', async () => {
    const literal = { committee: { members: 4, corrupt: 1, choice: 'sampled' as const } };
    const { round } = await world({ literal, candidates: 8 });
    // Two of eight are corrupt: both are drawn with probability 6·5 / (8·7·…) = C(6,2) / C(8,4) = 3/14.
    expect(corruptInCommittee(floors(0.25), round.parameters, 8, 2)).toBe(1);
    expect(corruptInCommittee(floors(0.25), round.parameters, 8, 3)).toBe(2);
    expect(await codeOf(async () => acceptedBy(floors(0.25), round))).toBe('E_FLOOR');
    acceptedBy(floors(0.25), round, 2);
  });
});
