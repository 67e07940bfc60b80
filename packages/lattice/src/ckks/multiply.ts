// Products of two ciphertexts. `multiply` is what one wants; tensor, relinearise and rescale are its steps for sums of products.
//
//   (a0 + a1·s)(b0 + b1·s) = d0 + d1·s + d2·s²;  the relinearisation key turns d2·s² into k0 + k1·s at a factor P.
//   Whole: ((P·d0 + k0), (P·d1 + k1)) is divided by P and by the level's primes in ONE division, which saves the 2ℓ transforms
//   between the two and one rounding error. Transforms: ℓ + digits·(ℓ + K) − ℓ + 2(K + r) + 2(ℓ − r), r the limbs of a level.

import { type RelinearisationKey, relinearisationErrorFactor } from '../keys/evaluation-key.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import {
  type Ciphertext,
  type CiphertextProduct,
  requireAlike,
  requireKind,
  requireLevelLeft,
  type TensorProduct,
} from './ciphertext.ts';
import { afterProduct, keySwitchingError, roundingError, withError } from './estimate.ts';
import { carriedDigits, requireKeySwitching, switchKeyAndDivide } from './key-switch.ts';
import type { KeySwitchingPlan } from './level.ts';

/** a·b slot by slot, relinearised and rescaled: one level lower. */
export function multiply(a: Ciphertext, b: Ciphertext, relinearisation: RelinearisationKey): Ciphertext {
  requireKind(a, 'ciphertext');
  const { ring } = requireAlike(a, b);
  requireLevelLeft(a, 'multiplication');
  const { context, level } = a;
  const plan = requireKeySwitching(context, context.level(level), relinearisation.key);
  const below = context.level(level - 1);
  const [c0, c1] = ring.engine.memory.scope(() => {
    const parts = tensorBlocks(ring, a, b);
    return relinearisedBlocks(plan, ring, parts, relinearisation, true);
  });
  const dropped = context.level(level).scale.value ** 2 / below.scale.value;
  const estimate = withError(
    withError(
      afterProduct(a.estimate, b.estimate),
      relinearisationErrorFactor(relinearisation) *
        keySwitchingError(context.parameters, level, below.scale.value, dropped),
    ),
    roundingError(ring.degree, below.scale.value),
  );
  return Object.freeze({ kind: 'ciphertext', context, level: level - 1, c0, c1, estimate });
}

/** a·a, with one operand to read instead of two. */
export function square(a: Ciphertext, relinearisation: RelinearisationKey): Ciphertext {
  return multiply(a, a, relinearisation);
}

/** The product before relinearisation and rescaling: sums of these need one of each for all. */
export function tensor(a: Ciphertext, b: Ciphertext): TensorProduct {
  requireKind(a, 'ciphertext');
  const { ring } = requireAlike(a, b);
  const { context, level } = a;
  const [c0, c1, c2] = ring.engine.memory.scope(() => {
    const { d0, d1, d2 } = tensorBlocks(ring, a, b);
    return [d0, d1, d2].map((at) => evaluationPolynomial(ring, readBlock(ring, at)));
  });
  return Object.freeze({ kind: 'tensor', context, level, c0, c1, c2, estimate: afterProduct(a.estimate, b.estimate) });
}

/** Three parts → two, at the same level and scale. */
export function relinearise(product: TensorProduct, relinearisation: RelinearisationKey): CiphertextProduct {
  requireKind(product, 'tensor');
  const { context, level } = product;
  const { ring, scale } = context.level(level);
  const plan = requireKeySwitching(context, context.level(level), relinearisation.key);
  const [c0, c1] = ring.engine.memory.scope(() => {
    const parts = { d0: load(ring, product.c0), d1: load(ring, product.c1), d2: load(ring, product.c2) };
    return relinearisedBlocks(plan, ring, parts, relinearisation, false);
  });
  const productScale = scale.value ** 2;
  const estimate = withError(
    withError(
      product.estimate,
      relinearisationErrorFactor(relinearisation) * keySwitchingError(context.parameters, level, productScale),
    ),
    roundingError(ring.degree, productScale),
  );
  return Object.freeze({ kind: 'product', context, level, c0, c1, estimate });
}

