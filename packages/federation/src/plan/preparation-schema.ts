// The preparation of a plan, with its ranges: see plan-schema.ts.

import { type Checked, check, object, tagged } from '../schema/objects.ts';
import { described, list, number, oneOf, refuse, type Schema, text, whole } from '../schema/schema.ts';
import type {
  AsGiven,
  Bounds,
  ColumnStep,
  Impute,
  Preparation,
  ScatteringPreparation,
  TableColumn,
  TablePreparation,
} from './preparation.ts';

type Step<Kind> = Extract<ColumnStep, { readonly kind: Kind }>;
type ImputeWith<With> = Extract<Impute, { readonly with: With }>;

const columnName: Schema<string> = text({ atLeast: 1, atMost: 200 });
const categories: Schema<readonly string[]> = described(
  'Declared by people: nobody’s own list leaves',
  list(text({ atLeast: 0, atMost: 200 }), { atLeast: 1, atMost: 4096 }),
);

/** A least and a most. */
const bounds: Schema<Bounds> = {
  read: (value, path, problems) => {
    const [low, high, ...rest]: readonly unknown[] = Array.isArray(value) ? value : [];
    const isRange = typeof low === 'number' && typeof high === 'number' && rest.length === 0;
    if (!isRange || !(low < high) || Math.max(Math.abs(low), Math.abs(high)) > 1e12) {
      return refuse(problems, path, 'is no range', 'write [least, most], which everybody may know');
    }
    return { value: Object.freeze([low, high] as const) };
  },
  json: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
};

const impute: Schema<Impute> = tagged('with', {
  mean: object<ImputeWith<'mean'>>({ kind: oneOf('impute'), column: columnName, with: oneOf('mean'), bounds }),
  'most frequent': object<ImputeWith<'most frequent'>>({
    kind: oneOf('impute'),
    column: columnName,
    with: oneOf('most frequent'),
    categories,
  }),
});

/** What a flag says that can only be true. */
const always: Schema<true> = {
  read: (value, path, problems) =>
    value === true ? { value } : refuse(problems, path, 'is not true', 'write true: values are cut to the bounds'),
  json: { const: true },
};

const step: Schema<ColumnStep> = tagged('kind', {
  impute,
  'one-hot': object<Step<'one-hot'>>({
    kind: oneOf('one-hot'),
    column: columnName,
    unknown: oneOf('refuse', 'zeros'),
    categories,
  }),
  ordinal: object<Step<'ordinal'>>({ kind: oneOf('ordinal'), column: columnName, categories }),
  days: object<Step<'days'>>({ kind: oneOf('days'), column: columnName }),
  'min-max': object<Step<'min-max'>>({ kind: oneOf('min-max'), column: columnName, clip: always, bounds }),
  standard: object<Step<'standard'>>({ kind: oneOf('standard'), column: columnName, bounds }),
  'bound-norm': object<Step<'bound-norm'>>({ kind: oneOf('bound-norm'), bound: number({ above: 0, atMost: 1e9 }) }),
});

const table = object<TablePreparation>({
  kind: oneOf('table'),
  columns: list(object<TableColumn>({ name: columnName, type: oneOf('number', 'category', 'date') }), {
    atLeast: 1,
    atMost: 4096,
  }),
  target: object<TablePreparation['target']>({
    column: columnName,
    classes: list(text({ atLeast: 1, atMost: 200 }), { atLeast: 2, atMost: 4096 }),
  }),
  steps: list(step, { atLeast: 0, atMost: 16384 }),
  rowsAtMost: described('Rows of one participant that count whole', whole(1, 2 ** 31 - 1)),
});

/** The part of a plan that is about a table, by itself: as a file that people write. */
export const checkTablePreparation = (value: unknown): Checked<TablePreparation> => check(table, value);

export const preparationSchema: Schema<Preparation> = tagged('kind', {
  'as-given': object<AsGiven>({ kind: oneOf('as-given') }),
  scattering: object<ScatteringPreparation>({
    kind: oneOf('scattering'),
    featureCount: whole(1, 4096),
    radius: number({ above: 0, atMost: 1e9 }),
  }),
  table,
});
