import { expect, it } from 'vitest';
import { circuit, inputsOf } from './circuit.ts';
import { largestOn, magnitudesOf } from './magnitude.ts';
import { measure } from './measure.ts';

it('depth is the deepest way, sums and rotations cost none, and the way is told', () => {
  const made = circuit('depth', 16, (c) => {
    const a = c.input('a');
    const b = c.input('b');
    const z = c.section('scores', () => c.innerSum(c.multiply(a, b), 16));
    const s = c.section('sigmoid', () => c.polynomial(z, [0.5, 0.2, 0, -0.01, 0, 0, 0, 0.001]));
    c.output('out', c.multiplyPlain(c.multiplyPlain(c.rotate(s, 3), 5), 0.5));
  });
  const { depth, deepest, rotations, rotationSteps, products, relinearisations, plainProducts } = measure(made);
  expect(depth).toBe(5);
  expect(deepest).toEqual([
    { section: 'scores', what: 'product', levels: 1 },
    { section: 'sigmoid', what: 'polynomial of degree 7', levels: 3 },
    { section: '', what: 'product with a known number', levels: 1 },
  ]);
  expect(rotations).toBe(5);
  expect(rotationSteps).toEqual([1, 2, 3, 4, 8]);
  expect(products).toBe(relinearisations);
  expect(products).toBeGreaterThanOrEqual(4);
  expect(plainProducts).toBe(2);
});

it('a refresh cuts the depth', () => {
  const chain = (refreshAfter: number): number =>
    measure(
      circuit('chain', 4, (c) => {
        let x = c.input('x');
        for (let i = 0; i < 7; i++) {
          x = c.square(x);
          if (i === refreshAfter) x = c.refresh(x);
        }
        c.output('out', x);
      }),
    ).depth;
  expect(chain(-1)).toBe(7);
  expect(chain(3)).toBe(4);
  expect(chain(0)).toBe(6);
});

it('magnitudes are worst cases of every operation', () => {
  const made = circuit('magnitudes', 4, (c) => {
    const a = c.input('a', { magnitude: 2 });
    const product = c.sumOfProducts([
      [a, a],
      [a, a],
    ]);
    const sum = c.innerSum(product, 4);
    const matrix = c.transform(
      sum,
      new Map([
        [0, [1, -2, 0, 0]],
        [1, [1, 1, 0, 0]],
      ]),
    );
    c.output('out', c.declare(matrix, 5, 'test'));
  });
  expect(magnitudesOf(made)).toEqual([2, 8, 32, 96, 5]);
});

it('the bound of a polynomial holds everywhere on its interval and is no sum of absolute values', () => {
  const sigmoid = [0.5, 1.735, 0, -4.19, 0, 5.43, 0, -2.5];
  const bound = largestOn(sigmoid, 1);
  let largest = 0;
  for (let x = -1; x <= 1; x += 1e-5) {
    largest = Math.max(largest, Math.abs(sigmoid.reduceRight((sum, c) => sum * x + c, 0)));
  }
  expect(largest).toBeLessThanOrEqual(bound);
  expect(bound).toBeLessThan(1.1);
  expect(largestOn([0, 1], 8)).toBe(8);
});

it('inputs tell their packing; what nothing depends on is refused', () => {
  const made = circuit('packing', 4, (c) => {
    c.output('out', c.input('rows', { magnitude: 3, packing: 'one row after another' }));
  });
  expect(inputsOf(made)).toEqual([{ name: 'rows', at: 0, magnitude: 3, packing: 'one row after another' }]);
  expect(() => circuit('unused', 4, (c) => [c.input('a'), c.output('out', c.input('b'))])).toThrow('input a');
  expect(() => circuit('silent', 4, (c) => c.input('a'))).toThrow('no output');
});

it('refuses wires of another circuit, names used twice, bad numbers and a builder that is finished', () => {
  expect(() => circuit('slots', 6, () => undefined)).toThrow('power of two');
  circuit('outer', 4, (outer) => {
    const foreign = outer.input('a');
    outer.output('out', foreign);
    expect(() => circuit('inner', 4, (c) => c.square(foreign))).toThrow('another circuit');
    const weights = outer.plainInput('w');
    expect(() => circuit('inner', 4, (c) => c.multiplyPlain(c.input('b'), weights))).toThrow('another circuit');
    expect(() => outer.input('a')).toThrow('named twice');
    expect(() => outer.output('out', foreign)).toThrow('given twice');
    expect(() => outer.addPlain(foreign, Number.POSITIVE_INFINITY)).toThrow('not a finite');
    expect(() => outer.addPlain(foreign, [0, Number.NaN])).toThrow('slot 1');
    expect(() => outer.addPlain(foreign, new Float64Array(5))).toThrow('5 numbers');
    expect(() => outer.innerSum(foreign, 5)).toThrow('sum of 5');
    expect(() => outer.polynomial(foreign, [1])).toThrow('degree 0');
    expect(() => outer.declare(foreign, 0, 'no')).toThrow('positive');
  });
  let kept: Parameters<Parameters<typeof circuit>[2]>[0] | undefined;
  circuit('kept', 4, (c) => {
    kept = c;
    c.output('out', c.input('a'));
  });
  expect(() => kept?.input('late')).toThrow('finished');
});

it('a vector handed in again unchanged is one operand, a changed one is another', () => {
  const mask = new Float64Array([1, 0, 1, 0]);
  const made = circuit('mask', 4, (c) => {
    const a = c.input('a');
    const once = c.multiplyPlain(a, mask);
    const twice = c.multiplyPlain(once, mask);
    mask[1] = 1;
    c.output('out', c.multiplyPlain(twice, mask));
  });
  const plains = made.operations.flatMap((o) => (o.kind === 'combination' ? o.terms.map(({ factor }) => factor) : []));
  expect(plains[0]).toBe(plains[1]);
  expect(plains[2]).not.toBe(plains[1]);
});
