// The plan's members with their ranges: read by check.ts, and written as plan.schema.json (a test holds the file to this). Together with
// plan.ts one source: the compiler refuses a schema whose members are not exactly those of the interfaces.

import { jsonObject, object, tagged } from '../schema/objects.ts';
import {
  described,
  flag,
  type JsonSchema,
  list,
  number,
  oneOf,
  orNull,
  type Schema,
  text,
  whole,
} from '../schema/schema.ts';
import { exchangeSchema } from './exchange-schema.ts';
import type {
  Amplification,
  ArchitectureData,
  Batching,
  CentralPrivacy,
  Contributors,
  Deadline,
  Encoding,
  LocalPrivacy,
  Metric,
  Model,
  NoPrivacy,
  Plan,
  Privacy,
  Protection,
  Robustness,
  Sharing,
  SparseVectorPrivacy,
  Stopping,
} from './plan.ts';
import { preparationSchema } from './preparation-schema.ts';

type OneOf<Union, Kind> = Extract<Union, { readonly kind: Kind }>;

const positive: Schema<number> = number({ above: 0, atMost: 1e9 });
const fraction: Schema<number> = number({ above: 0, atMost: 1 });
const MOST_PARTICIPANTS = 2 ** 20;

/** A reason that somebody will read: a sentence, not a dot. */
export const reason: Schema<string> = text({
  atLeast: 12,
  atMost: 500,
  pattern: { source: '\\S+\\s+\\S+', means: 'a sentence of 12 to 500 characters' },
});

export const name: Schema<string> = text({
  atLeast: 1,
  atMost: 64,
  pattern: { source: '^[a-z0-9][a-z0-9._-]*$', means: 'small letters, digits, dots and dashes, such as "digits-2026"' },
});

export const publicKey: Schema<string> = text({
  atLeast: 64,
  atMost: 64,
  pattern: { source: '^[0-9a-f]{64}$', means: 'an Ed25519 public key: 64 hexadecimal digits' },
});

const model = object<Model>({
  architecture: described(
    'The architecture, as @sumus/learning reads it',
    object<ArchitectureData>({
      input: list(whole(1, 2 ** 28), { atLeast: 1, atMost: 3 }),
      layers: list(jsonObject('a layer, such as { "kind": "dense", "units": 10 }', 16), { atLeast: 1, atMost: 1024 }),
    }),
  ),
  parameterCount: whole(1, 2 ** 28),
  firstWeightsSeed: described('Public; first weights follow from it, and nothing else', whole(0, 2 ** 32 - 1)),
  loss: oneOf('crossEntropy', 'binaryCrossEntropy', 'squaredError'),
});

const sharing = object<Sharing>({
  upload: object<Sharing['upload']>({
    fraction,
    selection: tagged('kind', {
      all: object<OneOf<Sharing['upload']['selection'], 'all'>>({ kind: oneOf('all') }),
      largest: object<OneOf<Sharing['upload']['selection'], 'largest'>>({ kind: oneOf('largest') }),
      'random-above-threshold': object<OneOf<Sharing['upload']['selection'], 'random-above-threshold'>>({
        kind: oneOf('random-above-threshold'),
        threshold: number({ atLeast: 0, atMost: 1e9 }),
      }),
    }),
  }),
  clamp: orNull(positive),
  errorFeedback: flag,
  support: tagged('kind', {
    all: object<OneOf<Sharing['support'], 'all'>>({ kind: oneOf('all') }),
    random: object<OneOf<Sharing['support'], 'random'>>({ kind: oneOf('random'), fraction }),
    guided: object<OneOf<Sharing['support'], 'guided'>>({
      kind: oneOf('guided'),
      fraction,
      explore: described('The share of the support that is drawn instead of guided', number({ atLeast: 0, atMost: 1 })),
    }),
    own: object<OneOf<Sharing['support'], 'own'>>({ kind: oneOf('own') }),
  }),
  download: object<Sharing['download']>({ fraction, decay: number({ atLeast: 0, atMost: 1 }) }),
});

const protection: Schema<Protection> = tagged('kind', {
  mask: object<OneOf<Protection, 'mask'>>({
    kind: oneOf('mask'),
    graph: oneOf('complete', 'sparse'),
    corruptFraction: number({ atLeast: 0, below: 0.5 }),
    dropoutFraction: number({ atLeast: 0, below: 1 }),
  }),
  'one-shot': object<OneOf<Protection, 'one-shot'>>({
    kind: oneOf('one-shot'),
    committee: object<OneOf<Protection, 'one-shot'>['committee']>({
      members: whole(3, 255),
      corrupt: whole(0, 127),
      choice: oneOf('fixed', 'sampled'),
      mayBeBlocked: flag,
    }),
  }),
  threshold: object<OneOf<Protection, 'threshold'>>({
    kind: oneOf('threshold'),
    members: whole(2, 65535),
    threshold: whole(2, 65535),
    corruptMembers: whole(0, 65534),
    trust: oneOf('participants follow the protocol'),
  }),
  none: object<OneOf<Protection, 'none'>>({ kind: oneOf('none'), reason }),
});

const encoding = object<Encoding>({
  clippingNorm: number({ atLeast: 2 ** -60, atMost: 2 ** 60 }),
  valueBits: whole(2, 23),
  rotation: oneOf('hadamard', 'none'),
});

