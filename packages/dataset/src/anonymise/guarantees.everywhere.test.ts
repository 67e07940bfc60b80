// What is promised of every release, on random tables: the models hold (judged by the checker, from texts), no row is lost
// unaccounted for, and somebody who links an outside table by the quasi-identifiers finds no crowd smaller than k. And that the
// judges can see: planted breaks are caught.
import { describe, expect, it } from 'vitest';
import { violationsOf } from '../check/check.ts';
import { ParameterError } from '../errors.ts';
import { type RandomTable, randomModels, randomTable, seeded } from '../generalisation/random-tables.contract.ts';
import type { PrivacyModel } from '../models/model.ts';
import type { Method, Policy } from '../policy/policy.ts';
import { defaults } from '../policy/policy.ts';
import { categoriesOf, columnOf, type Table, tableOf, textOf } from '../table/index.ts';
import { anonymise, type Released } from './anonymise.ts';

const full = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'];
const tables = full ? 5000 : 1000;

const methods: readonly Method[] = [
  { kind: 'full-domain', measure: 'loss', suppressionLimit: 0, suppressionWeight: 0.5 },
  { kind: 'full-domain', measure: 'discernibility', suppressionLimit: 0.2, suppressionWeight: 0.5 },
  { kind: 'full-domain', measure: 'loss', suppressionLimit: 1, suppressionWeight: 0.5 },
  { kind: 'mondrian', mode: 'strict' },
  { kind: 'mondrian', mode: 'relaxed' },
];

interface Run {
  readonly random: RandomTable;
  readonly table: Table;
  readonly policy: Policy;
  readonly models: readonly PrivacyModel[];
}

function runOf(seed: number): Run {
  const random = randomTable(seed);
  const table = tableOf([
    ...random.columns.map(({ name, texts }) => categoriesOf(name, texts)),
    categoriesOf('s', random.sensitive),
    categoriesOf(
      'row',
      Array.from({ length: random.rowCount }, (_, row) => `r${row}`),
    ),
  ]);
  const models = randomModels(seed);
  const method = methods[seed % methods.length];
  const policy: Policy = {
    ...defaults,
    columns: {
      ...Object.fromEntries(
        random.columns.map(({ name }) => [
          name,
          { role: 'quasi-identifying' as const, hierarchy: { kind: 'file' as const, file: name } },
        ]),
      ),
      s: { role: 'sensitive', order: random.sensitiveValues },
      // Not released in earnest: it tells the test which row is whose.
      row: { role: 'insensitive' },
    },
    models,
    method,
    suppressedRows: seed % 3 === 0 ? 'mask' : 'remove',
  };
  return { random, table, policy, models };
}

function release({ random, table, policy }: Run): Released | undefined {
  const hierarchyFiles = Object.fromEntries(random.columns.map(({ name, hierarchy }) => [name, hierarchy]));
  const result = anonymise({ table, policy, hierarchyFiles });
  return result.kind === 'released' ? result : undefined;
}

const quasiNames = ({ random }: Run): string[] => random.columns.map(({ name }) => name);

function textsOf(table: Table, names: readonly string[]): string[][] {
  const columns = names.map((name) => columnOf(table, name));
  return Array.from({ length: table.rowCount }, (_, row) => columns.map((column) => textOf(column, row)));
}

/** Released rows as texts, masked ones too. */
const releasedRows = (run: Run, { table }: Released): string[][] => textsOf(table, [...quasiNames(run), 's', 'row']);

