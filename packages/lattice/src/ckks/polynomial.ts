// Polynomials with real coefficients on ciphertexts, at the least depth, ⌈log2(degree + 1)⌉ levels, and with few products.
//
// Paterson and Stockmeyer 1973, in the recursive form p = q·X^m + r, m a power of two; leaves are linear combinations of powers and
// need no product of ciphertexts. Odd and even polynomials only ever ask for the powers they have. The scale a sum needs is handed
// DOWN the recursion and met by the constants of the leaves (Bossuat, Mouchet, Troncoso-Pastoriza, Hubaux 2021, "Efficient
// bootstrapping…", §3.1), so nothing is spent on bringing operands to one scale and the result has its level's own scale exactly.
// Products are summed before they are relinearised: one relinearisation for each rescaling.
//
// Refused: degree 0, coefficients that are not finite, too few levels.

import { ParameterError } from '../errors.ts';
import { type RelinearisationKey, relinearisationErrorFactor } from '../keys/evaluation-key.ts';
import { product as primeProduct } from '../parameters/ckks-chain.ts';
import type { CkksParameters } from '../parameters/ckks-parameters.ts';
import { SCALE_FRACTION_BITS } from '../parameters/scale.ts';
import { type Ciphertext, requireKind } from './ciphertext.ts';
import { afterAddition, afterProduct, type Estimate } from './estimate.ts';
import { requireKeySwitching } from './key-switch.ts';
import { SLOT_TAIL } from './reading.ts';
import { roundedQuotient } from './rounding.ts';
import {
  combination,
  combinationEstimate,
  plus,
  product,
  type Scaled,
  type ScaledEstimate,
  scaledOf,
  settle,
  settledAt,
  settledEstimate,
  type TermOf,
} from './scaled.ts';

/** Levels that a polynomial of this many coefficients (constant first) takes. */
export function polynomialDepth(coefficients: readonly number[]): number {
  return Math.ceil(Math.log2(requirePolynomial(coefficients).length));
}

export interface PolynomialOptions {
  /**
   * Every slot holds a real number of at most x's declared magnitude. The estimate of the result then follows from the slope of the polynomial
   * on that interval; without it, from the magnitudes of the powers, which for a polynomial of alternating signs is far above.
   */
  readonly real?: boolean;
}

/** coefficients[0] + coefficients[1]·x + …, in every slot. */
export function evaluatePolynomial(
  x: Ciphertext,
  coefficients: readonly number[],
  relinearisation: RelinearisationKey,
  options: PolynomialOptions = {},
): Ciphertext {
  requireKind(x, 'ciphertext');
  const p = requirePolynomial(coefficients);
  requireDeepEnough(p, x.level);
  const { context, level } = x;
  if (p.length > 2) requireKeySwitching(context, context.level(level), relinearisation.key);
  const evaluated = settledAt(evaluateWith(arithmeticOf(context.parameters, relinearisation), scaledOf(x), p));
  const factor = relinearisationErrorFactor(relinearisation);
  const estimate = tightened(context.parameters, x, p, factor, evaluated.estimate, options);
  return Object.freeze({ ...evaluated, estimate });
}

/**
 * The estimate that evaluatePolynomial's result will carry for an operand at `level` with `estimate`, before there is any.
 * `relinearisationError`: relinearisationErrorFactor of the key, 1 for a key made from the whole secret.
 */
export function polynomialEstimate(
  parameters: CkksParameters,
  { level, estimate }: { readonly level: number; readonly estimate: Estimate },
  coefficients: readonly number[],
  relinearisationError: number = 1,
  options: PolynomialOptions = {},
): Estimate {
  const p = requirePolynomial(coefficients);
  requireDeepEnough(p, level);
  const found = shadowEstimate(parameters, { level, estimate }, p, relinearisationError);
  return tightened(parameters, { level, estimate }, p, relinearisationError, found, options);
}

interface Known {
  readonly level: number;
  readonly estimate: Estimate;
}

function shadowEstimate(
  parameters: CkksParameters,
  { level, estimate }: Known,
  p: readonly number[],
  relinearisationError: number,
): Estimate {
  const x = { level, scale: parameters.scales[level].numerator, estimate, tensor: false };
  return evaluateWith(shadowArithmetic(parameters, relinearisationError), x, p).estimate;
}

/**
 * Of real numbers: |p(x + e) − p(x)| ≤ |e|·max |p′| over the interval and what errors reach beyond it; the evaluation's own errors are those
 * of exact operands of that magnitude. Never more than what is known already.
 */
function tightened(
  parameters: CkksParameters,
  x: Known,
  p: readonly number[],
  relinearisationError: number,
  known: Estimate,
  { real = false }: PolynomialOptions,
): Estimate {
  if (!real) return known;
  const { magnitude, errorStddev, claimed } = x.estimate;
  const reach = magnitude + SLOT_TAIL * errorStddev;
  const exact = { level: x.level, estimate: { magnitude: reach, errorStddev: 0, claimed } };
  const own = shadowEstimate(parameters, exact, p, relinearisationError).errorStddev;
  const slope = largestOnInterval(
    p.slice(1).map((c, i) => c * (i + 1)),
    reach,
  );
  const error = own + slope * errorStddev;
  return {
    magnitude: Math.min(known.magnitude, largestOnInterval(p, magnitude)),
    errorStddev: error < known.errorStddev || Number.isNaN(known.errorStddev) ? error : known.errorStddev,
    claimed,
  };
}

