// Natural logarithms of whole numbers, correctly rounded. ECMAScript leaves Math.log to the engine (V8 says 1.0986122886681096
// for ln 3, whose nearest double is …098), and at the edge of entropy ℓ-diversity one unit in the last place decides whether a
// class is suppressed: the same table must lose the same rows in every browser.
//
// ln n − ln (n − 1) = 2 artanh(1 / (2n − 1)), summed in pairs of doubles (Dekker 1971): about 100 bits.

const tableSize = 2 ** 16;
const table = new Float64Array(tableSize);
let known = 2;
let high = 0;
let low = 0;

/** `n` whole, from 1. Beyond 2^16, where no class is decided by the last place in practice, the engine's own. */
export function lnOfWhole(n: number): number {
  if (n >= tableSize) return Math.log(n);
  while (known <= n) {
    addLogarithmicStep(2 * known - 1);
    table[known] = high + low;
    known += 1;
  }
  return table[n];
}

/** high + low += 2 Σ z^(2i + 1) / (2i + 1) for z = 1/odd. */
function addLogarithmicStep(odd: number): void {
  // The power 2/odd^(2i + 1) as a pair.
  let power = quotient(2, 0, odd);
  const square = odd * odd;
  for (let i = 1; power[0] > 1e-34; i += 2) {
    const term = quotient(power[0], power[1], i);
    add(term[0], term[1]);
    power = quotient(power[0], power[1], square);
  }
}

/** (a + b) / c to about 106 bits; c is a whole number below 2^53. */
function quotient(a: number, b: number, c: number): readonly [number, number] {
  const first = a / c;
  const [product, error] = exactProduct(first, c);
  const rest = a - product - error + b;
  const second = rest / c;
  const sum = first + second;
  return [sum, second - (sum - first)];
}

/** Veltkamp's splitting, Dekker's product: x · y = the sum of the two, exactly. */
function exactProduct(x: number, y: number): readonly [number, number] {
  const product = x * y;
  const [xHigh, xLow] = split(x);
  const [yHigh, yLow] = split(y);
  return [product, xHigh * yHigh - product + xHigh * yLow + xLow * yHigh + xLow * yLow];
}

function split(x: number): readonly [number, number] {
  const shifted = 134_217_729 * x;
  const top = shifted - (shifted - x);
  return [top, x - top];
}

function add(a: number, b: number): void {
  const sum = high + a;
  const part = sum - high;
  const error = high - (sum - part) + (a - part) + b + low;
  high = sum + error;
  low = error - (high - sum);
}
