// A plan: everything that the guarantee of a run rests on, in one frozen value. It says nothing by default: whoever writes a plan says
// all of it (template.ts fills in sane values), so that equal plans have equal bytes and one hash (identity.ts). What changes only speed
// is kept apart, in SpeedKnobs, and is not hashed. plan-schema.ts holds the same members to their ranges; the compiler refuses a schema
// that lacks one of them or has one more. What does not go together is refused by consistency.ts.

import type { Preparation } from './preparation.ts';

export interface Plan {
  readonly format: 'sumus/plan/1';
  readonly name: string;
  /** For people: why this run is done. */
  readonly purpose: string;
  readonly preparation: Preparation;
  readonly model: Model;
  readonly exchange: Exchange;
  readonly sharing: Sharing;
  readonly protection: Protection;
  /** `participants`: the server sees neither a sum nor a model; server optimisers then run at the participants. */
  readonly openedTo: 'everyone' | 'participants';
  readonly encoding: Encoding;
  readonly privacy: Privacy;
  readonly batching: Batching;
  readonly contributors: Contributors;
  readonly robustness: Robustness;
  readonly metrics: readonly Metric[];
  readonly deadline: Deadline;
  readonly stopping: Stopping;
}

/** What is trained. The architecture is learning's data value; participants recompute the count and the first weights themselves. */
export interface Model {
  readonly architecture: ArchitectureData;
  readonly parameterCount: number;
  /** First weights are a function of architecture and this. Public; it seeds nothing else. */
  readonly firstWeightsSeed: number;
  readonly loss: 'crossEntropy' | 'binaryCrossEntropy' | 'squaredError';
}

