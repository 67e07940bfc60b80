// Test material: encodings with their rotation under a context of a seed, and vectors of the shapes that gradients have.
// Nothing of Node in here.

import type { Primitives } from '@sumus/platform/primitives';
import { type OpenContext, openContext } from '../context/index.ts';
import type { Engine } from '../engine/index.ts';
import { normally, uniformly } from '../engine/seeded-words.contract.ts';
import type { SecretPrimitives } from '../secret-primitives.ts';
import { seededPrimitives } from '../seeded-members.contract.ts';
import {
  type DecodedSum,
  decode,
  defineEncoding,
  type EncodedVector,
  type Encoding,
  type EncodingOptions,
  encode,
  type Rotation,
  rotationOf,
  type VectorToEncode,
} from './index.ts';

export interface TestEncoding {
  readonly encoding: Encoding;
  readonly rotation: Rotation;
  readonly primitives: SecretPrimitives;
  encode(engine: Engine, vector: VectorToEncode): EncodedVector;
  decode(engine: Engine, words: Int32Array, contributors: number): DecodedSum;
}

export const SIXTEEN_BITS: EncodingOptions = {
  vectorLength: 1000,
  clippingNorm: 1,
  valueBits: 16,
  wordBits: 23,
  maximumContributors: 100,
};

/** A context of its own, so that known answers stay what they are when another room's test material changes. */
export function contextAt(primitives: SecretPrimitives, round: number): OpenContext {
  const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
  return openContext(primitives, {
    projectId: 'hospitals',
    taskId: 'sepsis',
    round,
    flush: 0,
    modelHash: hash(1),
    configHash: hash(2),
    policyHash: hash(3),
  });
}

export function testEncoding(platform: Primitives, options: Partial<EncodingOptions> = {}, seed = 1): TestEncoding {
  const primitives = seededPrimitives(platform, seed);
  const encoding = defineEncoding({ ...SIXTEEN_BITS, ...options });
  const rotation = rotationOf(primitives, contextAt(primitives, seed), encoding.windows);
  return {
    encoding,
    rotation,
    primitives,
    encode: (engine, vector) => encode(engine, primitives, encoding, rotation, vector),
    decode: (engine, words, contributors) => decode(engine, encoding, rotation, { words, contributors }),
  };
}

/** As a protocol would: word by word, modulo 2^w, read as signed. */
export function sumOf(vectors: readonly Int32Array[], wordBits: number): Int32Array {
  const sum = new Int32Array(vectors[0].length);
  for (const words of vectors) for (const [i, word] of words.entries()) sum[i] += word;
  return sum.map((word) => (word << (32 - wordBits)) >> (32 - wordBits));
}

export const SHAPES = ['gaussian', 'student-t3', 'sparse', 'constant', 'spike', 'first values', 'last values'] as const;
export type Shape = (typeof SHAPES)[number];

/** A vector of one shape; the logarithms in it may differ in a last bit between platforms. */
export function vectorOf(shape: Shape, length: number, next: () => number): Float32Array<ArrayBuffer> {
  const place = next() % length;
  const few = Math.ceil(length / 20);
  return Float32Array.from({ length }, (_, i) => {
    switch (shape) {
      case 'gaussian':
        return normally(next);
      case 'student-t3':
        return normally(next) / Math.hypot(normally(next), normally(next), normally(next));
      case 'sparse':
        return uniformly(next) < 0.01 || i === place ? normally(next) : 0;
      case 'constant':
        return 0.25;
      case 'spike':
        return i === place ? -3 : 0;
      case 'first values':
        return i < few ? normally(next) : 0;
      case 'last values':
        return i >= length - few ? normally(next) : 0;
      default:
        throw new Error(shape satisfies never);
    }
  });
}

export function normOf(values: Iterable<number>): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

/** ‖a − b‖² / ‖b‖². */
export function normalisedError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let error = 0;
  let whole = 0;
  for (let i = 0; i < b.length; i++) {
    error += (a[i] - b[i]) ** 2;
    whole += b[i] ** 2;
  }
  return error / whole;
}

/** What `act` throws; fails when it does not. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}
