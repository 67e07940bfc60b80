// A contributor to the beacon: idle → committed → revealed. It commits only after it saw the roster in the log, reveals only after
// it saw the list of commitments there with its own in it, and reveals for one list, ever. Asked again for the same list, it
// answers the same; for another, never: two lists would let the coordinator pick the better beacon.

import { CanonicalReader, CanonicalWriter, type MemberId, sameBytes } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import { ProtocolViolation } from '../errors.ts';
import type { LoggedEntry } from '../log/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { SecretBytes } from '../secret-bytes.ts';
import { freshSecretBytes, type SecretPrimitives } from '../secret-primitives.ts';
import {
  BEACON_BODY_BYTES,
  CONTRIBUTION_BYTES,
  type Commitments,
  type ContributorRule,
  commitmentTo,
  encodeBeaconBody,
  requireContributors,
} from './beacon.ts';

export interface CommittedContributor {
  readonly kind: 'committed';
  readonly memberId: MemberId;
  readonly context: OpenContext;
  readonly rosterRoot: Uint8Array;
  readonly secretContribution: SecretBytes;
}

export interface RevealedContributor {
  readonly kind: 'revealed';
  readonly memberId: MemberId;
  readonly context: OpenContext;
  readonly rosterRoot: Uint8Array;
  readonly commitmentsHash: Uint8Array;
  /** The body that was sent: public from then on. */
  readonly body: Uint8Array;
}

export type SecretContributor = CommittedContributor | RevealedContributor;

export interface ContributorStep<State> {
  /** To be stored before the body is signed and sent. */
  readonly state: State;
  /** Of BEACON_COMMIT or BEACON_REVEAL. */
  readonly body: Uint8Array;
}

export function commitToBeacon(
  primitives: SecretPrimitives,
  memberId: MemberId,
  context: OpenContext,
  roster: LoggedEntry,
): ContributorStep<CommittedContributor> {
  if (roster.kind !== 'roster' || !sameBytes(roster.contextHash, context.hash)) {
    throw new ProtocolViolation('E_LOG', `a ${roster.kind} of the log is not the roster of this context`);
  }
  const rosterRoot = roster.content;
  const contribution = freshSecretBytes(primitives, CONTRIBUTION_BYTES);
  const commitment = commitmentTo(primitives, { context, rosterRoot, memberId }, contribution);
  const secretContribution = new SecretBytes(contribution);
  contribution.fill(0);
  const state = Object.freeze({ kind: 'committed' as const, memberId, context, rosterRoot, secretContribution });
  return { state, body: encodeBeaconBody(rosterRoot, commitment) };
}

export function revealForBeacon(
  primitives: SecretPrimitives,
  state: SecretContributor,
  commitments: Commitments,
  logged: LoggedEntry,
  rule: ContributorRule,
): ContributorStep<RevealedContributor> {
  const { memberId, context, rosterRoot } = state;
  requireLoggedList(state, commitments, logged);
  switch (state.kind) {
    case 'revealed':
      if (!sameBytes(state.commitmentsHash, commitments.hash)) {
        throw new ProtocolViolation('E_EQUIV', 'a second list of commitments for one roster');
      }
      return { state, body: state.body };
    case 'committed': {
      requireContributors(commitments, rule);
      const contribution = state.secretContribution.exposeInTheClear();
      const own = commitments.list.find((one) => one.memberId === memberId);
      const commitment = commitmentTo(primitives, { context, rosterRoot, memberId }, contribution);
      if (own === undefined || !sameBytes(own.commitment, commitment)) {
        throw new ProtocolViolation('E_BEACON', `the commitment of ${memberId} is missing or altered`);
      }
      const body = encodeBeaconBody(commitments.hash, contribution);
      const commitmentsHash = commitments.hash;
      return { state: Object.freeze({ kind: 'revealed', memberId, context, rosterRoot, commitmentsHash, body }), body };
    }
    default:
      return state satisfies never;
  }
}

function requireLoggedList(
  { context, rosterRoot }: SecretContributor,
  commitments: Commitments,
  logged: LoggedEntry,
): void {
  if (!sameBytes(commitments.context.hash, context.hash)) {
    throw new ProtocolViolation('E_CTX', 'commitments of another context');
  }
  if (!sameBytes(commitments.rosterRoot, rosterRoot)) {
    throw new ProtocolViolation('E_BEACON', 'commitments for another roster');
  }
  const isThatEntry =
    logged.kind === 'beacon commitments' &&
    sameBytes(logged.contextHash, context.hash) &&
    sameBytes(logged.content, commitments.hash);
  if (!isThatEntry) throw new ProtocolViolation('E_LOG', 'the list of commitments is not what the log keeps');
}

const LABEL = 'sumus/1/beacon-contributor';
const COMMITTED = 0;
const REVEALED = 1;

/** With the contribution in the clear as long as it is secret: for storage that its owner alone reads. */
export function encodeContributorInTheClear(state: SecretContributor): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter()
    .name('a label', LABEL)
    .name('member', state.memberId)
    .fixed('context', state.context.hash, HASH_BYTES)
    .fixed('roster', state.rosterRoot, HASH_BYTES);
  switch (state.kind) {
    case 'committed':
      writer.u8('kind', COMMITTED);
      return state.secretContribution.with((bytes) => writer.fixed('contribution', bytes, CONTRIBUTION_BYTES).finish());
    case 'revealed':
      writer.u8('kind', REVEALED).fixed('commitments', state.commitmentsHash, HASH_BYTES);
      return writer.fixed('body', state.body, BEACON_BODY_BYTES).finish();
    default:
      return state satisfies never;
  }
}

/** `context`: the one it was stored under; refuses another's. */
export function decodeContributor(context: OpenContext, bytes: Uint8Array): SecretContributor {
  const reader = new CanonicalReader(bytes, 'the state of a contributor');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not the state of a contributor');
  const member = reader.member('member');
  if (!sameBytes(reader.fixed('context', HASH_BYTES), context.hash))
    reader.refuse('E_MALFORMED', 'belongs to another context');
  const rosterRoot = reader.fixed('roster', HASH_BYTES);
  if (reader.within('kind', 1, COMMITTED, REVEALED) === COMMITTED) {
    const contribution = reader.fixed('contribution', CONTRIBUTION_BYTES);
    reader.finish();
    const secretContribution = new SecretBytes(contribution);
    contribution.fill(0);
    return Object.freeze({ kind: 'committed', memberId: member, context, rosterRoot, secretContribution });
  }
  const commitmentsHash = reader.fixed('commitments', HASH_BYTES);
  const body = reader.fixed('body', BEACON_BODY_BYTES);
  reader.finish();
  return Object.freeze({ kind: 'revealed', memberId: member, context, rosterRoot, commitmentsHash, body });
}
