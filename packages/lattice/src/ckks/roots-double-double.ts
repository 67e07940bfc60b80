// Double-double arithmetic: an unevaluated sum of two doubles, |low| ≤ ulp(high)/2, about 106 bits. From IEEE + − × ÷ √ alone
// (every runtime rounds these the same way; Math.sin and Math.cos it does not), without fused operations. Used for tables.
// Dekker, "A floating-point technique for extending the available precision", 1971; Knuth, TAOCP 2, §4.2.2.

export interface DoubleDouble {
  readonly high: number;
  readonly low: number;
}

export const doubleDouble = (high: number, low = 0): DoubleDouble => ({ high, low });

/** high + low exactly, for |a| ≥ |b|. */
function quickSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** a + b exactly. */
function twoSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  const back = high - a;
  return { high, low: a - (high - back) + (b - back) };
}

const SPLITTER = 2 ** 27 + 1;

/** a·b exactly, by halves of 26 bits (Veltkamp). */
function twoProduct(a: number, b: number): DoubleDouble {
  const wideA = SPLITTER * a;
  const wideB = SPLITTER * b;
  const aHigh = wideA - (wideA - a);
  const bHigh = wideB - (wideB - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const high = a * b;
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

/** Relative error below 2^-103 when a and b have one sign; the absolute error is below 2^-103·(|a| + |b|) always. */
export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const sum = twoSum(a.high, b.high);
  const tail = twoSum(a.low, b.low);
  const once = quickSum(sum.high, sum.low + tail.high);
  return quickSum(once.high, once.low + tail.low);
}

export function negate(a: DoubleDouble): DoubleDouble {
  return { high: -a.high, low: -a.low };
}

/** Relative error below 2^-101. */
export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = twoProduct(a.high, b.high);
  return quickSum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/** a/2 exactly (no subnormals here). */
export function halve(a: DoubleDouble): DoubleDouble {
  return { high: a.high / 2, low: a.low / 2 };
}

/** a/b by one correction of the quotient of the leading parts. Relative error below 2^-99. */
export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const quotient = a.high / b.high;
  const rest = add(a, negate(multiply(b, { high: quotient, low: 0 })));
  return quickSum(quotient, rest.high / b.high);
}

/** √a for a > 0 by one Newton step from the rounded root. Relative error below 2^-99. */
export function squareRoot(a: DoubleDouble): DoubleDouble {
  const root = Math.sqrt(a.high);
  const rest = add(a, negate(twoProduct(root, root)));
  return quickSum(root, rest.high / (2 * root));
}
