// A table and a policy in, a table that satisfies the policy's models out, with everything a reader needs to judge it: what was lost,
// what risk is left, what was dropped. What leaves is checked once more from its texts alone (check/check.ts) before it does.

import { ParameterError } from '../errors.ts';
import { type Grouped, groupRows } from '../generalisation/classes.ts';
import { type QuasiColumn, quasiOf } from '../generalisation/dimensions.ts';
import { optimalGeneralisation } from '../generalisation/search.ts';
import type { HierarchySpec } from '../hierarchies/columns.ts';
import type { HierarchyOrigin } from '../hierarchies/hierarchy.ts';
import { type MeasureName, measureOf } from '../information-loss/measures.ts';
import { type Quality, qualityOf } from '../information-loss/quality.ts';
import { classTestsOf, frequenciesOf } from '../models/class-tests.ts';
import { nameOfModel } from '../models/model.ts';
import { type CellCost, rowCost } from '../perturbation/perturbation.ts';
import type { Policy } from '../policy/policy.ts';
import { checkedPolicy } from '../policy/read.ts';
import { type Risk, riskOf } from '../risk/risk.ts';
import { type Column, columnOf, type Table } from '../table/index.ts';
import { aggregated } from './aggregated.ts';
import { maskedRowsMayStay, requireGuarantee } from './guarantee.ts';
import { mondrian } from './mondrian.ts';
import { mondrianColumn } from './mondrian-column.ts';
import type { NoiseReport } from './noise.ts';
import { type OutputTools, outputOf } from './output.ts';
import { builtSpecs, type HierarchyFiles, type Prepared, prepare, quasiColumns, quasiPolicyOf } from './prepare.ts';
import { classesOfLabels, type Release, releaseOfOptimum } from './release.ts';

export interface AnonymiseInput extends OutputTools {
  readonly table: Table;
  readonly policy: Policy;
  /** The hierarchies that the policy names as files. */
  readonly hierarchyFiles?: HierarchyFiles;
  /** The population that the rows were drawn from, the rows included, with the same quasi-identifying columns. */
  readonly population?: Table;
  readonly progress?: (done: number, of: number) => void;
}

export type MethodReport =
  | {
      readonly kind: 'full-domain';
      readonly measure: MeasureName;
      readonly score: number;
      readonly levels: Readonly<Record<string, number>>;
      readonly highestLevels: Readonly<Record<string, number>>;
      /** Where each column's hierarchy came from: a file, or built from what kind of values. */
      readonly hierarchies: Readonly<Record<string, HierarchyOrigin>>;
      readonly suppressionLimit: number;
      readonly nodes: number;
      readonly examined: number;
    }
  | { readonly kind: 'mondrian'; readonly mode: 'strict' | 'relaxed'; readonly penalty: number }
  | { readonly kind: 'microaggregation'; readonly k: number; readonly lostVariance: number };

export interface Released {
  readonly kind: 'released';
  readonly table: Table;
  readonly release: Release;
  readonly models: readonly string[];
  readonly method: MethodReport;
  readonly rows: {
    readonly read: number;
    /** Rows with missing cells that the policy drops. */
    readonly dropped: number;
    readonly suppressed: number;
    /** Suppressed rows that stay, masked: all, or none where they are too few or too much alike for the models. */
    readonly masked: number;
    readonly released: number;
  };
  readonly removedColumns: readonly string[];
  readonly riskBefore: Risk;
  readonly riskAfter: Risk;
  /** Classes before, for pictures. */
  readonly classSizesBefore: Uint32Array;
  readonly quality: Quality;
  readonly noise: readonly NoiseReport[];
  readonly noisePerRow: CellCost;
  /** Hierarchies that were built, said in full: with them the same policy makes the same intervals out of next month's table. */
  readonly builtHierarchies: Readonly<Record<string, HierarchySpec>>;
  /** For every row of `table` its place in `release`. */
  readonly places: Uint32Array;
  /** Sensitive columns: how frequent each value was in the input, which t-closeness and δ-disclosure compare with. */
  readonly reference: Readonly<Record<string, ReadonlyMap<string, number>>>;
}

/** Expected, not an error: there is no such table. */
export interface Impossible {
  readonly kind: 'impossible';
  readonly reason: string;
}

