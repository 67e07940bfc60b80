import { nodePrimitives } from '@sumus/platform/node';
import { expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { primesBelow, ring, toCoefficients, toIntegers } from '../ring/index.ts';
import * as door from './index.ts';

const primitives = nodePrimitives();
const engines = [await wasmEngine(), referenceEngine()];
const N = 1024;
const stream = (index: number): door.RandomStream =>
  new door.RandomStream(primitives, new Uint8Array(32).fill(7), 'test', index);
const rings = engines.map((engine) => ring(engine, N, primesBelow(2 ** 30, 3, N)));
const deviation = (values: readonly bigint[]): number =>
  Math.sqrt(values.reduce((sum, x) => sum + Number(x) ** 2, 0) / values.length);

it('draws whole polynomials from a stream alone, the same in both engines', () => {
  const [a, b] = rings.map((r) => [
    door.uniformPolynomial(r, stream(1)).residues,
    door.smallPolynomial(r, stream(2), door.TERNARY).residues,
    door.smallPolynomial(r, stream(3), { kind: 'discreteGaussian', stddev: 4.5 }).residues,
    door.smudgingPolynomial(r, stream(4), 60).residues,
  ]);
  expect(a).toEqual(b);
});

it('draws what it says: one integer modulo all primes, of the deviation asked for and not 1.2 times that', () => {
  const [r] = rings;
  const small = toIntegers(door.smallPolynomial(r, stream(5), door.CENTRED_BINOMIAL_21));
  const wide = toIntegers(door.smudgingPolynomial(r, stream(6), 50));
  // 1024 samples: five deviations are ± 11 %.
  for (const [values, sigma] of [
    [small, Math.sqrt(10.5)],
    [wide, 2 ** 50],
  ] as const) {
    expect(Math.abs(deviation(values) / sigma - 1)).toBeLessThan(0.11);
    expect(Math.abs(deviation(values) / (1.2 * sigma) - 1)).toBeGreaterThan(0.11);
  }
  expect(new Set(toIntegers(door.smallPolynomial(r, stream(7), door.TERNARY)))).toEqual(new Set([-1n, 0n, 1n]));
  const uniform = toIntegers(toCoefficients(door.uniformPolynomial(r, stream(8))));
  expect(Math.log2(deviation(uniform)) - (90 - Math.log2(12) / 2)).toBeCloseTo(0, 0);
});

it('expands a public seed as everybody does: it is the uniform polynomial of the stream for it', () => {
  const [r] = rings;
  const seed = new Uint8Array(32).fill(9);
  const drawn = door.uniformPolynomial(r, new door.RandomStream(primitives, seed, 'publ', 3));
  expect(drawn.residues).toEqual(door.expandUniform(r, primitives, seed, 3).residues);
});

it('refuses noise that has no deviation, and distributions there are not', () => {
  const [r] = rings;
  for (const log2 of [-1, Number.NaN, 200]) {
    expect(() => door.smudgingPolynomial(r, stream(1), log2)).toThrow(ParameterError);
  }
  expect(() => door.smallPolynomial(r, stream(1), { kind: 'centredBinomial', eta: 100.5 })).toThrow(ParameterError);
});
