import { describe, expect, it } from 'vitest';
import { evaluateAt } from '../approximation/sigmoid.ts';
import { batchOf, descend, margins } from './descent.ts';
import { dataGradient } from './gradient.ts';
import { madeRows, rowsThatLeave, seededNumbers } from './made-rows.contract.ts';
import { type RecipeLiteral, recipe } from './recipe.ts';
import { releaseToOwner } from './release.ts';
import { checkRows } from './rows.ts';
import { schedule } from './schedule.ts';

const HELR: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 5 } },
  iterations: 7,
  learningRate: { kind: 'harmonic', first: 10 },
  optimiser: 'nesterov',
};

describe('the gradient', () => {
  it('is the derivative of the stated objective, by central differences', () => {
    const rows = madeRows({ count: 50, columns: 4, seed: 1 });
    const made = recipe(HELR);
    const p = made.activation?.coefficients ?? [];
    const integral = [0, ...p.map((c, k) => c / (k + 1))];
    const objective = (w: Float64Array): number =>
      margins(rows, w).reduce((sum, z, i) => sum + evaluateAt(integral, z) - (rows.labels[i] ?? 0) * z, 0);
    const w = Float64Array.of(0.3, -0.7, 1.1, 0.2);
    const { sum } = dataGradient(rows, { from: 0, to: 50 }, w, made);
    for (let j = 0; j < 4; j += 1) {
      const moved = (by: number): Float64Array => w.map((v, k) => (k === j ? v + by : v));
      const slope = (objective(moved(1e-5)) - objective(moved(-1e-5))) / 2e-5;
      expect(Math.abs(slope - (sum[j] ?? Number.NaN))).toBeLessThan(1e-6);
    }
  });

  it('clipped, is never longer than C a row', () => {
    const rows = madeRows({ count: 1, columns: 4, seed: 2 });
    const { sum } = dataGradient(rows, { from: 0, to: 1 }, new Float64Array(4), recipe(HELR), 0.1);
    expect(Math.hypot(...sum)).toBeCloseTo(0.1, 12);
  });
});

describe('schedules', () => {
  it('of Nesterov are the usual sequence', () => {
    const steps = schedule({ iterations: 3, learningRate: { kind: 'harmonic', first: 10 }, optimiser: 'nesterov' });
    const t1 = (1 + Math.sqrt(5)) / 2;
    const t2 = (1 + Math.sqrt(1 + 4 * t1 * t1)) / 2;
    expect(steps.map(({ rate }) => rate)).toEqual([10, 5, 10 / 3]);
    expect(steps[0]?.momentum).toBe(0);
    expect(steps[1]?.momentum).toBeCloseTo((t1 - 1) / t2, 14);
  });

  it('refuse steps that go nowhere', () => {
    expect(() =>
      schedule({ iterations: 0, learningRate: { kind: 'constant', rate: 1 }, optimiser: 'nesterov' }),
    ).toThrow(/0 iterations/);
    expect(() =>
      schedule({ iterations: 2, learningRate: { kind: 'constant', rate: -1 }, optimiser: 'nesterov' }),
    ).toThrow(/learning rate of -1/);
  });
});

describe('the descent in the clear', () => {
  it('one step of gradient descent is w − γ·mean gradient', () => {
    const rows = madeRows({ count: 20, columns: 3, seed: 3 });
    const made = recipe({ ...HELR, iterations: 1, optimiser: 'gradient-descent' });
    const { weights } = descend(rows, made);
    const { sum } = dataGradient(rows, { from: 0, to: 20 }, new Float64Array(3), made);
    sum.forEach((value, j) => {
      expect(weights[j]).toBeCloseTo((-10 * value) / 20, 12);
    });
  });

  it('finds the solution of least squares', () => {
    const next = seededNumbers(4);
    const truth = [0.4, -0.2, 0.1];
    const features = Float64Array.from({ length: 300 }, () => next() - 0.5);
    const labels = Float64Array.from({ length: 100 }, (_, i) =>
      truth.reduce((z, w, j) => z + w * (features[3 * i + j] ?? 0), 0),
    );
    const rows = checkRows({ features, columns: 3, labels, normBound: 1, labelSet: 1 });
    const made = recipe({
      model: { kind: 'linear' },
      iterations: 300,
      learningRate: { kind: 'constant', rate: 5 },
      optimiser: 'nesterov',
    });
    const { weights } = descend(rows, made);
    truth.forEach((w, j) => {
      expect(weights[j]).toBeCloseTo(w, 5);
    });
  });

  it('goes through consecutive batches in turn and drops a shorter last one', () => {
    expect(batchOf({ batchSize: 30 }, 100, 0)).toEqual({ from: 0, to: 30 });
    expect(batchOf({ batchSize: 30 }, 100, 2)).toEqual({ from: 60, to: 90 });
    expect(batchOf({ batchSize: 30 }, 100, 3)).toEqual({ from: 0, to: 30 });
  });

  it('a barrier and a ridge pull towards zero by what they say', () => {
    const rows = madeRows({ count: 20, columns: 3, seed: 3 });
    const base: RecipeLiteral = {
      ...HELR,
      iterations: 2,
      optimiser: 'gradient-descent',
      learningRate: { kind: 'constant', rate: 1 },
    };
    const plain = recipe(base);
    const pulled = recipe({ ...base, ridge: 0.1, barrier: { strength: 0.5, radius: 2 } });
    const first = descend(rows, recipe({ ...base, iterations: 1 })).weights;
    const square = first.reduce((sum, w) => sum + w * w, 0);
    const a = descend(rows, plain).weights;
    const b = descend(rows, pulled).weights;
    first.forEach((w, j) => {
      expect((a[j] ?? 0) - (b[j] ?? 0)).toBeCloseTo((0.1 + (0.5 * square) / 4) * w, 12);
    });
  });

  it('un-projected on rows that leave the interval diverges, and is refused with the reason', () => {
    const trajectory = descend(rowsThatLeave(), recipe({ ...HELR, iterations: 12 }));
    expect(Math.max(...trajectory.margins)).toBeGreaterThan(1e6);
    const released = releaseToOwner(trajectory);
    expect(released.kind).toBe('refused');
    expect(released.kind === 'refused' && released.reason).toMatch(/outside the interval ±8|diverged/);
  });

  it('the same rows, projected on ‖w‖ ≤ R/B, stay inside and are released', () => {
    const trajectory = descend(rowsThatLeave(), recipe({ ...HELR, iterations: 12, projectionRadius: 2 }));
    expect(Math.max(...trajectory.margins)).toBeLessThanOrEqual(8);
    expect(releaseToOwner(trajectory).kind).toBe('released');
  });

  it('does not train a linear model on classes or take rows that were not checked', () => {
    const rows = madeRows({ count: 20, columns: 3, seed: 3 });
    expect(() => descend(rows, recipe({ ...HELR, model: { kind: 'linear' } }))).toThrow(/linear/);
    expect(() => descend({ ...rows } as typeof rows, recipe(HELR))).toThrow(/checked/);
  });
});
