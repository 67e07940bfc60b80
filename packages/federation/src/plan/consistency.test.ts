import { describe, expect, it } from 'vitest';
import { checkPlan } from './check.ts';
import { inconsistencies, RULES, type RuleName } from './consistency.ts';
import type { Asynchronous, CentralPrivacy, Plan, Synchronous, Turns } from './plan.ts';
import { checkedPlan, oneRoundPlan, samplePlan, withTable } from './sample-plans.contract.ts';

const central = (changes: Partial<CentralPrivacy> = {}, plan: Plan = samplePlan({ epsilon: 3 })): Plan => {
  if (plan.privacy.kind !== 'central') throw new Error('no central privacy');
  return { ...plan, privacy: { ...plan.privacy, ...changes } };
};
const exchange = <E extends Plan['exchange']>(plan: Plan, changes: Partial<E>): Plan => ({
  ...plan,
  exchange: { ...plan.exchange, ...changes } as Plan['exchange'],
});
const turns = (): Plan => samplePlan({ schedule: 'round-robin', protection: 'one-shot' });
const perTurn = { after: 'turn', warning: 'every release shows the update of one participant' } as const;
const rounds = (plan: Plan) => {
  if (plan.exchange.schedule === 'one-round') throw new Error('no rounds');
  return plan.exchange.localWork;
};
const participants = (): Plan => samplePlan({ epsilon: 8, unit: 'participant' });
const sparseVector = (): Plan => ({
  ...samplePlan({ protection: 'none', uploadFraction: 0.1 }),
  sharing: {
    ...samplePlan().sharing,
    upload: { fraction: 0.1, selection: { kind: 'random-above-threshold', threshold: 1e-4 } },
    clamp: 1e-3,
  },
  privacy: {
    kind: 'sparse-vector',
    unit: 'participant',
    adjacency: 'replace-one',
    delta: 1e-6,
    epsilonAtMost: 1e6,
    epsilonPerUpload: 0.01,
    threshold: 1e-4,
  },
  metrics: [],
});

