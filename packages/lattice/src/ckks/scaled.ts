// Ciphertexts at any scale, for circuits that choose their scales themselves (polynomial.ts): a scale is an exact fraction here,
// two operands need not agree on anything, and constants bring sums to one scale. Nothing of this leaves the package except
// through `settledAt`, which accepts the canonical scale only.

import { type RelinearisationKey, relinearisationErrorFactor } from '../keys/evaluation-key.ts';
import { restrict } from '../keys/restrict.ts';
import type { CkksParameters } from '../parameters/ckks-parameters.ts';
import { SCALE_FRACTION_BITS } from '../parameters/scale.ts';
import { allocateBlock, readBlock, writeBlock } from '../ring/blocks.ts';
import { divideBlock } from '../ring/division.ts';
import { scalar } from '../ring/modulus.ts';
import { add } from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { modulusOf } from '../ring/ring.ts';
import { plusConstant } from './arithmetic.ts';
import { type Ciphertext, levelOf, requireLevelLeft } from './ciphertext.ts';
import type { CkksContext } from './context.ts';
import {
  afterAddition,
  afterFactor,
  afterProduct,
  type Estimate,
  keySwitchingError,
  ofPlaintext,
  roundingError,
  withError,
} from './estimate.ts';
import { requireKeySwitching } from './key-switch.ts';
import { relinearisedBlocks, tensorBlocks } from './multiply.ts';
import { roundedMultiple, roundedQuotient } from './rounding.ts';

export interface Scaled {
  readonly context: CkksContext;
  readonly level: number;
  /** The scale times 2^64. */
  readonly scale: bigint;
  readonly c0: EvaluationPolynomial;
  readonly c1: EvaluationPolynomial;
  /** Present before relinearisation. */
  readonly c2?: EvaluationPolynomial;
  readonly estimate: Estimate;
}

const toDouble = (scale: bigint): number => Number(scale) / 2 ** 64;

export function scaledOf(ciphertext: Ciphertext): Scaled {
  const { context, level, c0, c1, estimate } = ciphertext;
  return { context, level, scale: levelOf(ciphertext).scale.numerator, c0, c1, estimate };
}

/** The ciphertext that this is, if its scale is its level's own. */
export function settledAt({ context, level, scale, c0, c1, c2, estimate }: Scaled): Ciphertext {
  // A few units of 2^-64: the roundings of the steps that led here.
  const difference = scale - context.level(level).scale.numerator;
  if (c2 !== undefined || difference > 2n ** 16n || difference < -(2n ** 16n)) {
    throw new Error('lattice: a circuit ended at another scale than its level has');
  }
  return Object.freeze({ kind: 'ciphertext', context, level, c0, c1, estimate });
}

/** The product, not relinearised, at the lower level of the two. */
export function product(a: Scaled, b: Scaled): Scaled {
  const { context } = a;
  const level = Math.min(a.level, b.level);
  const { ring } = context.level(level);
  const [c0, c1, c2] = ring.engine.memory.scope(() => {
    const { d0, d1, d2 } = tensorBlocks(ring, a, b);
    return [d0, d1, d2].map((at) => evaluationPolynomial(ring, readBlock(ring, at)));
  });
  const scale = (a.scale * b.scale) >> SCALE_FRACTION_BITS;
  return { context, level, scale, c0, c1, c2, estimate: afterProduct(a.estimate, b.estimate) };
}

/** a + b at one level and, but for rounding, one scale; either may be unrelinearised. */
export function plus(a: Scaled, b: Scaled): Scaled {
  const { context, level, scale } = a;
  const c2 = a.c2 === undefined ? b.c2 : b.c2 === undefined ? a.c2 : add(a.c2, b.c2);
  const sums = { c0: add(a.c0, b.c0), c1: add(a.c1, b.c1), ...(c2 === undefined ? {} : { c2 }) };
  return { context, level, scale, ...sums, estimate: afterAddition(a.estimate, b.estimate) };
}

export type Term = TermOf<Scaled>;

