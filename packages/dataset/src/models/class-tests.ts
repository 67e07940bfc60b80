// The models as tests of one class, over the counts of a ClassTable. This is the search's side; check/ computes the same
// again from the texts of an output alone and shares no line with it.
import { ParameterError } from '../errors.ts';
import type { ClassTable, Histograms } from '../generalisation/classes.ts';
import type { Hierarchy } from '../hierarchies/hierarchy.ts';
import { lnOfWhole } from './logarithms.ts';
import { attributeOf, checkedModel, nameOfModel, type PrivacyModel } from './model.ts';

/** A sensitive column as the models see it: codes are in order where the values have one. */
export interface SensitiveValues {
  readonly name: string;
  readonly codes: Uint32Array;
  readonly labels: readonly string[];
  /** Whether the codes go up with the values, which the ordered distance needs. */
  readonly ordered: boolean;
  /** For the hierarchical distance: the tree, and the place of every code on its level 0. */
  readonly tree?: { readonly hierarchy: Hierarchy; readonly baseOf: Uint32Array };
}

export interface ClassTest {
  readonly model: PrivacyModel;
  holds(table: ClassTable, at: number): boolean;
  /** Where `holds` may err by rounding: a test that errs the other way, for conclusions from one class to another. */
  nearlyHolds?(table: ClassTable, at: number): boolean;
  /**
   * What is known when classes are joined, which is what generalising does:
   * 'any': joined with any other, a class that satisfies still does, so the rows of violating classes never become more;
   * 'satisfying': two classes that satisfy still do when joined, so a table without violation stays one;
   * 'nothing': neither.
   */
  readonly joining: 'any' | 'satisfying' | 'nothing';
}

export function classTestsOf(
  models: readonly PrivacyModel[],
  sensitive: readonly SensitiveValues[],
  hasPopulation: boolean,
): ClassTest[] {
  return models.map((one) => {
    const test = classTestOf(checkedModel(one), sensitive, hasPopulation);
    // A class of the population without a row says nothing about anybody in the table, unless presence itself is what is asked.
    if (!hasPopulation || one.kind === 'delta-presence') return test;
    const { nearlyHolds } = test;
    return {
      ...test,
      holds: (table, at) => table.sizes[at] === 0 || test.holds(table, at),
      ...(nearlyHolds && { nearlyHolds: (table, at) => table.sizes[at] === 0 || nearlyHolds(table, at) }),
    };
  });
}

// A distance that is t exactly may come out a rounding above it.
const slack = 1e-12;

function classTestOf(model: PrivacyModel, sensitive: readonly SensitiveValues[], hasPopulation: boolean): ClassTest {
  const name = attributeOf(model);
  const place = name === undefined ? -1 : sensitive.findIndex((column) => column.name === name);
  if (name !== undefined && place < 0) throw new ParameterError(`${nameOfModel(model)}: ${name} is not sensitive`);
  if ((model.kind === 'k-map' || model.kind === 'delta-presence') && !hasPopulation) {
    throw new ParameterError(`${nameOfModel(model)} needs a population to compare with`);
  }
  const column = sensitive[place];
  switch (model.kind) {
    case 'k-anonymity':
      return { model, joining: 'any', holds: (table, at) => table.sizes[at] >= model.k };
    case 'k-map':
      return { model, joining: 'any', holds: (table, at) => table.population![at] >= model.k };
    case 'delta-presence':
      return {
        model,
        joining: 'satisfying',
        holds: (table, at) => {
          const present = table.sizes[at] / table.population![at];
          return present >= model.least && present <= model.most;
        },
      };
    case 'distinct-l-diversity':
      return { model, joining: 'any', holds: (table, at) => distinctOf(table.histograms[place], at) >= model.l };
    case 'entropy-l-diversity':
      return {
        model,
        joining: 'satisfying',
        holds: (table, at) => isEntropyDiverse(table.histograms[place], at, table.sizes[at], model.l, 0),
        nearlyHolds: (table, at) => isEntropyDiverse(table.histograms[place], at, table.sizes[at], model.l, 1e-12),
      };
    case 'recursive-cl-diversity':
      return { model, joining: 'satisfying', holds: (table, at) => recursive(table.histograms[place], at, model) };
    case 't-closeness':
      return { model, joining: 'satisfying', holds: closeness(model, column, place) };
    case 'delta-disclosure':
      // Two classes may each lack a value and satisfy, while their union has it too rarely.
      return {
        model,
        joining: model.absent === 'violates' ? 'satisfying' : 'nothing',
        holds: disclosure(model, column, place),
      };
    default:
      return model satisfies never;
  }
}

const distinctOf = (one: Histograms, at: number): number => one.start[at + 1] - one.start[at];

/**
 * H ≥ ln l, as n · (ln n − ln l) ≥ Σ f · ln f. Without slack: where the entropy is ln l exactly (two equal halves, l = 2)
 * rounding may find the class wanting and then it is suppressed, which errs on the safe side.
 */
function isEntropyDiverse(
  { start, counts }: Histograms,
  at: number,
  size: number,
  l: number,
  slackPerRow: number,
): boolean {
  const most = size * (lnOfWhole(size) - (Number.isInteger(l) ? lnOfWhole(l) : Math.log(l)) + slackPerRow);
  let sum = 0;
  for (let entry = start[at]; entry < start[at + 1]; entry += 1) sum += counts[entry] * lnOfWhole(counts[entry]);
  return sum <= most;
}

