import { describe, expect, it } from 'vitest';
import { gaussianOf, norm, numbers, vectorWithin } from './brute-force.contract.ts';
import { networkBound, polynomialNetworkBound } from './lipschitz-layers.ts';

type Matrix = readonly (readonly number[])[];

const apply = (w: Matrix, x: readonly number[]): number[] =>
  w.map((row) => row.reduce((sum, one, k) => sum + one * x[k]!, 0));
const back = (w: Matrix, g: readonly number[]): number[] =>
  w[0]!.map((_, k) => w.reduce((sum, row, i) => sum + row[k]! * g[i]!, 0));

/** A matrix of spectral norm exactly s, by power iteration on a random one. */
function matrix(next: () => number, rows: number, columns: number, s: number): number[][] {
  const raw = Array.from({ length: rows }, () => Array.from({ length: columns }, () => gaussianOf(next)));
  let v = Array.from({ length: columns }, () => gaussianOf(next));
  for (let i = 0; i < 200; i++) {
    v = back(raw, apply(raw, v));
    const length = norm(v);
    v = v.map((one) => one / length);
  }
  const top = norm(apply(raw, v));
  return raw.map((row) => row.map((one) => (one / top) * s));
}

const crossEntropySlope = (z: readonly number[], y: number): number[] => {
  const top = Math.max(...z);
  const e = z.map((one) => Math.exp(one - top));
  const total = e.reduce((sum, one) => sum + one, 0);
  return e.map((one, k) => one / total - (k === y ? 1 : 0));
};

describe('a network of Lipschitz layers', () => {
  it('has no gradient above its bound, layer by layer and in all, on random networks', () => {
    const next = numbers(5);
    let closest = 0;
    for (let trial = 0; trial < 400; trial++) {
      const w1 = matrix(next, 4, 3, 1.2);
      const b1 = vectorWithin(next, 4, 0.5);
      const w2 = matrix(next, 2, 4, 0.9);
      const bound = networkBound(
        2,
        [
          { kind: 'dense', spectralNorm: 1.2, biasRadius: 0.5 },
          { kind: 'activation', slope: 1 },
          { kind: 'dense', spectralNorm: 0.9, biasRadius: 0 },
        ],
        Math.SQRT2,
      );
      const x = vectorWithin(next, 3, 2);
      const z = apply(w1, x).map((one, k) => one + b1[k]!);
      const h = z.map((one) => Math.max(one, 0));
      const out = apply(w2, h);
      const g2 = crossEntropySlope(out, Math.floor(next() * 2));
      const g1 = back(w2, g2).map((one, k) => (z[k]! > 0 ? one : 0));
      const first = norm(g1) * Math.hypot(norm(x), 1);
      const second = norm(g2) * norm(h);
      expect(first).toBeLessThanOrEqual(bound.layers[0]!.parameters * (1 + 1e-9));
      expect(second).toBeLessThanOrEqual(bound.layers[2]!.parameters * (1 + 1e-9));
      expect(norm(out)).toBeLessThanOrEqual(bound.output * (1 + 1e-9));
      expect(Math.hypot(first, second)).toBeLessThanOrEqual(bound.lipschitz);
      closest = Math.max(closest, Math.hypot(first, second) / bound.lipschitz);
    }
    expect(closest).toBeGreaterThan(0.4);
  });

  it('with a convolution counts a value once for each patch it lies in', () => {
    // One kernel of width 3 over a cyclic signal: ∇k = Σ_i g_i · patch_i, the operator norm scaled to 1.
    const next = numbers(6);
    const bound = networkBound(1, [{ kind: 'convolution', spectralNorm: 1, overlap: 3 }], 1).layers[0]!.parameters;
    expect(bound).toBeCloseTo(Math.sqrt(3), 11);
    let largest = 0;
    for (let trial = 0; trial < 4000; trial++) {
      const x = trial === 0 ? Array(8).fill(1 / Math.sqrt(8)) : vectorWithin(next, 8, 1);
      const g = trial === 0 ? Array(8).fill(1 / Math.sqrt(8)) : vectorWithin(next, 8, 1);
      const gradient = [0, 1, 2].map((k) => g.reduce((sum, one, i) => sum + one * x[(i + k) % 8], 0));
      largest = Math.max(largest, norm(gradient));
    }
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeCloseTo(bound, 9);
  });

  it('counts the gradient of a bias, which no input makes small', () => {
    const layer = { kind: 'dense', spectralNorm: 1, biasRadius: 0.5 } as const;
    // x = 0: the weights' gradient is g·0, the bias's is g.
    expect(networkBound(1e-3, [layer], 2).layers[0]!.parameters).toBeGreaterThanOrEqual(2);
    expect(networkBound(1e-3, [{ ...layer, biasRadius: 0 }], 2).layers[0]!.parameters).toBeCloseTo(2e-3, 12);
  });

  it('refuses what has no bound', () => {
    expect(() => networkBound(1, [], 1)).toThrow('at least one layer');
    expect(() => networkBound(1, [{ kind: 'activation', slope: Number.POSITIVE_INFINITY }], 1)).toThrow('Infinity');
  });
});

describe('two layers with a quadratic activation', () => {
  it('have no bound from numbers that are none, or from a target of negative length', () => {
    const network = {
      inputRadius: 1,
      hiddenUnits: 3,
      activation: { square: 1, linear: 0, constant: 0 },
      spectralNorms: [1, 1],
    } as const;
    const squared = (targetNorm: number): unknown =>
      polynomialNetworkBound({ ...network, loss: { kind: 'squared', targetNorm } });
    expect(() => squared(-2)).toThrow('-2');
    expect(() => squared(Number.NaN)).toThrow('NaN');
    const activation = { ...network.activation, square: Number.NaN };
    expect(() => polynomialNetworkBound({ ...network, activation, loss: { kind: 'softmax' } })).toThrow('NaN');
  });

  it.each(['softmax', 'squared'] as const)('have no gradient above the bound with the %s loss', (kind) => {
    const next = numbers(8);
    const [a, b, c] = [0.3, 0.5, 0.2];
    const loss = kind === 'softmax' ? ({ kind } as const) : ({ kind, targetNorm: 1 } as const);
    const { lipschitz, hidden } = polynomialNetworkBound({
      inputRadius: 1.5,
      hiddenUnits: 3,
      activation: { square: a, linear: b, constant: c },
      spectralNorms: [1.1, 0.8],
      loss,
    });
    let closest = 0;
    for (let trial = 0; trial < 3000; trial++) {
      const w1 = matrix(next, 3, 2, 1.1);
      const w2 = matrix(next, 2, 3, 0.8);
      const x = vectorWithin(next, 2, 1.5);
      const z = apply(w1, x);
      const h = z.map((one) => a * one * one + b * one + c);
      const out = apply(w2, h);
      const y = vectorWithin(next, 2, 1);
      const g = kind === 'softmax' ? crossEntropySlope(out, Math.floor(next() * 2)) : out.map((one, k) => one - y[k]!);
      const inner = back(w2, g).map((one, k) => one * (2 * a * z[k]! + b));
      const length = Math.hypot(norm(g) * norm(h), norm(inner) * norm(x));
      expect(norm(h)).toBeLessThanOrEqual(hidden * (1 + 1e-9));
      expect(length).toBeLessThanOrEqual(lipschitz);
      closest = Math.max(closest, length / lipschitz);
    }
    expect(closest).toBeGreaterThan(0.1);
  });
});
