// What the parties of a protocol hash: everything that must be the same for all of them, each part with its length before it, so
// that no two different inputs give the same bytes.

import type { LatticePrimitives } from '../lattice.ts';
import type { Form, Polynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';

export const DIGEST_BYTES = 32;

/** SHA-256 of a label and parts, each behind its length as eight bytes, lowest first. */
export function digest(primitives: LatticePrimitives, label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const framed: Uint8Array[] = [];
  for (const part of [ascii(label), ...parts]) {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(part.length), true);
    framed.push(length, part);
  }
  return primitives.sha256(...framed);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 127);
}

/** Whole numbers below 2^32, four bytes each, lowest first. */
export function numbers(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  return bytes;
}

/** Degree and primes: what a residue vector means. */
export function ringBytes(ring: Ring): Uint8Array {
  return numbers([ring.degree, ...ring.moduli.map(({ q }) => q)]);
}

/** The residues as bytes, lowest first (a view: every platform with WebAssembly stores words this way round). */
export function residueBytes({ residues }: Polynomial<Form>): Uint8Array {
  return new Uint8Array(residues.buffer, residues.byteOffset, residues.byteLength);
}
