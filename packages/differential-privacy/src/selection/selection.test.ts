import { describe, expect, it } from 'vitest';
import { concentrated, tightest } from '../budget/accounting.ts';
import { fits, fitsDeviation } from '../noise/goodness-of-fit.contract.ts';
import { scriptedSource, seededSource } from '../noise/seeded-source.contract.ts';
import { priceOfSparseVector, priceOfTopK, priceOfUpload } from './prices.ts';
import { type SelectiveChoice, selectiveCost, selectUpload } from './shokri-shmatikov.ts';
import { AboveThreshold, NumericSparse, type SparseVectorChoice } from './sparse-vector.ts';
import { topK } from './top-k.ts';

const sparse: SparseVectorChoice = { sensitivity: 1, threshold: 50, positives: 3, monotone: false, epsilon: 2 };

describe('above threshold', () => {
  it('answers the queries it should, and stops for good after c positives', () => {
    const above = new AboveThreshold({ ...sparse, epsilon: 50 }, seededSource(1));
    expect([0, 100, 0, 100, 100].map((value) => above.ask(value))).toEqual([
      'below',
      'above',
      'below',
      'above',
      'above',
    ]);
    expect([0, 1000, -1000].map((value) => above.ask(value))).toEqual(['exhausted', 'exhausted', 'exhausted']);
    expect(above.epsilon).toBe(50);
  });

  it('divides ε between threshold and queries as 1 : (2c)^(2/3), monotone 1 : c^(2/3), and spends all of it', () => {
    const { split } = new AboveThreshold(sparse, seededSource(1));
    expect(split.queries / split.threshold).toBeCloseTo(6 ** (2 / 3), 12);
    expect(split.queries + split.threshold).toBeCloseTo(2, 12);
    const monotone = new AboveThreshold({ ...sparse, monotone: true }, seededSource(1)).split;
    expect(monotone.queries / monotone.threshold).toBeCloseTo(3 ** (2 / 3), 12);
  });

  it('is above with the probability that its two noises give, and not with that of the threshold alone', () => {
    // P[0 + ν ≥ T + ρ] by summing both discrete Laplace laws.
    const { split } = new AboveThreshold(sparse, seededSource(1));
    const masses = (scale: number): ((x: number) => number) => {
      const r = Math.exp(-1 / scale);
      return (x) => ((1 - r) / (1 + r)) * r ** Math.abs(x);
    };
    const rho = masses(1 / split.threshold);
    const nu = masses(6 / split.queries);
    let expected = 0;
    let alone = 0;
    for (let a = -200; a <= 200; a++) {
      for (let b = -200; b <= 200; b++) if (b >= 3 + a) expected += rho(a) * nu(b);
      if (0 >= 3 + a) alone += rho(a);
    }
    let above = 0;
    const trials = 2000;
    for (let i = 0; i < trials; i++) {
      if (new AboveThreshold({ ...sparse, threshold: 3 }, seededSource(100 + i)).ask(0) === 'above') above += 1;
    }
    const deviation = Math.sqrt((expected * (1 - expected)) / trials);
    expect(Math.abs(above / trials - expected)).toBeLessThan(4.9 * deviation);
    expect(Math.abs(above / trials - alone)).toBeGreaterThan(4.9 * deviation);
  });

  it('refuses what it cannot keep private, and to be written down', () => {
    expect(() => new AboveThreshold({ ...sparse, sensitivity: 0.5 }, seededSource(1))).toThrow('0.5');
    expect(() => new AboveThreshold({ ...sparse, epsilon: 0 }, seededSource(1))).toThrow('0');
    expect(() => new AboveThreshold({ ...sparse, positives: 0 }, seededSource(1))).toThrow('0');
    expect(() => new AboveThreshold(sparse, seededSource(1)).ask(0.5)).toThrow('0.5');
    // Noise added to it would be rounded away in part.
    for (const value of [2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 52 + 1]) {
      expect(() => new AboveThreshold(sparse, seededSource(1)).ask(value)).toThrow(String(value));
    }
    expect(() => JSON.stringify(new AboveThreshold(sparse, seededSource(1)))).toThrow('secret');
  });
});

