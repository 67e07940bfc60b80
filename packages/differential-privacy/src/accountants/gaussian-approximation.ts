// Gaussian differential privacy by the central limit theorem (Dong, Roth, Su 2022; Bu et al. 2020): for comparison only. It is **not a
// bound**: for rare large losses it reports up to 24 times too little. Its answers say `sound: false`.
import { leavesOf } from '../losses/dominating-pairs.ts';
import { upperCrossing } from '../numerics/search.ts';
import type { Answer } from './answer.ts';
import { gaussianDelta } from './closed-form.ts';
import { frameOf, type History, requireDelta } from './history.ts';

export function gaussianApproximation(history: History, delta: number): Answer {
  requireDelta(delta);
  const frame = frameOf(history);
  const accountant = 'Gaussian DP';
  let variance = 0;
  for (const { mechanism, count } of leavesOf(history)) {
    if (mechanism.kind === 'gaussian') variance += count / mechanism.noiseMultiplier ** 2;
    else if (mechanism.kind === 'poissonSampled' && mechanism.inner.kind === 'gaussian') {
      variance += count * mechanism.samplingRate ** 2 * Math.expm1(1 / mechanism.inner.noiseMultiplier ** 2);
    } else
      return { kind: 'refused', accountant, reason: `no limit theorem is written down here for ${mechanism.kind}` };
  }
  const mu = Math.sqrt(variance);
  if (!Number.isFinite(mu)) return { kind: 'refused', accountant, reason: 'its μ is infinite' };
  const excess = (epsilon: number): number => Math.log(Math.max(gaussianDelta(mu, epsilon), 1e-320) / delta);
  let high = 1;
  while (excess(high) > 0) high *= 2;
  const epsilon = excess(0) <= 0 ? 0 : upperCrossing(excess, { low: 0, high });
  return { kind: 'bound', accountant, epsilon, delta, lower: null, ...frame, sound: false };
}