export interface TensorBlocks {
  readonly d0: number;
  readonly d1: number;
  readonly d2: number;
}

function load(ring: Ring, { residues }: EvaluationPolynomial): number {
  const at = allocateBlock(ring);
  ring.engine.memory.u32(at, residues.length).set(residues);
  return at;
}

/** Two parts over `ring` or over a ring that it is a prefix of. */
export interface Parts {
  readonly c0: EvaluationPolynomial;
  readonly c1: EvaluationPolynomial;
}

/** d0 = a0·b0, d1 = a0·b1 + a1·b0, d2 = a1·b1, limb by limb. Inside a scope. */
export function tensorBlocks(ring: Ring, a: Parts, b: Parts): TensorBlocks {
  const { memory, residues } = ring.engine;
  const { degree: n, limbBytes } = ring;
  const [d0, d1, d2] = [allocateBlock(ring), allocateBlock(ring), allocateBlock(ring)];
  memory.scope(() => {
    // a0, a1 and b0, b1 side by side: d1 is an inner product of the first with the second read backwards.
    const x = memory.allocate(2 * limbBytes);
    const y = a === b ? x : memory.allocate(2 * limbBytes);
    for (let limb = 0; limb < ring.moduli.length; limb++) {
      const at = limb * limbBytes;
      const m = ring.moduli[limb];
      const place = (address: number, { residues: words }: EvaluationPolynomial): void =>
        memory.u32(address, n).set(words.subarray(limb * n, (limb + 1) * n));
      place(x, a.c0);
      place(x + limbBytes, a.c1);
      if (a !== b) {
        place(y, b.c0);
        place(y + limbBytes, b.c1);
      }
      residues.multiplyResidues(d0 + at, x, y, n, m.q, m.barrettShift, m.barrettMu);
      residues.multiplyResidues(d2 + at, x + limbBytes, y + limbBytes, n, m.q, m.barrettShift, m.barrettMu);
      residues.innerProductResidues(
        d1 + at,
        x,
        limbBytes,
        y + limbBytes,
        -limbBytes,
        2,
        n,
        m.q,
        m.wordResidue,
        m.wordResidueQuotient,
        m.reciprocal,
      );
    }
  });
  return { d0, d1, d2 };
}

/** (P·d0 + k0, P·d1 + k1) divided by P, and by the level's primes if asked. Inside a scope. */
export function relinearisedBlocks(
  plan: KeySwitchingPlan,
  ring: Ring,
  { d0, d1, d2 }: TensorBlocks,
  { key }: RelinearisationKey,
  rescaling: boolean,
): EvaluationPolynomial[] {
  const { extended, specialProduct } = plan;
  const { residues } = ring.engine;
  const { degree: n, limbBytes } = ring;
  const k0 = allocateBlock(extended);
  const k1 = allocateBlock(extended);
  const division = (rescaling ? plan.leaveAndRescale : undefined) ?? plan.leave;
  const digits = carriedDigits(plan, ring, d2);
  switchKeyAndDivide(plan, digits, key, division, k0, k1, (j, at0, at1) => {
    // P·d is zero modulo the special primes.
    if (j >= ring.moduli.length) return;
    const { value, quotient } = specialProduct[j];
    const { q } = ring.moduli[j];
    residues.multiplyScalarAddResidues(at0, d0 + j * limbBytes, n, q, value, quotient);
    residues.multiplyScalarAddResidues(at1, d1 + j * limbBytes, n, q, value, quotient);
  });
  return [k0, k1].map((k) => evaluationPolynomial(division.to, readBlock(division.to, k)));
}
