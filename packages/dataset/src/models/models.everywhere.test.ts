import { describe, expect, it } from 'vitest';
import { violationsOf } from '../check/check.ts';
import { groupRows } from '../generalisation/classes.ts';
import { quasiOf } from '../generalisation/dimensions.ts';
import { seeded } from '../generalisation/random-tables.contract.ts';
import { hierarchyOfRows } from '../hierarchies/hierarchy.ts';
import { classTestsOf, type SensitiveValues } from './class-tests.ts';
import { lnOfWhole } from './logarithms.ts';
import { checkedModel, type PrivacyModel } from './model.ts';

const labels = ['a', 'b', 'c', 'd', 'e'];
const tree = hierarchyOfRows('s', 'file', [
  ['a', 'x', 'u', '*'],
  ['b', 'x', 'u', '*'],
  ['c', 'y', 'u', '*'],
  ['d', 'z', 'v', '*'],
  ['e', 'z', 'v', '*'],
]);

/** Some classes with some sensitive values, from a seed. */
function sample(seed: number): { readonly classes: Uint32Array; readonly values: Uint32Array } {
  const below = seeded(seed);
  const rows = 6 + below(40);
  return {
    classes: Uint32Array.from({ length: rows }, () => below(4)),
    values: Uint32Array.from({ length: rows }, () => Math.min(below(5), below(5))),
  };
}

function verdicts(model: PrivacyModel, { classes, values }: ReturnType<typeof sample>): Map<string, boolean> {
  const names = ['0', '1', '2', '3'];
  const flat = hierarchyOfRows(
    'q',
    'file',
    names.map((name) => [name]),
  );
  const quasi = quasiOf([{ name: 'q', hierarchy: flat, codes: classes }]);
  const column: SensitiveValues = {
    name: 's',
    codes: values,
    labels,
    ordered: true,
    tree: { hierarchy: tree, baseOf: Uint32Array.of(0, 1, 2, 3, 4) },
  };
  const grouped = groupRows(quasi, [{ name: 's', codes: values, valueCount: 5 }]);
  const [test] = classTestsOf([model], [column], false);
  const found = new Map<string, boolean>();
  for (let row = 0; row < classes.length; row += 1) {
    found.set(String(classes[row]), test.holds(grouped.classes, grouped.classOfRow[row]));
  }
  return found;
}

const kinds: readonly ((x: number) => PrivacyModel)[] = [
  (x) => ({ kind: 'k-anonymity', k: 1 + Math.floor(x * 12) }),
  (x) => ({ kind: 'distinct-l-diversity', attribute: 's', l: 1 + Math.floor(x * 5) }),
  (x) => ({ kind: 'entropy-l-diversity', attribute: 's', l: 1.05 + x * 3 }),
  (x) => ({ kind: 'recursive-cl-diversity', attribute: 's', c: 0.3 + x * 4, l: 1 + Math.floor(x * 3) }),
  (x) => ({ kind: 't-closeness', attribute: 's', t: x, distance: 'equal' }),
  (x) => ({ kind: 't-closeness', attribute: 's', t: x / 2, distance: 'ordered' }),
  (x) => ({ kind: 't-closeness', attribute: 's', t: x / 2, distance: 'hierarchical' }),
  (x) => ({ kind: 'delta-disclosure', attribute: 's', delta: 0.1 + 3 * x, absent: 'ignored' }),
  (x) => ({ kind: 'delta-disclosure', attribute: 's', delta: 0.1 + 3 * x, absent: 'violates' }),
];

