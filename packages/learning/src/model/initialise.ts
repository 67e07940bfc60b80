// First weights: a function of architecture and seed, with the same bits everywhere (integers, one square root, one product).

import { seededGenerator } from '../random/generator.ts';
import { type Architecture, parameterCount, parametersOf } from './architecture.ts';
import { type ParameterDeclaration, sizeOf } from './shapes.ts';

/** The flat vector of first weights, parameters in the order of `parametersOf`. */
export function initialWeights(model: Architecture, seed: number): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(parameterCount(model));
  let offset = 0;
  parametersOf(model).forEach((parameter, index) => {
    const length = sizeOf(parameter.shape);
    const slice = weights.subarray(offset, offset + length);
    if (parameter.initialiser === 'ones') slice.fill(1);
    else if (parameter.initialiser !== 'zeros') {
      const generator = seededGenerator(seed, index);
      const bound = uniformBound(parameter);
      for (let i = 0; i < length; i++) slice[i] = (2 * generator.float() - 1) * bound;
    }
    offset += length;
  });
  return weights;
}

/** Uniform within ±bound has variance bound²/3: 2/fanIn for He, 2/(fanIn + fanOut) for Glorot. */
function uniformBound({ fanIn, fanOut, initialiser }: ParameterDeclaration): number {
  return Math.sqrt(6 / (initialiser === 'he' ? fanIn : fanIn + fanOut));
}