describe(`on ${tables} random tables, every release`, () => {
  const runs = Array.from({ length: tables }, (_, at) => runOf(at + 1));
  const released = runs.flatMap((run) => {
    const result = release(run);
    return result === undefined ? [] : [{ run, result }];
  });

  it('exists for most of them', () => {
    expect(released.length).toBeGreaterThan(0.7 * tables);
  });

  it('satisfies its models, says the checker from the texts alone', () => {
    for (const { run, result } of released) {
      const names = quasiNames(run);
      const violations = violationsOf({
        columns: [...names, 's', 'row'],
        rows: releasedRows(run, result),
        quasiIdentifiers: names,
        models: run.models,
        reference: result.reference,
        orders: { s: run.random.sensitiveValues },
      });
      expect(violations).toEqual([]);
    }
  });

  it('accounts for every row, and changes nothing but the quasi-identifiers', () => {
    for (const { run, result } of released) {
      const { rows } = result;
      expect(rows.read).toBe(run.random.rowCount);
      expect(rows.dropped).toBe(0);
      expect([0, run.policy.suppressedRows === 'mask' ? rows.suppressed : 0]).toContain(rows.masked);
      expect(rows.released).toBe(rows.read - rows.suppressed + rows.masked);
      expect(result.table.rowCount).toBe(rows.released);
      for (const [s, row] of textsOf(result.table, ['s', 'row'])) {
        expect(s).toBe(run.random.sensitive[Number(row.slice(1))]);
      }
      expect(new Set(textsOf(result.table, ['row']).flat()).size).toBe(rows.released);
    }
  });

  it('withstands linking: whoever knows all quasi-identifiers of a person finds k rows or none', () => {
    for (const { run, result } of released) {
      const k = Math.max(...run.models.map((model) => (model.kind === 'k-anonymity' ? model.k : 1)));
      const names = quasiNames(run);
      const rows = releasedRows(run, result);
      for (const outsider of textsOf(run.table, [...names, 'row'])) {
        const candidates = rows.filter((row) => names.every((_, d) => couldBe(run.random, d, row[d], outsider[d])));
        // The class of the person is among the candidates, and nobody's class is smaller than k.
        expect(candidates.length === 0 || candidates.length >= k, names.join()).toBe(true);
        const own = rows.find((row) => row.at(-1) === outsider.at(-1));
        if (own !== undefined) expect(candidates).toContain(own);
      }
    }
  });

  it('reports the class sizes and risks that its output has', () => {
    for (const { run, result } of released) {
      const classes = new Map<string, number>();
      for (const row of releasedRows(run, result)) {
        const key = JSON.stringify(row.slice(0, -2));
        classes.set(key, (classes.get(key) ?? 0) + 1);
      }
      expect(result.riskAfter.classes).toBe(classes.size);
      const sizes = [...classes.values()];
      const least = sizes.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
      if (sizes.length > 0) expect(result.riskAfter.prosecutor.highest).toBeCloseTo(1 / least, 12);
    }
  });

  it('is the same again', () => {
    for (const { run, result } of released.slice(0, 20)) {
      const again = release(run);
      expect(textsOf(again!.table, ['row', ...quasiNames(run)])).toEqual(
        textsOf(result.table, ['row', ...quasiNames(run)]),
      );
    }
  });
});

/** Whether a released text may stand for an original value: itself, an ancestor, a mask, or a list with it in (Mondrian). */
function couldBe({ columns }: RandomTable, d: number, released: string, original: string): boolean {
  const { hierarchy } = columns[d];
  const base = hierarchy.labels[0].indexOf(original);
  return (
    released === '*' ||
    hierarchy.codes.some((codes, level) => hierarchy.labels[level][codes[base]] === released) ||
    released.split(' | ').includes(original)
  );
}

describe('the judges see', () => {
  const run = { ...runOf(1), models: [{ kind: 'k-anonymity', k: 3 }] as const };
  const result = release({ ...run, policy: { ...run.policy, models: run.models, method: methods[0] } })!;
  const names = quasiNames(run);
  const judge = (rows: readonly (readonly string[])[], models: readonly PrivacyModel[] = run.models) =>
    violationsOf({ columns: [...names, 's', 'row'], rows, quasiIdentifiers: names, models });

  it('a row whose class became too small', () => {
    const rows = releasedRows(run, result);
    expect(judge(rows)).toEqual([]);
    const below = seeded(5);
    let caught = 0;
    for (let planted = 0; planted < 50; planted += 1) {
      const broken = rows.map((row) => [...row]);
      broken[below(rows.length)][below(names.length)] = 'somebody else';
      if (judge(broken).length > 0) caught += 1;
    }
    expect(caught).toBe(50);
  });

  it('a class that lost its variety', () => {
    const rows = releasedRows(run, result).map((row) => [...row]);
    const [first] = rows;
    for (const row of rows) if (names.every((_, d) => row[d] === first[d])) row[names.length] = 's0';
    expect(judge(rows, [{ kind: 'distinct-l-diversity', attribute: 's', l: 2 }])).not.toEqual([]);
    expect(judge(rows, [{ kind: 'entropy-l-diversity', attribute: 's', l: 1.5 }])).not.toEqual([]);
    expect(judge(rows, [{ kind: 'recursive-cl-diversity', attribute: 's', c: 100, l: 2 }])).not.toEqual([]);
  });

  it('a class far from the whole', () => {
    const rows = [...Array.from({ length: 10 }, () => ['x', 'a']), ...Array.from({ length: 10 }, () => ['y', 'b'])];
    const input = { columns: ['q', 's'], rows, quasiIdentifiers: ['q'], orders: { s: ['a', 'b'] } };
    const trees = {
      s: [
        ['a', '*'],
        ['b', '*'],
      ],
    };
    for (const distance of ['equal', 'ordered', 'hierarchical'] as const) {
      const at = (t: number) =>
        violationsOf({ ...input, trees, models: [{ kind: 't-closeness', attribute: 's', t, distance }] });
      expect(at(0.5)).toEqual([]);
      expect(at(0.49)).toHaveLength(2);
    }
    const disclosure = (delta: number, absent: 'ignored' | 'violates') =>
      violationsOf({ ...input, models: [{ kind: 'delta-disclosure', attribute: 's', delta, absent }] });
    expect(disclosure(1.01, 'ignored')).toEqual([]);
    expect(disclosure(1, 'ignored')).toHaveLength(2);
    expect(disclosure(100, 'violates')).toHaveLength(2);
  });

  it('a column that the release lacks', () => {
    expect(() => judge([['a']], [{ kind: 'distinct-l-diversity', attribute: 'nobody', l: 2 }])).toThrow(ParameterError);
  });
});
