import { decode } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOTHING_KEPT } from '../contribution/index.ts';
import {
  added,
  contributed,
  firstOf,
  numbers,
  PARAMETERS,
  primitives,
  rotationFor,
  smallPlan,
  sumEngine,
  supportFor,
  workOf,
} from '../contribution/small-run.contract.ts';
import { statisticsLength, statisticsOf } from '../one-round/index.ts';
import { type CheckedPlan, type Plan, vectorLengthOf, wordEncodingOf } from '../plan/index.ts';
import { checkedPlan, oneRoundPlan } from '../plan/sample-plans.contract.ts';
import {
  bytesOfPublished,
  type Published,
  publishedFromBytes,
  publishedHash,
  type ReleaseResult,
  release,
  startPublished,
} from './index.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await sumEngine();
});

const plain = smallPlan();
const wordsOf = (
  plan: CheckedPlan,
  updates: readonly Float32Array[],
  published = firstOf(plan),
  round = 1,
): Int32Array[] =>
  updates.map((update, seed) => contributed(plan, workOf(update), { engine, seed, published, round }).words);

function released(
  plan: CheckedPlan,
  words: Int32Array,
  contributors: number,
  published = firstOf(plan),
  round = 1,
): ReleaseResult {
  return release(engine, plan, {
    published,
    support: supportFor(plan, published, round),
    sums: [{ words, contributors, rotation: rotationFor(plan, round) }],
    memberCount: 8,
  });
}

function nextOf(result: ReleaseResult): Published {
  if (result.kind !== 'released') throw new Error(`${result.code}: ${result.reason}`);
  return result.published;
}
const weightsOf = (published: Published): Float32Array => {
  if (published.kind !== 'model') throw new Error('no model');
  return published.server.weights;
};

describe('a release', () => {
  it('moves the model by the mean of the sum', () => {
    const updates = [1, 2, 3, 4].map((seed) => numbers(seed, 0.5));
    const next = nextOf(released(plain, added(wordsOf(plain, updates)), 4));
    expect(next.version).toBe(1);
    const first = weightsOf(firstOf(plain));
    weightsOf(next).forEach((weight, i) => {
      expect(weight).toBeCloseTo(first[i] + updates.reduce((sum, update) => sum + update[i], 0) / 4, 2);
    });
  });

  it('is the same to the bit for everybody who has the sum, in whatever order it was added', () => {
    const words = wordsOf(
      plain,
      [1, 2, 3].map((seed) => numbers(seed)),
    );
    const [one, other] = [words, [...words].reverse()].map((all) => nextOf(released(plain, added(all), 3)));
    expect(bytesOfPublished(one)).toEqual(bytesOfPublished(other));
  });

  it('leaves what was published before as it was', () => {
    const before = firstOf(plain);
    const bytes = bytesOfPublished(before);
    const words = added(wordsOf(plain, [numbers(1), numbers(2), numbers(3)]));
    const copy = words.slice();
    released(plain, words, 3, before);
    expect(bytesOfPublished(before)).toEqual(bytes);
    expect(words).toEqual(copy);
  });

  it('moves the support alone, and the guide learns of it alone', () => {
    const plan = smallPlan({}, (base) => ({
      ...base,
      sharing: {
        ...base.sharing,
        upload: { fraction: 0.25, selection: { kind: 'all' } },
        support: { kind: 'guided', fraction: 0.25, explore: 0.25 },
      },
    }));
    let published = firstOf(plan);
    for (let round = 1; round <= 3; round++) {
      const { indices } = supportFor(plan, published, round);
      const words = added(wordsOf(plan, [numbers(1), numbers(2), numbers(3)], published, round));
      const next = nextOf(released(plan, words, 3, published, round));
      const before = weightsOf(published);
      const moved = [...weightsOf(next).keys()].filter((i) => weightsOf(next)[i] !== before[i]);
      for (const index of moved) expect(indices?.includes(index)).toBe(true);
      expect(moved.length).toBeGreaterThan(12);
      if (next.kind !== 'model' || published.kind !== 'model') throw new Error('no model');
      const { guide } = next;
      for (let i = 0; i < PARAMETERS; i++) {
        if (!moved.includes(i)) expect(guide?.magnitudes[i]).toBe(published.guide?.magnitudes[i]);
      }
      published = next;
    }
  });

  it('counts what was updated most, and who downloads a part gets that part', () => {
    const plan = smallPlan({}, (base) => ({
      ...base,
      sharing: { ...base.sharing, download: { fraction: 0.1, decay: 0.5 } },
    }));
    const update = new Float32Array(PARAMETERS).fill(0.001);
    for (const i of [3, 30, 60]) update[i] = 1;
    const next = nextOf(released(plan, added(wordsOf(plan, [update, update, update])), 3));
    if (next.kind !== 'model') throw new Error('no model');
    const { activity = [], rounds } = next.statistics ?? {};
    expect(rounds).toBe(1);
    expect(
      [...activity.keys()]
        .sort((a, b) => activity[b] - activity[a])
        .slice(0, 3)
        .sort((a, b) => a - b),
    ).toEqual([3, 30, 60]);
  });
});

