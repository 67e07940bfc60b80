// What a plan's preparation may not say: rules of consistency about what is done to the data before the model sees them.

import { columnSumsOf, preparedWidth } from './column-sums.ts';
import type { Plan } from './plan.ts';
import type { TablePreparation } from './preparation.ts';
import type { Rule } from './rule.ts';

export type PreparationRule =
  | 'scattering-of-another-width'
  | 'scattering-twice'
  | 'columns-of-another-width'
  | 'columns-named-twice'
  | 'column-sums-of-one'
  | 'column-sums-in-buffers'
  | 'column-sums-without-noise';

const tableOf = ({ preparation }: Plan): TablePreparation | undefined =>
  preparation.kind === 'table' ? preparation : undefined;

/** What a row of the data is to the model: of one round, the features before their projection. */
const inputsOf = ({ model: { architecture } }: Plan): number => {
  const { input } = architecture;
  return input.length === 1 ? (input[0] ?? 0) : 0;
};

export const PREPARATION_RULES: readonly Rule<PreparationRule>[] = [
  {
    rule: 'scattering-of-another-width',
    path: 'preparation.featureCount',
    broken: (plan) => plan.preparation.kind === 'scattering' && inputsOf(plan) !== plan.preparation.featureCount,
    what: ({ model: { architecture } }) => `is not the model's input of ${architecture.input.join(' × ')}`,
    next: 'write as many features as the model has inputs',
  },
  {
    rule: 'scattering-twice',
    path: 'preparation.kind',
    broken: ({ preparation, exchange }) =>
      exchange.schedule === 'one-round' &&
      (preparation.kind === 'scattering' || (preparation.kind === 'table' && exchange.features === 'scattering')),
    what: ({ preparation }) => `is ${preparation.kind}, and the exchange of one round names its features itself`,
    next: 'write "as-given" where exchange.features is "scattering"; and "inputs" where the data are a table',
  },
  {
    rule: 'columns-of-another-width',
    path: 'preparation.columns',
    broken: (plan) => {
      const table = tableOf(plan);
      return table !== undefined && preparedWidth(table) !== inputsOf(plan);
    },
    what: (plan) => {
      const width = preparedWidth(tableOf(plan) ?? { columns: [], steps: [] });
      return width === undefined
        ? 'have no column that a step names, or one that a step before made several of'
        : `become ${width} numbers a row, and the model takes ${plan.model.architecture.input.join(' × ')}`;
    },
    next: 'name columns that are there, in steps that fit; and give the model as many inputs as come out',
  },
  {
    rule: 'columns-named-twice',
    path: 'preparation.columns',
    broken: (plan) => {
      const table = tableOf(plan);
      if (table === undefined) return false;
      const names = [...table.columns.map(({ name }) => name), table.target.column];
      return new Set(names).size !== names.length || hasTwice(table.target.classes) || table.steps.some(declaresTwice);
    },
    what: () => 'name something twice: a column (or the target among the columns), a class, or a category',
    next: 'name each once; the target is no column that the model sees',
  },
  {
    rule: 'column-sums-of-one',
    path: 'exchange.release.after',
    broken: (plan) => columnSumsOf(plan) > 0 && 'release' in plan.exchange && plan.exchange.release.after === 'turn',
    what: () => 'is "turn", and the statistics of columns would be those of one participant',
    next: 'write "cycle"',
  },
  {
    rule: 'column-sums-in-buffers',
    path: 'exchange.schedule',
    // Who is late in a buffer is taken by the next one: statistics would be added to updates.
    broken: (plan) => columnSumsOf(plan) > 0 && plan.exchange.schedule === 'asynchronous',
    what: () => 'is asynchronous, where somebody late would add statistics of columns to updates',
    next: 'write another schedule; or steps that need no sum, such as "min-max" with declared bounds',
  },
  {
    rule: 'column-sums-without-noise',
    path: 'privacy.kind',
    broken: (plan) => columnSumsOf(plan) > 0 && plan.privacy.kind === 'sparse-vector',
    what: () => 'is sparse-vector, which adds no noise to the statistics of columns',
    next: 'write "central" or "local"; or steps that need no sum',
  },
];

const hasTwice = (texts: readonly string[]): boolean => new Set(texts).size !== texts.length;

const declaresTwice = (step: TablePreparation['steps'][number]): boolean =>
  'categories' in step && hasTwice(step.categories);
