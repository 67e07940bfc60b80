// A participant's state as bytes, for storage that its owner alone reads: keys, seed and shares lie in it in the clear. What is public
// and can be derived again (graph, thresholds, channels) is derived again, under the caller's own floors. A restored participant goes on
// with `resume`: it sends what it stored, byte by byte, and answers nothing that it answered before.

import { CanonicalReader, CanonicalWriter, sameBytes } from '../../canonical/index.ts';
import { type OpenContext, wholeContext } from '../../context/index.ts';
import { requireFloors } from '../../floors/index.ts';
import { abort } from '../../machine/outputs.ts';
import { ENVELOPE_BYTES_AT_MOST } from '../../messages/index.ts';
import { HASH_BYTES, PUBLIC_KEY_BYTES } from '../../primitives.ts';
import { MEMBERS_AT_MOST } from '../../roster/index.ts';
import { SecretBytes } from '../../secret-bytes.ts';
import { agreementOf, type SecretKey } from '../../secret-primitives.ts';
import { ascending, SHARE_BODY_BYTES_AT_MOST, SHARE_BYTES } from '../bodies.ts';
import { proposalOf, requireConfigured } from '../configuration.ts';
import { packedBytes } from '../key-stream.ts';
import { corruptInSharingSet, SHARING_SET_AT_MOST } from '../parameters.ts';
import { maskSession } from '../session.ts';
import { channelsTo } from './enter.ts';
import type { ParticipantSetup } from './setup.ts';
import type { OwnSession, Peer, SecretHolding, SecretHoldings, SecretParticipant } from './state.ts';

const LABEL = 'sumus/1/mask/participant';
const KEY_BYTES = 32;
const phases = ['advertised', 'shared', 'ready', 'masked', 'alive', 'unmasked', 'done', 'aborted'] as const;

export function encodeParticipantInTheClear(open: OpenContext, state: SecretParticipant): Uint8Array<ArrayBuffer> {
  const size = 'outgoing' in state ? state.outgoing.length : 0;
  const writer = new CanonicalWriter(size + 65_536)
    .name('a label', LABEL)
    .fixed('context', open.hash, HASH_BYTES)
    .u8('phase', phases.indexOf(state.phase));
  if ('session' in state) writeSession(writer, state);
  if ('secretMaskKey' in state) writeKey(writer, state.secretMaskKey);
  if ('secretBoxKey' in state) writeKey(writer, state.secretBoxKey);
  if ('secretSeed' in state) writeSecret(writer, state.secretSeed);
  if ('secretOwnShare' in state) writeSecret(writer, state.secretOwnShare);
  if ('secretHoldings' in state) writeHoldings(writer, state.secretHoldings);
  if ('living' in state) {
    writer.u32('living', state.living.length);
    for (const index of state.living) writer.u32('member', index);
  }
  if ('outgoing' in state) writer.blob('outgoing', state.outgoing);
  return writer.finish();
}

function writeSession(writer: CanonicalWriter, { session, own, peers }: OwnSession): void {
  const { context, parameters } = session;
  writer
    .fixed('roster', context.rosterRoot, HASH_BYTES)
    .fixed('beacon', context.beacon, HASH_BYTES)
    .u32('members', parameters.members)
    .u32('neighbours', peers.size);
  for (const peer of [own, ...peers.values()]) {
    writer.u32('index', peer.index).name('member', peer.memberId);
    for (const key of [peer.publicKey, peer.maskKey, peer.boxKey]) writer.fixed('a key', key, PUBLIC_KEY_BYTES);
  }
}

function writeKey(writer: CanonicalWriter, key: SecretKey): void {
  const bytes = key.expose();
  writer.fixed('a key', bytes, KEY_BYTES);
  bytes.fill(0);
}

const writeSecret = (writer: CanonicalWriter, secret: SecretBytes): CanonicalWriter =>
  secret.with((bytes) => writer.fixed('a secret', bytes, SHARE_BYTES));

function writeHoldings(writer: CanonicalWriter, holdings: SecretHoldings): void {
  const ordered = [...holdings].sort(([a], [b]) => a - b);
  writer.u32('holdings', ordered.length);
  for (const [index, { seedShare, keyShare }] of ordered) {
    writer.u32('owner', index);
    writeSecret(writer, seedShare);
    writeSecret(writer, keyShare);
  }
}

