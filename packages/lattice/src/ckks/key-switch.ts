// Key switching on blocks: Σ_i [c]_(Q_i)·(b_i, a_i) over the extended ring. Dividing the two sums by P is left to the caller, who can
// often divide by more at once (multiply.ts) or add several sums first (rotate.ts).
//
// Transforms: ℓ back, digits·(ℓ + K) − ℓ forward: a digit's own limbs need none, they are c itself.
// One limb of the result after another, so that all operands of a limb stay in the cache.

import { ParameterError } from '../errors.ts';
import type { KeySwitchingKey } from '../keys/key-switching-key.ts';
import { convertLimb, countOverflow } from '../ring/basis-conversion.ts';
import { forwardLimb } from '../ring/blocks.ts';
import { type Division, divideLimb, enterConversion } from '../ring/division.ts';
import { evaluationPermutation } from '../ring/evaluation-order.ts';
import type { Ring } from '../ring/ring.ts';
import type { CkksContext } from './context.ts';
import type { KeySwitchingPlan, Level } from './level.ts';

/** Refuses parameters without digits and keys of another parameter set. */
export function requireKeySwitching(context: CkksContext, level: Level, key: KeySwitchingKey): KeySwitchingPlan {
  if (level.keySwitching === undefined) {
    throw new ParameterError('this parameter set has no digits: it cannot multiply ciphertexts or rotate');
  }
  if (key.layout.ring !== context.layout.ring || key.digits.length !== context.layout.digits.length) {
    throw new ParameterError('the evaluation key belongs to other parameters than the ciphertext');
  }
  return level.keySwitching;
}

/** A polynomial cut into digits, ready to be carried to any prime. Addresses; lives in the scope it was made in. */
export interface Digits {
  readonly plan: KeySwitchingPlan;
  /** Evaluations over the level's ring: the digits' own limbs. */
  readonly evaluations: number;
  /** The y_t of the conversions, limb by limb. */
  readonly entered: number;
  /** One overflow vector per digit. */
  readonly overflow: number;
}

/** Cuts the polynomial at `evaluations` (level's ring, evaluation form, kept as it is). Inside a scope. */
export function cutIntoDigits(plan: KeySwitchingPlan, ring: Ring, evaluations: number): Digits {
  const { memory } = ring.engine;
  const entered = memory.allocate(ring.blockBytes);
  const overflow = memory.allocate(plan.digits.length * ring.limbBytes);
  memory.u8(entered, ring.blockBytes).set(memory.u8(evaluations, ring.blockBytes));
  plan.digits.forEach(({ start, end, source }, i) => {
    const first = entered + start * ring.limbBytes;
    for (let t = 0; t < end - start; t++) enterConversion(source, t, first + t * ring.limbBytes);
    countOverflow(source.conversion, overflow + i * ring.limbBytes, first);
  });
  return { plan, evaluations, entered, overflow };
}

/** Writes limb j of every digit, in evaluation form over the extended ring, one after another at `out`. */
export function digitLimbs({ plan, evaluations, entered, overflow }: Digits, j: number, out: number): void {
  const { extended } = plan;
  const { memory } = extended.engine;
  const bytes = extended.limbBytes;
  for (let i = 0; i < plan.digits.length; i++) {
    const { start, end, source } = plan.digits[i];
    const at = out + i * bytes;
    if (j >= start && j < end) {
      memory.u8(at, bytes).set(memory.u8(evaluations + j * bytes, bytes));
    } else {
      convertLimb(source.conversion, j, at, entered + start * bytes, overflow + i * bytes);
      forwardLimb(extended, j, at);
    }
  }
}

/** The most products that fit a 64-bit sum (kernels/residues.ts innerProductResidues). */
const MOST_TERMS = 16;

/** Scratch for one limb of a key: its digits' b or a, one after another. */
export function allocateKeyLimbs({ extended, digits }: KeySwitchingPlan): number {
  return extended.engine.memory.allocate((digits.length + 1) * extended.limbBytes);
}

/**
 * Limb j of both sums, from the digits' limbs at `digits`, written at out0 and out1. `scratch` from allocateKeyLimbs.
 */
export function multiplyByKeyLimb(
  plan: KeySwitchingPlan,
  key: KeySwitchingKey,
  j: number,
  digits: number,
  out0: number,
  out1: number,
  scratch: number,
): void {
  const keyLimb = plan.keyLimbs[j];
  sumOfProducts(plan, key, 'b', keyLimb, j, digits, out0, scratch);
  sumOfProducts(plan, key, 'a', keyLimb, j, digits, out1, scratch);
}

