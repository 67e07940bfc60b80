import { wasmEngine } from '@sumus/learning/engine';
import { FEATURE_LENGTH } from '@sumus/learning/features';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { statisticsNorm, vectorLengthOf } from '../plan/index.ts';
import { checkedPlan, oneRoundPlan } from '../plan/sample-plans.contract.ts';
import { featureMap } from './features.ts';
import { classesOf, ridgeOf } from './ridge.ts';
import { matricesOf, statisticsLength, statisticsOf } from './statistics.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Numbers in (−1, 1) that follow from a seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 2 * (state / 2 ** 32) - 1;
  };
}

const shape = { featureCount: 6, classes: 3, radius: 0.8 };
const key = new Uint8Array(32).fill(5);
const { chacha20 } = nodePrimitives();

/** Rows of length 0.8 at most, classes by the largest of the first three. */
function records(count: number, seed = 1): { readonly features: Float32Array; readonly labels: Uint32Array } {
  const next = seeded(seed);
  const features = new Float32Array(count * 6).map(() => next());
  const labels = new Uint32Array(count);
  for (let row = 0; row < count; row++) {
    const x = features.subarray(6 * row, 6 * row + 6);
    const length = Math.hypot(...x);
    x.forEach((value, i) => {
      x[i] = (0.8 * (1 - 2 ** -20) * value) / length;
    });
    labels[row] = x.subarray(0, 3).indexOf(Math.max(...x.subarray(0, 3)));
  }
  return { features, labels };
}
const subtracted = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));

describe('sufficient statistics', () => {
  const { features, labels } = records(50);
  const vector = statisticsOf(features, labels, shape);

  it('are XᵀX and XᵀY', () => {
    const { gram, cross } = matricesOf(vector, shape);
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        let sum = 0;
        for (let row = 0; row < 50; row++) sum += features[6 * row + i] * features[6 * row + j];
        expect(gram[6 * i + j]).toBeCloseTo(sum, 5);
      }
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let row = 0; row < 50; row++) sum += features[6 * row + i] * ((labels[row] === k ? 1 : 0) - 1 / 3);
        expect(cross[3 * i + k]).toBeCloseTo(sum, 5);
      }
    }
  });

  it('are as long as the plan says', () => {
    const plan = checkedPlan(oneRoundPlan());
    if (plan.exchange.schedule !== 'one-round') throw new Error('rounds');
    expect(statisticsLength(plan.exchange)).toBe(vectorLengthOf(plan));
    expect(vector).toHaveLength(6 * 3 + 21);
  });

  it('add up: participants’ sums are the sum of all', () => {
    const parts = [0, 20, 35, 50].slice(1).map((to, i) => {
      const from = [0, 20, 35][i];
      return statisticsOf(features.slice(6 * from, 6 * to), labels.slice(from, to), shape);
    });
    const total = parts.reduce((sum, part) => sum.map((value, i) => value + part[i]));
    expect(subtracted(total, vector)).toBeLessThan(1e-5);
  });

  it('move by exactly what the price assumes when one record comes or goes', () => {
    const plan = oneRoundPlan();
    if (plan.exchange.schedule !== 'one-round') throw new Error('rounds');
    const norm = statisticsNorm({ ...plan, exchange: { ...plan.exchange, radius: 0.8, classes: 3 } });
    for (let without = 0; without < 50; without++) {
      const others = [...labels.keys()].filter((row) => row !== without);
      const fewer = statisticsOf(
        Float32Array.from(others.flatMap((row) => [...features.subarray(6 * row, 6 * row + 6)])),
        Uint32Array.from(others, (row) => labels[row]),
        shape,
      );
      const moved = subtracted(vector, fewer);
      expect(moved).toBeLessThanOrEqual(norm * (1 + 1e-5));
      expect(moved).toBeGreaterThan(norm * (1 - 1e-5));
    }
  });

  it('refuse a record that is longer than the radius, or of no class', () => {
    const longer = features.slice();
    longer[0] *= 1.1;
    expect(() => statisticsOf(longer, labels, shape)).toThrow(/longer than the radius/);
    longer[0] = Number.NaN;
    expect(() => statisticsOf(longer, labels, shape)).toThrow(/longer than the radius/);
    expect(() =>
      statisticsOf(
        features,
        labels.map((label) => label + 1),
        shape,
      ),
    ).toThrow(/not below 3/);
    expect(() => statisticsOf(features.subarray(1), labels, shape)).toThrow(/299 features/);
  });
});

describe('eigenvectors of a symmetric matrix', () => {
  it.each([1, 2, 3, 17, 60])('of size %i make the matrix again, and are orthonormal', (n) => {
    const next = seeded(n);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = next();
    const { values, vectors } = symmetricEigen(matrix, n);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let made = 0;
        let inner = 0;
        for (let k = 0; k < n; k++) {
          made += values[k] * vectors[k * n + i] * vectors[k * n + j];
          inner += vectors[i * n + k] * vectors[j * n + k];
        }
        worst = Math.max(worst, Math.abs(made - matrix[i * n + j]), Math.abs(inner - (i === j ? 1 : 0)));
      }
    }
    expect(worst).toBeLessThan(1e-12 * n);
  });

  it('are found where values are equal or zero', () => {
    const { values } = symmetricEigen(Float64Array.of(2, 0, 0, 0, 2, 0, 0, 0, 0), 3);
    expect([...values].sort()).toEqual([0, 2, 2]);
    expect(() => symmetricEigen(Float64Array.of(Number.NaN), 1)).toThrow(/no finite matrix/);
  });
});

