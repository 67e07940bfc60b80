// The reference engine of the noise: Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), algorithms 1 to 3, on BigInt
// rationals, line by line. Slow (tens of microseconds a draw) and obvious; the tests hold the fast samplers against it.

import { ParameterError } from '../errors.ts';
import { dyadic } from './exact-exponential.ts';
import type { IntegerSampler, NoiseLaw } from './integer-sampler.ts';
import { type RandomSource, RandomWords } from './random-source.ts';

interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Uniform in [0, bound). */
function uniformBelow(bound: bigint, random: RandomWords): bigint {
  const bits = (bound - 1n).toString(2).length;
  const words = Math.ceil(bits / 32);
  for (;;) {
    const drawn = random.integer(words) >> BigInt(32 * words - bits);
    if (drawn < bound) return drawn;
  }
}

const bernoulli = ({ numerator, denominator }: Rational, random: RandomWords): boolean =>
  uniformBelow(denominator, random) < numerator;

/** Bernoulli(e^−γ) (algorithm 1). */
function bernoulliExponential({ numerator, denominator }: Rational, random: RandomWords): boolean {
  for (let whole = numerator / denominator; whole > 0n; whole--) {
    if (!bernoulliExponentialUpToOne({ numerator: 1n, denominator: 1n }, random)) return false;
  }
  return bernoulliExponentialUpToOne({ numerator: numerator % denominator, denominator }, random);
}

/** For γ in [0, 1]: the first k at which Bernoulli(γ/k) fails is odd with probability e^−γ. */
function bernoulliExponentialUpToOne({ numerator, denominator }: Rational, random: RandomWords): boolean {
  let k = 1n;
  while (bernoulli({ numerator, denominator: denominator * k }, random)) k += 1n;
  return k % 2n === 1n;
}

/** P(x) ∝ e^(−|x|·s/t) for scale t/s (algorithm 2). */
function laplace(t: bigint, s: bigint, random: RandomWords): bigint {
  for (;;) {
    const u = uniformBelow(t, random);
    if (!bernoulliExponential({ numerator: u, denominator: t }, random)) continue;
    let v = 0n;
    while (bernoulliExponential({ numerator: 1n, denominator: 1n }, random)) v += 1n;
    const magnitude = (u + t * v) / s;
    const negative = bernoulli({ numerator: 1n, denominator: 2n }, random);
    if (negative && magnitude === 0n) continue;
    return negative ? -magnitude : magnitude;
  }
}

export function referenceDiscreteLaplace(scale: number, source: RandomSource): IntegerSampler {
  if (!(scale > 0)) throw new ParameterError(`a scale is positive, not ${scale}`);
  const { numerator, shift } = dyadic(scale);
  const r = Math.exp(-1 / scale);
  return new CoinFlips(
    { name: 'discrete-laplace', scale },
    Math.sqrt(2 * r) / (1 - r),
    (random) => laplace(numerator, 1n << BigInt(shift), random),
    source,
  );
}

/** Algorithm 3: a discrete Laplace of scale t = ⌊σ⌋ + 1, accepted with e^(−(|y| − σ²/t)² / 2σ²). */
export function referenceDiscreteGaussian(stddev: number, source: RandomSource): IntegerSampler {
  if (!(stddev > 0)) throw new ParameterError(`a standard deviation is positive, not ${stddev}`);
  const { numerator, shift } = dyadic(stddev);
  // σ² = squareUp / squareDown.
  const squareUp = numerator * numerator;
  const squareDown = 1n << BigInt(2 * shift);
  const t = BigInt(Math.floor(stddev)) + 1n;
  const draw = (random: RandomWords): bigint => {
    for (;;) {
      const y = laplace(t, 1n, random);
      const magnitude = y < 0n ? -y : y;
      // (|y| − σ²/t)² / (2σ²) = (|y|·t·down − up)² / (2 · t² · down · up).
      const difference = magnitude * t * squareDown - squareUp;
      const gamma = { numerator: difference * difference, denominator: 2n * t * t * squareDown * squareUp };
      if (bernoulliExponential(gamma, random)) return y;
    }
  };
  return new CoinFlips({ name: 'discrete-gaussian', stddev }, stddev, draw, source);
}

class CoinFlips implements IntegerSampler {
  readonly law: NoiseLaw;
  readonly stddev: number;
  readonly distance: number = 0;
  readonly #draw: (random: RandomWords) => bigint;
  readonly #random: RandomWords;

  constructor(law: NoiseLaw, stddev: number, draw: (random: RandomWords) => bigint, source: RandomSource) {
    this.law = law;
    this.stddev = stddev;
    this.#draw = draw;
    this.#random = new RandomWords(source);
  }

  sampleInto(out: Int32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = Number(this.#draw(this.#random));
  }
}
