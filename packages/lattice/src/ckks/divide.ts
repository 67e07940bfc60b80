// Division by some of a modulus's primes, with rounding: what rescaling (by a level's primes), leaving the special primes
// (by P) and both at once have in common. In evaluation form throughout; only the dropped limbs are transformed back.
//
//   (c − [c]_D) / D  modulo every prime that stays, D the product of the dropped primes, [c]_D centred: the nearest integer.
// (Cheon, Han, Kim, Kim, Song 2018, "A full RNS variant of approximate homomorphic encryption", §3; centred, so that the error is
// uniform in ±1/2 per coefficient and not biased.)

import { invertModulo, multiplyModulo } from '../arithmetic/modular.ts';
import { type BasisConversion, basisConversion } from '../ring/basis-conversion.ts';
import { forwardLimb } from '../ring/blocks.ts';
import { type Scalar, scalar } from '../ring/modulus.ts';
import { modulusOf, type Ring, subring } from '../ring/ring.ts';

/** How the limbs of one set of primes are carried to other primes: tables of a conversion, inverse transforms included. */
export interface LimbSource {
  readonly conversion: BasisConversion;
  /** Per source prime: the constants of an inverse transform that also multiplies by (D/q_t)^-1, which conversion needs. */
  readonly scales: readonly Scalar[];
  readonly scaledRoots: readonly Scalar[];
}

/** Builds tables: outside scopes only. */
export function limbSource(from: Ring, to: Ring): LimbSource {
  const conversion = basisConversion(from, to);
  const times = (base: Scalar, t: number): Scalar => {
    const m = from.moduli[t];
    return scalar(multiplyModulo(base.value, conversion.premultipliers[t].value, m.q), m);
  };
  return Object.freeze({
    conversion,
    scales: from.tables.map((table, t) => times(table.scale, t)),
    scaledRoots: from.tables.map((table, t) => times(table.scaledRoot, t)),
  });
}

/** Evaluations of source limb t → the y_t = x·(D/q_t)^-1 of a conversion, in coefficients, in place. */
export function enterConversion(
  { conversion: { from }, scales, scaledRoots }: LimbSource,
  t: number,
  at: number,
): void {
  const table = from.tables[t];
  from.engine.ntt.inverseNtt(
    at,
    table.inverseRoots,
    table.inverseQuotients,
    from.degree,
    from.moduli[t].q,
    scales[t].value,
    scales[t].quotient,
    scaledRoots[t].value,
    scaledRoots[t].quotient,
  );
}

/** How often D is contained in Σ y_t·(D/q_t), for every coefficient; y_t consecutive at `source`. */
export function countOverflow({ conversion }: LimbSource, overflow: number, source: number): void {
  const { from, reciprocals } = conversion;
  from.engine.residues.basisOverflow(overflow, source, from.limbBytes, from.moduli.length, reciprocals, from.degree);
}

/** The centred value modulo target prime j, coefficients in [0, q_j). */
export function convertLimb(s: LimbSource, j: number, out: number, source: number, overflow: number): void {
  const { from, to, weights, overflowWeights } = s.conversion;
  const m = to.moduli[j];
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

export interface Division {
  readonly from: Ring;
  /** The first primes of `from`; the others are divided by. */
  readonly to: Ring;
  readonly dropped: LimbSource;
  /** D^-1 modulo every prime that stays. */
  readonly inverses: readonly Scalar[];
}

/** Builds tables: outside scopes only. */
export function division(from: Ring, to: Ring): Division {
  const kept = to.moduli.length;
  const indices = from.moduli.map((_, limb) => limb).slice(kept);
  const droppedRing = subring(from, indices);
  const d = modulusOf(droppedRing);
  return Object.freeze({
    from,
    to,
    dropped: limbSource(droppedRing, to),
    inverses: to.moduli.map((m) => scalar(invertModulo(Number(d % BigInt(m.q)), m.q), m)),
  });
}

/** Divides a block over `from` in place: the quotient over `to` stands at the same address; what follows it is scratch. */
export function divideBlock(plan: Division, address: number): void {
  const { from, to, dropped } = plan;
  const { memory } = from.engine;
  const source = address + to.blockBytes;
  for (let t = 0; t < from.moduli.length - to.moduli.length; t++) {
    enterConversion(dropped, t, source + t * from.limbBytes);
  }
  memory.scope(() => {
    const overflow = memory.allocate(from.limbBytes);
    const remainder = memory.allocate(from.limbBytes);
    countOverflow(dropped, overflow, source);
    for (let j = 0; j < to.moduli.length; j++) {
      divideLimb(plan, j, address + j * to.limbBytes, source, overflow, remainder);
    }
  });
}

/** Limb j of the quotient, in place, from the dropped limbs at `source` (entered) and their overflow. */
export function divideLimb(
  { to, dropped, inverses }: Division,
  j: number,
  at: number,
  source: number,
  overflow: number,
  remainder: number,
): void {
  convertLimb(dropped, j, remainder, source, overflow);
  forwardLimb(to, j, remainder);
  const { value, quotient } = inverses[j];
  to.engine.residues.subtractScaleResidues(at, at, remainder, to.degree, to.moduli[j].q, value, quotient);
}
