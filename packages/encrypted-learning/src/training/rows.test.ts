import { describe, expect, it } from 'vitest';
import { CheckedRows, checkRows, selectRows } from './rows.ts';

const good = {
  features: Float64Array.of(0.6, 0.8, 0, 1),
  columns: 2,
  labels: Float64Array.of(0, 1),
  normBound: 1,
  labelSet: 'binary',
} as const;

describe('rows', () => {
  it('take rows of exactly B', () => {
    expect(checkRows(good).count).toBe(2);
  });

  it('refuse a row longer than B, by its number and not its values', () => {
    const features = Float64Array.of(0.6, 0.8, 0.1, 1);
    expect(() => checkRows({ ...good, features })).toThrow(/row 1 is longer than B = 1/);
    expect(() => checkRows({ ...good, features })).not.toThrow(/0\.1/);
  });

  it('refuse features that are not finite', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => checkRows({ ...good, features: Float64Array.of(bad, 0, 0, 0) })).toThrow(
        /row 0 .* not a finite number/,
      );
    }
  });

  it('refuse labels outside the set', () => {
    expect(() => checkRows({ ...good, labels: Float64Array.of(0, 2) })).toThrow(/label of row 1 is not 0 or 1/);
    expect(() => checkRows({ ...good, labels: Float64Array.of(0, 2), labelSet: 1.5 })).toThrow(/within ±1.5/);
    expect(() => checkRows({ ...good, labels: Float64Array.of(0, Number.NaN), labelSet: 1.5 })).toThrow(/within ±1.5/);
  });

  it('refuse lengths that do not fit, and rows that do not exist', () => {
    expect(() => checkRows({ ...good, columns: 3 })).toThrow(/2 labels for/);
    expect(() => checkRows({ ...good, normBound: 0 })).toThrow(/norm bound/);
    expect(() => selectRows(checkRows(good), [2])).toThrow(/no row 2/);
  });

  it('cannot be made by hand, printed by accident or taken for what merely looks like them', () => {
    const rows = checkRows(good);
    expect(CheckedRows.areChecked(rows)).toBe(true);
    expect(CheckedRows.areChecked({ ...rows })).toBe(false);
    expect(() => JSON.stringify(rows)).toThrow(/not serialised/);
  });
});
