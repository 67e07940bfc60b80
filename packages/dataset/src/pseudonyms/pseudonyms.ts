// Pseudonyms by keyed HMAC-SHA-256: one value, one field, one purpose and one generation give one pseudonym; without the key nobody
// can make or test one. A plain hash would not do: names, dates of birth and social security numbers are few enough to try all.
// A pseudonym is not anonymous (GDPR, recital 26): whoever holds the key finds the person again. Rotation means a new generation
// of the key; old and new pseudonyms are linked only by somebody who has the values or both keys.
//
// The key of a purpose is HMAC(secret, "sumus pseudonyms" ‖ purpose ‖ generation), so that tables made for two purposes cannot be
// joined. HMAC-SHA-256 is handed in (packages/platform has it).
import { ParameterError } from '../errors.ts';
import { encodeUtf8 } from '../text/utf8.ts';

export type HmacSha256 = (key: Uint8Array, ...chunks: readonly Uint8Array[]) => Uint8Array;

export interface PseudonymKeyOptions {
  readonly hmacSha256: HmacSha256;
  /** At least 32 bytes from a cryptographic generator; copied. */
  readonly secret: Uint8Array;
  /** What the table is for: 'trial 17, site Basel'. */
  readonly purpose: string;
  /** Counts rotations, from 1. */
  readonly generation: number;
}

/**
 * From old pseudonyms to new ones, for a table that must follow a change of keys: whoever makes this has the values and both keys.
 * It undoes the change for everybody who sees it: use it and delete it.
 */
export function rotation(
  field: string,
  values: Iterable<string>,
  keys: { readonly from: PseudonymKey; readonly to: PseudonymKey },
): Map<string, string> {
  const moved = new Map<string, string>();
  for (const value of values) moved.set(keys.from.pseudonymOf(field, value), keys.to.pseudonymOf(field, value));
  return moved;
}

const leastKeyBytes = 32;
const leastPseudonymBytes = 16;
const macBytes = 32;

/** Makes pseudonyms of one generation for one purpose. Holds a key: never printed, never serialised. */
export class PseudonymKey {
  readonly #hmacSha256: HmacSha256;
  readonly #key: Uint8Array;
  readonly purpose: string;
  readonly generation: number;

  constructor({ hmacSha256, secret, purpose, generation }: PseudonymKeyOptions) {
    if (secret.length < leastKeyBytes) {
      throw new ParameterError(`a key for pseudonyms has ${leastKeyBytes} bytes or more, not ${secret.length}`);
    }
    if (purpose === '') throw new ParameterError('pseudonyms need a purpose: tables of one purpose can be joined');
    if (!Number.isSafeInteger(generation) || generation < 1) {
      throw new ParameterError(`generations count from 1, not ${generation}`);
    }
    this.#hmacSha256 = hmacSha256;
    this.#key = hmacSha256(secret, framed('sumus pseudonyms'), framed(purpose), framed(String(generation)));
    this.purpose = purpose;
    this.generation = generation;
  }

  /**
   * `g1-` and the pseudonym in base32 without the letters that look like digits. Values that Unicode calls the same text (NFC)
   * have one pseudonym; nothing else is normalised, so 'Müller' and 'müller' are two people.
   */
  pseudonymOf(field: string, value: string, byteCount: number = leastPseudonymBytes): string {
    if (!(Number.isInteger(byteCount) && byteCount >= leastPseudonymBytes && byteCount <= macBytes)) {
      throw new ParameterError(`a pseudonym has ${leastPseudonymBytes} to ${macBytes} bytes, not ${byteCount}`);
    }
    const mac = this.#hmacSha256(this.#key, framed(field), framed(value.normalize('NFC')));
    return `g${this.generation}-${base32(mac.subarray(0, byteCount))}`;
  }

  /** Forgets the key. Pseudonyms made afterwards would be worthless: there are none. */
  wipe(): void {
    this.#key.fill(0);
  }

  toJSON(): never {
    throw new TypeError('a key for pseudonyms is secret and is not serialised');
  }

  toString(): string {
    return `PseudonymKey(${this.purpose}, generation ${this.generation})`;
  }
}

/** The length in four bytes, then the bytes: no two lists of texts frame to one string of bytes. */
function framed(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length);
  out.set(bytes, 4);
  return out;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Crockford's base32, from the first bit on; the last digit is filled up with zeros. */
function base32(bytes: Uint8Array): string {
  let [text, buffer, bits] = ['', 0, 0];
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(buffer >>> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(buffer << (5 - bits)) & 31] : text;
}
