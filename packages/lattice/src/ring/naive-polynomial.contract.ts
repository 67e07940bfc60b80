// Polynomials modulo X^N + 1 as plain arrays of big integers: what the ring is compared with.

export type Naive = readonly bigint[];

/** The representative of x modulo q in (−q/2, q/2]. */
export function centred(x: bigint, q: bigint): bigint {
  const r = ((x % q) + q) % q;
  return 2n * r > q ? r - q : r;
}

/** Schoolbook product with X^N = −1. */
export function naiveProduct(a: Naive, b: Naive): bigint[] {
  const n = a.length;
  const product = new Array<bigint>(n).fill(0n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i + j < n) product[i + j] += a[i] * b[j];
      else product[i + j - n] -= a[i] * b[j];
    }
  }
  return product;
}

/** a(X^galois) with X^N = −1, monomial by monomial. */
export function naiveSubstitution(a: Naive, galois: number): bigint[] {
  const n = a.length;
  const image = new Array<bigint>(n).fill(0n);
  for (let i = 0; i < n; i++) {
    const exponent = (i * galois) % (2 * n);
    if (exponent < n) image[exponent] += a[i];
    else image[exponent - n] -= a[i];
  }
  return image;
}

/** N integers in (−bound, bound) from 32-bit words. */
export function naiveRandom(n: number, bound: bigint, next: () => number): bigint[] {
  const words = Math.ceil(bound.toString(2).length / 32) + 1;
  return Array.from({ length: n }, () => {
    let x = 0n;
    for (let i = 0; i < words; i++) x = (x << 32n) | BigInt(next());
    return (x % (2n * bound - 1n)) - bound + 1n;
  });
}