export function anonymise(input: AnonymiseInput): Released | Impossible {
  const policy = withGroupModel(checkedPolicy(input.policy));
  const files = input.hierarchyFiles ?? {};
  const prepared = prepare(input.table, policy, files, input.samplers);
  const made = generalise(prepared, policy, files, input);
  if (made.kind === 'impossible') return made;
  const { release, method, replaced, classSizesBefore, populationBefore, populationOf } = made;
  const reference = Object.fromEntries(
    prepared.sensitive.map((column) => {
      const frequencies = frequenciesOf(column);
      const present = column.labels.flatMap((label, at): [string, number][] =>
        frequencies[at] > 0 ? [[label, frequencies[at]]] : [],
      );
      return [column.name, new Map(present)];
    }),
  );
  const about = { prepared, policy, release, reference, populationOf };
  requireGuarantee(about);
  const keepsMasked = maskedRowsMayStay(about);
  const output = outputOf(prepared.table, release, policy, input, { replaced, keepsMasked });
  const { riskThreshold: threshold } = policy;
  return {
    kind: 'released',
    table: output.table,
    release,
    models: policy.models.map(nameOfModel),
    method,
    rows: {
      read: input.table.rowCount,
      dropped: prepared.droppedRows,
      suppressed: release.suppressedRows,
      masked: keepsMasked ? release.suppressedRows : 0,
      released: output.table.rowCount,
    },
    removedColumns: prepared.removedColumns,
    riskBefore: riskOf({ classSizes: classSizesBefore, populationSizes: populationBefore, threshold }),
    riskAfter: riskOf({
      classSizes: keepsMasked ? withOneMore(release.classSizes, release.suppressedRows) : release.classSizes,
      populationSizes: release.populationSizes,
      threshold,
    }),
    classSizesBefore,
    quality: qualityOf(release),
    noise: prepared.noise,
    noisePerRow: rowCost(prepared.noise.map(({ cost }) => cost)),
    builtHierarchies: builtSpecs(prepared, policy, input.population),
    places: output.rows,
    reference,
  };
}

/** To a reader the masked rows are one class more. */
function withOneMore(sizes: Uint32Array, size: number): Uint32Array {
  const all = new Uint32Array(sizes.length + 1);
  all.set(sizes);
  all[sizes.length] = size;
  return all;
}

/** Groups of k are k-anonymous: said as a model, it is checked like others. */
function withGroupModel(policy: Policy): Policy {
  if (policy.method.kind !== 'microaggregation') return policy;
  const { k } = policy.method;
  if (policy.models.some((model) => model.kind === 'k-anonymity' && model.k >= k)) return policy;
  return { ...policy, models: [{ kind: 'k-anonymity', k }, ...policy.models] };
}

interface Made {
  readonly kind: 'made';
  readonly release: Release;
  readonly method: MethodReport;
  /** Columns that take the place of labels: means. */
  readonly replaced: ReadonlyMap<string, Column>;
  readonly classSizesBefore: Uint32Array;
  readonly populationBefore: Uint32Array | undefined;
  readonly populationOf: ((texts: readonly string[]) => number) | undefined;
}

function generalise(
  prepared: Prepared,
  policy: Policy,
  files: HierarchyFiles,
  input: AnonymiseInput,
): Made | Impossible {
  const { method } = policy;
  switch (method.kind) {
    case 'full-domain':
      return fullDomain(prepared, policy, files, input);
    case 'mondrian': {
      refusePopulation(input, policy);
      const columns = prepared.quasiNames.map((name) =>
        mondrianColumn(columnOf(prepared.table, name), quasiPolicyOf(policy, name).hierarchy, files),
      );
      const tests = classTestsOf(policy.models, prepared.sensitive, false);
      const result = mondrian({ columns, sensitive: prepared.sensitive, tests, mode: method.mode });
      if (result === undefined)
        return { kind: 'impossible', reason: 'even the whole table as one class breaks the models' };
      return made(result.release, { ...method, penalty: result.penalty }, new Map());
    }
    case 'microaggregation': {
      refusePopulation(input, policy);
      const result = aggregated(prepared, method.k);
      const tests = classTestsOf(policy.models, prepared.sensitive, false);
      if (!result.satisfies(tests, prepared.sensitive)) {
        return { kind: 'impossible', reason: `groups of ${method.k} do not satisfy the models: try a larger k` };
      }
      return made(result.release, { ...method, lostVariance: result.lostVariance }, result.columns);
    }
    default:
      return method satisfies never;
  }
}

