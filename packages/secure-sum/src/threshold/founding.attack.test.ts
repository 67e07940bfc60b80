// Attacks on the founding of a key: a coordinator that shows members different things, members that deal badly or change what they
// committed to. Each is noticed before anything is encrypted, and what can be pinned on somebody comes with the evidence.

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, signMessage } from '../messages/index.ts';
import { codeOf, errorOf, flipped } from '../seeded-members.contract.ts';
import { beginFounding, stepFounding } from './founding.ts';
import {
  decodeDealtBox,
  decodeReceivedBody,
  decodeRevealBody,
  encodeDealtBox,
  encodeReceivedBody,
  encodeRevealBody,
} from './founding-bodies.ts';
import type { FoundingEvent, FoundingState } from './founding-state.ts';
import { RECEIVED, REVEAL } from './kinds.ts';
import { sendsOf, startOf, type World, worldOf } from './threshold-world.contract.ts';

/** A founding of three, stopped after every stage: what was said, and where everybody stands. */
interface Staged {
  readonly world: World;
  readonly commits: readonly Uint8Array[];
  readonly reveals: readonly Uint8Array[];
  /** By place of the receiver. */
  readonly boxes: readonly (readonly Uint8Array[])[];
  readonly receipts: readonly Uint8Array[];
  readonly states: {
    readonly committed: FoundingState[];
    readonly revealed: FoundingState[];
    readonly dealt: FoundingState[];
  };
}

/** As if restored: the states themselves were left behind. */
const anew = (steps: readonly { readonly state: FoundingState }[]): FoundingState[] =>
  steps.map(({ state }) => ({ ...state }));

async function staged(): Promise<Staged> {
  const world = await worldOf(nodePrimitives(), {
    members: 3,
    threshold: 3,
    corruptMembers: 1,
    degree: 16,
    vectorLength: 8,
  });
  const { members } = world;
  const begun = [];
  for (const member of members) begun.push(await beginFounding(member, startOf(world)));
  const commits = begun.map(({ outputs }) => sendsOf(outputs)[0]!.bytes);
  const revealed = [];
  for (const [i, member] of members.entries()) {
    revealed.push(await stepFounding(member, begun[i]!.state, { kind: 'commitments', messages: commits }));
  }
  const reveals = revealed.map(({ outputs }) => sendsOf(outputs)[0]!.bytes);
  const all = revealed.flatMap(({ outputs }) =>
    sendsOf(outputs)
      .slice(1)
      .map(({ bytes }) => bytes),
  );
  const boxes = members.map((_, i) => all.filter((bytes) => decodeDealtBox(bytes).to === i + 1));
  const dealt = [];
  for (const [i, member] of members.entries()) {
    dealt.push(
      await stepFounding(member, revealed[i]!.state, { kind: 'reveals', messages: reveals, boxes: boxes[i]! }),
    );
  }
  return {
    world,
    commits,
    reveals,
    boxes,
    receipts: dealt.map(({ outputs }) => sendsOf(outputs)[0]!.bytes),
    states: {
      committed: anew(begun),
      revealed: anew(revealed),
      dealt: anew(dealt),
    },
  };
}

