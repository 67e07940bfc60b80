// Reference cases: one of every family becomes the history it names and is accounted by a sound accountant; and where the bench's file
// lies beside the repository, every case of it is within what it demands.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pureEpsilon } from '../accountants/closed-form.ts';
import { concentratedEpsilon } from '../accountants/concentrated.ts';
import { renyiEpsilon } from '../accountants/renyi.ts';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { MalformedMessage } from '../errors.ts';
import { noiseFor } from '../inverse/inverse.ts';
import { entryId, referenceCase, referenceEntries } from './reference-case.ts';

const entry = (mechanism: string, params: object, delta = 1e-6, neighbouring = 'ADD_OR_REMOVE_ONE'): unknown => ({
  id: mechanism,
  mechanism,
  params,
  delta,
  neighbouring,
});

/** Largest and smallest acceptable ε, by tools or by formulas that are not ours. */
const families: readonly (readonly [unknown, number, number])[] = [
  [entry('poisson_subsampled_gaussian', { q: 0.1, sigma: 2, steps: 100 }, 1e-7), 2.98813, 2.98832],
  [entry('poisson_subsampled_gaussian', { q: 0.01, sigma: 2, steps: 1000 }, 1e-5, 'REPLACE_ONE'), 1.2045, 1.2055],
  // At rate one there is no sampling left, and twice the sensitivity is still twice: σ/2 over ten steps by the closed form (μ = 2√10).
  [entry('poisson_subsampled_gaussian', { q: 1, sigma: 1, steps: 10 }, 1e-6, 'REPLACE_ONE'), 49.318, 49.32],
  [entry('gaussian', { sigma: 2, steps: 1 }), 2.254084, 2.2541],
  [entry('laplace', { b: 1, sensitivity: 1, steps: 10 }), 9.998978, 9.9991],
  [entry('poisson_subsampled_laplace', { q: 0.1, b: 2, steps: 100 }), 2.14335, 2.1444],
  [entry('discrete_gaussian', { sigma: 2, sensitivity: 1, steps: 100 }), 35.567536, 35.5677],
  [entry('discrete_laplace', { a: 0.1, sensitivity: 2, steps: 100 }, 1e-8), 11.92231, 11.92235],
  [
    entry('k_ary_randomized_response', { noise_parameter: 0.5, num_buckets: 4, steps: 10 }, 1e-6, 'REPLACE_ONE'),
    16.094269,
    16.0943,
  ],
  [entry('rho_zcdp', { rho: 0.5 }, 1e-5), 4.7, 4.7284],
  [
    entry('tree_aggregation_restart', { noise_multiplier: 5, step_counts: 1023, epochs: 1 }, 1e-6, 'REPLACE_SPECIAL'),
    2.9,
    3.1311,
  ],
  [
    entry('tree_aggregation_no_restart', {
      noise_multiplier: 10,
      total_steps: 1000,
      max_participation: 4,
      min_separation: 250,
    }),
    3.1,
    3.423,
  ],
  [
    entry(
      'fixed_size_without_replacement_gaussian',
      { n: 10_000, batch: 100, sigma: 2, steps: 1000 },
      1e-5,
      'REPLACE_ONE',
    ),
    0.6219,
    1.4453,
  ],
  [
    entry(
      'heterogeneous',
      {
        phases: [
          { kind: 'gauss', sigma: 5, steps: 1 },
          { kind: 'lap', b: 4, steps: 3 },
          { kind: 'gauss', sigma: 8, steps: 4 },
        ],
      },
      1e-5,
    ),
    1.803178,
    1.80319,
  ],
  [
    entry('truncated_poisson_gaussian', { n: 10_000, q: 0.01, batch_max: 150, sigma: 1, steps: 1000 }, 1e-5),
    1.828,
    1.8323,
  ],
  [entry('eps_delta_composition', { eps0: 0.1, delta0: 1e-8, steps: 100 }, 1e-5), 4.3296367, 4.32964],
  [
    entry(
      'distributed_discrete_gaussian',
      {
        beta: Math.exp(-0.5),
        gamma: 0.01,
        local_stddev: 0.5,
        num_clients: 100,
        l2_sens: 1,
        dim: 4096,
        q: 0.05,
        steps: 500,
      },
      1e-5,
    ),
    // A normal deviate of the same deviation (5), to whose ε these fine steps come close; the reference tool has three times the moments.
    0.84197,
    2.3589,
  ],
  [
    entry(
      'distributed_skellam',
      { beta: Math.exp(-0.5), scale: 1000, central_stddev: 1, l2_sens: 1, dim: 65_536, q: 1, steps: 1 },
      1e-5,
    ),
    4.37,
    4.7966,
  ],
  [entry('repeat_and_select', { sigma: 1, steps: 1000, q: 0.01, mean_runs: 10, shape: 1 }, 1e-5), 1.83, 4.1033],
  [entry('repeat_and_select', { sigma: 5, steps: 1, q: 1, mean_runs: 20, shape: 'inf' }, 1e-5), 0.72, 2.7885],
  [entry('exponential_mechanism', { epsilon: 0.1, steps: 100 }), 1, 2.4191],
  [entry('group_privacy_poisson_gaussian', { group_size: 2, q: 0.01, sigma: 1, steps: 1000 }, 1e-5), 3.979, 3.9791],
];

