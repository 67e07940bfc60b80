import { decode, encode } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import type { Plan } from '../plan/index.ts';
import { wordEncodingOf } from '../plan/index.ts';
import { bytesOfKeptInTheClear, contribute, keptFromBytes, NOTHING_KEPT, startOfWork } from './index.ts';
import {
  added,
  contributed,
  firstOf,
  numbers,
  PARAMETERS,
  primitives,
  rotationFor,
  seeded,
  smallPlan,
  sumEngine,
  supportFor,
  workOf,
} from './small-run.contract.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await sumEngine();
});

const plain = smallPlan();
/** The mean that a sum of these words decodes to. */
const meanOf = (plan: typeof plain, words: readonly Int32Array[], round = 1): Float32Array =>
  decode(engine, wordEncodingOf(plan), rotationFor(plan, round), { words: added(words), contributors: words.length })
    .mean;
const close = (found: Float32Array, wanted: ArrayLike<number>, tolerance: number): void => {
  for (const [i, value] of found.entries()) expect(Math.abs(value - wanted[i])).toBeLessThan(tolerance);
};

describe('a contribution', () => {
  it('of three has the mean of three in its sum', () => {
    const updates = [1, 2, 3].map((seed) => numbers(seed, 0.5));
    const words = updates.map((update, i) => contributed(plain, workOf(update), { engine, seed: i }).words);
    close(
      meanOf(plain, words),
      updates[0].map((_, i) => (updates[0][i] + updates[1][i] + updates[2][i]) / 3),
      1e-3,
    );
  });

  it('is within the clip, whatever the update is', () => {
    const { words } = contributed(plain, workOf(numbers(1, 1e6)), { engine });
    const mean = meanOf(plain, [words]);
    expect(Math.hypot(...mean)).toBeLessThan(plain.encoding.clippingNorm * 1.001);
    expect(Math.hypot(...mean)).toBeGreaterThan(plain.encoding.clippingNorm * 0.999);
  });

  it('has the same words under every protection', () => {
    const protections = (['none', 'mask', 'one-shot', 'threshold'] as const).map((protection) =>
      smallPlan({ protection }),
    );
    const words = protections.map((plan) => contributed(plan, workOf(numbers(1)), { engine }).words);
    for (const other of words.slice(1)) expect(other).toEqual(words[0]);
  });

  it('is refused where a value is not finite, and nothing is put in its place', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const update = numbers(1);
      update[7] = bad;
      expect(() => contributed(plain, workOf(update), { engine })).toThrow(ParameterError);
      expect(() => contributed(plain, workOf(numbers(1), { meanLoss: bad }), { engine })).toThrow('loss');
    }
  });

  it('is not made of too few, counted for the plan and for its metrics', () => {
    const plan = smallPlan({}, (base) => ({
      ...base,
      metrics: [{ name: 'loss', resolution: 0.01, minimumUnits: 25 }],
    }));
    const give = (units: number): string =>
      contribute({ engine, primitives, randomBytes: seeded(1) }, plan, {
        work: workOf(numbers(1), { units }),
        kept: NOTHING_KEPT,
        from: firstOf(plan),
        support: supportFor(plan, firstOf(plan)),
        rotation: rotationFor(plan),
        versionsOld: 0,
      }).kind;
    expect([9, 24, 25].map(give)).toEqual(['too few', 'too few', 'contribution']);
  });
});

describe('a draw of nobody', () => {
  it('is sent like any other, with its noise: a refusal would tell of the draw', () => {
    const plan = smallPlan({ protection: 'mask', epsilon: 8, unit: 'record' });
    const empty = workOf(new Float32Array(PARAMETERS), { examples: 0, meanLoss: 0 });
    const { words } = contributed(plan, empty, { engine });
    expect(words.filter((word) => word !== 0).length).toBeGreaterThan(PARAMETERS / 2);
  });
});

