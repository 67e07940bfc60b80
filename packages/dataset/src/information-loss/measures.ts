// What a full-domain search minimises. Each measure scores a node of the lattice after suppression, and bounds from below the
// score of that node and of every generalisation of it; a bound is what may end a branch, so it is proven beside each one.
// Definitions follow ARX (metric/v2 of arx-deidentifier/arx) so that scores can be compared.
import { ParameterError } from '../errors.ts';
import type { ClassTable } from '../generalisation/classes.ts';
import { codeInKey, type Dimension, type KeyLayout } from '../generalisation/dimensions.ts';

export const measureNames = [
  'loss',
  'average-class-size',
  'discernibility',
  'precision',
  'non-uniform-entropy',
  'ambiguity',
  'height',
] as const;
export type MeasureName = (typeof measureNames)[number];

/** A node with its classes and which of them are suppressed. */
export interface Candidate {
  readonly levels: readonly number[];
  readonly classes: ClassTable;
  /** 1: the rows of this class are suppressed. */
  readonly violates: Uint8Array;
  readonly suppressedRows: number;
}

export interface Measure {
  readonly name: MeasureName;
  score(candidate: Candidate): number;
  /** At most the score of any node from these levels up, whatever is suppressed; no classes are needed. */
  boundOfLevels(levels: readonly number[]): number;
  /** The same, knowing the classes at these levels. */
  boundOfClasses(levels: readonly number[], classes: ClassTable): number;
}

export interface MeasureOptions {
  readonly dimensions: readonly Dimension[];
  readonly layout: KeyLayout;
  readonly rowCount: number;
  /** In [0, 1]: 0 favours suppression, 1 generalisation, 0.5 weighs them alike. */
  readonly suppressionWeight: number;
}

export function measureOf(name: MeasureName, options: MeasureOptions): Measure {
  const { suppressionWeight: weight } = options;
  if (!(weight >= 0 && weight <= 1)) throw new ParameterError(`the weight of suppression is in [0, 1], not ${weight}`);
  const factors = { generalised: weight <= 0.5 ? 1 : 2 - 2 * weight, suppressed: weight < 0.5 ? 2 * weight : 1 };
  switch (name) {
    case 'loss':
      return loss(options, factors);
    case 'average-class-size':
      return averageClassSize(options, factors);
    case 'discernibility':
      return discernibility(options);
    case 'precision':
      return precision(options, factors);
    case 'non-uniform-entropy':
      return nonUniformEntropy(options, factors);
    case 'ambiguity':
      return ambiguity(options);
    case 'height':
      return height();
    default:
      return name satisfies never;
  }
}

interface Factors {
  readonly generalised: number;
  readonly suppressed: number;
}

/** Per dimension Σ over suppressed rows of `of(code)`; `totals` are the same sums over all rows. */
function overSuppressed(
  { layout, dimensions }: MeasureOptions,
  { levels, classes, violates }: Candidate,
  of: readonly (readonly Float64Array[])[],
  totals: readonly (readonly number[])[],
): Float64Array {
  let suppressed = 0;
  for (let at = 0; at < classes.classCount; at += 1) suppressed += violates[at];
  // Whichever is fewer: under a large k most classes violate, and taking a key apart is what costs.
  const wanted = 2 * suppressed <= classes.classCount ? 1 : 0;
  const sums = new Float64Array(dimensions.length);
  for (let at = 0; at < classes.classCount; at += 1) {
    if (violates[at] !== wanted) continue;
    for (let d = 0; d < sums.length; d += 1) {
      sums[d] += classes.sizes[at] * of[d][levels[d]][codeInKey(layout, classes.words, at, d)];
    }
  }
  return wanted === 1 ? sums : sums.map((kept, d) => totals[d][levels[d]] - kept);
}

