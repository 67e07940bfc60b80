import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { seededBytes } from '../seeds/seeded.ts';
import { chosen, labelledExamples } from './labelled.ts';
import { dealtOut, partitionFromText, partitionText } from './partition.ts';

const random = (stream: string) => seededBytes(nodePrimitives(), 1, stream);
const classNames = ['a', 'b', 'c', 'd'];
const examples = labelledExamples({
  name: 'made',
  inputSize: 1,
  inputs: Float32Array.from({ length: 400 }, (_, i) => i),
  labels: Uint32Array.from({ length: 400 }, (_, i) => i % 4),
  classNames,
});

describe('examples', () => {
  it('are refused where numbers, labels and sizes do not fit', () => {
    const given = { name: 'x', inputSize: 2, classNames };
    const inputs = Float32Array.of(1, 2, 3, 4);
    expect(labelledExamples({ ...given, inputs, labels: Uint32Array.of(0, 3) }).count).toBe(2);
    expect(() => labelledExamples({ ...given, inputs, labels: Uint32Array.of(0) })).toThrow(/numbers/);
    expect(() => labelledExamples({ ...given, inputs, labels: Uint32Array.of(0, 4) })).toThrow(/label is 4/);
    const bad = Float32Array.of(1, Number.NaN, 3, 4);
    expect(() => labelledExamples({ ...given, inputs: bad, labels: Uint32Array.of(0, 3) })).toThrow(/NaN/);
  });

  it('are chosen with their labels', () => {
    const some = chosen(examples, Uint32Array.of(7, 2, 399));
    expect([...some.inputs]).toEqual([7, 2, 399]);
    expect([...some.labels]).toEqual([3, 2, 3]);
  });
});

describe('a partition', () => {
  it.each(['iid', 'dirichlet:0.5', 'shards:2', 'shards:3'])('%s is read and written alike', (text) => {
    const partition = partitionFromText(text);
    expect(partition === undefined ? undefined : partitionText(partition)).toBe(text);
  });

  it('of another name is not guessed', () => {
    for (const text of [
      'IID',
      'dirichlet',
      'dirichlet:0',
      'dirichlet:-1',
      'shards:0',
      'shards:1.5',
      'iid:3',
      '',
      'even',
    ]) {
      expect(partitionFromText(text)).toBeUndefined();
    }
  });

  it.each(['iid', 'dirichlet:0.5', 'shards:1'])('%s gives every example to exactly one participant', (text) => {
    const partition = partitionFromText(text) ?? { kind: 'iid' };
    const parts = dealtOut(examples, { participants: 8, partition, atLeast: 5 }, random(text));
    expect(parts.map(({ name }) => name)).toContain('participant-8');
    const all = parts.flatMap(({ inputs }) => [...inputs]).sort((a, b) => a - b);
    expect(all).toEqual([...examples.inputs]);
    expect(Math.min(...parts.map(({ count }) => count))).toBeGreaterThanOrEqual(5);
    const classesEach = parts.map(({ labels }) => new Set(labels).size);
    if (text === 'iid') expect(Math.min(...classesEach)).toBe(4);
    if (text === 'shards:1') expect(Math.max(...classesEach)).toBe(1);
  });
});
