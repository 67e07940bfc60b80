// The participant's own discrete noise, as its encoding declares it: exact integers from its own generator. Whoever leaves it out cannot
// encode: the encoding demands a sampler of at least the declared deviation.

import { discreteGaussian, skellam } from '@sumus/differential-privacy/noise';
import type { Encoding, NoiseSampler } from '@sumus/secure-sum/encoding';
import { ParameterError } from '../errors.ts';
import { type RandomBytes, randomSourceOf } from '../training/own-randomness.ts';

/** Rounded up: what is drawn is never below what is charged. */
const UP = 1 + 2 ** -40;

/** Undefined where the encoding has none. */
export function ownNoise({ noise }: Encoding, randomBytes: RandomBytes): NoiseSampler | undefined {
  if (noise === undefined) return undefined;
  const source = randomSourceOf(randomBytes);
  switch (noise.name) {
    case 'discrete-gaussian':
      return discreteGaussian(Math.sqrt(noise.variance) * UP, source);
    case 'skellam':
      return skellam(noise.variance * UP, source);
    default:
      throw new ParameterError(`no sampler draws ${noise.name} noise`);
  }
}
