// The sum of a round as a participant is in it: entered once, fed, and left with what the next one needs. What it says goes out as messages of the
// run; what leaves under its protection is written down first.

import { ProtocolViolation as SumViolation } from '@sumus/secure-sum/errors';
import { spendRound } from '@sumus/secure-sum/floors';
import { decodeCertificate } from '@sumus/secure-sum/identity';
import { bytesOfHex, hexOf } from '../../canonical/utf8.ts';
import { ProtocolViolation } from '../../errors.ts';
import { floorsOf } from '../../policy/limits.ts';
import { isOfColumns } from '../../release/published.ts';
import { hasEpochs } from '../../sum/agreement.ts';
import { freshStanding, openSum, standingOf, stepSum } from '../../sum/participant/machine.ts';
import type { ParticipantSumSetup } from '../../sum/participant/setup.ts';
import type { SumStep } from '../../sum/participant/state.ts';
import { thresholdKeyOf } from '../../sum/participant/threshold-key.ts';
import type { ParticipantSumEvent, SumAgreement } from '../../sum/sum.ts';
import { cohortsOf, type DrawPlace } from '../draw.ts';
import { agreementOf } from '../round-terms.ts';
import type { Own } from './own.ts';
import type { OpenRound, OwnRound, ParticipantSetup } from './setup.ts';

/** Whether its own file lets it enter one more sum today. Rounds that failed count, and those that it let pass with nothing to add. */
export function mayEnterSum({ state, setup, plan, nowMs }: Own): boolean {
  const { sums } = state;
  if (sums === undefined) return true;
  try {
    spendRound(floorsOf(setup.policy, plan), sums.standing.budget, nowMs);
    return true;
  } catch (error) {
    if (error instanceof SumViolation && error.code === 'E_FLOOR') return false;
    throw error;
  }
}

/** Whether it was there when the committee or key that serves this sum was founded. Who was away then follows, until the next one. */
export const isServed = (
  { state, plan }: Own,
  { round, epoch }: { readonly round: number; readonly epoch: number },
): boolean => epoch === round || !hasEpochs({ plan }) || state.sums?.standing.epoch?.round === epoch;

/** Into the sum of the round (or of the own cohort), once: what entered it is stored before anything is said. */
export async function enterSum(own: Own, words: 'not its turn' | 'awaited'): Promise<void> {
  const { open } = own.state;
  if (open === undefined) return;
  const cohorts = cohortsIn(own, open);
  const flush = cohorts.findIndex((names) => names.includes(own.name));
  const summing = cohorts[flush] ?? [];
  const agreement = agreementFor(own, certificatesOf(own, summing));
  const standing = own.state.sums?.standing ?? freshStanding(sumSetup(own, agreement));
  const point = { ...open.point, flush };
  const entered = await openSum(sumSetup(own, agreement), standing, point, own.nowMs);
  const mine = { agreement, summing, sum: entered.state, opened: undefined, words, keptAfter: undefined } as const;
  own.become({ open: { ...open, own: mine } });
  await carryOut(own, entered);
}

/** As the coordinator cuts them: nobody's choice. */
export function cohortsIn(own: Own, { version, members }: OpenRound): readonly (readonly string[])[] {
  const { robustness } = own.plan;
  if (robustness.kind === 'none') return [members];
  const { place, members: roster, draw } = own.terms;
  return cohortsOf(own.setup.primitives, place, roster, draw, { version, taking: members, count: robustness.cohorts });
}

/** Of the model that the work began from, among those at the beginning of sums since the epoch: the newest such. */
export function versionIn({ point }: OpenRound, versionsOld: number): number {
  const models = point.models ?? [];
  let at = models.length - 1;
  // Rounds that failed begin from the same model again: a version is a change.
  for (let old = versionsOld; old > 0 && at > 0; at--) {
    if (hexOf(models[at - 1]!) !== hexOf(models[at]!)) old -= 1;
  }
  return at;
}

