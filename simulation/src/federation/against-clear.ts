// The same run twice, under its protection and in clear, from one seed: what a participant contributes is drawn apart from its keys, so that both
// sum the same words. What has to come out: the same whole numbers in every sum, and with them the same models.

import { type CheckedPlan, checkPlan, wordEncodingOf } from '@sumus/federation/plan';
import { type Simulated, type SimulationOptions, simulate } from './simulate.ts';

export interface SumOfRun {
  readonly round: number;
  readonly contributors: readonly string[];
  /** Σ of all words, lowest byte first. */
  readonly words: Uint8Array;
  readonly modelHash: string | null;
}

export interface AgainstClear {
  readonly sums: readonly SumOfRun[];
  readonly sumsInClear: readonly SumOfRun[];
  readonly simulated: Simulated;
  readonly inClear: Simulated;
  /** Sums with the same contributors whose words are the same to the bit, and whose models are. */
  readonly alike: number;
}

/** The plan without its protection. Refuses one whose noise only a sum makes whole: in clear it would be another plan. */
export function inClear(plan: CheckedPlan): CheckedPlan {
  const reason = 'a comparison with what a protection sums';
  const check = checkPlan({ ...plan, protection: { kind: 'none', reason } });
  if (check.kind === 'valid') return check.plan;
  throw new RangeError(check.problems.map(({ path, what }) => `${path} ${what}`).join('; '));
}

export async function againstClear(options: SimulationOptions): Promise<AgainstClear> {
  const simulated = await simulate(options);
  const clear = await simulate({ ...options, plan: inClear(options.plan) });
  const [sums, sumsInClear] = [sumsOf(options.plan, simulated), sumsOf(options.plan, clear)];
  const alike = sums.filter((sum, i) => isAlike(sum, sumsInClear[i])).length;
  return { sums, sumsInClear, simulated, inClear: clear, alike };
}

function isAlike(a: SumOfRun, b: SumOfRun | undefined): boolean {
  return (
    b !== undefined &&
    a.modelHash !== null &&
    a.modelHash === b.modelHash &&
    a.contributors.join(' ') === b.contributors.join(' ') &&
    Buffer.compare(a.words, b.words) === 0
  );
}

function sumsOf(plan: CheckedPlan, { server }: Simulated): readonly SumOfRun[] {
  const length = 4 * wordEncodingOf(plan).words;
  return server.disk.events.flatMap((event) => {
    if (event.kind !== 'released') return [];
    const published = event.sum === null ? undefined : server.disk.blobs.get(event.sum.sha256);
    if (published === undefined) throw new RangeError(`the sum of round ${event.round} is not open to the server`);
    const { round, contributors, modelHash } = event;
    // Behind names and hashes, the words are the end of what is published.
    return [{ round, contributors, modelHash, words: published.subarray(published.length - length) }];
  });
}
