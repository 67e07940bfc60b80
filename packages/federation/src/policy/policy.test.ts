import { under } from '@sumus/differential-privacy/mechanisms';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CheckedPlan, type VerifiedPlan, withLeastNoise } from '../plan/index.ts';
import type { Plan } from '../plan/plan.ts';
import { checkedPlan, samplePlan, withTable } from '../plan/sample-plans.contract.ts';
import {
  CAUTIOUS_POLICY,
  checkPolicy,
  floorsOf,
  type Judgement,
  judge as judgeAny,
  judgeRound as judgeRoundAny,
  limitsOf,
  type ParticipantHistory,
  type Policy,
} from './index.ts';

const signer = 'cd'.repeat(32);

/** Allows everything that the sample plans ask for. */
const lenient: Policy = {
  ...CAUTIOUS_POLICY,
  plansSignedBy: [signer],
  minimumContributors: 9,
  countedIn: 'rows',
  protections: ['mask', 'one-shot', 'threshold'],
  budgets: [{ dataset: 'digits', unit: 'record', epsilonAtMost: null, delta: 1e-6 }],
  metrics: [{ name: 'loss', resolution: 0.001, minimumUnits: 100 }],
};
const history: Omit<ParticipantHistory, 'signed'> = {
  dataset: 'digits',
  charges: [],
  bytesUp: 0,
  roundsToday: 0,
  nowMs: Date.UTC(2026, 10, 20, 12, 0),
};
/** As verifyPlan would give it. */
const signedBy = (plan: CheckedPlan, key: string): VerifiedPlan =>
  ({ plan, id: '', signedBy: key, signature: '' }) as unknown as VerifiedPlan;
type Known = Omit<ParticipantHistory, 'signed'>;
const judge = (policy: Policy, plan: CheckedPlan, known: Known): Judgement =>
  judgeAny(policy, plan, { ...known, signed: signedBy(plan, signer) });
const judgeRound = (policy: Policy, plan: CheckedPlan, known: Known): Judgement =>
  judgeRoundAny(policy, plan, { ...known, signed: signedBy(plan, signer) });
const capped: Policy = { ...lenient, budgets: [{ dataset: 'digits', unit: 'record', epsilonAtMost: 3, delta: 1e-6 }] };
const noisy = (epsilon = 3): Plan => {
  const plan = samplePlan({ epsilon });
  return { ...plan, privacy: { ...plan.privacy, noiseMultiplier: 1.3 } as Plan['privacy'] };
};
const codesOf = (judgement: Judgement): readonly string[] =>
  judgement.kind === 'accepted' ? [] : judgement.refusals.map(({ code }) => code);
