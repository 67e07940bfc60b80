import { describe, expect, it } from 'vitest';
import { gaussianOf, numbers } from '../sensitivity/brute-force.contract.ts';
import { atLeast, atMost, binomialMass, lowerBound, upperBound } from './binomial.ts';
import { auditOneRun, auditOneRunGaussian, auditScores, gaussianMu, guessFromScores, oneRunPValue } from './one-run.ts';
import { auditPairedRuns } from './paired-runs.ts';

describe('binomial tails', () => {
  it('are the sums of their masses', () => {
    for (const [n, p] of [
      [1, 0.3],
      [17, 0.02],
      [40, 0.5],
      [200, 0.97],
    ] as const) {
      let sum = 0;
      for (let k = n; k >= 0; k--) {
        sum += binomialMass(n, p, k);
        expect(atLeast(n, p, k)).toBeCloseTo(sum, 12);
        expect(atMost(n, p, k)).toBeCloseTo(1 - sum + binomialMass(n, p, k), 12);
      }
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it('invert into Clopper-Pearson bounds', () => {
    expect(atLeast(50, lowerBound(20, 50, 0.01), 20)).toBeCloseTo(0.01, 9);
    expect(atMost(50, upperBound(20, 50, 0.01), 20)).toBeCloseTo(0.01, 9);
    expect(lowerBound(0, 50, 0.01)).toBe(0);
    expect(upperBound(50, 50, 0.01)).toBe(1);
    expect(upperBound(0, 1000, 0.025)).toBeCloseTo(1 - 0.025 ** (1 / 1000), 12);
    expect(() => lowerBound(51, 50, 0.01)).toThrow('51');
  });

  it('cover: the true rate lies outside of both bounds as often as stated, and not more', () => {
    let outside = 0;
    for (let k = 0; k <= 100; k++) {
      if (lowerBound(k, 100, 0.025) > 0.37 || upperBound(k, 100, 0.025) < 0.37) outside += binomialMass(100, 0.37, k);
    }
    expect(outside).toBeLessThanOrEqual(0.05);
    expect(outside).toBeGreaterThan(0.02);
  });
});

describe('an audit by paired runs', () => {
  // Golden values of jax_privacy, significance 0.05.
  it.each([
    { counts: [900, 1000, 100, 1000], delta: 1e-5, epsilon: 1.98969, missed: 0.120288, falsely: 0.120288 },
    { counts: [500, 1000, 5, 1000], delta: 1e-5, epsilon: 3.69608, missed: 0.531451, falsely: 0.0116295 },
    { counts: [60, 100, 40, 100], delta: 0, epsilon: 0, missed: 0.502791, falsely: 0.502791 },
    { counts: [1000, 1000, 0, 1000], delta: 0, epsilon: 5.6, missed: 0.003682, falsely: 0.003682 },
  ])('of $counts finds $epsilon', ({ counts, delta, epsilon, missed, falsely }) => {
    const [truePositives, inCount, falsePositives, outCount] = counts as [number, number, number, number];
    const found = auditPairedRuns({ truePositives, inCount, falsePositives, outCount }, { delta, significance: 0.05 });
    expect(found.epsilon).toBeCloseTo(epsilon, epsilon === 5.6 ? 2 : 4);
    expect(1 - found.truePositiveRate).toBeCloseTo(missed, 5);
    expect(found.falsePositiveRate).toBeCloseTo(falsely, 5);
  });
});

describe('an audit by one run', () => {
  // Golden values of jax_privacy, significance 0.05.
  it.each([
    { canaries: 1000, guesses: 100, correct: 100, delta: 1e-5, epsilon: 3.46538, gaussian: 5.54903 },
    { canaries: 1000, guesses: 300, correct: 250, delta: 1e-5, epsilon: 1.347, gaussian: 2.23566 },
    { canaries: 5000, guesses: 500, correct: 480, delta: 1e-5, epsilon: 2.78302, gaussian: 4.06268 },
    { canaries: 1000, guesses: 100, correct: 95, delta: 0.001, epsilon: 0.594314, gaussian: 2.33821 },
    { canaries: 1000, guesses: 200, correct: 110, delta: 1e-5, epsilon: 0, gaussian: 0 },
  ])(
    'of $guesses guesses, $correct right, finds $epsilon and $gaussian',
    ({ delta, epsilon, gaussian, ...guesses }) => {
      expect(auditOneRun(guesses, { delta, significance: 0.05 })).toBeCloseTo(epsilon, 4);
      expect(auditOneRunGaussian(guesses, { delta, significance: 0.05 })).toBeCloseTo(gaussian, 4);
    },
  );

  it('without δ is the tail of a binomial', () => {
    expect(oneRunPValue({ canaries: 10, guesses: 10, correct: 9 }, 0, 0)).toBeCloseTo(11 / 1024, 12);
    expect(oneRunPValue({ canaries: 10, guesses: 10, correct: 9 }, 0, 1e-3)).toBeGreaterThan(11 / 1024);
  });

  it('guesses by score, and ties count against the attacker', () => {
    expect(guessFromScores({ in: [3, 2, 1], out: [0, -1, 1] }, 4)).toEqual({ canaries: 6, guesses: 4, correct: 4 });
    expect(guessFromScores({ in: [1, 1], out: [1, 1] }, 2)).toEqual({ canaries: 4, guesses: 2, correct: 0 });
    expect(() => guessFromScores({ in: [Number.NaN], out: [1] }, 1)).toThrow('no number');
    expect(() => guessFromScores({ in: [1], out: [1] }, 3)).toThrow('3 guesses');
  });

  /** Ideal white-box canaries of a Gaussian mechanism: orthogonal, so each score is its own noise, plus one when in. */
  function scores(seed: number, count: number, sigma: number): { in: number[]; out: number[] } {
    const next = numbers(seed);
    const found: { in: number[]; out: number[] } = { in: [], out: [] };
    for (let i = 0; i < count; i++) {
      const present = next() < 0.5;
      (present ? found.in : found.out).push((present ? 1 : 0) + sigma * gaussianOf(next));
    }
    return found;
  }

  it('does not refute a mechanism that does what it claims, and does one whose noise is a quarter or a half', () => {
    // σ = 1.2 at δ = 1e-5: ε = 3.55.
    const claimed = 3.55;
    const median = (sigma: number): number => {
      const found = Array.from({ length: 5 }, (_, seed) =>
        auditOneRunGaussian(guessFromScores(scores(50 + seed, 5000, sigma), 500), { delta: 1e-5, significance: 0.05 }),
      );
      return found.sort((a, b) => a - b)[2]!;
    };
    expect(gaussianMu(claimed, 1e-5)).toBeCloseTo(1 / 1.2, 2);
    const honest = median(1.2);
    expect(honest).toBeGreaterThan(1);
    expect(honest).toBeLessThan(claimed);
    expect(median(0.6)).toBeGreaterThan(honest * 1.5);
    expect(median(0.3)).toBeGreaterThan(claimed);
  });

  it('over several numbers of guesses flags what is broken, and pays for having tried', () => {
    const choice = { guessCounts: [100, 300, 1000], claimed: 3.55, curve: 'gaussian' } as const;
    const confidence = { delta: 1e-5, significance: 0.05 };
    expect(auditScores(scores(70, 5000, 1.2), choice, confidence).violated).toBe(false);
    expect(auditScores(scores(70, 5000, 0.3), choice, confidence)).toMatchObject({ violated: true, claimed: 3.55 });
    const single = auditScores(scores(70, 5000, 0.3), { ...choice, guessCounts: [300] }, confidence).epsilon;
    const among = auditScores(scores(70, 5000, 0.3), { ...choice, guessCounts: [300, 300, 300] }, confidence).epsilon;
    expect(among).toBeLessThan(single);
    // Without the assumption of a Gaussian curve less is seen, never more.
    expect(auditScores(scores(70, 5000, 0.3), { ...choice, curve: 'any' }, confidence).epsilon).toBeLessThan(single);
  });

  it('by a Gaussian curve says nothing at δ = 0, where there is none, and would have refuted every ε', () => {
    const guesses = { canaries: 1000, guesses: 100, correct: 60 };
    expect(() => auditOneRunGaussian(guesses, { delta: 0, significance: 0.05 })).toThrow('δ = 0');
    expect(auditOneRun(guesses, { delta: 0, significance: 0.05 })).toBeLessThan(1);
    const choice = { guessCounts: [2], claimed: 1, curve: 'gaussian' } as const;
    expect(() => auditScores({ in: [1], out: [0] }, choice, { delta: 0, significance: 0.05 })).toThrow('δ = 0');
  });

  it('knows the Gaussian of an ε whose exponential is no double', () => {
    const mu = gaussianMu(2000, 1e-5);
    // δ(ε) = Φ(μ/2 − ε/μ) nearly, and Φ(−4.2649) = 1e-5.
    expect(mu / 2 - 2000 / mu).toBeLessThan(-4.1);
    expect(mu / 2 - 2000 / mu).toBeGreaterThan(-4.27);
  });

  it('of randomised response refutes its true ε hardly ever', () => {
    // Each canary is told truly with probability e/(1 + e): ε = 1 exactly, and the attacker believes what he is told.
    const next = numbers(77);
    let refuted = 0;
    const trials = 400;
    for (let trial = 0; trial < trials; trial++) {
      let correct = 0;
      for (let i = 0; i < 200; i++) if (next() < Math.E / (1 + Math.E)) correct += 1;
      if (auditOneRun({ canaries: 200, guesses: 200, correct }, { delta: 0, significance: 0.05 }) > 1) refuted += 1;
    }
    // Binomial(400, 0.05) exceeds 44 with probability below 1e-6.
    expect(refuted).toBeLessThanOrEqual(44);
    expect(refuted).toBeGreaterThan(0);
  });

  it('refuses counts that cannot be', () => {
    const confidence = { delta: 1e-5, significance: 0.05 };
    expect(() => auditOneRun({ canaries: 10, guesses: 11, correct: 5 }, confidence)).toThrow('11');
    expect(() => auditOneRun({ canaries: 10, guesses: 5, correct: 6 }, confidence)).toThrow('6');
    expect(() => auditOneRun({ canaries: 10, guesses: 5, correct: 5 }, { ...confidence, delta: 1 })).toThrow('δ');
    expect(() => auditOneRun({ canaries: 10, guesses: 5, correct: 5 }, { ...confidence, significance: 0 })).toThrow(
      'significance',
    );
  });
});
