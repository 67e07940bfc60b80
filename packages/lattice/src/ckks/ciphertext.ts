// What CKKS computes on. Level and scale are checked by every operation; whether a value still carries the double scale of a
// product is its type, so that adding it to one that does not is no program.
//
//   Ciphertext         scale Δ_ℓ of its level: the normal form.
//   CiphertextProduct  scale Δ_ℓ²: products before rescaling. Sums of them may be formed first (lazy rescaling).
//   TensorProduct      scale Δ_ℓ², three parts: products of ciphertexts before relinearisation (lazy relinearisation).

import { ParameterError } from '../errors.ts';
import { expandUniform } from '../random/index.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { CkksContext } from './context.ts';
import { coefficientStddev, type Estimate } from './estimate.ts';
import type { Level } from './level.ts';

export type CiphertextKind = 'ciphertext' | 'product';

/** c0 + c1·s = scale·m + error, in evaluation form over the primes of the level. */
export interface CiphertextOf<Kind extends CiphertextKind> {
  readonly kind: Kind;
  readonly context: CkksContext;
  readonly level: number;
  readonly c0: EvaluationPolynomial;
  readonly c1: EvaluationPolynomial;
  readonly estimate: Estimate;
}

export type Ciphertext = CiphertextOf<'ciphertext'>;
export type CiphertextProduct = CiphertextOf<'product'>;

/** c0 + c1·s + c2·s² = Δ²·m + error. */
export interface TensorProduct {
  readonly kind: 'tensor';
  readonly context: CkksContext;
  readonly level: number;
  readonly c0: EvaluationPolynomial;
  readonly c1: EvaluationPolynomial;
  readonly c2: EvaluationPolynomial;
  readonly estimate: Estimate;
}

/** A fresh symmetric ciphertext at half the size: c1 = expandUniform(ring, seed, 0). */
export interface SeededCiphertext {
  readonly kind: 'seeded';
  readonly context: CkksContext;
  readonly level: number;
  readonly c0: EvaluationPolynomial;
  readonly seed: Uint8Array;
  readonly estimate: Estimate;
}

export function expand(seeded: SeededCiphertext): Ciphertext {
  const { context, level, c0, seed, estimate } = seeded;
  const c1 = expandUniform(context.level(level).ring, context.lattice.primitives, seed, 0);
  return Object.freeze({ kind: 'ciphertext', context, level, c0, c1, estimate });
}

/** The scale of a ciphertext or product, as the nearest double. */
export function scaleOf({
  kind,
  context,
  level,
}: Pick<CiphertextOf<CiphertextKind>, 'kind' | 'context' | 'level'>): number {
  const { value } = context.level(level).scale;
  return kind === 'product' ? value * value : value;
}

interface Operand {
  readonly kind: string;
  readonly context: CkksContext;
  readonly level: number;
  readonly c0: EvaluationPolynomial;
  readonly c1: EvaluationPolynomial;
}

/** Refuses operands of different parameters, levels or kinds; gives their level. */
export function requireAlike(a: Operand, b: Operand): Level {
  requireSameContext(a, b);
  if (a.level !== b.level) {
    throw new ParameterError(
      `operands are at levels ${a.level} and ${b.level}: bring them to one with dropTo or align`,
    );
  }
  if (a.kind !== b.kind) throw new ParameterError(`operands are a ${a.kind} and a ${b.kind}: rescale first`);
  levelOf(b);
  return levelOf(a);
}

/** The level of a ciphertext; refuses one whose polynomials are not over that level's primes. */
export function levelOf({ context, level, c0, c1 }: Omit<Operand, 'kind'>): Level {
  const own = context.level(level);
  if (c0.ring !== own.ring || c1.ring !== own.ring) {
    throw new ParameterError(`a ciphertext says level ${level} and is over other primes`);
  }
  return own;
}

/** The same parameters on the same engine; contexts made twice are as good as one. */
export function requireSameContext(a: { readonly context: CkksContext }, b: { readonly context: CkksContext }): void {
  const [x, y] = [a.context, b.context];
  if (x === y) return;
  if (x.layout.ring !== y.layout.ring || x.parameters.description !== y.parameters.description) {
    throw new ParameterError('operands belong to different parameters or engines');
  }
}

/** Refuses anything but the kind asked for: the types say it to TypeScript, this to everyone else. */
export function requireKind(value: { readonly kind: string }, kind: string): void {
  if (value.kind !== kind) throw new ParameterError(`a ${kind} is needed here, not a ${value.kind}`);
}

/** Refuses an operation that divides by a level's primes where no level is left. */
export function requireLevelLeft({ level }: { readonly level: number }, what: string): void {
  if (level < 1) throw new ParameterError(`${what} needs a level, and this ciphertext is at level 0: refresh it`);
}

/** What is known about a ciphertext without the key, in bits. */
export interface NoiseBudget {
  /** log2 of the deviation of the error in a coefficient. */
  readonly noiseBits: number;
  /**
   * −log2 of the error of a slot's real part (deviation). The worst of all slots has some 2.5 to 2.7 bits fewer, seldom up to 3.2
   * (measured, N = 1024 to 16384): a slot's error is a product of sums, whose tail is exponential and not Gaussian.
   */
  readonly precisionBits: number;
  /** log2 of how many times larger the content could be before it wraps around; at or below 0 it cannot be decrypted. */
  readonly headroomBits: number;
}

/** An upper bound of the noise, hence a lower bound of the precision (estimate.ts). */
export function noiseBudget(ciphertext: CiphertextOf<CiphertextKind>): NoiseBudget {
  const { context, level, estimate } = ciphertext;
  const scale = scaleOf(ciphertext);
  const modulusBits = context.level(level).ring.moduli.reduce((bits, { q }) => bits + Math.log2(q), 0);
  const content = estimate.magnitude + TAIL * estimate.errorStddev;
  return {
    noiseBits: Math.log2(coefficientStddev(estimate, context.parameters.degree, scale)),
    precisionBits: -Math.log2(estimate.errorStddev),
    headroomBits: modulusBits - 1 - Math.log2(content * scale),
  };
}

/**
 * Deviations beyond which no error of a COEFFICIENT, Gaussian but for its conditioning, is expected in any ciphertext ever: 2^-140. Not
 * so for slots, whose tails are heavier: reading.ts.
 */
export const TAIL: number = 14;

/**
 * The same ciphertext with a bound on its content that the caller knows to hold (the estimate follows worst cases and can be
 * far above what a circuit really produces). A wrong bound can make a later decryption wrap around.
 */
export function declareMagnitude<Kind extends CiphertextKind>(
  ciphertext: CiphertextOf<Kind>,
  magnitude: number,
): CiphertextOf<Kind> {
  if (!(magnitude > 0) || !Number.isFinite(magnitude)) {
    throw new ParameterError(`a magnitude of ${magnitude} is not a positive number`);
  }
  return Object.freeze({ ...ciphertext, estimate: { ...ciphertext.estimate, magnitude } });
}

/**
 * The same ciphertext with a deviation of its error that the caller believes, where the bound that is kept is far above what a long circuit
 * really makes. It counts as a claim from then on: a flooded release asks for the caller's own bound (release.ts).
 */
export function declareError<Kind extends CiphertextKind>(
  ciphertext: CiphertextOf<Kind>,
  errorStddev: number,
): CiphertextOf<Kind> {
  if (!(errorStddev > 0) || !Number.isFinite(errorStddev)) {
    throw new ParameterError(`a deviation of ${errorStddev} is not a positive number`);
  }
  return Object.freeze({ ...ciphertext, estimate: { ...ciphertext.estimate, errorStddev, claimed: true } });
}
