// Applies a linear transform to a ciphertext, with rotations hoisted twice (Bossuat, Mouchet, Troncoso-Pastoriza, Hubaux 2021,
// "Efficient bootstrapping for approximate homomorphic encryption with non-sparse keys", algorithm 6): the baby rotations share one
// decomposition and are never divided by P; they stay over the extended ring, where the encoded diagonals live too. One
// division for each giant step, and one for the sum of all turned giants, together with the rescaling.

import { ParameterError } from '../errors.ts';
import { type GaloisKey, type GaloisKeys, rotationElement } from '../keys/evaluation-key.ts';
import { addBlock, allocateBlock, loadBlock, readBlock } from '../ring/blocks.ts';
import { divideBlock } from '../ring/division.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { type Ciphertext, levelOf, requireKind, requireSameContext } from './ciphertext.ts';
import type { CkksContext } from './context.ts';
import { type Estimate, encodingError, keySwitchingError, roundingError, withError } from './estimate.ts';
import { carriedDigits, permutationOf, requireKeySwitching, switchKey } from './key-switch.ts';
import type { KeySwitchingPlan } from './level.ts';
import { type LinearTransform, rotationsOf } from './linear-transform.ts';
import { permuteBlock, requireGaloisKey, storedDigits } from './rotate.ts';

/** The transform of every vector slot-wise: one level lower. */
export function applyTransform(x: Ciphertext, transform: LinearTransform, keys: GaloisKeys): Ciphertext {
  requireKind(x, 'ciphertext');
  requireSameContext(x, transform);
  if (x.level !== transform.level) {
    throw new ParameterError(`the transform was encoded for level ${transform.level}, the ciphertext is at ${x.level}`);
  }
  const { context, level } = x;
  const { ring } = levelOf(x);
  const needed = turnsOf(rotationsOf(transform), keys, ring.degree);
  const plan = requirePlan(context, level, needed);
  const [c0, c1] = ring.engine.memory.scope(() => {
    const turned = babyRotations(plan, ring, x, transform.babies, needed);
    return sumOfGiants(plan, ring, transform, turned, needed);
  });
  return Object.freeze({ kind: 'ciphertext', context, level: level - 1, c0, c1, estimate: estimateOf(x, transform) });
}

interface Turn {
  readonly key: GaloisKey;
  readonly permutation: Uint32Array;
}

/** Keys and permutations of all rotations, checked before anything is computed. */
function turnsOf(steps: readonly number[], keys: GaloisKeys, degree: number): ReadonlyMap<number, Turn> {
  return new Map(
    steps.map((step) => {
      const element = rotationElement(step, degree);
      const key = requireGaloisKey(keys, element, `a linear transform, for a rotation by ${step},`);
      return [step, { key, permutation: permutationOf(element, degree) }];
    }),
  );
}

function requirePlan(context: CkksContext, level: number, turns: ReadonlyMap<number, Turn>): KeySwitchingPlan {
  const own = context.level(level);
  for (const { key } of turns.values()) requireKeySwitching(context, own, key.key);
  if (own.keySwitching === undefined) throw new ParameterError('this parameter set has no digits: it cannot rotate');
  return own.keySwitching;
}

/** Addresses of P·rot(c0 + …), two blocks over the extended ring each, in the order of `babies`, evenly spaced. */
function babyRotations(
  plan: KeySwitchingPlan,
  ring: Ring,
  x: Ciphertext,
  babies: readonly number[],
  turns: ReadonlyMap<number, Turn>,
): number {
  const { extended, specialProduct } = plan;
  const { memory, residues } = ring.engine;
  const { degree: n, limbBytes } = ring;
  const all = memory.allocate(babies.length * 2 * extended.blockBytes);
  memory.scope(() => {
    const digits = storedDigits(plan, ring, x.c1);
    const c0 = loadBlock(x.c0);
    const c1 = loadBlock(x.c1);
    const k0 = allocateBlock(extended);
    const k1 = allocateBlock(extended);
    const index = memory.allocate(limbBytes);
    babies.forEach((baby, i) => {
      const out = all + i * 2 * extended.blockBytes;
      const turn = turns.get(baby);
      // P·c modulo the level's primes; modulo the special primes it is zero.
      const addTimesP = (target: number, source: number): void => {
        for (let limb = 0; limb < ring.moduli.length; limb++) {
          const at = limb * limbBytes;
          const { value, quotient } = specialProduct[limb];
          residues.multiplyScalarAddResidues(target + at, source + at, n, ring.moduli[limb].q, value, quotient);
        }
      };
      if (turn === undefined) {
        memory.u8(out, 2 * extended.blockBytes).fill(0);
        addTimesP(out, c0);
        addTimesP(out + extended.blockBytes, c1);
        return;
      }
      switchKey(plan, digits, turn.key.key, k0, k1);
      addTimesP(k0, c0);
      memory.u32(index, n).set(turn.permutation);
      permuteBlock(extended, out, k0, index);
      permuteBlock(extended, out + extended.blockBytes, k1, index);
    });
  });
  return all;
}

