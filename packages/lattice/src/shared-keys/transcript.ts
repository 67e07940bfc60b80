// What the parties of a protocol hash: everything that must be the same for all of them, as bytes (digest.ts frames them).

import type { Form, Polynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';

export { ascii, DIGEST_BYTES, digest } from '../digest.ts';

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
