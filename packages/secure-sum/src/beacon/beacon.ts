// Randomness that nobody chose, the coordinator least of all: after the roster is logged, contributors commit to 32 random bytes
// each; when the list of commitments is logged, they reveal; the beacon is the hash of all. With one honest contributor it was
// unpredictable when the roster was fixed, so graph, committee and challenges cannot be ground.
//
//   commitment = SHA-256("sumus/1/beacon-commitment" ‖ ctx0 ‖ rosterRoot ‖ member ‖ contribution)
//   beacon     = SHA-256("sumus/1/beacon" ‖ ctx0 ‖ rosterRoot ‖ commitmentsHash ‖ contributions in the order of members)
//
// How many draws somebody may choose among is bounded, not one. Under one roster an honest contributor reveals for one list. Of n who
// may contribute, c of them corrupt, every list of a or more takes a − c honest ones: at most (n − c)/(a − c) lists are drawn, one if
// 2a > n + c, which is what contributorRule asks. And who sees all others' contributions and holds back its own, or a coordinator that
// drops a reveal, forces another attempt, in another context: somebody is named each time, and the participants' limit of rounds a day
// is the bound (docs/decisions/beacon-by-participants.md).

import {
  CanonicalReader,
  CanonicalWriter,
  compareNames,
  delimited,
  type MemberId,
  sameBytes,
} from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import { ProtocolViolation, type RoundAborted } from '../errors.ts';
import { committeeQuorum, corruptAmong, type Floors } from '../floors/index.ts';
import type { LogEntry } from '../log/index.ts';
import { encodeMessage, type MessageKind, type VerifiedMessage } from '../messages/index.ts';
import { HASH_BYTES, type Hashing } from '../primitives.ts';

export const CONTRIBUTION_BYTES = 32;
export const BEACON_BODY_BYTES: number = HASH_BYTES + CONTRIBUTION_BYTES;

/** Body: rosterRoot ‖ commitment. */
export const BEACON_COMMIT: MessageKind = Object.freeze({ phase: 0, type: 'beacon/commit' });
/** Body: commitmentsHash ‖ contribution. */
export const BEACON_REVEAL: MessageKind = Object.freeze({ phase: 0, type: 'beacon/reveal' });

/** Checked commitments of one round, one a contributor. */
export interface Commitments {
  readonly kind: 'commitments';
  readonly context: OpenContext;
  readonly rosterRoot: Uint8Array;
  /** What is logged before anybody reveals. */
  readonly hash: Uint8Array;
  /** In the order of members. */
  readonly list: readonly { readonly memberId: MemberId; readonly commitment: Uint8Array }[];
}

export interface Beacon {
  readonly kind: 'beacon';
  /** 32 bytes, public. */
  readonly value: Uint8Array;
  readonly rosterRoot: Uint8Array;
  readonly commitmentsHash: Uint8Array;
}

export const commitmentTo = (
  primitives: Hashing,
  {
    context,
    rosterRoot,
    memberId,
  }: { readonly context: OpenContext; readonly rosterRoot: Uint8Array; readonly memberId: MemberId },
  contribution: Uint8Array,
): Uint8Array =>
  primitives.sha256(delimited('sumus/1/beacon-commitment', context.hash, rosterRoot, memberId, contribution));

/** From the verified commit messages; refuses a second one of a member, and one for another roster. */
export function gatherCommitments(
  primitives: Hashing,
  context: OpenContext,
  rosterRoot: Uint8Array,
  messages: readonly VerifiedMessage[],
): Commitments {
  const list = messages.map((message) => {
    requireKind(context, message, BEACON_COMMIT);
    const { first, second: commitment } = decodeBeaconBody(message.body);
    if (!sameBytes(first, rosterRoot)) {
      throw new ProtocolViolation('E_BEACON', `${message.sender} commits for another roster`, {
        evidence: [encodeMessage(message)],
      });
    }
    return { memberId: message.sender, commitment };
  });
  list.sort((a, b) => compareNames(a.memberId, b.memberId));
  requireDistinct(list.map((one) => one.memberId));
  const fields = list.flatMap(({ memberId, commitment }) => [memberId, commitment]);
  const hash = primitives.sha256(
    delimited('sumus/1/beacon-commitments', context.hash, rosterRoot, delimited(...fields)),
  );
  return Object.freeze({ kind: 'commitments', context, rosterRoot, hash, list });
}

/** Whose contributions a participant counts: its own rule, from its charter or roster, never the coordinator's word. */
export interface ContributorRule {
  readonly allowed: ReadonlySet<MemberId>;
  readonly atLeast: number;
}

/**
 * A participant's rule: of those who may contribute so many that any two lists share an honest one, and no fewer than its floors ask for.
 * All who are in a list must reveal: where many take part, let a few that are there (silos, witnesses) contribute.
 */