describe('numeric sparse', () => {
  it('releases fresh noise of scale cΔ/ε₃, unrelated to what was compared, and costs all three', () => {
    const choice = { ...sparse, epsilon: 40, threshold: 500, positives: 1, releaseEpsilon: 0.05 };
    const released = Array.from({ length: 1500 }, (_, i) => {
      const answer = new NumericSparse(choice, seededSource(300 + i)).ask(1000);
      return answer.answer === 'above' ? answer.value - 1000 : Number.NaN;
    });
    expect(fitsDeviation(released, Math.SQRT2 / 0.05, 6)).toBe(true);
    // Had the compared value been released, none would lie below the threshold.
    expect(released.some((noise) => noise < -30)).toBe(true);
    const machine = new NumericSparse(choice, seededSource(1));
    expect(machine.epsilon).toBe(40.05);
    expect(machine.ask(0)).toEqual({ answer: 'below' });
  });
});

describe('the k best', () => {
  const scores = Int32Array.of(3, 1, 0, 3, -2);
  const choice = { k: 2, sensitivity: 1, epsilonPerPick: 1.5, monotone: false };

  it('are picked with the probabilities of the exponential mechanism, in order, without putting back', () => {
    const weights = Array.from(scores, (score) => Math.exp((1.5 * score) / 2));
    const total = weights.reduce((sum, one) => sum + one, 0);
    const masses = new Map<number, number>();
    for (let a = 0; a < 5; a++) {
      for (let b = 0; b < 5; b++) {
        if (a !== b) masses.set(10 * a + b, ((weights[a]! / total) * weights[b]!) / (total - weights[a]!));
      }
    }
    const picks = Array.from({ length: 8_000 }, (_, i) => {
      const { indices } = topK(scores, choice, seededSource(i));
      return 10 * indices[0]! + indices[1]!;
    });
    expect(fits(picks, masses)).toBe(true);
    const twice = Array.from({ length: 8_000 }, (_, i) => {
      const { indices } = topK(scores, { ...choice, epsilonPerPick: 1.8 }, seededSource(i));
      return 10 * indices[0]! + indices[1]!;
    });
    expect(fits(twice, masses)).toBe(false);
  });

  it('cost kε₀ and kε₀²/8', () => {
    expect(topK(scores, choice, seededSource(1))).toMatchObject({ epsilon: 3, rho: (2 * 1.5 ** 2) / 8 });
  });

  it('are decided by the exact weights where leading bits tie', () => {
    // Two scores, temperature 2/ε₀ = 2: the better one holds [0, 1/(1 + e^-1/2)) of the unit interval.
    const two = Int32Array.of(1, 0);
    const boundary = 1 / (1 + Math.exp(-1 / 2));
    const word = Math.floor(boundary * 2 ** 32);
    const rest = Math.floor((boundary * 2 ** 32 - word) * 2 ** 20) * 2 ** 12;
    const at = (next: number): number =>
      topK(two, { ...choice, k: 1, epsilonPerPick: 1 }, scriptedSource([word, next, 0, 0, 0, 0], seededSource(2)))
        .indices[0]!;
    expect(at(rest - 2 ** 13)).toBe(0);
    expect(at(rest + 2 ** 13)).toBe(1);
  });

  it('of many scores are all different and mostly the best', () => {
    const many = Int32Array.from({ length: 20_000 }, (_, i) => (i < 100 ? 2000 : i % 1000));
    const { indices } = topK(many, { k: 100, sensitivity: 1, epsilonPerPick: 0.1, monotone: true }, seededSource(3));
    expect(new Set(indices).size).toBe(100);
    expect(indices.filter((index) => index < 100).length).toBe(100);
  });

  it('are found however far below the one that was taken the others lie', () => {
    const far = Int32Array.of(2 ** 31 - 1, 0, 1, -(2 ** 31));
    const picks = Array.from({ length: 4000 }, (_, i) => [
      ...topK(far, { k: 3, sensitivity: 1, epsilonPerPick: 1, monotone: true }, seededSource(i)).indices,
    ]);
    expect(picks.every(([first]) => first === 0)).toBe(true);
    // Of 0 and 1 the second is e times as likely, to come first.
    const better = picks.filter(([, second]) => second === 2).length / picks.length;
    const share = Math.E / (1 + Math.E);
    expect(Math.abs(better - share)).toBeLessThan(4.9 * Math.sqrt((share * (1 - share)) / picks.length));
    expect(topK(far, { k: 4, sensitivity: 1, epsilonPerPick: 1, monotone: true }, seededSource(1)).indices[3]).toBe(3);
  });

  it('refuse what is no choice', () => {
    for (const bad of [
      { k: 0 },
      { k: 6 },
      { sensitivity: 0.5 },
      { epsilonPerPick: 0 },
      { epsilonPerPick: Number.NaN },
    ]) {
      expect(() => topK(scores, { ...choice, ...bad }, seededSource(1))).toThrow();
    }
  });
});

