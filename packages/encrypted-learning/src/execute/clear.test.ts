import { expect, it } from 'vitest';
import { circuit } from '../circuit/circuit.ts';
import { BoundExceeded } from './bound.ts';
import { clearExecutor } from './clear.ts';
import { inputsFrom } from './executor.ts';

const SLOTS = 8;
const x = Float64Array.from([0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8]);
const y = Float64Array.from([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]);

it('every operation does slot by slot what it says', async () => {
  const made = circuit('all', SLOTS, (c) => {
    const a = c.input('a');
    const b = c.input('b');
    const w = c.plainInput('w', { magnitude: 2 });
    c.output('add', c.add(a, b));
    c.output('subtract', c.subtract(a, b));
    c.output('negate', c.negate(a));
    c.output('sum', c.sum([a, b, a]));
    c.output('add plain', c.addPlain(a, [1, 2]));
    c.output('times', c.multiplyPlain(a, w));
    c.output(
      'combination',
      c.combination(
        [
          { value: a, factor: 2 },
          { value: b, factor: y },
        ],
        0.5,
      ),
    );
    c.output(
      'product',
      c.sumOfProducts([
        [a, b],
        [a, a],
      ]),
    );
    c.output('rotate', c.rotate(a, -1));
    c.output('inner', c.innerSum(a, 3));
    c.output('strided', c.innerSum(a, 4, 2));
    c.output(
      'matrix',
      c.transform(
        a,
        new Map([
          [0, y],
          [1, x],
        ]),
      ),
    );
    c.output('polynomial', c.polynomial(a, [1, 2, 3]));
    c.output('refresh', c.declare(c.refresh(a), 0.8, 'it is an input'));
  });
  const out = await clearExecutor(made).run(inputsFrom({ a: x, b: y }, { w: [2, 2, 2] }));
  const expected: Record<string, (j: number) => number> = {
    add: (j) => x[j] + y[j],
    subtract: (j) => x[j] - y[j],
    negate: (j) => -x[j],
    sum: (j) => 2 * x[j] + y[j],
    'add plain': (j) => x[j] + ([1, 2][j] ?? 0),
    times: (j) => (j < 3 ? 2 * x[j] : 0),
    combination: (j) => 2 * x[j] + y[j] ** 2 + 0.5,
    product: (j) => x[j] * y[j] + x[j] ** 2,
    rotate: (j) => x[(j + 7) % 8],
    inner: (j) => x[j] + x[(j + 1) % 8] + x[(j + 2) % 8],
    strided: (j) => x[j] + x[(j + 2) % 8] + x[(j + 4) % 8] + x[(j + 6) % 8],
    matrix: (j) => y[j] * x[j] + x[j] * x[(j + 1) % 8],
    polynomial: (j) => 1 + 2 * x[j] + 3 * x[j] ** 2,
    refresh: (j) => x[j],
  };
  expect([...out.keys()]).toEqual(Object.keys(expected));
  for (const [name, values] of out) {
    values.forEach((value, j) => {
      expect(value, `${name}, slot ${j}`).toBeCloseTo(expected[name](j), 12);
    });
  }
});

it('a bound that does not hold is found in the clear, with its section', async () => {
  const made = circuit('bound', SLOTS, (c) => {
    const a = c.input('a');
    c.section('iteration 2', () => c.output('out', c.declare(c.multiplyPlain(a, 10), 7.5, 'somebody said so')));
  });
  const run = clearExecutor(made).run(inputsFrom({ a: x }));
  await expect(run).rejects.toThrow(BoundExceeded);
  await expect(run).rejects.toThrow('7.5 in iteration 2, although somebody said so');
  const loose = await clearExecutor(made, { bounds: 'ignored' }).run(inputsFrom({ a: x }));
  expect(loose.get('out')?.[7]).toBe(-8);
});

it('inputs beyond their declaration, missing or too long are refused', async () => {
  const made = circuit('inputs', SLOTS, (c) => {
    const w = c.plainInput('w');
    c.output('out', c.multiplyPlain(c.input('a', { magnitude: 0.5 }), w));
  });
  const run = (a: Float64Array, plain: Record<string, readonly number[]>): Promise<unknown> =>
    clearExecutor(made).run(inputsFrom({ a }, plain));
  await expect(run(x, { w: [1] })).rejects.toThrow('exceeds 0.5');
  await expect(run(new Float64Array(9), { w: [1] })).rejects.toThrow('9 numbers');
  await expect(run(new Float64Array(8), {})).rejects.toThrow('input w');
  await expect(run(new Float64Array(8), { w: [0, Number.NaN] })).rejects.toThrow('slot 1');
  await expect(clearExecutor(made).run(inputsFrom({}, { w: [1] }))).rejects.toThrow('input a');
});

it('inputs are asked for once, when they are first needed, and progress ends at its total', async () => {
  const asked: string[] = [];
  const made = circuit('order', SLOTS, (c) => {
    const a = c.input('a');
    const b = c.input('b');
    const first = c.section('first', () => c.square(a));
    c.output(
      'out',
      c.section('second', () => c.add(c.multiply(first, b), a)),
    );
  });
  const seen: string[] = [];
  await clearExecutor(made).run(
    {
      encrypted: (name) => {
        asked.push(name);
        return x;
      },
    },
    { onProgress: ({ done, total, section }) => seen.push(`${done}/${total} ${section}`) },
  );
  expect(asked).toEqual(['a', 'b']);
  expect(seen.at(0)).toBe('0/5 ');
  expect(seen.at(-1)).toBe('5/5 ');
});
