// Division by the product P of a ring's last primes, rounded: x → (x − [x]_P) / P over the primes that stay, with [x]_P the
// representative in (−P/2, P/2]. It is the rescaling of CKKS and the last step of hybrid key switching
// (Cheon, Han, Kim, Kim, Song, "A full RNS variant of approximate homomorphic encryption", 2018, §3.2; rounding instead of floor).

import { invertModulo } from '../arithmetic/modular.ts';
import { ParameterError } from '../errors.ts';
import { type BasisConversion, basisConversion, convertBlock } from './basis-conversion.ts';
import { allocateBlock, forwardBlock, inverseBlock, loadBlock, readBlock } from './blocks.ts';
import { type Scalar, scalar } from './modulus.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from './polynomial.ts';
import { modulusOf, type Ring, subring } from './ring.ts';

export interface Rescaling {
  readonly from: Ring;
  /** The ring of the first primes, which stay. */
  readonly to: Ring;
  readonly dropped: Ring;
  readonly conversion: BasisConversion;
  /** P^-1 modulo every prime that stays. */
  readonly inverses: readonly Scalar[];
}

const cache = new WeakMap<Ring, Map<number, Rescaling>>();

/** Prepares dropping all primes but the first `kept`. Makes tables, so call it outside every scope. */
export function rescaling(from: Ring, kept: number): Rescaling {
  const known = cache.get(from) ?? new Map<number, Rescaling>();
  cache.set(from, known);
  const made = known.get(kept) ?? build(from, kept);
  known.set(kept, made);
  return made;
}

function build(from: Ring, kept: number): Rescaling {
  if (!Number.isInteger(kept) || kept < 1 || kept >= from.moduli.length) {
    throw new ParameterError(`a ring of ${from.moduli.length} primes cannot keep ${kept} and drop the others`);
  }
  const indices = from.moduli.map((_, i) => i);
  const to = subring(from, indices.slice(0, kept));
  const dropped = subring(from, indices.slice(kept));
  const product = modulusOf(dropped);
  const inverses = to.moduli.map((m) => scalar(invertModulo(Number(product % BigInt(m.q)), m.q), m));
  return Object.freeze({ from, to, dropped, conversion: basisConversion(dropped, to), inverses });
}

/**
 * In place, in evaluation form, inside a scope: the first limbs of `block` become the quotient over `to`; the dropped limbs are
 * overwritten.
 */
export function rescaleBlock({ from, to, dropped, conversion, inverses }: Rescaling, block: number): void {
  const { memory, residues } = from.engine;
  const last = block + to.blockBytes;
  inverseBlock(dropped, last);
  memory.scope(() => {
    const remainder = allocateBlock(to);
    convertBlock(conversion, remainder, last);
    forwardBlock(to, remainder);
    for (let limb = 0; limb < to.moduli.length; limb++) {
      const at = block + limb * to.limbBytes;
      const { value, quotient } = inverses[limb];
      const r = remainder + limb * to.limbBytes;
      residues.subtractScaleResidues(at, at, r, to.degree, to.moduli[limb].q, value, quotient);
    }
  });
}

/** The rounded quotient as a polynomial over the first `kept` primes. */
export function rescale(p: EvaluationPolynomial, kept: number): EvaluationPolynomial {
  const plan = rescaling(p.ring, kept);
  return p.ring.engine.memory.scope(() => {
    const block = loadBlock(p);
    rescaleBlock(plan, block);
    return evaluationPolynomial(plan.to, readBlock(plan.to, block));
  });
}
