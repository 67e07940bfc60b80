// Before a protocol, at the coordinator: who takes part, the roster in the log, the beacon. It decides who is in time and nothing else: what
// the log keeps is co-signed by witnesses before anybody goes on, and the beacon is drawn by those who contribute to it.
//
//   gathering → (close) logging the roster → committing → (close) logging the commitments → revealing → the protocol
//
// A phase in which everybody answered ends by itself, but gathering, whose end the driver knows.

import {
  BEACON_COMMIT,
  BEACON_REVEAL,
  type Commitments,
  commitmentsEntry,
  drawBeacon,
  gatherCommitments,
} from '@sumus/secure-sum/beacon';
import { CanonicalReader, sameBytes } from '@sumus/secure-sum/canonical';
import { ProtocolViolation } from '@sumus/secure-sum/errors';
import type { MemberId } from '@sumus/secure-sum/identity';
import type { LogEntry } from '@sumus/secure-sum/log';
import { abort, type Output, PERSIST, send, toMember } from '@sumus/secure-sum/machine';
import { decodeMessage, type MessageKind, type VerifiedMessage, verifyMessage } from '@sumus/secure-sum/messages';
import { SIGNATURE_BYTES } from '@sumus/secure-sum/primitives';
import { decodeEntry, type Roster, rosterOf } from '@sumus/secure-sum/roster';
import { fewestOf, keyCountOf } from '../agreement.ts';
import { type Drawn, entryOf, type Prepared, rootOf } from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame, readNumber } from '../frame.ts';
import { encodePlace } from '../log-place.ts';
import { isCosigned, logEntry, type PendingEntry, placeOf, takeCosignature } from './log-book.ts';
import { awayFromCommittee, ownersWith } from './preparing-entry.ts';
import {
  type At,
  BEACON_BODY_BYTES_AT_MOST,
  isListed,
  type Messages,
  namesOf,
  readStage,
  type Stage,
  silent,
  storeStage,
  withMessage,
} from './preparing-stage.ts';
import { askWitnesses, tellAgain } from './preparing-words.ts';
import type { CoordinatorStanding } from './standing.ts';
import type { CoordinatorEnvironment, CoordinatorProtocol, CoordinatorProtocolStep, ProtocolSum } from './state.ts';

const empty = new Uint8Array(0);

export type BeginProtocol = (
  standing: CoordinatorStanding,
  drawn: Drawn,
  nowMs: number,
) => Promise<CoordinatorProtocolStep>;

