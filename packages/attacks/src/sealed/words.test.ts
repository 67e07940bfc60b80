import { describe, expect, it } from 'vitest';
import { firstLayerGradient, quotients } from '../first-layer/index.ts';
import { gradientOf, madePictures, network, numbers, part } from '../made-pictures.contract.ts';
import { PASSIVE_TOLERANCE, recovered } from '../matching/index.ts';
import { addMask, readWords, wordsOf } from './index.ts';

const STEP = 2 ** -28;
const PICTURES = 40;
const pictures = madePictures(PICTURES, numbers(21));
const attacked = await network(120, 1);

/** How many of the pictures, each sent alone, are found in what `seen` makes of its words. */
function found(seen: (words: Uint32Array, example: number) => Uint32Array): number {
  let count = 0;
  for (let example = 0; example < PICTURES; example++) {
    const own = part(pictures, example, 1);
    const words = seen(wordsOf(gradientOf(attacked, own), STEP), example);
    const candidates = quotients(firstLayerGradient(attacked, readWords(words, STEP)));
    if (recovered(own.inputs, candidates, { tolerance: PASSIVE_TOLERANCE })[0]! >= 0) count++;
  }
  return count;
}

const mask = (length: number, next: () => number): Uint32Array =>
  Uint32Array.from({ length }, () => Math.floor(next() * 2 ** 32));

describe('a sealed update', () => {
  it('gives up no picture under a uniform mask, and every one without', () => {
    const next = numbers(22);
    expect(found((words) => addMask(words, mask(words.length, next)))).toBe(0);
    expect(found((words) => words)).toBe(PICTURES);
  });

  it('gives up every picture under a mask that is too small, or known', () => {
    const next = numbers(23);
    expect(
      found((words) =>
        addMask(
          words,
          mask(words.length, next).map((word) => word >>> 28),
        ),
      ),
    ).toBe(PICTURES);
    const seeded = (words: Uint32Array, example: number): Uint32Array => mask(words.length, numbers(example));
    const known = found((words, example) =>
      addMask(
        addMask(words, seeded(words, example)),
        seeded(words, example).map((word) => -word),
      ),
    );
    expect(known).toBe(PICTURES);
  });

  it('gives up pictures when one mask is used for two: the difference has none', () => {
    const reused = mask(attacked.parameterCount, numbers(24));
    const other = addMask(wordsOf(gradientOf(attacked, part(pictures, 0, 1)), STEP), reused);
    const differences = found((words) => {
      const sealed = addMask(words, reused);
      return sealed.map((word, i) => word - other[i]!);
    });
    expect(differences).toBeGreaterThan(PICTURES / 4);
  });
});

describe('words of a gradient', () => {
  it('are two’s complement steps, rounded to the nearest, and read back as such', () => {
    const words = wordsOf(Float32Array.of(0, 0.5, -0.5, 1.2, -1.3), 0.5);
    expect([...words]).toEqual([0, 1, 2 ** 32 - 1, 2, 2 ** 32 - 3]);
    expect([...readWords(words, 0.5)]).toEqual([0, 0.5, -0.5, 1, -1.5]);
    expect([...addMask(words, Uint32Array.of(0, 2 ** 32 - 1, 1, 0, 5))]).toEqual([0, 0, 0, 2, 2]);
  });

  it('are refused for values they cannot hold, steps that are none, and masks of another length', () => {
    expect(() => wordsOf(Float32Array.of(0, 2 ** 31), 1)).toThrow(/value 1 does not fit/);
    expect(() => wordsOf(Float32Array.of(Number.NaN), 1)).toThrow(/value 0 does not fit/);
    for (const step of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => wordsOf(new Float32Array(1), step)).toThrow(/step/);
      expect(() => readWords(new Uint32Array(1), step)).toThrow(/step/);
    }
    expect(() => addMask(new Uint32Array(2), new Uint32Array(1))).toThrow(/1 words of mask for 2/);
  });
});
