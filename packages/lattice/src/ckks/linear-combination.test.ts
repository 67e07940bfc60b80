import { expect, it } from 'vitest';
import { add } from './arithmetic.ts';
import { bed, contentOf, DOUBLE, deviation, plusNumbers, SINGLE, timesReal } from './bed.contract.ts';
import { declareError } from './ciphertext.ts';
import { encrypt } from './encryptor.ts';
import { linearCombination } from './linear-combination.ts';
import { evaluatePolynomial, polynomialEstimate } from './polynomial.ts';
import { decryptForRelease } from './release.ts';
import { dropTo } from './rescale.ts';

for (const literal of [DOUBLE, SINGLE]) {
  const limbs = `${literal.limbsPerLevel} limb(s) a level`;

  it(`a combination is the sum of products with its coefficients, one level lower, ${limbs}`, async () => {
    const { context, secret, public: key, numbers } = await bed(literal, 70);
    const values = [numbers(1), numbers(2), numbers(3)];
    const coefficients = [0.25, -1.75, 3];
    const terms = values.map((value, i) => ({ coefficient: coefficients[i], value: encrypt(context, key, value) }));
    const combined = linearCombination(terms, 0.5);
    const constant = { real: values[0].real.map(() => 0.5), imaginary: values[0].real.map(() => 0) };
    const expected = values.map((value, i) => timesReal(value, coefficients[i])).reduce(plusNumbers, constant);
    expect(combined.level).toBe(context.parameters.topLevel - 1);
    expect(deviation(contentOf(secret, combined), expected)).toBeLessThan(combined.estimate.errorStddev);
    expect(combined.estimate.errorStddev).toBeLessThan(literal.limbsPerLevel === 2 ? 1e-11 : 1e-3);
  });

  it(`terms of several levels are brought to one scale by the constants, ${limbs}`, async () => {
    const { context, secret, public: key, numbers } = await bed(literal, 71);
    const [a, b] = [numbers(4), numbers(5)];
    const high = encrypt(context, key, a);
    const low = dropTo(encrypt(context, key, b), 2);
    const combined = linearCombination(
      [
        { coefficient: 0.7, value: high },
        { coefficient: -0.3, value: low },
      ],
      0,
      1,
    );
    expect(combined.level).toBe(0);
    const expected = plusNumbers(timesReal(a, 0.7), timesReal(b, -0.3));
    expect(deviation(contentOf(secret, combined), expected)).toBeLessThan(combined.estimate.errorStddev);
    // What it gives may be added to what stands there already.
    expect(add(combined, dropTo(low, 0)).level).toBe(0);
  });

  it(`the estimate of a polynomial is known before it is evaluated, ${limbs}`, async () => {
    const { context, public: key, numbers, relinearisation } = await bed(literal, 72);
    const x = encrypt(context, key, numbers(6));
    for (const p of [
      [0.5, 0.25],
      [1, 0, 0.5],
      [0.5, 0.2, 0, -0.1],
      [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    ]) {
      if (Math.ceil(Math.log2(p.length)) > x.level) continue;
      const { estimate } = evaluatePolynomial(x, p, relinearisation);
      expect(polynomialEstimate(context.parameters, x, p)).toEqual(estimate);
    }
  });
}

it('refuses no terms, terms of other kinds, coefficients that are none, and a level above a term', async () => {
  const { context, public: key, numbers } = await bed(DOUBLE, 73);
  const value = encrypt(context, key, numbers(7));
  expect(() => linearCombination([])).toThrow('at least one term');
  expect(() => linearCombination([{ coefficient: Number.NaN, value }])).toThrow('NaN');
  expect(() => linearCombination([{ coefficient: 1, value: dropTo(value, 1) }], 0, 2)).toThrow('level 1');
  expect(() => linearCombination([{ coefficient: 1, value: dropTo(value, 0) }])).toThrow('refresh');
});

it('of real numbers the estimate of a polynomial follows its slope, and still covers what is measured', async () => {
  const { context, secret, public: key, relinearisation } = await bed({ ...DOUBLE, degree: 1024, levels: 4 }, 74);
  const sigmoid = [0.5, 1.735, 0, -4.19, 0, 5.43, 0, -2.5];
  const real = Float64Array.from({ length: context.parameters.slots }, (_, j) => Math.sin(j));
  const imaginary = new Float64Array(real.length);
  const x = encrypt(context, key, real);
  const wide = evaluatePolynomial(x, sigmoid, relinearisation);
  const tight = evaluatePolynomial(x, sigmoid, relinearisation, { real: true });
  expect(tight.estimate.errorStddev).toBeLessThan(wide.estimate.errorStddev / 4);
  expect(tight.estimate.magnitude).toBeLessThan(1.2);
  expect(polynomialEstimate(context.parameters, x, sigmoid, 1, { real: true })).toEqual(tight.estimate);
  const expected = { real: real.map((t) => sigmoid.reduceRight((sum, c) => sum * t + c, 0)), imaginary };
  const met = deviation(contentOf(secret, tight), expected);
  expect(met).toBeLessThan(tight.estimate.errorStddev);
  expect(met).toBeGreaterThan(tight.estimate.errorStddev / 200);
});

it('an error that is declared is a claim: a release asks for a bound', async () => {
  const { context, secret, public: key, numbers } = await bed(DOUBLE, 75);
  const declared = declareError(encrypt(context, key, numbers(1)), 1e-9);
  expect(declared.estimate.errorStddev).toBe(1e-9);
  expect(() => decryptForRelease(secret, declared, { releases: 1 })).toThrow("sender's claim");
  expect(() => declareError(declared, 0)).toThrow('not a positive number');
});
