// The table that leaves: generalised columns in place of the quasi-identifying ones, pseudonyms in place of names, noise where
// the policy asks for it, suppressed rows gone or masked.
import { ParameterError } from '../errors.ts';
import { anything } from '../hierarchies/built.ts';
import {
  type CellCost,
  type NoiseSamplers,
  noisyNumbers,
  type Perturbation,
  randomisedResponse,
} from '../perturbation/perturbation.ts';
import type { Policy } from '../policy/policy.ts';
import type { PseudonymKey } from '../pseudonyms/pseudonyms.ts';
import {
  type Column,
  categoricalColumn,
  categoriesOf,
  isMissing,
  missingCode,
  numericColumn,
  selectRows,
  type Table,
  textOf,
  withColumns,
  withoutUnusedCategories,
} from '../table/index.ts';
import type { Release } from './release.ts';

export interface OutputTools {
  readonly pseudonymKey?: PseudonymKey;
  readonly samplers?: NoiseSamplers;
}

/** What the noise of a column costs each row. */
export interface NoiseReport {
  readonly column: string;
  readonly kind: Perturbation['kind'];
  readonly cost: CellCost;
  /** In words: the probability of a true answer, or the deviation of the noise. */
  readonly effect: string;
}

export interface Output {
  readonly table: Table;
  readonly noise: readonly NoiseReport[];
  /** For every row of `table` its place in the release. */
  readonly rows: Uint32Array;
}

export function outputOf(
  table: Table,
  release: Release,
  policy: Policy,
  tools: OutputTools,
  replaced: ReadonlyMap<string, Column> = new Map(),
): Output {
  const noise: NoiseReport[] = [];
  const changed = table.columns.map((column): Column => {
    const recoded = release.columns.find(({ name }) => name === column.name);
    if (recoded !== undefined) {
      const masks = policy.suppressedRows === 'mask' && release.suppressedRows > 0;
      const own = replaced.get(column.name);
      if (own !== undefined) return own;
      // Where nothing was generalised the column stays what it is: numbers stay numbers.
      return !masks && recoded.heights.every((height) => height === 0) ? column : labelsOf(column.name, release);
    }
    const own = policy.columns[column.name];
    if (own === undefined) return column;
    if (own.role === 'identifying') return pseudonymsOf(column, tools.pseudonymKey);
    if ('noise' in own && own.noise !== undefined) {
      const noisy = withNoise(column, own.noise, tools.samplers);
      noise.push(noisy.report);
      return noisy.column;
    }
    return column;
  });
  const all = withColumns(table, changed);
  const rows = rowsToRelease(release, policy, tools.samplers);
  const released = selectRows(all, rows);
  return { table: withColumns(released, released.columns.map(tidy)), noise, rows };
}

/** A dictionary may hold values of rows that are gone: they must not travel along. */
const tidy = (column: Column): Column => (column.type === 'category' ? withoutUnusedCategories(column) : column);

function rowsToRelease(release: Release, policy: Policy, samplers: NoiseSamplers | undefined): Uint32Array {
  const all = Uint32Array.from({ length: release.rowCount }, (_, row) => row);
  const rows = policy.suppressedRows === 'mask' ? all : all.filter((row) => release.suppressed[row] === 0);
  if (policy.rowOrder === 'kept') return rows;
  if (samplers === undefined) throw new ParameterError('shuffling rows needs randomness');
  // Fisher and Yates, from the back.
  for (let at = rows.length - 1; at > 0; at -= 1) {
    const other = samplers.below(at + 1);
    [rows[at], rows[other]] = [rows[other], rows[at]];
  }
  return rows;
}

function labelsOf(name: string, release: Release): Column {
  const recoded = release.columns.find((column) => column.name === name);
  if (recoded === undefined) throw new ParameterError(`${name} was not generalised`);
  const dictionary = [...new Set([...recoded.labels, anything])];
  const place = new Map(dictionary.map((text, at) => [text, at]));
  const codeOf = Int32Array.from(recoded.labels, (text) => (text === '' ? missingCode : place.get(text)!));
  const masked = place.get(anything)!;
  const codes = Int32Array.from(recoded.codes, (code, row) => (release.suppressed[row] === 1 ? masked : codeOf[code]));
  return withoutUnusedCategories(categoricalColumn(name, codes, dictionary));
}

function pseudonymsOf(column: Column, key: PseudonymKey | undefined): Column {
  if (key === undefined) throw new ParameterError(`column ${column.name} becomes pseudonyms: that needs a key`);
  const known = new Map<string, string>();
  const texts = Array.from(
    { length: column.type === 'category' ? column.codes.length : column.values.length },
    (_, row) => {
      if (isMissing(column, row)) return null;
      const text = textOf(column, row);
      const found = known.get(text) ?? key.pseudonymOf(column.name, text);
      known.set(text, found);
      return found;
    },
  );
  return categoriesOf(column.name, texts);
}

function withNoise(
  column: Column,
  perturbation: Perturbation,
  samplers: NoiseSamplers | undefined,
): { readonly column: Column; readonly report: NoiseReport } {
  const { name } = column;
  if (samplers === undefined) throw new ParameterError(`column ${name} gets noise: that needs samplers`);
  const { kind } = perturbation;
  if (kind === 'randomised-response') {
    if (column.type !== 'category') throw new ParameterError(`column ${name}: randomised response is for categories`);
    const place = new Map(perturbation.categories.map((text, at) => [text, at]));
    const moved = column.dictionary.map((text) => {
      const at = place.get(text);
      if (at === undefined) throw new ParameterError(`column ${name}: "${text}" is none of the stated categories`);
      return at;
    });
    const codes = Int32Array.from(column.codes, (code) => (code === missingCode ? missingCode : moved[code]));
    const told = randomisedResponse(codes, perturbation, samplers);
    const effect = `true with probability ${told.truthProbability.toFixed(4)}`;
    return {
      column: categoricalColumn(name, told.codes, perturbation.categories),
      report: { column: name, kind, cost: told.cost, effect },
    };
  }
  if (column.type === 'category') throw new ParameterError(`column ${name}: ${kind} noise is for numbers`);
  const noisy = noisyNumbers(column.values, perturbation, samplers);
  const effect = `standard deviation ${Number(noisy.noiseStddev.toPrecision(4))}`;
  return {
    column: numericColumn(
      name,
      noisy.values.every((value) => Number.isNaN(value) || Number.isSafeInteger(value)) ? 'integer' : 'number',
      noisy.values,
    ),
    report: { column: name, kind, cost: noisy.cost, effect },
  };
}
