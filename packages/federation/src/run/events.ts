// What happened in a run, as the coordinator's append-only log has it: plain JSON, one event after the other. The store keeps it, and the
// dashboard, the replay, the ledger and the audit read it; the coordinator's state is what fold.ts makes of it, and nothing else is kept.
// What is large (frames of a sum, a published sum, a model) is named by its SHA-256 and lies beside the log. Blobs of frames are looked at until
// the chapter after their round's has begun, because a restart plays a chapter again, and never after that; nor when the run has ended. Of the
// others only the newest model is needed to go on.
//
// Nothing in an event is secret: the coordinator never had one. Events of one answer of the coordinator are appended together or not at
// all: "the round is over", "this is its sum" and "the ledger says so" are one event.

import type { LedgerRecord, PublishedSum } from '../ledger/index.ts';
import type { SignedPlan } from '../plan/plan-file.ts';
import type { PublishedMetric } from '../release/metrics.ts';
import type { SumPhase } from '../sum/sum.ts';

/** Bytes that lie beside the log. */
export interface BlobName {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Which message of a member brought something about: its messages are numbered from 0, and each counts once. */
export interface Cause {
  readonly member: string;
  readonly number: number;
}

export type RunEvent =
  | RunCreated
  | MemberJoined
  | PlanAcceptedByMember
  | PlanDeclined
  | MemberLeft
  | RunStarted
  | DrawCommitted
  | DrawRevealed
  | OrderDrawn
  | RoundOpened
  | FrameTaken
  | MessageIgnored
  | MemberSatOut
  | ReleaseReported
  | TurnPassed
  | PhaseClosed
  | CohortOpened
  | Released
  | RoundFailed
  | EvidenceFound
  | RunEnded;

export type RunEventKind = RunEvent['kind'];

interface At {
  /** The coordinator's clock when it happened. */
  readonly atMs: number;
}

/** By an answer to a message. */
interface Caused extends At {
  readonly cause: Cause;
}

export interface RunCreated extends At {
  readonly kind: 'run created';
  readonly runId: string;
  readonly projectId: string;
  readonly plan: SignedPlan;
  /** The coordinator's Ed25519 key, hexadecimal: it signs its messages, published sums and its ledger. */
  readonly coordinator: string;
  /** What is published before the first release: the first weights, which every participant computes from the plan's seed. */
  readonly modelHash: string;
  /** Null where sums are opened to participants alone. */
  readonly model: BlobName | null;
}

/** Its certificate holds, and the plan was offered to it. */
export interface MemberJoined extends Caused {
  readonly kind: 'member joined';
  /** As secure-sum writes it, hexadecimal. */
  readonly certificate: string;
}

export interface PlanAcceptedByMember extends Caused {
  readonly kind: 'plan accepted by member';
}

/** The reasons that the member tells, each with the path of the plan that would have to change. */
export interface PlanDeclined extends Caused {
  readonly kind: 'plan declined';
  readonly reasons: readonly Reason[];
  readonly record: LedgerRecord;
}

export interface Reason {
  readonly code: string;
  readonly path: string;
  readonly text: string;
}

/** By its own word (with a cause), or because the coordinator gives it up. */
export interface MemberLeft extends At {
  readonly kind: 'member left';
  readonly member: string;
  readonly cause: Cause | null;
  readonly reason: string;
}

/**
 * Nobody but these takes part until members change again, which is between two rounds. In the order of their names. They draw first: all
 * commit, then all reveal; who does not is given up, and the others start anew.
 */
export interface RunStarted extends At {
  readonly kind: 'run started';
  readonly members: readonly string[];
}

export interface DrawCommitted extends Caused {
  readonly kind: 'draw committed';
  /** SHA-256 of what it will reveal, hexadecimal. */
  readonly commitment: string;
}

export interface DrawRevealed extends Caused {
  readonly kind: 'draw revealed';
  readonly value: string;
}

/** What orders, cohorts, supports and rotations follow from until members change: the hash of all that was revealed, hexadecimal. */
export interface OrderDrawn extends At {
  readonly kind: 'order drawn';
  readonly value: string;
}

/** One attempt at a sum begins: a round that failed is followed by the next number, never by itself. */
export interface RoundOpened extends At {
  readonly kind: 'round opened';
  readonly round: number;
  /** Of the model that is trained from. */
  readonly version: number;
  /** Of that model as it is published, hexadecimal; participants compare it with their own. */
  readonly modelHash: string;
  /** Of the coordinates that are summed, hexadecimal: SumPoint's supportHash. */
  readonly supportHash: string;
  /** The round in which the committee or key that serves this one was founded: SumPoint's epoch. */
  readonly epoch: number;
  /** Whose contributions are awaited, in the order of their turns where there are turns. */
  readonly members: readonly string[];
  /** What the sum begins with. */
  readonly phase: SumPhase;
}

/** A message of the sum under way was handed to its protocol. */
export interface FrameTaken extends Caused {
  readonly kind: 'frame taken';
  readonly round: number;
  readonly frame: BlobName;
  /** That these were its words, and from which version of the model it made them. */
  readonly contributes: { readonly version: number } | null;
  /** Where the sum is now. */
  readonly phase: SumPhase;
}

/** A message that came too late, out of its turn, or that a protocol refused: numbered, and not used. */
export interface MessageIgnored extends Caused {
  readonly kind: 'message ignored';
  readonly why: string;
}

/** A member lets this round pass: its policy, its budget or too few data do not allow it. It stays in the run. */
export interface MemberSatOut extends Caused {
  readonly kind: 'member sat out';
  readonly round: number;
  readonly reasons: readonly Reason[];
  readonly record: LedgerRecord;
}

/** Where sums are opened to participants alone: which model a member came to. Members that differ are found out here. */
export interface ReleaseReported extends Caused {
  readonly kind: 'release reported';
  readonly version: number;
  readonly modelHash: string;
  /** Of the member's message, hexadecimal: shown to who was away, and takes over the model that others came to. */
  readonly signature: string;
}

/** A member let its turn pass: its time was up. */
export interface TurnPassed extends At {
  readonly kind: 'turn passed';
  readonly round: number;
  readonly member: string;
}

/** A phase of the sum under way is over: everybody answered, or the time was up. */
export interface PhaseClosed extends At {
  readonly kind: 'phase closed';
  readonly round: number;
  readonly phase: SumPhase;
  readonly next: SumPhase;
  readonly why: 'everybody answered' | 'time is up';
}

/** The sum of one cohort was opened; the next one's begins. Nothing of it is a model yet. */
export interface CohortOpened extends At {
  readonly kind: 'cohort opened';
  readonly round: number;
  /** Which: from 0. */
  readonly flush: number;
  readonly result: string;
  readonly sum: BlobName;
  readonly contributors: readonly string[];
  readonly contributions: readonly string[];
  readonly standing: BlobName;
  /** What the next sum begins with. */
  readonly next: SumPhase;
}

/** The sum was opened and the next model made, at once. Nothing opens this point again. */
export interface Released extends At {
  readonly kind: 'released';
  readonly round: number;
  /** Of the model that came out: one more than that of the round. */
  readonly version: number;
  /** Null where sums are opened to participants alone. */
  readonly modelHash: string | null;
  /** What was published: with cohorts, of the last one; the others are in events of their own. */
  readonly sum: BlobName | null;
  readonly model: BlobName | null;
  readonly contributors: readonly string[];
  /** What each of them sent, by hash: what receipts are made of. */
  readonly contributions: readonly string[];
  readonly published: PublishedSum;
  readonly record: LedgerRecord;
  /** What a sum leaves for the next one: the log, the committee, the key. All of it public. */
  readonly standing: BlobName;
  /** Those of the plan that have a floor of contributors in them; none where sums are opened to participants alone. */
  readonly metrics: readonly PublishedMetric[];
}

/** The round ended without a sum. Nothing of it is used again. */
export interface RoundFailed extends At {
  readonly kind: 'round failed';
  readonly round: number;
  readonly code: string;
  readonly reason: string;
  /** Who is named for it, where anybody is. */
  readonly members: readonly string[];
  readonly record: LedgerRecord;
  readonly standing: BlobName;
}

/** Somebody broke the rules, and this convinces others. */
export interface EvidenceFound extends At {
  readonly kind: 'evidence found';
  readonly round: number | null;
  readonly code: string;
  readonly reason: string;
  readonly accused: readonly string[];
  readonly messages: readonly BlobName[];
}

export type EndOfRun =
  | 'all rounds done'
  | 'loss stopped falling'
  | 'time is over'
  | 'too few members'
  | 'rounds keep failing'
  | 'the budget is spent'
  | 'members disagree'
  | 'stopped by its owner';

export interface RunEnded extends At {
  readonly kind: 'run ended';
  readonly why: EndOfRun;
  readonly text: string;
}
