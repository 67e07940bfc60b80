// What every layer of the twice differentiable network reads and writes: rows of one example each, in doubles, with three companions.
// Gradients are of the loss; tangents are derivatives along one direction of the weights (Pearlmutter, Neural Computation 6, 1994).

/** `count` rows of `size` numbers. */
export interface Rows {
  readonly size: number;
  readonly value: Float64Array<ArrayBuffer>;
  /** ∂loss/∂value. */
  readonly gradient: Float64Array<ArrayBuffer>;
  /** d value / dε where the weights are θ + ε·r. */
  readonly tangent: Float64Array<ArrayBuffer>;
  /** d gradient / dε. */
  readonly gradientTangent: Float64Array<ArrayBuffer>;
}

export function makeRows(count: number, size: number): Rows {
  const zeros = (): Float64Array<ArrayBuffer> => new Float64Array(count * size);
  return { size, value: zeros(), gradient: zeros(), tangent: zeros(), gradientTangent: zeros() };
}

/** What one layer does. `parameters`, `direction` and `gradient` are the network's flat vectors; a layer knows its own places in them. */
export interface TwiceLayer {
  readonly output: Rows;
  forward(parameters: Float64Array): void;
  /** From the output's gradient to the input's, and adds the parameters' to `gradient`. */
  backward(parameters: Float64Array, gradient: Float64Array): void;
  /** The output's tangent from the input's and the direction; after `forward`. */
  forwardTangent(parameters: Float64Array, direction: Float64Array): void;
  /** The input's gradientTangent; after `backward` and `forwardTangent`. */
  backwardTangent(parameters: Float64Array, direction: Float64Array): void;
}
