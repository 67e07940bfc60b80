// Division by the product D of a ring's last primes, rounded: x → (x − [x]_D) / D modulo every prime that stays, [x]_D centred,
// which is the nearest integer. Rescaling divides by a level's primes, the last step of key switching by the special primes, and
// the two can be one. In evaluation form throughout; only the dropped limbs are transformed back.
// (Cheon, Han, Kim, Kim, Song, "A full RNS variant of approximate homomorphic encryption", eprint 2018/931, §3; centred, so that
// the error is uniform in ±1/2 per coefficient and not biased.)

import { invertModulo, multiplyModulo } from '../arithmetic/modular.ts';
import { ParameterError } from '../errors.ts';
import { type BasisConversion, basisConversion, convertLimb, countOverflow } from './basis-conversion.ts';
import { forwardLimb, inverseLimb, loadBlock, readBlock } from './blocks.ts';
import { type Scalar, scalar } from './modulus.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from './polynomial.ts';
import { firstPrimes, modulusOf, type Ring, subring } from './ring.ts';

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
  inverseLimb(from, t, at, { scale: scales[t], scaledRoot: scaledRoots[t] });
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
    countOverflow(dropped.conversion, overflow, source);
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
  convertLimb(dropped.conversion, j, remainder, source, overflow);
  forwardLimb(to, j, remainder);
  const { value, quotient } = inverses[j];
  to.engine.residues.subtractScaleResidues(at, at, remainder, to.degree, to.moduli[j].q, value, quotient);
}

const plans = new WeakMap<Ring, Map<number, Division>>();

/** The rounded quotient of a polynomial over its first `kept` primes. */
export function rescale(p: EvaluationPolynomial, kept: number): EvaluationPolynomial {
  const { ring: from } = p;
  if (!Number.isInteger(kept) || kept < 1 || kept >= from.moduli.length) {
    throw new ParameterError(`a ring of ${from.moduli.length} primes cannot keep ${kept} and drop the others`);
  }
  const known = plans.get(from) ?? new Map<number, Division>();
  plans.set(from, known);
  const plan = known.get(kept) ?? division(from, firstPrimes(from, kept));
  known.set(kept, plan);
  return from.engine.memory.scope(() => {
    const block = loadBlock(p);
    divideBlock(plan, block);
    return evaluationPolynomial(plan.to, readBlock(plan.to, block));
  });
}
