// Flow 1′: the neighbours' shares arrive. A participant opens every box and compares what is in it with what its sender is bound to;
// whoever sent something unusable is named in a signed complaint, and the participant leaves: with such shares a sum might never open.

import { openBox, type SecretChannel } from '../../boxes/index.ts';
import { sameBytes } from '../../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../../errors.ts';
import { abort, PERSIST, send, step, TO_COORDINATOR } from '../../machine/outputs.ts';
import { encodeMessage, signMessage } from '../../messages/index.ts';
import { SecretBytes } from '../../secret-bytes.ts';
import { BOX_PLAINTEXT_BYTES, COMPLAINT, type Complaint, encodeComplaints, SHARE_BYTES } from '../bodies.ts';
import type { DeliveredBox } from '../deliveries.ts';
import { commitToShare } from '../session.ts';
import { SHARES_PURPOSE } from './enter.ts';
import type { Guards } from './guards.ts';
import type { ParticipantSetup, ParticipantStep } from './setup.ts';
import { type SecretHolding, type SharedParticipant, wipeHoldings, wipeParticipant } from './state.ts';

export async function takeBoxes(
  setup: ParticipantSetup,
  guards: Guards,
  state: SharedParticipant,
  boxes: readonly DeliveredBox[],
): Promise<ParticipantStep> {
  const { session, own, peers, secretChannels } = state;
  for (const { index } of boxes) {
    if (!peers.has(index))
      throw new ProtocolViolation('E_GRAPH', `a box of ${index}, who is no neighbour of ${own.index}`);
  }
  const secretHoldings = new Map<number, SecretHolding>();
  const complaints: Complaint[] = [];
  for (const delivered of boxes) {
    const opened = openShares(setup, state, secretChannels.get(delivered.index)!, delivered);
    if (typeof opened === 'string') complaints.push({ index: delivered.index, reason: opened });
    else secretHoldings.set(delivered.index, opened);
  }
  if (complaints.length > 0) {
    wipeHoldings(secretHoldings);
    return complain(setup, state, complaints);
  }
  try {
    guards.requireSharers(state, boxes.length);
  } catch (error) {
    wipeHoldings(secretHoldings);
    throw error;
  }
  // On the complete graph signatures take the place of MACs: boxes were all that channels were for.
  const keepsChannels = session.graph === 'sparse';
  if (!keepsChannels) for (const channel of secretChannels.values()) channel.wipe();
  const { outgoing: _, ...kept } = state;
  const next = Object.freeze({
    ...kept,
    phase: 'ready' as const,
    secretChannels: keepsChannels ? secretChannels : new Map(),
    secretHoldings,
  });
  return step(next, PERSIST);
}

/** What is in a box, or what is wrong with it. */
function openShares(
  { primitives }: ParticipantSetup,
  { session, own, peers }: SharedParticipant,
  channel: SecretChannel,
  { index, box, seed, key }: DeliveredBox,
): SecretHolding | Complaint['reason'] {
  let plaintext: Uint8Array;
  try {
    plaintext = openBox(primitives, channel, SHARES_PURPOSE, box);
  } catch (error) {
    if (error instanceof MalformedMessage) return 'box';
    throw error;
  }
  const owner = peers.get(index)!.memberId;
  const point = session.links.pointOf(index, own.index);
  const seedShare = plaintext.subarray(1, 1 + SHARE_BYTES);
  const keyShare = plaintext.subarray(1 + SHARE_BYTES);
  const binds = (of: 'seed' | 'key', share: Uint8Array, commitment: Uint8Array): boolean =>
    sameBytes(commitToShare(primitives, session.context, owner, of, point, share), commitment);
  try {
    if (plaintext.length !== BOX_PLAINTEXT_BYTES) return 'box';
    if (plaintext[0] !== point) return 'point';
    if (!binds('seed', seedShare, seed)) return 'seed share';
    if (!binds('key', keyShare, key)) return 'key share';
    return Object.freeze({ seedShare: new SecretBytes(seedShare), keyShare: new SecretBytes(keyShare) });
  } finally {
    plaintext.fill(0);
  }
}

async function complain(
  { primitives, signer }: ParticipantSetup,
  state: SharedParticipant,
  complaints: readonly Complaint[],
): Promise<ParticipantStep> {
  const { session, own } = state;
  const body = encodeComplaints(complaints);
  const message = await signMessage(primitives, signer, session.context, { ...COMPLAINT, sender: own.memberId, body });
  const accused = complaints.map(({ index }) => state.peers.get(index)!.memberId);
  const left = abort('E_SHARE', `shares of ${accused.length} members cannot be used`, accused);
  wipeParticipant(state);
  const next = Object.freeze({ phase: 'aborted' as const, reason: left.reason });
  return step(next, PERSIST, send(TO_COORDINATOR, COMPLAINT.type, encodeMessage(message)), left);
}
