// The reference transform of the canonical embedding: the passes of kernels/embedding/ on one number at a time.

import type { EmbeddingKernels } from '../embedding-kernels.ts';
import type { EngineMemory } from '../memory.ts';

interface Complex {
  readonly r: number;
  readonly i: number;
}

const add = (x: Complex, y: Complex): Complex => ({ r: x.r + y.r, i: x.i + y.i });
const subtract = (x: Complex, y: Complex): Complex => ({ r: x.r - y.r, i: x.i - y.i });
const multiply = (x: Complex, w: Complex): Complex => ({ r: x.r * w.r - x.i * w.i, i: x.r * w.i + x.i * w.r });
const multiplyConjugate = (x: Complex, w: Complex): Complex => ({ r: x.r * w.r + x.i * w.i, i: x.i * w.r - x.r * w.i });
const timesI = (x: Complex): Complex => ({ r: -x.i, i: x.r });

/** Four indices. */
type Four = readonly [number, number, number, number];
type Quadruple = readonly [Complex, Complex, Complex, Complex];
/** u, u² and u³. */
type Roots = readonly [Complex, Complex, Complex];

function forwardButterfly([x0, x1, x2, x3]: Quadruple, [u, square, cube]: Roots): Quadruple {
  const y1 = multiply(x1, u);
  const y2 = multiply(x2, square);
  const y3 = multiply(x3, cube);
  const [a, b, c, d] = [add(x0, y2), subtract(x0, y2), add(y1, y3), subtract(y1, y3)];
  return [add(a, c), subtract(a, c), subtract(b, timesI(d)), add(b, timesI(d))];
}

function inverseButterfly([y0, y1, y2, y3]: Quadruple, [u, square, cube]: Roots): Quadruple {
  const [a, b, c] = [add(y0, y1), add(y2, y3), subtract(y0, y1)];
  // i·(y2 − y3), without negating a difference: the sign of a zero would differ.
  const d = { r: y3.i - y2.i, i: y2.r - y3.r };
  return [
    add(a, b),
    multiplyConjugate(add(c, d), u),
    multiplyConjugate(subtract(a, b), square),
    multiplyConjugate(subtract(c, d), cube),
  ];
}

/** Complex numbers in memory, real and imaginary parts apart. */
class ComplexVector {
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;

  constructor(real: Float64Array, imaginary: Float64Array) {
    this.#real = real;
    this.#imaginary = imaginary;
  }

  get(k: number): Complex {
    return { r: this.#real[k], i: this.#imaginary[k] };
  }

  set(k: number, { r, i }: Complex): void {
    this.#real[k] = r;
    this.#imaginary[k] = i;
  }

  getFour(at: Four): Quadruple {
    return [this.get(at[0]), this.get(at[1]), this.get(at[2]), this.get(at[3])];
  }

  setFour(at: Four, values: Quadruple): void {
    for (let part = 0; part < 4; part++) this.set(at[part], values[part]);
  }
}

function reverseBits(x: number, size: number): number {
  let reversed = 0;
  for (let bit = 1; bit < size; bit *= 2) reversed = 2 * reversed + ((x & bit) === 0 ? 0 : 1);
  return reversed;
}

type Transforms = Pick<EmbeddingKernels, 'coefficientsToSlots' | 'slotsToCoefficients'>;

export function referenceTransform(memory: EngineMemory): Transforms {
  const view = (real: number, imaginary: number, n: number): ComplexVector =>
    new ComplexVector(memory.f64(real, n), memory.f64(imaginary, n));
  const middleRoots = (middle: number, record: number): Roots => {
    const t = memory.f64(middle + 48 * record, 6);
    return [
      { r: t[0], i: t[1] },
      { r: t[2], i: t[3] },
      { r: t[4], i: t[5] },
    ];
  };
  /** The roots of slot j for the pass over the last two of `layers`. */
  const lastRoots = (last: number, s: number, j: number): Roots => {
    const t = memory.f64(last + 96 * (s / 8 + (j >> 1)) + 8 * (j & 1), 11);
    return [
      { r: t[0], i: t[2] },
      { r: t[4], i: t[6] },
      { r: t[8], i: t[10] },
    ];
  };
  /** Calls work(where the four numbers are, where their four images go, roots) for a pass that starts at `layer`. */
  const eachOfPass = (
    middle: number,
    layer: number,
    s: number,
    work: (from: Four, to: Four, roots: Roots) => void,
  ): void => {
    const groups = 2 ** layer;
    const quarter = s / (4 * groups);
    for (let group = 0; group < groups; group++) {
      const roots = middleRoots(middle, groups + group);
      for (let k = 0; k < quarter; k++) {
        const start = 4 * quarter * group + k;
        const from: Four = [start, start + quarter, start + 2 * quarter, start + 3 * quarter];
        // The pass over layers 0 and 1 exchanges its last two results.
        work(from, layer === 0 ? [from[0], from[1], from[3], from[2]] : from, roots);
      }
    }
  };
  /** The same for the last pass: four numbers that lie together, and the four slots they give. */
  const eachOfLast = (last: number, s: number, work: (from: Four, to: Four, roots: Roots) => void): void => {
    for (let j = 0; j < s / 4; j++) {
      const block = 4 * reverseBits(j, s / 4);
      work([block, block + 1, block + 2, block + 3], [j, j + s / 2, j + s / 4, j + (3 * s) / 4], lastRoots(last, s, j));
    }
  };

  return {
    coefficientsToSlots(realAt, imaginaryAt, dataAt, middle, last, s): void {
      const data = view(dataAt, dataAt + 8 * s, s);
      const slots = view(realAt, imaginaryAt, s);
      const layers = 31 - Math.clz32(s);
      let layer = layers % 2;
      if (layer === 1) {
        const [, root] = middleRoots(middle, 1);
        for (let k = 0; k < s / 2; k++) {
          const [x, y] = [data.get(k), multiply(data.get(k + s / 2), root)];
          data.set(k, add(x, y));
          data.set(k + s / 2, subtract(x, y));
        }
      }
      for (; layer < layers - 2; layer += 2) {
        eachOfPass(middle, layer, s, (from, to, roots) => {
          data.setFour(to, forwardButterfly(data.getFour(from), roots));
        });
      }
      eachOfLast(last, s, (from, to, roots) => {
        slots.setFour(to, forwardButterfly(data.getFour(from), roots));
      });
    },
    slotsToCoefficients(dataAt, realAt, imaginaryAt, middle, last, s): void {
      const data = view(dataAt, dataAt + 8 * s, s);
      const slots = view(realAt, imaginaryAt, s);
      const layers = 31 - Math.clz32(s);
      eachOfLast(last, s, (from, to, roots) => {
        data.setFour(from, inverseButterfly(slots.getFour(to), roots));
      });
      let layer = layers - 2;
      while (layer > 1) {
        layer -= 2;
        eachOfPass(middle, layer, s, (from, to, roots) => {
          data.setFour(from, inverseButterfly(data.getFour(to), roots));
        });
      }
      if (layer === 1) {
        const [, root] = middleRoots(middle, 1);
        for (let k = 0; k < s / 2; k++) {
          const [x, y] = [data.get(k), data.get(k + s / 2)];
          data.set(k, add(x, y));
          data.set(k + s / 2, multiplyConjugate(subtract(x, y), root));
        }
      }
    },
  };
}
