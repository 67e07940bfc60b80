import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { type Cell, rowsOf, type Schema, selectRows, tableFromRows } from '../table/index.ts';
import {
  DistinctCounter,
  describeTable,
  FrequentTexts,
  Moments,
  QuantileSketch,
  sensitiveFindings,
  TableDescriber,
} from './index.ts';
import { patternOf } from './value-patterns.ts';

/** A seeded stream of doubles in [0, 1). */
function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('the quantile sketch', () => {
  const orders: [string, (count: number) => number[]][] = [
    ['rising', (count) => Array.from({ length: count }, (_, at) => at)],
    ['falling', (count) => Array.from({ length: count }, (_, at) => count - at)],
    ['random', (count) => Array.from({ length: count }, stream(5))],
    ['zigzag', (count) => Array.from({ length: count }, (_, at) => (at % 2 === 0 ? at : -at))],
    ['few values', (count) => Array.from({ length: count }, (_, at) => at % 5)],
  ];
  it.each(orders)('keeps every rank within what it says, for %s values', (_, make) => {
    const values = make(100_000);
    const sketch = new QuantileSketch(256);
    for (const value of values) sketch.add(value);
    const sorted = [...values].sort((a, b) => a - b);
    expect(sketch.rankErrorShare).toBeGreaterThan(0);
    expect(sketch.rankErrorShare).toBeLessThan(Math.ceil(Math.log2(100_000 / 256)) / 256 + 0.01);
    const allowed = sketch.rankErrorShare * values.length;
    for (let at = 0; at < sorted.length; at += 997) {
      const value = sorted[at]!;
      const rank = values.filter((one) => one <= value).length;
      expect(Math.abs(sketch.rank(value) - rank)).toBeLessThanOrEqual(allowed);
    }
    for (const share of [0, 0.01, 0.25, 0.5, 0.9, 1]) {
      const answer = sketch.quantile(share);
      const below = values.filter((one) => one < answer).length;
      const upTo = values.filter((one) => one <= answer).length;
      expect(below).toBeLessThanOrEqual(share * values.length + allowed + 1);
      expect(upTo).toBeGreaterThanOrEqual(share * values.length - allowed - 1);
    }
  });

  it('is exact while it holds everything', () => {
    const sketch = new QuantileSketch(64);
    for (const value of [5, 1, 3, 2, 4]) sketch.add(value);
    expect([0, 0.2, 0.21, 0.5, 0.8, 1].map((share) => sketch.quantile(share))).toEqual([1, 1, 2, 3, 4, 5]);
    expect(sketch.rankErrorShare).toBe(0);
    expect(new QuantileSketch(64).quantile(0.5)).toBeNaN();
    expect(() => new QuantileSketch(7)).toThrow(ParameterError);
  });
});

describe('the count of distinct values', () => {
  it('is exact for few and within five standard errors for many, numbers and texts', () => {
    for (const count of [1, 100, 4096, 5000, 20_000, 200_000]) {
      const numbers = new DistinctCounter();
      const texts = new DistinctCounter();
      for (let round = 0; round < 2; round += 1) {
        for (let at = 0; at < count; at += 1) {
          numbers.addNumber(at * 0.37);
          texts.addText(`person ${at}`);
        }
      }
      for (const one of [numbers.conclude(), texts.conclude()]) {
        expect(one.exact).toBe(count <= 4096);
        if (one.exact) expect(one.count).toBe(count);
        else expect(Math.abs(one.count / count - 1)).toBeLessThan(5 * 0.01625);
      }
    }
  });
});

describe('frequent texts', () => {
  it('are never counted too high, and too low by at most what is said', () => {
    const random = stream(9);
    const frequent = new FrequentTexts();
    const truth = new Map<string, number>();
    for (let at = 0; at < 60_000; at += 1) {
      const text = random() < 0.3 ? `often ${Math.floor(random() * 5)}` : `rare ${Math.floor(random() * 1e9)}`;
      truth.set(text, (truth.get(text) ?? 0) + 1);
      frequent.add(text, 1);
    }
    expect(frequent.undercount).toBeGreaterThan(0);
    const top = frequent.top(5);
    expect(top.map(({ text }) => text).sort()).toEqual(['often 0', 'often 1', 'often 2', 'often 3', 'often 4']);
    for (const { text, count } of top) {
      expect(count).toBeLessThanOrEqual(truth.get(text) ?? 0);
      expect(count + frequent.undercount).toBeGreaterThanOrEqual(truth.get(text) ?? 0);
    }
  });
});

