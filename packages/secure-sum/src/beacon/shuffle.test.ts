import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { type Context, wholeContext } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import { openAt, seededPrimitives } from '../seeded-members.contract.ts';
import { shuffle } from './index.ts';

const primitives = seededPrimitives(nodePrimitives(), 7);
const open = openAt(primitives, 1);
function contextOf(draw: number): Context {
  const beacon = new Uint8Array(32);
  new DataView(beacon.buffer).setUint32(0, draw);
  return wholeContext(primitives, open, { rosterRoot: new Uint8Array(32), beacon });
}

describe('a shuffle from the beacon', () => {
  it.each([0, 1, 2, 3, 100, 5000])('of %d is a permutation, the same each time', (count) => {
    const order = shuffle(primitives, contextOf(1), 'mask/graph', count);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(shuffle(primitives, contextOf(1), 'mask/graph', count)).toEqual(order);
  });

  it('differs by beacon and purpose', () => {
    const orders = [
      shuffle(primitives, contextOf(1), 'mask/graph', 100),
      shuffle(primitives, contextOf(2), 'mask/graph', 100),
      shuffle(primitives, contextOf(1), 'committee', 100),
    ].map((order) => order.join());
    expect(new Set(orders).size).toBe(3);
  });

  it('gives all 24 orders of four equally often, and the test sees a shuffle that does not', () => {
    const draws = 6000;
    // χ² with 23 degrees of freedom: 73.7 is exceeded with probability below 1e-6 … 3e-7.
    const chiSquare = (orders: readonly string[]): number => {
      const counts = new Map<string, number>();
      for (const order of orders) counts.set(order, (counts.get(order) ?? 0) + 1);
      let sum = 0;
      for (const count of counts.values()) sum += (count - draws / 24) ** 2 / (draws / 24);
      return sum + (24 - counts.size) * (draws / 24);
    };
    const orders = Array.from({ length: draws }, (_, i) => [...shuffle(primitives, contextOf(i), 'mask/graph', 4)]);
    expect(chiSquare(orders.map((order) => order.join()))).toBeLessThan(73.7);
    // Swapping each place with any place, not with those left, favours some orders: 4^4 is no multiple of 4!.
    const naive = orders.map((order, draw) => {
      const mine = [0, 1, 2, 3];
      for (let i = 0; i < 4; i++) {
        const j = (order[i]! * 7 + orders[(draw + 1 + i) % draws]![i]!) % 4;
        [mine[i], mine[j]] = [mine[j]!, mine[i]!];
      }
      return mine.join();
    });
    expect(chiSquare(naive)).toBeGreaterThan(73.7);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 24 + 1])('of %d is refused', (count) => {
    expect(() => shuffle(primitives, contextOf(1), 'mask/graph', count)).toThrow(ParameterError);
  });
});
