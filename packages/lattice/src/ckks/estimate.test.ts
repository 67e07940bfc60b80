import { describe, expect, it } from 'vitest';
import { runsWhole } from '../engine/seeded-words.contract.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { type CkksPresetName, ckksPreset } from '../parameters/ckks-presets.ts';
import { add, multiplyByConstant, multiplyPlain } from './arithmetic.ts';
import { bed, DOUBLE, deviation, SINGLE, timesNumbers, turned } from './bed.contract.ts';
import { type Ciphertext, type CiphertextProduct, expand } from './ciphertext.ts';
import { decryptComplex } from './decryptor.ts';
import type { Numbers } from './encoding-naive.contract.ts';
import { encrypt, encryptSymmetric } from './encryptor.ts';
import { galoisKeys } from './keys.ts';
import { multiply, square } from './multiply.ts';
import { encode } from './plaintext.ts';
import { dropTo, rescale } from './rescale.ts';
import { rotate } from './rotate.ts';

/**
 * Measured error over estimated error. Single operations on fresh noise are predicted to a few per cent; the estimate is an upper
 * bound, loose where numbers are far below the declared magnitude or errors independent.
 */
interface Ratios {
  [operation: string]: { readonly ratio: number; readonly least: number };
}

async function ratios(
  from: Parameters<typeof bed>[0],
  seed: number,
): Promise<{ readonly ratios: Ratios; readonly freshPrecision: number; readonly loweredPrecision: number }> {
  const { context, secret, public: key, relinearisation, numbers } = await bed(from, seed);
  const a = numbers(1);
  const b = numbers(2);
  const ca = encrypt(context, key, a);
  const cb = encrypt(context, key, b);
  const sa = expand(encryptSymmetric(context, secret, a));
  const keys = galoisKeys(context, secret, { rotations: [1] });
  const of = (c: Ciphertext | CiphertextProduct, expected: Numbers, least: number): Ratios[string] => ({
    ratio: deviation(decryptComplex(secret, c), expected) / c.estimate.errorStddev,
    least,
  });
  const third = dropTo(sa, context.parameters.topLevel - 1);
  return {
    ratios: {
      'fresh, public key': of(ca, a, 0.9),
      'fresh, symmetric': of(sa, a, 0.9),
      // A rounding on top of little noise, and key switching on top of little noise.
      'level dropped': of(third, a, 0.85),
      'rotated, symmetric': of(rotate(sa, 1, keys), turned(a, 1), 0.85),
      'rotated at the bottom': of(rotate(dropTo(sa, 0), 1, keys), turned(a, 1), 0.85),
      'times a constant': of(
        rescale(multiplyByConstant(ca, 0.5)),
        { real: a.real.map((x) => x / 2), imaginary: a.imaginary.map((x) => x / 2) },
        0.85,
      ),
      // Uniform numbers within the declared magnitude 1 have a mean square of 1/6 for each part here: the bound is 2 to 4 times that.
      sum: of(
        add(ca, cb),
        { real: a.real.map((x, i) => x + b.real[i]), imaginary: a.imaginary.map((x, i) => x + b.imaginary[i]) },
        0.6,
      ),
      'times a plaintext': of(rescale(multiplyPlain(ca, encode(context, b))), timesNumbers(a, b), 0.4),
      product: of(multiply(ca, cb, relinearisation), timesNumbers(a, b), 0.25),
      square: of(square(ca, relinearisation), timesNumbers(a, a), 0.4),
    },
    freshPrecision: -Math.log2(deviation(decryptComplex(secret, ca), a)),
    loweredPrecision: -Math.log2(deviation(decryptComplex(secret, third), a)),
  };
}

describe('the estimated error is an upper bound, and near', () => {
  it.each([
    ['double limbs', { ...DOUBLE, degree: 2048 }],
    ['double limbs, many digits', { ...DOUBLE, degree: 2048, digits: 8 }],
    ['single limbs', { ...SINGLE, degree: 2048, baseLimbs: 1 }],
    ['single limbs, many digits', { ...SINGLE, degree: 2048, digits: 6 }],
  ] as const)('for %s', async (_, literal) => {
    const measured = await ratios(insecureCkksParameters(literal), 51);
    for (const [operation, { ratio, least }] of Object.entries(measured.ratios)) {
      expect(ratio, operation).toBeLessThan(1.1);
      expect(ratio, operation).toBeGreaterThan(least);
    }
  });
});

describe('real parameters reach the precision that they promise', () => {
  // −log2 of a slot's deviation: fresh with the public key, and after a rescaling (symmetric before):
  // log2 Δ − log2(2.65·N) and log2 Δ − log2(N/6).
  const table: readonly (readonly [CkksPresetName, number, number])[] = [
    ['learn-13s', 13.6, 17.6],
    ['learn-13d', 40.6, 44.6],
    ['learn-14s', 12.6, 16.6],
    ['learn-14d', 39.6, 43.6],
    ['learn-15d', 38.6, 42.6],
    ['learn-15s', 11.6, 15.6],
    ['learn-16d', 37.6, 41.6],
  ];
  it.each(runsWhole() ? table : table.slice(0, 2))('%s', async (name, fresh, lowered) => {
    const measured = await ratios(ckksPreset(name), 52);
    expect(Math.abs(measured.freshPrecision - fresh)).toBeLessThan(0.1);
    expect(Math.abs(measured.loweredPrecision - lowered)).toBeLessThan(0.15);
    for (const [operation, { ratio, least }] of Object.entries(measured.ratios)) {
      expect(ratio, operation).toBeLessThan(1.05);
      expect(ratio, operation).toBeGreaterThan(least);
    }
  });
});