describe('control variates', () => {
  const plan = smallPlan({ protection: 'mask' }, (base) => ({
    ...base,
    encoding: { ...base.encoding, clippingNorm: 3 },
    exchange: {
      ...base.exchange,
      localWork: { ...localWorkOf(base), correction: { kind: 'control-variates' } },
    } as Plan['exchange'],
  }));

  it('keep c the mean of all c_i, also where the clip cuts, and whoever takes part', () => {
    let published = firstOf(plan);
    const members = Array.from({ length: 5 }, () => NOTHING_KEPT);
    for (let round = 1; round <= 5; round++) {
      const taking = [0, 1, 2, 3, 4].filter((member) => (member + round) % 4 !== 0);
      const all = taking.map((member) => {
        const given = { engine, published, kept: members[member], seed: 10 * round + member, round };
        return contributed(plan, workOf(numbers(10 * round + member, 0.4)), given);
      });
      taking.forEach((member, at) => {
        members[member] = all[at].kept;
      });
      const result = release(engine, plan, {
        published,
        support: supportFor(plan, published, round),
        sums: [
          { words: added(all.map(({ words }) => words)), contributors: all.length, rotation: rotationFor(plan, round) },
        ],
        memberCount: 5,
      });
      published = nextOf(result);
      if (published.kind !== 'model') throw new Error('no model');
      published.sharedControl?.forEach((value, i) => {
        const mean = members.reduce((sum, { ownControl }) => sum + (ownControl?.[i] ?? 0), 0) / 5;
        expect(Math.abs(value - mean)).toBeLessThan(2e-3);
      });
      // The clip did cut: two of them would else be as long as 4 steps of 0.05 make them.
      expect(Math.hypot(...(members[taking[0]].ownControl ?? []))).toBeLessThan(3.1 * round);
    }
  });
});

describe('what must not become a model', () => {
  const three = (): Int32Array => added(wordsOf(plain, [numbers(1), numbers(2), numbers(3)]));

  it('is a sum of fewer than the plan has', () => {
    expect(released(plain, three(), 2)).toMatchObject({ kind: 'rejected', code: 'too-few' });
    expect(released(plain, three(), Number.NaN)).toMatchObject({ kind: 'rejected', code: 'too-few' });
  });

  it('is a sum of more than the plan has, or another length', () => {
    expect(released(plain, three(), 9)).toMatchObject({ kind: 'rejected', code: 'out-of-range' });
    expect(released(plain, three().subarray(1), 3)).toMatchObject({ kind: 'rejected', code: 'out-of-range' });
  });

  it('is a sum that contributors cannot have made: a word, a norm or a count beyond them', () => {
    const { largestWord, windows, words } = wordEncodingOf(plain);
    for (const [at, word] of [
      [0, 3 * largestWord + 1],
      [5, -(2 ** 31)],
      [words - 1, -1],
    ] as const) {
      const bad = three();
      bad[at] = word;
      expect(released(plain, bad, 3)).toMatchObject({ kind: 'rejected', code: 'out-of-range' });
    }
    const everywhere = three().fill(largestWord, 0, windows.length);
    expect(released(plain, everywhere, 3)).toMatchObject({ kind: 'rejected', code: 'out-of-range' });
  });

  it('is a model with a weight that is not finite: nothing is put in its place', () => {
    // No plan's steps are long enough to leave the floats; a model that was spoilt on disk is found here.
    const spoilt = atWeights(firstOf(plain), Number.POSITIVE_INFINITY);
    expect(released(plain, three(), 3, spoilt)).toMatchObject({ kind: 'rejected', code: 'not-finite' });
  });

  it('is a mistake of the caller, which is thrown', () => {
    const published = firstOf(plain);
    const given = {
      published,
      support: supportFor(plain, published),
      sums: [{ words: three(), contributors: 3, rotation: rotationFor(plain) }],
    };
    expect(() => release(engine, plain, { ...given, memberCount: 2 })).toThrow('members');
    const half = smallPlan({}, (base) => ({
      ...base,
      sharing: {
        ...base.sharing,
        upload: { fraction: 0.5, selection: { kind: 'all' } },
        support: { kind: 'random', fraction: 0.5 },
      },
    }));
    expect(() => release(engine, plain, { ...given, support: supportFor(half, published), memberCount: 8 })).toThrow(
      'support',
    );
  });
});