const mnist: SelectiveChoice = {
  parameterCount: 109_386,
  uploadFraction: 0.1,
  bound: 1e-3,
  threshold: 1e-4,
  epsilonPerUpload: 1,
  epochs: 15,
  delta: 1e-5,
};

describe("Shokri and Shmatikov's selection", () => {
  it('costs ten thousand an epoch where the paper says one', () => {
    const cost = selectiveCost(mnist);
    expect(cost).toMatchObject({
      uploadsPerEpoch: 10_938,
      reportedPerParameter: 1,
      epsilonPerEpoch: 10_938,
      epsilonTotal: 164_070,
    });
    expect(cost.answerNoiseScale).toBeCloseTo(0.018, 12);
    expect(cost.gaussianAlternative.epsilonTotal).toBeLessThan(cost.epsilonTotal / 100);
    expect(cost.warning).toContain('164070');
  });

  it('adds up: eight ninths for the thresholds and queries, one ninth for the answers', () => {
    // Each of c rounds: threshold Lap(2cΔf/ε₁), query twice that: ε₁/c; each answer Lap(2cΔf/ε₂): ε₂/2c. Δf = 2γ.
    const [c, epsilon, gamma] = [100, 40, 1];
    const thresholdScale = (2 * c * 2 * gamma) / ((8 / 9) * epsilon);
    const answerScale = (2 * c * 2 * gamma) / ((2 / 9) * epsilon);
    const total = c * ((2 * 2 * gamma) / thresholdScale + (2 * gamma) / answerScale);
    expect(total).toBeCloseTo(epsilon, 9);
    const cost = selectiveCost({ ...mnist, parameterCount: 1000, bound: gamma, epsilonPerUpload: epsilon / c });
    expect(cost.answerNoiseScale).toBeCloseTo(answerScale, 9);
    expect(cost.selectionNoiseScale).toBeCloseTo(2 * thresholdScale, 9);
  });

  it('returns bounded values of large coordinates when there is hardly any noise, and its cost always', () => {
    const update = Float64Array.from({ length: 200 }, (_, i) => (i < 20 ? 5e-3 : i === 20 ? Number.NaN : 0));
    const choice = { ...mnist, parameterCount: 200, epsilonPerUpload: 1e4, threshold: 5e-4 };
    const selected = selectUpload(update, choice, seededSource(4));
    expect([...selected.indices].sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
    expect([...selected.values].every((value) => Math.abs(value) <= 1e-3 && value > 0.9e-3)).toBe(true);
    expect(selected.cost).toEqual(selectiveCost(choice));
  });

  it('uploads at most c and noise mostly when ε/c is one, in an order that hides the place', () => {
    const update = new Float64Array(5000);
    const selected = selectUpload(update, { ...mnist, parameterCount: 5000 }, seededSource(5));
    expect(selected.indices.length).toBe(500);
    expect(new Set(selected.indices).size).toBe(500);
    expect(Math.max(...selected.indices)).toBeGreaterThan(4000);
    expect(selected.values.filter((value) => Math.abs(value) === 1e-3).length).toBeGreaterThan(400);
  });

  it('draws its noise at every ε/c that it prices, at the coarsest grid that holds it too', () => {
    for (let power = -20; power <= 40; power++) {
      // 18/ε times the cells of the bound is the largest scale there is, or a power of two of it.
      for (const epsilonPerUpload of [18 * 2 ** -power, 18.0000001 * 2 ** -power, 17.9999999 * 2 ** -power]) {
        const choice = { ...mnist, parameterCount: 20, epsilonPerUpload };
        if (18 / epsilonPerUpload >= 2 ** 20)
          expect(() => selectUpload(new Float64Array(20), choice, seededSource(1))).toThrow('nothing');
        else
          expect(selectUpload(new Float64Array(20), choice, seededSource(1)).cost.reportedPerParameter).toBe(
            epsilonPerUpload,
          );
      }
    }
  });

  it('refuses what it cannot do', () => {
    expect(() => selectUpload(new Float64Array(3), mnist, seededSource(1))).toThrow('an update of 3');
    expect(() => selectiveCost({ ...mnist, delta: 0 })).toThrow('δ');
    expect(() => selectiveCost({ ...mnist, epsilonPerUpload: Number.POSITIVE_INFINITY })).toThrow('Infinity');
    expect(() =>
      selectUpload(new Float64Array(109_386), { ...mnist, epsilonPerUpload: 1e-6 }, seededSource(1)),
    ).toThrow('nothing would be left');
  });
});

describe('the price of a selection', () => {
  const frame = { adjacency: 'add-remove', unit: 'participant' } as const;
  const delta = 1e-6;

  it('of a sparse vector is the sum of its parts', () => {
    const above = priceOfSparseVector(new AboveThreshold(sparse, seededSource(1)), frame);
    expect(tightest.epsilon([{ mechanism: above, count: 1 }], delta)).toBeCloseTo(2, 4);
    const numeric = priceOfSparseVector(new NumericSparse({ ...sparse, releaseEpsilon: 0.5 }, seededSource(1)), frame);
    expect(numeric).toMatchObject({ kind: 'sparseVector', releaseEpsilon: 0.5, unit: 'participant' });
    expect(tightest.epsilon([{ mechanism: numeric, count: 1 }], delta)).toBeCloseTo(2.5, 4);
  });

  it('of the k best is kε₀²/8 in zCDP', () => {
    const choice = { k: 100, sensitivity: 1, epsilonPerPick: 0.05, monotone: false };
    const { rho } = topK(
      Int32Array.from({ length: 200 }, (_, i) => i),
      choice,
      seededSource(2),
    );
    const price = priceOfTopK(choice, frame);
    const known = concentrated.epsilon([{ mechanism: { ...frame, kind: 'zeroConcentrated', rho }, count: 1 }], delta)!;
    expect(concentrated.epsilon([{ mechanism: price, count: 1 }], delta)).toBeCloseTo(known, 9);
  });

  it('of an upload is the true ε of an epoch, and its rounds split as its noise does', () => {
    const price = priceOfUpload(mnist, frame);
    expect(
      price.kind === 'sparseVector' && price.thresholdEpsilon + price.queriesEpsilon + price.releaseEpsilon,
    ).toBeCloseTo(10_938, 6);
    // 2γ over the threshold's scale 4.5γ, 4γ over the queries' 9γ, 2γ over the answers' 18γ: c times each, at ε/c = 1.
    expect(price).toMatchObject({ thresholdEpsilon: (10_938 * 2) / 4.5 });
    expect(price.kind === 'sparseVector' && price.queriesEpsilon).toBeCloseTo((10_938 * 4) / 9, 6);
    expect(price.kind === 'sparseVector' && price.releaseEpsilon).toBeCloseTo((10_938 * 2) / 18, 6);
  });
});
