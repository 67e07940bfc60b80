// What --columns names: a file that says which columns of a table go into the model, what is predicted, and which statistics are summed for it
// before the first round. All of it is declared by people: no range and no list is taken from anybody's rows.
import { checkTablePreparation, preparedWidth, problemLines, type TablePreparation } from '@sumus/federation/plan';
import { type Architecture, architecture } from '@sumus/learning/model';
import { UsageError } from '../command.ts';
import { readText } from './text-file.ts';

export interface PlanColumns {
  readonly preparation: TablePreparation;
  /** The named network, with the columns' inputs and the target's classes. */
  readonly network: (model: string) => Architecture;
}

const HIDDEN_UNITS = 32;

export function planColumns(path: string): PlanColumns {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (cause) {
    throw new UsageError(`${path} is no JSON`, { cause });
  }
  const read = checkTablePreparation({ kind: 'table', ...(typeof value === 'object' ? value : {}) });
  if (read.kind === 'invalid') throw new UsageError(`${path}: ${problemLines(read.problems).join('; ')}`);
  const preparation = read.value;
  if (preparedWidth(preparation) === undefined)
    throw new UsageError(`${path}: a step names a column that is not among the columns`);
  return { preparation, network: networkFor(preparation) };
}

/** Networks of these names, with as many inputs as the columns become, and an output for each class. */
export function networkFor(preparation: TablePreparation): PlanColumns['network'] {
  const inputs = preparedWidth(preparation);
  if (inputs === undefined) throw new UsageError('a step names a column that is not among the columns');
  const last = { kind: 'dense', units: preparation.target.classes.length } as const;
  return (model) => {
    if (model === 'logistic') return architecture({ input: [inputs], layers: [last] });
    if (model !== 'mlp') throw new UsageError(`for a table --model is logistic or mlp, not ${model}`);
    const layers = [{ kind: 'dense', units: HIDDEN_UNITS }, { kind: 'relu' }, last] as const;
    return architecture({ input: [inputs], layers });
  };
}