describe('cohorts', () => {
  const robust = (rule: 'median' | 'trimmed-mean' | 'geometric-median'): CheckedPlan =>
    smallPlan({ protection: 'mask', minimumContributors: 15, maximumContributors: 20 }, (base) => ({
      ...base,
      robustness: { kind: 'cohorts', cohorts: 5, rule, trim: rule === 'trimmed-mean' ? 1 : 0 },
    }));

  it.each(['median', 'trimmed-mean', 'geometric-median'] as const)(
    'by %s are not moved by one that is poisoned',
    (rule) => {
      const plan = robust(rule);
      const published = firstOf(plan);
      const updates = (cohort: number): Float32Array[] =>
        [0, 1, 2].map((i) => (cohort === 2 ? numbers(1, -40) : numbers(10 * cohort + i, 0.01)));
      const sums = [0, 1, 2, 3, 4].map((cohort) => ({
        words: added(wordsOf(plan, updates(cohort), published, cohort + 1)),
        contributors: 3,
        rotation: rotationFor(plan, cohort + 1),
      }));
      const given = { published, support: supportFor(plan, published), sums, memberCount: 15 };
      const moved = weightsOf(nextOf(release(engine, plan, given))).map(
        (weight, i) => weight - weightsOf(published)[i],
      );
      expect(Math.hypot(...moved)).toBeLessThan(0.3);
      expect(release(engine, plan, { ...given, sums: sums.slice(1) })).toMatchObject({
        kind: 'rejected',
        code: 'cohorts-missing',
      });
      // Planted: the plain mean of the same cohorts is moved by eight.
      const mean = sums.map(({ words }, cohort) => meanWeights(plan, words, cohort + 1));
      expect(Math.hypot(...mean[0].map((_, i) => mean.reduce((sum, one) => sum + one[i] / 5, 0)))).toBeGreaterThan(1);
    },
  );
});

describe('metrics', () => {
  const metrics: Plan['metrics'] = [
    { name: 'loss', resolution: 0.01, minimumUnits: 10 },
    { name: 'accuracy', resolution: 0.05, minimumUnits: 20 },
    { name: 'examples', resolution: 10, minimumUnits: 10 },
  ];
  const plan = smallPlan({}, (base) => ({ ...base, metrics }));
  const work = [
    { meanLoss: 0.3, accuracy: 0.9, examples: 104 },
    { meanLoss: 0.512, accuracy: 0.8, examples: 26 },
    { meanLoss: 400, accuracy: 1, examples: 20 },
  ];

  it('are means over contributors, and sums of examples, no finer than their resolution', () => {
    const words = work.map((one, seed) => contributed(plan, workOf(numbers(seed), one), { engine, seed }).words);
    const result = released(plan, added(words), 3);
    if (result.kind !== 'released') throw new Error(result.reason);
    const found = Object.fromEntries(result.metrics.map(({ name, value }) => [name, value]));
    expect(found['loss']).toBeCloseTo((0.3 + 0.51 + 100) / 3, 6);
    expect(found['accuracy']).toBeCloseTo(0.9, 6);
    expect(found['examples']).toBe(100 + 30 + 20);
    expect(result.metrics.map(({ contributors, unitsAtLeast }) => [contributors, unitsAtLeast])).toEqual([
      [3, 30],
      [3, 60],
      [3, 30],
    ]);
  });

  it('of one participant are in no sum: where turns are released none is encoded', () => {
    const turns = smallPlan({ schedule: 'round-robin', protection: 'none' }, (base) => ({
      ...base,
      metrics,
      exchange: {
        ...base.exchange,
        release: { after: 'turn', warning: 'every release shows the update of one participant' },
      } as Plan['exchange'],
    }));
    expect(wordEncodingOf(turns).counters).toEqual([]);
    const { words } = contributed(turns, workOf(numbers(1)), { engine });
    const result = released(turns, words, 1);
    expect(result).toMatchObject({ kind: 'released', metrics: [] });
  });
});

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

  it('publishes a classifier from statistics, and is then over', async () => {
    const { contribute } = await import('../contribution/index.ts');
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

/** What a sum of three alone would move the model by. */
function meanWeights(plan: CheckedPlan, words: Int32Array, round: number): Float32Array {
  return decode(engine, wordEncodingOf(plan), rotationFor(plan, round), { words, contributors: 3 }).mean;
}

function localWorkOf({ exchange }: Plan): object {
  if (exchange.schedule === 'one-round') throw new Error('no rounds');
  return exchange.localWork;
}

function atWeights(published: Published, weight: number): Published {
  if (published.kind !== 'model') throw new Error('no model');
  return { ...published, server: { ...published.server, weights: new Float32Array(PARAMETERS).fill(weight) } };
}