describe('a ridge', () => {
  const { features, labels } = records(400);
  const rule = { ...shape, ridge: 0.01 };
  const vector = statisticsOf(features, labels, shape);
  const { weights } = ridgeOf(vector, rule);

  it('solves (G + n·λ·I)·W = H', () => {
    const { gram, cross } = matricesOf(vector, shape);
    for (let i = 0; i < 6; i++) {
      for (let k = 0; k < 3; k++) {
        let left = 400 * 0.01 * weights[3 * i + k];
        for (let j = 0; j < 6; j++) left += gram[6 * i + j] * weights[3 * j + k];
        expect(left).toBeCloseTo(cross[3 * i + k], 3);
      }
    }
  });

  it('is the same for the mean of contributions as for their sum', () => {
    const mean = ridgeOf(
      vector.map((value) => value / 30),
      rule,
    );
    mean.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(weights[i], 4);
    });
  });

  it('classifies what it has not seen', () => {
    const other = records(500, 7);
    const found = classesOf({ ...rule, weights }, other.features);
    const right = other.labels.filter((label, row) => label === found[row]).length;
    expect(right / 500).toBeGreaterThan(0.9);
  });

  it('holds out against eigenvalues that noise made negative', () => {
    const next = seeded(3);
    const noisy = vector.map((value, i) => value + (i < 21 ? 60 : 1) * next());
    const { gram, cross } = matricesOf(noisy, shape);
    const { values, vectors } = symmetricEigen(gram, 6);
    expect(Math.min(...values)).toBeLessThan(-1);
    const found = ridgeOf(noisy, rule).weights;
    const trace = values.reduce((sum, value) => sum + value, 0);
    for (let i = 0; i < 6; i++) {
      for (let k = 0; k < 3; k++) {
        let left = ((0.01 * trace) / 0.64) * found[3 * i + k];
        for (let j = 0; j < 6; j++) {
          let positive = 0;
          for (let e = 0; e < 6; e++) positive += Math.max(0, values[e]) * vectors[6 * e + i] * vectors[6 * e + j];
          left += positive * found[3 * j + k];
        }
        expect(left).toBeCloseTo(cross[3 * i + k], 6);
      }
    }
  });

  it('of nothing but noise is refused', () => {
    expect(() =>
      ridgeOf(
        vector.map((value) => -value),
        rule,
      ),
    ).toThrow(/noise/);
  });
});

describe('features of a plan', () => {
  const images = new Float32Array(3 * 784).map(seeded(9));

  it('have the plan’s number and length, whatever came in; nothing stays nothing', async () => {
    const engine = await wasmEngine();
    images.fill(0, 2 * 784);
    for (const features of ['inputs', 'scattering'] as const) {
      const map = featureMap({ features, featureCount: 60, radius: 2 }, { inputSize: 784, key }, { engine, chacha20 });
      const found = map(images.map((value) => 100 * value));
      expect(found).toHaveLength(180);
      for (const row of [0, 1]) {
        const length = Math.hypot(...found.subarray(60 * row, 60 * row + 60));
        expect(length).toBeLessThanOrEqual(2);
        expect(length).toBeGreaterThan(2 * (1 - 2 ** -18));
      }
      if (features === 'inputs') expect(found.subarray(120).every((value) => value === 0)).toBe(true);
    }
  });

  it('follow from the public key: the same for everybody, another key projects otherwise', async () => {
    const by = async (one: Uint8Array): Promise<Float32Array> =>
      featureMap(
        { features: 'inputs', featureCount: 40, radius: 1 },
        { inputSize: 784, key: one },
        { engine: await wasmEngine(), chacha20 },
      )(images);
    expect(await by(key)).toEqual(await by(key));
    expect(await by(key)).not.toEqual(await by(key.map((byte) => byte + 1)));
  });

  it('are projected by signs: every coordinate is a sum of all inputs, with + or −', async () => {
    const one = new Float32Array(784);
    one[3] = 1;
    const map = featureMap(
      { features: 'inputs', featureCount: 50, radius: 1 },
      { inputSize: 784, key },
      { engine: await wasmEngine(), chacha20 },
    );
    const found = map(one);
    const magnitude = Math.abs(found[0]);
    expect(found.every((value) => Math.abs(value) === magnitude)).toBe(true);
    expect(new Set(found).size).toBe(2);
  });

  it('are refused where they cannot be', async () => {
    const tools = { engine: await wasmEngine(), chacha20 };
    const with784 = { inputSize: 784, key };
    expect(() =>
      featureMap({ features: 'scattering', featureCount: FEATURE_LENGTH + 1, radius: 1 }, with784, tools),
    ).toThrow(/features of/);
    expect(() =>
      featureMap({ features: 'scattering', featureCount: 9, radius: 1 }, { inputSize: 100, key }, tools),
    ).toThrow(/100/);
    const map = featureMap({ features: 'inputs', featureCount: 784, radius: 1 }, with784, tools);
    expect(() => map(images.subarray(1))).toThrow(/no rows/);
    expect(() => map(images.map(() => Number.POSITIVE_INFINITY))).toThrow(/not finite/);
  });
});