describe('moments', () => {
  it('keep their digits where the mean is large and the spread small', () => {
    const moments = new Moments();
    moments.addAll([1e9 + 4, 1e9 + 7, Number.NaN]);
    moments.addAll([1e9 + 13, 1e9 + 16]);
    moments.addAll([Number.NaN]);
    expect([moments.count, moments.mean, moments.minimum, moments.maximum]).toEqual([4, 1e9 + 10, 1e9 + 4, 1e9 + 16]);
    expect(moments.stddev).toBeCloseTo(Math.sqrt(30), 9);
  });
});

const schema: Schema = {
  columns: [
    { name: 'age', type: 'integer' },
    { name: 'town', type: 'category' },
    { name: 'born', type: 'date' },
  ],
};

describe('a description', () => {
  const rows: Cell[][] = Array.from({ length: 1000 }, (_, at) => [
    at % 10 === 9 ? null : at % 50,
    at % 4 === 0 ? 'Bern' : at % 4 === 1 ? 'Chur' : at % 4 === 2 ? 'Biel' : null,
    `19${String(10 + (at % 80))}-01-01`,
  ]);
  const table = tableFromRows(schema, rows);

  it('agrees with a naive count', () => {
    const [age, town, born] = describeTable(table, { bins: 5, top: 2 }).columns;
    const ages = rows.map(([one]) => one).filter((one): one is number => typeof one === 'number');
    expect(age).toMatchObject({ rows: 1000, missing: 100, distinct: { count: 45, exact: true } });
    expect(age?.numbers?.mean).toBeCloseTo(ages.reduce((sum, one) => sum + one, 0) / ages.length, 10);
    const { minimum, maximum, histogram } = age!.numbers!;
    expect([minimum, maximum]).toEqual([0, 48]);
    expect(histogram.reduce((sum, bin) => sum + bin.count, 0)).toBe(900);
    for (const { from, to, count } of histogram) {
      expect(count).toBe(ages.filter((one) => (one > from || (from === 0 && one === 0)) && one <= to).length);
    }
    expect(town).toMatchObject({
      missing: 250,
      categories: {
        top: [
          { text: 'Bern', count: 250 },
          { text: 'Chur', count: 250 },
        ],
        undercount: 0,
        shortest: 4,
        longest: 4,
      },
    });
    expect(new Date(born?.numbers?.minimum ?? 0).toISOString()).toBe('1910-01-01T00:00:00.000Z');
  });

  it('is the same in batches as at once, but for the estimates', () => {
    const describer = new TableDescriber();
    for (let start = 0; start < 1000; start += 137) {
      const length = Math.min(137, 1000 - start);
      describer.add(
        selectRows(
          table,
          Array.from({ length }, (_, at) => start + at),
        ),
      );
    }
    const whole = describeTable(table);
    const parts = describer.conclude();
    expect(parts.columns.map(({ numbers, ...rest }) => [rest, numbers?.quantiles, numbers?.histogram])).toEqual(
      whole.columns.map(({ numbers, ...rest }) => [rest, numbers?.quantiles, numbers?.histogram]),
    );
    expect(rowsOf(table)).toEqual(rows);
  });

  it('of columns without a value says only that', () => {
    const empty = describeTable(tableFromRows(schema, [[null, null, null]]));
    expect(
      empty.columns.map(({ missing, distinct, numbers, categories }) => [missing, distinct.count, numbers, categories]),
    ).toEqual([
      [1, 0, undefined, undefined],
      [1, 0, undefined, undefined],
      [1, 0, undefined, undefined],
    ]);
  });
});

