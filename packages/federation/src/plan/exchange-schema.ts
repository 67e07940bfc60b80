// The exchange of a plan, with its ranges: see plan-schema.ts.

import { object, tagged } from '../schema/objects.ts';
import { number, oneOf, type Schema, whole } from '../schema/schema.ts';
import type {
  Asynchronous,
  Combine,
  Exchange,
  LocalOptimiser,
  LocalWork,
  OneRound,
  Release,
  ServerOptimiser,
  Synchronous,
  Turns,
} from './plan.ts';

type OneOf<Union, Kind> = Extract<Union, { readonly kind: Kind }>;

const positive: Schema<number> = number({ above: 0, atMost: 1e9 });
const rate: Schema<number> = number({ above: 0, atMost: 1e4 });
const share: Schema<number> = number({ atLeast: 0, below: 1 });

const optimiser: Schema<LocalOptimiser> = tagged('kind', {
  sgd: object<OneOf<LocalOptimiser, 'sgd'>>({
    kind: oneOf('sgd'),
    learningRate: rate,
    momentum: share,
    weightDecay: number({ atLeast: 0, atMost: 1e3 }),
  }),
  adamW: object<OneOf<LocalOptimiser, 'adamW'>>({
    kind: oneOf('adamW'),
    learningRate: rate,
    beta1: share,
    beta2: share,
    epsilon: positive,
    weightDecay: number({ atLeast: 0, atMost: 1e3 }),
  }),
});

const localWork = object<LocalWork>({
  unit: oneOf('epochs', 'batches'),
  count: whole(1, 10 ** 6),
  optimiser,
  correction: tagged('kind', {
    none: object<OneOf<LocalWork['correction'], 'none'>>({ kind: oneOf('none') }),
    proximal: object<OneOf<LocalWork['correction'], 'proximal'>>({ kind: oneOf('proximal'), mu: positive }),
    'control-variates': object<OneOf<LocalWork['correction'], 'control-variates'>>({ kind: oneOf('control-variates') }),
  }),
});

const combine: Schema<Combine> = tagged('kind', {
  mean: object<OneOf<Combine, 'mean'>>({ kind: oneOf('mean') }),
  'weighted-mean': object<OneOf<Combine, 'weighted-mean'>>({
    kind: oneOf('weighted-mean'),
    maximumWeight: whole(1, 2 ** 24),
  }),
});

const adaptive = object<Extract<ServerOptimiser, { readonly beta2: number }>>({
  kind: oneOf('adam', 'yogi'),
  learningRate: rate,
  beta1: share,
  beta2: share,
  tau: positive,
});

const server: Schema<ServerOptimiser> = tagged('kind', {
  apply: object<OneOf<ServerOptimiser, 'apply'>>({ kind: oneOf('apply'), learningRate: rate }),
  adagrad: object<OneOf<ServerOptimiser, 'adagrad'>>({
    kind: oneOf('adagrad'),
    learningRate: rate,
    beta1: share,
    tau: positive,
  }),
  adam: adaptive,
  yogi: adaptive,
});

const rounds = { localWork, combine, server } as const;

const release: Schema<Release> = tagged('after', {
  cycle: object<Extract<Release, { after: 'cycle' }>>({ after: oneOf('cycle') }),
  turn: object<Extract<Release, { after: 'turn' }>>({
    after: oneOf('turn'),
    warning: oneOf('every release shows the update of one participant'),
  }),
});

const turns = object<Turns>({ schedule: oneOf('round-robin', 'random-order'), ...rounds, release });

export const exchangeSchema: Schema<Exchange> = tagged('schedule', {
  synchronous: object<Synchronous>({
    schedule: oneOf('synchronous'),
    ...rounds,
    cohort: tagged('kind', {
      all: object<OneOf<Synchronous['cohort'], 'all'>>({ kind: oneOf('all') }),
      sampled: object<OneOf<Synchronous['cohort'], 'sampled'>>({ kind: oneOf('sampled'), size: whole(1, 2 ** 20) }),
    }),
  }),
  'round-robin': turns,
  'random-order': turns,
  asynchronous: object<Asynchronous>({
    schedule: oneOf('asynchronous'),
    ...rounds,
    release,
    buffer: whole(1, 2 ** 20),
    staleness: object<Asynchronous['staleness']>({
      atMost: whole(0, 8),
      weight: oneOf('constant', 'inverse-square-root'),
    }),
  }),
  'one-round': object<OneRound>({
    schedule: oneOf('one-round'),
    statistics: oneOf('ridge'),
    features: oneOf('scattering', 'inputs'),
    featureCount: whole(1, 4096),
    classes: whole(2, 4096),
    radius: positive,
    ridge: positive,
  }),
});
