import { describe, expect, it } from 'vitest';
import type { CkksLiteral } from '../parameters/ckks-parameters.ts';
import { multiplyByInteger } from './arithmetic.ts';
import { type Bed, bed, DOUBLE, SINGLE } from './bed.contract.ts';
import { declareMagnitude } from './ciphertext.ts';
import { decrypt, decryptComplex } from './decryptor.ts';
import { encrypt } from './encryptor.ts';
import { secretKey } from './keys.ts';
import { ContentAboveDeclared } from './reading.ts';
import { decryptForRelease } from './release.ts';
import { dropTo } from './rescale.ts';

const RELEASE = { releases: 1, measure: 'kullbackLeibler', precisionBits: -40 } as const;

describe.each<[string, CkksLiteral]>([
  ['two limbs a level', DOUBLE],
  ['one limb a level', SINGLE],
])('decryption with %s', (_, literal) => {
  let own: Bed | undefined;
  const made = async (): Promise<Bed> => {
    own ??= await bed(literal, 51);
    return own;
  };

  it('refuses a foreign key at every level, with and without flooding', async () => {
    const { context, public: key } = await made();
    const foreign = secretKey(context);
    for (let level = 0; level <= context.parameters.topLevel; level++) {
      const ciphertext = encrypt(context, key, [0.5, -0.25], { level });
      expect(() => decrypt(foreign, ciphertext), `level ${level}`).toThrow(ContentAboveDeclared);
      expect(() => decryptComplex(foreign, ciphertext), `level ${level}`).toThrow(ContentAboveDeclared);
    }
    const top = encrypt(context, key, [0.5, -0.25]);
    if (literal === DOUBLE) expect(() => decryptForRelease(foreign, top, RELEASE)).toThrow(ContentAboveDeclared);
  });

  it('looks at all coefficients also where a single slot is read, which a foreign key leaves in range now and then', async () => {
    const { context, public: key } = await made();
    const ciphertext = encrypt(context, key, [0.5], { level: 0, slots: 1 });
    for (let i = 0; i < 60; i++) {
      expect(() => decrypt(secretKey(context), ciphertext, { slots: 1 })).toThrow(ContentAboveDeclared);
    }
  });

  it('refuses content that would wrap around to nothing modulo the primes that hold what is declared', async () => {
    const { context, secret, public: key } = await made();
    const ones = new Float64Array(context.parameters.slots).fill(1);
    const [q0, q1] = context.ring.moduli.map(({ q }) => q);
    const fresh = encrypt(context, key, ones);
    // A multiple of the two primes that a declaration of 1 is read from.
    const wrapped = declareMagnitude(multiplyByInteger(multiplyByInteger(fresh, q0), q1), 1);
    const honest = { ...wrapped, estimate: fresh.estimate };
    expect(() => decrypt(secret, honest)).toThrow(ContentAboveDeclared);
  });

  it('refuses numbers that exceed their declaration without wrapping, also in a single slot', async () => {
    const { context, secret, public: key } = await made();
    const all = new Float64Array(context.parameters.slots).fill(0.9);
    const one = all.map((x, i) => (i === 7 ? x : 0));
    for (const values of [all, one]) {
      const fresh = encrypt(context, key, values);
      const lying = declareMagnitude(fresh, 0.5);
      expect(decrypt(secret, fresh)[7]).toBeCloseTo(0.9, 3);
      expect(() => decrypt(secret, lying)).toThrow(ContentAboveDeclared);
      expect(() => decryptComplex(secret, lying)).toThrow(ContentAboveDeclared);
      expect(decrypt(secret, declareMagnitude(fresh, 0.9))[7]).toBeCloseTo(0.9, 3);
    }
  });

  it('reads honest content to its bound, at every level, down to the last one that has no prime to spare', async () => {
    const { context, secret, public: key } = await made();
    const values = Float64Array.from({ length: context.parameters.slots }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const fresh = encrypt(context, key, values);
    for (let level = context.parameters.topLevel; level >= 0; level--) {
      const numbers = decrypt(secret, dropTo(fresh, level));
      expect(numbers.every((x, i) => Math.abs(x - values[i]) < 0.001)).toBe(true);
    }
  });
});