/** Σ_giant rot_giant(Σ_baby diagonal ⊙ baby rotation), divided by P and rescaled. */
function sumOfGiants(
  plan: KeySwitchingPlan,
  ring: Ring,
  { babies, giants }: LinearTransform,
  turned: number,
  turns: ReadonlyMap<number, Turn>,
): EvaluationPolynomial[] {
  const { extended, leave } = plan;
  const { memory } = ring.engine;
  const { degree: n, limbBytes } = ring;
  const total = [allocateBlock(extended), allocateBlock(extended)];
  for (const at of total) memory.u8(at, extended.blockBytes).fill(0);
  for (const { steps, diagonals } of giants) {
    memory.scope(() => {
      const inner = [allocateBlock(extended), allocateBlock(extended)];
      sumOverBabies(extended, inner, babies, diagonals, turned);
      const turn = turns.get(steps);
      if (turn === undefined) {
        inner.forEach((at, part) => {
          addBlock(extended, total[part], total[part], at);
        });
        return;
      }
      // Only c1 must leave the extended ring to be switched; c0 stays there, and is turned with the rest.
      divideBlock(leave, inner[1]);
      const k0 = allocateBlock(extended);
      const k1 = allocateBlock(extended);
      switchKey(plan, carriedDigits(plan, ring, inner[1]), turn.key.key, k0, k1);
      addBlock(extended, k0, k0, inner[0]);
      const index = memory.allocate(limbBytes);
      memory.u32(index, n).set(turn.permutation);
      [k0, k1].forEach((at, part) => {
        permuteBlock(extended, inner[part], at, index);
        addBlock(extended, total[part], total[part], inner[part]);
      });
    });
  }
  const division = plan.leaveAndRescale ?? leave;
  return total.map((at) => {
    divideBlock(division, at);
    return evaluationPolynomial(division.to, readBlock(division.to, at));
  });
}

const MOST_TERMS = 16;

/** Σ_baby diagonal ⊙ rotation for both parts: runs of neighbouring baby steps become inner products. */
function sumOverBabies(
  extended: Ring,
  out: readonly number[],
  babies: readonly number[],
  diagonals: ReadonlyMap<number, EvaluationPolynomial>,
  turned: number,
): void {
  const { memory, residues } = extended.engine;
  const { degree: n, limbBytes, blockBytes } = extended;
  const runs = runsOf(babies, diagonals);
  memory.scope(() => {
    const factors = memory.allocate(MOST_TERMS * limbBytes);
    const part = memory.allocate(limbBytes);
    for (let j = 0; j < extended.moduli.length; j++) {
      const m = extended.moduli[j];
      const at = j * limbBytes;
      runs.forEach(({ first, polynomials }, run) => {
        polynomials.forEach((p, i) => {
          memory.u32(factors + i * limbBytes, n).set(p.residues.subarray(j * n, (j + 1) * n));
        });
        out.forEach((target, half) => {
          residues.innerProductResidues(
            run === 0 ? target + at : part,
            turned + (2 * first + half) * blockBytes + at,
            2 * blockBytes,
            factors,
            limbBytes,
            polynomials.length,
            n,
            m.q,
            m.wordResidue,
            m.wordResidueQuotient,
            m.reciprocal,
          );
          if (run > 0) residues.addResidues(target + at, target + at, part, n, m.q);
        });
      });
    }
  });
}

interface Run {
  /** Index of the first baby step of the run. */
  readonly first: number;
  readonly polynomials: readonly EvaluationPolynomial[];
}

/** Maximal runs of consecutive baby steps that have a diagonal, at most MOST_TERMS long. */
function runsOf(babies: readonly number[], diagonals: ReadonlyMap<number, EvaluationPolynomial>): Run[] {
  const runs: { first: number; polynomials: EvaluationPolynomial[] }[] = [];
  babies.forEach((baby, i) => {
    const polynomial = diagonals.get(baby);
    if (polynomial === undefined) return;
    const last = runs.at(-1);
    const continues = last !== undefined && last.first + last.polynomials.length === i;
    if (continues && last.polynomials.length < MOST_TERMS) last.polynomials.push(polynomial);
    else runs.push({ first: i, polynomials: [polynomial] });
  });
  return runs;
}

function estimateOf(x: Ciphertext, { context, level, magnitude, diagonalCount }: LinearTransform): Estimate {
  const { parameters } = context;
  const { scale } = context.level(level);
  const below = context.level(level - 1).scale;
  const { degree } = parameters;
  // Each rotation adds a key-switching error, each diagonal its own rounding.
  const switched = x.estimate.errorStddev + keySwitchingError(parameters, level, scale.value);
  const diagonalError = diagonalCount * encodingError(degree, scale.value, magnitude / diagonalCount);
  const turned: Estimate = {
    magnitude: magnitude * x.estimate.magnitude,
    errorStddev: magnitude * switched + diagonalError * (x.estimate.magnitude + switched),
    claimed: x.estimate.claimed,
  };
  // Giant steps switch at the scale of products: nothing against the rest, but counted.
  const giants = diagonalCount * keySwitchingError(parameters, level, scale.value ** 2);
  return withError(withError(turned, giants), roundingError(degree, below.value));
}
