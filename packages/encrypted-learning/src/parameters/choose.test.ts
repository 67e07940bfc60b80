import { type CkksParameters, insecureCkksParameters, securityLimitBits } from '@sumus/lattice/parameters';
import { expect, it } from 'vitest';
import { type Circuit, circuit } from '../circuit/circuit.ts';
import { planFor } from './choose.ts';
import { explain } from './explain.ts';
import { plan } from './plan.ts';

const SIGMOID = [0.5, 1.735, 0, -4.19, 0, 5.43, 0, -2.5];

function iterations(count: number, refreshed: boolean): Circuit {
  return circuit(`${count} iterations`, 1024, (c) => {
    const rows = c.input('rows', { packing: '64 rows of 16 features' });
    let w = c.input('weights', { packing: 'the weights, repeated' });
    for (let i = 0; i < count; i++) {
      w = c.section(`iteration ${i + 1}`, () => {
        const z = c.declare(c.innerSum(c.multiply(rows, w), 16), 1, 'the interval of the sigmoid');
        const step = c.innerSum(c.multiply(c.polynomial(z, SIGMOID), rows), 64, 16);
        const moved = c.combination([
          { value: w, factor: 1 },
          { value: step, factor: 1 / 64 },
        ]);
        const kept = c.declare(moved, 1, 'projected');
        return refreshed && i + 1 < count ? c.refresh(kept) : kept;
      });
    }
    c.output('weights', w);
  });
}

it('takes the smallest degree whose chain holds the circuit, within the table', () => {
  const { parameters, levels, cost } = planFor(iterations(1, false));
  expect(Math.max(...levels)).toBe(6);
  expect(parameters.topLevel).toBe(6);
  expect(parameters.degree).toBe(16384);
  expect(parameters.secure).toBe(true);
  expect(parameters.modulusBits).toBeLessThanOrEqual(securityLimitBits(parameters.degree) ?? 0);
  expect(cost.precisionBits).toBeGreaterThan(12);
  expect(planFor(iterations(1, false), { smallestDegree: 32768 }).parameters.degree).toBe(32768);
});

it('takes one limb a level where two do not fit and the precision allows it', () => {
  const deep = iterations(4, false);
  expect(planFor(deep).parameters.degree).toBe(65536);
  expect(() => planFor(deep, { largestDegree: 32768, limbsPerLevel: 2 })).toThrow(
    /24 levels between refreshes.*A refresh between its 4 sections leaves about 6/,
  );
  expect(() => planFor(iterations(12, false))).toThrow(/73 levels/);
  expect(() =>
    planFor(
      circuit('square', 4, (c) => c.output('out', c.square(c.input('x')))),
      { precisionBits: 60 },
    ),
  ).toThrow(/bits of precision \(bound\)/);
});

it('a refresh makes any number of iterations as deep as one', () => {
  const refresh = {
    kind: 'owner',
    operandLevel: () => 0,
    resultLevel: (p: CkksParameters) => p.topLevel,
    errorStddev: () => 1e-9,
  } as const;
  const { parameters } = planFor(iterations(12, true), { refresh, noise: 'typical' });
  expect(() => planFor(iterations(12, true), { refresh })).toThrow(/no bits of precision \(bound\).*'typical'/);
  expect(parameters.degree).toBe(16384);
});

it('explains what goes in, what is done, and what it takes', () => {
  const text = explain(planFor(iterations(2, false)));
  expect(text).toContain('2 iterations: 1024 slots');
  expect(text).toContain('128-bit security');
  expect(text).toContain('the deepest way: iteration 1 6, iteration 2 6');
  expect(text).toContain('64 rows of 16 features');
  expect(text).toMatch(/keys +relinearisation, rotations by 1, 2, 4, 8, 16, 32, 64, 128, 256, 512;/);
  expect(text).toMatch(/at least \d+\.\d bits by the bound/);
});

it('slots follow the degree where the circuit is a function of them', () => {
  const asked: number[] = [];
  const { circuit: chosen, parameters } = planFor((slots) => {
    asked.push(slots);
    return circuit('squares', slots, (c) => c.output('out', c.square(c.square(c.square(c.input('x'))))));
  });
  expect(chosen.slots).toBe(parameters.slots);
  expect(asked.at(-1)).toBe(parameters.slots);
});

it('a plan whose errors may exceed every level is refused, unless it counts with what is met', () => {
  const parameters = insecureCkksParameters({
    degree: 4096,
    levels: 25,
    scaleBits: 28,
    limbsPerLevel: 1,
    baseLimbs: 2,
    digits: 4,
  });
  expect(() => plan(iterations(4, false), parameters)).toThrow(
    /error of output weights .* nobody could decrypt it; .*'typical'/,
  );
  expect(plan(iterations(4, false), parameters, { noise: 'typical' }).cost.typicalPrecisionBits).toBeGreaterThan(4);
});
