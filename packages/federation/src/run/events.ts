// What happened in a run, as the coordinator's append-only log has it: plain JSON, one event after the other. The store keeps it, and the
// dashboard, the replay, the ledger and the audit read it; the coordinator's state is what fold.ts makes of it, and nothing else is kept.
// What is large (frames of a sum, a published sum, a model) is named by its SHA-256 and lies beside the log. Blobs of frames are looked
// at while their round is open and never again once it is closed; of the others only the newest model is needed to go on.
//
// Nothing in an event is secret: the coordinator never had one. Events of one answer of the coordinator are appended together or not at
// all: "the round is over", "this is its sum" and "the ledger says so" are one event.

import type { LedgerRecord, PublishedSum } from '../ledger/index.ts';
import type { SignedPlan } from '../plan/plan-file.ts';

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
  | DrawRevealed
  | OrderDrawn
  | RoundOpened
  | FrameTaken
  | LateFrame
  | MemberSatOut
  | ReleaseReported
  | PhaseClosed
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
}

/** Its certificate holds, and the plan was offered to it. */
export interface MemberJoined extends Caused {
  readonly kind: 'member joined';
  /** As secure-sum writes it, hexadecimal. */
  readonly certificate: string;
}

export interface PlanAcceptedByMember extends Caused {
  readonly kind: 'plan accepted by member';
  /** SHA-256 of what it will reveal for the draw of orders and cohorts, hexadecimal. */
  readonly commitment: string;
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

/** Nobody but these takes part until members change again, which is between two rounds. In the order of their names. */
export interface RunStarted extends At {
  readonly kind: 'run started';
  readonly members: readonly string[];
}

export interface DrawRevealed extends Caused {
  readonly kind: 'draw revealed';
  readonly value: string;
}

/** What orders and cohorts follow from until members change: SHA-256 of all that was revealed, hexadecimal. */
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
  /** SHA-256 of that model, hexadecimal; participants compare it with their own. */
  readonly modelHash: string;
  /** Whose contributions are awaited, in the order of their turns where there are turns. */
  readonly members: readonly string[];
}

/** A message of the sum under way was handed to its protocol. */
export interface FrameTaken extends Caused {
  readonly kind: 'frame taken';
  readonly round: number;
  readonly frame: BlobName;
}

/** A frame for a round that was over, or that its protocol refused: numbered, not used. */
export interface LateFrame extends Caused {
  readonly kind: 'late frame';
  readonly round: number;
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
}

/** A phase of the sum under way is over: everybody answered, or the time was up. */
export interface PhaseClosed extends At {
  readonly kind: 'phase closed';
  readonly round: number;
  readonly why: 'everybody answered' | 'time is up';
}

/** The sum was opened and the next model made, at once. Nothing opens this point again. */
export interface Released extends At {
  readonly kind: 'released';
  readonly round: number;
  readonly flush: number;
  /** Of the model that came out: one more than that of the round. */
  readonly version: number;
  /** Null where sums are opened to participants alone. */
  readonly modelHash: string | null;
  readonly sum: BlobName | null;
  readonly model: BlobName | null;
  readonly contributors: readonly string[];
  /** What each of them sent, by hash: what receipts are made of. */
  readonly contributions: readonly string[];
  readonly published: PublishedSum;
  readonly record: LedgerRecord;
  /** Of enough units, by name; empty where there were too few. */
  readonly metrics: readonly ReleasedMetric[];
}

export interface ReleasedMetric {
  readonly name: string;
  readonly value: number;
  readonly units: number;
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
  | 'members disagree'
  | 'stopped by its owner';

export interface RunEnded extends At {
  readonly kind: 'run ended';
  readonly why: EndOfRun;
  readonly text: string;
}
