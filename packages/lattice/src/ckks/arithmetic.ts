// Sums, differences, and products with what is known in the clear. A fresh ciphertext every time; operands are never changed.

import { ParameterError } from '../errors.ts';
import {
  addBlock,
  allocateBlock,
  loadBlock,
  multiplyBlock,
  multiplyScalarBlock,
  readBlock,
  writeBlock,
} from '../ring/blocks.ts';
import { scalar } from '../ring/modulus.ts';
import {
  add as addPolynomials,
  negate as negatePolynomial,
  subtract as subtractPolynomials,
} from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import {
  type Ciphertext,
  type CiphertextKind,
  type CiphertextOf,
  type CiphertextProduct,
  levelOf,
  requireAlike,
  requireKind,
  requireSameContext,
  type TensorProduct,
} from './ciphertext.ts';
import { afterAddition, afterFactor, afterProduct, type Estimate, ofPlaintext } from './estimate.ts';
import type { Plaintext } from './plaintext.ts';
import { roundedMultiple } from './rounding.ts';

function withParts<Kind extends CiphertextKind>(
  model: CiphertextOf<Kind>,
  c0: EvaluationPolynomial,
  c1: EvaluationPolynomial,
  estimate: Estimate,
): CiphertextOf<Kind> {
  return Object.freeze({ kind: model.kind, context: model.context, level: model.level, c0, c1, estimate });
}

export function add<Kind extends CiphertextKind>(
  a: CiphertextOf<Kind>,
  b: CiphertextOf<NoInfer<Kind>>,
): CiphertextOf<Kind> {
  requireAlike(a, b);
  const estimate = afterAddition(a.estimate, b.estimate);
  return withParts(a, addPolynomials(a.c0, b.c0), addPolynomials(a.c1, b.c1), estimate);
}

export function subtract<Kind extends CiphertextKind>(
  a: CiphertextOf<Kind>,
  b: CiphertextOf<NoInfer<Kind>>,
): CiphertextOf<Kind> {
  requireAlike(a, b);
  const estimate = afterAddition(a.estimate, b.estimate);
  return withParts(a, subtractPolynomials(a.c0, b.c0), subtractPolynomials(a.c1, b.c1), estimate);
}

export function negate<Kind extends CiphertextKind>(a: CiphertextOf<Kind>): CiphertextOf<Kind> {
  return withParts(a, negatePolynomial(a.c0), negatePolynomial(a.c1), a.estimate);
}

/** The sum of many at once: every operand is read once and nothing in between is allocated. */
export function sum<Kind extends CiphertextKind>(terms: readonly CiphertextOf<Kind>[]): CiphertextOf<Kind> {
  const [first, ...rest] = terms;
  if (first === undefined) throw new ParameterError('a sum needs at least one ciphertext');
  for (const term of rest) requireAlike(first, term);
  const { ring } = first.c0;
  const total = (part: 'c0' | 'c1'): EvaluationPolynomial =>
    ring.engine.memory.scope(() => {
      const out = loadBlock(first[part]);
      const next = allocateBlock(ring);
      for (const term of rest) {
        writeBlock(next, term[part]);
        addBlock(ring, out, out, next);
      }
      return evaluationPolynomial(ring, readBlock(ring, out));
    });
  const estimate = rest.reduce((sofar, term) => afterAddition(sofar, term.estimate), first.estimate);
  return withParts(first, total('c0'), total('c1'), estimate);
}

/** Sums of products before they are relinearised: one relinearisation for all of them. */
export function addTensors(a: TensorProduct, b: TensorProduct): TensorProduct {
  requireKind(a, 'tensor');
  requireAlike(a, b);
  return Object.freeze({
    kind: 'tensor',
    context: a.context,
    level: a.level,
    c0: addPolynomials(a.c0, b.c0),
    c1: addPolynomials(a.c1, b.c1),
    c2: addPolynomials(a.c2, b.c2),
    estimate: afterAddition(a.estimate, b.estimate),
  });
}

function requirePlainAlike(a: Ciphertext, plain: Plaintext): void {
  requireKind(a, 'ciphertext');
  requireKind(plain, 'plaintext');
  requireSameContext(a, plain);
  if (plain.level !== a.level) {
    throw new ParameterError(`the plaintext was encoded for level ${plain.level}, the ciphertext is at ${a.level}`);
  }
}

