// Primes for the residue number system: 2^24 < q < 2^30, numbers of 25 to 30 bits, q ≡ 1 mod 2N. The lower bound is what basisOverflow
// needs, the upper one what lazy butterflies need (4q < 2^32).

import { multiplyModulo, powerModulo } from '../arithmetic/modular.ts';
import { ParameterError } from '../errors.ts';

export const SMALLEST_PRIME: number = 2 ** 24;
export const PRIME_BOUND: number = 2 ** 30;

/** Miller–Rabin with bases 2, 3, 5, 7: deterministic below 3,215,031,751 (Jaeschke 1993). */
export function isPrime(candidate: number): boolean {
  if (!Number.isInteger(candidate) || candidate < 2 || candidate >= 2 ** 32) return false;
  for (const p of [2, 3, 5, 7]) if (candidate % p === 0) return candidate === p;
  let odd = candidate - 1;
  let twos = 0;
  while (odd % 2 === 0) {
    odd /= 2;
    twos += 1;
  }
  return [2, 3, 5, 7].every((base) => {
    let x = powerModulo(base, odd, candidate);
    if (x === 1 || x === candidate - 1) return true;
    for (let i = 1; i < twos; i++) {
      x = multiplyModulo(x, x, candidate);
      if (x === candidate - 1) return true;
    }
    return false;
  });
}

/** Refuses anything that is not a prime this ring can use, and says which condition failed. */
export function requireNttPrime(q: number, degree: number): void {
  if (!Number.isInteger(q) || q <= SMALLEST_PRIME || q >= PRIME_BOUND) {
    throw new ParameterError(`prime ${q} is outside (2^24, 2^30): primes here have 25 to 30 bits`);
  }
  if (q % (2 * degree) !== 1) throw new ParameterError(`prime ${q} is not 1 modulo 2N = ${2 * degree}`);
  if (!isPrime(q)) throw new ParameterError(`${q} is not prime`);
}

/** The `count` largest usable primes below `bound`, in falling order, leaving out those in `except`. */
export function primesBelow(
  bound: number,
  count: number,
  degree: number,
  except: ReadonlySet<number> = new Set(),
): number[] {
  const step = 2 * degree;
  const found: number[] = [];
  // The largest number below the bound that is 1 modulo 2N.
  for (let q = Math.floor((bound - 2) / step) * step + 1; q > SMALLEST_PRIME && found.length < count; q -= step) {
    if (!except.has(q) && isPrime(q)) found.push(q);
  }
  if (found.length < count) {
    throw new ParameterError(`only ${found.length} of ${count} primes ≡ 1 mod ${step} exist in (2^24, ${bound})`);
  }
  return found;
}

/** The usable prime nearest to `target`, leaving out those in `except`; the smaller one on a tie. */
export function primeNearest(target: number, degree: number, except: ReadonlySet<number> = new Set()): number {
  const step = 2 * degree;
  const middle = Math.round((target - 1) / step) * step + 1;
  const usable = (q: number): boolean => q > SMALLEST_PRIME && q < PRIME_BOUND && !except.has(q) && isPrime(q);
  for (let offset = 0; offset < PRIME_BOUND; offset += step) {
    const candidates = [middle - offset, middle + offset].sort(
      (a, b) => Math.abs(a - target) - Math.abs(b - target) || a - b,
    );
    const found = candidates.find(usable);
    if (found !== undefined) return found;
    if (middle - offset <= SMALLEST_PRIME && middle + offset >= PRIME_BOUND) break;
  }
  throw new ParameterError(`no usable prime ≡ 1 mod ${step} near ${target}`);
}
