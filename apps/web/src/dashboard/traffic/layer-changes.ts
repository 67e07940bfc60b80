// How much each layer of a model changed between two of its versions. Loaded when somebody looks.
import { architectureOf } from '@sumus/federation/model';
import type { CheckedPlan } from '@sumus/federation/plan';
import { publishedFromBytes } from '@sumus/federation/release';
import { namedWeights } from '@sumus/learning/files';

export interface LayerChange {
  readonly name: string;
  readonly count: number;
  /** Share of its coordinates that are other than before. */
  readonly changed: number;
  /** Mean change in each of as many columns, over the largest of all. */
  readonly columns: Float32Array;
}

export function layerChanges(
  plan: CheckedPlan,
  before: Uint8Array,
  after: Uint8Array,
  columns: number,
): readonly LayerChange[] {
  const [old, fresh] = [before, after].map((bytes) => publishedFromBytes(plan, bytes));
  if (old?.kind !== 'model' || fresh?.kind !== 'model') return [];
  const model = architectureOf(plan);
  const was = namedWeights(model, old.server.weights);
  const found = namedWeights(model, fresh.server.weights).map(({ name, data }, layer) => {
    const sums = new Float32Array(columns);
    let changed = 0;
    for (const [at, value] of data.entries()) {
      const difference = Math.abs(value - (was[layer]?.data[at] ?? 0));
      if (difference > 0) changed += 1;
      const column = Math.floor((at * columns) / data.length);
      sums[column] = (sums[column] ?? 0) + (difference * columns) / data.length;
    }
    return { name, count: data.length, changed: changed / data.length, columns: sums };
  });
  const most = Math.max(1e-30, ...found.map(({ columns: sums }) => Math.max(...sums)));
  return found.map((layer) => ({ ...layer, columns: layer.columns.map((one) => Math.sqrt(one / most)) }));
}
