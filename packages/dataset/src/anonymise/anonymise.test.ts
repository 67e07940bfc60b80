// A policy from end to end: roles, missing cells, tails, pseudonyms, noise, populations, means, and the report.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { seeded } from '../generalisation/random-tables.contract.ts';
import type { NoiseSamplers } from '../perturbation/perturbation.ts';
import { policyFromJson } from '../policy/read.ts';
import { PseudonymKey } from '../pseudonyms/pseudonyms.ts';
import { htmlReport } from '../report/html.ts';
import { type Cell, columnNames, columnOf, rowsOf, type Table, tableFromRows } from '../table/index.ts';
import { type AnonymiseInput, anonymise, type Released } from './anonymise.ts';

const schema = {
  columns: [
    { name: 'name', type: 'category' },
    { name: 'age', type: 'integer' },
    { name: 'zip', type: 'category' },
    { name: 'pay', type: 'integer' },
    { name: 'illness', type: 'category' },
  ],
} as const;

function people(count: number): Table {
  const below = seeded(count);
  const rows = Array.from({ length: count }, (_, row): Cell[] => [
    `person ${row}`,
    18 + below(60),
    `80${below(10)}${below(10)}`,
    1000 * (2 + below(9)),
    ['none', 'flu', 'cold', 'gout'][below(4)],
  ]);
  return tableFromRows(schema, rows);
}

const base = {
  version: 1,
  columns: {
    name: { role: 'identifying' },
    age: { role: 'quasi-identifying', hierarchy: { kind: 'numbers', width: 5 } },
    zip: { role: 'quasi-identifying', hierarchy: { kind: 'masking' } },
    illness: { role: 'sensitive' },
    pay: { role: 'insensitive' },
  },
  models: [{ kind: 'k-anonymity', k: 4 }],
};

function run(json: unknown, input: Partial<AnonymiseInput> = {}): Released {
  const result = anonymise({ table: people(400), policy: policyFromJson(json), ...input });
  if (result.kind !== 'released') throw new Error(result.reason);
  return result;
}

const hmacSha256 = (key: Uint8Array, ...chunks: readonly Uint8Array[]): Uint8Array => {
  const mac = createHmac('sha256', key);
  for (const chunk of chunks) mac.update(chunk);
  return new Uint8Array(mac.digest());
};

const quiet: NoiseSamplers = {
  discreteLaplace: () => ({ sampleInto: (out) => out.fill(1) }),
  discreteGaussian: () => ({ sampleInto: (out) => out.fill(-1) }),
  coin: () => () => true,
  below: seeded(1),
  gaussianEpsilon: () => 3,
};

