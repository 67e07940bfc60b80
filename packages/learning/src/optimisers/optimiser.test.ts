import { describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { architecture } from '../model/architecture.ts';
import { Network } from '../network/network.ts';
import { Optimiser, type OptimiserSpec } from './optimiser.ts';
import { type Schedule, scheduleFactor } from './schedule.ts';

const model = architecture({ input: [2], layers: [{ kind: 'dense', units: 2 }] });
const network = async (): Promise<Network> => new Network(await wasmEngine(), model, { seed: 3, maxBatch: 1 });
const gradients = [
  [1, -2, 0.5, 0.25, 3, -1],
  [0.5, 1, -0.5, 2, 0, 1],
  [-1, 0.5, 0.25, -1, 1, 2],
];

/** Weights after the three gradients, by `update` in doubles, called for each weight with its own state. */
async function check(
  spec: OptimiserSpec,
  update: (w: number, g: number, state: number[], t: number) => number,
): Promise<void> {
  const net = await network();
  const optimiser = new Optimiser(net, spec);
  const weights = Array.from(net.parameters);
  const states = weights.map(() => [0, 0]);
  gradients.forEach((gradient, step) => {
    net.gradient.set(gradient);
    optimiser.step();
    weights.forEach((w, i) => {
      weights[i] = update(w, gradient[i], states[i], step + 1);
    });
    weights.forEach((w, i) => {
      expect(net.parameters[i]).toBeCloseTo(w, 5);
    });
  });
}

describe('optimisers follow their formulas over several steps', () => {
  it('SGD with decay', () =>
    check({ kind: 'sgd', learningRate: 0.1, weightDecay: 0.2 }, (w, g) => w - 0.1 * (g + 0.2 * w)));

  it('SGD with momentum', () =>
    check({ kind: 'sgd', learningRate: 0.1, momentum: 0.9 }, (w, g, state) => {
      state[0] = 0.9 * state[0] + g;
      return w - 0.1 * state[0];
    }));

  it('Nesterov', () =>
    check({ kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true }, (w, g, state) => {
      state[0] = 0.9 * state[0] + g;
      return w - 0.1 * (g + 0.9 * state[0]);
    }));

  it('AdamW', () =>
    check({ kind: 'adamW', learningRate: 0.01, weightDecay: 0.1 }, (w, g, state, t) => {
      state[0] = 0.9 * state[0] + 0.1 * g;
      state[1] = 0.999 * state[1] + 0.001 * g * g;
      const step = state[0] / (1 - 0.9 ** t) / (Math.sqrt(state[1] / (1 - 0.999 ** t)) + 1e-8);
      return w - 0.01 * (step + 0.1 * w);
    }));

  it.each<OptimiserSpec>([
    { kind: 'sgd', learningRate: 0.1, momentum: 0.9, schedule: { kind: 'step', every: 2, factor: 0.5 } },
    { kind: 'adamW', learningRate: 0.01 },
  ])('$kind that is restarted does again what it did at first', async (spec) => {
    const net = await network();
    const optimiser = new Optimiser(net, spec);
    const first = net.parameters.slice();
    const run = (): number[] => {
      net.setParameters(first);
      for (const gradient of gradients) {
        net.gradient.set(gradient);
        optimiser.step();
      }
      return Array.from(net.parameters);
    };
    const once = run();
    expect(run()).not.toEqual(once);
    optimiser.restart();
    expect(optimiser.steps).toBe(0);
    expect(run()).toEqual(once);
  });

  it('a schedule multiplies the rate', () => {
    const schedule: Schedule = { kind: 'step', every: 2, factor: 0.5 };
    return check({ kind: 'sgd', learningRate: 0.4, schedule }, (w, g, _, t) => w - (t <= 2 ? 0.4 : 0.2) * g);
  });

  it('values that cannot be are refused', async () => {
    const net = await network();
    const refused: readonly OptimiserSpec[] = [
      { kind: 'sgd', learningRate: -1 },
      { kind: 'sgd', learningRate: Number.NaN },
      { kind: 'sgd', learningRate: 1, momentum: 1 },
      { kind: 'sgd', learningRate: 1, nesterov: true },
      { kind: 'adamW', learningRate: 1, beta2: 1 },
      { kind: 'adamW', learningRate: 1, epsilon: 0 },
      { kind: 'sgd', learningRate: 1, schedule: { kind: 'cosine', steps: 0 } },
    ];
    for (const spec of refused) expect(() => new Optimiser(net, spec)).toThrow(ParameterError);
    const unknown: OptimiserSpec = JSON.parse('{"kind":"adamw","learningRate":0.1}');
    expect(() => new Optimiser(net, unknown)).toThrow('is not sgd or adamW');
  });
});

describe('schedules', () => {
  it('follow a cosine to their floor and stay there', () => {
    for (let step = 0; step <= 130; step++) {
      const cosine = 0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, 100)) / 100));
      expect(Math.abs(scheduleFactor({ kind: 'cosine', steps: 100, floor: 0.1 }, step) - cosine)).toBeLessThan(1e-14);
    }
  });

  it('warm up and then start the next from its beginning', () => {
    const schedule: Schedule = { kind: 'warmUp', steps: 4, after: { kind: 'step', every: 3, factor: 0.1 } };
    const factors = Array.from({ length: 10 }, (_, step) => scheduleFactor(schedule, step));
    expect(factors.map((f) => Number(f.toFixed(6)))).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 1, 0.1, 0.1, 0.1]);
    expect(scheduleFactor({ kind: 'constant' }, 1000)).toBe(1);
  });
});
