import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { wholeContext } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import { openAt, seededPrimitives } from '../seeded-members.contract.ts';
import { maskGraph } from './graph.ts';
import { completeParameters, type MaskParameters, sparseParameters } from './parameters.ts';

const primitives = seededPrimitives(nodePrimitives(), 5);
const contextWith = (beacon: number) =>
  wholeContext(primitives, openAt(primitives, 1), {
    rosterRoot: new Uint8Array(32).fill(4),
    beacon: new Uint8Array(32).fill(beacon),
  });
const sparse = sparseParameters(100, { corruptFraction: 0.1, dropoutFraction: 0.1 })!;
const graphs: [string, MaskParameters][] = [
  ['the complete graph of 7', completeParameters(7)],
  ['a sparse graph of 100', sparse],
];

describe.each(graphs)('%s', (_, parameters) => {
  const graph = maskGraph(primitives, contextWith(5), parameters);
  const indices = [...Array(parameters.members).keys()];

  it('gives everybody k neighbours, who are neighbours both ways', () => {
    for (const u of indices) {
      const mine = graph.neighboursOf(u);
      expect(mine.length).toBe(parameters.neighbours);
      expect(new Set([...mine, u]).size).toBe(parameters.neighbours + 1);
      expect([...mine]).toEqual([...mine].sort((a, b) => a - b));
      for (const v of mine) expect(graph.areNeighbours(v, u)).toBe(true);
    }
  });

  it('attack 53: gives a sharing set the points 1 to K, none twice, and 0 to nobody', () => {
    for (const u of indices) {
      const set = [...graph.neighboursOf(u), u].sort((a, b) => a - b);
      expect(set.map((v) => graph.pointOf(u, v))).toEqual(set.map((_, i) => i + 1));
    }
  });

  it('refuses members it does not have', () => {
    expect(() => graph.neighboursOf(parameters.members)).toThrow(ParameterError);
    expect(() => graph.neighboursOf(-1)).toThrow(ParameterError);
  });
});

describe('the sparse graph', () => {
  const of = (beacon: number): string =>
    JSON.stringify(
      [...Array(100).keys()].map((u) => maskGraph(primitives, contextWith(beacon), sparse).neighboursOf(u)),
    );

  it('attack 10: follows from the beacon alone, and another beacon gives another', () => {
    expect(of(5)).toBe(of(5));
    expect(of(5)).not.toBe(of(6));
  });

  it('has no points for who is no neighbour', () => {
    const graph = maskGraph(primitives, contextWith(5), sparse);
    const stranger = [...Array(100).keys()].find((v) => v !== 0 && !graph.areNeighbours(0, v))!;
    expect(() => graph.pointOf(0, stranger)).toThrow(ParameterError);
  });

  it.each<[string, Partial<MaskParameters>]>([
    ['an odd number of neighbours', { neighbours: 41 }],
    ['more neighbours than members', { neighbours: 100 }],
    ['no neighbours', { neighbours: 0 }],
    ['attack 55: a sharing set of 256', { sharingSet: 256 }],
  ])('refuses %s', (_, part) => {
    expect(() => maskGraph(primitives, contextWith(5), { ...sparse, ...part })).toThrow(ParameterError);
  });
});
