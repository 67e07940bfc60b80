import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, object, optional, problemLine, tagged } from './objects.ts';
import { at, flag, list, number, oneOf, orNull, type Schema, text, whole } from './schema.ts';

interface Point {
  readonly x: number;
  readonly label?: string;
}
type Shape = { readonly kind: 'round'; readonly radius: number } | { readonly kind: 'square'; readonly side: number };

const point: Schema<Point> = object<Point>({
  x: number({ above: 0, atMost: 10 }),
  label: optional(text({ atLeast: 1, atMost: 3 })),
});
const shape: Schema<Shape> = tagged('kind', {
  round: object<Extract<Shape, { kind: 'round' }>>({ kind: oneOf('round'), radius: whole(1, 9) }),
  square: object<Extract<Shape, { kind: 'square' }>>({ kind: oneOf('square'), side: whole(1, 9) }),
});

const linesOf = <T>(schema: Schema<T>, value: unknown): readonly string[] => {
  const read = check(schema, value);
  return read.kind === 'valid' ? [] : read.problems.map(problemLine);
};

describe('a schema and its type', () => {
  it('do not compile when a member is missing, too many, optional or of another type', () => {
    // @ts-expect-error: x is missing.
    object<Point>({ label: optional(text({ atMost: 3 })) });
    // @ts-expect-error: there is no y.
    object<Point>({ x: number({}), label: optional(text({ atMost: 3 })), y: flag });
    // @ts-expect-error: label may be left out.
    object<Point>({ x: number({}), label: text({ atMost: 3 }) });
    // @ts-expect-error: x may not.
    object<Point>({ x: optional(number({})), label: optional(text({ atMost: 3 })) });
    // @ts-expect-error: x is a number.
    object<Point>({ x: flag, label: optional(text({ atMost: 3 })) });
    // @ts-expect-error: a schema of fewer values is not exact.
    const narrow: Schema<'a' | 'b'> = oneOf('a');
    // @ts-expect-error: a variant is missing.
    const half: Schema<Shape> = tagged('kind', { round: shape });
    expect([narrow, half]).toHaveLength(2);
  });
});

describe('reading', () => {
  it('gives a frozen copy', () => {
    const value = { x: 1, label: 'a' };
    const read = check(point, value);
    expect(read).toEqual({ kind: 'valid', value });
    expect(read.kind === 'valid' && read.value !== value && Object.isFrozen(read.value)).toBe(true);
  });

  it('names every problem by its path and says what to do next', () => {
    const points = object<{ readonly all: readonly Point[] }>({ all: list(point, { atLeast: 1, atMost: 3 }) });
    expect(linesOf(points, { all: [{ x: 0 }, { x: 1, labl: 'a' }, 7] })).toEqual([
      'all[0].x is 0: write a number above 0 and at most 10',
      'all[1].labl is not known: did you mean label?',
      'all[2] is 7: write an object: { … }',
    ]);
    expect(linesOf(points, {})).toEqual(['all is missing: add "all"']);
    expect(linesOf(points, { all: [] })).toEqual(['all has 0 entries: write 1 to 3']);
  });

  it('lists the variants there are when a tag is unknown', () => {
    expect(linesOf(shape, { kind: 'oval' })).toEqual(['kind is "oval": write one of "round", "square"']);
    expect(linesOf(shape, { kind: 'toString' })).toHaveLength(1);
    expect(linesOf(shape, { kind: 'round', side: 3 })).toEqual([
      'side is not known: remove it; there is kind, radius',
      'radius is missing: add "radius"',
    ]);
  });

  it('says why a member that people would try is refused', () => {
    const closed = object<Point>(
      { x: number({}), label: optional(text({ atMost: 3 })) },
      { refused: { seed: { what: 'would be public', next: 'remove it' } } },
    );
    expect(linesOf(closed, { x: 1, seed: 2 })).toEqual(['seed would be public: remove it']);
  });

  it('refuses members of prototypes, lone surrogates, and keeps −0 out', () => {
    expect(linesOf(point, JSON.parse('{"x":1,"__proto__":{}}'))).toHaveLength(1);
    expect(linesOf(text({ atMost: 9 }), '\ud800')).toHaveLength(1);
    expect(check(number({}), -0)).toEqual({ kind: 'valid', value: 0 });
    expect(linesOf(number({}), Number.NaN)).toHaveLength(1);
    expect(linesOf(whole(0, 9), 1.5)).toHaveLength(1);
    expect(linesOf(orNull(flag), null)).toEqual([]);
  });

  it('takes any JSON value without throwing, and what it takes it takes again', () => {
    const points = list(point, { atLeast: 0, atMost: 9 });
    const isTakenAgain = <T>(schema: Schema<T>, value: unknown): void => {
      const read = check(schema, value);
      if (read.kind === 'valid') expect(check(schema, read.value)).toEqual(read);
      else expect(read.problems.length).toBeGreaterThan(0);
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        isTakenAgain(point, value);
        isTakenAgain(shape, value);
        isTakenAgain(points, value);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

it('writes paths as people write them', () => {
  expect(at(at(at('', 'metrics'), 1), 'name')).toBe('metrics[1].name');
});
