// The preparation of a plan, with its ranges: see plan-schema.ts.

import { object, tagged } from '../schema/objects.ts';
import { number, oneOf, type Schema, whole } from '../schema/schema.ts';
import type { AsGiven, Preparation, ScatteringPreparation } from './preparation.ts';

export const preparationSchema: Schema<Preparation> = tagged('kind', {
  'as-given': object<AsGiven>({ kind: oneOf('as-given') }),
  scattering: object<ScatteringPreparation>({
    kind: oneOf('scattering'),
    featureCount: whole(1, 4096),
    radius: number({ above: 0, atMost: 1e9 }),
  }),
});
