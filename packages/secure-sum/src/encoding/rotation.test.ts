import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { seededPrimitives } from '../seeded-members.contract.ts';
import { placeSigns, type Rotation, rotateBackInPlace, rotateInPlace, rotationOf } from './rotation.ts';
import { contextAt, normalisedError, normOf, SHAPES, vectorOf } from './seeded-encodings.contract.ts';
import { noWindows, rangeOf, type Windows, windowsOver } from './windows.ts';

const primitives = seededPrimitives(nodePrimitives(), 1);
const LENGTHS = [1, 2, 15, 16, 17, 20, 31, 33, 100, 127, 129, 1000, 1025, 5000, 65_000, 70_001];
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

const rotationAt = (windows: Windows, round = 1): Rotation =>
  rotationOf(primitives, contextAt(primitives, round), windows);

function moved(rotation: Rotation, values: Float32Array, back = false): Float32Array {
  const { memory } = engine;
  const { windows } = rotation;
  return memory.scope(() => {
    const at = memory.allocate(4 * windows.length);
    memory.f32(at, windows.length).fill(0);
    memory.f32(at, values.length).set(values);
    const signs = placeSigns(engine, rotation);
    if (back) rotateBackInPlace(engine, at, windows, signs, 1);
    else rotateInPlace(engine, at, windows, signs, { first: 1, second: 1 });
    return memory.f32(at, windows.length).slice();
  });
}

describe('the windows over a vector', () => {
  it('cover every length with less than a 32nd more, or 15 values at most', () => {
    const next = seededWords(1);
    for (let i = 0; i < 5000; i++) {
      const length = i < 2000 ? i + 1 : (next() % 2 ** (i % 26)) + 1;
      const { length: covered, layers, secondAt } = windowsOver(length);
      expect(covered).toBeGreaterThanOrEqual(length);
      expect(covered - length).toBeLessThanOrEqual(Math.max(15, length / 31));
      expect(covered % 4).toBe(0);
      expect(covered).toBe(secondAt + 2 ** layers);
      expect(secondAt % 4).toBe(0);
      expect(secondAt).toBeLessThan(2 ** layers);
    }
  });

  it('are two of 2^19 without padding for a million values, and one where a power of two is near', () => {
    expect(windowsOver(1_000_000)).toEqual({ length: 1_000_000, layers: 19, secondAt: 475_712 });
    expect(windowsOver(1_020_000)).toEqual({ length: 2 ** 20, layers: 20, secondAt: 0 });
    expect(windowsOver(2 ** 24 + 1)).toEqual({ length: 2 ** 24 + 4, layers: 24, secondAt: 4 });
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 25 + 1])('refuse a length of %s', (length) => {
    expect(() => windowsOver(length)).toThrow(ParameterError);
    expect(() => noWindows(length)).toThrow(ParameterError);
  });
});

describe('the rotation', () => {
  it('keeps norms and is undone by its inverse, at every length and for every shape', () => {
    const next = seededWords(2);
    for (const length of LENGTHS) {
      const rotation = rotationAt(windowsOver(length));
      for (const shape of SHAPES) {
        const values = vectorOf(shape, length, next);
        const rotated = moved(rotation, values);
        expect(Math.abs(normOf(rotated) / normOf(values) - 1)).toBeLessThan(1e-5);
        expect(normalisedError(moved(rotation, rotated, true), values)).toBeLessThan(1e-11);
      }
    }
  });

  it('is orthogonal: rotated unit vectors are unit vectors at right angles', () => {
    const rotation = rotationAt(windowsOver(36));
    const rows = Array.from({ length: 36 }, (_, i) =>
      moved(
        rotation,
        Float32Array.from({ length: 36 }, (_, j) => +(i === j)),
      ),
    );
    for (const a of rows) {
      for (const b of rows) {
        const product = a.reduce((sum, value, i) => sum + value * b[i], 0);
        expect(Math.abs(product - (a === b ? 1 : 0))).toBeLessThan(1e-6);
      }
    }
  });

  it('spreads every shape: no value is beyond the public range, wherever the norm lay', () => {
    const next = seededWords(3);
    for (const length of LENGTHS) {
      for (let round = 1; round <= 8; round++) {
        const rotation = rotationAt(windowsOver(length), round);
        for (const shape of SHAPES) {
          const values = vectorOf(shape, length, next);
          const largest = moved(rotation, values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          expect(largest).toBeLessThanOrEqual(normOf(values) * rangeOf(rotation.windows) * (1 + 1e-6));
        }
      }
    }
  });

  it('has a range that is the formula, at most 1 % above, never below', () => {
    for (const length of LENGTHS) {
      const windows = windowsOver(length);
      const formula = Math.min(1, Math.sqrt((2 * Math.log(2 * windows.length * 2 ** 20)) / 2 ** windows.layers));
      expect(rangeOf(windows)).toBeGreaterThanOrEqual(formula);
      expect(rangeOf(windows)).toBeLessThanOrEqual(formula * 1.02);
    }
    expect(rangeOf(noWindows(1000))).toBe(1);
  });

  it('follows from the context: another round, other signs, half of them different', () => {
    const windows = windowsOver(70_001);
    const one = rotationAt(windows, 1);
    const same = rotationAt(windows, 1);
    const other = rotationAt(windows, 2);
    expect(one.firstSigns).toEqual(same.firstSigns);
    expect(one.secondSigns).toEqual(same.secondSigns);
    const all = ({ firstSigns, secondSigns }: Rotation): number[] => [...firstSigns, ...secondSigns];
    const ones = (bits: number): number => bits.toString(2).replaceAll('0', '').length;
    const others = all(other);
    const differing = all(one).reduce((sum, byte, i) => sum + ones(byte ^ others[i]), 0);
    const bits = 8 * others.length;
    // Within five standard deviations of a half.
    expect(Math.abs(differing - bits / 2)).toBeLessThan(2.5 * Math.sqrt(bits));
    expect(one.firstSigns).not.toEqual(one.secondSigns);
  });
});
