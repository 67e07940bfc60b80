// The parameter set that a circuit needs, at 128 bits by the 2024 table: the caller says what precision the outputs must have, never N, a
// chain or a scale. Degrees are tried from the smallest up; on each, levels of two limbs (scale 2^55; 2^50 has some 35 bits of precision
// and makes chains longer) before levels of one, and as many digits of key switching as make the circuit cheapest. The first degree on which
// something fits wins, or the next one where that is cheaper.
//
// A circuit may be given as a function of the slots, so that more slots hold more: it is asked for N/2 of every degree that is tried.
//
// Refused: a circuit for which nothing fits, with the levels it needs, the most there are, and what would reduce it.

import {
  type CkksLiteral,
  type CkksParameters,
  ckksParameters,
  insecureCkksParameters,
  securityLimitBits,
} from '@sumus/lattice/parameters';
import type { Circuit } from '../circuit/circuit.ts';
import { measure } from '../circuit/measure.ts';
import { ParameterError } from '../errors.ts';
import { adviceFor } from './advice.ts';
import { levelsFor, type Plan, type PlanOptions, planUnopened, topNeeded, unopenableOutput } from './plan.ts';

/** A circuit, or one for any number of slots. */
export type CircuitSource = Circuit | ((slots: number) => Circuit);

export interface Requirements extends PlanOptions {
  /** Bits of precision of the worst output, −log2 of the deviation of a slot's error; default 12. */
  readonly precisionBits?: number;
  /** Default 65536. */
  readonly largestDegree?: 8192 | 16384 | 32768 | 65536;
  /** Default 8192; more slots for circuits that are functions of them. */
  readonly smallestDegree?: 8192 | 16384 | 32768 | 65536;
  /** Limbs a level: 2 for some 40 bits of precision, 1 for some 13. Default: 2 where it fits, then 1. */
  readonly limbsPerLevel?: 1 | 2;
  /** Levels beyond those the circuit needs; default 0. */
  readonly spareLevels?: number;
}

const DEGREES = [8192, 16384, 32768, 65536] as const;
const SHAPES = [
  { limbsPerLevel: 2, baseLimbs: 2, scaleBits: 55 },
  { limbsPerLevel: 2, baseLimbs: 2, scaleBits: 50 },
  { limbsPerLevel: 1, baseLimbs: 2, scaleBits: 29 },
  { limbsPerLevel: 1, baseLimbs: 2, scaleBits: 28 },
  { limbsPerLevel: 1, baseLimbs: 1, scaleBits: 28 },
] as const satisfies readonly Pick<CkksLiteral, 'limbsPerLevel' | 'baseLimbs' | 'scaleBits'>[];

/** Above, primes ≡ 1 modulo 2N between 2^24 and 2^25 are too few for a chain. */
const LARGEST_DEGREE_AT_50 = 32768;

type Shape = (typeof SHAPES)[number];

const MOST_LEVELS = 64;
/** More digits than limbs are one for each limb. */
const DIGITS = [2, 3, 4, 5, 6, 8, 12, 16, 24, 128];

/** A plan on the parameters that fit best, or a refusal. */
export function planFor(source: CircuitSource, requirements: Requirements = {}): Plan {
  const { largestDegree = 65536, smallestDegree = 8192, limbsPerLevel } = requirements;
  const failures = new Failures();
  const degrees = DEGREES.filter((degree) => degree >= smallestDegree && degree <= largestDegree);
  for (const [i, degree] of degrees.entries()) {
    const found = onDegree(source, degree, requirements, limbsPerLevel, failures);
    if (found === undefined) continue;
    const above = degrees[i + 1];
    if (above === undefined || typeof source === 'function') return found;
    // Twice the degree has room for fewer, larger digits, which can be worth it.
    const larger = onDegree(source, above, requirements, found.parameters.limbsPerLevel, failures);
    return larger !== undefined && seconds(larger) < seconds(found) ? larger : found;
  }
  const circuit = typeof source === 'function' ? source(largestDegree / 2) : source;
  throw new ParameterError(refusal(circuit, requirements, failures));
}

/** In no unit: work times what a transform costs at that degree. */
function seconds({ cost, parameters: { degree } }: Plan): number {
  return cost.work * degree * Math.log2(degree);
}

function onDegree(
  source: CircuitSource,
  degree: number,
  requirements: Requirements,
  limbsPerLevel: 1 | 2 | undefined,
  failures: Failures,
): Plan | undefined {
  const circuit = typeof source === 'function' ? source(degree / 2) : source;
  if (circuit.slots > degree / 2) return undefined;
  let best: Plan | undefined;
  for (const shape of SHAPES) {
    if (limbsPerLevel !== undefined && shape.limbsPerLevel !== limbsPerLevel) continue;
    // Fewer limbs a level, or fewer bits of one limb, only where more do not fit.
    if (best !== undefined && (shape.limbsPerLevel === 1 || best.parameters.limbsPerLevel > shape.limbsPerLevel)) break;
    if (shape.scaleBits === 50 && degree > LARGEST_DEGREE_AT_50) continue;
    const found = cheapest(circuit, degree, shape, requirements, failures);
    if (found !== undefined && (best === undefined || found.cost.work < best.cost.work)) best = found;
  }
  return best;
}