describe('weights', () => {
  const weighted = smallPlan({}, (base) =>
    withExchange(base, { combine: { kind: 'weighted-mean', maximumWeight: 50 } }),
  );

  it('are in the words: a sum alone gives Σ n·x / Σ n, and nobody who adds knows an n', () => {
    const updates = [numbers(1, 0.5), numbers(2, 0.5)];
    const examples = [10, 30];
    const words = updates.map(
      (update, i) => contributed(weighted, workOf(update, { examples: examples[i] }), { engine, seed: i }).words,
    );
    const wanted = updates[0].map((_, i) => (10 * updates[0][i] + 30 * updates[1][i]) / 40);
    close(meanOf(weighted, words), wanted, 5e-3);
    // Planted: a server that takes the plain mean of the same words is far off.
    const unweighted = updates[0].map((_, i) => (updates[0][i] + updates[1][i]) / 2);
    expect(Math.max(...unweighted.map((value, i) => Math.abs(value - wanted[i])))).toBeGreaterThan(0.1);
  });

  it("stop at the plan's maximum", () => {
    const [more, most] = [51, 50].map(
      (examples) => contributed(weighted, workOf(numbers(1), { examples }), { engine }).words,
    );
    expect(more).toEqual(most);
  });

  it('of age shrink the update before it is encoded, and never the noise', () => {
    const asynchronous = (multiplier: number): typeof plain =>
      smallPlan({ schedule: 'asynchronous', protection: 'one-shot', epsilon: 8, unit: 'participant' }, (base) => ({
        ...base,
        encoding: { ...base.encoding, valueBits: 22 },
        privacy: {
          kind: 'local',
          unit: 'participant',
          adjacency: 'zero-out',
          delta: 1e-6,
          epsilonAtMost: 1e6,
          noiseMultiplier: multiplier,
          clippingNorm: 1,
        },
      }));
    const quiet = asynchronous(1e-3);
    const update = numbers(1, 0.1);
    close(
      meanOf(quiet, [contributed(quiet, workOf(update), { engine, versionsOld: 3 }).words]),
      update.map((x) => x / 2),
      5e-3,
    );
    const loud = asynchronous(1);
    const deviations = [0, 4].map((versionsOld) => {
      const all = Array.from(
        { length: 40 },
        (_, seed) => contributed(loud, workOf(new Float32Array(PARAMETERS)), { engine, versionsOld, seed }).words,
      );
      return deviationOf(all);
    });
    // Planted: who weighs words weighs the noise with them, by 1/√5 here.
    expect(deviations[1] / deviations[0]).toBeGreaterThan(0.9);
    expect(deviations[1] / deviations[0]).toBeLessThan(1.1);
  });

  it('of age exist in asynchronous plans alone, and end where the plan ends them', () => {
    expect(() => contributed(plain, workOf(numbers(1)), { engine, versionsOld: 1 })).toThrow('versions old');
    const plan = smallPlan({ schedule: 'asynchronous', protection: 'one-shot' });
    expect(() => contributed(plan, workOf(numbers(1)), { engine, versionsOld: 5 })).toThrow('versions old');
  });
});

