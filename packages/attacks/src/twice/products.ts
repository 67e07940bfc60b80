// The three products that layers of a twice differentiable network are made of, in two ways: plain loops in doubles, which are slow and obvious,
// and the engine's kernel in floats, ten times as fast where there are many rows. Near a minimum a search compares gradients that agree to
// five digits at most; floats have seven.

import type { Engine } from '@sumus/learning/engine';

export interface Matrix {
  readonly values: Float64Array;
  /** Where it begins. */
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
}

export interface Products {
  /** out += a·m, a being rows of m.rows numbers. */
  addProduct(out: Float64Array, a: Float64Array, m: Matrix): void;
  /** out += a·mᵀ, a being rows of m.columns numbers. */
  addProductTransposed(out: Float64Array, a: Float64Array, m: Matrix): void;
  /** m += aᵀ·b, rows of a and b belonging together. */
  addOuterProducts(m: Matrix, a: Float64Array, b: Float64Array): void;
}

export const plainProducts: Products = { addProduct, addProductTransposed, addOuterProducts };

/** With fewer rows, copying to the kernel's memory takes longer than the product. */
const FEWEST_ROWS = 8;

export function engineProducts(engine: Engine): Products {
  const { matrix, memory } = engine;
  const [left, right, result, scratch] = [new Place(engine), new Place(engine), new Place(engine), new Place(engine)];
  const copied = (place: Place, values: Float64Array): number => {
    const at = place.of(values.length);
    memory.f32(at, values.length).set(values);
    return at;
  };
  /** A matrix as the kernel takes it: where it is, and the steps to the next row and column. */
  type Operand = readonly [at: number, row: number, column: number];
  const product = (m: number, n: number, k: number, a: Operand, b: Operand): Float32Array => {
    const at = result.of(m * n);
    matrix.gemm(m, n, k, ...a, ...b, at, n, 0, scratch.of(matrix.gemmScratchBytes(n) / 4));
    return memory.f32(at, m * n);
  };
  const own = ({ values, at, rows, columns }: Matrix): Float64Array => values.subarray(at, at + rows * columns);
  const add = (out: Float64Array, values: Float32Array): void => {
    for (let i = 0; i < out.length; i++) out[i] += values[i];
  };
  return {
    addProduct(out, a, m) {
      const count = a.length / m.rows;
      if (count < FEWEST_ROWS) return addProduct(out, a, m);
      const operands: readonly [Operand, Operand] = [
        [copied(left, a), m.rows, 1],
        [copied(right, own(m)), m.columns, 1],
      ];
      add(out, product(count, m.columns, m.rows, ...operands));
    },
    addProductTransposed(out, a, m) {
      const count = a.length / m.columns;
      if (count < FEWEST_ROWS) return addProductTransposed(out, a, m);
      const operands: readonly [Operand, Operand] = [
        [copied(left, a), m.columns, 1],
        [copied(right, own(m)), 1, m.columns],
      ];
      add(out, product(count, m.rows, m.columns, ...operands));
    },
    addOuterProducts(m, a, b) {
      const count = a.length / m.rows;
      if (count < FEWEST_ROWS) return addOuterProducts(m, a, b);
      const operands: readonly [Operand, Operand] = [
        [copied(left, a), 1, m.rows],
        [copied(right, b), m.columns, 1],
      ];
      add(own(m), product(m.rows, m.columns, count, ...operands));
    },
  };
}

/** Room in the engine's memory for vectors of any length: a longer one takes a new place, twice as long. */
class Place {
  readonly #engine: Engine;
  #at = 0;
  #length = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  of(length: number): number {
    if (length > this.#length) {
      this.#length = 2 * length;
      this.#at = this.#engine.memory.reserveFloats(this.#length);
    }
    return this.#at;
  }
}

function addProduct(out: Float64Array, a: Float64Array, { values, at, rows, columns }: Matrix): void {
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

function addProductTransposed(out: Float64Array, a: Float64Array, { values, at, rows, columns }: Matrix): void {
  for (let from = 0, to = 0; from < a.length; from += columns, to += rows) {
    for (let k = 0; k < rows; k++) {
      const row = at + k * columns;
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += a[from + j] * values[row + j];
      out[to + k] += sum;
    }
  }
}

function addOuterProducts({ values, at, rows, columns }: Matrix, a: Float64Array, b: Float64Array): void {
  for (let left = 0, right = 0; left < a.length; left += rows, right += columns) {
    for (let k = 0; k < rows; k++) {
      const factor = a[left + k];
      if (factor === 0) continue;
      const row = at + k * columns;
      for (let j = 0; j < columns; j++) values[row + j] += factor * b[right + j];
    }
  }
}
