// A run at a server: how its owner creates and steers it, and what it is at a moment.

import type { SignedPlan } from '@sumus/federation/plan';
import { flag, hexadecimal, list, object, oneOf, orNull, type Shape, whole } from '../shape/shape.ts';
import { count, hash, key, memberName, milliseconds, runId, sentence } from './names.ts';
import { signedPlan } from './signed-plan.ts';
import { type ThresholdKeyText, thresholdKeyText } from './threshold-key.ts';

/** By the key that signed the plan, which is the run's owner from then on. */
export interface CreateRun {
  readonly runId: string;
  readonly projectId: string;
  readonly plan: SignedPlan;
  /** The enrolment authority's key: whose certificates members have. */
  readonly authority: string;
  /** Protection `threshold`: what thresholdKeyOf makes of the plan, computed where keys are; else null. */
  readonly thresholdKey: ThresholdKeyText | null;
  /**
   * SHA-256 of bytesOfPublished(startPublished(plan, first weights)), uploaded before as a blob of this run. Everybody computes the same from
   * the plan, and no participant begins from another; a server has no network to compute it with.
   */
  readonly firstModel: string;
}

export const createRun: Shape<CreateRun> = object<CreateRun>({
  runId,
  projectId: memberName,
  plan: signedPlan,
  authority: key,
  thresholdKey: orNull(thresholdKeyText),
  firstModel: hash,
});

export interface StopRun {
  readonly reason: string;
}

export const stopRun: Shape<StopRun> = object<StopRun>({ reason: sentence });

/** The member is given up for the rest of the run; its certificate holds. Revoke it where it must not come back under another run. */
export interface RemoveMember {
  readonly member: string;
  readonly reason: string;
}

export const removeMember: Shape<RemoveMember> = object<RemoveMember>({ member: memberName, reason: sentence });

/** Who may read the run's events, besides owner and participants. */
export interface NameObserver {
  readonly publicKey: string;
}

export const nameObserver: Shape<NameObserver> = object<NameObserver>({ publicKey: key });

/** encodeRevocationList, signed by the authority, hexadecimal; null where there is none yet. */
export interface RevocationsBody {
  readonly list: string | null;
}

export const revocationsBody: Shape<RevocationsBody> = object<RevocationsBody>({
  list: orNull(hexadecimal(1, 2 ** 20)),
});

export interface MemberStatus {
  readonly name: string;
  readonly standing: 'offered' | 'accepted' | 'declined' | 'left';
  /** Whether it listens at this moment, as far as this server process knows. */
  readonly isListening: boolean;
}

export interface RunStatus {
  readonly runId: string;
  readonly projectId: string;
  /** SHA-256 of the plan. */
  readonly plan: string;
  readonly owner: string;
  readonly authority: string;
  readonly phase: 'gathering' | 'drawing' | 'between rounds' | 'in a round' | 'ended';
  readonly isPaused: boolean;
  /** Under way, or the last one; null before the first. */
  readonly round: number | null;
  /** What is awaited in it, as an event's phase says it; null where no round is open. */
  readonly sumPhase: string | null;
  /** Of the newest model. */
  readonly version: number;
  readonly roundsAtMost: number;
  readonly members: readonly MemberStatus[];
  /** Events in the log: where a reader goes on. */
  readonly events: number;
  readonly createdAtMs: number;
  readonly nowMs: number;
  readonly ended: { readonly why: string; readonly text: string } | null;
}

const MEMBERS_AT_MOST = 2 ** 16;

export const runStatus: Shape<RunStatus> = object<RunStatus>({
  runId,
  projectId: memberName,
  plan: hash,
  owner: key,
  authority: key,
  phase: oneOf('gathering', 'drawing', 'between rounds', 'in a round', 'ended'),
  isPaused: flag,
  round: orNull(count),
  sumPhase: orNull(sentence),
  version: count,
  roundsAtMost: count,
  members: list(
    object<MemberStatus>({
      name: memberName,
      standing: oneOf('offered', 'accepted', 'declined', 'left'),
      isListening: flag,
    }),
    MEMBERS_AT_MOST,
  ),
  events: whole(0, 2 ** 53 - 1),
  createdAtMs: milliseconds,
  nowMs: milliseconds,
  ended: orNull(object<{ readonly why: string; readonly text: string }>({ why: sentence, text: sentence })),
});

export interface RunList {
  readonly runs: readonly RunStatus[];
}

export const runList: Shape<RunList> = object<RunList>({ runs: list(runStatus, 2 ** 12) });
