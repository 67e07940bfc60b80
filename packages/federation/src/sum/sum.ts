// One sum under a protection, whatever it is: what a driver sees, on both sides. The protocols of secure-sum stand behind it, and
// everything they ask for around themselves: entering a round once, the roster and its place in the log, witnesses, the beacon, the committee
// or the key. A driver hands in bytes, words and time, carries outputs out in their order, and gets whole numbers back.
//
//   participant   openSum → (wantsWords: words) → received … → done { sum, contributors, contributed }     participant/machine.ts
//   coordinator   startSum → received … close … → done { sum or nothing, contributors, published }        coordinator/machine.ts
//
// Words in, words out: Int32Array of `encoding.words` numbers of at most 2^(valueBits − 1) − 1 in magnitude. `none` goes through the very same
// interface, so that sums with and without protection have the same bits. Public; no secret has a name here.

import type { RoundConfiguration } from '@sumus/secure-sum/context';
import type { Encoding as WordEncoding } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import type { RoundAborted } from '@sumus/secure-sum/errors';
import type { ThresholdProposal } from '@sumus/secure-sum/floors';
import type { MemberId, Revocations } from '@sumus/secure-sum/identity';
import type { LogTrust } from '@sumus/secure-sum/log';
import type { Coordinator } from '@sumus/secure-sum/one-shot/coordinator';
import type { VectorShape } from '@sumus/secure-sum/threshold/coordinator';
import type { Plan } from '../plan/plan.ts';

export type { MemberId } from '@sumus/secure-sum/identity';
export type { Output, Step } from '@sumus/secure-sum/machine';

/** What computes: words and masks, and polynomials. */
export interface SumEngines {
  readonly words: Engine;
  /** The lattice's engine, and the platform's primitives; a server's has randomness that it never draws from. */
  readonly lattice: Coordinator['lattice'];
}

/**
 * What all who take part in the sums of a run have agreed on: none of it is taken from a message of the coordinator. It goes into every
 * context: who was told another plan, model, support or encoding is in another round, and nothing of the two opens together.
 */
export interface SumAgreement {
  readonly plan: Plan;
  readonly projectId: string;
  /** The task of secure-sum: rounds are counted in it. */
  readonly runId: string;
  /** wordEncodingOf(plan), or one with counters for metrics: both sides hand in the same. */
  readonly encoding: WordEncoding;
  /** The enrolment authority's Ed25519 key: who is certified, is not the coordinator's choice. */
  readonly authority: Uint8Array;
  readonly revocations: Revocations;
  /** The log's key and its witnesses, who are participants. */
  readonly log: LogTrust;
  /** threshold: what thresholdKeyOf (of the participants' door) makes of the plan. A coordinator takes it from there; no other protection has it. */
  readonly key?: ThresholdKey | undefined;
  /** one-shot with a fixed committee: who sits in it; undefined: all who take part. Everybody has to be there when it is founded. */
  readonly committee?: readonly MemberId[] | undefined;
  /** Who may be in it; undefined: whoever the authority certified for this project. Anybody else in a roster ends the sum. */
  readonly admitted?: ReadonlySet<MemberId> | undefined;
}

/** Parameters of a shared key as far as they are everybody's. */
export interface ThresholdKey {
  readonly integers: VectorShape['integers'];
  readonly proposal: ThresholdProposal;
  /** Sums that one key opens. */
  readonly sums: number;
  readonly endsAtMs: number;
  readonly own: RoundConfiguration['own'];
}

/** One attempt at a sum. What was tried is never tried again: the next attempt, cohort or window counts `flush` or `round` up. */
export interface SumPoint {
  /** In [0, 2^53), rising in a run. */
  readonly round: number;
  /** In [0, 2^32): attempts and cohorts of one round. 0 under `asynchronous`, whose windows are rounds. */
  readonly flush: number;
  /** SHA-256 of the model that contributions of this round begin from. */
  readonly modelHash: Uint8Array;
  /**
   * Hash of the support of this round (secure-sum's supportHash); of the empty string where all coordinates take part. Under `asynchronous` the
   * same in all sums of an epoch: whoever changes the support between them puts it into the hash of the model.
   */
  readonly supportHash: Uint8Array;
  /**
   * Where one committee or key serves several sums (one-shot under `asynchronous`; threshold): the round in which it was founded, at most
   * `round`. The same as `round`: this sum founds a new one first; so it has to be after a sum of a key that was asked for and not opened, because
   * who answered for it answers nothing else. Whatever else ignores it.
   */
  readonly epoch: number;
  /** Under `asynchronous`: the models at the beginning of every sum since `epoch`, this round's last. Version 0 is that of the epoch. */
  readonly models?: readonly Uint8Array[] | undefined;
}

