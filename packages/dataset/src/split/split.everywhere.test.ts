import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { type CategoricalColumn, categoriesOf } from '../table/index.ts';
import { apportioned, Draws, type PartitionRule, partitionRows, type RandomBytes, splitRows } from './index.ts';

/** A seeded source for the tests: splitmix32. */
function seeded(seed: number): RandomBytes {
  let state = seed >>> 0;
  return (sizeBytes) =>
    Uint8Array.from({ length: sizeBytes }, () => {
      state = (state + 0x9e3779b9) >>> 0;
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) & 255;
    });
}

const labels = (count: number, classes: number): CategoricalColumn =>
  categoriesOf(
    'label',
    Array.from({ length: count }, (_, row) => `class ${(row * row + row) % classes}`),
  );

const sizes = (parts: readonly { readonly length: number }[]): number[] => parts.map((part) => part.length);
const together = (parts: readonly Uint32Array[]): number[] => parts.flatMap((part) => [...part]).sort((a, b) => a - b);
const rows = (count: number): number[] => Array.from({ length: count }, (_, row) => row);

describe('a split', () => {
  it('puts every row into exactly one part, in the sizes asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        fc.nat(),
        (count, a, b, seed) => {
          const train = a / 100;
          const validation = Math.min(b / 100, 1 - train);
          const split = splitRows(count, { train, validation, test: 1 - train - validation }, seeded(seed));
          expect(together([split.train, split.validation, split.test])).toEqual(rows(count));
          expect(sizes([split.train, split.validation, split.test])).toEqual([
            ...apportioned(count, [train, validation, 1 - train - validation]),
          ]);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is the same from the same bytes and another from others', () => {
    const one = splitRows(1000, { train: 0.8, test: 0.2 }, seeded(1));
    expect(splitRows(1000, { train: 0.8, test: 0.2 }, seeded(1))).toEqual(one);
    expect(splitRows(1000, { train: 0.8, test: 0.2 }, seeded(2))).not.toEqual(one);
    // A known answer, so that a split stays what it was over the years.
    expect([...splitRows(12, { train: 0.5, validation: 0.25, test: 0.25 }, seeded(7)).test]).toMatchInlineSnapshot(`
      [
        1,
        2,
        8,
      ]
    `);
  });

  it('stratified keeps the shares of every class, rare ones too', () => {
    const column = categoriesOf(
      'label',
      rows(1000).map((row) => (row < 20 ? 'rare' : row < 300 ? 'some' : 'most')),
    );
    const split = splitRows(1000, { train: 0.7, validation: 0.1, test: 0.2 }, seeded(3), { stratifyBy: column });
    expect(together([split.train, split.validation, split.test])).toEqual(rows(1000));
    for (const [part, share] of [
      [split.train, 0.7],
      [split.validation, 0.1],
      [split.test, 0.2],
    ] as const) {
      expect(Math.abs(part.length - share * 1000)).toBeLessThanOrEqual(1);
      for (const [code, size] of [
        [0, 20],
        [1, 280],
        [2, 700],
      ] as const) {
        expect(
          Math.abs([...part].filter((row) => column.codes[row] === code).length - share * size),
        ).toBeLessThanOrEqual(1);
      }
    }
  });

  it('grouped never shares a group between parts, and comes near the shares', () => {
    const column = categoriesOf(
      'patient',
      rows(1000).map((row) => (row % 50 === 0 ? null : `p${Math.floor(row / 7)}`)),
    );
    const split = splitRows(1000, { train: 0.6, validation: 0.2, test: 0.2 }, seeded(4), { groupBy: column });
    const parts = [split.train, split.validation, split.test];
    expect(together(parts)).toEqual(rows(1000));
    const groups = parts.map(
      (part) => new Set([...part].map((row) => column.codes[row]).filter((code) => code !== -1)),
    );
    for (const code of groups[0]!) expect(groups[1]!.has(code) || groups[2]!.has(code)).toBe(false);
    for (const code of groups[1]!) expect(groups[2]!.has(code)).toBe(false);
    for (const [at, share] of [0.6, 0.2, 0.2].entries())
      expect(Math.abs(parts[at]!.length - 1000 * share)).toBeLessThanOrEqual(7);
  });

  it('refuses shares that do not add up, and what contradicts itself', () => {
    expect(() => splitRows(10, { train: 0.8, test: 0.3 }, seeded(1))).toThrow(ParameterError);
    expect(() => splitRows(10, { train: 1.2, test: -0.2 }, seeded(1))).toThrow(ParameterError);
    const column = labels(10, 2);
    expect(() => splitRows(10, { train: 0.5, test: 0.5 }, seeded(1), { stratifyBy: column, groupBy: column })).toThrow(
      /not both/,
    );
    expect(() => splitRows(9, { train: 0.5, test: 0.5 }, seeded(1), { stratifyBy: column })).toThrow(/other rows/);
  });
});

