// What is spent, said to people.

import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import type { Mechanism } from '@sumus/differential-privacy/mechanisms';
import { counted } from '../explain/counted.ts';
import { upwards } from '../explain/privacy-in-words.ts';
import type { CheckedPlan } from '../plan/check.ts';

/** After all that this participant was charged for in a run, one more round included. */
export function spentInWords({ privacy, stopping }: CheckedPlan, charged: readonly Mechanism[]): string {
  if (privacy.kind === 'none') return 'No differential privacy: nothing is promised, and nothing is charged.';
  const rounds = charged.reduce((sum, one) => sum + (one.kind === 'repetition' ? one.count : 1), 0);
  const answer = tightestEpsilon(charged, privacy.delta);
  const whose = privacy.unit === 'record' ? 'each record' : 'everything that this participant has';
  if (answer.kind !== 'bound') return `No bound is known for ${whose} after ${counted(rounds, 'charge')}.`;
  const after = `ε ≤ ${upwards(answer.epsilon)} of ${privacy.epsilonAtMost} at δ = ${privacy.delta} for ${whose}, after ${counted(rounds, 'charge')} in a run of ${stopping.rounds} rounds`;
  const isTheServers =
    privacy.kind === 'central' && privacy.amplification.by === 'cohort'
      ? '; against the server, which sees the cohort, nothing is gained by being drawn'
      : '';
  return `${after}${isTheServers}.`;
}