const GRID = 1024;

/** A bound on |p| over [−m, m]: the largest on a grid and what p can rise between its points, or Σ |c_i|·m^i if that is less. */
function largestOnInterval(p: readonly number[], m: number): number {
  const absolute = (c: readonly number[]): number => c.reduceRight((sum, x) => sum * m + Math.abs(x), 0);
  const rise = absolute(p.slice(1).map((c, i) => c * (i + 1)));
  let largest = 0;
  for (let i = 0; i <= GRID; i++) {
    const x = m * ((2 * i) / GRID - 1);
    largest = Math.max(largest, Math.abs(p.reduceRight((sum, c) => sum * x + c, 0)));
  }
  return Math.min(absolute(p), largest + (rise * m) / GRID);
}

/** How many products of ciphertexts an evaluation takes, each relinearised. */
export function polynomialProducts(coefficients: readonly number[]): number {
  const p = requirePolynomial(coefficients);
  const depth = polynomialDepth(p);
  return productsOf(p, depth - 1, cheapestLeaf(p, depth));
}

function requireDeepEnough(p: readonly number[], level: number): void {
  const depth = polynomialDepth(p);
  if (level >= depth) return;
  throw new ParameterError(
    `a polynomial of degree ${p.length - 1} takes ${depth} levels, and this ciphertext is at level ${level}`,
  );
}

/** What the recursion computes with: ciphertexts, or what will be known of them. */
interface Arithmetic<Value extends ScaledEstimate> {
  readonly parameters: CkksParameters;
  product(a: Value, b: Value): Value;
  plus(a: Value, b: Value): Value;
  combination(terms: readonly TermOf<Value>[], constant: number, level: number, scale: bigint): Value;
  /** Relinearised where needed, and rescaled. */
  settle(a: Value): Value;
}

function arithmeticOf(parameters: CkksParameters, relinearisation: RelinearisationKey): Arithmetic<Scaled> {
  return { parameters, product, plus, combination, settle: (a) => settle(a, relinearisation) };
}

interface Shadow extends ScaledEstimate {
  /** Of three parts. */
  readonly tensor: boolean;
}

function shadowArithmetic(parameters: CkksParameters, relinearisationError: number): Arithmetic<Shadow> {
  return {
    parameters,
    product: (a, b) => ({
      level: Math.min(a.level, b.level),
      scale: (a.scale * b.scale) >> SCALE_FRACTION_BITS,
      estimate: afterProduct(a.estimate, b.estimate),
      tensor: true,
    }),
    plus: (a, b) => ({ ...a, estimate: afterAddition(a.estimate, b.estimate), tensor: a.tensor || b.tensor }),
    combination: (terms, constant, level, scale) => ({
      level,
      scale,
      estimate: combinationEstimate(terms, constant, scale),
      tensor: false,
    }),
    settle: (a) => {
      const q = levelModulus(parameters, a.level);
      const scale = roundedQuotient(a.scale, q);
      const estimate = settledEstimate(parameters, a, scale, q, a.tensor ? relinearisationError : undefined);
      return { level: a.level - 1, scale, estimate, tensor: false };
    },
  };
}

function evaluateWith<Value extends ScaledEstimate>(
  arithmetic: Arithmetic<Value>,
  x: Value,
  p: readonly number[],
): Value {
  const { parameters } = arithmetic;
  const depth = polynomialDepth(p);
  const at = x.level - depth + 1;
  const scale = parameters.scales[at - 1].numerator * levelModulus(parameters, at);
  return arithmetic.settle(evaluate(p, at, scale, new Powers(x, arithmetic), cheapestLeaf(p, depth)));
}

/** Trims leading zeros; refuses what is no polynomial of degree at least one. */
function requirePolynomial(coefficients: readonly number[]): readonly number[] {
  coefficients.forEach((c, i) => {
    if (!Number.isFinite(c)) throw new ParameterError(`coefficient ${i}, ${c}, is not a finite number`);
  });
  const p = trimmed(coefficients);
  if (p.length < 2) throw new ParameterError('a polynomial of degree 0 needs no ciphertext');
  return p;
}

function trimmed(coefficients: readonly number[]): readonly number[] {
  let length = coefficients.length;
  while (length > 0 && coefficients[length - 1] === 0) length -= 1;
  return coefficients.slice(0, length);
}

/** The product of a level's own primes. */
function levelModulus({ levels }: CkksParameters, level: number): bigint {
  return primeProduct(levels[level - 1]);
}

/** x^i on demand, each at depth ⌈log2 i⌉ below x, at whatever scale comes out. */
class Powers<Value extends ScaledEstimate> {
  readonly #made = new Map<number, Value>();
  readonly arithmetic: Arithmetic<Value>;
  readonly level: number;

