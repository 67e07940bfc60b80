// Draws batches exactly as a plan says, from a CSPRNG: no floating point decides who is in. Indices are secret:
// amplification by sampling is only as good as the batch is unknown. They come out in increasing order, so that order
// tells nothing more.

import { ParameterError } from '../errors.ts';
import { dyadic } from '../noise/exact-exponential.ts';
import type { RandomWords } from '../noise/random-source.ts';
import type { EpochPlan, StepPlan } from './sampling-plan.ts';

/** The batch of one step. */
export function drawBatch(plan: StepPlan, random: RandomWords): Uint32Array {
  switch (plan.kind) {
    case 'poisson':
      return poisson(plan.recordCount, plan.rate, random);
    case 'truncated-poisson': {
      const batch = poisson(plan.recordCount, plan.rate, random);
      if (batch.length <= plan.largestBatch) return batch;
      return subset(batch, plan.largestBatch, random);
    }
    case 'fixed-size':
      return subset(range(plan.recordCount), plan.batchSize, random);
    case 'full':
      return range(plan.recordCount);
    default:
      return plan satisfies never;
  }
}

/** All batches of one epoch: every record is in exactly one. */
export function drawEpoch(plan: EpochPlan, random: RandomWords): Uint32Array[] {
  switch (plan.kind) {
    case 'balls-and-bins': {
      const bins = Array.from({ length: plan.binCount }, (): number[] => []);
      for (let record = 0; record < plan.recordCount; record++) bins[random.below(plan.binCount)].push(record);
      return bins.map((bin) => Uint32Array.from(bin));
    }
    case 'shuffled': {
      const order = range(plan.recordCount);
      shuffle(order, order.length, random);
      const batches: Uint32Array[] = [];
      for (let at = 0; at < order.length; at += plan.batchSize) {
        batches.push(order.slice(at, at + plan.batchSize).sort());
      }
      return batches;
    }
    default:
      return plan satisfies never;
  }
}

const range = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

/** The first `count` places of a uniformly random order (Fisher and Yates); mutates `order`. */
function shuffle(order: Uint32Array, count: number, random: RandomWords): void {
  for (let i = 0; i < Math.min(count, order.length - 1); i++) {
    const j = i + random.below(order.length - i);
    const swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
}

function subset(records: Uint32Array, count: number, random: RandomWords): Uint32Array {
  shuffle(records, count, random);
  return records.slice(0, count).sort();
}

/**
 * Each record with probability exactly the double `rate`: 32 bits of a uniform against those of the rate, and on a tie
 * the rest.
 */
function poisson(recordCount: number, rate: number, random: RandomWords): Uint32Array {
  const coin = exactCoin(rate);
  const chosen: number[] = [];
  for (let record = 0; record < recordCount; record++) if (coin(random)) chosen.push(record);
  return Uint32Array.from(chosen);
}

/** True with probability exactly `rate`. */
export function exactCoin(rate: number): (random: RandomWords) => boolean {
  if (!(rate >= 0 && rate <= 1)) throw new ParameterError(`a probability is in [0, 1], not ${rate}`);
  if (rate === 1) return () => true;
  const { numerator, shift } = dyadic(rate);
  const extra = Math.max(0, Math.ceil(shift / 32) - 1);
  const bits = BigInt(32 * (extra + 1));
  // rate · 2^bits, an integer.
  const threshold = numerator << (bits - BigInt(shift));
  const leading = Number(threshold >> (bits - 32n));
  const rest = threshold & ((1n << (bits - 32n)) - 1n);
  return (random) => {
    const word = random.next();
    if (word !== leading) return word < leading;
    return random.integer(extra) < rest;
  };
}
