// The post-quantum primitives: sizes, round trips, refusals, the same bytes in every runtime. Known answers come with X-Wing
// (packages/secure-sum/src/known-answers); here a NIST vector of the hashes and one fixed key pair.

import { describe, expect, it } from 'vitest';
import {
  ML_KEM_768_CIPHERTEXT_BYTES,
  ML_KEM_768_PUBLIC_KEY_BYTES,
  ML_KEM_768_SECRET_KEY_BYTES,
  postQuantumPrimitives,
} from './post-quantum.ts';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const of = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);
const text = (ascii: string): Uint8Array => Uint8Array.from(ascii, (letter) => letter.charCodeAt(0));

const { sha3_256, shake256, mlKem768 } = postQuantumPrimitives();

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return undefined;
};

describe('hashes of FIPS 202', () => {
  it('are those of its examples, in one piece and in several', () => {
    const abc = '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532';
    expect(hex(sha3_256(text('abc')))).toBe(abc);
    expect(hex(sha3_256(text('a'), text(''), text('bc')))).toBe(abc);
    expect(hex(shake256(text(''), 32))).toBe('46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f');
  });
});

describe('ML-KEM-768', () => {
  const { publicKey, secretKey } = mlKem768.keysFrom(of(1, 64));

  it('has the sizes of FIPS 203, and both sides get one secret', () => {
    const { ciphertext, shared } = mlKem768.encapsulate(publicKey, of(2, 32));
    expect([publicKey.length, secretKey.length, ciphertext.length, shared.length]).toEqual([
      ML_KEM_768_PUBLIC_KEY_BYTES,
      ML_KEM_768_SECRET_KEY_BYTES,
      ML_KEM_768_CIPHERTEXT_BYTES,
      32,
    ]);
    expect(mlKem768.decapsulate(ciphertext, secretKey)).toEqual(shared);
    expect(mlKem768.encapsulate(publicKey, of(2, 32))).toEqual({ ciphertext, shared });
    expect(hex(sha3_256(publicKey, secretKey, ciphertext, shared))).toBe(
      '8df12b91f60a55143f3aed15b9689d95b7f41a0323cf85571f0388167482c0f8',
    );
  });

  it('gives another secret for a ciphertext that was changed, and says nothing', () => {
    const { ciphertext, shared } = mlKem768.encapsulate(publicKey, of(2, 32));
    ciphertext[7] = ciphertext[7]! ^ 1;
    const other = mlKem768.decapsulate(ciphertext, secretKey);
    expect(other).not.toEqual(shared);
    expect(mlKem768.decapsulate(ciphertext, secretKey)).toEqual(other);
  });

  it('refuses keys and ciphertexts of other lengths, and coefficients that are not below 3329', () => {
    expect(codeOf(() => mlKem768.encapsulate(publicKey.subarray(1), of(2, 32)))).toBe('E_KEY');
    expect(codeOf(() => mlKem768.decapsulate(of(0, 1087), secretKey))).toBe('E_KEY');
    expect(codeOf(() => mlKem768.keysFrom(of(1, 63)))).toBe('E_LEN');
    expect(codeOf(() => mlKem768.encapsulate(publicKey, of(2, 31)))).toBe('E_LEN');
    const large = publicKey.slice();
    large[0] = 255;
    large[1] = 255;
    expect(codeOf(() => mlKem768.encapsulate(large, of(2, 32)))).toBe('E_KEY');
    expect(codeOf(() => mlKem768.decapsulate(of(0, 1088), of(0, 2400)))).toBe('E_KEY');
  });
});
