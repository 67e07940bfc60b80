// A plan with sane values wherever nothing else is said: what `sumus plan new` starts from. What comes out is data that checkPlan has yet
// to accept; nothing is hidden in it, because a plan says everything.
//
// Defaults: everybody together, mask against a server that lies and a third of corrupt participants, the whole update, plain SGD of one
// epoch, shuffled batches, the mean applied as it is. With an ε: one plain step a round on Poisson batches of the participant's own, and
// discrete Gaussian noise that all contributors make together, as little as the ε allows (calibration.ts). Of one round: template-one-round.ts.

import { committeeQuorum } from '@sumus/secure-sum/floors';
import { ParameterError } from '../errors.ts';
import type { ArchitectureData, Batching, Contributors, Exchange, Plan, Privacy, Protection } from './plan.ts';
import type { Preparation } from './preparation.ts';
import { asOneRound, type FeaturesWanted } from './template-one-round.ts';

export interface TemplateOptions {
  readonly name: string;
  readonly purpose: string;
  readonly architecture: ArchitectureData;
  readonly parameterCount: number;
  readonly loss: Plan['model']['loss'];
  readonly firstWeightsSeed: number;
  readonly schedule: Exchange['schedule'];
  readonly protection: Protection['kind'];
  /** Needed for protection and privacy none, which say why. */
  readonly reason: string;
  readonly minimumContributors: number;
  readonly maximumContributors: number;
  readonly rounds: number;
  /** Null: no differential privacy. */
  readonly epsilon: number | null;
  readonly delta: number;
  readonly unit: 'record' | 'participant';
  readonly uploadFraction: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly minimumUnits: number;
  /** The key of the authority that signs invitations; null: open to anybody. */
  readonly authority: string | null;
  readonly endsAtMs: number;
  /** What the model is given, where that is not the data as they are: then its architecture takes so many inputs. Needed of one round. */
  readonly features?: FeaturesWanted | undefined;
  /** Records that a participant has, about: public. Sizes Poisson batches, and clip and ridge of one round, which needs it. */
  readonly recordsEach?: number | undefined;
  /** With an ε for records: the L2 norm that a record's gradient is clipped to; 1 where it is left out. */
  readonly recordClippingNorm?: number | undefined;
}

export function planTemplate(options: TemplateOptions): Plan {
  const { schedule, features, recordsEach } = options;
  if (schedule !== 'one-round') return templateOfRounds(options, schedule);
  if (features === undefined || recordsEach === undefined) {
    throw new ParameterError('a plan of one round says its features and how many records a participant has, about');
  }
  return asOneRound(templateOfRounds({ ...options, rounds: 1 }, 'synchronous'), { features, recordsEach });
}

type ScheduleOfRounds = Exclude<Exchange['schedule'], 'one-round'>;

function templateOfRounds(options: TemplateOptions, schedule: ScheduleOfRounds): Plan {
  const { uploadFraction, minimumUnits, rounds } = options;
  const privacy = privacyOf(options);
  const isOfRecords = privacy.kind !== 'none' && privacy.unit === 'record';
  return {
    format: 'sumus/plan/1',
    name: options.name,
    purpose: options.purpose,
    preparation: preparationOf(options),
    model: {
      architecture: options.architecture,
      parameterCount: options.parameterCount,
      firstWeightsSeed: options.firstWeightsSeed,
      loss: options.loss,
    },
    exchange: exchangeOf(options, schedule, isOfRecords),
    sharing: {
      upload: {
        fraction: uploadFraction,
        // A choice by values and a record's bound exclude each other: then the support is drawn.
        selection: { kind: uploadFraction === 1 || isOfRecords ? 'all' : 'largest' },
      },
      clamp: null,
      errorFeedback: uploadFraction < 1 && !isOfRecords,
      support: uploadFraction < 1 && isOfRecords ? { kind: 'random', fraction: uploadFraction } : { kind: 'all' },
      download: { fraction: 1, decay: 0.9 },
    },
    protection: protectionOf(options),
    openedTo: 'everyone',
    encoding: { clippingNorm: clippingNormOf(options), valueBits: valueBitsOf(options), rotation: 'hadamard' },
    privacy,
    batching: batchingOf(options, isOfRecords),
    contributors: contributorsOf(options),
    robustness: { kind: 'none' },
    metrics: privacy.kind === 'none' ? [{ name: 'loss', resolution: 0.001, minimumUnits }] : [],
    deadline: { roundSeconds: 600, endsAtMs: options.endsAtMs },
    stopping: { rounds, patienceRounds: null },
  };
}

