// The discrete Laplace (two-sided geometric) law P(x) ∝ e^(−|x| / scale), exactly, for scales in (0, 2^21]: ε-DP with
// scale = Δ₁/ε for integer sums (Ghosh, Roughgarden, Sundararajan 2009). Up to TABLE_SCALE by table, above by
// decomposition:
//   |x| = K·y + u, y geometric with scale/K, u uniform in [0, K), accepted with e^(−u / scale); a fair sign, −0 drawn
//   again.
//
// Refuses scale ≤ 0, scale > 2^21 and non-finite scales. Beyond Int32 lies less than e^(−2^10) of the mass.

import { ParameterError } from '../errors.ts';
import { BernoulliExponential } from './bernoulli-exponential.ts';
import { dyadic } from './exact-exponential.ts';
import type { IntegerSampler, NoiseLaw } from './integer-sampler.ts';
import { type InverseTable, inverseTable } from './inverse-table.ts';
import { geometricLaw, laplaceLaw } from './laws.ts';
import { type RandomSource, RandomWords } from './random-source.ts';
import { TabulatedSampler } from './tabulated-sampler.ts';

const TABLE_SCALE = 128;
/** The decomposition keeps scale/K in (this, twice this]: acceptance is then above 1 − 1/(2·this). */
const GEOMETRIC_SCALE = 64;
export const LARGEST_SCALE: number = 2 ** 21;

export function discreteLaplace(scale: number, source: RandomSource): IntegerSampler {
  if (!(scale > 0 && scale <= LARGEST_SCALE)) {
    throw new ParameterError(`a discrete Laplace has a scale in (0, 2^21], not ${scale}`);
  }
  if (scale <= TABLE_SCALE) {
    const law: NoiseLaw = { name: 'discrete-laplace', scale };
    const table = inverseTable(`laplace ${scale}`, () => laplaceLaw(scale));
    return new TabulatedSampler({ law, stddev: discreteLaplaceStddev(scale), table }, new RandomWords(source));
  }
  return new WideLaplace(scale, Math.ceil(Math.log2(scale / (2 * GEOMETRIC_SCALE))), new RandomWords(source));
}

/**
 * The decomposition with K = 2^blockBits, blockBits in [0, 16]; exported for its test, which runs it at small scales.
 */
export class WideLaplace implements IntegerSampler {
  readonly law: NoiseLaw;
  readonly stddev: number;
  readonly distance: number = 0;
  readonly #blockBits: number;
  readonly #blocks: InverseTable;
  readonly #acceptance: BernoulliExponential;
  readonly #random: RandomWords;

  constructor(scale: number, blockBits: number, random: RandomWords) {
    this.law = Object.freeze({ name: 'discrete-laplace', scale });
    this.stddev = discreteLaplaceStddev(scale);
    this.#blockBits = blockBits;
    this.#blocks = inverseTable(`geometric ${scale / 2 ** blockBits}`, () => geometricLaw(scale / 2 ** blockBits));
    this.#acceptance = new BernoulliExponential(dyadic(scale), scale);
    this.#random = random;
  }

  sampleInto(out: Int32Array): void {
    const random = this.#random;
    const block = 2 ** this.#blockBits;
    const mask = block - 1;
    let done = 0;
    while (done < out.length) {
      this.#blocks.sampleInto(random, out, done);
      let kept = done;
      for (let i = done; i < out.length; i++) {
        const word = random.next();
        const low = word & mask;
        const magnitude = block * out[i] + low;
        const negative = word >>> 31 === 1;
        if (negative && magnitude === 0) continue;
        if (!this.#acceptance.accepts(low, random)) continue;
        out[kept] = negative ? -magnitude : magnitude;
        kept += 1;
      }
      done = kept;
    }
  }
}

/** √(2r)/(1 − r) with r = e^(−1/scale). */
export function discreteLaplaceStddev(scale: number): number {
  return Math.sqrt(2 * Math.exp(-1 / scale)) / -Math.expm1(-1 / scale);
}
