import { describe, expect, it } from 'vitest';
import type { ServerOptimiser } from '../plan/plan.ts';
import { type ServerModel, serverStep, startServer } from './server-optimiser.ts';

const first = Float32Array.of(0.5, -0.25, 2, 0);
const rounds = [
  Float32Array.of(0.1, -0.2, 0.3, 0),
  Float32Array.of(-0.05, 0.4, 0.3, 0),
  Float32Array.of(0.02, 0, -0.6, 0),
];
const rates = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 };
const optimisers: readonly ServerOptimiser[] = [
  { kind: 'apply', learningRate: 0.5 },
  { kind: 'adagrad', learningRate: 0.1, beta1: 0.9, tau: 0.01 },
  { kind: 'adam', ...rates },
  { kind: 'yogi', ...rates },
];

const after = (optimiser: ServerOptimiser, means: readonly Float32Array[]): ServerModel =>
  means.reduce(
    (model, mean) => serverStep(optimiser, model, { indices: undefined, mean }),
    startServer(optimiser, first),
  );

/** Algorithm 2 of Reddi and others line by line, one coordinate, its history from the start each time. */
function naive(optimiser: ServerOptimiser, coordinate: number, means: readonly Float32Array[]): number {
  let x = first[coordinate];
  let m = 0;
  let v = optimiser.kind === 'apply' ? 0 : optimiser.tau ** 2;
  for (const mean of means) {
    const delta = mean[coordinate];
    if (optimiser.kind === 'apply') {
      x = Math.fround(x + optimiser.learningRate * delta);
      continue;
    }
    m = optimiser.beta1 * m + (1 - optimiser.beta1) * delta;
    if (optimiser.kind === 'adagrad') v = v + delta ** 2;
    if (optimiser.kind === 'yogi') v = v - (1 - optimiser.beta2) * delta ** 2 * Math.sign(v - delta ** 2);
    if (optimiser.kind === 'adam') v = optimiser.beta2 * v + (1 - optimiser.beta2) * delta ** 2;
    x = Math.fround(x + optimiser.learningRate * (m / (Math.sqrt(v) + optimiser.tau)));
  }
  return x;
}

describe.each(optimisers)('the server optimiser $kind', (optimiser) => {
  it('is the paper’s formula, round after round', () => {
    for (let count = 1; count <= rounds.length; count++) {
      const { weights } = after(optimiser, rounds.slice(0, count));
      weights.forEach((weight, i) => {
        expect(weight).toBeCloseTo(naive(optimiser, i, rounds.slice(0, count)), 6);
      });
    }
  });

  it('leaves coordinates alone that a round did not sum', () => {
    const support = Uint32Array.of(0, 2);
    let model = startServer(optimiser, first);
    for (const mean of rounds)
      model = serverStep(optimiser, model, { indices: support, mean: Float32Array.of(mean[0], mean[2]) });
    const whole = after(optimiser, rounds);
    expect([model.weights[0], model.weights[2]]).toEqual([whole.weights[0], whole.weights[2]]);
    expect([model.weights[1], model.weights[3]]).toEqual([first[1], first[3]]);
  });

  it('refuses what is not finite and keeps the model it had', () => {
    const model = startServer(optimiser, first);
    const broken = Float32Array.of(0.1, Number.POSITIVE_INFINITY, 0, 0);
    expect(() => serverStep(optimiser, model, { indices: undefined, mean: broken })).toThrow(/weight 1/);
    expect(model.weights).toEqual(first);
    expect(() => serverStep(optimiser, model, { indices: undefined, mean: first.subarray(1) })).toThrow(/3 values/);
    expect(() => startServer(optimiser, Float32Array.of(Number.NaN))).toThrow(/first weight 0/);
  });
});

describe('server optimisers', () => {
  it('differ: yogi’s second moment comes down slowly where adam’s forgets', () => {
    const loud = Array.from({ length: 5 }, () => Float32Array.of(3, 0, 0, 0));
    const quiet = Array.from({ length: 50 }, () => Float32Array.of(0.001, 0, 0, 0));
    const [adam, yogi] = (['adam', 'yogi'] as const).map(
      (kind) => after({ kind, ...rates }, [...loud, ...quiet]).second[0],
    );
    expect(adam).toBeCloseTo((0.99 ** 5 * 0.01 ** 2 + (1 - 0.99 ** 5) * 9) * 0.99 ** 50, 3);
    expect(yogi).toBeGreaterThan(adam);
  });

  it('come to the same bits everywhere', () => {
    const words = optimisers.flatMap((optimiser) => [...new Uint32Array(after(optimiser, rounds).weights.buffer)]);
    const digest = words.reduce((hash, word) => Math.imul(hash ^ word, 0x01000193) >>> 0, 0x811c9dc5);
    expect(digest.toString(16)).toBe('27ea9b63');
  });
});
