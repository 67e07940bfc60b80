// Cases of the interchange file in which accountants are compared (`sumus budget check`, bench accounting): one entry of its JSON to a
// history, a calibration, or the reason why it is neither (an audit: with the lower bound that it measured). Refuses entries whose numbers
// are not what they should be.
//
// Its conventions: sigma is the deviation over the L2 sensitivity, b the Laplace scale at the sensitivity given, "steps" repeats.
import type { History } from '../accountants/history.ts';
import { auditOneRun } from '../audit/one-run.ts';
import { auditPairedRuns } from '../audit/paired-runs.ts';
import { MalformedMessage } from '../errors.ts';
import { type MechanismsUnder, under } from '../mechanisms/constructors.ts';
import type { Adjacency, Mechanism } from '../mechanisms/mechanism.ts';

export type ReferenceCase = { readonly id: string; readonly delta: number } & (
  | { readonly kind: 'history'; readonly history: History }
  | {
      readonly kind: 'calibration';
      readonly targetEpsilon: number;
      readonly historyAt: (noiseMultiplier: number) => History;
    }
  | {
      readonly kind: 'not applicable';
      readonly reason: string;
      /** What an audit found; null where nothing was measured. */
      readonly lower: number | null;
    }
);

class Fields {
  private readonly values: ReadonlyMap<string, unknown>;
  private readonly where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null) throw new MalformedMessage(`${where} is no object`);
    this.values = new Map(Object.entries(value));
    this.where = where;
  }

  number(name: string, otherwise?: number): number {
    const value = this.values.get(name) ?? otherwise;
    if (typeof value !== 'number')
      throw new MalformedMessage(`${this.where}: ${name} must be a number, not ${String(value)}`);
    return value;
  }

  text(name: string): string {
    const value = this.values.get(name);
    if (typeof value !== 'string')
      throw new MalformedMessage(`${this.where}: ${name} must be text, not ${String(value)}`);
    return value;
  }

  raw(name: string): unknown {
    return this.values.get(name);
  }
}

const adjacencyOf: Readonly<Record<string, Adjacency>> = {
  ADD_OR_REMOVE_ONE: 'add-remove',
  REPLACE_ONE: 'replace-one',
  REPLACE_SPECIAL: 'zero-out',
};

/** The entries of a parsed file. */
export function referenceEntries(file: unknown): readonly unknown[] {
  const entries = new Fields(file, 'the file').raw('entries');
  if (!Array.isArray(entries)) throw new MalformedMessage('the file has no list called entries');
  return entries;
}

/** The name of an entry even when the rest of it is of no use. */
export function entryId(entry: unknown, at: number): string {
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined;
  return typeof id === 'string' ? id : `entry ${at}`;
}

export function referenceCase(entry: unknown, id: string): ReferenceCase {
  const fields = new Fields(entry, id);
  const mechanism = fields.text('mechanism');
  const delta = fields.number('delta');
  const neighbouring = fields.raw('neighbouring') ?? 'ADD_OR_REMOVE_ONE';
  const name = String(neighbouring);
  const adjacency = Object.hasOwn(adjacencyOf, name) ? adjacencyOf[name] : undefined;
  if (adjacency === undefined) throw new MalformedMessage(`${id}: no adjacency is called ${String(neighbouring)}`);
  const params = new Fields(fields.raw('params'), `${id}.params`);
  const m = under({ adjacency, unit: 'record' });
  const audit = Object.hasOwn(audits, mechanism) ? audits[mechanism] : undefined;
  if (audit !== undefined) {
    const reason = 'an audit is no guarantee: it measures a lower bound on ε and says nothing from above';
    return { id, delta, kind: 'not applicable', reason, lower: audit(params, delta) };
  }
  if (mechanism === 'calibrate_sigma_poisson_gaussian') {
    const historyAt = (noiseMultiplier: number): History => [
      m.repetition({
        inner: m.poissonSampled({ inner: m.gaussian({ noiseMultiplier }), samplingRate: params.number('q') }),
        count: params.number('steps'),
      }),
    ];
    return { id, delta, kind: 'calibration', targetEpsilon: params.number('target_epsilon'), historyAt };
  }
  if (mechanism === 'repeat_and_select') {
    return { id, delta, kind: 'history', history: [repeatAndSelectOf(params, m, adjacency)] };
  }
  const read = Object.hasOwn(readers, mechanism) ? readers[mechanism] : undefined;
  if (read === undefined) {
    return { id, delta, kind: 'not applicable', reason: `no mechanism is called ${mechanism}`, lower: null };
  }
  const one = read(params, m, adjacency);
  // A list of phases counts its own steps.
  const steps = mechanism === 'heterogeneous' ? 1 : params.number('steps', 1);
  return { id, delta, kind: 'history', history: [repeated(m, one, steps)] };
}