describe('a founding', () => {
  let now: Staged;
  /** The same founding of other secrets, for messages that are well-formed and wrong. */
  let other: Staged;
  beforeAll(async () => {
    now = await staged();
    // Keys of its roster are the same; its members drew later.
    other = await staged();
  });

  const at = async (
    state: FoundingState,
    event: FoundingEvent,
  ): Promise<Error & { readonly code?: unknown; readonly evidence?: unknown }> =>
    errorOf(() => stepFounding(now.world.members[0]!, state, event));

  /** Another message of one member, signed by it. */
  async function resigned(
    place: number,
    message: Uint8Array,
    change: (body: Uint8Array) => Uint8Array,
  ): Promise<Uint8Array> {
    const { world } = now;
    const { phase, type, sender, body } = decodeMessage(message, 1 << 22);
    const { signer } = world.members[place]!;
    const { context } = world.setting.circle;
    return encodeMessage(
      await signMessage(world.primitives, signer, context, { phase, type, sender, body: change(body) }),
    );
  }

  it('is the same from the same seed, so that what differs below is what was changed', () => {
    expect(other.receipts).toEqual(now.receipts);
  });

  it('goes in its order: a step again, or one too early, is refused (attack 15)', async () => {
    const { commits, receipts, states } = now;
    expect(await at(states.revealed[0]!, { kind: 'commitments', messages: commits })).toMatchObject({
      code: 'E_PHASE',
    });
    expect(await at(states.committed[0]!, { kind: 'receipts', messages: receipts })).toMatchObject({ code: 'E_PHASE' });
  });

  it('refuses commitments that are missing, doubled, unsigned, or not the own one', async () => {
    const { commits, states } = now;
    const refused = async (...messages: Uint8Array[]): Promise<unknown> =>
      (await at(states.committed[0]!, { kind: 'commitments', messages })).code;
    expect(await refused(commits[0]!, commits[1]!)).toBe('E_QUORUM');
    expect(await refused(...commits, commits[1]!)).toBe('E_DUPLICATE');
    expect(await refused(commits[0]!, commits[1]!, flipped(commits[2]!, commits[2]!.length - 1))).toBe('E_SIG');
    const changed = await resigned(0, commits[0]!, (body) => flipped(body, body.length - 40));
    expect(await refused(changed, commits[1]!, commits[2]!)).toBe('E_SHARE');
  });

  it('notices that a member was shown other commitments: it signed which (E_EQUIV, with the message)', async () => {
    const { reveals, boxes, states } = now;
    const elsewhere = await resigned(1, reveals[1]!, (body) => {
      const reveal = decodeRevealBody(body);
      return encodeRevealBody({ ...reveal, commitments: flipped(reveal.commitments, 0) });
    });
    const error = await at(states.revealed[0]!, {
      kind: 'reveals',
      messages: [reveals[0]!, elsewhere, reveals[2]!],
      boxes: boxes[0]!,
    });
    expect(error).toMatchObject({ code: 'E_EQUIV', evidence: [elsewhere] });
  });

  it('tells a box that was changed on the way from one that was sealed badly (attacks 25, 51)', async () => {
    const { reveals, boxes, states, world } = now;
    const [first, second] = boxes[0]!;
    const { from, to, box } = decodeDealtBox(first!);
    const spoilt = flipped(box, 30);
    const onTheWay = encodeDealtBox({ from, to, box: spoilt });
    const event = { kind: 'reveals' as const, messages: reveals, boxes: [onTheWay, second!] };
    expect(await at(states.revealed[0]!, event)).toMatchObject({ code: 'E_BOX' });
    // Its sender signs the hash of what does not open: it convicts itself.
    const convicting = await resigned(from - 1, reveals[from - 1]!, (body) => {
      const reveal = decodeRevealBody(body);
      const boxHashes = reveal.boxHashes.map((hash, i) => (i === 0 ? world.primitives.sha256(spoilt) : hash));
      return encodeRevealBody({ ...reveal, boxHashes });
    });
    const messages = reveals.map((message, i) => (i === from - 1 ? convicting : message));
    const error = await at(states.revealed[0]!, { ...event, messages });
    expect(error).toMatchObject({ code: 'E_SHARE', evidence: [convicting, spoilt] });
  });

  it('refuses dealings that are missing, doubled or for somebody else', async () => {
    const { reveals, boxes, states } = now;
    const refused = async (...given: Uint8Array[]): Promise<unknown> =>
      (await at(states.revealed[0]!, { kind: 'reveals', messages: reveals, boxes: given })).code;
    const [first] = boxes[0]!;
    expect(await refused(first!)).toBe('E_QUORUM');
    expect(await refused(first!, first!)).toBe('E_DUPLICATE');
    expect(await refused(first!, boxes[1]![1]!)).toBe('E_SHARE');
  });

  it('notices that a member was shown other summands, or reveals another part of the challenge', async () => {
    const { receipts, states } = now;
    const changed = (change: (body: ReturnType<typeof decodeReceivedBody>) => ReturnType<typeof decodeReceivedBody>) =>
      resigned(2, receipts[2]!, (body) => encodeReceivedBody(change(decodeReceivedBody(body))));
    const elsewhere = await changed((body) => ({ ...body, transcript: flipped(body.transcript, 3) }));
    const seen = await at(states.dealt[0]!, { kind: 'receipts', messages: [receipts[0]!, receipts[1]!, elsewhere] });
    expect(seen).toMatchObject({ code: 'E_EQUIV', evidence: [receipts[0], elsewhere] });
    const chosen = await changed((body) => ({ ...body, nonce: flipped(body.nonce, 3) }));
    const told = await at(states.dealt[0]!, { kind: 'receipts', messages: [receipts[0]!, receipts[1]!, chosen] });
    expect(told).toMatchObject({ code: 'E_BEACON', evidence: [chosen] });
  });

  it('refuses what was signed in another phase', async () => {
    const { reveals, receipts, states } = now;
    expect([REVEAL.phase, RECEIVED.phase]).toEqual([2, 3]);
    const event = { kind: 'receipts' as const, messages: [reveals[0]!, receipts[1]!, receipts[2]!] };
    expect(await codeOf(() => stepFounding(now.world.members[0]!, states.dealt[0]!, event))).toMatch(/^E_(PHASE|LEN)$/);
  });
});