/** The shape of learning's ArchitectureLiteral; only a participant, who has learning, reads what is in the layers. */
export interface ArchitectureData {
  readonly input: readonly number[];
  readonly layers: readonly Readonly<Record<string, Json>>[];
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

// ── exchange: who trains when, and how contributions become the next model ──

export type Exchange = Synchronous | Turns | Asynchronous | OneRound;
export type Schedule = Exchange['schedule'];

interface Rounds {
  readonly localWork: LocalWork;
  readonly combine: Combine;
  readonly server: ServerOptimiser;
}

/** All together, once a round: everybody, or a cohort drawn from the beacon. */
export interface Synchronous extends Rounds {
  readonly schedule: 'synchronous';
  readonly cohort: { readonly kind: 'all' } | { readonly kind: 'sampled'; readonly size: number };
}

/** One after the other, in a fixed or in a fresh random order (Shokri and Shmatikov 2015). */
export interface Turns extends Rounds {
  readonly schedule: 'round-robin' | 'random-order';
  readonly release: Release;
}

/** Whenever ready. A release needs `buffer` contributions; older ones weigh less, and too old ones do not count. */
export interface Asynchronous extends Rounds {
  readonly schedule: 'asynchronous';
  readonly release: Release;
  readonly buffer: number;
  readonly staleness: {
    /** Versions of the model. */
    readonly atMost: number;
    /** Applied by the participant before encoding: 1, or (1 + versions)^(−1/2). */
    readonly weight: 'constant' | 'inverse-square-root';
  };
}

/** `cycle`: one release of the whole order (or buffer). `turn`: after every update, which shows that update to the next reader. */
export type Release =
  | { readonly after: 'cycle' }
  | { readonly after: 'turn'; readonly warning: 'every release shows the update of one participant' };

/** Sums of sufficient statistics instead of gradients: XᵀX and XᵀY of bounded features, once. */
export interface OneRound {
  readonly schedule: 'one-round';
  readonly statistics: 'ridge';
  readonly features: 'scattering' | 'inputs';
  readonly featureCount: number;
  readonly classes: number;
  /** Features are scaled to at most this L2 norm. */
  readonly radius: number;
  /** λ of the ridge, on the mean of squares. */
  readonly ridge: number;
}

/** What a participant does between a download and an upload. */
export interface LocalWork {
  readonly unit: 'epochs' | 'batches';
  readonly count: number;
  readonly optimiser: LocalOptimiser;
  /** FedProx pulls local weights to the shared ones; SCAFFOLD corrects local gradients by control variates, which are summed as well. */
  readonly correction:
    | { readonly kind: 'none' }
    | { readonly kind: 'proximal'; readonly mu: number }
    | { readonly kind: 'control-variates' };
}

/** What learning's Optimiser takes. */
export type LocalOptimiser =
  | {
      readonly kind: 'sgd';
      readonly learningRate: number;
      readonly momentum: number;
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'adamW';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

/** `weighted-mean` (FedAvg): weights are whole numbers of 1 to maximumWeight and are summed under the same protection. */
export type Combine = { readonly kind: 'mean' } | { readonly kind: 'weighted-mean'; readonly maximumWeight: number };

/** What turns a mean of updates into the next model. `apply`: weights + learningRate · mean. The others: Reddi and others 2021. */
export type ServerOptimiser =
  | { readonly kind: 'apply'; readonly learningRate: number }
  | { readonly kind: 'adagrad'; readonly learningRate: number; readonly beta1: number; readonly tau: number }
  | {
      readonly kind: 'adam' | 'yogi';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly tau: number;
    };

// ── sharing: which part of an update leaves (DSSGD) ──

export interface Sharing {
  readonly upload: Upload;
  /** γ: every shared value is cut to [−γ, γ]; null leaves it to the clipping norm. */
  readonly clamp: number | null;
  /** What was not shared is kept and added to the next update. Not in the paper; an extension. */
  readonly errorFeedback: boolean;
  /** Within which coordinates all choose. `own` lists each participant's choice in clear: protection `none` alone. */
  readonly support:
    | { readonly kind: 'all' }
    | { readonly kind: 'random'; readonly fraction: number }
    | { readonly kind: 'guided'; readonly fraction: number; readonly explore: number }
    | { readonly kind: 'own' };
  /** θ_d: the share of most updated parameters that a participant takes over; statistics keep `decay` of themselves a round. */
  readonly download: { readonly fraction: number; readonly decay: number };
}

/** θ_u, of all parameters; what is not chosen is zero inside the support. */
export interface Upload {
  readonly fraction: number;
  readonly selection:
    | { readonly kind: 'all' }
    | { readonly kind: 'largest' }
    | { readonly kind: 'random-above-threshold'; readonly threshold: number };
}

// ── protection: how a sum is made without anybody seeing a summand ──

export type Protection =
  | {
      readonly kind: 'mask';
      readonly graph: 'complete' | 'sparse';
      readonly corruptFraction: number;
      readonly dropoutFraction: number;
    }
  | {
      readonly kind: 'one-shot';
      readonly committee: {
        readonly members: number;
        readonly corrupt: number;
        readonly choice: 'fixed' | 'sampled';
        /** That members < 3 · corrupt + 1: so few can block every opening. */
        readonly mayBeBlocked: boolean;
      };
    }
  | {
      readonly kind: 'threshold';
      readonly members: number;
      readonly threshold: number;
      readonly corruptMembers: number;
      readonly trust: 'participants follow the protocol';
    }
  | { readonly kind: 'none'; readonly reason: string };

/** How floats become the whole numbers that are summed; the same with and without protection, so that the sums are the same. */
export interface Encoding {
  /** L2 norm to which a participant clips what it shares. */
  readonly clippingNorm: number;
  /** Bits of one participant's word. */
  readonly valueBits: number;
  readonly rotation: 'hadamard' | 'none';
}

// ── privacy: what is promised about the sums ──

export type Privacy = NoPrivacy | CentralPrivacy | LocalPrivacy | SparseVectorPrivacy;

export interface NoPrivacy {
  readonly kind: 'none';
  readonly reason: string;
}

export interface Promised {
  /** Whose presence is hidden: one record's, or all that one participant has. */
  readonly unit: 'record' | 'participant';
  readonly adjacency: 'add-remove' | 'replace-one' | 'zero-out';
  readonly delta: number;
  /** The next round is refused where it would pass this. */
  readonly epsilonAtMost: number;
}

/** Every participant adds a share of discrete noise; no sum without all of it. */
export interface CentralPrivacy extends Promised {
  readonly kind: 'central';
  readonly noise: 'discrete-gaussian' | 'skellam';
  /** Deviation of the noise of a sum over the clipping norm. */
  readonly noiseMultiplier: number;
  /** L2 norm of a unit's contribution: of a record's gradient, or (unit participant) the encoding's clipping norm. */
  readonly clippingNorm: number;
  /** Contributors who may tell others their noise: the rest makes all of it. */
  readonly corruptContributors: number;
  readonly amplification: Amplification;
}

/** What makes a unit's presence in a round a secret. Batches: by the participant's own randomness. */
export type Amplification =
  | { readonly by: 'nothing' }
  | { readonly by: 'own-batches' }
  /** Only against those who cannot see the cohort: the server draws no benefit from it. */
  | { readonly by: 'cohort'; readonly against: 'outsiders' | 'server' };

/** Every participant's contribution is private by itself, whoever reads it. */
export interface LocalPrivacy extends Promised {
  readonly kind: 'local';
  readonly noiseMultiplier: number;
  readonly clippingNorm: number;
}

/** NumericSparse of Shokri and Shmatikov 2015, for fidelity: its ε is per upload, and its true ε is printed beside it. */
export interface SparseVectorPrivacy extends Promised {
  readonly kind: 'sparse-vector';
  readonly epsilonPerUpload: number;
  readonly threshold: number;
}

// ── batching: the finest grain that ever leaves a training worker ──

export interface Batching {
  readonly sampling: /** Every record by itself with this rate; sums are divided by `divisor`, a public number. */
    | { readonly kind: 'poisson'; readonly rate: number; readonly divisor: number }
    | { readonly kind: 'shuffled'; readonly batchSize: number }
    | { readonly kind: 'full' };
  /** What a participant must at least have in a contribution: people where the data set names a unit column, else rows. */
  readonly minimumUnits: number;
  readonly countedIn: 'people' | 'rows';
  /** The largest piece of a batch that is computed at once: it changes the bits of a gradient, so it is agreed. */
  readonly pieceSize: number;
}

export interface Contributors {
  readonly minimum: number;
  readonly maximum: number;
  readonly population: 'silos' | 'devices';
  /** Who vouches that one party is not many: the Ed25519 key (hexadecimal) of the authority that signs invitations. */
  readonly admission: { readonly kind: 'invitation'; readonly authority: string } | { readonly kind: 'open' };
}

/** Sums of cohorts, and a robust mean over these: what an honest majority of cohorts says. */
export type Robustness =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'cohorts';
      readonly cohorts: number;
      readonly rule: 'median' | 'trimmed-mean' | 'geometric-median';
      /** Cohorts cut on each side, for the trimmed mean. */
      readonly trim: number;
    };

/**
 * A metric that leaves a participant: counted in the same sum (metrics.ts), no finer than the resolution. Who stands for fewer units does not
 * contribute at all.
 */
export interface Metric {
  readonly name: 'loss' | 'accuracy' | 'examples';
  readonly resolution: number;
  readonly minimumUnits: number;
}

export interface Deadline {
  readonly roundSeconds: number;
  /** The last moment of the run, in milliseconds since 1970. */
  readonly endsAtMs: number;
}

export interface Stopping {
  readonly rounds: number;
  /** Ends earlier when the loss has not fallen for so many rounds; null: never. */
  readonly patienceRounds: number | null;
}

/** What changes only how fast a run is: not hashed, not signed, everybody's own. */
export interface SpeedKnobs {
  readonly workers?: number;
  readonly chunkBytes?: number;
}