describe('a partition', () => {
  const label = labels(600, 10);
  const rules: [string, PartitionRule][] = [
    ['iid', { kind: 'iid', participants: 7 }],
    ['Dirichlet', { kind: 'dirichlet', participants: 7, concentration: 0.3, label, atLeast: 5 }],
    ['shards', { kind: 'shards', participants: 7, shardsEach: 3, label }],
    ['column', { kind: 'column', column: label }],
  ];
  it.each(rules)('by %s gives every row to exactly one participant', (_, rule) => {
    const parts = partitionRows(600, rule, seeded(5));
    expect(together(parts.map((part) => part.rows))).toEqual(rows(600));
    expect(new Set(parts.map((part) => part.name)).size).toBe(parts.length);
  });

  it('iid is even; shards leave each participant few classes; by column leaves each one', () => {
    expect(sizes(partitionRows(600, { kind: 'iid', participants: 7 }, seeded(6)).map((part) => part.rows))).toEqual([
      86, 86, 86, 86, 86, 85, 85,
    ]);
    const classes = (part: { rows: Uint32Array }): number =>
      new Set([...part.rows].map((row) => label.codes[row])).size;
    const dealt = partitionRows(600, { kind: 'shards', participants: 10, shardsEach: 2, label }, seeded(6));
    for (const part of dealt) expect(classes(part)).toBeLessThanOrEqual(4);
    for (const part of partitionRows(600, { kind: 'column', column: label }, seeded(6))) {
      expect([classes(part), part.name]).toEqual([1, label.dictionary[label.codes[part.rows[0]!]!]]);
    }
  });

  it('by Dirichlet keeps the least number of rows, or says that it cannot', () => {
    for (const part of partitionRows(
      600,
      { kind: 'dirichlet', participants: 10, concentration: 0.1, label, atLeast: 10 },
      seeded(8),
    )) {
      expect(part.rows.length).toBeGreaterThanOrEqual(10);
    }
    const hopeless = { kind: 'dirichlet', participants: 60, concentration: 0.001, label, atLeast: 9 } as const;
    expect(() => partitionRows(600, hopeless, seeded(8))).toThrow(/raise the concentration/);
    expect(() => partitionRows(5, { kind: 'iid', participants: 6 }, seeded(1))).toThrow(ParameterError);
  });
});

describe('draws', () => {
  const samples = 20_000;

  /** Whether a share's variance over many draws fits Dirichlet(α) of k parts: Var = (k − 1) / (k² (k α + 1)), within 5 standard errors. */
  function fits(draws: Draws, drawn: number, claimed: number, parts: number): boolean {
    const shares = Array.from({ length: samples }, () => draws.dirichlet(drawn, parts)[0]!);
    const squares = shares.map((share) => (share - 1 / parts) ** 2);
    const variance = squares.reduce((sum, one) => sum + one, 0) / samples;
    const spread = Math.sqrt(squares.reduce((sum, one) => sum + (one - variance) ** 2, 0) / samples / samples);
    const expected = (parts - 1) / (parts * parts * (parts * claimed + 1));
    const mean = shares.reduce((sum, one) => sum + one, 0) / samples;
    return Math.abs(variance - expected) < 5 * spread && Math.abs(mean - 1 / parts) < 5 * Math.sqrt(expected / samples);
  }

  it.each([0.1, 0.5, 1, 5])(
    'of Dirichlet(%s) have its variance, and not that of a deviation 1.2 times as large',
    (concentration) => {
      const parts = 5;
      expect(fits(new Draws(seeded(11)), concentration, concentration, parts)).toBe(true);
      // The concentration whose variance is 1.44 times as large.
      const other = ((parts * concentration + 1) / 1.44 - 1) / parts;
      const wrong = other > 0 ? other : ((parts * concentration + 1) * 1.44 - 1) / parts;
      expect(fits(new Draws(seeded(11)), wrong, concentration, parts)).toBe(false);
    },
  );

  it('below a limit are uniform: χ² accepts them and rejects the remainder of a word', () => {
    const limit = 3 * 2 ** 30;
    const draws = new Draws(seeded(12));
    const chiSquare = (draw: () => number): number => {
      const counts = [0, 0, 0];
      for (let at = 0; at < 30_000; at += 1) counts[Math.floor(draw() / 2 ** 30)]! += 1;
      return counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    };
    // Two degrees of freedom: beyond 27.7 with probability 1e-6.
    expect(chiSquare(() => draws.below(limit))).toBeLessThan(27.7);
    expect(chiSquare(() => draws.below(2 ** 32) % limit)).toBeGreaterThan(27.7);
    expect(() => draws.below(0)).toThrow(ParameterError);
  });

  it('survive a concentration at which the variates underflow', () => {
    const shares = new Draws(seeded(13)).dirichlet(1e-3, 4);
    expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
    expect([...shares].every((one) => one >= 0 && one <= 1)).toBe(true);
  });

  it('and apportioning hand out every seat, by largest remainder', () => {
    expect([...apportioned(10, [1, 1, 1])]).toEqual([4, 3, 3]);
    expect([...apportioned(7, [0.5, 0.25, 0.25])]).toEqual([3, 2, 2]);
    expect([...apportioned(0, [1, 2])]).toEqual([0, 0]);
    expect(() => apportioned(1, [0, 0])).toThrow(ParameterError);
  });
});
