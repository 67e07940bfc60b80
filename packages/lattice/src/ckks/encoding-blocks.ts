// Encoding and decoding at addresses: vectors of numbers ↔ residues in coefficient form in the engine's memory. Everything a
// caller hands in is checked before anything is written. Values are secret: errors name their index and the bound, scratch is
// zeroed, and no branch or address depends on them (but arithmetic on subnormal doubles may take longer on some processors).

import type { EngineMemory } from '../engine/memory.ts';
import { ParameterError } from '../errors.ts';
import type { Ring } from '../ring/ring.ts';
import { composeCoefficients } from './encoding-composition.ts';
import { encodingConstants } from './encoding-constants.ts';
import { type Embedding, isPowerOfTwo, SMALLEST_TRANSFORM } from './encoding-embedding.ts';

export interface SlotOptions {
  /** A power of two up to N/2; vectors shorter than this are filled up with zeros. */
  readonly slots: number;
  /** What values are multiplied by before rounding, at least 1. Any number, not only powers of two. */
  readonly scale: number;
}

/** One number for every slot; without imaginary parts the vector is real and its polynomial exactly its own conjugate. */
export interface SlotVector {
  readonly real: ArrayLike<number>;
  readonly imaginary?: ArrayLike<number>;
}

export interface ComplexVector {
  readonly real: Float64Array<ArrayBuffer>;
  readonly imaginary: Float64Array<ArrayBuffer>;
}

const LARGEST_SCALE = 2 ** 900;

/** Writes the residues of the encoding at `address` (ring.blockBytes). Inside a scope. */
export function encodeToBlock(
  embedding: Embedding,
  ring: Ring,
  vector: SlotVector,
  options: SlotOptions,
  address: number,
): void {
  requireOptions(embedding, ring, options);
  const { slots, scale } = options;
  const { memory, embedding: kernels } = ring.engine;
  const { real, imaginary } = vector;
  if (real.length > slots) throw new ParameterError(`${real.length} values do not fit in ${slots} slots`);
  if (imaginary !== undefined && imaginary.length !== real.length) {
    throw new ParameterError(`${real.length} real parts but ${imaginary.length} imaginary parts`);
  }
  const { limit, limbs } = encodingConstants(ring);
  const size = Math.max(slots, SMALLEST_TRANSFORM);
  // A real vector's polynomial is determined by its lower half.
  const computed = imaginary === undefined ? size : 2 * size;
  memory.secretScope(() => {
    const { data, realAt, imaginaryAt } = allocateTransform(memory, size);
    const reals = memory.f64(realAt, size);
    const imaginaries = memory.f64(imaginaryAt, size);
    writeRepeated(reals, real, slots);
    writeRepeated(imaginaries, imaginary ?? [], slots);
    if (kernels.exceedsMagnitude(realAt, size, limit / scale) !== 0) refuseValue(reals, 'real part', limit, scale);
    if (imaginary !== undefined) {
      if (kernels.exceedsMagnitude(imaginaryAt, size, limit / scale) !== 0) {
        refuseValue(imaginaries, 'imaginary part', limit, scale);
      }
      requireModuli(reals, imaginaries, limit, scale);
    }
    kernels.slotsToCoefficients(data, realAt, imaginaryAt, embedding.middle, embedding.last, size);
    // The slots have been used, then the coefficients: their space serves for what they are turned into.
    const [highs, lows, compact] = [realAt, imaginaryAt, data];
    const dense = 2 * size === ring.degree;
    kernels.splitCoefficients(highs, lows, data, computed, scale / size);
    ring.moduli.forEach(({ q, reciprocal }, i) => {
      const { shift, splitOffset } = limbs[i];
      const limb = address + i * ring.limbBytes;
      const out = dense ? limb : compact;
      kernels.residuesFromHalves(out, highs, lows, computed, q, shift.value, shift.quotient, splitOffset, reciprocal);
      if (imaginary === undefined) kernels.mirrorResidues(out, 2 * size, q);
      if (dense) return;
      memory.u32(limb, ring.degree).fill(0);
      kernels.spreadResidues(limb, compact, 2 * size, ring.degree / (2 * size));
    });
  });
}

/** The slots of the polynomial at `address` (coefficient form, unchanged), divided by the scale. Inside a scope. */
export function decodeFromBlock(
  embedding: Embedding,
  ring: Ring,
  address: number,
  options: SlotOptions,
): ComplexVector {
  return decode(embedding, ring, address, options, (real, imaginary) => ({
    real: real.slice(),
    imaginary: imaginary.slice(),
  }));
}