function sumOfProducts(
  { extended, digits: { length: count } }: KeySwitchingPlan,
  key: KeySwitchingKey,
  part: 'a' | 'b',
  keyLimb: number,
  j: number,
  digits: number,
  out: number,
  scratch: number,
): void {
  const { memory, residues } = extended.engine;
  const { degree: n, limbBytes: bytes } = extended;
  const words = memory.u32(scratch, count * n);
  for (let i = 0; i < count; i++) {
    words.set(key.digits[i][part].residues.subarray(keyLimb * n, (keyLimb + 1) * n), i * n);
  }
  const m = extended.moduli[j];
  const rest = scratch + count * bytes;
  for (let first = 0; first < count; first += MOST_TERMS) {
    residues.innerProductResidues(
      first === 0 ? out : rest,
      digits + first * bytes,
      bytes,
      scratch + first * bytes,
      bytes,
      Math.min(MOST_TERMS, count - first),
      n,
      m.q,
      m.wordResidue,
      m.wordResidueQuotient,
      m.reciprocal,
    );
    if (first > 0) residues.addResidues(out, out, rest, n, m.q);
  }
}

/** Where limb j of all digits stands, side by side; may compute it there. Asked once for every limb of the extended ring. */
export type DigitLimbs = (j: number) => number;

/** Digits that are carried to each prime when their limb is asked for. Inside a scope. */
export function carriedDigits(plan: KeySwitchingPlan, ring: Ring, evaluations: number): DigitLimbs {
  const digits = cutIntoDigits(plan, ring, evaluations);
  const limbs = ring.engine.memory.allocate(plan.digits.length * ring.limbBytes);
  return (j) => {
    digitLimbs(digits, j, limbs);
    return limbs;
  };
}

/** Both sums over the whole extended ring, written at out0 and out1 (blocks of it). Inside a scope. */
export function switchKey(
  plan: KeySwitchingPlan,
  digits: DigitLimbs,
  key: KeySwitchingKey,
  out0: number,
  out1: number,
): void {
  const { extended } = plan;
  const { memory } = extended.engine;
  memory.scope(() => {
    const scratch = allocateKeyLimbs(plan);
    for (let j = 0; j < extended.moduli.length; j++) {
      const at = j * extended.limbBytes;
      multiplyByKeyLimb(plan, key, j, digits(j), out0 + at, out1 + at, scratch);
    }
  });
}

/**
 * Both sums, divided by the primes that `division` drops (P, or P and a level's primes): quotients over division.to at out0 and
 * out1, blocks of the extended ring. `addToLimb(j, at0, at1)` may add to limb j of the sums before they are divided. The dropped
 * limbs come first, so that every limb that stays is finished while it is in the cache. Inside a scope.
 */
export function switchKeyAndDivide(
  plan: KeySwitchingPlan,
  digits: DigitLimbs,
  key: KeySwitchingKey,
  division: Division,
  out0: number,
  out1: number,
  addToLimb?: (j: number, at0: number, at1: number) => void,
): void {
  const { extended } = plan;
  const { memory } = extended.engine;
  const { limbBytes } = extended;
  const kept = division.to.moduli.length;
  const { dropped } = division;
  memory.scope(() => {
    const scratch = allocateKeyLimbs(plan);
    const remainder = memory.allocate(limbBytes);
    const sums = (j: number): void => {
      const at0 = out0 + j * limbBytes;
      const at1 = out1 + j * limbBytes;
      multiplyByKeyLimb(plan, key, j, digits(j), at0, at1, scratch);
      addToLimb?.(j, at0, at1);
    };
    for (let j = kept; j < extended.moduli.length; j++) {
      sums(j);
      for (const out of [out0, out1]) enterConversion(dropped, j - kept, out + j * limbBytes);
    }
    const halves = [out0, out1].map((out) => {
      const overflow = memory.allocate(limbBytes);
      const source = out + kept * limbBytes;
      countOverflow(dropped.conversion, overflow, source);
      return { out, source, overflow };
    });
    for (let j = 0; j < kept; j++) {
      sums(j);
      for (const { out, source, overflow } of halves) {
        divideLimb(division, j, out + j * limbBytes, source, overflow, remainder);
      }
    }
  });
}

const permutations = new Map<number, Map<number, Uint32Array<ArrayBuffer>>>();

/** The gather index of X → X^element in evaluation form; kept, because rotations repeat. Public. */
export function permutationOf(element: number, degree: number): Uint32Array<ArrayBuffer> {
  const ofDegree = permutations.get(degree) ?? new Map<number, Uint32Array<ArrayBuffer>>();
  permutations.set(degree, ofDegree);
  const index = ofDegree.get(element) ?? evaluationPermutation(element, degree);
  ofDegree.set(element, index);
  return index;
}