/** Local classes overlap in what they say of people outside the table: how many of a population fit one is not a sum over them. */
function refusePopulation({ population }: AnonymiseInput, { method, models }: Policy): void {
  const about = models.find(({ kind }) => kind === 'k-map' || kind === 'delta-presence');
  if (about === undefined && population === undefined) return;
  const what = about === undefined ? 'a population' : nameOfModel(about);
  throw new ParameterError(
    `${method.kind} cannot reckon with ${what}: use the full-domain search (method full-domain)`,
  );
}

function made(release: Release, method: MethodReport, replaced: ReadonlyMap<string, Column>): Made {
  const originals = release.columns.map((column) => ({ codes: column.originals }));
  const classSizesBefore = classesOfLabels(originals, release.rowCount).classSizes;
  return {
    kind: 'made',
    release,
    method,
    replaced,
    classSizesBefore,
    populationBefore: undefined,
    populationOf: undefined,
  };
}

function fullDomain(
  prepared: Prepared,
  policy: Policy,
  files: HierarchyFiles,
  input: AnonymiseInput,
): Made | Impossible {
  const { method } = policy;
  if (method.kind !== 'full-domain') throw new ParameterError(`${method.kind} is no full-domain search`);
  const names = prepared.quasiNames;
  const { columns, population: people } = quasiColumns(prepared.table, names, policy, files, input.population);
  const quasi = quasiOf(columns, people);
  const grouped: Grouped = groupRows(
    quasi,
    prepared.sensitive.map(({ name, codes, labels }) => ({ name, codes, valueCount: labels.length })),
  );
  const own = names.map((name) => quasiPolicyOf(policy, name));
  const result = optimalGeneralisation({
    quasi,
    grouped,
    valueCounts: prepared.sensitive.map(({ labels }) => labels.length),
    tests: classTestsOf(policy.models, prepared.sensitive, people !== undefined),
    measure: measureOf(method.measure, {
      dimensions: quasi.dimensions,
      layout: grouped.layout,
      rowCount: quasi.rowCount,
      suppressionWeight: method.suppressionWeight,
    }),
    suppressionLimit: method.suppressionLimit,
    lowest: own.map(({ lowestLevel }) => lowestLevel ?? 0),
    highest: own.map(({ highestLevel }, d) => highestLevel ?? quasi.dimensions[d].height),
    ...(input.progress && { progress: input.progress }),
  });
  const { optimum } = result;
  if (optimum === undefined) {
    const limit = `${100 * method.suppressionLimit} %`;
    const reason = `no generalisation satisfies the models with at most ${limit} of the rows suppressed`;
    return { kind: 'impossible', reason };
  }
  const byName = (of: (d: number) => number): Record<string, number> =>
    Object.fromEntries(names.map((name, d) => [name, of(d)]));
  return {
    kind: 'made',
    release: releaseOfOptimum(columns, quasi, optimum),
    method: {
      kind: 'full-domain',
      measure: method.measure,
      score: optimum.score,
      levels: byName((d) => optimum.levels[d]),
      highestLevels: byName((d) => quasi.dimensions[d].height),
      hierarchies: Object.fromEntries(columns.map(({ name, hierarchy }) => [name, hierarchy.origin])),
      suppressionLimit: method.suppressionLimit,
      nodes: result.nodes,
      examined: result.examined,
    },
    replaced: new Map(),
    classSizesBefore: grouped.classes.sizes,
    populationBefore: grouped.classes.population,
    populationOf: people && populationCounter(columns, people, optimum.levels),
  };
}

/** For the checker: people by what their generalised texts say. */
function populationCounter(
  columns: readonly QuasiColumn[],
  people: readonly Uint32Array[],
  levels: readonly number[],
): (texts: readonly string[]) => number {
  const counts = new Map<string, number>();
  for (let person = 0; person < people[0].length; person += 1) {
    const texts = columns.map(({ hierarchy }, d) => {
      const { labels, codes } = hierarchy;
      return labels[levels[d]][codes[levels[d]][people[d][person]]];
    });
    const key = JSON.stringify(texts);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (texts) => counts.get(JSON.stringify(texts)) ?? 0;
}
