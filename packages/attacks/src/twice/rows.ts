// What every layer of the twice differentiable network reads and writes: rows of one example each, in doubles, with three companions.
// Gradients are of the loss; tangents are derivatives along one direction of the weights (Pearlmutter, Neural Computation 6, 1994).
// Products of such rows with a matrix stand here too: plain loops whose inner index runs along memory.

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

export interface Matrix {
  readonly values: Float64Array;
  /** Where it begins. */
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
}

/** out += a·m, a being rows of m.rows numbers. */
export function addProduct(out: Float64Array, a: Float64Array, { values, at, rows, columns }: Matrix): void {
  for (let from = 0, to = 0; from < a.length; from += rows, to += columns) {
    for (let k = 0; k < rows; k++) {
      const factor = a[from + k];
      // Pictures are mostly black, and half of all ReLUs are off.
      if (factor === 0) continue;
      const row = at + k * columns;
      for (let j = 0; j < columns; j++) out[to + j] += factor * values[row + j];
    }
  }
}

/** out += a·mᵀ, a being rows of m.columns numbers. */
export function addProductTransposed(out: Float64Array, a: Float64Array, { values, at, rows, columns }: Matrix): void {
  for (let from = 0, to = 0; from < a.length; from += columns, to += rows) {
    for (let k = 0; k < rows; k++) {
      const row = at + k * columns;
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += a[from + j] * values[row + j];
      out[to + k] += sum;
    }
  }
}

/** m += aᵀ·b, rows of a and b belonging together. */
export function addOuterProducts({ values, at, rows, columns }: Matrix, a: Float64Array, b: Float64Array): void {
  for (let left = 0, right = 0; left < a.length; left += rows, right += columns) {
    for (let k = 0; k < rows; k++) {
      const factor = a[left + k];
      if (factor === 0) continue;
      const row = at + k * columns;
      for (let j = 0; j < columns; j++) values[row + j] += factor * b[right + j];
    }
  }
}