/** Noise and its rounding need room: with an ε, as many bits as a sum of 32 leaves, at most 22. */
function valueBitsOf({ epsilon, maximumContributors }: TemplateOptions): number {
  const room = 32 - Math.ceil(Math.log2(maximumContributors));
  return Math.min(epsilon === null ? 18 : 22, room);
}

/** The norm that a participant's vector is clipped to. Of records: what a whole batch can reach, with room for a larger draw. */
function clippingNormOf({ epsilon, unit, learningRate, recordClippingNorm = 1 }: TemplateOptions): number {
  if (epsilon === null) return 10;
  return unit === 'participant' ? 1 : 2 * learningRate * recordClippingNorm;
}

/** Scattering features are about 1 each: a vector of d of them has length √d. Of one round the exchange names them. */
function preparationOf({ schedule, features }: TemplateOptions): Preparation {
  if (schedule === 'one-round' || features === undefined || features.kind === 'inputs') return { kind: 'as-given' };
  return { kind: 'scattering', featureCount: features.count, radius: Math.round(Math.sqrt(features.count)) };
}

function exchangeOf(options: TemplateOptions, schedule: ScheduleOfRounds, isOfRecords: boolean): Exchange {
  const { learningRate, minimumContributors } = options;
  const rounds = {
    localWork: {
      unit: isOfRecords ? ('batches' as const) : ('epochs' as const),
      count: 1,
      optimiser: { kind: 'sgd' as const, learningRate, momentum: 0, weightDecay: 0 },
      correction: { kind: 'none' as const },
    },
    combine: { kind: 'mean' as const },
    server: { kind: 'apply' as const, learningRate: 1 },
  };
  switch (schedule) {
    case 'synchronous':
      return { schedule, ...rounds, cohort: { kind: 'all' } };
    case 'round-robin':
    case 'random-order':
      return { schedule, ...rounds, release: { after: 'cycle' } };
    case 'asynchronous':
      return {
        schedule,
        ...rounds,
        release: { after: 'cycle' },
        buffer: minimumContributors,
        staleness: { atMost: 4, weight: 'inverse-square-root' },
      };
    default:
      return schedule satisfies never;
  }
}

/** Members of a complete graph. */
const COMPLETE_AT_MOST = 255;

function protectionOf(options: TemplateOptions): Protection {
  const { protection, reason, maximumContributors, epsilon } = options;
  switch (protection) {
    case 'mask': {
      // Noise that all make together is all there in one sum alone, not in partial ones.
      const graph = epsilon !== null && maximumContributors <= COMPLETE_AT_MOST ? 'complete' : 'sparse';
      return { kind: 'mask', graph, corruptFraction: 1 / 3, dropoutFraction: 0.1 };
    }
    case 'one-shot':
      return { kind: 'one-shot', committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false } };
    case 'threshold': {
      // Whoever may take part has a share of the key: it is founded by all of them, and opened without those who are away.
      const corruptMembers = Math.floor(maximumContributors / 3);
      return {
        kind: 'threshold',
        members: maximumContributors,
        threshold: committeeQuorum(maximumContributors, corruptMembers),
        corruptMembers,
        trust: 'participants follow the protocol',
      };
    }
    case 'none':
      return { kind: 'none', reason };
    default:
      return protection satisfies never;
  }
}

function privacyOf(options: TemplateOptions): Privacy {
  const { epsilon, delta, unit, reason, minimumContributors, recordClippingNorm = 1 } = options;
  if (epsilon === null) return { kind: 'none', reason };
  return {
    kind: 'central',
    unit,
    adjacency: unit === 'record' ? 'add-remove' : 'zero-out',
    delta,
    epsilonAtMost: epsilon,
    noise: 'discrete-gaussian',
    noiseMultiplier: 1,
    clippingNorm: unit === 'participant' ? clippingNormOf(options) : recordClippingNorm,
    corruptContributors: Math.floor(minimumContributors / 3),
    amplification: { by: unit === 'record' ? 'own-batches' : 'nothing' },
  };
}

function batchingOf({ batchSize, minimumUnits, recordsEach }: TemplateOptions, isOfRecords: boolean): Batching {
  const rate = recordsEach === undefined ? 0.05 : Math.min(1, batchSize / recordsEach);
  return {
    sampling: isOfRecords ? { kind: 'poisson', rate, divisor: batchSize } : { kind: 'shuffled', batchSize },
    minimumUnits,
    countedIn: 'rows',
    pieceSize: 64,
  };
}

function contributorsOf({
  protection,
  authority,
  minimumContributors,
  maximumContributors,
}: TemplateOptions): Contributors {
  return {
    minimum: minimumContributors,
    maximum: maximumContributors,
    population: protection === 'threshold' ? 'silos' : 'devices',
    admission: authority === null ? { kind: 'open' } : { kind: 'invitation', authority },
  };
}
