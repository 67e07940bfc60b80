// GF(2^8) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1, as far as a revealed share needs it: public values only, by tables.
// What multiplies secrets is split.ts, without tables.

import { ParameterError } from '../errors.ts';

/** exp and log to the base 3, which generates the 255 elements other than 0. */
const exponentials = new Uint8Array(510);
const logarithms = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i++) {
  exponentials[i] = value;
  exponentials[i + 255] = value;
  logarithms[value] = i;
  // times 3 = times x, plus itself
  const double = (value << 1) ^ (value & 0x80 ? 0x11b : 0);
  value ^= double;
}

/** Public values only: the time depends on them. */
export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : exponentials[logarithms[a]! + logarithms[b]!]!;
}

export function inverse(a: number): number {
  if (a === 0) throw new ParameterError('0 has no inverse in GF(2^8)');
  return exponentials[255 - logarithms[a]!]!;
}

/**
 * Lagrange's weights at 0 for these points: secret = Σ weight_i · share_i, weight_i = Π_{j≠i} x_j / (x_j − x_i). Refuses 0 and
 * repetitions.
 */
export function weightsAtZero(points: Uint8Array): Uint8Array {
  if (points.includes(0)) throw new ParameterError('the evaluation point 0 is the secret itself');
  if (new Set(points).size !== points.length) throw new ParameterError('an evaluation point occurs twice');
  let product = 0;
  for (const point of points) product += logarithms[point]!;
  return points.map((x, i) => {
    // Π_{j≠i} x_j / (x_j + x_i), in logarithms.
    let exponent = product - logarithms[x]!;
    for (let j = 0; j < points.length; j++) if (j !== i) exponent += 255 - logarithms[points[j]! ^ x]!;
    return exponentials[exponent % 255]!;
  });
}
