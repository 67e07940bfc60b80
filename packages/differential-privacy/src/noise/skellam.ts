// Skellam noise: the difference of two independent Poisson variables of mean variance/2, exactly. Closed under
// addition: the sum of any set of shares is a Skellam again, so dropouts leave the accounting exact (Agarwal, Kairouz,
// Liu 2021; arXiv 2110.04995). A Poisson mean above 2^24 is a sum of several, which is exact as well and costs one
// lookup a part.
//
// Refuses variance ≤ 0 and variance > 2^32 (a standard deviation of 2^16): use the discrete Gaussian there.

import { ParameterError } from '../errors.ts';
import type { IntegerSampler, NoiseLaw } from './integer-sampler.ts';
import { type InverseTable, inverseTable } from './inverse-table.ts';
import { LARGEST_TABLE_MEAN, poissonLaw } from './laws.ts';
import { type RandomSource, RandomWords } from './random-source.ts';

export const LARGEST_VARIANCE: number = 2 ** 32;
/** Larger tables take long to make; more parts take longer to sample. */
const LARGEST_PART = 2 ** 20;
const BLOCK = 1024;

export function skellam(variance: number, source: RandomSource): IntegerSampler {
  if (!(variance > 0 && variance <= LARGEST_VARIANCE)) {
    throw new ParameterError(`a Skellam has a variance in (0, 2^32], not ${variance}`);
  }
  return new Skellam(variance, new RandomWords(source));
}

class Skellam implements IntegerSampler {
  readonly law: NoiseLaw;
  readonly stddev: number;
  readonly distance: number = 0;
  /** A power of two: mean / parts is then exact. */
  readonly #parts: number;
  readonly #poisson: InverseTable;
  readonly #random: RandomWords;

  constructor(variance: number, random: RandomWords) {
    this.law = Object.freeze({ name: 'skellam', variance });
    this.stddev = Math.sqrt(variance);
    const mean = variance / 2;
    const part = mean / 64 > LARGEST_PART ? LARGEST_TABLE_MEAN : LARGEST_PART;
    this.#parts = 2 ** Math.max(0, Math.ceil(Math.log2(mean / part)));
    this.#poisson = inverseTable(`poisson ${mean / this.#parts}`, () => poissonLaw(mean / this.#parts));
    this.#random = random;
  }

  sampleInto(out: Int32Array): void {
    const draws = new Int32Array(Math.min(BLOCK, out.length));
    out.fill(0);
    for (let at = 0; at < out.length; at += draws.length) {
      const target = out.subarray(at, Math.min(at + draws.length, out.length));
      for (let part = 0; part < this.#parts; part++) {
        this.#poisson.sampleInto(this.#random, draws, 0, target.length);
        for (let i = 0; i < target.length; i++) target[i] += draws[i];
        this.#poisson.sampleInto(this.#random, draws, 0, target.length);
        for (let i = 0; i < target.length; i++) target[i] -= draws[i];
      }
    }
    draws.fill(0);
  }
}