  constructor(x: Value, arithmetic: Arithmetic<Value>) {
    this.#made.set(1, x);
    this.arithmetic = arithmetic;
    this.level = x.level;
  }

  power(exponent: number): Value {
    const known = this.#made.get(exponent);
    if (known !== undefined) return known;
    const [high, low] = factorsOf(exponent);
    const { arithmetic } = this;
    const made = arithmetic.settle(arithmetic.product(this.power(high), this.power(low)));
    this.#made.set(exponent, made);
    return made;
  }
}

/** i = high + low with high the largest power of two below i: both at most one level shallower, and odd stays odd. */
function factorsOf(exponent: number): readonly [number, number] {
  const high = 2 ** (Math.ceil(Math.log2(exponent)) - 1);
  return [high, exponent - high];
}

/** How p is evaluated `available` levels below x: as one linear combination, or split at X^at. */
type Step =
  | { readonly kind: 'leaf' }
  | {
      readonly kind: 'split';
      readonly at: number;
      readonly quotient: readonly number[];
      readonly rest: readonly number[];
    };

function stepFor(p: readonly number[], available: number, leafDegree: number): Step {
  const degree = p.length - 1;
  if (degree <= 1 || (degree <= leafDegree && Math.ceil(Math.log2(degree)) <= available)) return { kind: 'leaf' };
  const at = 2 ** Math.floor(Math.log2(degree));
  return { kind: 'split', at, quotient: p.slice(at), rest: trimmed(p.slice(0, at)) };
}

/** p(x) at this level and scale, not yet relinearised or rescaled. */
function evaluate<Value extends ScaledEstimate>(
  p: readonly number[],
  level: number,
  scale: bigint,
  powers: Powers<Value>,
  leafDegree: number,
): Value {
  const { arithmetic } = powers;
  const { combination, plus } = arithmetic;
  const step = stepFor(p, powers.level - level, leafDegree);
  if (step.kind === 'leaf') return combination(termsOf(p, powers), p[0] ?? 0, level, scale);
  const { at, quotient, rest } = step;
  const high = powers.power(at);
  // A constant quotient needs no product of ciphertexts.
  if (quotient.length === 1) {
    const term = { coefficient: quotient[0], factor: high };
    if (rest.length < 2) return combination([term], rest[0] ?? 0, level, scale);
    return plus(evaluate(rest, level, scale, powers, leafDegree), combination([term], 0, level, scale));
  }
  const wanted = roundedQuotient(scale << SCALE_FRACTION_BITS, high.scale);
  const q = levelModulus(arithmetic.parameters, level + 1);
  const unsettled = evaluate(quotient, level + 1, wanted * q, powers, leafDegree);
  const multiplied = arithmetic.product(arithmetic.settle(unsettled), high);
  if (rest.length === 0) return multiplied;
  // Equal up to the rounding of `wanted` to a multiple of 2^-64.
  const addend =
    rest.length === 1
      ? combination([{ coefficient: 0, factor: high }], rest[0], level, scale)
      : evaluate(rest, level, scale, powers, leafDegree);
  return plus({ ...multiplied, scale }, addend);
}

function termsOf<Value extends ScaledEstimate>(p: readonly number[], powers: Powers<Value>): TermOf<Value>[] {
  return p
    .map((coefficient, exponent) => ({ coefficient, exponent }))
    .filter(({ coefficient, exponent }) => exponent > 0 && coefficient !== 0)
    .map(({ coefficient, exponent }) => ({ coefficient, factor: powers.power(exponent) }));
}

/** The leaf size with the fewest products of ciphertexts; the smallest one among equals. */
function cheapestLeaf(p: readonly number[], depth: number): number {
  let best = { leafDegree: 1, products: Number.POSITIVE_INFINITY };
  for (let leafDegree = 1; leafDegree < 2 * p.length; leafDegree = 2 * leafDegree + 1) {
    const products = productsOf(p, depth - 1, leafDegree);
    if (products < best.products) best = { leafDegree, products };
  }
  return best.leafDegree;
}

/** How many products of ciphertexts an evaluation takes: those of splits, and one for each power but the first. */
export function productsOf(p: readonly number[], available: number, leafDegree: number): number {
  const powers = new Set<number>();
  const need = (exponent: number): void => {
    if (exponent === 1 || powers.has(exponent)) return;
    powers.add(exponent);
    for (const factor of factorsOf(exponent)) need(factor);
  };
  const count = (polynomial: readonly number[], left: number): number => {
    const step = stepFor(polynomial, left, leafDegree);
    if (step.kind === 'leaf') {
      polynomial.forEach((c, exponent) => {
        if (exponent > 0 && c !== 0) need(exponent);
      });
      return 0;
    }
    need(step.at);
    const rest = step.rest.length > 1 ? count(step.rest, left) : 0;
    return step.quotient.length === 1 ? rest : 1 + count(step.quotient, left - 1) + rest;
  };
  const splits = count(p, available);
  return splits + powers.size;
}
