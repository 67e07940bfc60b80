// Rows times a polynomial of their margins, at the least depth: x·q(ζ) for odd q of degree 3, 5, 7 or 9 lies ⌈log2(degree + 1)⌉ levels
// below ζ, where evaluating q first and multiplying then takes one more. The leading coefficient goes into the rows beforehand, so that
// the rest is monic and its own factors need no plaintext product on the way:
//
//   3:  (ζx)·(y + b₁)                                          y = ζ²
//   5:  (ζx)·(y(y + b₃) + b₁)
//   7:  ((ζx)(y + b₅))·y² + (ζx)·(b₃y + b₁)
//   9:  (ζx)·(y²(y² + b₇y + b₅) + b₃y + b₁)

import type { CircuitBuilder, Wire } from '../circuit/index.ts';
import { ParameterError } from '../errors.ts';

export interface OddPolynomial {
  /** Of ζ, ζ³, ζ⁵, …; the last is not zero. */
  readonly coefficients: readonly number[];
}

/** What all columns share. */
export interface MarginPowers {
  readonly margin: Wire;
  readonly square: Wire;
  /** y², where the degree needs it. */
  readonly fourth: Wire | undefined;
  /** What multiplies ζx at last. */
  readonly rest: Wire;
}

const monic = ({ coefficients }: OddPolynomial): readonly number[] => {
  const leading = leadingOf({ coefficients });
  return coefficients.slice(0, -1).map((c) => c / leading);
};

export function leadingOf({ coefficients }: OddPolynomial): number {
  const leading = coefficients[coefficients.length - 1] ?? 0;
  if (leading === 0 || coefficients.length < 2 || coefficients.length > 5) {
    throw new ParameterError(`an odd polynomial of degree 3, 5, 7 or 9, not of ${coefficients.length} coefficients`);
  }
  return leading;
}

export function marginPowers(c: CircuitBuilder, margin: Wire, polynomial: OddPolynomial): MarginPowers {
  const b = monic(polynomial);
  const square = c.square(margin);
  switch (b.length) {
    case 1:
      return { margin, square, fourth: undefined, rest: c.addPlain(square, b[0]) };
    case 2:
      return {
        margin,
        square,
        fourth: undefined,
        rest: c.addPlain(c.multiply(square, c.addPlain(square, b[1])), b[0]),
      };
    case 3:
      return { margin, square, fourth: c.square(square), rest: c.combination([{ value: square, factor: b[1] }], b[0]) };
    default: {
      const fourth = c.square(square);
      const inner = c.add(fourth, c.combination([{ value: square, factor: b[3] }], b[2]));
      return {
        margin,
        square,
        fourth,
        rest: c.add(c.multiply(fourth, inner), c.combination([{ value: square, factor: b[1] }], b[0])),
      };
    }
  }
}

/** Pairs whose products' sum is `rows`·q(ζ), `rows` already times the leading coefficient. To be summed with those of other rows. */
export function residualPairs(
  c: CircuitBuilder,
  { margin, square, fourth, rest }: MarginPowers,
  rows: Wire,
  polynomial: OddPolynomial,
): readonly (readonly [Wire, Wire])[] {
  const b = monic(polynomial);
  const first = c.multiply(margin, rows);
  if (b.length === 3 && fourth !== undefined) {
    return [
      [c.multiply(first, c.addPlain(square, b[2])), fourth],
      [first, rest],
    ];
  }
  return [[first, rest]];
}

/** Levels from ζ to the sum of products. */
export function residualDepth({ coefficients }: OddPolynomial): number {
  return Math.ceil(Math.log2(2 * coefficients.length));
}