describe('a reference case', () => {
  it.each(families.map(([one, low, high], at) => [entryId(one, at), one, low, high] as const))(
    'of %s is covered by a sound accountant, within bounds that are not ours',
    (id, one, low, high) => {
      const found = referenceCase(one, id);
      if (found.kind !== 'history') throw new Error('no history');
      const answer = tightestEpsilon(found.history, found.delta);
      if (answer.kind === 'refused') throw new Error(answer.reason);
      expect(answer.sound).toBe(true);
      expect(answer.epsilon).toBeGreaterThanOrEqual(low);
      expect(answer.epsilon).toBeLessThanOrEqual(high);
    },
  );

  // Values of jax_privacy at significance 0.05, good to 2e-5.
  it.each([
    ['one_run', { m: 1000, n_guess: 300, n_correct: 250 }, 1e-5, 1.3470037],
    ['one_run', { m: 1000, n_guess: 100, n_correct: 95 }, 1e-3, 0.5943137],
    ['one_run', { m: 1000, n_guess: 200, n_correct: 110 }, 1e-5, 0],
    ['clopper_pearson', { true_pos: 900, false_pos: 100, n_in: 1000, n_out: 1000 }, 1e-5, 1.9896949],
    ['clopper_pearson', { true_pos: 60, false_pos: 40, n_in: 100, n_out: 100 }, 0, 0],
  ] as const)(
    'that is an audit by %s of %o measures a lower bound and is no guarantee',
    (name, params, delta, lower) => {
      const one = referenceCase(entry(`${name}_audit_lower_bound`, { ...params, significance: 0.05 }, delta), 'a');
      if (one.kind !== 'not applicable') throw new Error('a guarantee');
      expect(one.reason).toContain('no guarantee');
      expect(Math.abs(one.lower! - lower)).toBeLessThanOrEqual(2e-5);
    },
  );

  it('that is an audit of nothing, or of counts that cannot be, is refused', () => {
    expect(() => referenceCase(entry('one_run_audit_lower_bound', {}), 'a')).toThrow(MalformedMessage);
    const impossible = { m: 10, n_guess: 20, n_correct: 5, significance: 0.05 };
    expect(() => referenceCase(entry('one_run_audit_lower_bound', impossible), 'a')).toThrow('20');
  });

  it('that is unknown says why it is none', () => {
    expect(referenceCase(entry('toString', {}), 'b')).toMatchObject({
      kind: 'not applicable',
      reason: expect.stringContaining('toString'),
      lower: null,
    });
  });

  it.each([
    ['no object', 7],
    ['no δ', { mechanism: 'gaussian', params: { sigma: 1 } }],
    ['no parameters', { mechanism: 'gaussian', delta: 1e-5 }],
    ['text for a number', entry('gaussian', { sigma: '1' })],
    ['an adjacency nobody knows', entry('gaussian', { sigma: 1 }, 1e-5, 'constructor')],
    ['phases that are no list', entry('heterogeneous', { phases: 3 })],
  ])('with %s is refused', (_what, one) => {
    expect(() => referenceCase(one, 'x')).toThrow(MalformedMessage);
  });

  it('needs a file with entries', () => {
    expect(() => referenceEntries({})).toThrow(MalformedMessage);
    expect(() => referenceEntries(null)).toThrow(MalformedMessage);
    expect(referenceEntries({ entries: [1] })).toEqual([1]);
    expect(entryId({ id: 'psg-1' }, 3)).toBe('psg-1');
    expect(entryId(null, 3)).toBe('entry 3');
  });
});

