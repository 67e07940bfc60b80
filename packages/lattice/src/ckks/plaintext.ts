// Numbers known in the clear, encoded for a level: the other operand of addPlain and multiplyPlain, and what encryption starts from.

import { ParameterError } from '../errors.ts';
import { allocateBlock, forwardBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import type { CkksContext } from './context.ts';
import { encodeToBlock, type SlotVector } from './encoding-blocks.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { type Estimate, encodingError, ofPlaintext } from './estimate.ts';

/** Real numbers, or complex ones as two vectors. Shorter than the slots: filled with zeros. */
export type Values = ArrayLike<number> | SlotVector;

export interface EncodingOptions {
  /** Default: the top level. */
  readonly level?: number;
  /**
   * A power of two up to N/2 (the default). Fewer slots hold the same numbers periodically: slot j + slots equals slot j,
   * and rotations turn within the period.
   */
  readonly slots?: number;
}

export interface Plaintext {
  readonly kind: 'plaintext';
  readonly context: CkksContext;
  readonly level: number;
  /** At the level's scale. */
  readonly polynomial: EvaluationPolynomial;
  readonly estimate: Estimate;
}

/** Encodes numbers that are no secret for a level; the magnitude of the result is that of the numbers themselves. */
export function encode(context: CkksContext, values: Values, options: EncodingOptions = {}): Plaintext {
  const level = context.level(options.level ?? context.parameters.topLevel);
  const { ring, scale } = level;
  const slots = options.slots ?? context.parameters.slots;
  const vector = slotVector(values);
  const magnitude = largestModulus(vector);
  const polynomial = encodeEvaluations(context, ring, vector, slots, scale.value);
  const estimate = ofPlaintext(magnitude, encodingError(ring.degree, scale.value, magnitude));
  return Object.freeze({ kind: 'plaintext', context, level: level.level, polynomial, estimate });
}

/** round(scale·σ^-1(values)) over any of the context's rings, in evaluation form. */
export function encodeEvaluations(
  context: CkksContext,
  ring: Ring,
  vector: SlotVector,
  slots: number,
  scale: number,
): EvaluationPolynomial {
  const embedding = createEmbedding(context.lattice, ring.degree);
  return ring.engine.memory.secretScope(() => {
    const block = allocateBlock(ring);
    encodeToBlock(embedding, ring, vector, { slots, scale }, block);
    forwardBlock(ring, block);
    return evaluationPolynomial(ring, readBlock(ring, block));
  });
}

export function slotVector(values: Values): SlotVector {
  const vector = 'real' in values ? values : { real: values };
  requireNumbers(vector.real);
  if (vector.imaginary !== undefined) requireNumbers(vector.imaginary);
  return vector;
}

/** Arrays of anything would be converted: null and '' to 0, true to 1. Refused by index, never by value. */
function requireNumbers(values: ArrayLike<unknown>): void {
  if (values instanceof Float64Array || values instanceof Float32Array) return;
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] !== 'number') throw new ParameterError(`value ${i} is not a number`);
  }
}

/** The largest modulus of the numbers; NaN where one is not a number. Branch-free in the values. */
export function largestModulus({ real, imaginary }: SlotVector): number {
  let square = 0;
  if (imaginary === undefined) {
    let largest = 0;
    for (let i = 0; i < real.length; i++) largest = Math.max(largest, Math.abs(real[i]));
    return largest;
  }
  if (imaginary.length !== real.length) {
    throw new ParameterError(`${real.length} real parts but ${imaginary.length} imaginary parts`);
  }
  for (let i = 0; i < real.length; i++) square = Math.max(square, real[i] * real[i] + imaginary[i] * imaginary[i]);
  return Math.sqrt(square);
}

/** Refuses numbers beyond a declared bound, by index and never by value: they may be secret. */
export function requireWithin(vector: SlotVector, magnitude: number): void {
  if (!(magnitude > 0) || !Number.isFinite(magnitude)) {
    throw new ParameterError(`a magnitude of ${magnitude} is not a positive number`);
  }
  if (largestModulus(vector) <= magnitude) return;
  const { real, imaginary } = vector;
  for (let i = 0; i < real.length; i++) {
    const modulus = Math.hypot(real[i], imaginary?.[i] ?? 0);
    if (Number.isFinite(modulus) && modulus <= magnitude * (1 + 2 ** -40)) continue;
    const fault = Number.isFinite(modulus) ? `exceeds the declared magnitude ${magnitude}` : 'is not a finite number';
    throw new ParameterError(`value ${i} ${fault}`);
  }
}
