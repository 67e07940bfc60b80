import { describe, expect, it } from 'vitest';
import { NOTHING_KEPT } from '../contribution/index.ts';
import {
  added,
  contributed,
  firstOf,
  numbers,
  PARAMETERS,
  rotationFor,
  smallPlan,
  supportFor,
  workOf,
} from '../contribution/small-run.contract.ts';
import { type CheckedPlan, type Plan, wordEncodingOf } from '../plan/index.ts';
import { bytesOfPublished, release } from './index.ts';
import {
  atWeights,
  engine,
  localWorkOf,
  meanWeights,
  nextOf,
  released,
  weightsOf,
  wordsOf,
} from './released.contract.ts';

const plain = smallPlan();

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
