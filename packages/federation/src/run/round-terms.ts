// What both sides of a run derive alike before a round's sum begins, so that nobody has to be told: its support, its rotation, its point
// and what was agreed on. Public: a function of the plan, the members, their draw and what was published.

import type { Context } from '@sumus/secure-sum/context';
import { type Rotation, rotationOf } from '@sumus/secure-sum/encoding';
import type { Certificate, Revocations } from '@sumus/secure-sum/identity';
import type { Support } from '@sumus/secure-sum/support/public';
import { bytesOfHex } from '../canonical/utf8.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { wordEncodingOf } from '../plan/sums.ts';
import type { Published } from '../release/published.ts';
import { supportOfRelease } from '../release/support.ts';
import type { SumAgreement, ThresholdKey } from '../sum/sum.ts';
import { contextOfRound, type DrawPlace, type DrawPrimitives } from './draw.ts';

/** What the members of a run are bound to. */
export interface RunTerms {
  readonly plan: CheckedPlan;
  readonly place: DrawPlace;
  /** By name. */
  readonly members: readonly string[];
  readonly draw: string;
}

export interface RoundTerms {
  readonly support: Support;
  readonly rotation: Rotation;
}

/** Which attempt at a sum, and in which round the committee or key that serves it was founded. */
export interface RoundPlace {
  readonly round: number;
  readonly epoch: number;
}

/**
 * Drawn anew every round; in an asynchronous run once an epoch, whose next sum takes the words that came too late for this one: they mean there
 * what they meant when they were made.
 */
const drawnIn = ({ exchange }: CheckedPlan, { round, epoch }: RoundPlace): number =>
  exchange.schedule === 'asynchronous' ? epoch : round;

/** `published`: undefined where it is not known, as at a coordinator of sums that are opened to participants alone. */
export function roundTerms(
  primitives: DrawPrimitives,
  { plan, place, members, draw }: RunTerms,
  at: RoundPlace,
  published: Published | undefined,
): RoundTerms | undefined {
  const context: Context = contextOfRound(primitives, place, members, draw, drawnIn(plan, at));
  if (published === undefined && plan.sharing.support.kind === 'guided') return undefined;
  const support = supportOfRelease(primitives, plan, { published: published ?? NOTHING, earlier: context });
  return { support, rotation: rotationOf(primitives, context, wordEncodingOf(plan).windows) };
}

/** Only a guided support looks at what was published. */
const NOTHING: Published = { kind: 'statistics', version: 0, classifier: undefined };

/** Who certifies members: the plan's authority, or, where anybody is admitted, the coordinator, whose word it then is. */
export function authorityOf({ contributors }: CheckedPlan, coordinator: Uint8Array): Uint8Array {
  const { admission } = contributors;
  return admission.kind === 'invitation' ? bytesOfHex(admission.authority) : coordinator;
}

export interface AgreementParts {
  readonly coordinator: Uint8Array;
  readonly revocations: Revocations;
  /** Of the members of this sum: they are the witnesses of its log, and nobody else is admitted. */
  readonly certificates: readonly Certificate[];
  /** threshold: parameters of the key, by thresholdKeyOf of a participant. */
  readonly key: ThresholdKey | undefined;
}

export function agreementOf(
  { plan, place }: Pick<RunTerms, 'plan' | 'place'>,
  { coordinator, revocations, certificates, key }: AgreementParts,
): SumAgreement {
  return Object.freeze({
    plan,
    projectId: place.projectId,
    runId: place.runId,
    encoding: wordEncodingOf(plan),
    authority: authorityOf(plan, coordinator),
    revocations,
    log: { logKey: coordinator, witnesses: certificates },
    admitted: new Set(certificates.map(({ memberId }) => memberId)),
    ...(key === undefined ? {} : { key }),
    ...committeeOf(plan, certificates),
  });
}

/** one-shot, fixed: of those in this sum the first by name. Whom the authority calls so is nobody's choice in a run. */
function committeeOf(
  { protection }: CheckedPlan,
  certificates: readonly Certificate[],
): Pick<SumAgreement, 'committee'> {
  if (protection.kind !== 'one-shot' || protection.committee.choice !== 'fixed') return {};
  const { members } = protection.committee;
  if (certificates.length <= members) return {};
  const names = certificates.map(({ memberId }) => memberId).sort();
  return { committee: names.slice(0, members) };
}