/** Lower bounds on ε from the counts of an experiment. */
const audits: Readonly<Record<string, (params: Fields, delta: number) => number>> = {
  one_run_audit_lower_bound: (p, delta) =>
    auditOneRun(
      { canaries: p.number('m'), guesses: p.number('n_guess'), correct: p.number('n_correct') },
      { delta, significance: p.number('significance') },
    ),
  clopper_pearson_audit_lower_bound: (p, delta) =>
    auditPairedRuns(
      {
        truePositives: p.number('true_pos'),
        inCount: p.number('n_in'),
        falsePositives: p.number('false_pos'),
        outCount: p.number('n_out'),
      },
      { delta, significance: p.number('significance') },
    ).epsilon,
};

type R = Mechanism<Adjacency, 'record'>;
type M = MechanismsUnder<Adjacency, 'record'>;
type Reader = (params: Fields, m: M, adjacency: Adjacency) => R;

const repeated = (m: M, inner: R, count: number): R => (count === 1 ? inner : m.repetition({ inner, count }));

const sampled = (m: M, inner: R, samplingRate: number): R =>
  samplingRate === 1 ? inner : m.poissonSampled({ inner, samplingRate });

/** Under replace-one a record may move the sum by twice the norm that its multiplier is relative to, whatever the rate. */
const sampledGaussian = (m: M, adjacency: Adjacency, sigma: number, samplingRate: number): R =>
  sampled(m, m.gaussian({ noiseMultiplier: adjacency === 'replace-one' ? sigma / 2 : sigma }), samplingRate);

const laplace = (p: Fields, m: M): R => m.laplace({ scaleMultiplier: p.number('b') / p.number('sensitivity', 1) });