export function contributorRule(
  floors: Pick<Floors, 'minimumBeaconContributors' | 'corruptFraction'>,
  allowed: Iterable<MemberId>,
): ContributorRule {
  const all: ReadonlySet<MemberId> = new Set(allowed);
  const quorum = committeeQuorum(all.size, corruptAmong(floors, all.size));
  return Object.freeze({ allowed: all, atLeast: Math.max(floors.minimumBeaconContributors, quorum) });
}

/** Everybody who takes a beacon checks this, and whoever reveals does before: invented contributors, or too few, are no randomness. */
export function requireContributors({ list }: Commitments, { allowed, atLeast }: ContributorRule): void {
  const stranger = list.find(({ memberId }) => !allowed.has(memberId));
  if (stranger !== undefined) {
    throw new ProtocolViolation('E_BEACON', `${stranger.memberId} is none of those who may contribute to the beacon`);
  }
  if (!(list.length >= atLeast)) {
    throw new ProtocolViolation('E_FLOOR', `${list.length} contributors to the beacon, at least ${atLeast} are wanted`);
  }
}

/** What the log keeps of a roster, of the commitments and of the beacon: in this order. */
export const rosterEntry = (context: OpenContext, rosterRoot: Uint8Array): LogEntry => ({
  kind: 'roster',
  contextHash: context.hash,
  content: rosterRoot,
});
export const commitmentsEntry = ({ context, hash }: Commitments): LogEntry => ({
  kind: 'beacon commitments',
  contextHash: context.hash,
  content: hash,
});

/**
 * The beacon, or which members hold back their contributions. A contribution that does not fit its commitment convicts its sender.
 * `rule`: the drawer's own; a beacon of nobody, or of members that the coordinator invented, is none (attack 11).
 */
export function drawBeacon(
  primitives: Hashing,
  commitments: Commitments,
  reveals: readonly VerifiedMessage[],
  rule: ContributorRule,
): Beacon | RoundAborted {
  requireContributors(commitments, rule);
  const { context, rosterRoot, hash, list } = commitments;
  const byMember = new Map<MemberId, Uint8Array>();
  requireDistinct(reveals.map((one) => one.sender));
  for (const message of reveals) {
    requireKind(context, message, BEACON_REVEAL);
    const memberId = message.sender;
    const { first, second: contribution } = decodeBeaconBody(message.body);
    const committed = list.find((one) => one.memberId === memberId);
    const fits =
      committed !== undefined &&
      sameBytes(first, hash) &&
      sameBytes(commitmentTo(primitives, { context, rosterRoot, memberId }, contribution), committed.commitment);
    if (!fits) {
      throw new ProtocolViolation('E_BEACON', `${memberId} reveals what it did not commit to in this list`, {
        evidence: [encodeMessage(message)],
      });
    }
    byMember.set(memberId, contribution);
  }
  const missing = list.filter(({ memberId }) => !byMember.has(memberId)).map(({ memberId }) => memberId);
  if (missing.length > 0) {
    const reason = `${missing.length} of ${list.length} contributors did not reveal`;
    return Object.freeze({ kind: 'aborted', code: 'E_BEACON', reason, members: missing });
  }
  const contributions = list.map(({ memberId }) => byMember.get(memberId)!);
  const value = primitives.sha256(delimited('sumus/1/beacon', context.hash, rosterRoot, hash, ...contributions));
  return Object.freeze({ kind: 'beacon', value, rosterRoot, commitmentsHash: hash });
}

export function encodeBeaconBody(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(BEACON_BODY_BYTES)
    .fixed('first', first, HASH_BYTES)
    .fixed('second', second, CONTRIBUTION_BYTES)
    .finish();
}

function decodeBeaconBody(body: Uint8Array): { readonly first: Uint8Array; readonly second: Uint8Array } {
  const reader = new CanonicalReader(body, 'a message of the beacon');
  const first = reader.fixed('what it belongs to', HASH_BYTES);
  const second = reader.fixed('commitment or contribution', CONTRIBUTION_BYTES);
  reader.finish();
  return { first, second };
}

function requireKind(context: OpenContext, message: VerifiedMessage, { phase, type }: MessageKind): void {
  if (!sameBytes(message.contextHash, context.hash)) {
    throw new ProtocolViolation('E_CTX', `${message.type} of ${message.sender} belongs to another context`);
  }
  if (message.phase !== phase || message.type !== type) {
    throw new ProtocolViolation('E_PHASE', `${message.type} of ${message.sender} where ${type} is expected`);
  }
}

function requireDistinct(members: readonly MemberId[]): void {
  const seen = new Set<MemberId>();
  for (const member of members) {
    if (seen.has(member)) throw new ProtocolViolation('E_DUPLICATE', `${member} contributes twice to the beacon`);
    seen.add(member);
  }
}