describe('a policy', () => {
  it('removes what names people, generalises what others know, and leaves the rest as it was', () => {
    const { table, removedColumns, riskBefore, riskAfter, rows } = run(base);
    expect(columnNames(table)).toEqual(['age', 'zip', 'pay', 'illness']);
    expect(removedColumns).toEqual(['name']);
    expect(riskBefore.uniqueShare).toBeGreaterThan(0.5);
    expect(riskAfter.prosecutor.highest).toBeLessThanOrEqual(1 / 4);
    expect(rows.suppressed).toBeLessThanOrEqual(20);
    expect(columnOf(table, 'pay').type).toBe('integer');
  });

  it('refuses, removes or keeps columns that it does not name', () => {
    const { pay: _, ...columns } = base.columns;
    expect(() => run({ ...base, columns })).toThrow(/says nothing about column pay/);
    expect(columnNames(run({ ...base, columns, otherColumns: 'remove' }).table)).not.toContain('pay');
    expect(columnNames(run({ ...base, columns, otherColumns: 'keep' }).table)).toContain('pay');
    const absent = { ...base, columns: { ...base.columns, town: { role: 'insensitive' } } };
    expect(() => run(absent)).toThrow(/no column town/);
  });

  it('says that it is impossible where it is, instead of giving less than was asked', () => {
    const models = [{ kind: 'k-anonymity', k: 401 }];
    const method = { kind: 'full-domain', suppressionLimit: 0 };
    const answer = anonymise({ table: people(400), policy: policyFromJson({ ...base, models, method }) });
    expect(answer).toMatchObject({ kind: 'impossible', reason: expect.stringContaining('at most 0 %') });
    const mondrian = policyFromJson({ ...base, models, method: { kind: 'mondrian' } });
    expect(anonymise({ table: people(400), policy: mondrian }).kind).toBe('impossible');
  });

  it('codes tails before anything else', () => {
    const columns = { ...base.columns, pay: { role: 'insensitive', tails: { lower: 3000, upper: 6000 } } };
    const pay = columnOf(run({ ...base, columns }).table, 'pay');
    expect(pay.type !== 'category' && [...new Set(pay.values)].sort()).toEqual([3000, 4000, 5000, 6000]);
    const wrong = { ...base.columns, illness: { role: 'sensitive', tails: { lower: 1 } } };
    expect(() => run({ ...base, columns: wrong })).toThrow(/no tails/);
  });

  it('drops rows with missing cells, counted, or takes missing for a value', () => {
    const rows = rowsOf(people(400)).map((row, at) =>
      at < 30 ? row.with(1, null) : at < 50 ? row.with(3, null) : row,
    );
    const table = tableFromRows(schema, rows);
    expect(run({ ...base, missing: 'drop-rows' }, { table }).rows).toMatchObject({ read: 400, dropped: 50 });
    expect(run({ ...base, missing: 'drop-rows-in-use' }, { table }).rows).toMatchObject({ read: 400, dropped: 30 });
    const kept = run({ ...base, method: { kind: 'full-domain', suppressionLimit: 0 } }, { table });
    expect(kept.rows).toMatchObject({ dropped: 0, suppressed: 0, released: 400 });
    expect(() => run({ ...base, method: { kind: 'mondrian' } }, { table })).toThrow(/missing cells/);
  });

  it('masks suppressed rows where asked to', () => {
    const { table, rows } = run({
      ...base,
      suppressedRows: 'mask',
      method: { kind: 'full-domain', suppressionLimit: 0.3 },
    });
    expect(rows.suppressed).toBeGreaterThan(0);
    const masked = rowsOf(table).filter(([age, zip]) => age === '*' && zip === '*');
    expect(masked).toHaveLength(rows.suppressed);
    expect(rows.masked).toBe(rows.suppressed);
    expect(table.rowCount).toBe(400);
  });

  it('keeps masked rows only where they are as many and as various as every other class', () => {
    // One very old person: everybody who knows them knows which row is masked.
    const rows = rowsOf(people(400)).map((row, at) => (at === 0 ? row.with(1, 99).with(4, 'gout') : row));
    const table = tableFromRows(schema, rows);
    const { zip: _, ...columns } = base.columns;
    const age = { ...base.columns.age, lowestLevel: 1, highestLevel: 1 };
    const json = { ...base, columns: { ...columns, age }, otherColumns: 'remove', suppressedRows: 'mask' };
    const alone = run(json, { table });
    expect(alone.rows).toMatchObject({ suppressed: 1, masked: 0, released: 399 });
    expect(rowsOf(alone.table).filter(([text]) => text === '*')).toEqual([]);
    // Five of them, of one illness.
    const five = tableFromRows(
      schema,
      rows.map((row, at) => (at < 5 ? row.with(1, 90 + 20 * at).with(4, 'gout') : row)),
    );
    expect(run(json, { table: five }).rows).toMatchObject({ suppressed: 5, masked: 5, released: 400 });
    expect(run(json, { table: five }).riskAfter.classes).toBe(
      run(json, { table: five }).release.classSizes.filter((size) => size > 0).length + 1,
    );
    const models = [...base.models, { kind: 'distinct-l-diversity', attribute: 'illness', l: 2 }];
    expect(run({ ...json, models }, { table: five }).rows).toMatchObject({ suppressed: 5, masked: 0, released: 395 });
  });

  it('puts pseudonyms in place of names, one for one', () => {
    const columns = { ...base.columns, name: { role: 'identifying', action: 'pseudonym' } };
    const json = { ...base, columns, pseudonyms: { purpose: 'a test', generation: 1 } };
    expect(() => run(json)).toThrow(/needs a key/);
    const secret = new Uint8Array(32).fill(7);
    const pseudonymKey = new PseudonymKey({ hmacSha256, secret, purpose: 'a test', generation: 1 });
    const { table } = run(json, { pseudonymKey });
    const names = rowsOf(table).map(([name]) => String(name));
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^g1-[0-9a-z]{26}$/.test(name))).toBe(true);
    expect(names).toContain(pseudonymKey.pseudonymOf('name', 'person 17'));
  });

  it('adds noise where asked to, and adds up what a row costs', () => {
    const columns = {
      ...base.columns,
      pay: { role: 'insensitive', noise: { kind: 'laplace', epsilon: 2, lower: 0, upper: 20000, resolution: 1000 } },
      illness: {
        role: 'sensitive',
        noise: { kind: 'randomised-response', epsilon: 1, categories: ['none', 'flu', 'cold', 'gout', 'pox'] },
      },
    };
    expect(() => run({ ...base, columns })).toThrow(/needs samplers/);
    const { table, noise, noisePerRow } = run({ ...base, columns }, { samplers: quiet });
    expect(noise.map(({ column }) => column)).toEqual(['pay', 'illness']);
    expect(noisePerRow.epsilon).toBeCloseTo(3, 12);
    const pay = columnOf(table, 'pay');
    expect(pay.type !== 'category' && Math.min(...pay.values)).toBe(3000);
    const wrong = {
      ...columns,
      illness: { role: 'sensitive', noise: { ...columns.illness.noise, categories: ['none', 'flu'] } },
    };
    expect(() => run({ ...base, columns: wrong }, { samplers: quiet })).toThrow(/none of the stated categories/);
  });

  it('chooses classes and suppressed rows from the noisy values, so that they tell nothing that the noise hides', () => {
    const response = { kind: 'randomised-response', epsilon: 1, categories: ['none', 'flu', 'cold', 'gout'] };
    const columns = { ...base.columns, illness: { role: 'sensitive', noise: response } };
    const models = [...base.models, { kind: 'entropy-l-diversity', attribute: 'illness', l: 3 }];
    // Whatever is asked, a coin that says "lie" and a die that shows 0 answer with one of two illnesses.
    const lies: NoiseSamplers = { ...quiet, coin: () => () => false, below: () => 0 };
    const json = { ...base, columns, models: base.models };
    const told = run(json, { samplers: lies });
    expect(told.reference['illness']?.size).toBe(2);
    expect(new Set(rowsOf(told.table).map((row) => row.at(-1)))).toEqual(new Set(['none', 'flu']));
    // Entropy 3-diversity holds for the clear values and not for what is told.
    expect(run({ ...base, models }).kind).toBe('released');
    const answer = anonymise({ table: people(400), policy: policyFromJson({ ...json, models }), samplers: lies });
    expect(answer.kind).toBe('impossible');
  });

  it('shuffles rows where asked to, and lets no value of a suppressed row travel in a dictionary', () => {
    const { table, release } = run({ ...base, rowOrder: 'shuffled', otherColumns: 'keep' }, { samplers: quiet });
    const pays = rowsOf(run(base).table).map((row) => row.join());
    expect(rowsOf(table).map((row) => row.join())).not.toEqual(pays);
    expect(
      rowsOf(table)
        .map((row) => row.join())
        .sort(),
    ).toEqual([...pays].sort());
    const zip = columnOf(table, 'zip');
    expect(zip.type === 'category' && zip.dictionary.length).toBeLessThanOrEqual(release.columns[1].labels.length);
  });

  it('measures crowds in a population: k-map and δ-presence', () => {
    const population = people(4000);
    const table = tableFromRows(schema, rowsOf(population).slice(0, 300));
    const open = { kind: 'full-domain', suppressionLimit: 0.1 };
    const map = run({ ...base, models: [{ kind: 'k-map', k: 20 }], method: open }, { table, population });
    expect(map.riskAfter.population).toBe(true);
    expect(map.riskAfter.journalist.highest).toBeLessThanOrEqual(1 / 20);
    // A sample of a class may be smaller than k: that is what the population allows.
    expect(map.riskAfter.smallestClass).toBeLessThan(20);
    const anonymous = run({ ...base, models: [{ kind: 'k-anonymity', k: 20 }], method: open }, { table });
    expect(map.quality.granularity).toBeGreaterThan(anonymous.quality.granularity);
    const presence = run(
      { ...base, models: [{ kind: 'delta-presence', most: 0.15 }], method: open },
      { table, population },
    );
    for (const [at, size] of presence.release.classSizes.entries()) {
      expect(size / presence.release.populationSizes![at]).toBeLessThanOrEqual(0.15);
    }
    for (const method of [
      { kind: 'mondrian', mode: 'strict' },
      { kind: 'microaggregation', k: 3 },
    ] as const) {
      for (const model of [
        { kind: 'k-map', k: 2 },
        { kind: 'delta-presence', least: 0, most: 0.5 },
      ] as const) {
        const refused = (more: object) => () => run({ ...base, models: [model], method }, { table, ...more });
        expect(refused({})).toThrow(/cannot reckon with .*: use the full-domain search/);
        expect(refused({ population })).toThrow(ParameterError);
      }
    }
    expect(() => run({ ...base, models: [{ kind: 'k-map', k: 2 }] })).toThrow(/population/);
    expect(() => run({ ...base, method: { kind: 'mondrian' } }, { table, population })).toThrow(ParameterError);
  });

  it('releases means of groups, and checks what else was asked of them', () => {
    const columns = { ...base.columns, zip: { role: 'insensitive' }, pay: { role: 'quasi-identifying' } };
    const { table, method, riskAfter } = run({ ...base, columns, method: { kind: 'microaggregation', k: 5 } });
    expect(riskAfter.smallestClass).toBeGreaterThanOrEqual(5);
    expect(method).toMatchObject({ kind: 'microaggregation', k: 5 });
    expect(columnOf(table, 'age').type).toBe('number');
    const models = [{ kind: 'k-anonymity', k: 6 }];
    const answer = anonymise({
      table: people(400),
      policy: policyFromJson({ ...base, columns, models, method: { kind: 'microaggregation', k: 2 } }),
    });
    expect(answer).toMatchObject({ kind: 'impossible', reason: expect.stringContaining('larger k') });
    expect(() => run({ ...base, method: { kind: 'microaggregation', k: 5 } })).toThrow(/holds no numbers/);
  });
});