/** For every rule a plan that breaks it. */
const broken: Readonly<Record<RuleName, Plan>> = {
  'too-few-contributors': samplePlan({ minimumContributors: 2 }),
  'contributors-out-of-order': samplePlan({ maximumContributors: 8 }),
  'cohort-out-of-range': exchange<Synchronous>(samplePlan(), { cohort: { kind: 'sampled', size: 5 } }),
  'buffer-out-of-range': exchange<Asynchronous>(samplePlan({ schedule: 'asynchronous', protection: 'one-shot' }), {
    buffer: 2,
  }),
  'small-cohorts': { ...samplePlan(), robustness: { kind: 'cohorts', cohorts: 5, rule: 'median', trim: 0 } },
  'trimming-everything': {
    ...samplePlan(),
    robustness: { kind: 'cohorts', cohorts: 5, rule: 'trimmed-mean', trim: 3 },
  },
  'cohorts-need-synchronous': { ...turns(), robustness: { kind: 'cohorts', cohorts: 5, rule: 'median', trim: 0 } },
  'cohorts-opened-to-participants': {
    ...samplePlan({ minimumContributors: 15, protection: 'one-shot' }),
    robustness: { kind: 'cohorts', cohorts: 5, rule: 'median', trim: 0 },
    openedTo: 'participants',
  },
  'turn-release-without-noise': exchange<Turns>(turns(), { release: perTurn }),
  'mask-needs-synchronous': samplePlan({ schedule: 'round-robin' }),
  'threshold-with-devices': {
    ...samplePlan({ protection: 'threshold' }),
    contributors: { ...samplePlan().contributors, population: 'devices' },
  },
  'threshold-below-quorum': {
    ...samplePlan({ protection: 'threshold' }),
    protection: {
      kind: 'threshold',
      members: 5,
      threshold: 3,
      corruptMembers: 1,
      trust: 'participants follow the protocol',
    },
  },
  'committee-may-be-blocked': {
    ...turns(),
    protection: { kind: 'one-shot', committee: { members: 3, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
  },
  'sum-opened-to-participants': { ...samplePlan(), openedTo: 'participants' },
  'index-lists-under-protection': { ...samplePlan(), sharing: { ...samplePlan().sharing, support: { kind: 'own' } } },
  'selection-outside-support': {
    ...samplePlan(),
    sharing: { ...samplePlan().sharing, upload: { fraction: 0.5, selection: { kind: 'all' } } },
  },
  'guide-explores-nothing': {
    ...samplePlan(),
    sharing: {
      ...samplePlan().sharing,
      upload: { fraction: 0.5, selection: { kind: 'all' } },
      support: { kind: 'guided', fraction: 0.5, explore: 0 },
    },
  },
  'guide-in-buffers': {
    ...samplePlan({ schedule: 'asynchronous', protection: 'one-shot' }),
    sharing: {
      ...samplePlan().sharing,
      upload: { fraction: 0.5, selection: { kind: 'all' } },
      support: { kind: 'guided', fraction: 0.5, explore: 0.1 },
    },
  },
  'values-too-wide': {
    ...samplePlan({ maximumContributors: 2 ** 14 }),
    encoding: { ...samplePlan().encoding, valueBits: 23 },
  },
  'one-round-shares-everything': { ...oneRoundPlan(), sharing: { ...oneRoundPlan().sharing, clamp: 1 } },
  'one-round-is-one': { ...oneRoundPlan(), stopping: { rounds: 2, patienceRounds: null } },
  'metrics-of-too-few': { ...samplePlan(), metrics: [{ name: 'loss', resolution: 1, minimumUnits: 99 }] },
  'metric-twice': {
    ...samplePlan(),
    metrics: [
      { name: 'loss', resolution: 1, minimumUnits: 100 },
      { name: 'loss', resolution: 0.7, minimumUnits: 100 },
    ],
  },
  'patience-without-loss': { ...samplePlan(), metrics: [], stopping: { rounds: 20, patienceRounds: 3 } },
  'scattering-of-another-width': {
    ...samplePlan(),
    preparation: { kind: 'scattering', featureCount: 60, radius: 8 },
  },
  'scattering-twice': { ...oneRoundPlan(), preparation: { kind: 'scattering', featureCount: 784, radius: 28 } },
  'columns-of-another-width': withTable({ columns: [{ name: 'age', type: 'number' }] }),
  'columns-named-twice': withTable({ target: { column: 'c0', classes: ['yes', 'no'] } }),
  'column-sums-of-one': {
    ...withTable(
      {},
      exchange<Turns>(samplePlan({ schedule: 'round-robin', protection: 'none' }), { release: perTurn }),
    ),
  },
  'column-sums-in-buffers': withTable({}, samplePlan({ schedule: 'asynchronous', protection: 'one-shot' })),
  'column-sums-without-noise': withTable({}, sparseVector()),
  'does-not-fit': central({ noiseMultiplier: 1e6 }),
  'amplified-against-the-server': central(
    { amplification: { by: 'cohort', against: 'server' } },
    exchange<Synchronous>(participants(), { cohort: { kind: 'sampled', size: 9 } }),
  ),
  'amplified-without-sampling': { ...central(), batching: { ...samplePlan().batching } },
  'noise-of-nobody': central({ corruptContributors: 9 }),
  'noise-of-partial-sums': {
    ...samplePlan({ epsilon: 8, minimumContributors: 150, maximumContributors: 200 }),
    protection: { kind: 'mask', graph: 'sparse', corruptFraction: 0.1, dropoutFraction: 0.1 },
  },
  'noise-without-protection': {
    ...central(),
    protection: { kind: 'none', reason: 'the digits are published already' },
  },
  'clips-differ': { ...participants(), encoding: { clippingNorm: 2, valueBits: 18, rotation: 'hadamard' } },
  'records-need-one-step': exchange<Synchronous>(central(), { localWork: { ...rounds(central()), unit: 'epochs' } }),
  'records-choose-nothing': {
    ...central(),
    sharing: { ...samplePlan().sharing, upload: { fraction: 0.1, selection: { kind: 'largest' } } },
  },
  'records-keep-no-state': { ...central(), sharing: { ...samplePlan().sharing, errorFeedback: true } },
  'records-change-places': {
    ...central({ amplification: { by: 'nothing' } }),
    batching: { ...samplePlan().batching, sampling: { kind: 'shuffled', batchSize: 10 } },
  },
  'presence-is-known': central({ adjacency: 'add-remove' }, participants()),
  'statistics-clip-too-small': central({ clippingNorm: 1 }, oneRoundPlan()),
  'weights-tell': exchange<Synchronous>(central(), { combine: { kind: 'weighted-mean', maximumWeight: 1000 } }),
  'metrics-without-noise': { ...central(), metrics: samplePlan().metrics },
  'sparse-vector-needs-clamp': { ...sparseVector(), sharing: { ...sparseVector().sharing, clamp: null } },
  'delta-too-large': central({ delta: 0.01 }),
  'records-counted-as-people': { ...central(), batching: { ...central().batching, countedIn: 'people' } },
};

describe('the rules of consistency', () => {
  it('have a plan each that breaks them', () => {
    expect(Object.keys(broken).sort()).toEqual([...RULES.map(({ rule }) => rule), 'does-not-fit'].sort());
  });

  it.each(Object.entries(broken))('refuse by name: %s', (rule, plan) => {
    const found = inconsistencies(plan);
    expect(found.map((one) => one.rule)).toContain(rule);
    for (const { path, what, next } of found) {
      expect(path).toMatch(/^[a-zA-Z.]+$/);
      expect(what.length).toBeGreaterThan(10);
      expect(next.length).toBeGreaterThan(5);
    }
    const check = checkPlan(plan);
    expect(check.kind).toBe('invalid');
  });

  it.each([
    ['mask', samplePlan()],
    [
      'mask, cohorts',
      {
        ...samplePlan({ minimumContributors: 15 }),
        robustness: { kind: 'cohorts', cohorts: 5, rule: 'trimmed-mean', trim: 1 },
      },
    ],
    ['round robin, one-shot', turns()],
    ['random order, one-shot', samplePlan({ schedule: 'random-order', protection: 'one-shot' })],
    ['asynchronous, one-shot', samplePlan({ schedule: 'asynchronous', protection: 'one-shot' })],
    ['threshold', samplePlan({ protection: 'threshold' })],
    ['records', central()],
    ['participants', participants()],
    ['sparse vector', sparseVector()],
    ['one round', oneRoundPlan()],
    ['a table', withTable()],
    ['a table with a promise', withTable({}, central())],
    ['for participants alone', { ...turns(), openedTo: 'participants' }],
    [
      "the paper's mode, every turn in clear",
      exchange<Turns>(samplePlan({ schedule: 'round-robin', protection: 'none', uploadFraction: 0.1 }), {
        release: perTurn,
      }),
    ],
    [
      'lists of indices in clear',
      {
        ...samplePlan({ protection: 'none', uploadFraction: 0.1 }),
        sharing: { ...samplePlan({ uploadFraction: 0.1 }).sharing, support: { kind: 'own' } },
      },
    ],
  ] as const)('let a plan pass that breaks none: %s', (_, plan) => {
    expect(inconsistencies(plan as Plan)).toEqual([]);
    expect(Object.isFrozen(checkedPlan(plan))).toBe(true);
  });

  it('refuse a release per turn without its warning spelled out', () => {
    const plan = exchange<Turns>(samplePlan({ schedule: 'round-robin', protection: 'none' }), {
      release: { after: 'turn' } as Turns['release'],
    });
    const check = checkPlan(plan);
    expect(check.kind === 'invalid' && check.problems.map(({ path }) => path)).toEqual(['exchange.release.warning']);
  });

  it('refuse a public sampling seed, and say why', () => {
    const check = checkPlan({ ...samplePlan(), batching: { ...samplePlan().batching, seed: 1 } });
    expect(check.kind === 'invalid' && check.problems[0]?.what).toContain('voids amplification');
  });

  it('refuse protection none without a reason', () => {
    for (const reason of ['', 'x', 'aaaaaaaaaaaaaaaaaaaa']) {
      const check = checkPlan({ ...samplePlan(), protection: { kind: 'none', reason } });
      expect(check.kind === 'invalid' && check.problems[0]?.path).toBe('protection.reason');
    }
  });
});
