// The parameters of a shared key, from a plan: everybody's, but computed where keys are, because the room that hiding needs is computed beside
// what it hides. A coordinator is handed the answer.

import { SEMI_HONEST, type ThresholdParameters, thresholdParameters } from '@sumus/secure-sum/threshold';
import { ParameterError } from '../../errors.ts';
import { sumsInPlan } from '../../plan/column-sums.ts';
import { contributionsInSum } from '../../plan/sums.ts';
import type { SumAgreement, ThresholdKey } from '../sum.ts';

/** Sums that one key opens: all of the run, or half of them until the flooding leaves room, and so on. */
export function thresholdParametersOf({
  plan,
  encoding,
}: Pick<SumAgreement, 'plan' | 'encoding'>): ThresholdParameters {
  const { protection } = plan;
  if (protection.kind !== 'threshold') throw new ParameterError(`the protection of this plan is ${protection.kind}`);
  const { fewest, most } = contributionsInSum(plan);
  const { members, threshold, corruptMembers } = protection;
  for (let sums = Math.max(1, sumsInPlan(plan)); ; sums = Math.floor(sums / 2)) {
    try {
      return thresholdParameters({
        trust: SEMI_HONEST,
        members,
        threshold,
        corruptMembers,
        minimumContributors: fewest,
        maximumContributors: most,
        vectorLength: encoding.words,
        valueBits: encoding.valueBits,
        sums,
        endsAtMs: plan.deadline.endsAtMs,
      });
    } catch (error) {
      if (sums === 1) throw error;
    }
  }
}

/** For SumAgreement.key. */
export function thresholdKeyOf(agreement: Pick<SumAgreement, 'plan' | 'encoding'>): ThresholdKey {
  const { lattice, proposal, sums, endsAtMs, own } = thresholdParametersOf(agreement);
  return Object.freeze({ integers: lattice.integers, proposal, sums, endsAtMs, own });
}