/** r₁ < c · (r_l + r_{l+1} + … + r_m), frequencies in descending order (Machanavajjhala et al. 2007, §4.2). */
function recursive({ start, counts }: Histograms, at: number, { c, l }: { c: number; l: number }): boolean {
  if (start[at + 1] - start[at] < l) return false;
  const falling = counts.slice(start[at], start[at + 1]).sort((a, b) => b - a);
  let tail = 0;
  for (let i = l - 1; i < falling.length; i += 1) tail += falling[i];
  return falling[0] < c * tail;
}

/** How often each value occurs in the whole table. */
export function frequenciesOf(column: SensitiveValues): Float64Array {
  const counts = new Float64Array(column.labels.length);
  for (const code of column.codes) counts[code] += 1;
  return counts.map((count) => count / column.codes.length);
}

function closeness(
  model: PrivacyModel & { kind: 't-closeness' },
  column: SensitiveValues,
  place: number,
): ClassTest['holds'] {
  const overall = frequenciesOf(column);
  const threshold = model.t + slack;
  switch (model.distance) {
    case 'equal':
      return (table, at) => equalDistance(table.histograms[place], at, table.sizes[at], overall) <= threshold;
    case 'ordered': {
      if (!column.ordered)
        throw new ParameterError(`${nameOfModel(model)}: the values of ${column.name} have no order`);
      const own = new Float64Array(overall.length);
      return (table, at) => {
        spread(own, table.histograms[place], at, table.sizes[at]);
        return orderedDistance(own, overall) <= threshold;
      };
    }
    case 'hierarchical': {
      const { tree } = column;
      if (tree === undefined) throw new ParameterError(`${nameOfModel(model)}: ${column.name} has no hierarchy`);
      const own = new Float64Array(overall.length);
      return (table, at) => {
        spread(own, table.histograms[place], at, table.sizes[at]);
        return hierarchicalDistance(own, overall, tree) <= threshold;
      };
    }
    default:
      return model.distance satisfies never;
  }
}

function spread(into: Float64Array, { start, values, counts }: Histograms, at: number, size: number): void {
  into.fill(0);
  for (let entry = start[at]; entry < start[at + 1]; entry += 1) into[values[entry]] = counts[entry] / size;
}

/** ½ Σ |p − q|, over the values of the class alone: those it lacks add what the listed q leave of 1. */
function equalDistance({ start, values, counts }: Histograms, at: number, size: number, overall: Float64Array): number {
  let sum = 1;
  for (let entry = start[at]; entry < start[at + 1]; entry += 1) {
    const q = overall[values[entry]];
    sum += Math.abs(counts[entry] / size - q) - q;
  }
  return sum / 2;
}

/** Σ |Σ_{j ≤ i} (p_j − q_j)| / (m − 1) (Li, Li, Venkatasubramanian 2007, §4.3), over the m values that occur in the table. */
function orderedDistance(p: Float64Array, q: Float64Array): number {
  let [sum, running, m] = [0, 0, 0];
  for (let i = 0; i < q.length; i += 1) {
    if (q[i] === 0) continue;
    m += 1;
    running += p[i] - q[i];
    sum += Math.abs(running);
  }
  return m < 2 ? 0 : sum / (m - 1);
}

/** Σ over inner nodes of (level / height) · min(surplus, lack) of their children (Li, Li, Venkatasubramanian 2007, §4.3). */
function hierarchicalDistance(
  p: Float64Array,
  q: Float64Array,
  { hierarchy, baseOf }: { readonly hierarchy: Hierarchy; readonly baseOf: Uint32Array },
): number {
  if (hierarchy.height === 0) return 0;
  const leaves = new Float64Array(hierarchy.labels[0].length);
  for (let code = 0; code < p.length; code += 1) leaves[baseOf[code]] += p[code] - q[code];
  let below = leaves;
  let cost = 0;
  for (let level = 1; level <= hierarchy.height; level += 1) {
    const surplus = new Float64Array(hierarchy.labels[level].length);
    const lack = new Float64Array(surplus.length);
    const counted = new Uint8Array(below.length);
    for (let base = 0; base < leaves.length; base += 1) {
      const child = hierarchy.codes[level - 1][base];
      if (counted[child] === 1) continue;
      counted[child] = 1;
      const parent = hierarchy.codes[level][base];
      if (below[child] > 0) surplus[parent] += below[child];
      else lack[parent] -= below[child];
    }
    for (let node = 0; node < surplus.length; node += 1) {
      cost += (level / hierarchy.height) * Math.min(surplus[node], lack[node]);
    }
    below = surplus.map((value, node) => value - lack[node]);
  }
  return cost;
}

/** |log₂(p/q)| < δ for every value. */
function disclosure(
  model: PrivacyModel & { kind: 'delta-disclosure' },
  column: SensitiveValues,
  place: number,
): ClassTest['holds'] {
  const overall = frequenciesOf(column);
  const present = overall.filter((q) => q > 0).length;
  return (table, at) => {
    const { start, values, counts } = table.histograms[place];
    if (model.absent === 'violates' && start[at + 1] - start[at] < present) return false;
    for (let entry = start[at]; entry < start[at + 1]; entry += 1) {
      const ratio = counts[entry] / table.sizes[at] / overall[values[entry]];
      if (Math.abs(Math.log2(ratio)) >= model.delta) return false;
    }
    return true;
  };
}
