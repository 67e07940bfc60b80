import { under } from '@sumus/differential-privacy/mechanisms';
import { describe, expect, it } from 'vitest';
import { appendTo, emptyLedger, type LedgerContent, type VerifiedLedger, verifyLedger } from '../ledger/index.ts';
import { primitives, signerFrom } from '../ledger/sample-ledger.contract.ts';
import {
  type CheckedPlan,
  type Plan,
  planId,
  priceOfRound,
  roundsWithinBudget,
  signPlan,
  verifyPlan,
  withLeastNoise,
} from '../plan/index.ts';
import { checkedPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import { CAUTIOUS_POLICY, type Policy } from '../policy/index.ts';
import { type Entry, mayEnter, paidRounds } from './index.ts';

const owner = await signerFrom(9);
const dataset = 'ward 7';
const NOW_MS = 1_700_000_000_000;

async function ledgerOf(contents: readonly LedgerContent[]): Promise<VerifiedLedger> {
  let ledger = emptyLedger(owner.publicKey);
  for (const [i, content] of contents.entries()) {
    ledger = await appendTo(primitives, owner, ledger, { content, atMs: NOW_MS + i });
  }
  const verdict = await verifyLedger(primitives, ledger.owner, ledger.records);
  if (verdict.kind !== 'intact') throw new Error('damaged');
  return verdict.ledger;
}

async function asked(
  plan: CheckedPlan,
  contents: readonly LedgerContent[],
  { round = 0, policy = {} }: { readonly round?: number; readonly policy?: Partial<Policy> } = {},
): Promise<Entry> {
  const signed = await verifyPlan(primitives, await signPlan(primitives, owner, plan), owner.publicKey);
  const allowed: Policy = {
    ...CAUTIOUS_POLICY,
    plansSignedBy: [signed.signedBy],
    countedIn: 'rows',
    minimumUnits: 1,
    minimumContributors: 3,
    budgets: [{ dataset, unit: 'record', epsilonAtMost: 20, delta: 1e-6 }],
    ...policy,
  };
  const now = { dataset, nowMs: NOW_MS, signed };
  return mayEnter({
    plan,
    planId: planId(primitives, plan),
    round,
    policy: allowed,
    ledger: await ledgerOf(contents),
    now,
  });
}

const promising = checkedPlan(withLeastNoise(samplePlan({ epsilon: 3, rounds: 10 })));
const chargedFor = (plan: CheckedPlan, count: number, id = planId(primitives, plan)): LedgerContent => {
  const mechanism = priceOfRound(plan);
  if (mechanism === undefined) throw new Error('nothing is promised');
  return { kind: 'charged', plan: id, round: 0, dataset, mechanism, count };
};

describe('one more round', () => {
  it('is paid for with the mechanism that is run, which the ledger takes as it is', async () => {
    const entry = await asked(promising, [], { round: 4 });
    if (entry.kind !== 'may enter') throw new Error(JSON.stringify(entry.refusals));
    expect(entry.charge).toEqual({ ...chargedFor(promising, 1), round: 4 });
    expect(entry.sentence).toMatch(
      /^ε ≤ [\d.]+ of 3 at δ = 0.000001 for each record, after 1 charge in a run of 10 rounds\.$/,
    );
    await expect(ledgerOf(entry.charge ? [entry.charge] : [])).resolves.toBeDefined();
  });

  it('is refused from the round on that the plan itself does not pay for', async () => {
    const paid = roundsWithinBudget(promising);
    expect(paid).toBe(10);
    expect((await asked(promising, [chargedFor(promising, paid - 1)])).kind).toBe('may enter');
    const over = await asked(promising, [chargedFor(promising, paid + 2)]);
    expect(over).toMatchObject({
      kind: 'refused',
      refusals: [{ code: 'budget-overrun', path: 'privacy.epsilonAtMost' }],
    });
    // Planted: charges of another plan are no rounds of this one.
    const other = [chargedFor(promising, paid + 2, 'ab'.repeat(32))];
    expect(
      (
        await asked(promising, other, {
          policy: { budgets: [{ dataset, unit: 'record', epsilonAtMost: 50, delta: 1e-6 }] },
        })
      ).kind,
    ).toBe('may enter');
  });

  it('counts what the run was charged for besides rounds, and refuses what does not add up', async () => {
    const rounds = chargedFor(promising, 9);
    expect((await asked(promising, [rounds])).kind).toBe('may enter');
    const preparation = (adjacency: 'add-remove' | 'replace-one'): LedgerContent => ({
      kind: 'charged',
      plan: planId(primitives, promising),
      round: 0,
      dataset,
      mechanism: under({ adjacency, unit: 'record' }).gaussian({ noiseMultiplier: 4 }),
      count: 1,
    });
    const over = await asked(promising, [preparation('add-remove'), rounds]);
    expect(over).toMatchObject({ kind: 'refused', refusals: [{ path: 'privacy.epsilonAtMost' }] });
    expect((await asked(promising, [preparation('add-remove')])).kind).toBe('may enter');
    expect((await asked(promising, [preparation('replace-one')])).kind).toBe('refused');
  });

  it('is refused where other runs have used the data set up, and the coordinator is not told so', async () => {
    const other = chargedFor(promising, 10, 'cd'.repeat(32));
    const entry = await asked(promising, [other], {
      policy: { budgets: [{ dataset, unit: 'record', epsilonAtMost: 3.05, delta: 1e-6 }] },
    });
    if (entry.kind !== 'refused') throw new Error('entered');
    expect(entry.refusals.map(({ code }) => code)).toEqual(['budget-overrun']);
    expect(entry.refusals[0].toCoordinator).not.toMatch(/\d/);
  });

  it('costs nothing where nothing is promised, and says so', async () => {
    const plan = checkedPlan(samplePlan());
    const policy = {
      budgets: [{ dataset, unit: 'record' as const, epsilonAtMost: null, delta: 1e-6 }],
      metrics: [{ name: 'loss' as const, resolution: 0.001, minimumUnits: 1 }],
    };
    expect(await asked(plan, [], { policy })).toMatchObject({
      kind: 'may enter',
      charge: undefined,
      sentence: expect.stringContaining('nothing is promised'),
    });
  });

  it('is no cheaper for those whom the server draws into a cohort', async () => {
    const base = samplePlan({ epsilon: 30, rounds: 3, unit: 'participant' });
    const drawn = (
      by: Plan['privacy'] extends infer P ? (P extends { amplification: infer A } ? A : never) : never,
    ): CheckedPlan =>
      checkedPlan({
        ...base,
        exchange: { ...base.exchange, cohort: { kind: 'sampled', size: 10 } },
        privacy: { ...base.privacy, noiseMultiplier: 3, amplification: by },
      });
    const policy = { budgets: [{ dataset, unit: 'participant' as const, epsilonAtMost: 40, delta: 1e-6 }] };
    const [cohort, nothing] = await Promise.all([
      asked(drawn({ by: 'cohort', against: 'outsiders' }), [], { policy }),
      asked(drawn({ by: 'nothing' }), [], { policy }),
    ]);
    if (cohort.kind !== 'may enter' || nothing.kind !== 'may enter') throw new Error(JSON.stringify([cohort, nothing]));
    expect(cohort.charge?.mechanism).toEqual(nothing.charge?.mechanism);
    expect(cohort.sentence).toContain('nothing is gained by being drawn');
  });

  it('is held by a coordinator as often as the plan pays for', () => {
    expect(paidRounds(promising)).toBe(10);
    const { privacy } = promising;
    if (privacy.kind !== 'central') throw new Error('no central privacy');
    const loud = checkedPlan({ ...promising, privacy: { ...privacy, noiseMultiplier: privacy.noiseMultiplier * 0.8 } });
    expect(paidRounds(loud)).toBeLessThan(10);
  });
});
