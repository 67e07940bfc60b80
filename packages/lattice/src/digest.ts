// Hashing of several things at once, each with its length before it, so that no two different inputs give the same bytes.

import type { LatticePrimitives } from './lattice.ts';

export const DIGEST_BYTES = 32;

/** SHA-256 of a label and parts, each behind its length as eight bytes, lowest first. */
export function digest(
  primitives: Pick<LatticePrimitives, 'sha256'>,
  label: string,
  ...parts: readonly Uint8Array[]
): Uint8Array {
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
