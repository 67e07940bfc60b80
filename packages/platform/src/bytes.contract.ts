// What the tests of this package say bytes with. No node:*, they run in browsers too.

import { expect } from 'vitest';

export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const pairs = hex.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A known-answer file without answers would pass for the wrong reason. */
export function known<Vector>(file: {
  readonly source: string;
  readonly vectors: readonly Vector[];
}): readonly Vector[] {
  expect(file.vectors.length, file.source).toBeGreaterThan(0);
  return file.vectors;
}

/** Bytes for tests, the same everywhere: a 32-bit linear congruential generator's high byte. Not random in any serious sense. */
export function patterned(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = (seed * 2654435761) >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The same bytes with one bit changed. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const changed = new Uint8Array(bytes);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}