const readers: Readonly<Record<string, Reader>> = {
  poisson_subsampled_gaussian: (p, m, adjacency) => sampledGaussian(m, adjacency, p.number('sigma'), p.number('q')),
  gaussian: (p, m) => m.gaussian({ noiseMultiplier: p.number('sigma') / p.number('sensitivity', 1) }),
  laplace,
  poisson_subsampled_laplace: (p, m) => sampled(m, laplace(p, m), p.number('q')),
  discrete_gaussian: (p, m) => {
    const [noiseStddev, sensitivity] = [p.number('sigma'), p.number('sensitivity', 1)];
    // The norm of a vector need not be whole: then the concentrated bound of as many coordinates (Canonne, Kamath, Steinke 2020, theorem 14).
    if (sensitivity > 0 && !Number.isInteger(sensitivity) && noiseStddev > 0)
      return m.zeroConcentrated({ rho: 0.5 * (sensitivity / noiseStddev) ** 2 });
    return m.discreteGaussian({ noiseStddev, sensitivity });
  },
  discrete_laplace: (p, m) => m.discreteLaplace({ rate: p.number('a'), sensitivity: p.number('sensitivity', 1) }),
  k_ary_randomized_response: (p, m) =>
    m.randomizedResponse({ randomness: p.number('noise_parameter'), categories: p.number('num_buckets') }),
  rho_zcdp: (p, m) => m.zeroConcentrated({ rho: p.number('rho') }),
  tree_aggregation_restart: (p, m) => {
    const counts = p.raw('step_counts');
    const list: readonly unknown[] = Array.isArray(counts) ? counts : [counts];
    const stepCounts = list.map((one, at) => new Fields({ count: one }, `step_counts[${at}]`).number('count'));
    return repeated(m, m.tree({ noiseMultiplier: p.number('noise_multiplier'), stepCounts }), p.number('epochs', 1));
  },
  tree_aggregation_no_restart: (p, m) =>
    m.treeWithoutRestart({
      noiseMultiplier: p.number('noise_multiplier'),
      stepCount: p.number('total_steps'),
      maximumParticipation: p.number('max_participation'),
      minimumSeparation: p.number('min_separation'),
    }),
  fixed_size_without_replacement_gaussian: (p, m) =>
    m.fixedSizeSampled({
      noiseMultiplier: p.number('sigma'),
      populationSize: p.number('n'),
      batchSize: p.number('batch'),
    }),
  heterogeneous: (p, m, adjacency) => {
    const phases = p.raw('phases');
    if (!Array.isArray(phases)) throw new MalformedMessage('phases must be a list');
    return m.composition({
      parts: phases.map((phase: unknown, at) => phaseOf(new Fields(phase, `phases[${at}]`), m, adjacency)),
    });
  },
  truncated_poisson_gaussian: (p, m) =>
    m.truncatedPoissonSampled({
      noiseMultiplier: p.number('sigma'),
      samplingRate: p.number('q'),
      populationSize: p.number('n'),
      batchLimit: p.number('batch_max'),
    }),
  eps_delta_composition: (p, m) => m.approximate({ epsilon: p.number('eps0'), delta: p.number('delta0') }),
  distributed_discrete_gaussian: (p, m) => {
    const inner = m.distributedDiscreteGaussian({
      ...rounded(p),
      gridStep: p.number('gamma'),
      localStddev: p.number('local_stddev'),
      participantCount: p.number('num_clients'),
    });
    return sampled(m, inner, p.number('q', 1));
  },
  distributed_skellam: (p, m) => {
    const inner = m.skellam({ ...rounded(p), gridScale: p.number('scale'), noiseStddev: p.number('central_stddev') });
    return sampled(m, inner, p.number('q', 1));
  },
  exponential_mechanism: (p, m) => m.exponential({ epsilon: p.number('epsilon') }),
  group_privacy_poisson_gaussian: (p, m) =>
    m.groupPoissonSampled({
      noiseMultiplier: p.number('sigma'),
      samplingRate: p.number('q'),
      groupSize: p.number('group_size'),
    }),
};

function rounded(p: Fields): { l2Sensitivity: number; dimension: number; roundingBias: number } {
  return { l2Sensitivity: p.number('l2_sens'), dimension: p.number('dim'), roundingBias: p.number('beta') };
}

function repeatAndSelectOf(p: Fields, m: M, adjacency: Adjacency): R {
  const shape = p.raw('shape');
  return m.repeatAndSelect({
    inner: repeated(m, sampledGaussian(m, adjacency, p.number('sigma'), p.number('q', 1)), p.number('steps', 1)),
    meanRuns: p.number('mean_runs'),
    shape: shape === 'inf' || shape === Number.POSITIVE_INFINITY ? 'poisson' : p.number('shape'),
  });
}

function phaseOf(p: Fields, m: M, adjacency: Adjacency): R {
  const kind = p.text('kind');
  const short: Readonly<Record<string, string>> = {
    sg: 'poisson_subsampled_gaussian',
    gauss: 'gaussian',
    lap: 'laplace',
    sl: 'poisson_subsampled_laplace',
  };
  const name = short[kind] ?? kind;
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (read === undefined) throw new MalformedMessage(`no phase is called ${kind}`);
  return repeated(m, read(p, m, adjacency), p.number('steps', 1));
}
