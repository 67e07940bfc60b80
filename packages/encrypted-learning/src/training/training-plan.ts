// From a recipe to a plan: packing, refreshes, circuit and parameters together, because each depends on the others. Both packings are
// planned and the cheaper is kept. What precision single-limb levels leave is a matter of measurement (bench `encrypted`), not of a
// promise: bounds that hold for every data set are far from what is met, and the plan says both.
//
// Refused: what a circuit refuses (training-circuit.ts), and depths for which no chain exists, with what would reduce them.

import type { CkksParameters } from '@sumus/lattice/parameters';
import type { ClipFactor } from '../approximation/clip-factor.ts';
import { ParameterError } from '../errors.ts';
import { type Plan, plan, planFor } from '../parameters/index.ts';
import type { RefreshModel } from '../refresh/index.ts';
import { type Packing, packing } from './packing.ts';
import { type Recipe, type RecipeLiteral, recipe } from './recipe.ts';
import { type LeaveOut, type TrainingCircuitRequest, trainingCircuit } from './training-circuit.ts';
import { placeRefreshes } from './training-depth.ts';

export interface TrainingPlanLiteral {
  readonly recipe: RecipeLiteral;
  readonly rowCount: number;
  readonly columns: number;
  /** As rows were checked (rows.ts); with targets, the larger of the two bounds. */
  readonly featureBound: number;
  /** B, where several encrypt for one plan: rows checked against a larger one are not encrypted for it. */
  readonly normBound?: number;
  /** How levels come back; none: the whole training on one chain. */
  readonly refresh?: RefreshModel;
  /** Levels between refreshes; default 11, what N = 32768 has. */
  readonly levelsBetweenRefreshes?: number;
  /** 'single': half the bits of a level, 13 or so of precision; for long runs without refresh. Default 'double'. */
  readonly limbs?: 'single' | 'double';
  readonly encryptedWith?: 'public key' | 'secret key';
  readonly keyParties?: number;
  readonly watchMargins?: boolean;
  readonly weightBound?: number;
  readonly noiseShares?: number;
  readonly noiseMagnitude?: number;
  readonly spareLevels?: number;
  readonly largestDegree?: 8192 | 16384 | 32768 | 65536;
  /** Default: both are planned and the cheaper is taken. */
  readonly doubled?: boolean;
  /** Of an earlier plan, for rows that are encrypted already; default: found from the circuit. Needs `doubled`. */
  readonly parameters?: CkksParameters;
  /** One fold of rows that were encrypted once; every fold has the same parameters. */
  readonly leaveOut?: LeaveOut;
  /** For the comparison with clipping. */
  readonly clip?: ClipFactor;
}

export interface TrainingPlan {
  readonly literal: TrainingPlanLiteral;
  readonly recipe: Recipe;
  readonly packing: Packing;
  /** Iterations before which the iterates are refreshed. */
  readonly refreshBefore: readonly number[];
  readonly plan: Plan;
}

const DEFAULT_LEVELS = 11;

export function planTraining(literal: TrainingPlanLiteral): TrainingPlan {
  const made = recipe(literal.recipe);
  const shapes =
    literal.doubled !== undefined ? [literal.doubled] : literal.clip !== undefined ? [false] : [true, false];
  const failures: ParameterError[] = [];
  let best: TrainingPlan | undefined;
  for (const doubled of shapes) {
    try {
      const found = planned(literal, made, doubled);
      if (best === undefined || seconds(found) < seconds(best)) best = found;
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
      failures.push(error);
    }
  }
  const [failure] = failures;
  if (best !== undefined) return best;
  throw failure ?? new ParameterError('no packing was tried');
}

