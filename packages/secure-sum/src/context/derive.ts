// Every key, seed and tag of the protocol is derived here, under the context and a label of its own: two purposes never share
// bytes, and neither do two rounds. HKDF-SHA-256 (RFC 5869) with info = "sumus/1/derive" ‖ label ‖ ctx ‖ parts.

import { asciiBytes, delimited } from '../canonical/index.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';
import type { AnyContext } from './context.ts';

export interface Derivation {
  readonly context: AnyContext;
  /** What the bytes are for, as a path: "mask/pair", "box/seal". One label is used in one place of the code. */
  readonly label: string;
  /** What else is bound: members, indices. */
  readonly parts?: readonly (Uint8Array | string)[];
  /** In [1, 8160]. */
  readonly lengthBytes: number;
}

/** Bytes that follow from `ikm` (the input keying material; secret, or public like the beacon), for one purpose. */
export function derive(
  primitives: Pick<PublicPrimitives, 'hkdfSha256'>,
  ikm: Uint8Array,
  { context, label, parts = [], lengthBytes }: Derivation,
): Uint8Array<ArrayBuffer> {
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(label)) throw new ParameterError(`"${label}" is no label such as mask/pair`);
  const info = delimited('sumus/1/derive', asciiBytes(label), context.hash, delimited(...parts));
  return primitives.hkdfSha256({ secret: ikm, salt: new Uint8Array(0), info, length: lengthBytes });
}