/**
 * The geometric mean over columns of (1 + loss), less 1; the loss of a column is the mean share of the domain that its
 * values stand for, a suppressed one standing for all of it, scaled to [0, 1] (Iyengar 2002; ARX MetricMDNMLoss).
 * Bound: shares only grow with the level, and a suppressed row adds at least what its generalised value would.
 */
function loss(options: MeasureOptions, { generalised, suppressed }: Factors): Measure {
  const { dimensions, rowCount } = options;
  const shares = dimensions.map((dimension) => dimension.shares);
  const totals = dimensions.map(({ shares: own, counts }) =>
    own.map((share, level) => share.reduce((sum, one, code) => sum + one * counts[level][code], 0)),
  );
  const mean = (sum: (d: number) => number): number => {
    let product = 1;
    for (let d = 0; d < dimensions.length; d += 1) {
      const least = (generalised * rowCount) / dimensions[d].domainSize;
      const span = rowCount - least;
      const scaled = span > 0 ? Math.max(0, (sum(d) - least) / span) : 0;
      product *= (1 + scaled) ** (1 / dimensions.length);
    }
    return product - 1;
  };
  const bound = (levels: readonly number[]): number => mean((d) => generalised * totals[d][levels[d]]);
  return {
    name: 'loss',
    score: (candidate) => {
      if (candidate.suppressedRows === 0) return bound(candidate.levels);
      const lost = overSuppressed(options, candidate, shares, totals);
      return mean((d) => {
        const kept = totals[d][candidate.levels[d]] - lost[d];
        return generalised * kept + lost[d] + suppressed * (candidate.suppressedRows - lost[d]);
      });
    },
    boundOfLevels: bound,
    boundOfClasses: bound,
  };
}

/**
 * Rows per class; all suppressed rows are one class more (LeFevre, DeWitt, Ramakrishnan 2006; ARX MetricSDAECS, in which the
 * two factors change places). Bound: there are never more classes further up, and suppression turns at least one into the extra one.
 */
function averageClassSize({ rowCount }: MeasureOptions, factors: Factors): Measure {
  const [perClass, extra] = [factors.suppressed, factors.generalised];
  return {
    name: 'average-class-size',
    score: ({ classes, violates, suppressedRows }) => {
      let kept = 0;
      for (let at = 0; at < classes.classCount; at += 1) if (violates[at] === 0 && classes.sizes[at] > 0) kept += 1;
      return rowCount / (kept * perClass + (suppressedRows > 0 ? extra : 0));
    },
    boundOfLevels: () => 0,
    boundOfClasses: (_levels, classes) => {
      let count = 0;
      for (let at = 0; at < classes.classCount; at += 1) if (classes.sizes[at] > 0) count += 1;
      return rowCount / Math.max(count * perClass, (count - 1) * perClass + extra);
    },
  };
}

/**
 * Σ |class|² + rows · suppressed (Bayardo and Agrawal 2005). Bound: joining classes only adds to a sum of squares, and a
 * suppressed class costs rows · |class| ≥ |class|².
 */
function discernibility({ rowCount }: MeasureOptions): Measure {
  return {
    name: 'discernibility',
    score: ({ classes, violates, suppressedRows }) => {
      let sum = rowCount * suppressedRows;
      for (let at = 0; at < classes.classCount; at += 1) if (violates[at] === 0) sum += classes.sizes[at] ** 2;
      return sum;
    },
    boundOfLevels: () => rowCount,
    boundOfClasses: (_levels, classes) => {
      let sum = 0;
      for (let at = 0; at < classes.classCount; at += 1) sum += classes.sizes[at] ** 2;
      return sum;
    },
  };
}

/**
 * The mean over columns and rows of level / height, 1 where suppressed (Sweeney 2002; ARX MetricMDNMPrecision).
 * Bound: a row of a column costs its level, or what suppression costs if that is less.
 */
