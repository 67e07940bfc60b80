// A recipe: the fitted steps that turn a table into numbers for a network. It is a JSON value, holds statistics and category names
// only, never a row, and gives the same features wherever it is applied.
import { ParameterError } from '../errors.ts';

/** What is to be done, before anything was fitted. Steps happen in order, each on what the ones before it made. */
export type Step =
  | { readonly kind: 'drop'; readonly columns: readonly string[] }
  /** Texts are replaced: `>50K.` by `>50K`. */
  | { readonly kind: 'recode'; readonly column: string; readonly replacements: Readonly<Record<string, string>> }
  /** What is missing gets the mean, the median or the most frequent value of the training rows, or a given one. */
  | {
      readonly kind: 'impute';
      readonly column: string;
      readonly with: 'mean' | 'median' | 'most frequent' | { readonly value: string | number };
    }
  /** A column of 0 and 1 for each category. A category that training rows lack is refused, or is a row of zeros. */
  | {
      readonly kind: 'one-hot';
      readonly column: string;
      readonly unknown?: 'refuse' | 'zeros';
      readonly categories?: readonly string[];
    }
  /** The category's place in the order: the given one, else the alphabetical. */
  | { readonly kind: 'ordinal'; readonly column: string; readonly categories?: readonly string[] }
  /** Dates as numbers: days since 1970-01-01, with fractions where they are instants. */
  | { readonly kind: 'days'; readonly column: string }
  /** (x − min) / (max − min); `clip` keeps what lies outside the training range in [0, 1]. */
  | {
      readonly kind: 'min-max';
      readonly column: string;
      readonly clip?: boolean;
      readonly bounds?: readonly [number, number];
    }
  /** (x − mean) / stddev. */
  | { readonly kind: 'standard'; readonly column: string }
  /** Rows longer than the bound (Euclidean) are shortened to it: ‖x‖ ≤ B. Needs no statistics. */
  | { readonly kind: 'bound-norm'; readonly columns?: readonly string[]; readonly bound: number };

export type FittedStep =
  | Extract<Step, { kind: 'drop' | 'recode' | 'days' | 'bound-norm' }>
  | { readonly kind: 'impute'; readonly column: string; readonly value: string | number }
  | {
      readonly kind: 'one-hot';
      readonly column: string;
      readonly unknown: 'refuse' | 'zeros';
      readonly categories: readonly string[];
    }
  | { readonly kind: 'ordinal'; readonly column: string; readonly categories: readonly string[] }
  | {
      readonly kind: 'min-max';
      readonly column: string;
      readonly clip: boolean;
      readonly minimum: number;
      readonly maximum: number;
    }
  | { readonly kind: 'standard'; readonly column: string; readonly mean: number; readonly stddev: number };

export interface Recipe {
  readonly version: 1;
  readonly steps: readonly FittedStep[];
}

/** A recipe out of parsed JSON; what it does not know is refused. */
export function recipeFromJson(value: unknown): Recipe {
  const { version, steps, ...rest } = recordOf(value, 'a recipe');
  refuseRest(rest, 'a recipe');
  if (version !== 1) throw new ParameterError(`a recipe of version ${String(version)}`);
  if (!Array.isArray(steps)) throw new ParameterError('a recipe has a list called steps');
  return { version: 1, steps: steps.map((step: unknown, at) => fittedStepFrom(step, `step ${at + 1}`)) };
}

function fittedStepFrom(value: unknown, what: string): FittedStep {
  const { kind, ...rest } = recordOf(value, what);
  const { column: name, ...more } = rest;
  const column = (): string => textFrom(name, `${what}: column`);
  switch (kind) {
    case 'drop': {
      const { columns, ...none } = rest;
      refuseRest(none, what);
      return { kind, columns: textsFrom(columns, `${what}: columns`) };
    }
    case 'recode': {
      const { replacements, ...none } = more;
      refuseRest(none, what);
      const entries = Object.entries(recordOf(replacements, `${what}: replacements`));
      return {
        kind,
        column: column(),
        replacements: Object.fromEntries(entries.map(([from, to]) => [from, textFrom(to, what)])),
      };
    }
    case 'impute': {
      const { value: replacement, ...none } = more;
      refuseRest(none, what);
      return {
        kind,
        column: column(),
        value: typeof replacement === 'string' ? replacement : numberFrom(replacement, `${what}: value`),
      };
    }
    case 'one-hot': {
      const { categories, unknown, ...none } = more;
      refuseRest(none, what);
      if (unknown !== 'refuse' && unknown !== 'zeros') throw new ParameterError(`${what}: unknown is refuse or zeros`);
      return { kind, column: column(), categories: textsFrom(categories, `${what}: categories`), unknown };
    }
    case 'ordinal': {
      const { categories, ...none } = more;
      refuseRest(none, what);
      return { kind, column: column(), categories: textsFrom(categories, `${what}: categories`) };
    }
    case 'days':
      refuseRest(more, what);
      return { kind, column: column() };
    case 'min-max': {
      const { clip, minimum, maximum, ...none } = more;
      refuseRest(none, what);
      if (typeof clip !== 'boolean') throw new ParameterError(`${what}: clip is true or false`);
      return { kind, column: column(), clip, minimum: numberFrom(minimum, what), maximum: numberFrom(maximum, what) };
    }
    case 'standard': {
      const { mean, stddev, ...none } = more;
      refuseRest(none, what);
      return { kind, column: column(), mean: numberFrom(mean, what), stddev: numberFrom(stddev, what) };
    }
    case 'bound-norm': {
      const { columns, bound, ...none } = rest;
      refuseRest(none, what);
      const parsed = { kind, bound: numberFrom(bound, `${what}: bound`) } as const;
      return columns === undefined ? parsed : { ...parsed, columns: textsFrom(columns, `${what}: columns`) };
    }
    default:
      throw new ParameterError(`${what}: ${String(kind)} is no kind of step`);
  }
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ParameterError(`${what} is no object`);
  return { ...value };
}

function refuseRest(rest: Readonly<Record<string, unknown>>, what: string): void {
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new ParameterError(`${what} has no ${unknown.join(', ')}`);
}

function textFrom(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new ParameterError(`${what}: ${String(value)} is no text`);
  return value;
}

function numberFrom(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new ParameterError(`${what}: ${String(value)} is no number`);
  return value;
}

function textsFrom(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw new ParameterError(`${what} is no list`);
  return value.map((one: unknown) => textFrom(one, what));
}