/** Who is in a sum. */
export interface SumContributor {
  readonly memberId: MemberId;
  /** SHA-256 of the bytes that it contributed: what ledgers and receipts name. */
  readonly contribution: Uint8Array;
}

/** What everybody may see of a sum, and both sides know alike. */
export interface OpenedSum {
  /** By name, each with one vector. */
  readonly contributors: readonly SumContributor[];
  /** 32 bytes that name what was opened: with the sum in it where it is opened to everyone, else with the certified set. */
  readonly result: Uint8Array;
}

export interface ParticipantSum extends OpenedSum {
  readonly point: SumPoint;
  /** Undefined where sums are opened to participants and this one's words are not in it: it cannot open it. */
  readonly sum: Int32Array | undefined;
  /** Whether this participant's words are in it. */
  readonly contributed: boolean;
  /** SHA-256 of what this participant contributed, whether it is in this sum or not; undefined where it never did. */
  readonly own: Uint8Array | undefined;
}

export interface CoordinatorSum extends OpenedSum {
  readonly point: SumPoint;
  /** Undefined where sums are opened to participants: then it is nowhere in the coordinator. */
  readonly sum: Int32Array | undefined;
  /** The sum for who was away when it was opened: readPublished. Undefined where sums are opened to participants. */
  readonly published: Uint8Array | undefined;
}

/**
 * What happens to a participant's machine. It ends with `done`, or with `abort`: also when the sum was opened before it had contributed, where the
 * protocol shows it to nobody else (mask). Whoever has no sum of a round that was opened reads what the coordinator published (readPublished).
 */
export type ParticipantSumEvent =
  /** Bytes from the coordinator. */
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /**
   * What this participant adds, when wantsWords says so. Copied nowhere but under its protection; the caller's to wipe. `version`: under
   * `asynchronous`, the place in `models` of the model that it trained from; the last unless told.
   */
  | { readonly kind: 'words'; readonly words: Int32Array; readonly version?: number | undefined }
  /** It has nothing to add to this sum. Under one-shot and threshold it still helps to open it. */
  | { readonly kind: 'abstain' }
  /** After a restart, or when a message may be lost: the last ones again, the same bytes. */
  | { readonly kind: 'resume' }
  /** A deadline, or the owner's will: wipes what this sum alone has, sends nothing. */
  | { readonly kind: 'give up'; readonly reason: string };

/** What happens to the coordinator's machine. */
export type CoordinatorSumEvent =
  /** Bytes from a participant. */
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /** The phase is over: everybody answered (isComplete), or its time is up. Ends the sum where too few did. */
  | { readonly kind: 'close' }
  /** What the present phase told members, once more: the same bytes, to who has not answered. */
  | { readonly kind: 'ask again' }
  /** The driver's will: the sum ends here, without one. */
  | { readonly kind: 'give up'; readonly reason: string };

/** In what order a sum goes, for people: every protection skips what it does not need. */
export type SumPhase =
  /** Who takes part says so, with fresh keys. */
  | 'gathering'
  /** Witnesses co-sign the log with the roster in it. */
  | 'logging the roster'
  /** The beacon: all commit, the list is logged, all reveal. */
  | 'committing'
  | 'logging the commitments'
  | 'revealing'
  /** threshold: the members make a key; it is logged. */
  | 'founding'
  | 'logging the key'
  /** mask: secrets are shared out. */
  | 'sharing'
  /** Words come in, each under its protection. */
  | 'contributing'
  /** mask: who lives; one-shot: a quorum signs the set; threshold: t members promise. */
  | 'agreeing'
  | 'opening'
  | 'done'
  | 'aborted';

/** How a sum ended without one. */
export type SumAborted = RoundAborted;