function precision({ dimensions, rowCount }: MeasureOptions, { generalised, suppressed }: Factors): Measure {
  const part = (d: number, level: number): number => (dimensions[d].height === 0 ? 0 : level / dimensions[d].height);
  const bound = (levels: readonly number[]): number => {
    let sum = 0;
    for (let d = 0; d < levels.length; d += 1) sum += Math.min(part(d, levels[d]) * generalised, suppressed);
    return sum / levels.length;
  };
  return {
    name: 'precision',
    score: ({ levels, suppressedRows }) => {
      let sum = 0;
      for (let d = 0; d < levels.length; d += 1) {
        sum += (rowCount - suppressedRows) * part(d, levels[d]) * generalised + suppressedRows * suppressed;
      }
      return sum / rowCount / levels.length;
    },
    boundOfLevels: bound,
    boundOfClasses: bound,
  };
}

/**
 * Bits by which the values of each row became less certain, summed over columns: −log₂ of the frequency of the original value
 * among the rows with its generalised one (Gionis and Tassa 2009), and the same again from there to nothing where suppressed.
 * Bound: the first part grows with the level, the second is not negative.
 */
function nonUniformEntropy(options: MeasureOptions, { generalised, suppressed }: Factors): Measure {
  const { dimensions, layout } = options;
  const bits = dimensions.map((dimension) => {
    const plain = dimension.counts[0].reduce((sum, rows) => sum + rows * log2OrZero(rows), 0);
    return dimension.counts.map((counts) => counts.reduce((sum, rows) => sum + rows * log2OrZero(rows), 0) - plain);
  });
  const bound = (levels: readonly number[]): number =>
    levels.reduce((sum, level, d) => sum + bits[d][level] * generalised, 0);
  return {
    name: 'non-uniform-entropy',
    score: ({ levels, classes, violates, suppressedRows }) => {
      let sum = bound(levels);
      if (suppressedRows === 0) return sum;
      for (let d = 0; d < dimensions.length; d += 1) {
        const counts = new Float64Array(dimensions[d].sizes[levels[d]]);
        for (let at = 0; at < classes.classCount; at += 1) {
          if (violates[at] === 1) counts[codeInKey(layout, classes.words, at, d)] += classes.sizes[at];
        }
        const lost = counts.reduce((total, rows) => total + rows * log2OrZero(rows), 0);
        sum += (suppressedRows * Math.log2(suppressedRows) - lost) * suppressed;
      }
      return sum;
    },
    boundOfLevels: bound,
    boundOfClasses: bound,
  };
}

const log2OrZero = (count: number): number => (count === 0 ? 0 : Math.log2(count));

/** Σ over rows of the number of original records that the generalised one may stand for (Nergiz and Clifton 2007). */
function ambiguity(options: MeasureOptions): Measure {
  const { dimensions, layout } = options;
  const all = dimensions.reduce((product, dimension) => product * dimension.domainSize, 1);
  const sum = (levels: readonly number[], classes: ClassTable, violates: Uint8Array | undefined): number => {
    let total = 0;
    for (let at = 0; at < classes.classCount; at += 1) {
      let records = all;
      if (violates === undefined || violates[at] === 0) {
        for (let d = 0; d < dimensions.length; d += 1) {
          records *= dimensions[d].shares[levels[d]][codeInKey(layout, classes.words, at, d)];
        }
      }
      total += classes.sizes[at] * records;
    }
    return total;
  };
  return {
    name: 'ambiguity',
    score: ({ levels, classes, violates }) => sum(levels, classes, violates),
    boundOfLevels: () => 0,
    // Shares grow with the level, and a suppressed row stands for every record.
    boundOfClasses: (levels, classes) => sum(levels, classes, undefined),
  };
}

/** The sum of the levels (Samarati 2001); suppression costs nothing. */
function height(): Measure {
  const sum = (levels: readonly number[]): number => levels.reduce((total, level) => total + level, 0);
  return { name: 'height', score: ({ levels }) => sum(levels), boundOfLevels: sum, boundOfClasses: sum };
}