describe('sensitive columns', () => {
  const found = (name: string, sample: readonly string[] = [], more: object = {}): string[] => {
    const rows = 1000;
    return sensitiveFindings({ name, type: 'category', rows, filled: rows, distinct: 10, sample, ...more }).map(
      (one) => one.paragraph,
    );
  };

  it.each([
    ['Surname', 'A'],
    ['patient_name', 'A'],
    ['homeAddress', 'B'],
    ['zip', 'B'],
    ['dateOfBirth', 'C'],
    ['DOB', 'C'],
    ['mobile_phone', 'D'],
    ['Fax', 'E'],
    ['e-mail', 'F'],
    ['SSN', 'G'],
    ['MRN', 'H'],
    ['beneficiary', 'I'],
    ['IBAN', 'J'],
    ['driver_license', 'K'],
    ['VIN', 'L'],
    ['imei', 'M'],
    ['website', 'N'],
    ['client_ip', 'O'],
    ['fingerprint', 'P'],
    ['photo', 'Q'],
    ['user_id', 'R'],
  ])('%s is paragraph %s by its name', (name, paragraph) => {
    expect(found(name)).toContain(paragraph);
  });

  it.each([
    ['e-mail', ['a@example.org', 'b.c@example.com']],
    ['telephone', ['+41 44 123 45 67', '(212) 555-0187', '0171 123 45 67']],
    ['social security number', ['078-05-1120', '756.9217.0769.85', 'AB 12 34 56 C']],
    ['bank account', ['GB82 WEST 1234 5698 7654 32', 'DE89370400440532013000']],
    ['payment card', ['4111 1111 1111 1111', '5555555555554444']],
    [
      'vehicle',
      ['1M8GDM9AXKP042788', '11111111111111111'.replace(/^1/, 'A').replace(/^A/, '1M8GDM9AXKP042788').slice(0, 17)],
    ],
    ['device', ['00:1A:2b:3C:4d:5E']],
    ['url', ['https://example.org/x?y', 'www.example.org']],
    ['ip address', ['192.168.0.1', '2001:db8::8a2e:370:7334']],
    ['coordinates', ['47.3769, 8.5417', '-33.8688;151.2093']],
    ['postcode', ['12345-6789', 'SW1A 1AA']],
    ['street address', ['221b Baker Street', 'Bahnhofstrasse 12']],
    ['unique code', ['123e4567-e89b-12d3-a456-426614174000']],
  ] as const)('a value is a %s by its form', (pattern, texts) => {
    for (const text of texts) expect([text, patternOf(text)]).toEqual([text, pattern]);
  });

  it.each([
    'GB82 WEST 1234 5698 7654 33',
    '4111 1111 1111 1112',
    '1M8GDM9A1KP042788',
    '756.9217.0769.86',
    '666-12-3456',
    '12:30:15',
    '1.2.3',
    '999.1.1.1',
    'State-gov',
    '39',
    'Bachelors',
    'a@b',
  ])('%s is nothing of the kind: check digits and ranges count', (text) => {
    expect(patternOf(text)).toBeUndefined();
  });

  it('are found by their values behind harmless names, with the evidence', () => {
    const texts = Array.from({ length: 50 }, (_, at) => (at % 3 === 0 ? `person${at}@example.org` : `note ${at}`));
    const [finding] = sensitiveFindings({
      name: 'remarks',
      type: 'category',
      rows: 50,
      filled: 50,
      distinct: 30,
      sample: texts,
    });
    expect(finding).toEqual({
      identifier: 'e-mail addresses',
      paragraph: 'F',
      evidence: '17 of 50 different values looked at read like e-mails',
    });
  });

  it('are flagged where every row has a value of its own, where ages pass 89, and where dates are exact', () => {
    expect(found('code', [], { distinct: 1000 })).toEqual(['R']);
    expect(found('age', [], { type: 'integer', minimum: 0, maximum: 90 })).toEqual(['C']);
    expect(found('age', [], { type: 'integer', minimum: 0, maximum: 89 })).toEqual([]);
    expect(found('when', [], { type: 'date' })).toEqual(['C']);
    expect(
      found(
        'x',
        Array.from({ length: 30 }, (_, at) => `Ada ${String.fromCharCode(65 + (at % 26))}ovelace`),
        { distinct: 500 },
      ),
    ).toEqual(['A']);
  });

  it('are not seen in the columns of Adult', () => {
    const names =
      'workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,capital-gain,capital-loss,hours-per-week,native-country,income';
    for (const name of names.split(',')) expect([name, found(name)]).toEqual([name, []]);
  });
});