interface Measured {
  readonly family: string;
  readonly truth?: { readonly epsilon?: number; readonly sigma?: number; readonly uncertainty: number };
  readonly tools?: Readonly<Record<string, { readonly epsilon?: unknown; readonly epsilon_lower_bound?: number }>>;
  readonly tool_flags?: Readonly<Record<string, string>>;
}

const path = join(import.meta.dirname, '../../../../../shared/data/dp-reference-public.json');

describe.skipIf(!existsSync(path))('the file of reference cases, where it lies beside the repository', () => {
  it('is met in every case: never below the truth, at most 5 in 10,000 above it', () => {
    const failures: unknown[] = [];
    let compared = 0;
    for (const [at, raw] of referenceEntries(JSON.parse(readFileSync(path, 'utf8'))).entries()) {
      const id = entryId(raw, at);
      const { truth, tools, tool_flags: flags } = raw as Measured;
      const one = referenceCase(raw, id);
      const check = (what: string, value: number, low: number, high: number): void => {
        if (!(value >= low && value <= high)) failures.push({ id, what, value, low, high });
      };
      compared += 1;
      if (one.kind === 'not applicable') {
        const measured = tools!['jax_privacy_auditing']!.epsilon_lower_bound!;
        check('audit', one.lower ?? Number.NaN, measured - 2e-5, measured + 2e-5);
        continue;
      }
      if (one.kind === 'calibration') {
        const found = noiseFor({ epsilon: one.targetEpsilon, delta: one.delta }, one.historyAt);
        const sigma = truth!.sigma!;
        check('noise', found.kind === 'found' ? found.value : Number.NaN, sigma * (1 - 1e-7), sigma * 1.00001);
        continue;
      }
      if (one.delta === 0) {
        check('pure ε', pureEpsilon(one.history), truth!.epsilon!, truth!.epsilon!);
        continue;
      }
      const bounds = Object.entries(tools ?? {})
        .filter(([name]) => flags?.[name] === undefined && !/gdp|opacus_prv/.test(name))
        .flatMap(([name, { epsilon }]) => (typeof epsilon === 'number' ? [[name, epsilon] as const] : []));
      const least = (pattern: RegExp): number =>
        Math.min(...bounds.filter(([name]) => pattern.test(name)).map(([, value]) => value));
      const floor = truth?.epsilon === undefined ? 0 : truth.epsilon - truth.uncertainty;
      const answer = tightestEpsilon(one.history, one.delta);
      const epsilon = answer.kind === 'bound' ? answer.epsilon : Number.NaN;
      check('ε', epsilon, floor, truth?.epsilon === undefined ? 1.005 * least(/./) : 1.0005 * truth.epsilon);
      const renyi = renyiEpsilon(one.history, one.delta);
      check('Rényi', renyi.kind === 'bound' ? renyi.epsilon : Number.NaN, floor, 1.001 * least(/rdp/));
      const concentrated = concentratedEpsilon(one.history, one.delta);
      if (concentrated.kind === 'bound') check('zCDP', concentrated.epsilon, floor, Number.POSITIVE_INFINITY);
      if (answer.kind === 'bound' && truth?.epsilon !== undefined) {
        check('lower', answer.lower ?? 0, 0, (truth.epsilon + truth.uncertainty) * (1 + 2e-8));
      }
    }
    expect(failures).toEqual([]);
    expect(compared).toBe(126);
  });
});