export function stepIn(own: Own, event: ParticipantSumEvent): Promise<SumStep> {
  const mine = own.own;
  if (mine === undefined) throw new ProtocolViolation('this participant is in no round');
  return stepSum(sumSetup(own, mine.agreement), mine.sum, event, own.nowMs);
}

/** What the sum says goes out as messages of the run; `made` says of words from which model they are, and how many coordinates. */
export async function carryOut(
  own: Own,
  { state: sum, outputs }: SumStep,
  made?: number,
  coordinates?: number,
): Promise<void> {
  const { open, published } = own.state;
  if (open === undefined) return;
  own.becomeInRound({ sum });
  for (const output of outputs) {
    if (output.kind === 'done') own.becomeInRound({ opened: output.result });
    if (output.kind === 'evidence') own.outputs.push(output);
    if (output.kind === 'abort') own.note(`Round ${open.round} ended here: ${output.reason.reason}`);
    if (output.kind !== 'send') continue;
    const version = made ?? published?.version ?? 0;
    await own.say({ type: 'sum', round: open.round, version }, output.bytes);
    if (coordinates !== undefined) await wroteWhatLeft(own, open.round, { bytes: output.bytes, sum, coordinates });
  }
}

interface Left {
  readonly bytes: Uint8Array;
  readonly sum: OwnRound['sum'];
  readonly coordinates: number;
}

const isOfStatistics = ({ plan, state: { published } }: Own): boolean =>
  plan.exchange.schedule === 'one-round' || (published !== undefined && isOfColumns(plan, published));

/** Under the hash that its receipt will have. */
async function wroteWhatLeft(own: Own, round: number, { bytes, sum, coordinates }: Left): Promise<void> {
  const { plan, signed, setup } = own;
  const contributed = sum.phase === 'running' ? sum.protocol.own : undefined;
  await own.write({
    kind: 'left',
    plan: signed.id,
    round,
    what: isOfStatistics(own) ? 'statistics' : 'update',
    hash: hexOf(contributed ?? setup.primitives.sha256(bytes)),
    bytes: bytes.length,
    coordinates,
    protection: plan.protection.kind,
  });
}

/**
 * What a sum leaves for the next one. One that never ended is given up: what was signed and promised in it is remembered, or a coordinator that
 * breaks sums off would get two answers.
 */
export async function leaveSum(own: Own): Promise<void> {
  const { open } = own.state;
  if (open?.own === undefined) return;
  const { agreement, summing } = open.own;
  const reason = 'the round is over for this participant';
  const sum = open.own.sum.phase === 'running' ? (await stepIn(own, { kind: 'give up', reason })).state : open.own.sum;
  const sums = { standing: standingOf(sum), agreement, certificates: certificatesOf(own, summing) };
  own.become({ sums, open: { ...open, own: undefined } });
}

/** Of these members, as they travel. */
export const certificatesOf = ({ state }: Own, members: readonly string[]): readonly string[] =>
  (state.drawn?.certificates ?? []).filter((_, i) => members.includes(state.drawn?.members[i] ?? ''));

export function agreementFor(own: Own, hexes: readonly string[]): SumAgreement {
  const certificates = hexes.map((hex) => decodeCertificate(bytesOfHex(hex)));
  const { coordinator, revocations } = own.setup;
  const agreement = agreementOf(
    { plan: own.plan, place: placeOf(own) },
    { coordinator, revocations, certificates, key: undefined },
  );
  return own.plan.protection.kind === 'threshold' ? { ...agreement, key: thresholdKeyOf(agreement) } : agreement;
}

const placeOf = ({ setup }: Own): DrawPlace => ({
  projectId: setup.projectId,
  runId: setup.runId,
});

export function sumSetup(
  own: { readonly setup: ParticipantSetup; readonly plan: Own['plan'] },
  agreement: SumAgreement,
): ParticipantSumSetup {
  const { engines, primitives, signer, certificate, policy } = own.setup;
  return { ...agreement, engines, primitives, signer, certificate, floors: floorsOf(policy, own.plan) };
}
