// The coordinator's state as bytes: the roster, what members said, and the running sum. All of it is what the coordinator was sent, so
// none of it is secret to it; phases are closed again from it when it is restored, which gives the same deliveries. What arrived and
// was not stored is sent again by its members (`resume`).

import { CanonicalReader, CanonicalWriter, hexOf, type MemberId, memberId, sameBytes } from '../../canonical/index.ts';
import { type OpenContext, wholeContext } from '../../context/index.ts';
import { ParameterError } from '../../errors.ts';
import { abort } from '../../machine/outputs.ts';
import {
  decodeMessage,
  decodeReceived,
  encodeReceived,
  type Received,
  type SignedMessage,
} from '../../messages/index.ts';
import { HASH_BYTES } from '../../primitives.ts';
import { decodeEntry, decodeRoster, encodeEntry, encodeRoster, MEMBERS_AT_MOST } from '../../roster/index.ts';
import {
  ALIVE,
  COMPLAINT,
  decodeComplaints,
  decodeShareBody,
  MASKED,
  readAliveMacs,
  readRevealedShares,
  SHARE,
  SHARE_BODY_BYTES_AT_MOST,
  UNMASK,
} from '../bodies.ts';
import { MASK_KEYS, requireConfigured } from '../configuration.ts';
import { addPackedWords, packedBytes, packWords } from '../key-stream.ts';
import { maskSession, sharingSetOf } from '../session.ts';
import { closeConfirming, closeMasking, closeSharing } from './close-phase.ts';
import type { CoordinatorSetup, CoordinatorStep } from './setup.ts';
import type {
  AdvertisingCoordinator,
  Arrivals,
  CoordinatorState,
  RunningCoordinator,
  SharingCoordinator,
} from './state.ts';

const LABEL = 'sumus/1/mask/coordinator';
const phases = [
  'advertising',
  'drawing',
  'sharing',
  'masking',
  'confirming',
  'unmasking',
  'done',
  'aborted',
] as const satisfies readonly CoordinatorState['phase'][];
const ENTRY_BYTES_AT_MOST = 4096;
const WHOLE_WORD_BITS = 32;

export function encodeCoordinator(
  { configuration }: Pick<CoordinatorSetup, 'configuration'>,
  open: OpenContext,
  state: CoordinatorState,
): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(65_536 + 8 * configuration.vectorLength)
    .name('a label', LABEL)
    .fixed('context', open.hash, HASH_BYTES)
    .u8('phase', phases.indexOf(state.phase));
  switch (state.phase) {
    case 'advertising':
      writer.u32('entries', state.entries.size);
      for (const entry of state.entries.values()) writer.blob('an entry', encodeEntry(entry));
      return writeArrivals(writer, state.arrivals).finish();
    case 'drawing':
      return writer.blob('roster', encodeRoster(state.roster)).finish();
    case 'sharing':
    case 'masking':
    case 'confirming':
    case 'unmasking':
      writer.blob('roster', encodeRoster(state.roster)).fixed('beacon', state.session.context.beacon, HASH_BYTES);
      writeArrivals(writer, state.arrivals);
      if (state.phase !== 'sharing') writer.blob('sum', packWords(state.sum.bench, state.sum.words, WHOLE_WORD_BITS));
      return writer.finish();
    case 'done':
      throw new ParameterError('a round that is done is stored as its result');
    case 'aborted':
      return writer.finish();
    default:
      return state satisfies never;
  }
}

function writeArrivals(writer: CanonicalWriter, arrivals: Arrivals): CanonicalWriter {
  const all: Received = new Map([...arrivals.values()].flatMap((received) => [...received]));
  return writer.blob('arrivals', encodeReceived(all));
}

export function decodeCoordinator(setup: CoordinatorSetup, open: OpenContext, bytes: Uint8Array): CoordinatorState {
  const { primitives, configuration } = setup;
  requireConfigured(primitives, open, configuration);
  const reader = new CanonicalReader(bytes, 'the state of a coordinator');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not the state of a coordinator of mask');
  if (!sameBytes(reader.fixed('context', HASH_BYTES), open.hash)) reader.refuse('E_MALFORMED', 'of another round');
  const phase = phases[reader.within('phase', 1, 0, phases.length - 1)]!;
  switch (phase) {
    case 'advertising':
      return readAdvertising(open, reader);
    case 'drawing': {
      const roster = decodeRoster(primitives, open, MASK_KEYS, reader.blob('roster', reader.remaining));
      reader.finish();
      return Object.freeze({ phase, open, roster });
    }
    case 'sharing':
    case 'masking':
    case 'confirming':
    case 'unmasking':
      return readRunning(setup, open, phase, reader);
    case 'done':
      return reader.refuse('E_MALFORMED', 'a round that is done is not stored as a state');
    case 'aborted':
      reader.finish();
      return Object.freeze({ phase, reason: abort('E_TOO_FEW', 'the round was left').reason });
    default:
      return phase satisfies never;
  }
}

