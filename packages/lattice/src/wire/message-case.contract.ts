// Test material for the wire: what a message under test is, and the insecure parameters of degree 16 that all are made for. Their
// polynomials are uniform: the format does not care what a residue means.

import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { insecureIntegerParameters } from '../parameters/integer-parameters.ts';
import { insecureOneTimeParameters } from '../parameters/one-time-parameters.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import type { Kind } from './envelope.ts';
import type { Trace } from './writer.ts';

export interface MessageCase {
  readonly name: string;
  readonly kind: Kind;
  encode(trace?: Trace): Uint8Array;
  decode(bytes: Uint8Array): unknown;
  /** Decodes and encodes again. */
  again(bytes: Uint8Array): Uint8Array;
}

export function messageCase<Value>(
  name: string,
  kind: Kind,
  value: Value,
  encode: (value: Value, trace?: Trace) => Uint8Array,
  decode: (bytes: Uint8Array) => Value,
): MessageCase {
  return { name, kind, encode: (trace) => encode(value, trace), decode, again: (bytes) => encode(decode(bytes)) };
}

export const DEGREE = 16;
export const bytesOf = (first: number, length: number = 32): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => first + i);

export const CKKS = insecureCkksParameters({ degree: DEGREE, levels: 3, scaleBits: 55, limbsPerLevel: 2, digits: 2 });
export const INTEGERS = insecureIntegerParameters({
  degree: DEGREE,
  plaintext: { kind: 'lanes', valueBits: 8, signed: true, lanes: 2 },
  additions: 100,
  key: 'public',
});
export const ONE_TIME = insecureOneTimeParameters({
  degree: DEGREE,
  contributors: 20,
  wordBits: 12,
  wordsPerCoefficient: 2,
  committee: { members: 5, corrupt: 1 },
});
/** The uniform polynomial with this number. */
export type Uniform = (ring: Ring, index: number) => EvaluationPolynomial;
