import { describe, expect, it } from 'vitest';
import { contribute, NOTHING_KEPT } from '../contribution/index.ts';
import {
  added,
  contributed,
  firstOf,
  numbers,
  primitives,
  rotationFor,
  smallPlan,
  supportFor,
  workOf,
} from '../contribution/small-run.contract.ts';
import { statisticsLength, statisticsOf } from '../one-round/index.ts';
import { type Plan, vectorLengthOf } from '../plan/index.ts';
import { checkedPlan, oneRoundPlan } from '../plan/sample-plans.contract.ts';
import { bytesOfPublished, publishedFromBytes, publishedHash, startPublished } from './index.ts';
import { engine, localWorkOf, nextOf, released } from './released.contract.ts';

const plain = smallPlan();

describe('one round', () => {
  const plan = checkedPlan({
    ...oneRoundPlan(),
    privacy: { kind: 'none', reason: 'numbers that nobody has to protect' },
    contributors: { ...oneRoundPlan().contributors, minimum: 3 },
  });
  const { exchange } = plan;
  if (exchange.schedule !== 'one-round') throw new Error('rounds');
  const rows = 40;
  const shape = { ...exchange };
  const own = (seed: number): Float32Array => {
    const features = numbers(seed, 1, rows * shape.featureCount);
    for (let row = 0; row < rows; row++) {
      const x = features.subarray(row * shape.featureCount, (row + 1) * shape.featureCount);
      const norm = Math.hypot(...x);
      x.forEach((value, i) => {
        x[i] = (0.999 * value) / norm;
      });
    }
    return statisticsOf(
      features,
      Uint32Array.from({ length: rows }, (_, i) => i % 10),
      shape,
    );
  };

  it('publishes a classifier from statistics, and is then over', () => {
    const start = startPublished(plan, undefined);
    const support = supportFor(plan, start);
    expect([support.count, vectorLengthOf(plan)]).toEqual([statisticsLength(shape), statisticsLength(shape)]);
    const words = [1, 2, 3].map((seed) => {
      const made = contribute(
        {
          engine,
          primitives,
          randomBytes: (length) => primitives.sha256(Uint8Array.of(seed, length)).slice(0, length),
        },
        plan,
        {
          work: { kind: 'statistics', values: own(seed), units: 100 },
          kept: NOTHING_KEPT,
          from: start,
          support,
          rotation: rotationFor(plan),
          versionsOld: 0,
        },
      );
      if (made.kind !== 'contribution') throw new Error('too few');
      return made.words;
    });
    const next = nextOf(released(plan, added(words), 3, start));
    if (next.kind !== 'statistics') throw new Error('a model');
    expect(next.classifier?.weights).toHaveLength(shape.featureCount * 10);
    expect(publishedFromBytes(plan, bytesOfPublished(next))).toEqual(next);
    expect(released(plan, new Int32Array(words[0].length), 3, start)).toMatchObject({
      kind: 'rejected',
      code: 'unusable-statistics',
    });
  });
});

describe('bytes of what was published', () => {
  const everything = smallPlan({}, (base) => ({
    ...base,
    exchange: {
      ...base.exchange,
      server: { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 },
      localWork: { ...localWorkOf(base), correction: { kind: 'control-variates' } },
    } as Plan['exchange'],
    sharing: {
      ...base.sharing,
      upload: { fraction: 0.5, selection: { kind: 'all' } },
      support: { kind: 'guided', fraction: 0.5, explore: 0.5 },
      download: { fraction: 0.5, decay: 0.9 },
    },
  }));

  it('are the same for the same, give it back, and are what its hash is of', () => {
    const published = firstOf(everything);
    const words = added(
      [1, 2, 3].map((seed) => contributed(everything, workOf(numbers(seed)), { engine, seed, published }).words),
    );
    const next = nextOf(released(everything, words, 3, published));
    for (const one of [published, next]) {
      const bytes = bytesOfPublished(one);
      expect(publishedFromBytes(everything, bytes)).toEqual(one);
      expect(publishedHash(primitives, one)).toEqual(primitives.sha256(bytes));
    }
    expect(publishedHash(primitives, next)).not.toEqual(publishedHash(primitives, published));
  });

  it('are refused where they are cut, longer, not finite, or of another plan', () => {
    const bytes = bytesOfPublished(firstOf(everything));
    for (let cut = 0; cut < bytes.length; cut += 97)
      expect(() => publishedFromBytes(everything, bytes.subarray(0, cut))).toThrow();
    expect(() => publishedFromBytes(everything, Uint8Array.of(...bytes, 0))).toThrow('left over');
    expect(() => publishedFromBytes(plain, bytes)).toThrow();
    expect(() => publishedFromBytes(everything, bytesOfPublished(firstOf(plain)))).toThrow();
    const view = new DataView(bytes.slice().buffer);
    const at = bytes.length - 4;
    view.setFloat32(at, Number.NaN, true);
    expect(() => publishedFromBytes(everything, new Uint8Array(view.buffer))).toThrow('guide');
    view.setFloat32(at, -1, true);
    expect(() => publishedFromBytes(everything, new Uint8Array(view.buffer))).toThrow('guide');
  });
});
