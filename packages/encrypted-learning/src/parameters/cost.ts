// What operations cost, in number-theoretic transforms of one limb: machine-independent, and proportional to time within some tens of
// per cent (bench `encrypted` says how well). Products of residues and base conversions are weighed in transforms as measured
// at N = 2^13 to 2^15; N itself enters as N·log N.

import { polynomialDepth, polynomialProducts } from '@sumus/lattice/ckks';
import type { CkksParameters } from '@sumus/lattice/parameters';
import { stepsOf } from '../circuit/measure.ts';
import { isInteger, levelCost, type Operation } from '../circuit/operation.ts';

/** A pointwise product or multiply-accumulate of one limb, its operands' way through memory included. */
const PRODUCT = 0.25;
/** A term of a base conversion. */
const CONVERSION = 0.06;

export interface LevelSize {
  readonly limbs: number;
  readonly special: number;
  readonly digits: number;
}

export function sizeAt(parameters: CkksParameters, level: number): LevelSize {
  const limbs = parameters.base.length + level * parameters.limbsPerLevel;
  const digits = parameters.digits.filter(({ start }) => start < limbs).length;
  return { limbs, special: parameters.special.length, digits };
}

/** One key switch: digits carried to all primes, two inner products, a division. */
export function keySwitchWork({ limbs, special, digits }: LevelSize): number {
  const all = limbs + special;
  const transforms = limbs + digits * all - limbs + 2 * special + 2 * limbs;
  return transforms + 2 * digits * all * PRODUCT + (limbs * all + 2 * special * limbs) * CONVERSION;
}

/** A rotation whose operand's digits are there already. */
export function hoistedWork({ limbs, special, digits }: LevelSize): number {
  const all = limbs + special;
  return 2 * special + 2 * limbs + 2 * digits * all * PRODUCT + 2 * special * limbs * CONVERSION;
}

export function rescaleWork({ limbs }: LevelSize): number {
  return 2 * limbs + 2 * limbs * PRODUCT;
}

/** Work of an operation whose result stands on `level`; 0 for what is not executed. `babySteps` of transforms from babyStepsOf. */
export function workOf(operation: Operation, level: number, slots: number, parameters: CkksParameters): number {
  if (level < 0) return 0;
  const own = sizeAt(parameters, level);
  const above = sizeAt(parameters, level + levelCost(operation));
  const encoding = above.limbs + 2;
  switch (operation.kind) {
    case 'input':
    case 'declare':
    case 'refresh':
      return 0;
    case 'add':
    case 'subtract':
    case 'negate':
      return 2 * own.limbs * PRODUCT;
    case 'sum':
      return 2 * operation.terms.length * own.limbs * PRODUCT;
    case 'add plain':
      return own.limbs * PRODUCT + (operation.plain.kind === 'scalar' ? 0 : encoding);
    case 'combination': {
      const encodings = operation.terms.filter(({ factor }) => factor.kind !== 'scalar').length;
      const free = operation.terms.every(({ factor }) => isInteger(factor));
      const products = 2 * operation.terms.length * above.limbs * PRODUCT;
      return products + encodings * encoding + (free ? 0 : rescaleWork(above));
    }
    case 'product':
      return 4 * operation.pairs.length * above.limbs * PRODUCT + keySwitchWork(above);
    case 'rotate':
      return keySwitchWork(own);
    case 'inner sum':
      return stepsOf(operation, slots).length * keySwitchWork(own);
    case 'transform': {
      const { babies, giants } = stepsOfTransform(operation.diagonals.keys(), slots, above);
      const extended = above.limbs + above.special;
      const products = 2 * operation.diagonals.size * extended * PRODUCT;
      return (
        keySwitchWork(above) + babies.length * hoistedWork(above) + giants.length * keySwitchWork(above) + products
      );
    }
    case 'polynomial': {
      const middle = sizeAt(parameters, level + Math.ceil(polynomialDepth(operation.coefficients) / 2));
      return polynomialProducts(operation.coefficients) * (keySwitchWork(middle) + 8 * middle.limbs * PRODUCT);
    }
    default:
      return operation satisfies never;
  }
}

/** The rotations of a transform: baby steps share one decomposition, giant steps do not. */
export interface TransformSteps {
  readonly babySteps: number;
  readonly babies: readonly number[];
  readonly giants: readonly number[];
}

/** k = giant + baby for every diagonal k, with the power of two of baby steps that costs least. */
export function stepsOfTransform(diagonals: Iterable<number>, slots: number, size: LevelSize): TransformSteps {
  const keys = [...diagonals];
  let best: (TransformSteps & { readonly work: number }) | undefined;
  for (let babySteps = 1; babySteps <= slots; babySteps *= 2) {
    const babies = [...new Set(keys.map((k) => k % babySteps))].filter((k) => k !== 0);
    const giants = [...new Set(keys.map((k) => k - (k % babySteps)))].filter((k) => k !== 0);
    const work = babies.length * hoistedWork(size) + giants.length * keySwitchWork(size);
    if (best === undefined || work < best.work) best = { babySteps, babies, giants, work };
  }
  return best ?? { babySteps: 1, babies: [], giants: [] };
}
