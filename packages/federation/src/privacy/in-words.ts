// What is spent, said to people.

import { counted } from '../explain/counted.ts';
import { upwards } from '../explain/privacy-in-words.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { epsilonAfter } from '../plan/price.ts';

/** After so many rounds of the plan that this participant entered. */
export function spentInWords(plan: CheckedPlan, rounds: number): string {
  const { privacy, stopping } = plan;
  if (privacy.kind === 'none') return 'No differential privacy: nothing is promised, and nothing is charged.';
  const answer = epsilonAfter(plan, rounds);
  const whose = privacy.unit === 'record' ? 'each record' : 'everything that this participant has';
  if (answer?.kind !== 'bound') return `No bound is known for ${whose} after ${counted(rounds, 'round')}.`;
  const after = `ε ≤ ${upwards(answer.epsilon)} of ${privacy.epsilonAtMost} at δ = ${privacy.delta} for ${whose}, after ${counted(rounds, 'round')} of ${stopping.rounds}`;
  const isTheServers =
    privacy.kind === 'central' && privacy.amplification.by === 'cohort'
      ? '; against the server, which sees the cohort, nothing is gained by being drawn'
      : '';
  return `${after}${isTheServers}.`;
}
