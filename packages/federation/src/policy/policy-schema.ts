// The policy file's members with their ranges: read by readPolicy, and written as policy.schema.json, which a test holds to this.

import { FEWEST_CONTRIBUTORS } from '../plan/consistency.ts';
import { publicKey } from '../plan/plan-schema.ts';
import { type Checked, check, object, optional } from '../schema/objects.ts';
import { flag, type JsonSchema, list, number, oneOf, orNull, type Schema, text, whole } from '../schema/schema.ts';
import type { DataBudget, Hours, MetricLimit, Policy } from './policy.ts';

const bytes: Schema<number> = whole(0, 2 ** 50);
const minute: Schema<number> = whole(0, 24 * 60);

const policySchema: Schema<Policy> = object<Policy>({
  format: oneOf('sumus/policy/1'),
  plansSignedBy: list(publicKey, { atLeast: 0, atMost: 1024 }),
  admission: oneOf('invitation', 'open', 'any'),
  minimumContributors: whole(FEWEST_CONTRIBUTORS, 2 ** 20),
  corruptFraction: number({ atLeast: 0, below: 0.5 }),
  minimumUnits: whole(1, 2 ** 31 - 1),
  countedIn: oneOf('people', 'rows'),
  protections: list(oneOf('mask', 'one-shot', 'threshold', 'none'), { atLeast: 1, atMost: 4 }),
  openedTo: list(oneOf('everyone', 'participants'), { atLeast: 1, atMost: 2 }),
  releasePerTurn: flag,
  budgets: list(
    object<DataBudget>({
      dataset: text({ atLeast: 1, atMost: 200 }),
      unit: oneOf('record', 'participant'),
      epsilonAtMost: orNull(number({ above: 0, atMost: 1e6 })),
      delta: number({ above: 0, below: 1 }),
    }),
    { atLeast: 0, atMost: 1024 },
  ),
  architectures: object<Policy['architectures']>({
    parametersAtMost: whole(1, 2 ** 28),
    layers: orNull(list(text({ atLeast: 1, atMost: 64 }), { atLeast: 1, atMost: 64 })),
  }),
  metrics: list(
    object<MetricLimit>({
      name: oneOf('loss', 'accuracy', 'examples'),
      resolution: number({ above: 0, atMost: 1e9 }),
      minimumUnits: whole(1, 2 ** 31 - 1),
    }),
    { atLeast: 0, atMost: 3 },
  ),
  columnSumsWithoutNoise: optional(flag),
  hours: orNull(object<Hours>({ fromMinute: minute, toMinute: minute, utcOffsetMinutes: whole(-24 * 60, 24 * 60) })),
  bytes: object<Policy['bytes']>({ upPerRoundAtMost: bytes, downPerRoundAtMost: bytes, upAtMost: bytes }),
  roundsPerDayAtMost: whole(0, 10 ** 6),
});

/** A file's value to a frozen policy, or all that is wrong with it. There are no defaults: what is not said, is not allowed. */
export const checkPolicy = (value: unknown): Checked<Policy> => check(policySchema, value);

/** What policy.schema.json holds. */
export const policyJsonSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: "A participant's policy for Sumus runs, format sumus/policy/1",
  ...policySchema.json,
};
