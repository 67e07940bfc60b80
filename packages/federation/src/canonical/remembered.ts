// The bytes of a long value that never changes, and their hash, remembered for as long as the value lives: a participant is stored at every
// step, and its model is the same at most of them. Who hands a value in does not change it afterwards.

import type { Hashing } from '@sumus/secure-sum/primitives';

export interface BytesAndHash {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256. */
  readonly hash: Uint8Array<ArrayBuffer>;
}

const remembered = new WeakMap<object, BytesAndHash>();

/** `write`: always the same one for the same value. */
export function rememberedBytes<Value extends object>(
  primitives: Hashing,
  value: Value,
  write: (value: Value) => Uint8Array<ArrayBuffer>,
): BytesAndHash {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const bytes = write(value);
  const made = { bytes, hash: primitives.sha256(bytes) };
  remembered.set(value, made);
  return made;
}
