import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { normally, seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import {
  drawSketch,
  noResidual,
  type Selection,
  shareOf,
  sketchOf,
  supportOf,
  unsketched,
  wholeSupport,
  zeroUnselected,
} from './index.ts';
import { wholeContextAt } from './seeded-contexts.contract.ts';

const primitives = nodePrimitives();
const normOf = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe('a participant’s selection', () => {
  const values = Float32Array.of(0.1, -5, 3, 0, -0.2, 4);

  it('keeps the largest, zeros elsewhere', () => {
    expect([...zeroUnselected(values, { kind: 'largest', count: 2 })]).toEqual([0, -5, 0, 0, 0, 4]);
    expect([...zeroUnselected(values, { kind: 'largest', count: 0 })]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...zeroUnselected(values, { kind: 'all' })]).toEqual([...values]);
  });

  it('keeps some above a threshold, each equally likely, none below, however many may be kept', () => {
    const next = seededWords(2);
    const randomWords = (count: number): Uint32Array => Uint32Array.from({ length: count }, () => next());
    const counts = new Float64Array(6);
    for (let i = 0; i < 1000; i++) {
      const kept = zeroUnselected(values, { kind: 'above', threshold: 0.15, count: 2, randomWords });
      expect(kept.filter((value) => value !== 0)).toHaveLength(2);
      kept.forEach((value, at) => {
        if (value !== 0) counts[at]++;
        expect([0, values[at]]).toContain(value);
      });
    }
    expect([counts[0], counts[3]]).toEqual([0, 0]);
    // Each of four in half of 1000 draws: six standard deviations are 95.
    for (const at of [1, 2, 4, 5]) expect(Math.abs(counts[at] - 500)).toBeLessThan(95);
    const all = zeroUnselected(values, { kind: 'above', threshold: 0.15, count: 6, randomWords });
    expect([...all]).toEqual([0, values[1], 3, 0, values[4], 4]);
  });

  it.each<Selection>([
    { kind: 'largest', count: 7 },
    { kind: 'largest', count: -1 },
    { kind: 'above', threshold: Number.NaN, count: 2, randomWords: (n) => new Uint32Array(n) },
    { kind: 'above', threshold: 1, count: 2, randomWords: () => new Uint32Array(2) },
  ])('is refused where it is none: %j', (selection) => {
    expect(() => zeroUnselected(values, selection)).toThrow(ParameterError);
  });
});

describe('error feedback', () => {
  it('loses nothing: what was shared and what is kept add up to all gradients', () => {
    const next = seededWords(3);
    const length = 200;
    let residual = noResidual(length);
    const shared = new Float64Array(length);
    const given = new Float64Array(length);
    for (let round = 0; round < 30; round++) {
      const gradient = Float32Array.from({ length }, () => normally(next));
      const support = supportOf(
        primitives,
        length,
        Uint32Array.from({ length: 50 }, (_, i) => 4 * i + (round % 4)),
      );
      const share = shareOf(residual, gradient, {
        support,
        selection: { kind: 'largest', count: 20 },
        clippingNorm: 5,
      });
      expect(share.values.filter((value) => value !== 0).length).toBeLessThanOrEqual(20);
      expect(normOf(share.values)).toBeLessThanOrEqual(5 * (1 + 1e-6));
      share.values.forEach((value, i) => {
        shared[support.indices?.[i] ?? i] += value;
      });
      gradient.forEach((value, i) => {
        given[i] += value;
      });
      residual = share.residual;
    }
    for (let i = 0; i < length; i++) expect(Math.abs(given[i] - shared[i] - residual.values[i])).toBeLessThan(1e-4);
  });

  it('is a value: a round that failed is gone when one goes on with what was before', () => {
    const before = { values: Float32Array.of(1, 2) };
    const gradient = Float32Array.of(1, 1);
    const support = wholeSupport(primitives, 2);
    const share = shareOf(before, gradient, { support, selection: { kind: 'all' }, clippingNorm: 100 });
    expect([...before.values, ...gradient]).toEqual([1, 2, 1, 1]);
    expect([...share.values]).toEqual([2, 3]);
    expect([...share.residual.values]).toEqual([0, 0]);
    const bad = (): unknown =>
      shareOf(before, Float32Array.of(Number.NaN, 0), { support, selection: { kind: 'all' }, clippingNorm: 1 });
    expect(bad).toThrow(ParameterError);
  });
});

describe('a count sketch', () => {
  const plan = drawSketch(primitives, wholeContextAt(primitives, 1), { vectorLength: 5000, rows: 5, columns: 300 });

  it('is linear: the sketch of a sum is the sum of sketches', () => {
    const next = seededWords(4);
    const [a, b] = [0, 0].map(() => Float32Array.from({ length: 5000 }, () => (next() % 201) - 100));
    const sum = sketchOf(
      plan,
      a.map((value, i) => value + b[i]),
    );
    const [ofA, ofB] = [sketchOf(plan, a), sketchOf(plan, b)];
    expect(sum).toEqual(ofA.map((value, i) => value + ofB[i]));
  });

  it('gives the few large coordinates back among many small ones', () => {
    const next = seededWords(5);
    const values = Float32Array.from({ length: 5000 }, () => 0.01 * normally(next));
    const places = [3, 777, 4999, 2500];
    places.forEach((place, i) => {
      values[place] = i % 2 ? -10 : 10;
    });
    const found = unsketched(plan, sketchOf(plan, values), 4);
    for (const place of places) expect(Math.abs(found[place] - values[place])).toBeLessThan(0.5);
    expect(found.filter((value) => value !== 0)).toHaveLength(4);
  });

  it('spreads coordinates over columns and signs evenly, another context otherwise', () => {
    const counts = new Float64Array(600);
    for (const places of plan.places) for (const place of places) counts[place]++;
    const expected = (5 * 5000) / 600;
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 599 degrees of freedom: six standard deviations.
    expect(chi).toBeLessThan(599 + 6 * Math.sqrt(2 * 599));
    const other = drawSketch(primitives, wholeContextAt(primitives, 2), plan);
    expect(other.places[0]).not.toEqual(plan.places[0]);
    expect(plan.places[1]).not.toEqual(plan.places[0]);
    for (const shape of [{ rows: 2 }, { rows: 17 }, { columns: 0 }, { vectorLength: 0 }]) {
      expect(() => drawSketch(primitives, wholeContextAt(primitives, 1), { ...plan, ...shape })).toThrow(
        ParameterError,
      );
    }
  });
});
