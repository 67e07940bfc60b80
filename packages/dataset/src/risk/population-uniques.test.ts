import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { digamma, logGamma } from './gamma.ts';
import { populationUniques } from './population-uniques.ts';

const sample = classesOf({ 1: 412, 2: 130, 3: 61, 4: 40, 5: 22, 8: 15, 13: 9, 40: 4, 100: 1 });

function classesOf(histogram: Readonly<Record<number, number>>): Uint32Array {
  const sizes = Object.entries(histogram).flatMap(([size, count]) => Array.from({ length: count }, () => Number(size)));
  return Uint32Array.from(sizes);
}

const close = (value: number | undefined, expected: number): number => Math.abs((value ?? Number.NaN) / expected - 1);

describe('unique members of a population', () => {
  // Made with SciPy 1.17 and sums term by term: scipy.stats.hypergeom for Zayatz; the likelihood of Pitman's formula maximised by
  // Nelder and Mead; Chen and Keller-McNulty's two means as sums over scipy.stats.nbinom, solved by brentq.
  it('are estimated as an independent computation does', () => {
    const few = populationUniques(sample, 200_000);
    expect(close(few.zayatz, 14017.206119)).toBeLessThan(1e-9);
    expect(close(few.pitman, 3883.8328)).toBeLessThan(1e-6);
    expect(few.chosen).toMatchObject({ model: 'pitman', uniques: few.pitman });
    const many = populationUniques(sample, 5000);
    expect(close(many.zayatz, 695.5605791136)).toBeLessThan(1e-9);
    expect(close(many.pitman, 733.65208)).toBeLessThan(1e-6);
    expect(close(many.slideNegativeBinomial, 595.4488171)).toBeLessThan(1e-8);
    expect(many.chosen.model).toBe('slide-negative-binomial');
    expect(many.chosen.share).toBeCloseTo(0.11908976, 8);
  });

  it('come near the truth where the sample is drawn from a population that is known', () => {
    // Classes of a population as they are: many small ones, few large ones.
    const people = Array.from({ length: 4000 }, (_, at) => Math.ceil(3000 / (at + 1) ** 1.1));
    const populationSize = people.reduce((sum, size) => sum + size, 0);
    const truth = people.filter((size) => size === 1).length;
    const random = generator(5);
    for (const fraction of [0.05, 0.3]) {
      const sizes = Uint32Array.from(people, (size) => {
        let drawn = 0;
        for (let one = 0; one < size; one += 1) if (random() < fraction) drawn += 1;
        return drawn;
      });
      const { chosen, sampleUniques } = populationUniques(sizes, populationSize);
      expect(chosen.uniques).toBeGreaterThan(truth / 2);
      expect(chosen.uniques).toBeLessThan(truth * 2);
      // The sample's uniques, taken for the population's, are further off.
      expect(Math.abs(Math.log(chosen.uniques / truth))).toBeLessThan(
        Math.abs(Math.log(sampleUniques / fraction / truth)),
      );
    }
  });

  it('are those of the sample where it is the population, and none where nobody is alone', () => {
    const whole = populationUniques(Uint32Array.of(1, 1, 3, 0), 5);
    expect(whole).toMatchObject({ zayatz: 2, pitman: 2, slideNegativeBinomial: 2, chosen: { uniques: 2, share: 0.4 } });
    expect(populationUniques(Uint32Array.of(2, 3), 1000).chosen).toMatchObject({ uniques: 0, share: 0 });
    expect(populationUniques(new Uint32Array(0), 10).chosen.uniques).toBe(0);
  });

  it('are left to Zayatz where an estimator has no solution', () => {
    const { pitman, slideNegativeBinomial, chosen } = populationUniques(Uint32Array.of(1, 1, 1), 1000);
    expect([pitman, slideNegativeBinomial]).toEqual([undefined, undefined]);
    expect(chosen.model).toBe('zayatz');
  });

  it('are not estimated of a population smaller than its sample', () => {
    for (const size of [4, 0, -1, 5.5, Number.NaN]) {
      expect(() => populationUniques(Uint32Array.of(2, 3), size)).toThrow(ParameterError);
    }
  });

  it('ln Γ and its derivative are what sums say', () => {
    for (const whole of [1, 2, 7, 40, 1000]) {
      let [logarithm, harmonic] = [0, -0.5772156649015329];
      for (let at = 1; at < whole; at += 1) {
        logarithm += Math.log(at);
        harmonic += 1 / at;
      }
      expect(Math.abs(logGamma(whole) - logarithm)).toBeLessThan(1e-12 * Math.max(1, logarithm));
      expect(digamma(whole)).toBeCloseTo(harmonic, 12);
    }
    // Γ(1/2) = √π, ψ(1/2) = −γ − 2 ln 2.
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
    expect(digamma(0.5)).toBeCloseTo(-0.5772156649015329 - 2 * Math.LN2, 12);
  });
});

/** Marsaglia's xorshift, for a draw that is the same each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
