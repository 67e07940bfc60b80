import { describe, expect, test } from 'vitest';
import { add, divide, doubleDouble, multiply, negate, squareRoot } from './roots-double-double.ts';
import { rootAt, rootsOfUnity } from './roots-of-unity.ts';

// Fixed-point numbers with 200 fractional bits: good for 50 decimal places and more.
const BITS = 200n;
const ONE = 1n << BITS;

/** arctan(1/x), by its series. */
function arctanInverse(x: bigint): bigint {
  let power = ONE / x;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power /= x * x;
  }
  return sum;
}

/** Machin 1706. */
const PI = 4n * (4n * arctanInverse(5n) - arctanInverse(239n));

/** cos and sin of 2π·k/order by Taylor's series, for angles up to 45°. */
function exactRoot(k: number, order: number): { cosine: bigint; sine: bigint } {
  const angle = (2n * PI * BigInt(k)) / BigInt(order);
  let [cosine, sine, term] = [0n, 0n, ONE];
  for (let i = 0n; term !== 0n; i++) {
    if (i % 4n === 0n) cosine += term;
    else if (i % 4n === 1n) sine += term;
    else if (i % 4n === 2n) cosine -= term;
    else sine -= term;
    term = (term * angle) / (ONE * (i + 1n));
  }
  return { cosine, sine };
}

/** A double of magnitude at least 2^-60 as a fixed-point number, exactly. */
function fixed(x: number): bigint {
  return BigInt(x * 2 ** 120) << (BITS - 120n);
}

/** How many units in the last place of x it is from the exact value. */
function ulpsFrom(x: number, exact: bigint): number {
  const ulp = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 52);
  return Math.abs(Number(fixed(x) - exact) / 2 ** Number(BITS)) / ulp;
}

describe('roots of unity', () => {
  test.each([3, 4, 5, 6, 10, 14, 15, 16, 17])(
    'of order 2^%i are the nearest doubles, but for near ties',
    (orderLog2) => {
      const roots = rootsOfUnity(orderLog2);
      const order = 2 ** orderLog2;
      let worst = 0;
      for (let k = 0; k <= order / 8; k++) {
        const { cosine, sine } = exactRoot(k, order);
        worst = Math.max(worst, ulpsFrom(roots.cosines[k], cosine));
        if (k > 0) worst = Math.max(worst, ulpsFrom(roots.sines[k], sine));
      }
      expect(worst).toBeLessThan(0.5000001);
      expect(roots.sines[0]).toBe(0);
      expect(roots.cosines[0]).toBe(1);
    },
  );

  test('are laid round the circle by symmetry', () => {
    const roots = rootsOfUnity(7);
    for (let k = 0; k < 300; k++) {
      const { real, imaginary } = rootAt(roots, k);
      expect(real).toBeCloseTo(Math.cos((2 * Math.PI * k) / 128), 14);
      expect(imaginary).toBeCloseTo(Math.sin((2 * Math.PI * k) / 128), 14);
    }
  });

  test('a smaller table is contained in a larger one, bit for bit', () => {
    const [small, large] = [rootsOfUnity(8), rootsOfUnity(13)];
    for (let k = 0; k < 256; k++) expect(rootAt(small, k)).toEqual(rootAt(large, 32 * k));
  });

  test.each([2, 18, 4.5, Number.NaN])('of order 2^%d are refused', (orderLog2) => {
    expect(() => rootsOfUnity(orderLog2)).toThrow('outside 2^3');
  });
});

describe('double-double arithmetic', () => {
  const exactly = ({ high, low }: { high: number; low: number }): bigint => fixedAny(high) + fixedAny(low);
  /** Rounds what lies below 2^-200. */
  const fixedAny = (x: number): bigint => BigInt(Math.round(x * 2 ** 60 * 2 ** 60)) << (BITS - 120n);
  const third = divide(doubleDouble(1), doubleDouble(3));
  const seventh = divide(doubleDouble(2), doubleDouble(7));

  test('keeps about a hundred bits', () => {
    const within = (value: bigint, exact: bigint): void => {
      const error = value > exact ? value - exact : exact - value;
      expect(error < ONE >> 98n).toBe(true);
    };
    within(exactly(third), ONE / 3n);
    within(exactly(seventh), (2n * ONE) / 7n);
    within(exactly(add(third, seventh)), (13n * ONE) / 21n);
    within(exactly(add(third, negate(seventh))), ONE / 21n);
    within(exactly(multiply(third, seventh)), (2n * ONE) / 21n);
    const root = exactly(squareRoot(third));
    within((root * root) / ONE, ONE / 3n);
  });
});
