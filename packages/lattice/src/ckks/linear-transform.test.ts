import { describe, expect, it } from 'vitest';
import { applyTransform } from './apply-transform.ts';
import {
  bed,
  contentOf,
  DOUBLE,
  deviation,
  plusNumbers,
  SINGLE,
  timesNumbers,
  timesReal,
  turned,
} from './bed.contract.ts';
import { type Numbers, numbers } from './encoding-naive.contract.ts';
import { encrypt } from './encryptor.ts';
import { galoisKeys } from './keys.ts';
import { encodeTransform, matrixDiagonals, rotationsOf, transformRotations } from './linear-transform.ts';
import { dropTo } from './rescale.ts';

const beds = { double: await bed(DOUBLE, 41), single: await bed(SINGLE, 42) };

/** Σ diagonal_k ⊙ rot_k(x), by the definition. */
function transformed(diagonals: ReadonlyMap<number, Numbers>, x: Numbers): Numbers {
  let sum = timesReal(x, 0);
  for (const [k, d] of diagonals) sum = plusNumbers(sum, timesNumbers(d, turned(x, k)));
  return sum;
}

describe.each(['double', 'single'] as const)('linear transforms on %s limbs', (name) => {
  const { context, secret, public: key, numbers: fresh } = beds[name];
  const x = fresh(1);
  const cx = encrypt(context, key, x);
  const keys = galoisKeys(context, secret, { rotations: Array.from({ length: 31 }, (_, i) => i + 1) });
  const diagonalsOf = (indices: readonly number[]): Map<number, Numbers> =>
    new Map(indices.map((k) => [k, numbers(32, 0.2, 50 + k)]));

  it.each([
    ['all', Array.from({ length: 32 }, (_, i) => i)],
    ['one', [0]],
    ['one, turned', [9]],
    ['a band', [31, 0, 1]],
    ['scattered', [0, 3, 4, 5, 11, 17, 30]],
  ])('with %s diagonals are right for every number of baby steps', (_, indices) => {
    const diagonals = diagonalsOf(indices);
    const expected = transformed(diagonals, x);
    for (const babySteps of [undefined, 1, 4, 32]) {
      const transform = encodeTransform(context, diagonals, babySteps === undefined ? {} : { babySteps });
      const r = applyTransform(cx, transform, keys);
      expect(r.level).toBe(cx.level - 1);
      expect(deviation(contentOf(secret, r), expected)).toBeLessThan(1.6 * r.estimate.errorStddev);
    }
  });

  it('work at lower levels and say which keys they need, before and after encoding', () => {
    const diagonals = diagonalsOf([0, 1, 2, 5, 9]);
    const transform = encodeTransform(context, diagonals, { level: 1 });
    const needed = rotationsOf(transform);
    expect([...needed].sort()).toEqual(transformRotations(context, diagonals.keys(), { level: 1 }).sort());
    const few = galoisKeys(context, secret, { rotations: needed });
    const r = applyTransform(dropTo(cx, 1), transform, few);
    expect(deviation(contentOf(secret, r), transformed(diagonals, x))).toBeLessThan(1.6 * r.estimate.errorStddev);
    expect(() => applyTransform(cx, transform, few)).toThrow(/encoded for level 1/);
    const missing = new Map([...few].slice(1));
    expect(() => applyTransform(dropTo(cx, 1), transform, missing)).toThrow(/needs the Galois key/);
  });

  it('are matrices times vectors, within a period', () => {
    const n = 8;
    const matrix = Array.from({ length: n }, (_, i) => numbers(n, 0.5, i).real);
    matrix[3].fill(0);
    const vector = numbers(n, 1, 99).real;
    const transform = encodeTransform(context, matrixDiagonals(matrix), { slots: n });
    const c = encrypt(context, key, vector, { slots: n });
    const r = applyTransform(c, transform, keys);
    const { real } = contentOf(secret, r);
    for (let i = 0; i < 32; i++) {
      const expected = matrix[i % n].reduce((sum, entry, j) => sum + entry * vector[j], 0);
      expect(Math.abs(real[i] - expected)).toBeLessThan(6 * r.estimate.errorStddev);
    }
  });
});

describe('a linear transform', () => {
  const { context } = beds.double;
  const ones = new Float64Array(32).fill(1);

  it('is refused where it makes no sense', () => {
    expect(() => encodeTransform(context, new Map())).toThrow(/at least one diagonal/);
    expect(() => encodeTransform(context, new Map([[0.5, ones]]))).toThrow(/diagonal 0.5/);
    expect(() =>
      encodeTransform(
        context,
        new Map([
          [0, ones],
          [32, ones],
        ]),
      ),
    ).toThrow(/given twice/);
    expect(() => encodeTransform(context, new Map([[0, [1, 2]]]))).toThrow(/has 2 entries, the vectors have 32/);
    expect(() => encodeTransform(context, new Map([[0, ones]]), { level: 0 })).toThrow(/level 0 has none left/);
    expect(() => encodeTransform(context, new Map([[0, ones]]), { babySteps: 3 })).toThrow(/3 baby steps/);
    expect(() => matrixDiagonals([[1, 2]])).toThrow(/row 0 has 2 entries/);
  });

  it('leaves out diagonals of zeros', () => {
    const band = Array.from({ length: 4 }, (_, i) => [0, 1, 2, 3].map((j) => (j === (i + 1) % 4 ? 1 : 0)));
    expect([...matrixDiagonals(band).keys()]).toEqual([1]);
  });
});