/** constant + Σ coefficient·factor at the level and scale asked for; factors may stand at higher levels and other scales. */
export function combination(terms: readonly Term[], constant: number, level: number, scale: bigint): Scaled {
  const [{ factor: first }] = terms;
  const { context } = first;
  const { ring } = context.level(level);
  const { memory, residues } = ring.engine;
  const integers = terms.map(({ coefficient, factor }) => {
    const ratio = roundedQuotient(scale << SCALE_FRACTION_BITS, factor.scale);
    return roundedMultiple(coefficient, ratio);
  });
  const total = (part: 'c0' | 'c1'): EvaluationPolynomial =>
    memory.scope(() => {
      const out = allocateBlock(ring);
      const next = allocateBlock(ring);
      memory.u32(out, ring.degree * ring.moduli.length).fill(0);
      terms.forEach(({ factor }, i) => {
        writeBlock(next, restrict(factor[part], ring));
        ring.moduli.forEach((m, limb) => {
          const at = limb * ring.limbBytes;
          const { value, quotient } = scalar(integers[i], m);
          residues.multiplyScalarAddResidues(out + at, next + at, ring.degree, m.q, value, quotient);
        });
      });
      return evaluationPolynomial(ring, readBlock(ring, out));
    });
  const c0 = plusConstant(total('c0'), roundedMultiple(constant, scale));
  return { context, level, scale, c0, c1: total('c1'), estimate: combinationEstimate(terms, constant, scale) };
}

/** What is known of a ciphertext at any scale, without the ciphertext. */
export interface ScaledEstimate {
  readonly level: number;
  /** The scale times 2^64. */
  readonly scale: bigint;
  readonly estimate: Estimate;
}

export interface TermOf<Value> {
  readonly coefficient: number;
  readonly factor: Value;
}

/** Coefficients are rounded to multiples of 1/scale. */
export function combinationEstimate(
  terms: readonly TermOf<Pick<ScaledEstimate, 'scale' | 'estimate'>>[],
  constant: number,
  scale: bigint,
): Estimate {
  return terms.reduce<Estimate>(
    (sofar, { coefficient, factor }) => {
      const term = afterFactor(factor.estimate, Math.abs(coefficient));
      const rounding = (factor.estimate.magnitude * toDouble(factor.scale)) / (2 * toDouble(scale));
      return afterAddition(sofar, { ...term, errorStddev: term.errorStddev + rounding });
    },
    ofPlaintext(Math.abs(constant), 0.5 / toDouble(scale)),
  );
}

/**
 * After settling from `level` to `scale` below, `q` divided out. `relinearisation`: how many times a single party's the error of the key
 * is; undefined where nothing is relinearised.
 */
export function settledEstimate(
  parameters: CkksParameters,
  { level, estimate }: Pick<ScaledEstimate, 'level' | 'estimate'>,
  scale: bigint,
  q: bigint,
  relinearisation: number | undefined,
): Estimate {
  const below = toDouble(scale);
  const switching =
    relinearisation === undefined ? 0 : relinearisation * keySwitchingError(parameters, level, below, Number(q));
  return withError(withError(estimate, switching), roundingError(parameters.degree, below));
}

/** Relinearised where needed, and rescaled: one level lower, at the scale divided by the level's primes. */
export function settle(a: Scaled, relinearisation: RelinearisationKey): Scaled {
  const { context, level, c2 } = a;
  if (c2 === undefined) return rescaled(a);
  requireLevelLeft(a, 'rescaling');
  const own = context.level(level);
  const plan = requireKeySwitching(context, own, relinearisation.key);
  const [c0, c1] = own.ring.engine.memory.scope(() => {
    const [d0, d1, d2] = [a.c0, a.c1, c2].map((part) => {
      const at = allocateBlock(own.ring);
      writeBlock(at, part);
      return at;
    });
    return relinearisedBlocks(plan, own.ring, { d0, d1, d2 }, relinearisation, true);
  });
  return { ...settledFrom(a, relinearisationErrorFactor(relinearisation)), c0, c1 };
}

/** What has two parts, rescaled: one level lower. */
export function rescaled(a: Scaled): Scaled {
  requireLevelLeft(a, 'rescaling');
  const { rescale: plan } = a.context.level(a.level);
  if (plan === undefined || a.c2 !== undefined) throw new Error('lattice: only two parts are rescaled by themselves');
  const [c0, c1] = [a.c0, a.c1].map((part) =>
    plan.from.engine.memory.scope(() => {
      const at = allocateBlock(plan.from);
      writeBlock(at, part);
      divideBlock(plan, at);
      return evaluationPolynomial(plan.to, readBlock(plan.to, at));
    }),
  );
  return { ...settledFrom(a, undefined), c0, c1 };
}

function settledFrom(a: Scaled, relinearisation: number | undefined): Omit<Scaled, 'c0' | 'c1' | 'c2'> {
  const { context, level } = a;
  const q = modulusOf(context.level(level).ring) / modulusOf(context.level(level - 1).ring);
  const scale = roundedQuotient(a.scale, q);
  const estimate = settledEstimate(context.parameters, a, scale, q, relinearisation);
  return { context, level: level - 1, scale, estimate };
}
