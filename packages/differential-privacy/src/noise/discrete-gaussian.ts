// The discrete Gaussian N_Z(0, σ²), P(x) ∝ e^(−x² / 2σ²), exactly, for σ in (0, 2^21]. Noise of integer sums:
// Δ²/(2σ²)-zCDP for L2 sensitivity Δ, like its continuous namesake (Canonne, Kamath, Steinke 2020;
// arXiv 2004.00010), without a real number that would have to be rounded. Up to σ = TABLE_STDDEV by table, above by
// decomposition:
//   |x| = K·y + u, y from the half Gaussian of σ/K, u uniform in [0, K), accepted with e^(−u(u + 2Ky) / 2σ²), for then
//   P(y, u) ∝ e^(−(Ky)²/2σ²) · e^(−(u² + 2Kyu)/2σ²) = e^(−x²/2σ²); a fair sign, where −0 is drawn again so that 0
//   counts once.
// (Ducas, Durmus, Lepoint, Lyubashevsky 2013; eprint 2013/383.)
//
// Refuses σ ≤ 0, σ > 2^21 and non-finite σ. Draws fit Int32: beyond 2^31 lies less than e^(−2^19) of the mass.

import { ParameterError } from '../errors.ts';
import { BernoulliExponential } from './bernoulli-exponential.ts';
import { type Dyadic, dyadic } from './exact-exponential.ts';
import type { IntegerSampler, NoiseLaw } from './integer-sampler.ts';
import { type InverseTable, inverseTable } from './inverse-table.ts';
import { gaussianLaw, halfGaussianLaw } from './laws.ts';
import { type RandomSource, RandomWords } from './random-source.ts';
import { TabulatedSampler } from './tabulated-sampler.ts';

/** Up to here one lookup gives a draw; a larger table would leave the cache. */
const TABLE_STDDEV = 256;
/** The decomposition keeps σ/K in (this, twice this]: acceptance is then above 1 − 0.4/σ₀. */
const HALF_STDDEV = 64;
export const LARGEST_STDDEV: number = 2 ** 21;

export function discreteGaussian(stddev: number, source: RandomSource): IntegerSampler {
  if (!(stddev > 0 && stddev <= LARGEST_STDDEV)) {
    throw new ParameterError(`a discrete Gaussian has a standard deviation in (0, 2^21], not ${stddev}`);
  }
  if (stddev <= TABLE_STDDEV) {
    const law: NoiseLaw = { name: 'discrete-gaussian', stddev };
    const table = inverseTable(`gaussian ${stddev}`, () => gaussianLaw(stddev));
    return new TabulatedSampler({ law, stddev: discreteGaussianStddev(stddev), table }, new RandomWords(source));
  }
  const blockBits = Math.ceil(Math.log2(stddev / (2 * HALF_STDDEV)));
  return new WideGaussian(stddev, blockBits, new RandomWords(source));
}

/** The decomposition with K = 2^blockBits, blockBits in [0, 16]; exported for its test, which runs it at small σ. */
export class WideGaussian implements IntegerSampler {
  readonly law: NoiseLaw;
  readonly stddev: number;
  readonly distance: number = 0;
  readonly #blockBits: number;
  readonly #blocks: InverseTable;
  readonly #acceptance: BernoulliExponential;
  readonly #random: RandomWords;

  constructor(stddev: number, blockBits: number, random: RandomWords) {
    this.law = Object.freeze({ name: 'discrete-gaussian', stddev });
    this.stddev = discreteGaussianStddev(stddev);
    this.#blockBits = blockBits;
    this.#blocks = inverseTable(`half gaussian ${stddev / 2 ** blockBits}`, () =>
      halfGaussianLaw(stddev / 2 ** blockBits),
    );
    this.#acceptance = new BernoulliExponential(twiceSquare(dyadic(stddev)), 2 * stddev * stddev);
    this.#random = random;
  }

  sampleInto(out: Int32Array): void {
    const random = this.#random;
    const block = 2 ** this.#blockBits;
    const mask = block - 1;
    let done = 0;
    // A rejected try leaves its place to be filled again: y has to be fresh too.
    while (done < out.length) {
      this.#blocks.sampleInto(random, out, done);
      let kept = done;
      for (let i = done; i < out.length; i++) {
        const word = random.next();
        const low = word & mask;
        const base = block * out[i];
        const negative = word >>> 31 === 1;
        if (negative && base + low === 0) continue;
        // u(u + 2Ky): an integer below 2^16 · 2^27, exact.
        if (!this.#acceptance.accepts(low * (low + 2 * base), random)) continue;
        out[kept] = negative ? -(base + low) : base + low;
        kept += 1;
      }
      done = kept;
    }
  }
}

/** 2σ² as a rational. */
function twiceSquare({ numerator, shift }: Dyadic): Dyadic {
  return { numerator: 2n * numerator * numerator, shift: 2 * shift };
}

/**
 * The true standard deviation of N_Z(0, σ²): below σ, by less than 10^−8 relative from σ = 1 on. Poisson summation for
 * large σ; the sum itself for small ones. For statistics and scaling only; no draw depends on it.
 */
export function discreteGaussianStddev(sigma: number): number {
  if (sigma > 4) return sigma;
  let mass = 1;
  let moment = 0;
  for (let x = 1; x <= Math.ceil(40 * sigma); x++) {
    const weight = 2 * Math.exp((-x * x) / (2 * sigma * sigma));
    mass += weight;
    moment += weight * x * x;
  }
  return Math.sqrt(moment / mass);
}