const promised = {
  unit: oneOf('record', 'participant'),
  adjacency: oneOf('add-remove', 'replace-one', 'zero-out'),
  delta: number({ above: 0, below: 1 }),
  epsilonAtMost: number({ above: 0, atMost: 1e6 }),
} as const;

const privacy: Schema<Privacy> = tagged('kind', {
  none: object<NoPrivacy>({ kind: oneOf('none'), reason }),
  central: object<CentralPrivacy>({
    kind: oneOf('central'),
    ...promised,
    noise: oneOf('discrete-gaussian', 'skellam'),
    noiseMultiplier: number({ above: 0, atMost: 1e6 }),
    clippingNorm: number({ atLeast: 2 ** -60, atMost: 2 ** 60 }),
    corruptContributors: whole(0, MOST_PARTICIPANTS),
    amplification: tagged('by', {
      nothing: object<Extract<Amplification, { by: 'nothing' }>>({ by: oneOf('nothing') }),
      'own-batches': object<Extract<Amplification, { by: 'own-batches' }>>({ by: oneOf('own-batches') }),
      cohort: object<Extract<Amplification, { by: 'cohort' }>>({
        by: oneOf('cohort'),
        against: oneOf('outsiders', 'server'),
      }),
    }),
  }),
  local: object<LocalPrivacy>({
    kind: oneOf('local'),
    ...promised,
    noiseMultiplier: number({ above: 0, atMost: 1e6 }),
    clippingNorm: number({ atLeast: 2 ** -60, atMost: 2 ** 60 }),
  }),
  'sparse-vector': object<SparseVectorPrivacy>({
    kind: oneOf('sparse-vector'),
    ...promised,
    epsilonPerUpload: positive,
    threshold: number({ atLeast: 0, atMost: 1e9 }),
  }),
});

/** Why no plan has a seed for batches: who knows the batch, gains nothing from its having been drawn. */
const seedRefused = {
  what: 'is a public sampling seed, which voids amplification: everybody could tell who is in a batch',
  next: 'remove it; every participant draws its batches from its own randomness',
};

const batching = object<Batching>(
  {
    sampling: tagged('kind', {
      poisson: object<OneOf<Batching['sampling'], 'poisson'>>({
        kind: oneOf('poisson'),
        rate: fraction,
        divisor: described('What a sum of gradients is divided by: public, never counted from data', positive),
      }),
      shuffled: object<OneOf<Batching['sampling'], 'shuffled'>>({
        kind: oneOf('shuffled'),
        batchSize: whole(1, 2 ** 24),
      }),
      full: object<OneOf<Batching['sampling'], 'full'>>({ kind: oneOf('full') }),
    }),
    minimumUnits: whole(1, 2 ** 31 - 1),
    countedIn: oneOf('people', 'rows'),
    pieceSize: whole(1, 2 ** 16),
  },
  { refused: { seed: seedRefused, samplingSeed: seedRefused, batchSeed: seedRefused } },
);

const contributors = object<Contributors>({
  minimum: whole(1, MOST_PARTICIPANTS),
  maximum: whole(1, MOST_PARTICIPANTS),
  population: oneOf('silos', 'devices'),
  admission: tagged('kind', {
    invitation: object<OneOf<Contributors['admission'], 'invitation'>>({
      kind: oneOf('invitation'),
      authority: publicKey,
    }),
    open: object<OneOf<Contributors['admission'], 'open'>>({ kind: oneOf('open') }),
  }),
});

const robustness: Schema<Robustness> = tagged('kind', {
  none: object<OneOf<Robustness, 'none'>>({ kind: oneOf('none') }),
  cohorts: object<OneOf<Robustness, 'cohorts'>>({
    kind: oneOf('cohorts'),
    // A robust mean of fewer says little, and is not taken.
    cohorts: whole(5, 4096),
    rule: oneOf('median', 'trimmed-mean', 'geometric-median'),
    trim: whole(0, 2047),
  }),
});

const metric = object<Metric>({
  name: oneOf('loss', 'accuracy', 'examples'),
  resolution: described('Values leave in whole multiples of this', positive),
  minimumUnits: whole(1, 2 ** 31 - 1),
});

export const planSchema: Schema<Plan> = object<Plan>({
  format: oneOf('sumus/plan/1'),
  name,
  purpose: text({ atLeast: 1, atMost: 2000 }),
  preparation: preparationSchema,
  model,
  exchange: exchangeSchema,
  sharing,
  protection,
  openedTo: oneOf('everyone', 'participants'),
  encoding,
  privacy,
  batching,
  contributors,
  robustness,
  metrics: list(metric, { atLeast: 0, atMost: 3 }),
  deadline: object<Deadline>({ roundSeconds: whole(1, 10 ** 7), endsAtMs: whole(0, 2 ** 53 - 1) }),
  stopping: object<Stopping>({ rounds: whole(1, 10 ** 6), patienceRounds: orNull(whole(1, 10 ** 6)) }),
});

/** What plan.schema.json holds. */
export const planJsonSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A plan of a Sumus run, format sumus/plan/1',
  description: 'Members and ranges. What does not go together is refused by `sumus plan check FILE`.',
  ...planSchema.json,
};
