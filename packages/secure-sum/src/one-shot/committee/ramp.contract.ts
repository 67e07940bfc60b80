// What a coalition that holds a quorum of answers can compute: the answer of any other member. For the tests of attack 31.

import type { KeyShare, OneTimeParameters } from '@sumus/lattice/one-time';

export function extendTo(parameters: OneTimeParameters, answers: readonly KeyShare[], to: number): number[] {
  const p = BigInt(parameters.shareModulus);
  const points = answers.map(({ member }) => member);
  const weights = weightsTo(parameters, points, to);
  return Array.from(answers[0]!.elements, (_, b) =>
    Number(answers.reduce((sum, { elements }, i) => (sum + weights[i]! * BigInt(elements[b]!)) % p, 0n)),
  );
}

/** Lagrange's weights: f(to) = Σ w_i·f(points_i) for every f of degree below the number of points. */
export function weightsTo({ shareModulus }: OneTimeParameters, points: readonly number[], to: number): bigint[] {
  const p = BigInt(shareModulus);
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    for (let b = base % p, e = exponent; e > 0n; e >>= 1n, b = (b * b) % p) if (e & 1n) result = (result * b) % p;
    return result;
  };
  return points.map((x, i) => {
    let weight = 1n;
    points.forEach((other, j) => {
      if (i === j) return;
      weight = (weight * ((BigInt(to) - BigInt(other) + p) % p)) % p;
      weight = (weight * power((BigInt(x) - BigInt(other) + p) % p, p - 2n)) % p;
    });
    return weight;
  });
}
