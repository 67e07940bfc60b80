import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import { normally, seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import {
  drawSupport,
  freshGuide,
  gather,
  type Support,
  scatter,
  supportOf,
  updatedGuide,
  wholeSupport,
} from './index.ts';
import { largestIndices } from './largest.ts';
import { wholeContextAt } from './seeded-contexts.contract.ts';

const primitives = nodePrimitives();
const randomAt = (round: number, vectorLength: number, count: number): Support =>
  drawSupport(primitives, {
    vectorLength,
    rule: { kind: 'random', count },
    context: wholeContextAt(primitives, round),
  });
const indicesOf = ({ indices }: Support): number[] => [...(indices ?? [])];

describe('the largest magnitudes', () => {
  it('are those of sorting, lower indices first where magnitudes are equal', () => {
    const next = seededWords(1);
    const odd = [0, -0, 1e-45, -1e-45, 3.4e38, -3.4e38, 1, -1];
    for (let i = 0; i < 300; i++) {
      const values = Float32Array.from({ length: next() % 60 }, () => (next() % 2 ? odd[next() % 8] : normally(next)));
      const count = next() % (values.length + 1);
      const sorted = [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
      expect([...largestIndices(values, count)]).toEqual(sorted.slice(0, count).sort((a, b) => a - b));
    }
    expect(() => largestIndices(new Float32Array(3), 4)).toThrow(ParameterError);
  });
});

describe('a support', () => {
  it('gathers and scatters: what is outside is zero', () => {
    const support = supportOf(primitives, 6, Uint32Array.of(0, 2, 5));
    expect([...gather(support, Float32Array.of(1, 2, 3, 4, 5, 6))]).toEqual([1, 3, 6]);
    expect([...scatter(support, Float32Array.of(1, 3, 6))]).toEqual([1, 0, 3, 0, 0, 6]);
    const whole = wholeSupport(primitives, 3);
    expect([...gather(whole, Float32Array.of(1, 2, 3))]).toEqual([1, 2, 3]);
    expect([...scatter(whole, Float32Array.of(1, 2, 3))]).toEqual([1, 2, 3]);
    expect(() => gather(support, new Float32Array(5))).toThrow(ParameterError);
    expect(() => scatter(support, new Float32Array(4))).toThrow(ParameterError);
  });

  it('has a hash of its bitmap and length; that of all coordinates is the hash of nothing', () => {
    expect(wholeSupport(primitives, 9).hash).toEqual(primitives.sha256());
    const hashes = [
      supportOf(primitives, 9, Uint32Array.of(1, 8)),
      supportOf(primitives, 9, Uint32Array.of(1, 7)),
      supportOf(primitives, 10, Uint32Array.of(1, 8)),
      supportOf(primitives, 9, Uint32Array.of(1)),
    ].map(({ hash }) => hexOf(hash));
    expect(new Set(hashes).size).toBe(4);
  });

  it.each([[[]], [[1, 1]], [[2, 1]], [[9]]])('is not made of the indices %j', (indices) => {
    expect(() => supportOf(primitives, 9, Uint32Array.from(indices))).toThrow(ParameterError);
  });
});

describe('a random support', () => {
  it('follows from the context, has its size, and differs from round to round', () => {
    for (const count of [1, 10, 50, 99, 100]) {
      const support = randomAt(1, 100, count);
      expect(support.count).toBe(count);
      expect(new Set(indicesOf(support)).size).toBe(count);
      expect(randomAt(1, 100, count)).toEqual(support);
    }
    expect(randomAt(1, 100, 50).hash).not.toEqual(randomAt(2, 100, 50).hash);
  });

  it('takes every coordinate, and every pair, equally often', () => {
    const [length, count, rounds] = [12, 4, 3000];
    const single = new Float64Array(length);
    const pairs = new Float64Array(length * length);
    for (let round = 0; round < rounds; round++) {
      const indices = indicesOf(randomAt(round, length, count));
      for (const i of indices) {
        single[i]++;
        for (const j of indices) if (j > i) pairs[i * length + j]++;
      }
    }
    const chi = (counts: number[], expected: number): number =>
      counts.reduce((sum, observed) => sum + (observed - expected) ** 2 / expected, 0);
    // Beacons repeat every 256 rounds, contexts do not. χ² of 11 and 65 degrees of freedom, above 52 and 138 with probability < 1e-6.
    expect(chi([...single], (rounds * count) / length)).toBeLessThan(52);
    const possible = [...pairs].filter((_, at) => at % length > Math.floor(at / length));
    expect(chi(possible, (rounds * 6) / 66)).toBeLessThan(138);
  });

  it('is refused without an earlier context, and with a size that is none', () => {
    expect(() => drawSupport(primitives, { vectorLength: 9, rule: { kind: 'random', count: 3 } })).toThrow(
      ParameterError,
    );
    for (const count of [0, 10, 1.5, Number.NaN]) expect(() => randomAt(1, 9, count)).toThrow(ParameterError);
    expect(drawSupport(primitives, { vectorLength: 9, rule: { kind: 'all' } }).count).toBe(9);
  });
});

describe('a guided support', () => {
  const context = wholeContextAt(primitives, 3);
  const guided = (magnitudes: number[], count: number, explore: number): number[] => {
    const guide = { magnitudes: Float32Array.from(magnitudes), decay: 0.5 };
    return indicesOf(
      drawSupport(primitives, {
        vectorLength: magnitudes.length,
        rule: { kind: 'guided', count, explore },
        context,
        guide,
      }),
    );
  };

  it('has the largest of what was published and explores the rest', () => {
    const magnitudes = Array.from({ length: 100 }, (_, i) => (i % 10 === 3 ? 10 + i : 0.01 * i));
    const top = magnitudes.map((_, i) => i).filter((i) => i % 10 === 3);
    expect(guided(magnitudes, 10, 0)).toEqual(top);
    const explored = guided(magnitudes, 15, 5);
    expect(explored.filter((i) => i % 10 === 3)).toEqual(top);
    expect(explored).toHaveLength(15);
    expect(guided(magnitudes, 100, 50)).toHaveLength(100);
  });

  it('is refused without a guide of its length', () => {
    const rule = { kind: 'guided', count: 3, explore: 1 } as const;
    expect(() => drawSupport(primitives, { vectorLength: 9, rule, context })).toThrow(ParameterError);
    expect(() => guided([1, 2, 3], 2, 3)).toThrow(ParameterError);
  });

  it('keeps far more of a stationary gradient than a random one, and exploration finds what moves', () => {
    const next = seededWords(5);
    const length = 4000;
    const decayed = Float64Array.from({ length }, (_, i) => (i + 1) ** -0.6);
    const mean = decayed.map((value) => value * normally(next));
    // Halfway, the large coordinates are others.
    const moved = mean.map((_, i) => mean[length - 1 - i]);
    let guide = freshGuide(length, 0.5);
    const kept: number[] = [];
    for (let round = 0; round < 40; round++) {
      const truth = round < 20 ? mean : moved;
      const rule = round === 0 ? ({ kind: 'all' } as const) : ({ kind: 'guided', count: 400, explore: 80 } as const);
      const support = drawSupport(primitives, {
        vectorLength: length,
        rule,
        context: wholeContextAt(primitives, round),
        guide,
      });
      const published = gather(support, Float32Array.from(truth));
      guide = updatedGuide(guide, support, published);
      const energy = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value * value, 0);
      kept.push(energy(published) / energy(truth));
    }
    expect(kept[19]).toBeGreaterThan(0.8);
    expect(kept[20]).toBeLessThan(0.5);
    expect(kept[39]).toBeGreaterThan(kept[20] + 0.1);
  });
});

describe('a guide', () => {
  it('is a moving average of magnitudes, and keeps what was not published', () => {
    const support = supportOf(primitives, 4, Uint32Array.of(1, 3));
    const first = updatedGuide(freshGuide(4, 0.75), support, Float32Array.of(-4, 8));
    expect([...first.magnitudes]).toEqual([0, 1, 0, 2]);
    const second = updatedGuide(first, supportOf(primitives, 4, Uint32Array.of(0, 1)), Float32Array.of(4, 0));
    expect([...second.magnitudes]).toEqual([1, 0.75, 0, 2]);
    expect([...first.magnitudes]).toEqual([0, 1, 0, 2]);
    expect(() => updatedGuide(first, support, Float32Array.of(1, Number.NaN))).toThrow(ParameterError);
    expect(() => freshGuide(4, 1)).toThrow(ParameterError);
  });
});