/** `open`: the round it was stored in; refuses another's. The caller wipes `bytes`. */
export async function decodeParticipant(
  setup: ParticipantSetup,
  open: OpenContext,
  bytes: Uint8Array,
): Promise<SecretParticipant> {
  const { primitives, configuration } = setup;
  requireConfigured(primitives, open, configuration);
  const reader = new CanonicalReader(bytes, 'the state of a participant');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not the state of a participant of mask');
  if (!sameBytes(reader.fixed('context', HASH_BYTES), open.hash)) reader.refuse('E_MALFORMED', 'of another round');
  const phase = phases[reader.within('phase', 1, 0, phases.length - 1)]!;
  const vectorBytes = packedBytes(configuration.vectorLength, configuration.wordBits);
  const outgoingAtMost = ENVELOPE_BYTES_AT_MOST + Math.max(vectorBytes, SHARE_BODY_BYTES_AT_MOST);
  const readOutgoing = (): Uint8Array => reader.blob('outgoing', outgoingAtMost);
  const end = <State extends SecretParticipant>(state: State): State => {
    reader.finish();
    return Object.freeze(state);
  };
  if (phase === 'done') return end({ phase });
  if (phase === 'aborted') return end({ phase, reason: abort('E_TOO_FEW', 'the round was left').reason });
  if (phase === 'advertised') {
    const secretMaskKey = readKey(setup, reader);
    const secretBoxKey = readKey(setup, reader);
    const keys = [await publicOf(setup, secretMaskKey), await publicOf(setup, secretBoxKey)] as const;
    return end({ phase, open, secretMaskKey, secretBoxKey, keys, outgoing: readOutgoing() });
  }
  const known = readSession(setup, open, reader);
  switch (phase) {
    case 'shared': {
      const keys = { secretMaskKey: readKey(setup, reader), secretBoxKey: readKey(setup, reader) };
      const secrets = { secretSeed: readSecret(reader), secretOwnShare: readSecret(reader) };
      const outgoing = readOutgoing();
      const secretChannels = await channelsTo(setup, known, keys.secretBoxKey);
      return end({ ...known, phase, ...keys, ...secrets, outgoing, secretChannels });
    }
    case 'ready': {
      const keys = { secretMaskKey: readKey(setup, reader), secretBoxKey: readKey(setup, reader) };
      const secrets = { secretSeed: readSecret(reader), secretOwnShare: readSecret(reader) };
      const secretHoldings = readHoldings(reader);
      const secretChannels = await channelsFor(setup, known, keys.secretBoxKey);
      return end({ ...known, phase, ...keys, ...secrets, secretHoldings, secretChannels });
    }
    case 'masked':
    case 'alive': {
      const secretBoxKey = readKey(setup, reader);
      const secretOwnShare = readSecret(reader);
      const secretHoldings = readHoldings(reader);
      const secretChannels = await channelsFor(setup, known, secretBoxKey);
      const held = { ...known, secretBoxKey, secretOwnShare, secretHoldings, secretChannels };
      if (phase === 'masked') return end({ ...held, phase, outgoing: readOutgoing() });
      return end({ ...held, phase, living: readLiving(reader), outgoing: readOutgoing() });
    }
    case 'unmasked':
      return end({ ...known, phase, living: readLiving(reader), outgoing: readOutgoing() });
    default:
      return phase satisfies never;
  }
}

/** On the complete graph channels are for boxes alone. */
async function channelsFor(
  setup: ParticipantSetup,
  known: OwnSession,
  secretBoxKey: SecretKey<'x25519'>,
): ReturnType<typeof channelsTo> {
  return known.session.graph === 'sparse' ? channelsTo(setup, known, secretBoxKey) : new Map();
}

async function publicOf({ primitives }: ParticipantSetup, key: SecretKey<'x25519'>): Promise<Uint8Array> {
  return (await agreementOf(primitives, key)).publicKey;
}

function readSession(
  { primitives, configuration, floors }: ParticipantSetup,
  open: OpenContext,
  reader: CanonicalReader,
): OwnSession {
  const rosterRoot = reader.fixed('roster', HASH_BYTES);
  const beacon = reader.fixed('beacon', HASH_BYTES);
  const members = reader.within('members', 4, 2, MEMBERS_AT_MOST);
  const neighbours = reader.count('neighbours', SHARING_SET_AT_MOST, 4 + 5 + 3 * PUBLIC_KEY_BYTES);
  const own = readPeer(reader);
  const peers = new Map<number, Peer>();
  for (let i = 0; i < neighbours; i++) {
    const peer = readPeer(reader);
    peers.set(peer.index, peer);
  }
  const context = wholeContext(primitives, open, { rosterRoot, beacon });
  const session = maskSession(primitives, configuration, context, members);
  const { parameters } = session;
  const bound = corruptInSharingSet(parameters.graph, members, parameters.neighbours, floors.corruptFraction);
  const accepted = requireFloors(floors, proposalOf(configuration, parameters), bound);
  return { session, accepted, own, peers };
}

function readPeer(reader: CanonicalReader): Peer {
  return Object.freeze({
    index: reader.within('index', 4, 0, MEMBERS_AT_MOST - 1),
    memberId: reader.member('member'),
    publicKey: reader.fixed('a key', PUBLIC_KEY_BYTES),
    maskKey: reader.fixed('a key', PUBLIC_KEY_BYTES),
    boxKey: reader.fixed('a key', PUBLIC_KEY_BYTES),
  });
}

function readKey({ primitives }: ParticipantSetup, reader: CanonicalReader): SecretKey<'x25519'> {
  const bytes = reader.fixed('a key', KEY_BYTES);
  const key = primitives.secretKeys.fromBytes('x25519', bytes);
  bytes.fill(0);
  return key;
}

function readSecret(reader: CanonicalReader): SecretBytes {
  const bytes = reader.fixed('a secret', SHARE_BYTES);
  const secret = new SecretBytes(bytes);
  bytes.fill(0);
  return secret;
}

function readHoldings(reader: CanonicalReader): SecretHoldings {
  const holdings = new Map<number, SecretHolding>();
  ascending(reader, 'holdings', SHARING_SET_AT_MOST, 4 + 2 * SHARE_BYTES, (index) => {
    holdings.set(index, Object.freeze({ seedShare: readSecret(reader), keyShare: readSecret(reader) }));
  });
  return holdings;
}

const readLiving = (reader: CanonicalReader): readonly number[] =>
  ascending(reader, 'living', MEMBERS_AT_MOST, 4, (index) => index);
