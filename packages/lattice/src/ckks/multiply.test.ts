import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { add, addTensors, multiplyByConstant } from './arithmetic.ts';
import { bed, contentOf, DOUBLE, deviation, minusNumbers, plusNumbers, SINGLE, timesNumbers } from './bed.contract.ts';
import { encrypt } from './encryptor.ts';
import { multiply, relinearise, square, tensor } from './multiply.ts';
import { dropTo, rescale } from './rescale.ts';

const beds = {
  double: await bed(DOUBLE, 3),
  single: await bed(SINGLE, 4),
  // A level that shares a digit with its neighbours, and one digit for everything.
  odd: await bed({ ...DOUBLE, levels: 4, digits: 4 }, 5),
  whole: await bed({ ...DOUBLE, digits: 1 }, 6),
  // More digits than one 64-bit sum takes: 18 limbs, a digit each.
  many: await bed({ ...SINGLE, levels: 16, digits: 18 }, 7),
};
const names = ['double', 'single', 'odd', 'whole', 'many'] as const;

describe.each(names)('products with %s digits', (name) => {
  const { context, secret, public: key, relinearisation, numbers } = beds[name];
  const top = context.parameters.topLevel;
  const [a, b] = [numbers(1), numbers(2)];
  const [ca, cb] = [encrypt(context, key, a), encrypt(context, key, b)];

  it('are slot-wise, one level lower, with no more error than estimated', () => {
    const c = multiply(ca, cb, relinearisation);
    expect(c.level).toBe(top - 1);
    expect(deviation(contentOf(secret, c), timesNumbers(a, b))).toBeLessThan(1.6 * c.estimate.errorStddev);
    const s = square(ca, relinearisation);
    expect(deviation(contentOf(secret, s), timesNumbers(a, a))).toBeLessThan(1.6 * s.estimate.errorStddev);
  });

  it('are right at every level down to the last', () => {
    let expected = a;
    let c = ca;
    for (let level = top; level > 0; level--) {
      c = multiply(c, dropTo(cb, level), relinearisation);
      expected = timesNumbers(expected, b);
      expect(c.level).toBe(level - 1);
      expect(deviation(contentOf(secret, c), expected)).toBeLessThan(1.6 * c.estimate.errorStddev);
    }
    expect(() => multiply(c, c, relinearisation)).toThrow(/needs a level, and this ciphertext is at level 0/);
  });

  it('step by step give the same content: three parts, two parts, one level lower', () => {
    const three = tensor(ca, cb);
    expect(deviation(contentOf(secret, three), timesNumbers(a, b))).toBeLessThan(1.6 * three.estimate.errorStddev);
    const two = relinearise(three, relinearisation);
    expect(deviation(contentOf(secret, two), timesNumbers(a, b))).toBeLessThan(1.6 * two.estimate.errorStddev);
    const one = rescale(two);
    expect(deviation(contentOf(secret, one), timesNumbers(a, b))).toBeLessThan(1.6 * one.estimate.errorStddev);
  });

  it('may be added before they are relinearised, and before they are rescaled', () => {
    const sum = addTensors(tensor(ca, cb), tensor(ca, ca));
    const expected = plusNumbers(timesNumbers(a, b), timesNumbers(a, a));
    const early = rescale(relinearise(sum, relinearisation));
    expect(deviation(contentOf(secret, early), expected)).toBeLessThan(1.6 * early.estimate.errorStddev);
    const late = rescale(
      add(relinearise(tensor(ca, cb), relinearisation), relinearise(tensor(ca, ca), relinearisation)),
    );
    expect(deviation(contentOf(secret, late), expected)).toBeLessThan(1.6 * late.estimate.errorStddev);
  });

  it('commute to the last bit and distribute but for rounding', () => {
    expect(multiply(ca, cb, relinearisation).c0).toEqual(multiply(cb, ca, relinearisation).c0);
    const left = multiply(ca, add(ca, cb), relinearisation);
    const right = add(multiply(ca, ca, relinearisation), multiply(ca, cb, relinearisation));
    const difference = deviation(minusNumbers(contentOf(secret, left), contentOf(secret, right)), minusNumbers(a, a));
    expect(difference).toBeLessThan(3 * right.estimate.errorStddev);
  });
});

describe('a product', () => {
  const { context, public: key, relinearisation } = beds.double;
  const c = encrypt(context, key, [0.5]);

  it('is refused for other levels, kinds and keys of other parameters', async () => {
    expect(() => multiply(c, dropTo(c, 1), relinearisation)).toThrow(/levels 3 and 1.*dropTo or align/);
    // @ts-expect-error a product must be rescaled first.
    expect(() => multiply(multiplyByConstant(c, 1), c, relinearisation)).toThrow(/a ciphertext is needed here/);
    // @ts-expect-error three parts are not two.
    expect(() => rescale(tensor(c, c))).toThrow(/a product is needed here, not a tensor/);
    // @ts-expect-error two parts are not three.
    expect(() => relinearise(c, relinearisation)).toThrow(/a tensor is needed here/);
    expect(() => multiply(c, c, beds.single.relinearisation)).toThrow(/other parameters/);
    expect(() => rescale(relinearise(tensor(dropTo(c, 0), dropTo(c, 0)), relinearisation))).toThrow(ParameterError);
  });

  it('needs a parameter set with digits', async () => {
    const plain = await bed(insecureCkksParameters({ ...DOUBLE, digits: 3 }), 9);
    const bare = insecureCkksParameters({ ...DOUBLE, digits: 0 });
    await expect(bed(bare, 9)).rejects.toThrow(/no digits/);
    expect(plain.context.level(3).keySwitching).toBeDefined();
  });
});
