import { createCipheriv, createHash } from 'node:crypto';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { diceOf, seededBytes } from './seeded.ts';

const bytesOf = (seed: number, stream: string) => seededBytes(nodePrimitives(), seed, stream);

describe('random bytes from a seed', () => {
  it('are the ChaCha20 stream under the hash of seed and name, whatever the lengths that are asked for', () => {
    const key = createHash('sha256').update('sumus/1/simulation\x007\0basel').digest();
    const expected = createCipheriv('chacha20', key, Buffer.alloc(16)).update(Buffer.alloc(10_000));
    const draw = bytesOf(7, 'basel');
    const drawn = [1, 0, 63, 64, 65, 4000, 5000, 807].map((length) => draw(length));
    expect(Buffer.concat(drawn).equals(expected)).toBe(true);
  });

  it('differ with the seed and with the name', () => {
    const [a, b, c] = [bytesOf(1, 'a')(16), bytesOf(2, 'a')(16), bytesOf(1, 'b')(16)].map((bytes) => bytes.join());
    expect(new Set([a, b, c]).size).toBe(3);
  });

  it('refuse a seed that is no whole number', () => {
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => bytesOf(seed, 'a')).toThrow(RangeError);
  });

  it('are thrown as fair dice', () => {
    const dice = diceOf(bytesOf(3, 'dice'));
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 6000; i++) counts[dice.below(6)]! += 1;
    // χ² with 5 degrees of freedom passes 39.6 with a chance below 2e-7.
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(39.6);
    expect([dice.chance(0), dice.chance(1)]).toEqual([false, true]);
  });
});
