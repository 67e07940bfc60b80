// Optimal full-domain generalisation: among all ways to give every column one level, with classes that violate the models
// suppressed as far as the limit allows, the one with the best score. Exact: what is skipped is shown not to hold the optimum.
//
// The lattice is walked depth first; a node gets its classes by rolling up those of the node below (Incognito; LeFevre, DeWitt,
// Ramakrishnan 2005). A branch, which is everything from a node up in the columns still free, is left when
// - its bound is above the best score so far (measures.ts proves the bounds), or
// - its most general node still has too many violating rows. This is predictive tagging (OLA; El Emam et al. 2009) and holds
//   only for models whose violating rows never become more when classes join, or, if nothing may be suppressed, for models
//   whose classes stay good when joined (class-tests.ts says which). For all others nothing is concluded.
import { ParameterError } from '../errors.ts';
import type { Candidate, Measure } from '../information-loss/measures.ts';
import type { ClassTest } from '../models/class-tests.ts';
import { type ClassTable, type Climb, type Grouped, rollUp } from './classes.ts';
import { climb, type Quasi } from './dimensions.ts';

export interface SearchOptions {
  readonly quasi: Quasi;
  readonly grouped: Grouped;
  /** Per sensitive column, in the order of the histograms. */
  readonly valueCounts: readonly number[];
  readonly tests: readonly ClassTest[];
  readonly measure: Measure;
  /** The part of the rows that may be suppressed, in [0, 1]. */
  readonly suppressionLimit: number;
  /** Lowest and highest level of each column, where a policy narrows them. */
  readonly lowest?: readonly number[];
  readonly highest?: readonly number[];
  /** Refuses a lattice with more nodes (default ten million): better a clear answer than a night without one. */
  readonly nodeLimit?: number;
  /** Called now and then with the number of nodes that are settled. */
  readonly progress?: (settled: number, nodes: number) => void;
}

export interface Optimum {
  readonly levels: readonly number[];
  readonly score: number;
  readonly suppressedRows: number;
  readonly classes: ClassTable;
  readonly violates: Uint8Array;
}

export interface SearchResult {
  /** Undefined: no node satisfies the models within the suppression limit. */
  readonly optimum: Optimum | undefined;
  readonly nodes: number;
  /** Nodes whose classes were computed. */
  readonly examined: number;
  /** Of those, the ones that satisfy everything. */
  readonly satisfying: number;
}

/** Nodes of a branch from which on it pays to look at its most general node first. */
const branchWorthLooking = 4;

export function optimalGeneralisation(options: SearchOptions): SearchResult {
  const { quasi, grouped, valueCounts, tests, measure } = options;
  const { dimensions, rowCount } = quasi;
  const { lowest, highest } = rangesOf(options);
  const nodes = highest.reduce((product, top, d) => product * (top - lowest[d] + 1), 1);
  const nodeLimit = options.nodeLimit ?? 10_000_000;
  if (nodes > nodeLimit) {
    throw new ParameterError(`the lattice has ${nodes} nodes, more than ${nodeLimit}: fix levels or leave columns out`);
  }
  // Rounding: a limit of 5 % of 30,162 rows allows 1,508.1, that is 1,508. The slack is for limits that came from a quotient.
  const mostSuppressed = Math.floor(options.suppressionLimit * rowCount + 1e-9);
  const tagging = tests
    .filter(({ joining }) => joining === 'any' || (joining === 'satisfying' && mostSuppressed === 0))
    .map((test): ClassTest => (test.nearlyHolds === undefined ? test : { ...test, holds: test.nearlyHolds }));
  // Columns that join most classes come first: the nodes below them, which are most, then have few.
  const order = [...dimensions.keys()].sort((a, b) => dimensions[b].sizes[0] - dimensions[a].sizes[0]);
  const branchNodes = new Array<number>(order.length + 1).fill(1);
  for (let i = order.length - 1; i >= 0; i -= 1) {
    branchNodes[i] = branchNodes[i + 1] * (highest[order[i]] - lowest[order[i]] + 1);
  }
  const levels = [...lowest];
  let best: Optimum | undefined;
  let [examined, satisfying, settled] = [0, 0, 0];

  const settle = (count: number): void => {
    settled += count;
    options.progress?.(settled, nodes);
  };
  const worse = (bound: number): boolean =>
    // Equal scores are looked at, so that ties are broken the same way whatever was tried first; the slack is rounding's.
    best !== undefined && bound > best.score * (1 + 1e-12);
  const examine = (classes: ClassTable): void => {
    examined += 1;
    const violates = new Uint8Array(classes.classCount);
    const suppressedRows = violatingRows(classes, tests, violates, mostSuppressed);
    if (suppressedRows === undefined) return;
    satisfying += 1;
    const candidate: Candidate = { levels, classes, violates, suppressedRows };
    const score = measure.score(candidate);
    if (best === undefined || isBetter({ levels, score, suppressedRows }, best)) {
      best = { levels: [...levels], score, suppressedRows, classes, violates };
    }
  };
  /** Whether even the most general node of the branch has too many violating rows. */
  const hopeless = (from: number, classes: ClassTable): boolean => {
    if (tagging.length === 0 || mostSuppressed >= rowCount || branchNodes[from] < branchWorthLooking) return false;
    const climbs: Climb[] = [];
    for (const d of order.slice(from)) {
      if (highest[d] > levels[d]) climbs.push({ dimension: d, map: climb(dimensions[d], levels[d], highest[d]) });
    }
    const top = rollUp(classes, grouped.layout, climbs, valueCounts).classes;
    return violatingRows(top, tagging, undefined, mostSuppressed) === undefined;
  };
  /** The branch of all nodes from `levels` up in the columns order[from …]; `classes` are those of `levels`. */
  const explore = (from: number, classes: ClassTable): void => {
    if (worse(measure.boundOfClasses(levels, classes)) || hopeless(from, classes)) {
      settle(branchNodes[from]);
      return;
    }
    examine(classes);
    settle(1);
    for (let i = from; i < order.length; i += 1) {
      const d = order[i];
      let current = classes;
      for (let level = lowest[d] + 1; level <= highest[d]; level += 1) {
        levels[d] = level;
        if (worse(measure.boundOfLevels(levels))) {
          settle((highest[d] - level + 1) * branchNodes[i + 1]);
          break;
        }
        const step = { dimension: d, map: dimensions[d].steps[level] };
        current = rollUp(current, grouped.layout, [step], valueCounts).classes;
        explore(i + 1, current);
      }
      levels[d] = lowest[d];
    }
  };

  const climbs: Climb[] = [];
  for (const [d, level] of lowest.entries()) {
    if (level > 0) climbs.push({ dimension: d, map: climb(dimensions[d], 0, level) });
  }
  const start = rollUp(grouped.classes, grouped.layout, climbs, valueCounts).classes;
  explore(0, start);
  return { optimum: best, nodes, examined, satisfying };
}

