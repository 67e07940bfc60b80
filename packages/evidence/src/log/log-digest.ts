// The digest of a log: a chain of hashes over its lines, so that so many first lines have one value of 64 digits. Whoever keeps it finds out
// later whether anything of those lines was changed, taken out or put in, also what nobody signed (clocks, metrics, who was ignored).
//
//   head_0 = 64 zeros      head_i = SHA-256(canonical JSON of { line: SHA-256(line_i), previous: head_(i−1) })

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { hexOf } from '@sumus/secure-sum/canonical';
import type { Hashing } from '@sumus/secure-sum/primitives';
import { utf8Bytes } from './text-bytes.ts';

export interface LogHead {
  /** Lines. */
  readonly size: number;
  /** Hexadecimal. */
  readonly head: string;
}

export const NO_LINE: string = '0'.repeat(64);

/** Of the first `size` lines; of all of them where it is undefined. */
export function logHead(primitives: Hashing, lines: readonly string[], size: number = lines.length): LogHead {
  let head = NO_LINE;
  for (const line of lines.slice(0, size)) {
    const hash = hexOf(primitives.sha256(utf8Bytes(line)));
    head = hexOf(primitives.sha256(utf8Bytes(canonicalJson({ line: hash, previous: head }))));
  }
  return { size: Math.min(size, lines.length), head };
}
