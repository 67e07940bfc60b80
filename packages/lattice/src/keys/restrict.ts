// The same polynomial modulo fewer primes: rings of one parameter set are prefixes of each other, so residues need no change.

import { ParameterError } from '../errors.ts';
import type { Form, Polynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';

/** Refuses unless the primes of `inner` are the first ones of `outer`, of the same degree and engine. */
export function requirePrefix(inner: Ring, outer: Ring): void {
  const fits =
    inner.engine === outer.engine &&
    inner.degree === outer.degree &&
    inner.moduli.length <= outer.moduli.length &&
    inner.moduli.every(({ q }, limb) => q === outer.moduli[limb].q);
  if (!fits) {
    throw new ParameterError(
      `the primes of a ring of ${inner.moduli.length} limbs are not the first ones of one of ${outer.moduli.length}`,
    );
  }
}

/** p over the first primes of its ring. The result shares p's residues: it is wiped with it. */
export function restrict<F extends Form>(p: Polynomial<F>, ring: Ring): Polynomial<F> {
  if (p.ring === ring) return p;
  requirePrefix(ring, p.ring);
  return { ring, residues: p.residues.subarray(0, ring.degree * ring.moduli.length) } as Polynomial<F>;
}
