// What a run is at one moment: all that follows from its events so far (fold.ts), and nothing that does not. Plain, small and public: of
// what is large only names. The sum under way is not in it; it follows from the frames that are named in `live`.

import { awaited, type ScheduleState } from '../exchange/schedule.ts';
import type { Ledger } from '../ledger/index.ts';
import type { SignedPlan } from '../plan/plan-file.ts';
import type { PublishedMetric } from '../release/metrics.ts';
import type { SumPhase } from '../sum/sum.ts';
import { cohortsOf, type DrawPrimitives } from './draw.ts';
import type { BlobName, EndOfRun } from './events.ts';

export type RunPhase =
  /** Members join, and accept or decline the plan. */
  | { readonly kind: 'gathering' }
  /** The members are fixed; each commits to its part of the draw, then each reveals it. */
  | { readonly kind: 'drawing'; readonly step: 'committing' | 'revealing'; readonly sinceMs: number }
  | { readonly kind: 'between rounds' }
  | { readonly kind: 'in a round'; readonly live: LiveRound }
  | { readonly kind: 'ended'; readonly why: EndOfRun; readonly text: string };

export interface RunMember {
  readonly name: string;
  readonly certificate: string;
  readonly standing: 'offered' | 'accepted' | 'declined' | 'left';
  /** Of the draw under way, or of the last one. */
  readonly commitment: string | undefined;
  readonly revealed: string | undefined;
  /** The number that its next message has to have. */
  readonly next: number;
  /** Phases in a row whose time was up without a word of it; any message of it makes it 0. */
  readonly silent: number;
  /** Failed rounds in a row that it was named for. */
  readonly blamed: number;
  /** It let a round pass because nothing is left of its budget, and has contributed nothing since. */
  readonly hasSpent: boolean;
  /** How many of its messages were not used. */
  readonly ignored: number;
  /** Of the model that it reported last; undefined before the first report. */
  readonly reported:
    | {
        readonly version: number;
        readonly modelHash: string;
        /** Of its message, and that message's number. */
        readonly signature: string;
        readonly number: number;
      }
    | undefined;
}

/** What was handed to the sum under way, in that order: with it the sum is played again after a restart. */
export type LiveInput =
  | { readonly kind: 'frame'; readonly member: string; readonly frame: BlobName; readonly atMs: number }
  | { readonly kind: 'close'; readonly why: 'everybody answered' | 'time is up'; readonly atMs: number };

export interface LiveRound {
  readonly round: number;
  readonly version: number;
  readonly modelHash: string;
  readonly supportHash: string;
  readonly epoch: number;
  readonly members: readonly string[];
  /** Who is in which sum of this round: one cohort of all where the plan has none. */
  readonly cohorts: readonly (readonly string[])[];
  /** Which of them is under way. */
  readonly flush: number;
  readonly cohortsOpened: readonly OpenedCohort[];
  readonly phase: SumPhase;
  readonly openedAtMs: number;
  /** When the phase under way began, or the turn: the deadline counts from here. */
  readonly phaseSinceMs: number;
  /** Who was heard in this phase. */
  readonly heard: readonly string[];
  readonly inputs: readonly LiveInput[];
  /** Members that let it pass or left while it was open. */
  readonly without: readonly string[];
}

export interface OpenedCohort {
  readonly result: string;
  readonly sum: BlobName;
  readonly contributors: readonly string[];
  readonly contributions: readonly string[];
}

/** One that was published; the newest model is that of the last. */
export interface PastRelease {
  readonly round: number;
  readonly version: number;
  readonly atMs: number;
  readonly modelHash: string | null;
  readonly sum: BlobName | null;
  readonly model: BlobName | null;
  readonly contributors: readonly string[];
  readonly metrics: readonly PublishedMetric[];
}

export interface RunState {
  readonly runId: string;
  readonly projectId: string;
  readonly plan: SignedPlan;
  readonly coordinator: string;
  readonly createdAtMs: number;
  /** Published before the first release. */
  readonly first: { readonly modelHash: string; readonly model: BlobName | null };
  readonly phase: RunPhase;
  /** Everybody who ever said hello, in that order. */
  readonly members: readonly RunMember[];
  /** Those of the run, in the order of their names; empty before it starts. */
  readonly roster: readonly string[];
  /** Undefined until the order is drawn. */
  readonly draw: string | undefined;
  /** Counts draws and rounds: where the numbers of the coordinator's messages begin anew. */
  readonly chapter: number;
  readonly schedule: ScheduleState | undefined;
  /** The number of the next round. */
  readonly nextRound: number;
  readonly releases: readonly PastRelease[];
  /** The round that founded the committee or key in use, and the models that sums since then began from; undefined: the next founds one. */
  readonly epoch: { readonly round: number; readonly models: readonly string[] } | undefined;
  /** What the last sum left for the next. */
  readonly standing: BlobName | undefined;
  /** Rounds that failed since the last release. */
  readonly failuresInARow: number;
  /** The lowest loss so far, and how many releases ago. */
  readonly best: { readonly loss: number; readonly releasesAgo: number } | undefined;
  readonly ledger: Ledger;
}

// ── what a state answers ──

/** The number that a member's next message has. */
export const nextOf = (state: RunState, member: string): number => memberOf(state, member)?.next ?? 0;

export const memberOf = ({ members }: RunState, name: string): RunMember | undefined =>
  members.find((one) => one.name === name);

/** The round that is open, if one is. */
export const liveRound = ({ phase }: RunState): LiveRound | undefined =>
  phase.kind === 'in a round' ? phase.live : undefined;

/** Who is in which sum of a round: all in one, or the plan's cohorts, drawn. */
export function cohortsOfRound(
  primitives: DrawPrimitives,
  { projectId, runId, roster, draw, plan }: Pick<RunState, 'projectId' | 'runId' | 'roster' | 'draw' | 'plan'>,
  version: number,
  taking: readonly string[],
): readonly (readonly string[])[] {
  const { robustness } = plan.plan;
  if (robustness.kind === 'none' || draw === undefined) return [taking];
  return cohortsOf(primitives, { projectId, runId }, roster, draw, { version, taking, count: robustness.cohorts });
}

/** Who is in the sum that is under way. */
export const summing = ({ cohorts, flush }: LiveRound): readonly string[] => cohorts[flush] ?? [];

/** Who has said nothing for so long that nobody waits for it, until it is heard again. */
export const isLost = ({ silent }: RunMember): boolean => silent >= 2;

/** Whose words are awaited now, by name. */
export function awaitedNow(state: RunState): readonly string[] {
  const { plan, roster, schedule } = state;
  return schedule === undefined ? [] : awaited(plan.plan, schedule).map((index) => roster[index] ?? '');
}