export function preparing(
  env: CoordinatorEnvironment,
  begin: BeginProtocol,
  stage: Stage = { at: 'gathering', entries: new Map(), owners: new Map(), seen: [] },
): CoordinatorProtocol {
  const { setup, open } = env;
  const { primitives } = setup;
  const at = (
    standing: CoordinatorStanding,
    next: Stage,
    ...outputs: readonly Output<ProtocolSum>[]
  ): CoordinatorProtocolStep => ({ protocol: preparing(env, begin, next), standing, outputs });
  const left = (standing: CoordinatorStanding, ...because: Parameters<typeof abort>): CoordinatorProtocolStep =>
    at(standing, stage, PERSIST, abort(...because));

  async function received(
    standing: CoordinatorStanding,
    { type, body }: Frame,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    switch (type) {
      case FRAME.entry:
        return takeEntry(standing, body, nowMs);
      case FRAME.cosignature:
        return takeSignature(standing, body, nowMs);
      case FRAME.commitment:
        return takeCommitment(standing, body, nowMs);
      case FRAME.reveal:
        return takeReveal(standing, body, nowMs);
      default:
        throw new ProtocolViolation('E_PHASE', `${type} while ${stage.at}`);
    }
  }

  async function takeEntry(
    standing: CoordinatorStanding,
    body: Uint8Array,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    const [encoded = empty, witnessed = empty, viewed = empty] = decodeList(body, 'an announcement', 3);
    const entry = decodeEntry(encoded);
    const { memberId } = entry.certificate;
    if (stage.at !== 'gathering') {
      // Who repeats itself may have missed what was said since.
      if (isListed(stage, memberId, encoded)) return at(standing, stage, ...tellAgain(setup, stage, [memberId]));
      throw new ProtocolViolation('E_LATE', 'the roster is fixed');
    }
    const owners = await ownersWith(env, stage, entry, nowMs);
    const sizes = [readNumber(witnessed, 'a size'), readNumber(viewed, 'a size')];
    const seen = [...new Set([...stage.seen, ...sizes.filter((size) => size > 0 && size <= standing.book.tree.size)])];
    return at(
      standing,
      { at: 'gathering', entries: new Map(stage.entries).set(memberId, entry), owners, seen },
      PERSIST,
    );
  }

  async function takeSignature(
    standing: CoordinatorStanding,
    body: Uint8Array,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    const reader = new CanonicalReader(body, 'a co-signature');
    const [witness, size] = [reader.member('witness'), reader.u64('size')];
    const cosignature = { witness, signature: reader.fixed('signature', SIGNATURE_BYTES) };
    reader.finish();
    // Late ones, of a head that has enough.
    if (stage.at !== 'logging the roster' && stage.at !== 'logging the commitments') return at(standing, stage);
    if (size !== stage.pending.head.size) return at(standing, stage);
    const pending = await takeCosignature(setup, stage.pending, cosignature);
    if (!isCosigned(setup, pending)) return at(standing, { ...stage, pending }, PERSIST);
    const place = placeOf(pending);
    if (stage.at === 'logging the roster') {
      const prepared: Prepared = { roster: stage.roster, place };
      const next: Stage = { at: 'committing', prepared, messages: new Map(), seen: stage.seen };
      return at(standing, next, PERSIST, ...tellAgain(setup, next, namesOf(stage.roster)));
    }
    const { prepared, messages, seen } = stage;
    const told = encodeList(encodePlace(place), ...messages.values());
    const next: Stage = { at: 'revealing', prepared, commitments: messages, told, messages: new Map(), seen };
    return ifAllRevealed(standing, next, nowMs, tellAgain(setup, next, namesOf(prepared.roster)));
  }

  async function takeCommitment(
    standing: CoordinatorStanding,
    body: Uint8Array,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    if (stage.at !== 'committing') return repeated(standing, BEACON_COMMIT, body);
    const { prepared } = stage;
    const message = await verified(prepared.roster, BEACON_COMMIT, body);
    const messages = withMessage(stage.messages, message.sender, body);
    if (messages === stage.messages) return at(standing, stage);
    gatherCommitments(primitives, open, rootOf(primitives, setup, prepared.roster), [message]);
    const next: Stage = { ...stage, messages };
    if (messages.size < prepared.roster.members.length) return at(standing, next, PERSIST);
    return logCommitments(standing, next, nowMs);
  }

  async function takeReveal(
    standing: CoordinatorStanding,
    body: Uint8Array,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    if (stage.at !== 'revealing') return repeated(standing, BEACON_REVEAL, body);
    const message = await verified(stage.prepared.roster, BEACON_REVEAL, body);
    if (!stage.commitments.has(message.sender)) {
      throw new ProtocolViolation('E_BEACON', `${message.sender} reveals what it did not commit to in this list`);
    }
    const messages = withMessage(stage.messages, message.sender, body);
    if (messages === stage.messages) return at(standing, stage);
    return ifAllRevealed(standing, { ...stage, messages }, nowMs, []);
  }

  async function ifAllRevealed(
    standing: CoordinatorStanding,
    next: At<'revealing'>,
    nowMs: number,
    sends: readonly Output<never>[],
  ): Promise<CoordinatorProtocolStep> {
    const { prepared, commitments, messages } = next;
    const { roster } = prepared;
    if (messages.size < commitments.size) return at(standing, next, PERSIST, ...sends);
    const reveals = await Promise.all([...messages.values()].map((one) => verified(roster, BEACON_REVEAL, one)));
    const list = await gathered(prepared.roster, commitments);
    const rule = { allowed: new Set(namesOf(roster)), atLeast: 1 };
    const beacon = drawBeacon(primitives, list, reveals, rule);
    if (beacon.kind === 'aborted')
      return left(standing, beacon.code, beacon.reason, commitments.size > 0 ? namesIn(beacon.members) : []);
    const told = encodeList(...messages.values());
    const begun = await begin(standing, { ...prepared, beacon }, nowMs);
    const tell = namesOf(roster).map((name) => send(toMember(name), FRAME.reveals, told));
    const [first, ...others] = begun.outputs;
    // Stored first: what begins has no second beacon.
    const outputs = first?.kind === 'persist' ? [first, ...tell, ...others] : [PERSIST, ...tell, ...begun.outputs];
    return { ...begun, outputs };
  }

  const namesIn = (members: readonly string[]): readonly MemberId[] => {
    const known = stage.at === 'revealing' ? namesOf(stage.prepared.roster) : [];
    return known.filter((name) => members.includes(name));
  };

  /** What was said before, again: its sender may have missed the answer. */
  function repeated(standing: CoordinatorStanding, kind: MessageKind, body: Uint8Array): CoordinatorProtocolStep {
    const { sender } = decodeMessage(body, BEACON_BODY_BYTES_AT_MOST);
    const kept = stage.at === 'revealing' && kind === BEACON_COMMIT ? stage.commitments.get(sender) : undefined;
    const other = stage.at === 'logging the commitments' ? stage.messages.get(sender) : undefined;
    if (kept !== undefined && sameBytes(kept, body)) return at(standing, stage, ...tellAgain(setup, stage, [sender]));
    if (other !== undefined && sameBytes(other, body)) return at(standing, stage);
    throw new ProtocolViolation(stage.at === 'gathering' ? 'E_PHASE' : 'E_LATE', `${kind.type} while ${stage.at}`);
  }

  async function close(standing: CoordinatorStanding, nowMs: number): Promise<CoordinatorProtocolStep> {
    switch (stage.at) {
      case 'gathering': {
        const fewest = Math.max(fewestOf(setup), 2);
        if (stage.entries.size < fewest) {
          return left(standing, 'E_TOO_FEW', `${stage.entries.size} take part, ${fewest} are needed`);
        }
        const away = awayFromCommittee(setup, [...stage.entries.keys()]);
        if (away.length > 0) {
          return left(standing, 'E_COMMITTEE', `${away.length} of the committee do not take part`, away);
        }
        const roster = rosterOf(primitives, open, keyCountOf(setup), [...stage.entries.values()]);
        const entry = entryOf(primitives, setup, open, { roster });
        return logged(standing, entry, nowMs, (pending) => ({
          at: 'logging the roster',
          roster,
          pending,
          seen: stage.seen,
        }));
      }
      case 'logging the roster':
      case 'logging the commitments': {
        const missing = setup.log.witnesses.filter((one) => !stage.pending.cosignatures.has(one.memberId));
        const names = missing.map((one) => one.memberId);
        return left(standing, 'E_LOG', `${names.length} witnesses did not co-sign the log, too many`, names);
      }
      case 'committing':
        if (stage.messages.size === 0) return left(standing, 'E_BEACON', 'nobody contributes to the beacon');
        return logCommitments(standing, stage, nowMs);
      case 'revealing': {
        const missing = [...stage.commitments.keys()].filter((name) => !stage.messages.has(name));
        return left(standing, 'E_BEACON', `${missing.length} contributors did not reveal`, missing);
      }
      default:
        return stage satisfies never;
    }
  }

  async function logCommitments(
    standing: CoordinatorStanding,
    { prepared, messages, seen }: At<'committing'>,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    const entry = commitmentsEntry(await gathered(prepared.roster, messages));
    return logged(standing, entry, nowMs, (pending) => ({
      at: 'logging the commitments',
      prepared,
      messages,
      pending,
      seen,
    }));
  }

  /** In the log, and before the witnesses. */
  async function logged(
    standing: CoordinatorStanding,
    entry: LogEntry,
    nowMs: number,
    next: (pending: PendingEntry) => Stage,
  ): Promise<CoordinatorProtocolStep> {
    const { size } = standing.book.tree;
    const seen = size > 0 ? [...new Set([...stage.seen, size])] : stage.seen;
    const { book, pending } = await logEntry(setup, standing.book, entry, seen, nowMs);
    const later: Stage = { ...next(pending), seen };
    return at(Object.freeze({ ...standing, book }), later, PERSIST, ...askWitnesses(setup, pending));
  }

  async function gathered(roster: Roster, messages: Messages): Promise<Commitments> {
    const checked = await Promise.all([...messages.values()].map((one) => verified(roster, BEACON_COMMIT, one)));
    return gatherCommitments(primitives, open, rootOf(primitives, setup, roster), checked);
  }

  async function verified(roster: Roster, kind: MessageKind, bytes: Uint8Array): Promise<VerifiedMessage> {
    const message = decodeMessage(bytes, BEACON_BODY_BYTES_AT_MOST);
    const sender = roster.entries[roster.indexOf.get(message.sender) ?? -1]?.certificate;
    if (sender === undefined) throw new ProtocolViolation('E_ROSTER', `${message.sender} is not in the roster`);
    return verifyMessage(primitives, message, { ...kind, context: open, sender });
  }

  return Object.freeze<CoordinatorProtocol>({
    kind: 'preparing',
    phase: stage.at,
    isComplete: stage.at === 'gathering' && setup.admitted !== undefined && stage.entries.size === setup.admitted.size,
    received,
    close,
    askAgain: async () => tellAgain(setup, stage, silent(stage)),
    end: () => undefined,
    store: () => storeStage(stage),
  });
}

export function restorePreparing(
  env: CoordinatorEnvironment,
  begin: BeginProtocol,
  stored: Uint8Array,
): CoordinatorProtocol {
  return preparing(env, begin, readStage(env, stored));
}