/** What was nearly enough, for the refusal. */
class Failures {
  chainFound = false;
  bestPrecision = Number.NEGATIVE_INFINITY;
  levelsNeeded = 0;
}

function cheapest(
  circuit: Circuit,
  degree: number,
  shape: Shape,
  requirements: Requirements,
  failures: Failures,
): Plan | undefined {
  const { precisionBits = 12, noise = 'bound', spareLevels = 0 } = requirements;
  const switching = measure(circuit);
  const needsDigits = switching.relinearisations + switching.rotations + switching.transforms > 0;
  let best: Plan | undefined;
  const tried = new Set<number>();
  for (const digits of needsDigits ? DIGITS : [0]) {
    const literal = { degree, ...shape, digits };
    const parameters = fittingParameters(circuit, literal, requirements, failures, spareLevels);
    if (parameters === undefined || tried.has(parameters.digits.length)) continue;
    tried.add(parameters.digits.length);
    const made = planUnopened(circuit, parameters, requirements);
    const bits = noise === 'bound' ? made.cost.precisionBits : made.cost.typicalPrecisionBits;
    failures.chainFound = true;
    // Errors beyond all numbers, and their differences.
    if (!Number.isFinite(bits)) continue;
    failures.bestPrecision = Math.max(failures.bestPrecision, bits);
    if (bits < precisionBits || unopenableOutput(made) !== undefined) continue;
    if (best === undefined || made.cost.work < best.cost.work) best = made;
  }
  return best;
}

/** The chain with just the levels that the circuit takes on it, or undefined where the table does not allow that many. */
function fittingParameters(
  circuit: Circuit,
  literal: Omit<CkksLiteral, 'levels'>,
  requirements: Requirements,
  failures: Failures,
  spareLevels: number,
): CkksParameters | undefined {
  const limit = securityLimitBits(literal.degree) ?? 0;
  const base = literal.baseLimbs ?? literal.limbsPerLevel;
  let levels = 0;
  let reached: CkksParameters | undefined;
  // The levels needed depend on the scales of the chain, which change little: a second or third turn settles it.
  for (let turn = 0; turn < 8; turn++) {
    const limbs = base + levels * literal.limbsPerLevel;
    // Without special primes already too long, or longer than parameter sets may be.
    if (levels > MOST_LEVELS || 29.9 * base + levels * literal.scaleBits > limit) return undefined;
    const digits = Math.min(literal.digits, limbs);
    const candidate = insecureCkksParameters({ ...literal, digits, levels });
    if (candidate.modulusBits > limit) return undefined;
    reached = candidate;
    const needed = topNeeded(circuit, levelsFor(circuit, candidate, requirements), candidate, requirements);
    failures.levelsNeeded = Math.max(failures.levelsNeeded, needed);
    if (needed + spareLevels <= levels) return ckksParameters({ ...literal, digits, levels });
    levels = needed + spareLevels;
  }
  throw new ParameterError(`no chain for circuit ${circuit.name}: ${reached?.toString() ?? 'none'} keeps needing more`);
}

function refusal(circuit: Circuit, requirements: Requirements, failures: Failures): string {
  const { precisionBits = 12, noise = 'bound', largestDegree = 65536, limbsPerLevel } = requirements;
  const { depth } = measure(circuit);
  if (failures.chainFound) {
    const best = Number.isFinite(failures.bestPrecision) ? failures.bestPrecision.toFixed(1) : 'no';
    const other = noise === 'bound' ? ", or count with what is met instead of the bound (noise: 'typical')" : '';
    return (
      `circuit ${circuit.name} would have ${best} bits of precision (${noise}) on the best chain for it; ${precisionBits} are asked for: ` +
      `smaller magnitudes (declare them), fewer and shorter sums${other}`
    );
  }
  const parameters = insecureCkksParameters({ degree: 1024, levels: 1, digits: 0, scaleBits: 55, limbsPerLevel: 2 });
  const levels = levelsFor(circuit, parameters, requirements);
  const advice = adviceFor(circuit, levels, { limbsPerLevel: limbsPerLevel ?? 1 });
  return (
    `circuit ${circuit.name} needs ${Math.max(depth, failures.levelsNeeded)} levels between refreshes and ${circuit.slots} slots, which no chain ` +
    `at 128 bits up to N = ${largestDegree} has. ${advice.join(' ')}`
  );
}
