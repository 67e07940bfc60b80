// Dropout. Which elements go is a hash of the pass's seed, this layer's place and the element's place: replayable, without state.

import type { Engine } from '../engine/engine.ts';
import type { Layer, Pass, Tensor } from './layer.ts';

export function dropoutLayer(
  { memory, tokens, vectors }: Engine,
  input: Tensor,
  rate: number,
  stream: number,
  maxBatch: number,
): Layer {
  const output: Tensor = {
    value: memory.reserveFloats(maxBatch * input.size),
    gradient: memory.reserveFloats(maxBatch * input.size),
    size: input.size,
  };
  const threshold = Math.floor(rate * 2 ** 32);
  const apply = (out: number, x: number, { count, training, dropoutSeed }: Pass): void => {
    const n = count * input.size;
    if (!training || rate === 0) vectors.scale(out, x, 1, n);
    else tokens.dropout(out, x, n, dropoutSeed ^ Math.imul(stream + 1, 0x9e3779b1), threshold, 1 / (1 - rate));
  };
  return {
    output,
    forward(pass) {
      apply(output.value, input.value, pass);
    },
    backward(pass) {
      if (input.gradient !== 0) apply(input.gradient, output.gradient, pass);
    },
  };
}