function readAdvertising(open: OpenContext, reader: CanonicalReader): AdvertisingCoordinator {
  const count = reader.count('entries', MEMBERS_AT_MOST, 4);
  const entries: AdvertisingCoordinator['entries'] = new Map();
  const keys = new Map<string, MemberId>();
  for (let i = 0; i < count; i++) {
    const entry = decodeEntry(reader.blobView('an entry', ENTRY_BYTES_AT_MOST));
    const owner = entry.certificate.memberId;
    entries.set(owner, entry);
    const { body } = entry.advertisement;
    // The keys are the end of the body: ADVERTISE was checked when it came.
    for (let at = body.length - MASK_KEYS * 32; at < body.length; at += 32)
      keys.set(hexOf(body.subarray(at, at + 32)), owner);
  }
  const arrivals = readArrivals(reader);
  reader.finish();
  return Object.freeze({ phase: 'advertising', open, entries, arrivals, keys });
}

function readArrivals(reader: CanonicalReader): Arrivals {
  const arrivals: Arrivals = new Map();
  for (const [place, one] of decodeReceived(reader.blob('arrivals', reader.remaining))) {
    const sender = memberId(place.slice(place.lastIndexOf(' ') + 1));
    arrivals.set(sender, new Map([...(arrivals.get(sender) ?? []), [place, one]]));
  }
  return arrivals;
}

function readRunning(
  setup: CoordinatorSetup,
  open: OpenContext,
  phase: RunningCoordinator['phase'],
  reader: CanonicalReader,
): RunningCoordinator {
  const { primitives, configuration } = setup;
  const roster = decodeRoster(primitives, open, MASK_KEYS, reader.blob('roster', reader.remaining));
  const beacon = reader.fixed('beacon', HASH_BYTES);
  const context = wholeContext(primitives, open, { rosterRoot: roster.root, beacon });
  const session = maskSession(primitives, configuration, context, roster.members.length);
  const arrivals = readArrivals(reader);
  const said = messagesOf(arrivals);
  const indexed = (type: string): [number, SignedMessage | undefined][] =>
    (said.get(type) ?? []).map(([sender, message]) => [
      roster.indexOf.get(sender) ?? reader.refuse('E_MALFORMED', 'a stranger'),
      message,
    ]);
  const present = (type: string): [number, SignedMessage][] =>
    indexed(type).map(([index, message]) => [index, message ?? reader.refuse('E_MALFORMED', `${type} is missing`)]);

  const shares: SharingCoordinator['shares'] = new Map();
  for (const [index, { body }] of present(SHARE.type)) {
    const set = sharingSetOf(session, index);
    shares.set(index, decodeShareBody(body, set.length, set.indexOf(index)));
  }
  let state: CoordinatorState = Object.freeze({
    phase: 'sharing',
    session,
    roster,
    arrivals,
    shares,
    complaints: new Map(),
    deliveries: new Map(),
  });
  if (phase === 'sharing') return ended(reader, state, phase);

  state = closed(closeSharing(setup, state));
  if (state.phase !== 'masking') return reader.refuse('E_MALFORMED', 'too few shared');
  for (const [index] of indexed(MASKED.type)) state.masked.add(index);
  for (const [index, { body }] of present(COMPLAINT.type)) state.complaints.set(index, decodeComplaints(body));
  const sum = reader.blob('sum', packedBytes(configuration.vectorLength, WHOLE_WORD_BITS));
  addPackedWords(state.sum.bench, state.sum.words, sum, WHOLE_WORD_BITS);
  if (phase === 'masking') return ended(reader, state, phase);

  state = closed(closeMasking(state));
  if (state.phase !== 'confirming') return reader.refuse('E_MALFORMED', 'too few masked vectors');
  for (const [index, { body, signature }] of present(ALIVE.type)) {
    state.confirmations.set(index, session.graph === 'complete' ? { signature } : { macs: readAliveMacs(body) });
  }
  if (phase === 'confirming') return ended(reader, state, phase);

  state = closed(closeConfirming(state));
  if (state.phase !== 'unmasking') return reader.refuse('E_MALFORMED', 'too few confirmed');
  for (const [index, { body }] of present(UNMASK.type)) state.revealed.set(index, readRevealedShares(body));
  return ended(reader, state, phase);
}

const closed = ({ state }: CoordinatorStep): CoordinatorState => state;

function ended(
  reader: CanonicalReader,
  state: CoordinatorState,
  phase: RunningCoordinator['phase'],
): RunningCoordinator {
  reader.finish();
  if (state.phase !== phase || !('deliveries' in state)) return reader.refuse('E_MALFORMED', `not ${phase}`);
  return state;
}

/** By type: who said it, and the message, where it was short enough to be kept. */
function messagesOf(arrivals: Arrivals): ReadonlyMap<string, (readonly [MemberId, SignedMessage | undefined])[]> {
  const byType = new Map<string, (readonly [MemberId, SignedMessage | undefined])[]>();
  for (const [sender, received] of arrivals) {
    for (const [place, { encoded }] of received) {
      const type = place.split(' ')[2]!;
      // A masked vector is in the sum; whether it is kept depends on its length.
      const message =
        encoded === undefined || type === MASKED.type ? undefined : decodeMessage(encoded, SHARE_BODY_BYTES_AT_MOST);
      byType.set(type, [...(byType.get(type) ?? []), [sender, message]]);
    }
  }
  return byType;
}
