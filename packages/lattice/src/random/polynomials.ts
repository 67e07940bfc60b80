// The samplers on whole polynomials, for those who do not write schemes in the engine's memory. What is drawn depends on the stream
// alone and is that of the samplers on blocks. Results are secret where the stream is: wipePolynomial (ring/polynomial.ts) ends them.

import { ParameterError } from '../errors.ts';
import type { Distribution } from '../parameters/distributions.ts';
import { allocateBlock, readBlock, signedToBlock } from '../ring/blocks.ts';
import {
  type CoefficientPolynomial,
  coefficientPolynomial,
  type EvaluationPolynomial,
  evaluationPolynomial,
} from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import type { RandomStream } from './random-stream.ts';
import { sampleSmall } from './small.ts';
import { sampleSmudgingBlock } from './smudging.ts';
import { sampleUniformBlock } from './uniform.ts';

/** Uniform in R_q; drawn as evaluations, which are uniform when coefficients are. */
export function uniformPolynomial(ring: Ring, stream: RandomStream): EvaluationPolynomial {
  return evaluationPolynomial(
    ring,
    drawn(ring, (at) => sampleUniformBlock(ring, stream, at)),
  );
}

/** Coefficients drawn independently from a small distribution: a secret or an error. */
export function smallPolynomial(ring: Ring, stream: RandomStream, distribution: Distribution): CoefficientPolynomial {
  const draw = (at: number): void => {
    const signed = ring.engine.memory.allocate(ring.limbBytes);
    sampleSmall(ring.engine, stream, distribution, signed, ring.degree);
    signedToBlock(ring, at, signed);
  };
  return coefficientPolynomial(ring, drawn(ring, draw));
}

/** Coefficients of wide Gaussian noise that hides what it is added to; σ = 2^stddevLog2. */
export function smudgingPolynomial(ring: Ring, stream: RandomStream, stddevLog2: number): CoefficientPolynomial {
  if (!(stddevLog2 >= 0)) throw new ParameterError(`noise of deviation 2^${stddevLog2}: at least 1 is needed`);
  return coefficientPolynomial(
    ring,
    drawn(ring, (at) => sampleSmudgingBlock(ring, stream, stddevLog2, at)),
  );
}

function drawn(ring: Ring, draw: (address: number) => void): Uint32Array<ArrayBuffer> {
  return ring.engine.memory.secretScope(() => {
    const at = allocateBlock(ring);
    draw(at);
    return readBlock(ring, at);
  });
}
