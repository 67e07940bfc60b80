// The same polynomial modulo fewer primes: rings of one parameter set are prefixes of each other, so residues need no change.

import { ParameterError } from '../errors.ts';
import type { Form, Polynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';

/** Refuses unless the primes of `inner` are the first ones of `outer`, of the same degree and engine. */
export function requirePrefix(inner: Ring, outer: Ring): void {
  requireSameKind(inner, outer);
  const fits =
    inner.moduli.length <= outer.moduli.length && inner.moduli.every(({ q }, limb) => q === outer.moduli[limb].q);
  if (!fits) {
    throw new ParameterError(
      `the primes of a ring of ${inner.moduli.length} limbs are not the first ones of one of ${outer.moduli.length}`,
    );
  }
}

/** Refuses another ring, and says in what it differs. (A description of a ring has one Ring in each engine: ring.ts.) */
export function requireSameRing(actual: Ring, expected: Ring): void {
  if (actual === expected) return;
  requireSameKind(actual, expected);
  const primes = ({ moduli }: Ring): string => moduli.map(({ q }) => q).join(', ');
  throw new ParameterError(`a ring with primes ${primes(actual)} where one with ${primes(expected)} is expected`);
}

function requireSameKind(a: Ring, b: Ring): void {
  if (a.degree !== b.degree) throw new ParameterError(`rings of degrees ${a.degree} and ${b.degree} do not mix`);
  if (a.engine !== b.engine) {
    throw new ParameterError('values of two engines do not mix: make one engine and hand it to everything');
  }
}

/** p over the first primes of its ring. The result shares p's residues: it is wiped with it. */
export function restrict<F extends Form>(p: Polynomial<F>, ring: Ring): Polynomial<F> {
  if (p.ring === ring) return p;
  requirePrefix(ring, p.ring);
  return { ring, residues: p.residues.subarray(0, ring.degree * ring.moduli.length) } as Polynomial<F>;
}
