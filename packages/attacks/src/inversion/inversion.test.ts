import { wasmEngine } from '@sumus/learning/engine';
import { architecture, type LayerSpec } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { describe, expect, it } from 'vitest';
import { DIGIT, digits, PIXELS } from '../digits.contract.ts';
import { nearest } from '../pictures/index.ts';
import { seededUniform } from '../random/seeded.ts';
import { totalVariation } from './cosine.ts';
import { deepLeakage, lastBiases, leakedLabels, type MatchingProblem, matchDirection } from './index.ts';
import { minimise } from './limited-memory.ts';

const smooth: readonly LayerSpec[] = [
  { kind: 'conv2d', filters: 12, kernel: 5, step: 2, padding: 2 },
  { kind: 'sigmoid' },
  { kind: 'conv2d', filters: 12, kernel: 5, step: 2, padding: 2 },
  { kind: 'sigmoid' },
  { kind: 'flatten' },
  { kind: 'dense', units: 10 },
];
const rectified: readonly LayerSpec[] = [
  { kind: 'conv2d', filters: 8, kernel: 5, step: 2, padding: 'same' },
  { kind: 'relu' },
  { kind: 'flatten' },
  { kind: 'dense', units: 10 },
];

const uniformly = new Float64Array(10).fill(0.1);

async function victim(layers: readonly LayerSpec[], count: number, first = 40) {
  const model = architecture({ input: [28, 28, 1], layers });
  const network = new Network(await wasmEngine(), model, { seed: 3, maxBatch: 128 });
  const batch = digits(count, first);
  network.batchGradient(batch, { kind: 'crossEntropy' });
  const problem: MatchingProblem = {
    model,
    weights: network.parameters.slice(),
    gradient: network.gradient.slice(),
    count,
    engine: network.engine,
  };
  const biases = lastBiases(network, problem.gradient);
  return { network, batch, problem, labels: leakedLabels(biases, { count, meanPrediction: uniformly }) };
}

const truth = (inputs: Float32Array, i: number): Float32Array => inputs.slice(i * PIXELS, (i + 1) * PIXELS);

describe('deep leakage from gradients', () => {
  it('finds a digit and its label from noise, and says so', async () => {
    const { batch, problem } = await victim(smooth, 1);
    const steps: number[] = [];
    const found = deepLeakage(problem, seededUniform(1), { steps: 120, onProgress: ({ step }) => steps.push(step) });
    expect([...found.labels]).toEqual([...batch.targets]);
    expect(found.distance).toBeLessThan(1e-4);
    expect(nearest(batch.inputs, found.candidates, DIGIT)?.ssim).toBeGreaterThan(0.95);
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
  });

  it('finds two digits when their labels leaked first, each near one candidate', async () => {
    const { batch, problem, labels } = await victim(smooth, 2);
    const found = deepLeakage(problem, seededUniform(1), { steps: 200, labels });
    for (const i of [0, 1]) expect(nearest(truth(batch.inputs, i), found.candidates, DIGIT)?.ssim).toBeGreaterThan(0.9);
  });

  it('finds no digit where the gradient belongs to another network: the attack is in the gradient', async () => {
    const { batch, problem, network } = await victim(smooth, 1);
    const other = new Network(await wasmEngine(), network.architecture, { seed: 4, maxBatch: 1 });
    const found = deepLeakage({ ...problem, weights: other.parameters }, seededUniform(1), { steps: 60 });
    expect(found.distance).toBeGreaterThan(1e-3);
    expect(nearest(batch.inputs, found.candidates, DIGIT)?.ssim).toBeLessThan(0.4);
  });
});

