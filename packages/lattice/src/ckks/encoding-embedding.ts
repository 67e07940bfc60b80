// The canonical embedding: which complex numbers a plaintext polynomial stands for, with the tables of its transform.
//
// Convention, on which rotations rest: with ζ = exp(πi/N), slot j of m(X) is m(ζ^(5^j)), 0 ≤ j < N/2. So X → X^(5^r) turns the
// slots left by r (new slot j = old slot j + r), and X → X^(2N−1) conjugates them. A vector of s < N/2 slots lives in the
// subring of polynomials in X^(N/2s): there slot j is the value at ζ^(5^j) for every j, periodic in s, and the same two rules hold.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';
import { LARGEST_DEGREE, SMALLEST_DEGREE } from '../ring/ring.ts';
import { type RootsOfUnity, rootAt, rootsOfUnity } from './roots-of-unity.ts';

export interface Embedding {
  readonly engine: Engine;
  /** N, the degree of the ring; up to N/2 slots. */
  readonly degree: number;
  /** Addresses of the tables that kernels/embedding/coefficients-to-slots.ts describes. */
  readonly middle: number;
  readonly last: number;
}

/** The transform works on at least this many numbers; shorter vectors are repeated. */
export const SMALLEST_TRANSFORM: number = 8;

const RECORD_DOUBLES = 6;

const known = new WeakMap<Engine, Map<number, Embedding>>();

/**
 * The embedding for rings of this degree; made once per engine, outside any memory scope. Tables of a degree start with those of
 * every smaller one, so a smaller degree asked for later takes no memory.
 */
export function createEmbedding({ engine }: { readonly engine: Engine }, degree: number): Embedding {
  const embeddings = known.get(engine) ?? new Map<number, Embedding>();
  known.set(engine, embeddings);
  const found = embeddings.get(degree);
  if (found !== undefined) return found;
  if (!isPowerOfTwo(degree, SMALLEST_DEGREE, LARGEST_DEGREE)) {
    throw new ParameterError(`degree ${degree} is not a power of two in [${SMALLEST_DEGREE}, ${LARGEST_DEGREE}]`);
  }
  const larger = [...embeddings.values()].find((other) => other.degree > degree);
  const { middle, last } = larger ?? buildTables(engine, degree);
  const made = Object.freeze({ engine, degree, middle, last });
  embeddings.set(degree, made);
  return made;
}

/** Without Math.log2, whose last bit the language leaves open. */
export function isPowerOfTwo(x: number, smallest: number, largest: number): boolean {
  return Number.isInteger(x) && x >= smallest && x <= largest && (x & (x - 1)) === 0;
}

function buildTables(engine: Engine, degree: number): Pick<Embedding, 'middle' | 'last'> {
  const layers = 31 - Math.clz32(degree / 2);
  const roots = rootsOfUnity(layers + 2);
  const middleDoubles = RECORD_DOUBLES * 2 ** Math.max(layers - 3, 1);
  const lastDoubles = 2 * RECORD_DOUBLES * 2 ** (layers - 2);
  const middle = engine.memory.allocateTable(8 * middleDoubles);
  const last = engine.memory.allocateTable(8 * lastDoubles);
  writeMiddle(engine.memory.f64(middle, middleDoubles), roots, layers);
  writeLast(engine.memory.f64(last, lastDoubles), roots, layers);
  return { middle, last };
}

/** u, u² and u³ for u = exp(2πi·power / 2^(layer + 4)): the factors of a pass over layers `layer` and `layer` + 1. */
function passRoots(roots: RootsOfUnity, layer: number, power: number): readonly { real: number; imaginary: number }[] {
  const step = 2 ** (roots.orderLog2 - layer - 4);
  return [1, 2, 3].map((times) => rootAt(roots, (times * power * step) % 2 ** roots.orderLog2));
}

/** Record 2^layer + group holds the roots of slot j = the bit-reversed group, for the passes below the last. */
function writeMiddle(table: Float64Array, roots: RootsOfUnity, layers: number): void {
  // Layer 0 is there for every size: the transform of 8 takes its single first layer from it.
  for (let layer = 0; layer <= Math.max(layers - 4, 0); layer++) {
    const groups = 2 ** layer;
    let power = 1;
    for (let j = 0, group = 0; j < groups; j++) {
      passRoots(roots, layer, power).forEach(({ real, imaginary }, i) => {
        table[RECORD_DOUBLES * (groups + group) + 2 * i] = real;
        table[RECORD_DOUBLES * (groups + group) + 2 * i + 1] = imaginary;
      });
      power = (power * 5) % 2 ** (layer + 4);
      group = nextReversed(group, groups);
    }
  }
}

/** Record 2^(layer − 1) + c holds the roots of slots 2c and 2c + 1, side by side, for the pass that ends a transform. */
function writeLast(table: Float64Array, roots: RootsOfUnity, layers: number): void {
  for (let layer = 1; layer <= layers - 2; layer++) {
    let power = 1;
    for (let j = 0; j < 2 ** layer; j++) {
      const record = 2 * RECORD_DOUBLES * (2 ** (layer - 1) + (j >> 1)) + (j & 1);
      passRoots(roots, layer, power).forEach(({ real, imaginary }, i) => {
        table[record + 4 * i] = real;
        table[record + 4 * i + 2] = imaginary;
      });
      power = (power * 5) % 2 ** (layer + 4);
    }
  }
}

/** Adds one to a number below `size` whose bits are written backwards. */
function nextReversed(value: number, size: number): number {
  let bit = size >> 1;
  let rest = value;
  while ((rest & bit) !== 0) {
    rest ^= bit;
    bit >>= 1;
  }
  return rest | bit;
}