describe('noise', () => {
  const central = (noise: 'discrete-gaussian' | 'skellam'): typeof plain =>
    smallPlan({ protection: 'mask', epsilon: 8, unit: 'participant' }, (base) => ({
      ...base,
      encoding: { ...base.encoding, valueBits: noise === 'skellam' ? 18 : 22 },
      privacy: {
        ...base.privacy,
        kind: 'central',
        noise,
        noiseMultiplier: 2,
        corruptContributors: 1,
        epsilonAtMost: 1e6,
      } as Plan['privacy'],
    }));

  it.each(['discrete-gaussian', 'skellam'] as const)('of %s has the deviation that is charged for', (noise) => {
    const plan = central(noise);
    const { noise: declared, windows } = wordEncodingOf(plan);
    const all = Array.from({ length: 60 }, (_, seed) =>
      contributed(plan, workOf(new Float32Array(PARAMETERS)), { engine, seed }).words.subarray(0, windows.length),
    );
    const found = deviationOf(all) / Math.sqrt(declared?.variance ?? Number.NaN);
    // The deviation of a sample deviation of n draws is 1/√(2n): five of them, which happens once in 1.7 million.
    const margin = 5 / Math.sqrt(2 * 60 * windows.length);
    expect(Math.abs(found - 1)).toBeLessThan(margin);
    expect(margin).toBeLessThan(0.1);
  });

  it('of the honest in the smallest sum is all that the plan promises', () => {
    const plan = central('discrete-gaussian');
    const { noise, scale } = wordEncodingOf(plan);
    if (plan.privacy.kind !== 'central') throw new Error('no central privacy');
    const ofSum =
      Math.sqrt((plan.contributors.minimum - plan.privacy.corruptContributors) * (noise?.variance ?? 0)) / scale;
    expect(ofSum).toBeGreaterThanOrEqual(plan.privacy.noiseMultiplier * plan.privacy.clippingNorm);
    expect(ofSum).toBeLessThan(plan.privacy.noiseMultiplier * plan.privacy.clippingNorm * 1.01);
  });

  it('cannot be left out: the encoding demands it', () => {
    const plan = central('discrete-gaussian');
    const values = new Float32Array(PARAMETERS);
    expect(() =>
      encode(engine, { ...primitives, randomBytes: seeded(1) }, wordEncodingOf(plan), rotationFor(plan), { values }),
    ).toThrow('no sampler');
  });

  it('comes from the own generator: one that is stuck ends the contribution', () => {
    const plan = central('discrete-gaussian');
    const given = {
      work: workOf(numbers(1)),
      kept: NOTHING_KEPT,
      from: firstOf(plan),
      support: supportFor(plan, firstOf(plan)),
      rotation: rotationFor(plan),
      versionsOld: 0,
    };
    expect(() =>
      contribute({ engine, primitives, randomBytes: (length) => new Uint8Array(length) }, plan, given),
    ).toThrow();
  });
});

describe('what stays behind', () => {
  const selective = smallPlan({ uploadFraction: 0.1 });

  it('is all that was not shared: over rounds, nothing is lost and nothing comes twice', () => {
    let kept = NOTHING_KEPT;
    const all = new Float64Array(PARAMETERS);
    const shared = new Float64Array(PARAMETERS);
    for (let round = 1; round <= 6; round++) {
      const update = numbers(round, 0.3);
      for (const [i, value] of update.entries()) all[i] += value;
      const one = contributed(selective, workOf(update), { engine, kept, round, seed: round });
      for (const [i, value] of meanOf(selective, [one.words], round).entries()) shared[i] += value;
      kept = one.kept;
      expect(one.coordinates).toBe(7);
    }
    for (const [i, value] of (kept.residual ?? []).entries()) expect(shared[i] + value).toBeCloseTo(all[i], 2);
    expect(kept.residual).toHaveLength(PARAMETERS);
  });

  it('is a value: a round that failed is forgotten by keeping the one before', () => {
    const before = contributed(selective, workOf(numbers(1)), { engine }).kept;
    const copy = bytesOfKeptInTheClear(before);
    const once = contributed(selective, workOf(numbers(2)), { engine, kept: before, seed: 2 });
    expect(bytesOfKeptInTheClear(before)).toEqual(copy);
    expect(contributed(selective, workOf(numbers(2)), { engine, kept: before, seed: 2 }).words).toEqual(once.words);
  });

  it('is written for the own disk and read back, and nothing else is', () => {
    const kept = contributed(selective, workOf(numbers(1)), { engine }).kept;
    const bytes = bytesOfKeptInTheClear(kept);
    expect(keptFromBytes(selective, bytes)).toEqual(kept);
    expect(keptFromBytes(selective, bytesOfKeptInTheClear(NOTHING_KEPT))).toEqual(NOTHING_KEPT);
    for (let cut = 0; cut < bytes.length; cut += 13)
      expect(() => keptFromBytes(selective, bytes.subarray(0, cut))).toThrow();
    expect(() => keptFromBytes(selective, bytesOfKeptInTheClear({ ...kept, residual: new Float32Array(3) }))).toThrow(
      'residual',
    );
  });

  it('is the local model where only a part is downloaded, and the work starts from both', () => {
    const partial = smallPlan({}, (base) => ({
      ...base,
      sharing: { ...base.sharing, download: { fraction: 0.2, decay: 0.5 } },
    }));
    const published = firstOf(partial);
    if (published.kind !== 'model') throw new Error('no model');
    const { kept } = contributed(partial, workOf(numbers(5)), { engine });
    const { start } = startOfWork(partial, kept, published);
    const fromServer = [...start].filter((value, i) => value === published.server.weights[i]).length;
    const own = [...start].filter((value, i) => value === kept.localWeights?.[i]).length;
    expect([fromServer, own]).toEqual([13, 52]);
  });

  it('is nothing at all in a plan without any of it', () => {
    expect(contributed(plain, workOf(numbers(1)), { engine }).kept).toEqual(NOTHING_KEPT);
  });
});

