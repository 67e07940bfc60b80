// Which examples a participant works on: drawn from its own generator, never from the plan's seed. Who knows a batch knows who is in it:
// a public sampling seed would void every claim of amplification (and the indices stay in the worker for the same reason).
//
//   poisson    every record by itself with probability exactly the rate; an epoch is ⌈1 / rate⌉ batches
//   shuffled   a fresh order an epoch, cut into batches; the last of an epoch may be smaller
//   full       everything, every time

import type { RandomWords } from '@sumus/differential-privacy/noise';
import { exactCoin } from '@sumus/differential-privacy/sampling';
import type { Batch } from '@sumus/learning/network';
import type { Batching, LocalWork } from '../plan/plan.ts';

/** Rows of every batch of one contribution. Secret. */
export function drawBatches(
  { sampling }: Batching,
  { unit, count }: Pick<LocalWork, 'unit' | 'count'>,
  rowCount: number,
  random: RandomWords,
): readonly Uint32Array[] {
  const epoch = epochOf(sampling, rowCount, random);
  const batches: Uint32Array[] = [];
  for (let epochs = 0; unit === 'epochs' ? epochs < count : batches.length < count; epochs++) {
    for (const batch of epoch()) {
      if (unit === 'batches' && batches.length === count) break;
      batches.push(batch);
    }
  }
  return batches;
}

/** Draws the next epoch, batch by batch. */
function epochOf(sampling: Batching['sampling'], rowCount: number, random: RandomWords): () => Iterable<Uint32Array> {
  switch (sampling.kind) {
    case 'poisson': {
      const coin = exactCoin(sampling.rate);
      const rows = Array.from({ length: rowCount }, (_, row) => row);
      return function* () {
        const batchCount = Math.ceil(1 / sampling.rate);
        for (let batch = 0; batch < batchCount; batch++) yield Uint32Array.from(rows.filter(() => coin(random)));
      };
    }
    case 'shuffled':
      return function* () {
        const order = Uint32Array.from({ length: rowCount }, (_, row) => row);
        for (let last = rowCount - 1; last > 0; last--) {
          const other = random.below(last + 1);
          const kept = order[last];
          order[last] = order[other];
          order[other] = kept;
        }
        for (let first = 0; first < rowCount; first += sampling.batchSize) {
          yield order.slice(first, first + sampling.batchSize);
        }
      };
    case 'full':
      return () => [Uint32Array.from({ length: rowCount }, (_, row) => row)];
    default:
      return sampling satisfies never;
  }
}

/** The examples at these rows, in this order. */
export function examplesAt({ inputs, targets }: Batch, rows: Uint32Array, rowCount: number): Batch {
  const inputWidth = inputs.length / rowCount;
  const targetWidth = targets.length / rowCount;
  const chosen = new Float32Array(rows.length * inputWidth);
  const wanted =
    targets instanceof Uint32Array
      ? new Uint32Array(rows.length * targetWidth)
      : new Float32Array(rows.length * targetWidth);
  rows.forEach((row, i) => {
    chosen.set(inputs.subarray(row * inputWidth, (row + 1) * inputWidth), i * inputWidth);
    wanted.set(targets.subarray(row * targetWidth, (row + 1) * targetWidth), i * targetWidth);
  });
  return { inputs: chosen, targets: wanted };
}
