import { expect, it } from 'vitest';
import { add, multiplyPlain } from './arithmetic.ts';
import { bed, contentOf, DOUBLE, deviation, plusNumbers, SINGLE, timesNumbers } from './bed.contract.ts';
import { encrypt } from './encryptor.ts';
import { multiply } from './multiply.ts';
import { encode } from './plaintext.ts';
import { dropTo, rescale } from './rescale.ts';
import { sumOfPlainProducts, sumOfProducts } from './sum-of-products.ts';

for (const literal of [DOUBLE, SINGLE]) {
  const limbs = `${literal.limbsPerLevel} limb(s) a level`;

  it(`a sum of products is the sum of the products, with less noise than they have, ${limbs}`, async () => {
    const { context, secret, public: key, numbers, relinearisation } = await bed(literal, 80);
    const values = [0, 1, 2].map((i) => [numbers(2 * i), numbers(2 * i + 1)] as const);
    const pairs = values.map(([a, b]) => [encrypt(context, key, a), encrypt(context, key, b)] as const);
    const fused = sumOfProducts(pairs, relinearisation);
    const expected = values.map(([a, b]) => timesNumbers(a, b)).reduce(plusNumbers);
    expect(deviation(contentOf(secret, fused), expected)).toBeLessThan(fused.estimate.errorStddev);
    const apart = pairs.map(([a, b]) => multiply(a, b, relinearisation)).reduce((a, b) => add(a, b));
    expect(fused.level).toBe(apart.level);
    expect(fused.estimate.errorStddev).toBeLessThan(apart.estimate.errorStddev);
    expect(sumOfProducts(pairs.slice(0, 1), relinearisation).c0.residues).toEqual(
      multiply(...pairs[0], relinearisation).c0.residues,
    );
  });

  it(`a sum of products with plaintexts is bit for bit what its steps give, ${limbs}`, async () => {
    const { context, public: key, numbers } = await bed(literal, 81);
    const pairs = [0, 1, 2].map(
      (i) => [encrypt(context, key, numbers(2 * i)), encode(context, numbers(2 * i + 1))] as const,
    );
    const fused = sumOfPlainProducts(pairs);
    const steps = rescale(pairs.map(([a, p]) => multiplyPlain(a, p)).reduce((a, b) => add(a, b)));
    expect(fused.c0.residues).toEqual(steps.c0.residues);
    expect(fused.c1.residues).toEqual(steps.c1.residues);
    expect(fused.estimate).toEqual(steps.estimate);
  });
}

it('refuses nothing at all, operands of two levels, and a level that is spent', async () => {
  const { context, public: key, numbers, relinearisation } = await bed(DOUBLE, 82);
  const a = encrypt(context, key, numbers(1));
  const low = dropTo(a, 1);
  expect(() => sumOfProducts([], relinearisation)).toThrow('at least one pair');
  expect(() => sumOfPlainProducts([])).toThrow('at least one pair');
  expect(() =>
    sumOfProducts(
      [
        [a, a],
        [a, low],
      ],
      relinearisation,
    ),
  ).toThrow('levels');
  expect(() => sumOfPlainProducts([[low, encode(context, [1])]])).toThrow('level 3');
  const spent = dropTo(a, 0);
  expect(() => sumOfPlainProducts([[spent, encode(context, [1], { level: 0 })]])).toThrow('level 0');
});
