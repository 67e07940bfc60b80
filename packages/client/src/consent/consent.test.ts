// What a person reads before saying yes, and a yes to one plan: it allows that plan and no other.

import { emptyLedger, type VerifiedLedger, verifyLedger } from '@sumus/federation/ledger';
import { signPlan, type VerifiedPlan, verifyPlan } from '@sumus/federation/plan';
import { historyOf, judge } from '@sumus/federation/policy';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import { describe, expect, it } from 'vitest';
import { fastClock, LittleWorld, type LittleWorldOptions } from '../little-world.contract.ts';
import { dryRun, policyFor } from './index.ts';

async function planOf(plan: LittleWorldOptions['plan']) {
  const world = await LittleWorld.make({ ...(plan === undefined ? {} : { plan }) });
  const { primitives, server } = world;
  const owner = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const signed: VerifiedPlan = await verifyPlan(
    primitives,
    await signPlan(primitives, owner, server.setup.plan.plan),
    owner.publicKey,
  );
  const verdict = await verifyLedger(primitives, emptyLedger(owner.publicKey).owner, []);
  if (verdict.kind === 'damaged') throw new Error('an empty ledger is intact');
  return { signed, ledger: verdict.ledger };
}

const judged = (signed: VerifiedPlan, ledger: VerifiedLedger, policy = policyFor(signed, 'ward')) =>
  judge(policy, signed.plan, historyOf(ledger, { dataset: 'ward', nowMs: fastClock.nowMs(), signed }));

const enough = { minimumContributors: 9, maximumContributors: 12 };

describe('a yes to a plan', () => {
  it.each<[string, LittleWorldOptions['plan']]>([
    ['masks', {}],
    ['one-shot sums', { protection: 'one-shot', ...enough }],
    ['a shared key', { protection: 'threshold', ...enough }],
    ['no protection', { protection: 'none' }],
    ['privacy of records', { epsilon: 8, ...enough }],
    ['privacy of participants', { epsilon: 8, unit: 'participant', ...enough }],
  ])('with %s accepts that plan', async (_, plan) => {
    const { signed, ledger } = await planOf(plan);
    expect(judged(signed, ledger)).toEqual({ kind: 'accepted' });
  });

  it('is none to the same plan with less protection, more parameters, another owner, or on other data', async () => {
    const { signed, ledger } = await planOf({});
    const policy = policyFor(signed, 'ward');
    const others = await Promise.all([
      planOf({ protection: 'none' }),
      planOf({ minimumUnits: 5 }),
      planOf({}),
      planOf({ epsilon: 8, ...enough }),
    ]);
    for (const { signed: other } of others) expect(judged(other, ledger, policy).kind).toBe('refused');
    const elsewhere = historyOf(ledger, { dataset: 'clinic', nowMs: fastClock.nowMs(), signed });
    expect(judge(policy, signed.plan, elsewhere).kind).toBe('refused');
  });
});

describe('a dry run', () => {
  it('says what would leave, in what, how much of it, and who could read it', async () => {
    const { signed, ledger } = await planOf({});
    const dry = dryRun({
      signed,
      policy: policyFor(signed, 'ward'),
      dataset: 'ward',
      ledger,
      nowMs: fastClock.nowMs(),
    });
    expect(dry.leaves.map(({ what }) => what)).toContain('update');
    expect(dry.leaves[0]?.coordinates).toBeGreaterThanOrEqual(21);
    expect(dry.leaves[0]?.bytes).toBeGreaterThan(0);
    expect(dry.roundsAtMost).toBe(3);
    expect([dry.epsilon, dry.delta]).toEqual([null, null]);
    expect(dry.judgement.kind).toBe('accepted');
    expect(dry.explanation.server.length).toBeGreaterThan(0);
  });

  it('says that the server reads what is not protected, and what the ε is', async () => {
    const clear = await planOf({ protection: 'none' });
    const policy = policyFor(clear.signed, 'ward');
    const nowMs = fastClock.nowMs();
    const open = dryRun({ ...clear, policy, dataset: 'ward', nowMs });
    expect(open.leaves[0]?.readableBy).toMatch(/the server/);
    const paid = await planOf({ epsilon: 8, ...enough });
    const dry = dryRun({ ...paid, policy, dataset: 'ward', nowMs });
    expect(dry.epsilon).toBeGreaterThan(0);
    expect(dry.epsilon).toBeLessThanOrEqual(8);
    // Another policy: all that it refuses is said before anybody is asked.
    expect(dry.judgement.kind).toBe('refused');
  });
});