/** The same without the imaginary parts, which hold only noise when real vectors were encoded. */
export function decodeRealFromBlock(
  embedding: Embedding,
  ring: Ring,
  address: number,
  options: SlotOptions,
): Float64Array<ArrayBuffer> {
  return decode(embedding, ring, address, options, (real) => real.slice());
}

function decode<Result>(
  embedding: Embedding,
  ring: Ring,
  address: number,
  options: SlotOptions,
  read: (real: Float64Array<ArrayBuffer>, imaginary: Float64Array<ArrayBuffer>) => Result,
): Result {
  requireOptions(embedding, ring, options);
  const { slots, scale } = options;
  const { memory, embedding: kernels } = ring.engine;
  const size = Math.max(slots, SMALLEST_TRANSFORM);
  return memory.secretScope(() => {
    const { data, realAt, imaginaryAt } = allocateTransform(memory, size);
    composeCoefficients(ring, data, address, 2 * size, 1 / scale);
    if (slots < size) keepMultiples(memory.f64(data, 2 * size), size / slots);
    kernels.coefficientsToSlots(realAt, imaginaryAt, data, embedding.middle, embedding.last, size);
    return read(memory.f64(realAt, slots), memory.f64(imaginaryAt, slots));
  });
}

interface TransformSpace {
  /** 2·size doubles. */
  readonly data: number;
  /** `size` doubles each. */
  readonly realAt: number;
  readonly imaginaryAt: number;
}

/**
 * Scratch for one transform. Large vectors would all begin at multiples of 4096 bytes, and then the last pass, which works on
 * twelve places at once, finds all of them in one set of a first-level cache: hence the gaps (a third of that pass's time).
 */
function allocateTransform(memory: EngineMemory, size: number): TransformSpace {
  const gap = 1024;
  const data = memory.allocate(32 * size + 2 * gap);
  const realAt = data + 16 * size + gap;
  return { data, realAt, imaginaryAt: realAt + 8 * size + gap };
}

function requireOptions({ engine, degree }: Embedding, ring: Ring, { slots, scale }: SlotOptions): void {
  if (engine !== ring.engine) throw new ParameterError('the embedding belongs to another engine than the ring');
  if (degree !== ring.degree) {
    throw new ParameterError(`the embedding is of degree ${degree}, the ring of degree ${ring.degree}`);
  }
  if (!isPowerOfTwo(slots, 1, degree / 2)) {
    throw new ParameterError(`${slots} slots: not a power of two in [1, ${degree / 2}]`);
  }
  if (!(scale >= 1 && scale <= LARGEST_SCALE)) throw new ParameterError(`scale ${scale} is outside [1, 2^900]`);
}

/** Fills `target` with the values, zeros up to `slots`, and that again until it is full (slots divides its length). */
function writeRepeated(target: Float64Array, values: ArrayLike<number>, slots: number): void {
  target.set(values);
  target.fill(0, values.length, slots);
  for (let filled = slots; filled < target.length; filled *= 2) target.copyWithin(filled, 0, filled);
}

function refuseValue(values: Float64Array, what: string, limit: number, scale: number): never {
  const index = values.findIndex((x) => !(Math.abs(x) <= limit / scale));
  if (!Number.isFinite(values[index])) throw new ParameterError(`${what} of value ${index} is not a finite number`);
  throw new ParameterError(`${what} of value ${index} ${exceeds(limit, scale)}`);
}

/** |value|·scale ≤ limit for complex values whose parts keep the bound each. */
function requireModuli(reals: Float64Array, imaginaries: Float64Array, limit: number, scale: number): void {
  const bound = limit / scale;
  for (let i = 0; i < reals.length; i++) {
    if (reals[i] * reals[i] + imaginaries[i] * imaginaries[i] > bound * bound) {
      throw new ParameterError(`value ${i} ${exceeds(limit, scale)}`);
    }
  }
}

function exceeds(limit: number, scale: number): string {
  return `times the scale 2^${Math.log2(scale).toFixed(2)} exceeds 2^${Math.log2(limit).toFixed(2)}, the most this modulus holds`;
}

/** Zeroes all but every `step`-th: the coefficients that belong to the subring of fewer slots. */
function keepMultiples(coefficients: Float64Array, step: number): void {
  for (let k = 0; k < coefficients.length; k++) if (k % step !== 0) coefficients[k] = 0;
}
