// R_q = Z_q[X]/(X^N + 1) in a residue number system: q a product of primes, a polynomial one vector of N words per prime.
//
// A Ring is the checked, immutable description with its tables; rings over a subset of the primes share them. Operations on
// whole polynomials are in operations.ts, on blocks in engine memory in blocks.ts.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';
import { type Modulus, modulus } from './modulus.ts';
import { type NttTables, nttTables } from './ntt-tables.ts';

export interface Ring {
  readonly engine: Engine;
  /** N, a power of two. */
  readonly degree: number;
  readonly moduli: readonly Modulus[];
  readonly tables: readonly NttTables[];
  /** Bytes of one limb (one prime's residues) and of a whole polynomial in engine memory. */
  readonly limbBytes: number;
  readonly blockBytes: number;
}

export const SMALLEST_DEGREE: number = 16;
export const LARGEST_DEGREE: number = 65536;

const known = new WeakMap<Engine, Map<string, Ring>>();

/** The ring of this degree over these primes; the same description gives the same object. Public and checked. */
export function ring(engine: Engine, degree: number, primes: readonly number[]): Ring {
  const rings = known.get(engine) ?? new Map<string, Ring>();
  known.set(engine, rings);
  const key = `${degree}:${primes.join(',')}`;
  const found = rings.get(key);
  if (found !== undefined) return found;
  if (!Number.isInteger(Math.log2(degree)) || degree < SMALLEST_DEGREE || degree > LARGEST_DEGREE) {
    throw new ParameterError(`ring degree ${degree} is not a power of two in [${SMALLEST_DEGREE}, ${LARGEST_DEGREE}]`);
  }
  if (primes.length === 0) throw new ParameterError('a ring needs at least one prime');
  if (new Set(primes).size !== primes.length) throw new ParameterError(`primes repeat: ${primes.join(', ')}`);
  const moduli = Object.freeze(primes.map((q) => modulus(q, degree)));
  const made = Object.freeze({
    engine,
    degree,
    moduli,
    tables: Object.freeze(moduli.map((m) => nttTables(engine, degree, m))),
    limbBytes: 4 * degree,
    blockBytes: 4 * degree * primes.length,
  });
  rings.set(key, made);
  return made;
}

/** The ring over some of another's primes, by index, in that order. */
export function subring(of: Ring, indices: readonly number[]): Ring {
  return ring(
    of.engine,
    of.degree,
    indices.map((i) => {
      const m = of.moduli[i];
      if (m === undefined) throw new ParameterError(`ring has no prime number ${i}`);
      return m.q;
    }),
  );
}

/** The ring over another's first primes. */
export function firstPrimes(of: Ring, count: number): Ring {
  return subring(
    of,
    Array.from({ length: count }, (_, limb) => limb),
  );
}

/** The product of the primes. */
export function modulusOf(of: Ring): bigint {
  return of.moduli.reduce((product, { q }) => product * BigInt(q), 1n);
}

/** log2 of the product, for limits and reports. */
export function modulusBits(of: Ring): number {
  return of.moduli.reduce((bits, { q }) => bits + Math.log2(q), 0);
}