describe('matching directions', () => {
  it('finds a digit through a ReLU network, and the same from the gradient scaled down', async () => {
    const { batch, problem, labels } = await victim(rectified, 1);
    for (const scale of [1, 0.01]) {
      const gradient = problem.gradient.map((value) => scale * value);
      const options = { steps: 120, labels, shape: DIGIT };
      const found = matchDirection({ ...problem, gradient }, seededUniform(1), options);
      expect(found.distance).toBeLessThan(0.02);
      expect(nearest(batch.inputs, found.candidates, DIGIT)?.ssim).toBeGreaterThan(0.9);
    }
  });

  it('finds no digit in noise of the gradient’s own size', async () => {
    const { batch, problem, labels } = await victim(rectified, 1);
    const uniform = seededUniform(2);
    const largest = Math.max(...problem.gradient.map(Math.abs));
    const gradient = problem.gradient.map((value) => value + largest * (2 * uniform() - 1));
    const found = matchDirection({ ...problem, gradient }, seededUniform(1), { steps: 60, labels, shape: DIGIT });
    expect(nearest(batch.inputs, found.candidates, DIGIT)?.ssim).toBeLessThan(0.4);
  });

  it('gives the same answer for the same seed', async () => {
    const { problem, labels } = await victim(rectified, 1);
    const options = { steps: 5, labels, shape: DIGIT };
    const [a, b, c] = [1, 1, 2].map((seed) => matchDirection(problem, seededUniform(seed), options));
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
  });

  it('measures total variation by neighbours in rows and columns, with the gradient that differences confirm', () => {
    const shape = { rows: 3, columns: 4, channels: 2 };
    const uniform = seededUniform(3);
    const inputs = Float64Array.from({ length: 2 * 24 }, () => uniform());
    const naive = (): number => {
      const at = (n: number, y: number, x: number, c: number): number => inputs[n * 24 + (y * 4 + x) * 2 + c]!;
      let [beside, below] = [0, 0];
      for (const n of [0, 1]) {
        for (const c of [0, 1]) {
          for (let y = 0; y < 3; y++)
            for (let x = 0; x < 3; x++) beside += Math.abs(at(n, y, x, c) - at(n, y, x + 1, c));
          for (let y = 0; y < 2; y++)
            for (let x = 0; x < 4; x++) below += Math.abs(at(n, y, x, c) - at(n, y + 1, x, c));
        }
      }
      return beside / (2 * 2 * 9) + below / (2 * 2 * 8);
    };
    const gradient = new Float64Array(inputs.length);
    expect(totalVariation(inputs, shape, gradient, 0.5)).toBeCloseTo(naive(), 12);
    inputs.forEach((_, i) => {
      const h = 1e-6;
      inputs[i]! += h;
      const up = naive();
      inputs[i]! -= 2 * h;
      const difference = (up - naive()) / (2 * h);
      inputs[i]! += h;
      expect(gradient[i]).toBeCloseTo(0.5 * difference, 6);
    });
  });
});

describe('labels', () => {
  it('leak from the last biases: of one example always, of a batch all but a few', async () => {
    for (let label = 0; label < 10; label++) {
      const { network } = await victim(rectified, 1);
      const one = { inputs: truth(digits(10, 50).inputs, label), targets: Uint32Array.of(label) };
      network.batchGradient(one, { kind: 'crossEntropy' });
      const biases = lastBiases(network, network.gradient.slice());
      expect([...leakedLabels(biases, { count: 1, meanPrediction: uniformly })]).toEqual([label]);
    }
    const { batch, labels } = await victim(rectified, 20);
    expect(labels).toHaveLength(20);
    const counts = (of: Uint32Array): number[] =>
      Array.from({ length: 10 }, (_, c) => of.filter((one) => one === c).length);
    const wrong = counts(labels).reduce((sum, n, c) => sum + Math.abs(n - counts(batch.targets)[c]!), 0) / 2;
    expect(wrong).toBeLessThanOrEqual(3);
  });

  it('are not read from a network whose last parameters are no biases', async () => {
    const model = architecture({ input: [4], layers: [{ kind: 'dense', units: 3, bias: false }] });
    const network = new Network(await wasmEngine(), model, { seed: 1, maxBatch: 1 });
    expect(() => lastBiases(network, network.gradient)).toThrow(/not a dense layer's biases but 0.dense.weight/);
    const biases = new Float32Array(3);
    expect(() => leakedLabels(biases, { count: 0, meanPrediction: biases })).toThrow(/0 is no number/);
    expect(() => leakedLabels(biases, { count: 1, meanPrediction: uniformly })).toThrow(/10 probabilities for 3/);
  });
});

describe('a matching problem is refused', () => {
  it('for gradients of another length or that are not finite, labels and shapes that do not fit', async () => {
    const { problem, labels } = await victim(rectified, 1);
    const uniform = seededUniform(1);
    const short = { ...problem, gradient: problem.gradient.slice(1) };
    expect(() => deepLeakage(short, uniform, { steps: 1 })).toThrow(/no gradient of/);
    const broken = { ...problem, gradient: problem.gradient.map(() => Number.NaN) };
    expect(() => deepLeakage(broken, uniform, { steps: 1 })).toThrow(/not finite/);
    const options = { steps: 1, shape: DIGIT };
    expect(() => matchDirection(problem, uniform, { ...options, labels: Uint32Array.of(1, 2) })).toThrow(/2 labels/);
    expect(() => matchDirection(problem, uniform, { ...options, labels, shape: { ...DIGIT, rows: 27 } })).toThrow(
      /756/,
    );
  });
});

describe('L-BFGS', () => {
  it('reaches the minimum of a bent valley (Rosenbrock’s), which steepest descent does not in as many steps', () => {
    const valley = (at: Float64Array) => {
      const [x, y] = [at[0]!, at[1]!];
      const value = (1 - x) ** 2 + 100 * (y - x * x) ** 2;
      return { value, gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)) };
    };
    const start = Float64Array.of(-1.2, 1);
    expect([...minimise(valley, start, { steps: 60 }).at].map((v) => v.toFixed(6))).toEqual(['1.000000', '1.000000']);
    expect(minimise(valley, start, { steps: 60, history: 0 }).value).toBeGreaterThan(1e-3);
    expect([...start]).toEqual([-1.2, 1]);
  });
});
