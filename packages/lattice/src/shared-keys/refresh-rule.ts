// What the members of a shared key agree on before the first refresh: how wide their masks are, and from which level on a ciphertext holds
// them (refreshing.ts says what they hide).
//
// Refused: fewer than 40 statistical bits, masks beyond two words, a chain that does not hold t masks on top of the content.

import { ParameterError } from '../errors.ts';
import type { CkksParameters } from '../parameters/ckks-parameters.ts';

export interface RefreshLiteral {
  readonly ckks: CkksParameters;
  /** t: how many members answer for one refresh. */
  readonly answers: number;
  /** R: how many refreshes the key makes in all. */
  readonly refreshes: number;
  /** Bound on the numbers that are refreshed; default 1. */
  readonly magnitude?: number;
  /** s; 40 unless told, at least 40. */
  readonly statisticalBits?: number;
}

/** What all members agree on before the first refresh. */
export interface RefreshRule {
  readonly kind: 'refresh rule';
  readonly ckks: CkksParameters;
  readonly answers: number;
  readonly refreshes: number;
  readonly statisticalBits: number;
  readonly magnitude: number;
  /** log2 of B: no coefficient of content and noise exceeds it. */
  readonly contentBits: number;
  /** k. */
  readonly maskBits: number;
  /** The lowest level whose modulus holds t masks on top of the content. */
  readonly operandLevel: number;
}

const LEAST_STATISTICAL_BITS = 40;
/** Two words of 64 bits, and room for the sum of t of them. */
const MOST_MASK_BITS = 126;

export function refreshRule(literal: RefreshLiteral): RefreshRule {
  const { ckks, answers, refreshes, magnitude = 1, statisticalBits = LEAST_STATISTICAL_BITS } = literal;
  requireWhole('answers', answers, 1);
  requireWhole('refreshes', refreshes, 1);
  requireWhole('statisticalBits', statisticalBits, LEAST_STATISTICAL_BITS);
  if (!(magnitude > 0) || !Number.isFinite(magnitude))
    throw new ParameterError(`magnitude ${magnitude} is not positive`);
  const { contentBits, maskBits } = refreshBits(literal);
  if (maskBits > MOST_MASK_BITS) {
    throw new ParameterError(
      `masks of ${maskBits} bits over content of ${contentBits}: at most ${MOST_MASK_BITS}; fewer refreshes, smaller numbers or a smaller scale`,
    );
  }
  const operandLevel = refreshOperandLevel(literal);
  if (operandLevel === undefined) {
    const needed = neededBits(answers, maskBits);
    throw new ParameterError(
      `${answers} masks of ${maskBits} bits need ${needed.toFixed(1)} bits of modulus; ${ckks.toString()} has ${modulusBitsAt(ckks, ckks.topLevel).toFixed(1)}`,
    );
  }
  return Object.freeze({
    kind: 'refresh rule',
    ckks,
    answers,
    refreshes,
    statisticalBits,
    magnitude,
    contentBits,
    maskBits,
    operandLevel,
  });
}

/** B and k of a rule, whether it can be made or not. */
function refreshBits({
  ckks,
  refreshes,
  magnitude = 1,
  statisticalBits = LEAST_STATISTICAL_BITS,
}: RefreshLiteral): Pick<RefreshRule, 'contentBits' | 'maskBits'> {
  const widest = ckks.scales.reduce((most, { value }) => Math.max(most, value), 0);
  // One bit for noise: authoriseCkksRefresh refuses a ciphertext that has more.
  const contentBits = Math.ceil(Math.log2(magnitude * widest) + 1);
  return { contentBits, maskBits: Math.ceil(contentBits + Math.log2(ckks.degree * refreshes)) + statisticalBits };
}

/** The sum of the masks and the content, with a sign. */
function neededBits(answers: number, maskBits: number): number {
  return maskBits + Math.log2(answers + 1) + 1;
}

/** The lowest level at which a refresh takes a ciphertext; undefined where no level of the chain, or no mask, is wide enough. */
export function refreshOperandLevel(literal: RefreshLiteral): number | undefined {
  const { ckks, answers } = literal;
  const { maskBits } = refreshBits(literal);
  if (maskBits > MOST_MASK_BITS) return undefined;
  const level = ckks.scales.findIndex((_, l) => modulusBitsAt(ckks, l) > neededBits(answers, maskBits));
  return level < 0 ? undefined : level;
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ParameterError(`${name} ${value} is not a whole number from ${least}`);
  }
}

function modulusBitsAt({ dataPrimes, base, limbsPerLevel }: CkksParameters, level: number): number {
  return dataPrimes.slice(0, base.length + level * limbsPerLevel).reduce((bits, q) => bits + Math.log2(q), 0);
}
