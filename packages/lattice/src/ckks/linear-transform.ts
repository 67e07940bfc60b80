// Matrices times encrypted vectors: y = Σ_k diagonal_k ⊙ rot_k(x), described and encoded here, applied in apply-transform.ts.
//
// Baby steps and giant steps, k = giant + baby:  y = Σ_giant rot_giant( Σ_baby rot_-giant(diagonal_k) ⊙ rot_baby(x) )
// (Halevi, Shoup 2018, "Faster homomorphic linear transformations in HElib", §4). The diagonals are turned back and encoded once,
// over the extended ring, for one level.
//
// Keys: rotationsOf(transform), or transformRotations before anything is encoded. Applying takes one level.

import { ParameterError } from '../errors.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { CkksContext } from './context.ts';
import type { KeySwitchingPlan } from './level.ts';
import { encodeEvaluations, largestModulus, slotVector, type Values } from './plaintext.ts';

/** One giant step: the encoded diagonals by baby step, turned back by the giant step. */
export interface Giant {
  readonly steps: number;
  readonly diagonals: ReadonlyMap<number, EvaluationPolynomial>;
}

export interface LinearTransform {
  readonly kind: 'linear transform';
  readonly context: CkksContext;
  readonly level: number;
  /** Baby steps in rising order. */
  readonly babies: readonly number[];
  readonly giants: readonly Giant[];
  /** Σ of the largest entries of the diagonals: bounds what a vector of magnitude 1 becomes. */
  readonly magnitude: number;
  readonly diagonalCount: number;
}

export interface TransformOptions {
  /** Default: the top level. */
  readonly level?: number;
  /** Period of the vectors; default N/2. */
  readonly slots?: number;
  /** A power of two; default: what costs least. */
  readonly babySteps?: number;
}

/** The diagonals of a square matrix, rows first: diagonal k holds matrix[i][(i + k) mod n]. Diagonals of zeros are left out. */
export function matrixDiagonals(matrix: readonly ArrayLike<number>[]): Map<number, Float64Array> {
  const n = matrix.length;
  matrix.forEach((row, i) => {
    if (row.length !== n) throw new ParameterError(`row ${i} has ${row.length} entries, the matrix has ${n} rows`);
  });
  const diagonals = new Map<number, Float64Array>();
  for (let k = 0; k < n; k++) {
    const diagonal = Float64Array.from({ length: n }, (_, i) => matrix[i][(i + k) % n]);
    if (diagonal.some((x) => x !== 0)) diagonals.set(k, diagonal);
  }
  return diagonals;
}

/** Encodes a transform, given by its diagonals, for ciphertexts of a level. */
export function encodeTransform(
  context: CkksContext,
  diagonals: ReadonlyMap<number, Values>,
  options: TransformOptions = {},
): LinearTransform {
  const level = options.level ?? context.parameters.topLevel;
  const { scale, keySwitching } = context.level(level);
  if (keySwitching === undefined) throw new ParameterError('this parameter set has no digits: it cannot rotate');
  if (level < 1) throw new ParameterError('a linear transform needs a level, and level 0 has none left');
  const slots = options.slots ?? context.parameters.slots;
  const present = normalised(diagonals, slots);
  const babySteps = options.babySteps ?? cheapestBabySteps([...present.keys()], slots, keySwitching);
  if (!Number.isInteger(Math.log2(babySteps)) || babySteps < 1 || babySteps > slots) {
    throw new ParameterError(`${babySteps} baby steps: not a power of two in [1, ${slots}]`);
  }
  let magnitude = 0;
  const giants = new Map<number, Map<number, EvaluationPolynomial>>();
  for (const [k, values] of [...present].sort(([a], [b]) => a - b)) {
    const baby = k % babySteps;
    const vector = slotVector(values);
    magnitude += largestModulus(vector);
    const turned = {
      real: turnedBack(vector.real, k - baby, slots),
      ...(vector.imaginary === undefined ? {} : { imaginary: turnedBack(vector.imaginary, k - baby, slots) }),
    };
    const row = giants.get(k - baby) ?? new Map<number, EvaluationPolynomial>();
    row.set(baby, encodeEvaluations(context, keySwitching.extended, turned, slots, scale.value));
    giants.set(k - baby, row);
  }
  return Object.freeze({
    kind: 'linear transform',
    context,
    level,
    babies: [...new Set([...present.keys()].map((k) => k % babySteps))].sort((a, b) => a - b),
    giants: [...giants].map(([steps, row]) => ({ steps, diagonals: row })),
    magnitude,
    diagonalCount: present.size,
  });
}

/** Diagonal numbers modulo the period; refuses two of one number, none at all, and vectors longer than the period. */
function normalised(diagonals: ReadonlyMap<number, Values>, slots: number): Map<number, Values> {
  const present = new Map<number, Values>();
  for (const [key, values] of diagonals) {
    if (!Number.isInteger(key)) throw new ParameterError(`diagonal ${key} is not an integer`);
    const k = ((key % slots) + slots) % slots;
    if (present.has(k)) throw new ParameterError(`diagonal ${key} is given twice, modulo ${slots}`);
    const { length } = slotVector(values).real;
    if (length !== slots) throw new ParameterError(`diagonal ${key} has ${length} entries, the vectors have ${slots}`);
    present.set(k, values);
  }
  if (present.size === 0) throw new ParameterError('a linear transform needs at least one diagonal');
  return present;
}

/** rot_-steps: entry i is what entry i − steps was. */
function turnedBack(values: ArrayLike<number>, steps: number, slots: number): Float64Array {
  return Float64Array.from({ length: slots }, (_, i) => values[(i - steps + slots) % slots]);
}

/** The rotations whose keys a transform needs. */
export function rotationsOf({ babies, giants }: Pick<LinearTransform, 'babies' | 'giants'>): number[] {
  return [...new Set([...babies, ...giants.map(({ steps }) => steps)])].filter((steps) => steps !== 0);
}

/** The rotations a transform with these diagonals will need, before it is encoded. */
export function transformRotations(
  context: CkksContext,
  diagonals: Iterable<number>,
  options: TransformOptions = {},
): number[] {
  const { keySwitching } = context.level(options.level ?? context.parameters.topLevel);
  if (keySwitching === undefined) throw new ParameterError('this parameter set has no digits: it cannot rotate');
  const slots = options.slots ?? context.parameters.slots;
  const keys = [...diagonals].map((k) => ((k % slots) + slots) % slots);
  const babySteps = options.babySteps ?? cheapestBabySteps(keys, slots, keySwitching);
  return [...new Set(keys.flatMap((k) => [k % babySteps, k - (k % babySteps)]))].filter((steps) => steps !== 0);
}

/**
 * Weighed in transforms, as measured: a baby step costs an inner product, whose operands come from main memory; a giant step a
 * division, a decomposition and an inner product.
 */
function cheapestBabySteps(keys: readonly number[], slots: number, { extended, digits }: KeySwitchingPlan): number {
  const limbs = extended.moduli.length;
  const inner = 0.7 * digits.length * limbs;
  const giant = inner + digits.length * limbs + 2 * limbs;
  let best = { babySteps: 1, cost: Number.POSITIVE_INFINITY };
  for (let babySteps = 1; babySteps <= slots; babySteps *= 2) {
    const babies = new Set(keys.map((k) => k % babySteps).filter((k) => k !== 0)).size;
    const giants = new Set(keys.map((k) => k - (k % babySteps)).filter((k) => k !== 0)).size;
    const cost = babies * inner + giants * giant;
    if (cost < best.cost) best = { babySteps, cost };
  }
  return best.babySteps;
}