const bytes = (changes: Partial<Policy['bytes']>): Policy => ({ ...lenient, bytes: { ...lenient.bytes, ...changes } });
const residual = {
  ...samplePlan(),
  model: {
    ...samplePlan().model,
    architecture: { input: [784], layers: [{ kind: 'residual', layers: [{ kind: 'imprint' }], shortcut: [] }] },
  },
} as Plan;
const fewCorrupt: Plan = {
  ...samplePlan({ protection: 'threshold' }),
  protection: {
    kind: 'threshold',
    members: 9,
    threshold: 7,
    corruptMembers: 3,
    trust: 'participants follow the protocol',
  },
};
const blockable: Plan = {
  ...samplePlan({ protection: 'one-shot' }),
  protection: { kind: 'one-shot', committee: { members: 5, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
};
const trusting: Plan = { ...noisy(), privacy: { ...noisy().privacy, corruptContributors: 2 } as Plan['privacy'] };
const perTurn = (): Plan => {
  const plan = samplePlan({ schedule: 'round-robin', protection: 'none' });
  const release = { after: 'turn', warning: 'every release shows the update of one participant' };
  return { ...plan, exchange: { ...plan.exchange, release } as Plan['exchange'] };
};

describe('a policy', () => {
  it('lets sums of columns pass where it says so, and wherever they have noise', () => {
    expect(judge({ ...lenient, columnSumsWithoutNoise: true }, checkedPlan(withTable()), history).kind).toBe(
      'accepted',
    );
    const noisyTable = checkedPlan(withTable({}, withLeastNoise(samplePlan({ epsilon: 3 }))));
    expect(codesOf(judge({ ...lenient, metrics: [] }, noisyTable, history))).not.toContain('columns-without-noise');
  });

  it('lets a plan pass that asks for no more than it allows', () => {
    expect(judge(lenient, checkedPlan(), history)).toEqual({ kind: 'accepted' });
    expect(judgeRound(lenient, checkedPlan(), history)).toEqual({ kind: 'accepted' });
    expect(judge(capped, checkedPlan(noisy()), history)).toEqual({ kind: 'accepted' });
  });

  it.each<[string, Policy, Plan, Partial<Known>]>([
    ['run-has-ended', lenient, samplePlan({ endsAtMs: history.nowMs - 1 }), {}],
    ['identities-not-vouched-for', lenient, samplePlan({ authority: null }), {}],
    ['too-few-contributors', { ...lenient, minimumContributors: 10 }, samplePlan(), {}],
    ['too-many-corrupt', { ...lenient, corruptFraction: 0.4 }, samplePlan(), {}],
    ['too-many-corrupt', { ...lenient, corruptFraction: 0.45 }, fewCorrupt, {}],
    ['too-many-corrupt', { ...lenient, corruptFraction: 0.45 }, blockable, {}],
    ['too-many-corrupt', { ...capped, corruptFraction: 1 / 3 }, trusting, {}],
    ['too-few-units', { ...lenient, minimumUnits: 101 }, samplePlan(), {}],
    ['rows-are-not-people', { ...lenient, countedIn: 'people' }, samplePlan(), {}],
    ['protection-not-allowed', lenient, samplePlan({ protection: 'none' }), {}],
    ['opened-too-widely', { ...lenient, openedTo: ['participants'] }, samplePlan(), {}],
    ['release-per-turn', { ...lenient, protections: ['none'] }, perTurn(), {}],
    ['data-set-not-allowed', lenient, samplePlan(), { dataset: 'x-rays' }],
    ['no-privacy', capped, samplePlan(), {}],
    ['another-unit', capped, samplePlan({ epsilon: 8, unit: 'participant' }), {}],
    ['too-many-parameters', { ...lenient, architectures: { parametersAtMost: 7849, layers: null } }, samplePlan(), {}],
    [
      'layer-not-allowed',
      { ...lenient, architectures: { parametersAtMost: 1e6, layers: ['residual', 'dense'] } },
      residual,
      {},
    ],
    ['metric-not-allowed', { ...lenient, metrics: [] }, samplePlan(), {}],
    [
      'metric-too-fine',
      { ...lenient, metrics: [{ name: 'loss', resolution: 0.01, minimumUnits: 100 }] },
      samplePlan(),
      {},
    ],
    [
      'metric-too-fine',
      { ...lenient, metrics: [{ name: 'loss', resolution: 0.001, minimumUnits: 101 }] },
      samplePlan(),
      {},
    ],
    ['columns-without-noise', lenient, withTable(), {}],
    ['too-many-bytes', bytes({ upPerRoundAtMost: 1000 }), samplePlan(), {}],
    ['too-many-bytes', bytes({ downPerRoundAtMost: 1000 }), samplePlan(), {}],
    ['too-many-bytes', bytes({ upAtMost: 10 ** 6 }), samplePlan(), { bytesUp: 10 ** 6 - 100 }],
  ])('refuses %s, to both sides and alone', (code, policy, plan, changes) => {
    const judgement = judge(policy, checkedPlan(plan), { ...history, ...changes });
    expect(codesOf(judgement)).toEqual([code]);
    if (judgement.kind === 'refused') {
      const [{ toParticipant, toCoordinator }] = judgement.refusals;
      expect(toParticipant).toMatch(/^[A-Z].*\.$/);
      expect(toCoordinator).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('looks at plans of trusted keys alone, and takes no signature of another plan', () => {
    const [plan, other] = [checkedPlan(), checkedPlan(samplePlan({ rounds: 21 }))];
    for (const signed of [undefined, signedBy(plan, 'ef'.repeat(32)), signedBy(other, signer)]) {
      expect(codesOf(judgeAny(lenient, plan, { ...history, signed }))).toEqual(['not-signed-by-anybody-trusted']);
      expect(codesOf(judgeRoundAny(lenient, plan, { ...history, signed }))).toEqual(['not-signed-by-anybody-trusted']);
    }
  });

  it('names everything that it refuses, not only the first', () => {
    const codes = codesOf(
      judge(CAUTIOUS_POLICY, checkedPlan(samplePlan({ protection: 'none', authority: null })), history),
    );
    expect(codes).toEqual([
      'not-signed-by-anybody-trusted',
      'identities-not-vouched-for',
      'protection-not-allowed',
      'rows-are-not-people',
      'data-set-not-allowed',
      'metric-not-allowed',
    ]);
  });

  it('refuses the run, and the round, that earlier runs leave no budget for, without telling the coordinator what they were', () => {
    const mechanism = under({ adjacency: 'add-remove', unit: 'record' }).gaussian({ noiseMultiplier: 1.4 });
    const spent = { ...history, charges: [{ mechanism, count: 1 }] };
    const judgement = judge(capped, checkedPlan(noisy()), spent);
    expect(codesOf(judgement)).toEqual(['budget-overrun']);
    if (judgement.kind === 'accepted') throw new Error('accepted');
    const [{ toParticipant, toCoordinator }] = judgement.refusals;
    expect(toParticipant).toMatch(/may cost ε = 3: together with what was spent it would come to ε = [34]\.\d+/);
    expect(toCoordinator).not.toMatch(/\d/);
    expect(toCoordinator).not.toContain('digits');
    const more = { ...history, charges: [{ mechanism, count: 2 }] };
    expect(codesOf(judgeRound(capped, checkedPlan(noisy()), more))).toEqual(['budget-overrun']);
    expect(codesOf(judgeRound(capped, checkedPlan(noisy()), history))).toEqual([]);
  });

  it('refuses what was spent for other neighbours rather than leaving it out', () => {
    const mechanism = under({ adjacency: 'replace-one', unit: 'record' }).gaussian({ noiseMultiplier: 100 });
    const judgement = judge(capped, checkedPlan(noisy()), { ...history, charges: [{ mechanism, count: 1 }] });
    expect(codesOf(judgement)).toEqual(['budget-overrun']);
  });

  it('refuses rounds outside of its hours, over midnight too, and more than its rounds a day', () => {
    const at = (hour: number) => ({ ...history, nowMs: Date.UTC(2026, 10, 20, hour, 30) });
    const hours = { fromMinute: 22 * 60, toMinute: 6 * 60, utcOffsetMinutes: 60 };
    const nights: Policy = { ...lenient, hours };
    expect([20, 21, 23, 4, 5, 12].map((hour) => codesOf(judgeRound(nights, checkedPlan(), at(hour))).length)).toEqual([
      1, 0, 0, 0, 1, 1,
    ]);
    expect(codesOf(judge(nights, checkedPlan(), at(12)))).toEqual([]);
    const days: Policy = { ...lenient, hours: { fromMinute: 8 * 60, toMinute: 18 * 60, utcOffsetMinutes: 0 } };
    expect([7, 8, 17, 18].map((hour) => codesOf(judgeRound(days, checkedPlan(), at(hour))).length)).toEqual([
      1, 0, 0, 1,
    ]);
    expect(
      codesOf(judgeRound({ ...lenient, roundsPerDayAtMost: 2 }, checkedPlan(), { ...history, roundsToday: 2 })),
    ).toEqual(['too-many-rounds-a-day']);
  });
});

describe('a plan', () => {
  const options = fc.record({
    minimumContributors: fc.integer({ min: 3, max: 20 }),
    minimumUnits: fc.integer({ min: 1, max: 500 }),
    protection: fc.constantFrom('mask' as const, 'one-shot' as const, 'none' as const),
    authority: fc.constantFrom('ab'.repeat(32), null),
  });
  const policies = fc.record({
    minimumContributors: fc.integer({ min: 3, max: 20 }),
    minimumUnits: fc.integer({ min: 1, max: 500 }),
    protections: fc.subarray(['mask', 'one-shot', 'none'] as const, { minLength: 1 }),
    admission: fc.constantFrom('invitation' as const, 'any' as const),
  });

  it('never gets through what the file does not allow', () => {
    fc.assert(
      fc.property(options, policies, (asked, allowed) => {
        const plan = checkedPlan(samplePlan({ ...asked, maximumContributors: 30 }));
        // What metrics cover is held apart from what contributions do.
        const bent = { ...plan, metrics: [] } as typeof plan;
        const judgement = judge({ ...lenient, ...allowed }, bent, history);
        const isAllowed =
          asked.minimumContributors >= allowed.minimumContributors &&
          asked.minimumUnits >= allowed.minimumUnits &&
          allowed.protections.includes(asked.protection) &&
          (allowed.admission === 'any' || asked.authority !== null);
        expect(judgement.kind).toBe(isAllowed ? 'accepted' : 'refused');
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  it('leaves the stricter of file and plan in force', () => {
    fc.assert(
      fc.property(options, policies, (asked, allowed) => {
        const plan = checkedPlan(samplePlan({ ...asked, maximumContributors: 30 }));
        const policy = { ...lenient, ...allowed };
        const limits = limitsOf(policy, plan);
        expect(limits.minimumContributors).toBe(Math.max(asked.minimumContributors, allowed.minimumContributors));
        expect(limits.minimumUnits).toBe(Math.max(asked.minimumUnits, allowed.minimumUnits));
        const floors = floorsOf(policy, plan);
        expect(floors.minimumContributors).toBe(limits.minimumContributors);
        expect(floors.corruptFraction).toBe(policy.corruptFraction);
      }),
      { seed: 8, numRuns: 50 },
    );
  });
});

describe('a policy file', () => {
  it('allows nothing that it does not say, and refuses what it does not know', () => {
    expect(checkPolicy(CAUTIOUS_POLICY).kind).toBe('valid');
    const { budgets, ...rest } = CAUTIOUS_POLICY;
    expect(budgets).toEqual([]);
    const missing = checkPolicy(rest);
    expect(missing.kind === 'invalid' && missing.problems[0]?.path).toBe('budgets');
    for (const wrong of [
      { minimumContributors: 2 },
      { protections: [] },
      { corruptFraction: 0.5 },
      { allowAll: true },
    ]) {
      expect(checkPolicy({ ...CAUTIOUS_POLICY, ...wrong }).kind).toBe('invalid');
    }
  });
});
