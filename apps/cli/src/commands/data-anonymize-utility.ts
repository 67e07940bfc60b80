// What a release is still good for: a model learns a column from the released rows and is tested on clear rows that it never saw,
// beside one that learned from the clear rows, and beside always giving the commonest answer.
import { featuresOf, type Released } from '@sumus/dataset/anonymise';
import { distinctCells } from '@sumus/dataset/hierarchies';
import { columnNames, columnOf } from '@sumus/dataset/table';
import { wasmEngine } from '@sumus/learning/engine';
import { architecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { type DataSet, evaluate, train } from '@sumus/learning/training';
import { UsageError } from '../command.ts';

export interface Utility {
  readonly target: string;
  /** Shares of clear test rows that are answered right. */
  readonly clear: number;
  readonly anonymised: number;
  readonly baseline: number;
}

const mostClasses = 100;
const loss = { kind: 'crossEntropy' } as const;

/** The target is a released column that was not generalised; the inputs are the quasi-identifiers. */
export async function utilityOf({ table, release, places }: Released, target: string): Promise<Utility> {
  if (!columnNames(table).includes(target)) {
    throw new UsageError(
      `--utility: the released table has no column ${target}; it has ${columnNames(table).join(', ')}`,
    );
  }
  if (release.columns.some(({ name }) => name === target)) {
    throw new UsageError(`--utility: ${target} is quasi-identifying: it is learned from, not learned`);
  }
  const { codes, texts } = distinctCells(columnOf(table, target));
  if (texts.length < 2 || texts.length > mostClasses) {
    throw new UsageError(`--utility: ${target} has ${texts.length} values; 2 to ${mostClasses} can be learned`);
  }
  const features = featuresOf(release);
  // Every third row is for testing; rows that were suppressed have no released answer to learn or to test.
  const rows = [...places.keys()].filter((row) => release.suppressed[places[row] ?? 0] === 0);
  const learned = rows.filter((_, at) => at % 3 !== 0);
  const tested = rows.filter((_, at) => at % 3 === 0);
  if (learned.length === 0 || tested.length === 0) throw new UsageError('--utility: too few rows were released');
  const dataSet = (own: readonly number[], into: typeof features.clearInto): DataSet => {
    const inputs = new Float32Array(own.length * features.width);
    for (const [at, row] of own.entries()) into(inputs, at * features.width, places[row] ?? 0);
    return { inputs, targets: Uint32Array.from(own, (row) => codes[row] ?? 0) };
  };
  const test = dataSet(tested, features.clearInto);
  const accuracyAfter = async (data: DataSet): Promise<number> => {
    const model = architecture({ input: [features.width], layers: [{ kind: 'dense', units: texts.length }] });
    const network = new Network(await wasmEngine(), model, { seed: 1, maxBatch: 64 });
    const optimiser = { kind: 'sgd', learningRate: 0.1, momentum: 0.9 } as const;
    for await (const event of train(network, data, { loss, optimiser, epochs: 5, batchSize: 64, seed: 2 })) void event;
    return evaluate(network, test, loss).classes?.accuracy ?? 0;
  };
  const counts = new Uint32Array(texts.length);
  for (const row of learned) counts[codes[row] ?? 0] = (counts[codes[row] ?? 0] ?? 0) + 1;
  const commonest = counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0));
  return {
    target,
    clear: await accuracyAfter(dataSet(learned, features.clearInto)),
    anonymised: await accuracyAfter(dataSet(learned, features.releasedInto)),
    baseline: tested.filter((row) => codes[row] === commonest).length / tested.length,
  };
}