describe('the report', () => {
  const policy = policyFromJson({
    ...base,
    models: [...base.models, { kind: 't-closeness', attribute: 'illness', t: 0.4 }],
  });
  const result = anonymise({ table: people(400), policy });
  if (result.kind !== 'released') throw new Error(result.reason);
  const nasty = '<script>alert("x")</script> & co';
  const page = htmlReport({
    result,
    policy,
    source: nasty,
    date: '2026-11-20',
    producer: 'a test',
    digests: { input: 'ab'.repeat(32) },
    utility: { target: 'illness', clear: 0.5, anonymised: 0.45, baseline: 0.25 },
  });

  it('says what was done, what risk is left, what it cost and what it does not promise', () => {
    for (const words of [
      '4-anonymity, 0.4-closeness of illness, equal distance',
      'Columns removed',
      'prosecutor',
      'granularity',
      'differential privacy',
      'do not compose',
      'data protection officer',
      'ab'.repeat(32),
      'right on 45\u00a0%',
    ]) {
      expect(page).toContain(words);
    }
    expect(page.match(/<svg /g)).toHaveLength(3);
    expect(page.match(/<title>/g)).toHaveLength(4);
  });

  it('loads nothing, runs nothing, and lets no text of the table become markup', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/\b(?:src|href)=/);
    expect(page).not.toMatch(/url\(/);
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; co');
    expect(page).toContain("default-src 'none'");
  });

  it('has every tag closed', () => {
    const open: string[] = [];
    for (const [, slash, name, own] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
      if (own === '/' || ['meta', 'br'].includes(name)) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});