describe('what is chosen', () => {
  const withoutRotation = (plan: Plan): Plan => ({ ...plan, encoding: { ...plan.encoding, rotation: 'none' } });

  it('is the largest, and everything else is zero like any value', () => {
    const plan = smallPlan({ uploadFraction: 0.1 }, withoutRotation);
    const update = numbers(1);
    const { words } = contributed(plan, workOf(update), { engine });
    const largest = [...update.keys()].sort((a, b) => Math.abs(update[b]) - Math.abs(update[a])).slice(0, 7);
    expect([...words.subarray(0, PARAMETERS).keys()].filter((i) => words[i] !== 0).sort()).toEqual(largest.sort());
  });

  it('lies in the support that all derive alike', () => {
    const plan = smallPlan({}, (base) =>
      withoutRotation({
        ...base,
        sharing: {
          ...base.sharing,
          upload: { fraction: 0.5, selection: { kind: 'all' } },
          support: { kind: 'random', fraction: 0.5 },
        },
      }),
    );
    const { words, coordinates } = contributed(plan, workOf(numbers(1)), { engine, round: 3 });
    const { indices } = supportFor(plan, firstOf(plan), 3);
    expect([coordinates, indices?.length]).toEqual([33, 33]);
    const { scale } = wordEncodingOf(plan);
    for (const [at, index] of (indices ?? []).entries()) expect(words[at] / scale).toBeCloseTo(numbers(1)[index], 3);
  });

  it('by the sparse vector technique is at most c blurred values within γ', () => {
    const plan = smallPlan({ uploadFraction: 0.1 }, (base) => withoutRotation(sparseVector(base)));
    const { words } = contributed(plan, workOf(numbers(1)), { engine });
    const values = [...words.subarray(0, PARAMETERS)].map((word) => word / wordEncodingOf(plan).scale);
    const chosen = values.filter((value) => value !== 0);
    expect(chosen.length).toBeGreaterThan(0);
    expect(chosen.length).toBeLessThanOrEqual(7);
    for (const value of chosen) expect(Math.abs(value)).toBeLessThanOrEqual(0.5 * 1.001);
  });
});

function withExchange(plan: Plan, change: object): Plan {
  return { ...plan, exchange: { ...plan.exchange, ...change } as Plan['exchange'] };
}

function sparseVector(plan: Plan): Plan {
  return {
    ...plan,
    metrics: [],
    sharing: {
      ...plan.sharing,
      clamp: 0.5,
      errorFeedback: false,
      upload: { fraction: 0.1, selection: { kind: 'random-above-threshold', threshold: 0.01 } },
    },
    privacy: {
      kind: 'sparse-vector',
      unit: 'participant',
      adjacency: 'replace-one',
      delta: 1e-6,
      epsilonAtMost: 1e6,
      epsilonPerUpload: 10,
      threshold: 0.01,
    },
  };
}

function deviationOf(all: readonly Int32Array[]): number {
  const values = all.flatMap((words) => [...words]);
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
