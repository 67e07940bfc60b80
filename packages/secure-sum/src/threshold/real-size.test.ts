// Threshold sums at their real size: N = 8192, seven primes of just under 30 bits, 128-bit security, 40 statistical bits.

import { nodePrimitives } from '@sumus/platform/node';
import { expect, it } from 'vitest';
import { thresholdParameters } from './parameters.ts';
import { sumThrough } from './sum-through.contract.ts';
import { found, plainSum, valuesOfSilo, worldOf } from './threshold-world.contract.ts';

it('five silos found a key, four of them open an exact sum of 60,000 values of 16 bits', async () => {
  const literal = { degree: 8192, primeCount: 7, vectorLength: 60_000, maximumContributors: 10, sums: 100 };
  const world = await worldOf(nodePrimitives(), literal, { make: thresholdParameters });
  const { integers } = world.parameters.lattice;
  expect(integers.secure).toBe(true);
  expect({ lanes: integers.lanes, laneBits: integers.laneBits }).toEqual({ lanes: 7, laneBits: 20 });
  expect(world.parameters.ciphertextsPerVector).toBe(2);
  const founded = await found(world);
  const run = { round: 1, contributors: [0, 1, 2, 3, 4], activeSet: [1, 2, 3, 5] };
  const { result } = await sumThrough(founded, founded.states, run);
  expect(result?.sum).toEqual(plainSum(run.contributors.map((index) => valuesOfSilo(founded, index))));
});
