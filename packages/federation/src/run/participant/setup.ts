// What a participant of a run is started with, what happens to it, what it answers with, and where it stands. Participants only. States hold
// secrets in the clear (a residual, shares of a sum, the value of a draw): they are stored where their owner alone reads, or not at all.

import type { Recipe } from '@sumus/dataset/prepare';
import type { Certificate, Revocations } from '@sumus/secure-sum/identity';
import type { Evidence, Persist, Send } from '@sumus/secure-sum/machine';
import type { Signer } from '@sumus/secure-sum/primitives';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import type { LocalStatistics } from '../../contribution/contribution.ts';
import type { KeptInTheClear } from '../../contribution/kept.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { VerifiedPlan } from '../../plan/identity.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Refusal } from '../../policy/refusal.ts';
import type { PublishedMetric } from '../../release/metrics.ts';
import type { Published } from '../../release/published.ts';
import type { SecretStanding } from '../../sum/participant/standing.ts';
import type { SecretSum } from '../../sum/participant/state.ts';
import type { ParticipantSum, SumAgreement, SumEngines, SumPoint } from '../../sum/sum.ts';
import type { LocalResult } from '../../training/local-training.ts';
import type { RandomBytes } from '../../training/own-randomness.ts';
import type { EndOfRun } from '../events.ts';

export interface ParticipantSetup {
  readonly primitives: SecretPrimitives;
  readonly engines: SumEngines;
  readonly signer: Signer;
  readonly certificate: Certificate;
  readonly revocations: Revocations;
  /** Pinned, as the invitation says them: nothing here is taken from a message. */
  readonly projectId: string;
  readonly runId: string;
  /** The coordinator's Ed25519 key. */
  readonly coordinator: Uint8Array;
  readonly policy: Policy;
  /** Which of its data sets it would use, by the policy's name. */
  readonly dataset: string;
  readonly messageBytesAtMost: number;
  /**
   * For what it contributes alone: the choice, the rounding and the noise. From primitives.randomBytes unless told apart, as simulations do,
   * which compare protections: their keys then draw from elsewhere.
   */
  readonly contributionBytes?: RandomBytes | undefined;
}

export type ParticipantInput =
  /** Asks to be a member. */
  | { readonly kind: 'begin' }
  /** Bytes from the coordinator. */
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /** What came of a task to train. */
  | { readonly kind: 'trained'; readonly task: number; readonly result: LocalResult | LocalStatistics }
  /** After a restart, or when something may be lost: what was not acknowledged again, and the question what comes next. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'leave'; readonly reason: string };

/** Work for whoever has the data: @sumus/federation/worker does it. */
export interface Train {
  readonly kind: 'train';
  /** Comes back with its result. The same one may be asked for again after a restart. */
  readonly task: number;
  readonly round: number;
  readonly version: number;
  readonly work:
    | {
        readonly kind: 'update';
        readonly start: Float32Array;
        readonly drift: Float32Array | undefined;
        /** What makes numbers of a table, where the plan is about one. */
        readonly recipe?: Recipe | undefined;
      }
    | {
        readonly kind: 'statistics';
        /** `columns`: those of the table, before the first round. Left out: of the records, in a plan of one round. */
        readonly of?: 'columns' | undefined;
        readonly recipe?: Recipe | undefined;
      };
}

/** For people: nothing that a program has to act on. */
export interface Note {
  readonly kind: 'note';
  readonly text: string;
  /** Why this participant refuses, in the words that are for itself. */
  readonly refusals: readonly Refusal[];
}

/** A sum was opened, checked, and became the next model. */
export interface NewModel {
  readonly kind: 'new model';
  readonly round: number;
  readonly published: Published;
  readonly contributors: number;
  readonly metrics: readonly PublishedMetric[];
  /** Whether this participant is in it. */
  readonly contributed: boolean;
}

export interface RunOver {
  readonly kind: 'run over';
  /** Null where this participant left by itself. */
  readonly why: EndOfRun | null;
  readonly text: string;
}

/** In order. `persist`: storeParticipantInTheClear of the new state is on disk before what follows is sent. */
export type ParticipantOutput = Persist | Send | Evidence | Train | Note | NewModel | RunOver;

export type Standing = 'outside' | 'asking' | 'accepted' | 'declined' | 'left' | 'over';

/** What was drawn with the others, and its own part of it. */
export interface OwnDraw {
  /** Certificates as they travel, in the order of names. */
  readonly certificates: readonly string[];
  readonly members: readonly string[];
  /** Secret until it is revealed; undefined for who came later. */
  readonly value: string | undefined;
  readonly commitments: readonly string[] | undefined;
  readonly draw: string | undefined;
}

export interface OpenRound {
  readonly round: number;
  readonly version: number;
  /** Whose contributions are awaited. */
  readonly members: readonly string[];
  readonly point: SumPoint;
  /** Undefined where this participant only follows. */
  readonly own: OwnRound | undefined;
}

export interface OwnRound {
  readonly agreement: SumAgreement;
  /** Who is in this sum: everybody of the round, or the own cohort. */
  readonly summing: readonly string[];
  readonly sum: SecretSum;
  readonly opened: ParticipantSum | undefined;
  /** Whether its words are wanted from it, are in, or will not come. */
  readonly words: 'not its turn' | 'awaited' | 'in' | 'none';
  /** What it keeps if the round succeeds. */
  readonly keptAfter: KeptInTheClear | undefined;
}

export interface OwnSums {
  readonly standing: SecretStanding;
  readonly agreement: SumAgreement;
  readonly certificates: readonly string[];
}

/** Sent, and in no sum yet: what came after a buffer was full is taken by the next one, unless its model is too old by then. */
export interface InFlight {
  /** Of the model that it was made from. */
  readonly version: number;
  /** What to go on with once a sum has it. */
  readonly keptAfter: KeptInTheClear;
}

/** Work under way, or its result that waits for its sum. */
export interface OwnWork {
  readonly task: number;
  readonly round: number;
  /** What it starts from. */
  readonly from: Published;
  readonly result: LocalResult | LocalStatistics | undefined;
}

export interface Asked {
  readonly chapter: number;
  readonly heard: number;
  /** Null before there was a model, or a draw: without both no round is begun. */
  readonly version: number | null;
  readonly draw: string | null;
  /** The chapter of the message that showed it that something is missing. */
  readonly seen: number;
  readonly atMs: number;
}

export interface ParticipantInTheClear {
  readonly standing: Standing;
  readonly signed: VerifiedPlan | undefined;
  readonly ledger: Ledger;
  /** The number of its next message, and those that the coordinator has not acknowledged. */
  readonly next: number;
  readonly unacknowledged: readonly { readonly number: number; readonly type: string; readonly bytes: Uint8Array }[];
  /** Where it is in what the coordinator says. */
  readonly chapter: number;
  readonly heard: number;
  /** Where it was when it last asked what is missing. Of this life alone: after a restart it asks anyway. */
  readonly asked: Asked | undefined;
  readonly drawn: OwnDraw | undefined;
  readonly published: Published | undefined;
  readonly kept: KeptInTheClear;
  /** What the last sum left, and under which agreement; undefined before the first. */
  readonly sums: OwnSums | undefined;
  readonly open: OpenRound | undefined;
  readonly work: OwnWork | undefined;
  /** Words of an asynchronous run that wait for a sum to take them. */
  readonly inFlight: InFlight | undefined;
  /** Tasks so far. */
  readonly tasks: number;
}

export interface ParticipantStep {
  readonly state: ParticipantInTheClear;
  readonly outputs: readonly ParticipantOutput[];
}
