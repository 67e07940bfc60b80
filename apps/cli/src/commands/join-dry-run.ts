// What would leave a participant's machine, for a person to decide on: what, how much, who could read it, what it costs, and what the own policy
// says. Nothing of the data is looked at for it.
import type { DryRun } from '@sumus/client/consent';
import type { CheckedPlan } from '@sumus/federation/plan';
import { byteText, deltaText, upwards } from '../run-view.ts';
import { visible } from './data-terminal.ts';

export function dryRunLines(
  plan: CheckedPlan,
  { leaves, roundsAtMost, epsilon, delta, judgement }: DryRun,
): readonly string[] {
  const { minimum, maximum } = plan.contributors;
  const lines = [
    `plan      ${plan.name}: ${plan.purpose}`,
    `sums      of ${minimum} to ${maximum} participants, at most ${roundsAtMost}, made by ${plan.protection.kind}`,
    `privacy   ${
      epsilon === null || plan.privacy.kind === 'none'
        ? 'no differential privacy'
        : `ε ≤ ${upwards(epsilon)} at δ = ${deltaText(delta ?? 0)} for each ${plan.privacy.unit}, after all of them`
    }`,
    'leaves    a round, at most:',
    ...leaves.flatMap(({ what, inWords, bytes, coordinates, readableBy }) => [
      `          ${what}${bytes === null ? '' : `, ${byteText(bytes)}`}${coordinates === 0 ? '' : `, ${coordinates} numbers`}: ${inWords}`,
      `          readable by: ${readableBy}`,
    ]),
  ];
  const refusals = judgement.kind === 'accepted' ? [] : judgement.refusals;
  lines.push(
    judgement.kind === 'accepted' ? 'policy    says yes' : 'policy    says no:',
    ...refusals.map(({ path, toParticipant }) => `          ${path}: ${toParticipant}`),
    'stays     the data, every gradient and update by itself, the own ledger',
  );
  return lines.map(visible);
}
