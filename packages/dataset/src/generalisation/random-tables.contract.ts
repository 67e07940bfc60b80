// Small random tables for the suites: everything follows from the seed.
import { type Hierarchy, hierarchyOfRows } from '../hierarchies/hierarchy.ts';
import type { PrivacyModel } from '../models/model.ts';

/** mulberry32: short, seeded, good enough to vary tables. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) % below;
  };
}

export interface RandomTable {
  readonly columns: readonly {
    readonly name: string;
    readonly hierarchy: Hierarchy;
    readonly texts: readonly string[];
  }[];
  readonly sensitive: readonly string[];
  readonly sensitiveValues: readonly string[];
  readonly rowCount: number;
}

/** Two to four columns of two to eight values with hierarchies of one to three levels; up to 80 rows; values are skewed. */
export function randomTable(seed: number): RandomTable {
  const below = seeded(seed);
  const rowCount = 5 + below(76);
  const columns = Array.from({ length: 2 + below(3) }, (_, at) => {
    const name = `q${at}`;
    const hierarchy = randomHierarchy(name, below);
    const size = hierarchy.labels[0].length;
    const texts = Array.from({ length: rowCount }, () => hierarchy.labels[0][Math.min(below(size), below(size))]);
    return { name, hierarchy, texts };
  });
  const sensitiveValues = Array.from({ length: 2 + below(4) }, (_, at) => `s${at}`);
  const size = sensitiveValues.length;
  const sensitive = Array.from({ length: rowCount }, () => sensitiveValues[Math.min(below(size), below(size))]);
  return { columns, sensitive, sensitiveValues, rowCount };
}

function randomHierarchy(name: string, below: (bound: number) => number): Hierarchy {
  const size = 2 + below(7);
  let level = Array.from({ length: size }, (_, at) => at);
  const rows = level.map((at) => [`${name}v${at}`]);
  for (let height = below(3); height >= 0; height -= 1) {
    // Each value of a level goes to one of fewer values above; the last level is one.
    const count = height === 0 ? 1 : 1 + below(new Set(level).size);
    const parent = new Map([...new Set(level)].map((one) => [one, below(count)]));
    level = level.map((one) => parent.get(one)!);
    for (const [at, row] of rows.entries()) row.push(height === 0 ? '*' : `${name}l${row.length}g${level[at]}`);
  }
  return hierarchyOfRows(name, 'file', rows);
}

/** One of each kind that needs no population. */
export function randomModels(seed: number): readonly PrivacyModel[] {
  const below = seeded(seed ^ 0x5bd1e995);
  const attribute = 's';
  const models: PrivacyModel[] = [{ kind: 'k-anonymity', k: 1 + below(6) }];
  switch (below(8)) {
    case 0:
      models.push({ kind: 'distinct-l-diversity', attribute, l: 2 + below(2) });
      break;
    case 1:
      // Never a whole l: at an entropy of ln l exactly, rounding decides, and an oracle may round otherwise.
      models.push({ kind: 'entropy-l-diversity', attribute, l: 1.25 + below(12) / 10 });
      break;
    case 2:
      models.push({ kind: 'recursive-cl-diversity', attribute, c: 1 + below(4), l: 2 });
      break;
    case 3:
      models.push({ kind: 't-closeness', attribute, t: 0.1 + below(4) / 10, distance: 'equal' });
      break;
    case 4:
      models.push({ kind: 't-closeness', attribute, t: 0.05 + below(4) / 10, distance: 'ordered' });
      break;
    case 5:
      models.push({ kind: 'delta-disclosure', attribute, delta: 0.5 + below(4) / 2, absent: 'ignored' });
      break;
    case 6:
      models.push({ kind: 'delta-disclosure', attribute, delta: 0.5 + below(4) / 2, absent: 'violates' });
      break;
    default:
      break;
  }
  return models;
}
