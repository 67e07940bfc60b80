// What tests of the embedding share: rings, seeded numbers, the orbit of five, and trigonometric functions (Math.sin is good enough
// for comparisons with a tolerance).

import type { Engine } from '../engine/engine.ts';
import { primesBelow } from '../ring/primes.ts';
import { type Ring, ring } from '../ring/ring.ts';

export interface Numbers {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Numbers in (−magnitude, magnitude) from a multiplicative generator: the same on every runtime. */
export function numbers(count: number, magnitude: number, seed: number): Numbers {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const high = state;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((high + state / 2 ** 32) / 2 ** 31 - 1) * magnitude;
  };
  const real = Float64Array.from({ length: count }, next);
  return { real, imaginary: Float64Array.from({ length: count }, next) };
}

/** cos(2π·turns) and sin(2π·turns), turns in [0, 1). */
export function cosineTurns(turns: number): number {
  return Math.cos(2 * Math.PI * turns);
}

export function sineTurns(turns: number): number {
  return Math.sin(2 * Math.PI * turns);
}

/** An insecure ring over the largest primes. */
export function ringOf(engine: Engine, degree: number, limbCount: number): Ring {
  return ring(engine, degree, primesBelow(2 ** 30, limbCount, degree));
}

/** Powers of five modulo 2N. */
export function orbit(degree: number, count: number): number[] {
  const exponents = [1];
  while (exponents.length < count) exponents.push((exponents[exponents.length - 1] * 5) % (2 * degree));
  return exponents;
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
