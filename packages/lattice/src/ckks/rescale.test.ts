import { describe, expect, it } from 'vitest';
import { multiplyByConstant } from './arithmetic.ts';
import { bed, contentOf, DOUBLE, deviation, SINGLE } from './bed.contract.ts';
import { encrypt } from './encryptor.ts';
import { multiply } from './multiply.ts';
import { align, dropTo, rescale } from './rescale.ts';
import { roundedMultiple, roundedQuotient } from './rounding.ts';

const beds = { double: await bed(DOUBLE, 11), single: await bed(SINGLE, 12) };

describe.each(['double', 'single'] as const)('levels of %s limbs', (name) => {
  const { context, secret, public: key, relinearisation, numbers } = beds[name];
  const top = context.parameters.topLevel;
  const a = numbers(1);
  const c = encrypt(context, key, a);

  it('can be dropped to any lower one: same content, the scale of that level', () => {
    for (let level = 0; level <= top; level++) {
      const dropped = dropTo(c, level);
      expect(dropped.level).toBe(level);
      expect(dropped.c0.ring).toBe(context.level(level).ring);
      expect(deviation(contentOf(secret, dropped), a)).toBeLessThan(1.6 * dropped.estimate.errorStddev);
    }
    expect(dropTo(c, top)).toBe(c);
  });

  it('are those of the lower operand after align', () => {
    const low = multiply(c, c, relinearisation);
    for (const [x, y] of [align(c, low), align(low, c)]) {
      expect(x.level).toBe(top - 1);
      expect(y.level).toBe(top - 1);
    }
  });

  it('below zero and above the own are refused', () => {
    expect(() => dropTo(c, -1)).toThrow(/cannot be brought to level -1/);
    expect(() => dropTo(c, top + 1)).toThrow(/cannot be brought/);
    expect(() => dropTo(c, 0.5)).toThrow(/cannot be brought/);
    const bottom = multiplyByConstant(dropTo(c, 0), 0.5);
    expect(() => rescale(bottom)).toThrow(/needs a level/);
    // @ts-expect-error only a product has the scale to divide by.
    expect(() => rescale(c)).toThrow(/a product is needed here/);
  });

  it('have scales that a product and a rescaling return to, exactly by definition', () => {
    // Encrypt 1 twice, multiply, and compare the decrypted integers with the next level's scale: nothing but noise differs.
    const one = encrypt(
      context,
      key,
      Float64Array.from({ length: 32 }, () => 1),
    );
    let product = one;
    for (let level = top; level > 0; level--) product = multiply(product, dropTo(one, level), relinearisation);
    const ones = { real: new Float64Array(32).fill(1), imaginary: new Float64Array(32) };
    expect(deviation(contentOf(secret, product), ones)).toBeLessThan(1.6 * product.estimate.errorStddev);
  });
});

describe('exact rounding', () => {
  it('of quotients goes to the nearest integer, for either sign', () => {
    for (const [a, b, expected] of [
      [7n, 2n, 4n],
      [-7n, 2n, -3n],
      [6n, 4n, 2n],
      [-6n, 4n, -1n],
      [5n, 3n, 2n],
      [-5n, 3n, -2n],
      [0n, 9n, 0n],
      [-1n, 3n, 0n],
    ] as const) {
      expect(roundedQuotient(a, b)).toBe(expected);
    }
  });

  it('of constants times scales is exact for every double', () => {
    const scale = (1n << 119n) + 12345n;
    for (const x of [1, -1, 0.1, -0.1, 1e-12, 3.75, 2 ** -60, 12345.678, 0]) {
      // x = whole / 2^200 exactly, for every double of at least 2^-147.
      const whole = BigInt(x * 2 ** 200);
      expect(roundedMultiple(x, scale)).toBe(roundedQuotient(whole * scale, 1n << 264n));
    }
    expect(roundedMultiple(3, 1n << 64n)).toBe(3n);
    expect(roundedMultiple(0.5, 3n << 64n)).toBe(2n);
    expect(roundedMultiple(-0.5, 3n << 64n)).toBe(-1n);
    expect(roundedMultiple(2 ** 70, 1n << 64n)).toBe(1n << 70n);
    expect(() => roundedMultiple(Number.NaN, scale)).toThrow(/not a finite number/);
  });
});