function planned(literal: TrainingPlanLiteral, made: Recipe, doubled: boolean): TrainingPlan {
  const { refresh, limbs = 'double', rowCount, columns, largestDegree } = literal;
  const scaling = limbs === 'single' ? 'after' : 'before';
  const layoutAt = (slots: number): Packing =>
    packing({
      slots,
      rowCount: made.batchSize ?? rowCount,
      columns,
      hasTargetColumn: made.model.kind === 'linear',
      doubled,
    });
  const requestAt = (slots: number): TrainingCircuitRequest => {
    const layout = layoutAt(slots);
    return {
      recipe: made,
      packing: layout,
      rowCount,
      featureBound: literal.featureBound,
      scaling,
      refreshBefore:
        refresh === undefined
          ? []
          : placeRefreshes(
              { recipe: made, packing: layout, scaling, ...clipOf(literal) },
              literal.levelsBetweenRefreshes ?? DEFAULT_LEVELS,
            ),
      ...options(literal),
    };
  };
  const planOptions = {
    noise: 'typical' as const,
    ...(refresh === undefined ? {} : { refresh }),
    ...(literal.encryptedWith === undefined ? {} : { encryptedWith: literal.encryptedWith }),
    ...(literal.keyParties === undefined ? {} : { keyParties: literal.keyParties }),
  };
  const { parameters } = literal;
  const found =
    parameters === undefined
      ? planFor((slots: number) => trainingCircuit(requestAt(slots)), {
          ...planOptions,
          precisionBits: LEAST_PRECISION,
          limbsPerLevel: limbs === 'single' ? 1 : 2,
          ...(largestDegree === undefined ? {} : { largestDegree }),
        })
      : plan(trainingCircuit(requestAt(parameters.slots)), parameters, planOptions);
  const request = requestAt(found.circuit.slots);
  return Object.freeze({
    literal,
    recipe: made,
    packing: request.packing,
    refreshBefore: request.refreshBefore ?? [],
    plan: forgettingErrors(found),
  });
}

/** How far an estimate of errors may lie below nothing at all; what is met is measured (bench `encrypted`). */
const LEAST_PRECISION = -4096;

/**
 * An estimate follows errors through every step as if each could only make them larger, and after thirty steps exceeds every number. A
 * descent does not: its steps contract, or it diverges and is refused. So behind the first refresh no error is taken for larger than the
 * largest before it. For what an owner opens; what is released to others needs a bound of its own in any case (plan.ts, `noise`).
 */
function forgettingErrors(made: Plan): Plan {
  const { circuit, typical, cost } = made;
  const first = circuit.operations.findIndex(({ kind }) => kind === 'refresh');
  if (first === -1) return made;
  const largest = typical.slice(0, first).reduce((most, one) => Math.max(most, one?.errorStddev ?? 0), 0);
  const capped = typical.map((one) =>
    one === undefined ? one : { ...one, errorStddev: Math.min(one.errorStddev, largest) },
  );
  const outputs = [...circuit.outputs.values()].map(({ at }) => capped[at]?.errorStddev ?? 0);
  return Object.freeze({
    ...made,
    typical: Object.freeze(capped),
    cost: Object.freeze({ ...cost, typicalPrecisionBits: -Math.log2(Math.max(...outputs)) }),
  });
}

function options(literal: TrainingPlanLiteral): Partial<TrainingCircuitRequest> {
  const { watchMargins, weightBound, noiseShares, noiseMagnitude, spareLevels, leaveOut } = literal;
  return {
    ...(watchMargins === undefined ? {} : { watchMargins }),
    ...(weightBound === undefined ? {} : { weightBound }),
    ...(noiseShares === undefined ? {} : { noiseShares }),
    ...(noiseMagnitude === undefined ? {} : { noiseMagnitude }),
    ...(spareLevels === undefined ? {} : { spareLevels }),
    ...(leaveOut === undefined ? {} : { leaveOut }),
    ...clipOf(literal),
  };
}

const clipOf = ({ clip }: TrainingPlanLiteral): Pick<TrainingCircuitRequest, 'clip'> =>
  clip === undefined ? {} : { clip };

/** In no unit: work times what a transform costs at that degree. */
function seconds({ plan: { cost, parameters } }: TrainingPlan): number {
  return cost.work * parameters.degree * Math.log2(parameters.degree);
}
