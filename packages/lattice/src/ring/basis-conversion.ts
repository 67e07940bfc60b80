// From residues modulo one set of primes to residues modulo others, without leaving 32-bit words:
// x = Σ_t y_t·(Q/q_t) − v·Q with y_t = x_t·(Q/q_t)^-1 mod q_t and v the rounded Σ_t y_t/q_t, so the result is the residue of the
// centred x in (−Q/2, Q/2] (Halevi, Polyakov, Shoup, "An improved RNS variant of the BFV scheme", 2019, §2.2).

import { invertModulo } from '../arithmetic/modular.ts';
import type { Modulus, Scalar } from './modulus.ts';
import { scalar } from './modulus.ts';
import { modulusOf, type Ring } from './ring.ts';

export interface BasisConversion {
  readonly from: Ring;
  readonly to: Ring;
  /** (Q/q_t)^-1 mod q_t for every source prime. */
  readonly premultipliers: readonly Scalar[];
  /** Engine table: ⌊2^56 / q_t⌋ for every source prime. */
  readonly reciprocals: number;
  /** Engine tables, one per target prime: Q/q_t mod p_j for every source prime. */
  readonly weights: readonly number[];
  /** −Q mod p_j. */
  readonly overflowWeights: readonly number[];
}

const cache = new WeakMap<Ring, WeakMap<Ring, BasisConversion>>();

export function basisConversion(from: Ring, to: Ring): BasisConversion {
  const known = cache.get(from) ?? new WeakMap<Ring, BasisConversion>();
  cache.set(from, known);
  const made = known.get(to) ?? build(from, to);
  known.set(to, made);
  return made;
}

function build(from: Ring, to: Ring): BasisConversion {
  const { memory } = from.engine;
  const q = modulusOf(from);
  const cofactors = from.moduli.map((m) => q / BigInt(m.q));
  const table = (values: readonly number[]): number => {
    const address = memory.allocateTable(4 * values.length);
    memory.u32(address, values.length).set(values);
    return address;
  };
  return Object.freeze({
    from,
    to,
    premultipliers: from.moduli.map((m, t) => scalar(invertModulo(Number(cofactors[t] % BigInt(m.q)), m.q), m)),
    reciprocals: table(from.moduli.map((m) => m.overflowReciprocal)),
    weights: to.moduli.map((p) => table(cofactors.map((cofactor) => Number(cofactor % BigInt(p.q))))),
    overflowWeights: to.moduli.map((p) => p.q - Number(q % BigInt(p.q))),
  });
}

/** How often Q is contained in Σ y_t·(Q/q_t), for every coefficient; the y_t stand limb after limb at `source`. */
export function countOverflow({ from, reciprocals }: BasisConversion, overflow: number, source: number): void {
  from.engine.residues.basisOverflow(overflow, source, from.limbBytes, from.moduli.length, reciprocals, from.degree);
}

/** The centred value modulo target prime j, in [0, p_j), from the y_t at `source` and their overflow. */
export function convertLimb(
  { from, to, weights, overflowWeights }: BasisConversion,
  j: number,
  out: number,
  source: number,
  overflow: number,
): void {
  const m: Modulus = to.moduli[j];
  from.engine.residues.convertBasis(
    out,
    source,
    from.limbBytes,
    from.moduli.length,
    weights[j],
    overflow,
    overflowWeights[j],
    from.degree,
    m.q,
    m.wordResidue,
    m.wordResidueQuotient,
    m.reciprocal,
  );
}

/**
 * Converts a block in coefficient form: `source` over `from` → `out` over `to` (`outStride` bytes between its limbs).
 * Overwrites `source` with the y_t. Inside a scope.
 */
export function convertBlock(conversion: BasisConversion, out: number, source: number, outStride?: number): void {
  const { from, to, premultipliers } = conversion;
  const { memory, residues } = from.engine;
  const stride = outStride ?? to.limbBytes;
  const terms = from.moduli.length;
  if (terms > 1) {
    for (let t = 0; t < terms; t++) {
      const at = source + t * from.limbBytes;
      const { value, quotient } = premultipliers[t];
      residues.multiplyScalarResidues(at, at, from.degree, from.moduli[t].q, value, quotient);
    }
  }
  memory.scope(() => {
    const overflow = memory.allocate(from.limbBytes);
    countOverflow(conversion, overflow, source);
    for (let j = 0; j < to.moduli.length; j++) convertLimb(conversion, j, out + j * stride, source, overflow);
  });
}