describe('the models as tests of a class', () => {
  it.each(
    kinds.map(
      (make) => [make(0.5).kind + ('distance' in make(0.5) ? ` ${JSON.stringify(make(0.5))}` : ''), make] as const,
    ),
  )('%s agrees with the checker on texts', (_, make) => {
    let [held, broken] = [0, 0];
    for (let seed = 1; seed <= 150; seed += 1) {
      const one = sample(seed);
      const model = make(((seed * 37) % 100) / 100);
      const rows = Array.from(one.classes, (at, row) => [String(at), labels[one.values[row]]]);
      const bad = new Set(
        violationsOf({
          columns: ['q', 's'],
          rows,
          quasiIdentifiers: ['q'],
          models: [model],
          orders: { s: labels },
          trees: {
            s: tree.labels[0].map((_text, base) => tree.codes.map((codes, level) => tree.labels[level][codes[base]])),
          },
        }).map(({ classTexts }) => classTexts[0]),
      );
      for (const [name, holds] of verdicts(model, one)) {
        expect(holds, `seed ${seed}, class ${name}`).toBe(!bad.has(name));
        if (holds) held += 1;
        else broken += 1;
      }
    }
    expect(Math.min(held, broken)).toBeGreaterThan(40);
  });

  it('measures the hierarchical distance as the cheapest way to move what is too much to where it lacks', () => {
    // Whole: a quarter each on a, b, c, d. Class: all on a. By hand: ¼ to b at 1/3, ¼ to c at 2/3, ¼ to d at 1.
    const values = Uint32Array.of(0, 0, 1, 2, 3, 1, 2, 3);
    const classes = Uint32Array.of(0, 0, 1, 1, 1, 1, 1, 1);
    const distance = (1 / 4) * (1 / 3) + (1 / 4) * (2 / 3) + 1 / 4;
    const at = (t: number) =>
      verdicts({ kind: 't-closeness', attribute: 's', t, distance: 'hierarchical' }, { classes, values }).get('0');
    expect(at(distance)).toBe(true);
    expect(at(distance - 1e-6)).toBe(false);
  });

  it.each([
    { kind: 'k-anonymity', k: 2.5 },
    { kind: 'delta-presence', least: 0.5, most: 0.4 },
    { kind: 't-closeness', attribute: 's', t: 1.1, distance: 'equal' },
    { kind: 'entropy-l-diversity', attribute: 's', l: 0.5 },
    { kind: 'recursive-cl-diversity', attribute: 's', c: 0, l: 2 },
    { kind: 'delta-disclosure', attribute: 's', delta: Number.NaN, absent: 'ignored' },
  ] as const)('refuses parameters without a meaning: %j', (model) => {
    expect(() => checkedModel(model)).toThrow(model.kind === 'k-anonymity' ? /whole number/ : /:/);
  });

  it('refuses a model about a column that is not there, and k-map without a population', () => {
    expect(() => classTestsOf([{ kind: 'distinct-l-diversity', attribute: 'x', l: 2 }], [], false)).toThrow(
      /not sensitive/,
    );
    expect(() => classTestsOf([{ kind: 'k-map', k: 2 }], [], false)).toThrow(/population/);
  });
});

describe('logarithms of whole numbers', () => {
  it('are the doubles nearest to the true ones, whatever the engine says', () => {
    // The first is where V8 is one unit off.
    expect(lnOfWhole(3)).toBe(1.0986122886681098);
    expect(lnOfWhole(1)).toBe(0);
    expect(lnOfWhole(2)).toBe(Math.LN2);
    expect(lnOfWhole(10)).toBe(Math.LN10);
    expect(lnOfWhole(5)).toBe(1.6094379124341003);
    expect(lnOfWhole(30_162)).toBe(10.31433813292063);
  });

  it('are never further from the engine than its own last place', () => {
    for (let n = 2; n < 70_000; n += 1) {
      expect(Math.abs(lnOfWhole(n) - Math.log(n)) <= 4e-16 * Math.log(n)).toBe(true);
    }
  });

  it('leave a class of three and three out of entropy 2-diversity, as correct rounding of its formula does', () => {
    const values = Uint32Array.of(0, 0, 0, 1, 1, 1);
    const classes = new Uint32Array(6);
    expect(verdicts({ kind: 'entropy-l-diversity', attribute: 's', l: 2 }, { classes, values }).get('0')).toBe(false);
    expect(verdicts({ kind: 'entropy-l-diversity', attribute: 's', l: 1.999 }, { classes, values }).get('0')).toBe(
      true,
    );
  });
});
