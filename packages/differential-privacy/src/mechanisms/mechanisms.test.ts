// Mechanisms refuse by name what cannot be, keep adjacency and unit apart already in their types, and survive being written down.
import { describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { parseMechanism, serializeMechanism } from './canonical.ts';
import { mechanismFrom, under } from './constructors.ts';
import type { Mechanism } from './mechanism.ts';

const m = under({ adjacency: 'add-remove', unit: 'record' });
const gaussian = m.gaussian({ noiseMultiplier: 1.5 });

describe('a mechanism', () => {
  it('is frozen through and through', () => {
    const tree = m.tree({ noiseMultiplier: 1, stepCounts: [3, 4] });
    expect(Object.isFrozen(gaussian)).toBe(true);
    expect(Object.isFrozen(tree.kind === 'tree' && tree.stepCounts)).toBe(true);
  });

  it.each([
    ['noiseMultiplier', () => m.gaussian({ noiseMultiplier: 0 })],
    ['noiseMultiplier', () => m.gaussian({ noiseMultiplier: -1 })],
    ['noiseMultiplier', () => m.gaussian({ noiseMultiplier: Number.NaN })],
    ['noiseMultiplier', () => m.gaussian({ noiseMultiplier: Number.POSITIVE_INFINITY })],
    ['scaleMultiplier', () => m.laplace({ scaleMultiplier: 0 })],
    ['sensitivity', () => m.discreteGaussian({ noiseStddev: 1, sensitivity: 1.5 })],
    ['samplingRate', () => m.poissonSampled({ inner: gaussian, samplingRate: 1.01 })],
    ['samplingRate', () => m.poissonSampled({ inner: gaussian, samplingRate: -0.01 })],
    ['samplingRate', () => m.poissonSampled({ inner: gaussian, samplingRate: Number.NaN })],
    ['delta', () => m.approximate({ epsilon: 1, delta: 1 })],
    ['randomness', () => m.randomizedResponse({ randomness: 0, categories: 2 })],
    ['count', () => m.repetition({ inner: gaussian, count: 0 })],
    ['count', () => m.repetition({ inner: gaussian, count: 2.5 })],
    ['meanRuns', () => m.repeatAndSelect({ inner: gaussian, meanRuns: 0.5, shape: 1 })],
    ['shape', () => m.repeatAndSelect({ inner: gaussian, meanRuns: 2, shape: -1 })],
    ['groupSize', () => m.groupPoissonSampled({ noiseMultiplier: 1, samplingRate: 0.1, groupSize: 0 })],
    ['stepCounts', () => m.tree({ noiseMultiplier: 1, stepCounts: [] })],
  ])('refuses a bad %s by its name', (name, make) => {
    expect(make).toThrow(ParameterError);
    expect(make).toThrow(name);
  });

  it('refuses sampling where no bound is known here', () => {
    const r = under({ adjacency: 'replace-one', unit: 'record' });
    expect(() => m.poissonSampled({ inner: m.exponential({ epsilon: 1 }), samplingRate: 0.1 })).toThrow(/exponential/);
    expect(() => r.poissonSampled({ inner: r.laplace({ scaleMultiplier: 1 }), samplingRate: 0.1 })).toThrow(
      /replace-one/,
    );
    expect(() => m.fixedSizeSampled({ noiseMultiplier: 1, populationSize: 10, batchSize: 2 })).toThrow(/replace-one/);
    expect(() => r.fixedSizeSampled({ noiseMultiplier: 1, populationSize: 10, batchSize: 11 })).toThrow(/11/);
  });

  it('does not mix adjacencies or units: neither for the compiler nor at run time', () => {
    const participant = under({ adjacency: 'add-remove', unit: 'participant' });
    const replace = under({ adjacency: 'replace-one', unit: 'record' });
    // @ts-expect-error a participant's guarantee is not a record's
    expect(() => m.composition({ parts: [gaussian, participant.gaussian({ noiseMultiplier: 1 })] })).toThrow(
      /participant/,
    );
    // @ts-expect-error nor is replace-one add-remove
    expect(() => m.repetition({ inner: replace.gaussian({ noiseMultiplier: 1 }), count: 2 })).toThrow(/replace-one/);
    // @ts-expect-error there is no such adjacency
    expect(() => under({ adjacency: 'edit', unit: 'record' })).toThrow(/edit/);
  });
});

describe('canonical JSON', () => {
  const all: readonly Mechanism[] = [
    gaussian,
    m.repetition({ inner: m.poissonSampled({ inner: gaussian, samplingRate: 1e-3 }), count: 1000 }),
    m.composition({ parts: [m.laplace({ scaleMultiplier: 2 }), m.tree({ noiseMultiplier: 3, stepCounts: [5, 7] })] }),
    m.repeatAndSelect({ inner: gaussian, meanRuns: 10, shape: 'poisson' }),
    m.skellam({ l2Sensitivity: 1, dimension: 10, roundingBias: 0.5, gridScale: 100, noiseStddev: 1 }),
    m.sparseVector({ thresholdEpsilon: 0.1, queriesEpsilon: 0.2, releaseEpsilon: 0 }),
  ];

  it.each(all.map((one) => [one.kind, one] as const))('brings back a %s', (_kind, mechanism) => {
    const text = serializeMechanism(mechanism);
    const back = parseMechanism(text);
    expect(back).toEqual(mechanism);
    expect(serializeMechanism(back)).toBe(text);
    expect(text).not.toMatch(/\s/);
  });

  it('sorts its keys, so that one mechanism has one text', () => {
    expect(serializeMechanism(gaussian)).toBe(
      '{"adjacency":"add-remove","kind":"gaussian","noiseMultiplier":1.5,"unit":"record"}',
    );
  });

  it.each([
    ['no JSON', '{'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an unknown kind', '{"adjacency":"add-remove","kind":"magic","unit":"record"}'],
    ['the prototype for a kind', '{"adjacency":"add-remove","kind":"__proto__","unit":"record"}'],
    ['a constructor for a kind', '{"adjacency":"add-remove","kind":"constructor","unit":"record"}'],
    ['a missing field', '{"adjacency":"add-remove","kind":"gaussian","unit":"record"}'],
    [
      'one field too many',
      '{"adjacency":"add-remove","kind":"gaussian","noiseMultiplier":1,"secret":1,"unit":"record"}',
    ],
    ['text for a number', '{"adjacency":"add-remove","kind":"gaussian","noiseMultiplier":"1","unit":"record"}'],
    ['white space', '{ "adjacency":"add-remove","kind":"gaussian","noiseMultiplier":1,"unit":"record"}'],
    ['unsorted keys', '{"kind":"gaussian","adjacency":"add-remove","noiseMultiplier":1,"unit":"record"}'],
    ['no unit', '{"adjacency":"add-remove","kind":"gaussian","noiseMultiplier":1}'],
    ['parts that are none', '{"adjacency":"add-remove","kind":"composition","parts":{},"unit":"record"}'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseMechanism(text)).toThrow(MalformedMessage);
  });

  it('refuses nesting without end', () => {
    let value: unknown = { kind: 'gaussian', adjacency: 'add-remove', unit: 'record', noiseMultiplier: 1 };
    for (let depth = 0; depth < 50; depth += 1) {
      value = { kind: 'repetition', adjacency: 'add-remove', unit: 'record', inner: value, count: 1 };
    }
    expect(() => mechanismFrom(value)).toThrow(/nested/);
  });
});
