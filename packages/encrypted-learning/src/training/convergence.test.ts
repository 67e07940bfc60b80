// How far a noisy descent on the surrogate ends from the surrogate's minimum, and that from the true one, against the bounds (our own
// derivation; differential-privacy, sensitivity/invariant.ts).
import { convergenceBound, surrogateDistance } from '@sumus/differential-privacy/sensitivity';
import { describe, expect, it } from 'vitest';
import { descend } from './descent.ts';
import { guarantee } from './guarantee.ts';
import { madeRows, seededSource, unitRows } from './made-rows.contract.ts';
import { descendPrivately } from './private-descent.ts';
import { type RecipeLiteral, recipe } from './recipe.ts';

const rows = unitRows(madeRows({ count: 400, columns: 5, seed: 60 }));
const RIDGE = 0.06;
const STEPS = 40;

const literal = (degree: number, method: 'least-squares' | 'minimax', iterations: number): RecipeLiteral => ({
  model: { kind: 'logistic', activation: { degree, method } },
  iterations,
  learningRate: { kind: 'constant', rate: 2 },
  ridge: RIDGE,
  projectionRadius: 7.99,
});

const distance = (a: Float64Array, b: Float64Array): number =>
  Math.hypot(...a.map((value, j) => value - (b[j] ?? Number.NaN)));

describe('a descent on the surrogate', () => {
  for (const [degree, method] of [
    [5, 'least-squares'],
    [9, 'least-squares'],
    [9, 'minimax'],
  ] as const) {
    it(`degree ${degree}, ${method}: with noise ends within the bound on average, and the bound is not idle`, () => {
      const made = recipe(literal(degree, method, STEPS));
      const fit = made.activation?.fit;
      if (fit === undefined) throw new Error('no activation');
      const strongConvexity = RIDGE + Math.min(0, fit.slope.least.value);
      const smoothness = Math.max(fit.slope.most.value, -fit.slope.least.value) + RIDGE;
      expect(strongConvexity).toBeGreaterThan(0);
      const best = descend(rows, recipe(literal(degree, method, 2000))).weights;
      const found = guarantee({
        recipe: made,
        rowCount: 400,
        columns: 5,
        normBound: 1,
        adjacency: 'replace-one',
        epsilon: 4,
        delta: 1e-4,
      });
      if (found.kind === 'refused') throw new Error(found.reason);
      const bound = convergenceBound({
        strongConvexity,
        smoothness,
        learningRate: 2,
        steps: STEPS,
        dimension: 5,
        noiseStddev: found.guarantee.noiseStddev / 400,
        initialDistance: distance(new Float64Array(5), best),
      });
      const squares = Array.from(
        { length: 40 },
        (_, seed) => distance(descendPrivately(rows, found.guarantee, seededSource(seed)).weights, best) ** 2,
      );
      const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
      expect(mean).toBeLessThanOrEqual(bound);
      expect(mean).toBeGreaterThan(bound / 1000);
    });
  }

  it('ends no further from the true optimum than ηB/λ, nearer with a higher degree', () => {
    const { projectionRadius: _, ...exact } = literal(9, 'least-squares', 3000);
    const truth = descend(rows, recipe({ ...exact, model: { kind: 'logistic-exact' } })).weights;
    const distances = [5, 9].map((degree) => {
      const made = recipe(literal(degree, 'least-squares', 3000));
      const supError = made.activation?.supError ?? 0;
      const found = distance(descend(rows, made).weights, truth);
      expect(found).toBeLessThanOrEqual(surrogateDistance({ supError, dataRadius: 1, strongConvexity: RIDGE }));
      return found;
    });
    expect(distances[1]).toBeLessThan(distances[0] ?? 0);
  });
});
