import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { rotationElement } from '../keys/evaluation-key.ts';
import { multiplyByConstant } from './arithmetic.ts';
import { bed, contentOf, DOUBLE, deviation, plusNumbers, SINGLE, timesReal, turned } from './bed.contract.ts';
import { encrypt } from './encryptor.ts';
import { galoisKeys } from './keys.ts';
import { encode } from './plaintext.ts';
import { dropTo } from './rescale.ts';
import { conjugate, innerSum, innerSumSteps, rotate, rotateMany } from './rotate.ts';

const beds = {
  double: await bed(DOUBLE, 21),
  single: await bed(SINGLE, 22),
  many: await bed({ ...SINGLE, levels: 16, digits: 18 }, 23),
};

describe.each(['double', 'single', 'many'] as const)('with %s digits', (name) => {
  const { context, secret, public: key, numbers } = beds[name];
  const a = numbers(1);
  const c = encrypt(context, key, a);
  const keys = galoisKeys(context, secret, { rotations: [1, 2, 3, 5, 31, -8, 32], conjugation: true });

  it('rotations turn the slots, whole turns cost nothing', () => {
    for (const steps of [1, 2, 5, -1, 31, -8, 24]) {
      const r = rotate(c, steps, keys);
      expect(deviation(contentOf(secret, r), turned(a, steps))).toBeLessThan(1.6 * r.estimate.errorStddev);
    }
    expect(rotate(c, 32, keys)).toBe(c);
    expect(rotate(c, 0, keys)).toBe(c);
    expect(keys.has(1)).toBe(false);
  });

  it('conjugation conjugates', () => {
    const r = conjugate(c, keys);
    const expected = { real: a.real, imaginary: a.imaginary.map((x) => -x) };
    expect(deviation(contentOf(secret, r), expected)).toBeLessThan(1.6 * r.estimate.errorStddev);
  });

  it('rotations work at every level and on products', () => {
    for (let level = 0; level <= context.parameters.topLevel; level++) {
      const r = rotate(dropTo(c, level), 3, keys);
      expect(deviation(contentOf(secret, r), turned(a, 3))).toBeLessThan(1.6 * r.estimate.errorStddev);
    }
    const product = rotate(multiplyByConstant(c, 0.5), 2, keys);
    expect(product.kind).toBe('product');
    expect(deviation(contentOf(secret, product), timesReal(turned(a, 2), 0.5))).toBeLessThan(
      1.6 * product.estimate.errorStddev,
    );
  });

  it('hoisted rotations are the single ones, to the last bit', () => {
    const steps = [3, 0, 1, -8, 3];
    const many = rotateMany(c, steps, keys);
    steps.forEach((step, i) => {
      const single = rotate(c, step, keys);
      expect(many[i].c0).toEqual(single.c0);
      expect(many[i].c1).toEqual(single.c1);
      expect(many[i].estimate).toEqual(single.estimate);
    });
    expect(rotateMany(c, [0, 32], keys)).toEqual([c, c]);
    expect(rotateMany(c, [], keys)).toEqual([]);
  });

  it('inner sums add a count of slots at a stride, whatever the count', () => {
    for (const [count, stride] of [
      [1, 1],
      [2, 1],
      [7, 1],
      [8, 4],
      [13, 2],
      [32, 1],
    ] as const) {
      const sumKeys = galoisKeys(context, secret, { rotations: innerSumSteps(count, stride) });
      expect(sumKeys.size).toBeLessThanOrEqual(2 * Math.floor(Math.log2(count)));
      const r = innerSum(c, count, sumKeys, stride);
      let expected = a;
      for (let i = 1; i < count; i++) expected = plusNumbers(expected, turned(a, i * stride));
      expect(deviation(contentOf(secret, r), expected)).toBeLessThan(1.6 * r.estimate.errorStddev);
    }
  });
});

describe('a rotation', () => {
  const { context, secret, public: key, numbers } = beds.double;
  const c = encrypt(context, key, numbers(2));
  const keys = galoisKeys(context, secret, { rotations: [1] });

  it('within fewer slots turns within the period', () => {
    const short = encrypt(context, key, [0.1, 0.2, 0.3, 0.4], { slots: 4 });
    const { real } = contentOf(secret, rotate(short, 1, keys));
    [0.2, 0.3, 0.4, 0.1].forEach((x, i) => {
      expect(Math.abs(real[i] - x)).toBeLessThan(1e-12);
    });
  });

  it('without its key, with a key under another name, or of other parameters, is refused', () => {
    expect(() => rotate(c, 2, keys)).toThrow(/a rotation by 2 needs the Galois key of element 25/);
    expect(() => conjugate(c, keys)).toThrow(/conjugation needs the Galois key of element 127/);
    expect(() => rotateMany(c, [1, 2], keys)).toThrow(/a rotation by 2/);
    const swapped = new Map([[rotationElement(2, 64), keys.get(5)!]]);
    expect(() => rotate(c, 2, swapped)).toThrow(/is one for 5/);
    const foreign = galoisKeys(beds.single.context, beds.single.secret, { rotations: [1] });
    expect(() => rotate(c, 1, foreign)).toThrow(/other parameters/);
    expect(() => rotate(c, 1.5, keys)).toThrow(/not an integer/);
    expect(() => innerSum(c, 0, keys)).toThrow(/a sum of 0 slots/);
    expect(() => innerSumSteps(4, 0.5)).toThrow(/stride/);
    for (const count of [2 ** 15 + 1, 2 ** 40, Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(() => innerSumSteps(count), String(count)).toThrow(ParameterError);
    }
    expect(() => innerSum(c, 33, keys)).toThrow(/a sum of 33 slots; a ciphertext has 32/);
    for (const stride of [2 ** 53, -(2 ** 53), 2 ** 52, Number.NaN]) {
      expect(() => innerSumSteps(4, stride), String(stride)).toThrow(/stride/);
    }
    expect(() => rotate(c, 2 ** 60, keys)).toThrow(/not an integer/);
  });

  it('encrypts numbers only: what JavaScript would convert to one is refused by its index', () => {
    for (const loose of [null, '', '7', true, [5], 1n, undefined]) {
      const values = [0.5, loose as unknown as number];
      expect(() => encrypt(context, key, values), String(loose)).toThrow(/value 1 is not a number/);
      expect(() => encode(context, { real: [0, 0], imaginary: values })).toThrow(/value 1 is not a number/);
    }
  });
});
