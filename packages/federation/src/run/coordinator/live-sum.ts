// The sum of the round that is open, as the coordinator of a run drives it: begun, fed, closed. What it wants to say to members becomes their
// next messages; what it comes to waits in `live` until it is an event.

import { decodeCertificate } from '@sumus/secure-sum/identity';
import { bytesOfHex } from '../../canonical/utf8.ts';
import { ParameterError } from '../../errors.ts';
import { startSum, stepSum } from '../../sum/coordinator/machine.ts';
import type { CoordinatorSumSetup } from '../../sum/coordinator/setup.ts';
import type { CoordinatorSumStep } from '../../sum/coordinator/state.ts';
import type { CoordinatorSumEvent, SumAgreement, SumPoint } from '../../sum/sum.ts';
import { agreementOf, type RunTerms } from '../round-terms.ts';
import { liveRound, memberOf, type RunState, summing } from '../state.ts';
import type { LiveSum } from './setup.ts';
import type { Work } from './work.ts';

export function termsOf({ plan, projectId, runId, roster, draw }: RunState): RunTerms {
  if (draw === undefined) throw new ParameterError('the members have not drawn yet');
  return { plan: plan.plan, place: { projectId, runId }, members: roster, draw };
}

/** Members of the run that can be spoken to. */
export const presentOf = (state: RunState): readonly string[] =>
  state.roster.filter((name) => memberOf(state, name)?.standing === 'accepted');

export interface RoundToOpen {
  readonly round: number;
  readonly modelHash: string;
  readonly supportHash: string;
  readonly epoch: number;
  /** From which the sums since the epoch began, this one's last. */
  readonly models: readonly string[];
  /** Which of the round's cohorts, and who is in it. */
  readonly flush: number;
  readonly members: readonly string[];
}

export async function beginSum(
  work: Work,
  { round, flush, modelHash, supportHash, epoch, models, members }: RoundToOpen,
): Promise<{ readonly agreement: SumAgreement; readonly step: CoordinatorSumStep }> {
  const { state, setup } = work;
  const agreement = agreementOf(termsOf(state), {
    coordinator: setup.signer.publicKey,
    revocations: setup.revocations,
    key: setup.thresholdKey,
    certificates: [...members]
      .sort()
      .map((name) => decodeCertificate(bytesOfHex(memberOf(state, name)?.certificate ?? ''))),
  });
  const isAsynchronous = state.plan.plan.exchange.schedule === 'asynchronous';
  const point: SumPoint = {
    round,
    flush,
    modelHash: bytesOfHex(modelHash),
    supportHash: bytesOfHex(supportHash),
    epoch,
    models: isAsynchronous ? models.map(bytesOfHex) : undefined,
  };
  const step = await startSum(sumSetup(work, agreement), work.standing, point, work.nowMs);
  return { agreement, step };
}

/** Throws what the protocol refuses: then nothing happened. */
export function feedSum(work: Work, event: CoordinatorSumEvent): Promise<CoordinatorSumStep> {
  const { agreement, sum } = required(work);
  return stepSum(sumSetup(work, agreement), sum, event, work.nowMs);
}

export function required({ live }: Work): LiveSum {
  if (live === undefined) throw new ParameterError('no sum is under way');
  return live;
}

/** The step's state and what it came to; answers whether somebody broke the rules. */
export function absorb(work: Work, agreement: SumAgreement, { state: sum, outputs }: CoordinatorSumStep): Accusation[] {
  let { opened, aborted } = work.live ?? { opened: undefined, aborted: undefined };
  const accusations: Accusation[] = [];
  for (const output of outputs) {
    if (output.kind === 'done') opened = output.result;
    if (output.kind === 'abort') aborted = output.reason;
    if (output.kind === 'evidence') accusations.push(output);
  }
  work.live = { agreement, sum, opened, aborted };
  return accusations;
}

export type Accusation = Extract<CoordinatorSumStep['outputs'][number], { readonly kind: 'evidence' }>;

/** Its messages, after the event that brought them about. */
export async function forward(work: Work, { outputs }: CoordinatorSumStep, round: number): Promise<void> {
  const live = liveRound(work.state);
  const listeners = live === undefined ? [] : summing(live);
  const present = new Set(presentOf(work.state));
  for (const output of outputs) {
    if (output.kind !== 'send') continue;
    const { to } = output;
    const receivers = to.kind === 'member' ? [to.memberId] : to.kind === 'everybody' ? listeners : [];
    for (const name of receivers) {
      if (present.has(name)) await work.tell(name, { type: 'sum', round }, output.bytes);
    }
  }
}

const sumSetup = ({ setup }: Work, agreement: SumAgreement): CoordinatorSumSetup => ({
  ...agreement,
  engines: setup.engines,
  primitives: setup.primitives,
  logSigner: setup.signer,
  revealedKey: setup.revealedKey,
});