export function addPlain(a: Ciphertext, plain: Plaintext): Ciphertext {
  requirePlainAlike(a, plain);
  const estimate = afterAddition(a.estimate, plain.estimate);
  return withParts(a, addPolynomials(a.c0, plain.polynomial), a.c1, estimate);
}

export function subtractPlain(a: Ciphertext, plain: Plaintext): Ciphertext {
  requirePlainAlike(a, plain);
  const estimate = afterAddition(a.estimate, plain.estimate);
  return withParts(a, subtractPolynomials(a.c0, plain.polynomial), a.c1, estimate);
}

/** Slot by slot; the result has the scale of a product: rescale it, or add others first. */
export function multiplyPlain(a: Ciphertext, plain: Plaintext): CiphertextProduct {
  requirePlainAlike(a, plain);
  const { context, level } = a;
  const { ring } = levelOf(a);
  const [c0, c1] = ring.engine.memory.scope(() => {
    const factor = loadBlock(plain.polynomial);
    return [a.c0, a.c1].map((part) => {
      const x = loadBlock(part);
      multiplyBlock(ring, x, x, factor);
      return evaluationPolynomial(ring, readBlock(ring, x));
    });
  });
  return Object.freeze({ kind: 'product', context, level, c0, c1, estimate: afterProduct(a.estimate, plain.estimate) });
}

/** Every slot times an integer: exact, and the scale stays. Times 0 it hides nothing (c1 = 0): a term of a sum, no ciphertext to send. */
export function multiplyByInteger<Kind extends CiphertextKind>(
  a: CiphertextOf<Kind>,
  factor: number,
): CiphertextOf<Kind> {
  if (!Number.isSafeInteger(factor)) throw new ParameterError(`factor ${factor} is not an integer`);
  const [c0, c1] = timesInteger(a, BigInt(factor));
  return withParts(a, c0, c1, afterFactor(a.estimate, Math.abs(factor)));
}

/** Every slot times a real number, rounded to a multiple of 1/Δ; the result has the scale of a product. */
export function multiplyByConstant(a: Ciphertext, factor: number): CiphertextProduct {
  requireKind(a, 'ciphertext');
  const { context, level } = a;
  const { scale } = levelOf(a);
  const [c0, c1] = timesInteger(a, roundedMultiple(factor, scale.numerator));
  const estimate = afterProduct(a.estimate, ofPlaintext(Math.abs(factor), 0.5 / scale.value));
  return Object.freeze({ kind: 'product', context, level, c0, c1, estimate });
}

/** Adds a real number to every slot. */
export function addConstant(a: Ciphertext, constant: number): Ciphertext {
  requireKind(a, 'ciphertext');
  const { scale } = a.context.level(a.level);
  const value = roundedMultiple(constant, scale.numerator);
  const c0 = plusConstant(a.c0, value);
  const estimate = afterAddition(a.estimate, ofPlaintext(Math.abs(constant), 0.5 / scale.value));
  return withParts(a, c0, a.c1, estimate);
}

function timesInteger(a: CiphertextOf<CiphertextKind>, factor: bigint): EvaluationPolynomial[] {
  const { ring } = a.c0;
  const factors = ring.moduli.map((m) => scalar(factor, m));
  return ring.engine.memory.scope(() =>
    [a.c0, a.c1].map((part) => {
      const x = loadBlock(part);
      multiplyScalarBlock(ring, x, x, factors);
      return evaluationPolynomial(ring, readBlock(ring, x));
    }),
  );
}

/** A constant polynomial has the same value at every root: it is added to every evaluation. */
export function plusConstant(p: EvaluationPolynomial, constant: bigint): EvaluationPolynomial {
  const { ring } = p;
  const { memory, residues } = ring.engine;
  return memory.scope(() => {
    const x = loadBlock(p);
    const filled = memory.allocate(ring.limbBytes);
    ring.moduli.forEach((m, limb) => {
      const at = x + limb * ring.limbBytes;
      memory.u32(filled, ring.degree).fill(scalar(constant, m).value);
      residues.addResidues(at, at, filled, ring.degree, m.q);
    });
    return evaluationPolynomial(ring, readBlock(ring, x));
  });
}
