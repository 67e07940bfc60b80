// A parameter set's name for machines: the SHA-256 of its canonical description, which lists everything that decides what a
// residue means (primes in order, scales, digits, distributions). Ciphertexts and keys on the wire carry it.

import { ParameterError } from '../errors.ts';
import type { LatticePrimitives } from '../lattice.ts';

/** The 32-byte identity of a description. Descriptions are printable ASCII, so that no encoding can differ. */
export function parameterId(primitives: LatticePrimitives, description: string): Uint8Array {
  const bytes = new Uint8Array(description.length);
  for (let i = 0; i < bytes.length; i++) {
    const code = description.charCodeAt(i);
    if (code < 32 || code > 126) throw new ParameterError(`parameter description holds character ${code}`);
    bytes[i] = code;
  }
  return primitives.sha256(bytes);
}
