// Noise on columns, before anything looks at them: which rows are suppressed and how far a class is generalised depends on the
// sensitive values, and would tell what the noise hides if they were the clear ones. Chosen after the noise, classes and models are
// computed from what is told anyway, and the ε of a cell stays what it is (post-processing).
import { ParameterError } from '../errors.ts';
import {
  type CellCost,
  type NoiseSamplers,
  noisyNumbers,
  type Perturbation,
  randomisedResponse,
} from '../perturbation/perturbation.ts';
import type { Policy } from '../policy/policy.ts';
import { type Column, categoricalColumn, missingCode, numericColumn, type Table, withColumns } from '../table/index.ts';

/** What the noise of a column costs each row. */
export interface NoiseReport {
  readonly column: string;
  readonly kind: Perturbation['kind'];
  readonly cost: CellCost;
  /** In words: the probability of a true answer, or the deviation of the noise. */
  readonly effect: string;
}

/** The columns with noise in place of the clear ones. */
export function noisyTable(
  table: Table,
  policy: Policy,
  samplers: NoiseSamplers | undefined,
): { readonly table: Table; readonly noise: readonly NoiseReport[] } {
  const noisy = table.columns.flatMap((column) => {
    const own = Object.hasOwn(policy.columns, column.name) ? policy.columns[column.name] : undefined;
    return own !== undefined && 'noise' in own && own.noise !== undefined
      ? [withNoise(column, own.noise, samplers)]
      : [];
  });
  return {
    table: withColumns(
      table,
      noisy.map(({ column }) => column),
    ),
    noise: noisy.map(({ report }) => report),
  };
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
