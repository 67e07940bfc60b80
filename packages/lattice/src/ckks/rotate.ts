// Automorphisms of ciphertexts: rotations of the slots, conjugation, and sums of rotations.
//
// X → X^g turns c0 + c1·s into an encryption under φ(s). Key switching comes first (from s to φ⁻¹(s), keys/evaluation-key.ts), the
// permutation last: φ(c0 + k0) + φ(k1)·s. So rotations of one ciphertext share everything that depends on it, its digits: hoisting
// (Halevi, Shoup 2018, "Faster homomorphic linear transformations in HElib", §3).

import { ParameterError } from '../errors.ts';
import { conjugationElement, type GaloisKey, type GaloisKeys, rotationElement } from '../keys/evaluation-key.ts';
import { addBlock, allocateBlock, loadBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { LARGEST_DEGREE, type Ring } from '../ring/ring.ts';
import { add } from './arithmetic.ts';
import { type CiphertextKind, type CiphertextOf, levelOf, scaleOf } from './ciphertext.ts';
import { type Estimate, keySwitchingError, roundingError, withError } from './estimate.ts';
import {
  carriedDigits,
  cutIntoDigits,
  type DigitLimbs,
  digitLimbs,
  permutationOf,
  requireKeySwitching,
  switchKeyAndDivide,
} from './key-switch.ts';
import type { KeySwitchingPlan } from './level.ts';

/** Slot j receives what slot j + steps held; negative steps turn the other way. */
export function rotate<Kind extends CiphertextKind>(
  ciphertext: CiphertextOf<Kind>,
  steps: number,
  keys: GaloisKeys,
): CiphertextOf<Kind> {
  const element = rotationElement(steps, ciphertext.context.parameters.degree);
  return element === 1
    ? ciphertext
    : applyAutomorphism(ciphertext, requireGaloisKey(keys, element, `a rotation by ${steps}`));
}

/** Every slot's complex conjugate. */
export function conjugate<Kind extends CiphertextKind>(
  ciphertext: CiphertextOf<Kind>,
  keys: GaloisKeys,
): CiphertextOf<Kind> {
  const element = conjugationElement(ciphertext.context.parameters.degree);
  return applyAutomorphism(ciphertext, requireGaloisKey(keys, element, 'conjugation'));
}

/** The key for an element, or a refusal that says which is missing. */
export function requireGaloisKey(keys: GaloisKeys, element: number, what: string): GaloisKey {
  const key = keys.get(element);
  if (key === undefined)
    throw new ParameterError(`${what} needs the Galois key of element ${element}, which is not there`);
  if (key.element !== element) {
    throw new ParameterError(`the Galois key kept for element ${element} is one for ${key.element}`);
  }
  return key;
}

function applyAutomorphism<Kind extends CiphertextKind>(
  ciphertext: CiphertextOf<Kind>,
  { element, key }: GaloisKey,
): CiphertextOf<Kind> {
  const { context } = ciphertext;
  const level = levelOf(ciphertext);
  const plan = requireKeySwitching(context, level, key);
  const { ring } = level;
  const index = permutationOf(element, ring.degree);
  const [c0, c1] = ring.engine.memory.scope(() => {
    const k0 = allocateBlock(plan.extended);
    const k1 = allocateBlock(plan.extended);
    const digits = carriedDigits(plan, ring, loadBlock(ciphertext.c1));
    switchKeyAndDivide(plan, digits, key, plan.leave, k0, k1);
    return addAndPermute(ring, loadBlock(ciphertext.c0), k0, k1, index);
  });
  return rotated(ciphertext, c0, c1);
}

/**
 * Rotations by many steps at the price of one decomposition: an inner product and a division each. In the order of `steps`.
 */
export function rotateMany<Kind extends CiphertextKind>(
  ciphertext: CiphertextOf<Kind>,
  steps: readonly number[],
  keys: GaloisKeys,
): CiphertextOf<Kind>[] {
  const { context } = ciphertext;
  const level = levelOf(ciphertext);
  const { ring } = level;
  // Everything is checked before anything is computed.
  const elements = steps.map((step) => rotationElement(step, ring.degree));
  const wanted = elements.map((element, i) =>
    element === 1 ? undefined : requireGaloisKey(keys, element, `a rotation by ${steps[i]}`),
  );
  const plans = wanted.map((key) => (key === undefined ? undefined : requireKeySwitching(context, level, key.key)));
  const plan = plans.find((one) => one !== undefined);
  if (plan === undefined) return steps.map(() => ciphertext);
  const indices = elements.map((element) => permutationOf(element, ring.degree));
  return ring.engine.memory.scope(() => {
    const digits = storedDigits(plan, ring, ciphertext.c1);
    const c0 = loadBlock(ciphertext.c0);
    const k0 = allocateBlock(plan.extended);
    const k1 = allocateBlock(plan.extended);
    return wanted.map((key, i) => {
      if (key === undefined) return ciphertext;
      switchKeyAndDivide(plan, digits, key.key, plan.leave, k0, k1);
      const [r0, r1] = addAndPermute(ring, c0, k0, k1, indices[i]);
      return rotated(ciphertext, r0, r1);
    });
  });
}

/** All limbs of all digits of a polynomial, carried once and kept. Inside a scope. */
export function storedDigits(plan: KeySwitchingPlan, ring: Ring, part: EvaluationPolynomial): DigitLimbs {
  const { extended } = plan;
  const { memory } = extended.engine;
  const perLimb = plan.digits.length * extended.limbBytes;
  const stored = memory.allocate(extended.moduli.length * perLimb);
  memory.scope(() => {
    const digits = cutIntoDigits(plan, ring, loadBlock(part));
    for (let j = 0; j < extended.moduli.length; j++) digitLimbs(digits, j, stored + j * perLimb);
  });
  return (j) => stored + j * perLimb;
}

/** φ(c0 + k0), φ(k1). Overwrites k0; c0 stays. */
function addAndPermute(
  ring: Ring,
  c0: number,
  k0: number,
  k1: number,
  permutation: Uint32Array,
): EvaluationPolynomial[] {
  const { memory } = ring.engine;
  addBlock(ring, k0, k0, c0);
  return memory.scope(() => {
    const index = memory.allocate(ring.limbBytes);
    memory.u32(index, ring.degree).set(permutation);
    const out = allocateBlock(ring);
    return [k0, k1].map((k) => {
      permuteBlock(ring, out, k, index);
      return evaluationPolynomial(ring, readBlock(ring, out));
    });
  });
}

/** Every limb of a block through a gather index. `out` is not `source`. */
export function permuteBlock(ring: Ring, out: number, source: number, index: number): void {
  for (let limb = 0; limb < ring.moduli.length; limb++) {
    const at = limb * ring.limbBytes;
    ring.engine.residues.permuteResidues(out + at, source + at, index, ring.degree);
  }
}

function rotated<Kind extends CiphertextKind>(
  model: CiphertextOf<Kind>,
  c0: EvaluationPolynomial,
  c1: EvaluationPolynomial,
): CiphertextOf<Kind> {
  const { kind, context, level } = model;
  return Object.freeze({ kind, context, level, c0, c1, estimate: afterSwitching(model) });
}

/** What key switching adds: its own error and a rounding, at the ciphertext's scale. */
function afterSwitching(ciphertext: CiphertextOf<CiphertextKind>): Estimate {
  const { context, level, estimate } = ciphertext;
  const scale = scaleOf(ciphertext);
  const switching = keySwitchingError(context.parameters, level, scale);
  return withError(withError(estimate, switching), roundingError(context.parameters.degree, scale));
}

/**
 * Slot j becomes the sum of slots j, j + stride, …, j + (count − 1)·stride: ⌈log2⌉ rotations, as many again at most where count
 * is no power of two. Keys for innerSumSteps(count, stride).
 */
export function innerSum<Kind extends CiphertextKind>(
  ciphertext: CiphertextOf<Kind>,
  count: number,
  keys: GaloisKeys,
  stride: number = 1,
): CiphertextOf<Kind> {
  const { slots } = ciphertext.context.parameters;
  if (count > slots) throw new ParameterError(`a sum of ${count} slots; a ciphertext has ${slots}`);
  let total = ciphertext;
  for (const { steps, onto } of innerSumPlan(count, stride)) {
    const turned = rotate(total, steps, keys);
    total = add(onto === 'itself' ? total : ciphertext, turned);
  }
  return total;
}

/** Of the largest degree there is. */
const MOST_SLOTS = LARGEST_DEGREE / 2;

/** The rotations that innerSum will ask for. */
export function innerSumSteps(count: number, stride: number = 1): number[] {
  return [...new Set(innerSumPlan(count, stride).map(({ steps }) => steps))];
}

/** S_2m = S_m + rot(S_m, m) and S_(m+1) = S_1 + rot(S_m, 1), along the bits of count. */
function innerSumPlan(count: number, stride: number): { steps: number; onto: 'itself' | 'first' }[] {
  if (!Number.isInteger(count) || count < 1 || count > MOST_SLOTS) {
    throw new ParameterError(`a sum of ${count} slots: not an integer in [1, ${MOST_SLOTS}]`);
  }
  if (!Number.isInteger(stride) || !Number.isSafeInteger(stride * count)) {
    throw new ParameterError(`a stride of ${stride} slots is not an integer, or too large for ${count} steps`);
  }
  const plan: { steps: number; onto: 'itself' | 'first' }[] = [];
  let reached = 1;
  for (let bit = Math.floor(Math.log2(count)) - 1; bit >= 0; bit--) {
    plan.push({ steps: reached * stride, onto: 'itself' });
    reached *= 2;
    if (Math.floor(count / 2 ** bit) % 2 === 1) {
      plan.push({ steps: stride, onto: 'first' });
      reached += 1;
    }
  }
  return plan;
}
