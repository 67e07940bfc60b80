// y = layers(x) + shortcut(x), the shortcut being x itself when it has no layers.

import type { Engine } from '../engine/engine.ts';
import type { Layer, Tensor } from './layer.ts';

export interface Branch {
  readonly layers: readonly Layer[];
  readonly output: Tensor;
}

/** Builds a branch on an input that has the block's values and a gradient of its own. */
export type BranchBuilder = (input: Tensor) => Branch;

export function residualLayer(
  { memory, vectors }: Engine,
  input: Tensor,
  body: BranchBuilder,
  shortcut: BranchBuilder | undefined,
  maxBatch: number,
): Layer {
  const own = (): Tensor =>
    input.gradient === 0 ? input : { ...input, gradient: memory.reserveFloats(maxBatch * input.size) };
  const bodyInput = own();
  const bodyBranch = body(bodyInput);
  const shortcutInput = shortcut === undefined ? input : own();
  const shortcutBranch = shortcut?.(shortcutInput);
  const { size } = bodyBranch.output;
  // The gradient of the sum is the gradient of each summand: the body's serves as the sum's.
  const output: Tensor = {
    value: memory.reserveFloats(maxBatch * size),
    gradient: bodyBranch.output.gradient,
    size,
  };
  return {
    output,
    forward(pass) {
      for (const one of bodyBranch.layers) one.forward(pass);
      for (const one of shortcutBranch?.layers ?? []) one.forward(pass);
      const other = shortcutBranch?.output.value ?? input.value;
      vectors.sum(output.value, bodyBranch.output.value, other, pass.count * size);
    },
    backward(pass) {
      const n = pass.count * input.size;
      // Copied first: layers of the body may overwrite their output's gradient.
      if (shortcutBranch !== undefined) {
        vectors.scale(shortcutBranch.output.gradient, output.gradient, 1, pass.count * size);
      } else if (input.gradient !== 0) vectors.scale(input.gradient, output.gradient, 1, n);
      for (const one of bodyBranch.layers.toReversed()) one.backward(pass);
      for (const one of shortcutBranch?.layers.toReversed() ?? []) one.backward(pass);
      if (input.gradient === 0) return;
      const other = shortcutBranch === undefined ? input.gradient : shortcutInput.gradient;
      vectors.sum(input.gradient, bodyInput.gradient, other, n);
    },
  };
}