/** The rows of violating classes, or undefined once they are more than `most`, or a class violates that has no row to suppress. */
export function violatingRows(
  classes: ClassTable,
  tests: readonly ClassTest[],
  violates: Uint8Array | undefined,
  most: number,
): number | undefined {
  let rows = 0;
  for (let at = 0; at < classes.classCount; at += 1) {
    let holds = true;
    for (let test = 0; holds && test < tests.length; test += 1) holds = tests[test].holds(classes, at);
    if (holds) continue;
    if (classes.sizes[at] === 0) return undefined;
    if (violates !== undefined) violates[at] = 1;
    rows += classes.sizes[at];
    if (rows > most) return undefined;
  }
  return rows;
}

/** A smaller score; among equal ones fewer suppressed rows, then lower levels, then the first column lower. */
function isBetter(
  one: { readonly levels: readonly number[]; readonly score: number; readonly suppressedRows: number },
  other: Optimum,
): boolean {
  const tolerance = 1e-12 * Math.abs(other.score);
  if (Math.abs(one.score - other.score) > tolerance) return one.score < other.score;
  if (one.suppressedRows !== other.suppressedRows) return one.suppressedRows < other.suppressedRows;
  const sum = (levels: readonly number[]): number => levels.reduce((total, level) => total + level, 0);
  const difference = sum(one.levels) - sum(other.levels);
  if (difference !== 0) return difference < 0;
  const at = one.levels.findIndex((level, d) => level !== other.levels[d]);
  return at >= 0 && one.levels[at] < other.levels[at];
}

function rangesOf({ quasi, lowest, highest, suppressionLimit }: SearchOptions): {
  readonly lowest: readonly number[];
  readonly highest: readonly number[];
} {
  if (!(suppressionLimit >= 0 && suppressionLimit <= 1)) {
    throw new ParameterError(`the suppression limit is a part of the rows in [0, 1], not ${suppressionLimit}`);
  }
  const bottom = quasi.dimensions.map((_, d) => lowest?.[d] ?? 0);
  const top = quasi.dimensions.map((dimension, d) => highest?.[d] ?? dimension.height);
  for (const [d, { name, height }] of quasi.dimensions.entries()) {
    if (!(Number.isInteger(bottom[d]) && Number.isInteger(top[d]) && 0 <= bottom[d] && bottom[d] <= top[d])) {
      throw new ParameterError(`column ${name}: no levels from ${bottom[d]} to ${top[d]}`);
    }
    if (top[d] > height) throw new ParameterError(`column ${name} has levels up to ${height}, not ${top[d]}`);
  }
  return { lowest: bottom, highest: top };
}
