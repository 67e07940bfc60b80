// A run at a server, as its log of events says it: what is drawn is a function of the events so far, so whoever comes late and reads from the
// first one sees the same. Nothing here is believed of a participant: these are the coordinator's words about a run, and its sums.
import type { CheckedPlan } from '@sumus/federation/plan';
import type { RunEvent } from '@sumus/federation/run';
import { visible } from '../commands/data-terminal.ts';
import { bar, byteText, cut, deltaText, SIGNS, upwards, type ViewStyle } from '../run-view.ts';

export type MemberState = 'offered' | 'accepted' | 'awaited' | 'answered' | 'out';

export interface EventsView {
  readonly run: string;
  readonly plan: CheckedPlan | undefined;
  /** Every member that was ever heard, with what it did last. */
  readonly members: ReadonlyMap<string, MemberState>;
  readonly phase: string;
  readonly round: number | undefined;
  readonly releases: number;
  readonly contributors: readonly string[];
  readonly failed: number;
  /** Of frames of sums, all members together. */
  readonly bytesUp: number;
  readonly startedAtMs: number | undefined;
  readonly atMs: number;
  readonly trouble: string | undefined;
  readonly ended: { readonly why: string; readonly text: string } | undefined;
}

export const noEvents: EventsView = {
  run: '',
  plan: undefined,
  members: new Map(),
  phase: 'waiting for members',
  round: undefined,
  releases: 0,
  contributors: [],
  failed: 0,
  bytesUp: 0,
  startedAtMs: undefined,
  atMs: 0,
  trouble: undefined,
  ended: undefined,
};

export function foldEvent(before: EventsView, event: RunEvent): EventsView {
  const view = { ...before, atMs: event.atMs };
  switch (event.kind) {
    case 'run created':
      return { ...view, run: event.runId, plan: event.plan.plan };
    case 'member joined':
      return withMember(view, event.cause.member, 'offered');
    case 'plan accepted by member':
      return withMember(view, event.cause.member, 'accepted');
    case 'plan declined': {
      const why = event.reasons.map(({ text }) => text).join('; ');
      return { ...withMember(view, event.cause.member, 'out'), trouble: `${event.cause.member} declines: ${why}` };
    }
    case 'member left':
      return { ...withMember(view, event.member, 'out'), trouble: `${event.member} is out: ${event.reason}` };
    case 'run started':
      return { ...view, phase: 'drawing', startedAtMs: event.atMs };
    case 'draw committed':
    case 'draw revealed':
    case 'order drawn':
    case 'release reported':
    case 'message ignored':
      return view;
    case 'round opened': {
      const members = new Map(view.members);
      for (const name of event.members) members.set(name, 'awaited');
      return { ...view, members, round: event.round, phase: event.phase };
    }
    case 'frame taken': {
      const answered = event.contributes === null ? view : withMember(view, event.cause.member, 'answered');
      return { ...answered, phase: event.phase, bytesUp: view.bytesUp + event.frame.bytes };
    }
    case 'member sat out': {
      const why = event.reasons.map(({ text }) => text).join('; ');
      return { ...withMember(view, event.cause.member, 'out'), trouble: `${event.cause.member} sits out: ${why}` };
    }
    case 'turn passed':
      return { ...withMember(view, event.member, 'out'), trouble: `${event.member}: its turn passed` };
    case 'phase closed': {
      const late = event.why === 'time is up' ? { trouble: `${event.phase}: time is up` } : {};
      return { ...view, ...late, phase: event.next };
    }
    case 'cohort opened':
      return { ...view, phase: event.next };
    case 'released':
      return { ...view, phase: 'done', releases: event.version, contributors: event.contributors };
    case 'round failed':
      return {
        ...view,
        phase: 'failed',
        failed: view.failed + 1,
        trouble: `round ${event.round} failed [${event.code}]: ${event.reason}`,
      };
    case 'evidence found':
      return { ...view, trouble: `evidence against ${event.accused.join(', ')} [${event.code}]: ${event.reason}` };
    case 'run ended':
      return { ...view, phase: 'over', ended: { why: event.why, text: event.text } };
    default:
      return event satisfies never;
  }
}

function withMember(view: EventsView, name: string, state: MemberState): EventsView {
  return { ...view, members: new Map(view.members).set(name, state) };
}

const MEMBER_SIGNS = { ...SIGNS, offered: '?', accepted: '○' } as const;
const LABEL = 10;
const NARROWEST = 24;

export interface EventsStyle extends ViewStyle {
  /** ε after so many releases; null where nothing is promised. */
  readonly epsilonAfter: (releases: number) => number | null;
}

/** Lines of at most the style's width. `more`: what the caller knows beside the log, above all its own server and participants. */
export function eventsLines(
  view: EventsView,
  { width: given, hasColour, epsilonAfter }: EventsStyle,
  more: readonly (readonly [string, string])[] = [],
): readonly string[] {
  const width = Math.max(NARROWEST, given);
  const room = width - LABEL;
  const paint = (code: number, text: string): string => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { plan, round, phase, releases, bytesUp, trouble, ended } = view;
  const rounds = plan?.stopping.rounds ?? 0;
  const lines: (readonly [string, string, number?])[] = [
    ['run', `${view.run}${plan === undefined ? '' : `, ${plan.exchange.schedule}, ${plan.protection.kind}`}`],
    ['round', `${round ?? 'none yet'}, ${phase}; ${releases} of ${rounds} sums`],
    ['members', memberSigns(view, room), 36],
  ];
  if (plan !== undefined && plan.privacy.kind !== 'none') {
    const { epsilonAtMost, delta } = plan.privacy;
    const spent = releases === 0 ? 0 : (epsilonAfter(releases) ?? 0);
    const text = `ε ${upwards(spent)} of ${epsilonAtMost} at δ = ${deltaText(delta)} `;
    lines.push(['privacy', text + bar(spent / epsilonAtMost, Math.min(24, room - text.length)), 33]);
  }
  lines.push(['bytes', `${byteText(bytesUp)} protected, from participants to the server`]);
  for (const [label, text] of more) lines.push([label, text]);
  if (trouble !== undefined) lines.push(['trouble', trouble, 31]);
  if (ended !== undefined) lines.push(['end', ended.text]);
  return lines.map(([label, text, colour]) => {
    const said = cut(visible(text), room);
    return `${label.padEnd(LABEL)}${colour === undefined ? said : paint(colour, said)}`;
  });
}

function memberSigns({ members }: EventsView, room: number): string {
  const states = [...members.values()];
  const answered = states.filter((state) => state === 'answered').length;
  const count = ` ${answered}/${members.size}`;
  return `${cut(states.map((state) => MEMBER_SIGNS[state]).join(''), Math.max(1, room - count.length))}${count}`;
}

/** One line for a log or a pipe; undefined for what only a live view shows. */
export function eventText(event: RunEvent, epsilonAfter: (releases: number) => number | null): string | undefined {
  switch (event.kind) {
    case 'run created':
      return `run ${event.runId}: plan ${event.plan.id}, ${event.plan.plan.exchange.schedule}, ${event.plan.plan.protection.kind}`;
    case 'plan accepted by member':
      return `${event.cause.member} accepts the plan`;
    case 'plan declined':
      return visible(`${event.cause.member} declines: ${event.reasons.map(({ text }) => text).join('; ')}`);
    case 'member left':
      return visible(`${event.member} is out: ${event.reason}`);
    case 'run started':
      return `started with ${event.members.join(', ')}`;
    case 'round opened':
      return `round ${event.round}: ${event.members.length} are asked`;
    case 'released': {
      const epsilon = epsilonAfter(event.version);
      const cost = epsilon === null ? '' : ` · ε ≤ ${upwards(epsilon)}`;
      return `round ${event.round}: sum ${event.version} of ${event.contributors.length} participants is out${cost}`;
    }
    case 'round failed':
      return visible(`round ${event.round} failed [${event.code}]: ${event.reason}`);
    case 'member sat out':
      return visible(`${event.cause.member} sits out: ${event.reasons.map(({ text }) => text).join('; ')}`);
    case 'turn passed':
      return `${event.member}: its turn passed`;
    case 'evidence found':
      return visible(`evidence against ${event.accused.join(', ')} [${event.code}]: ${event.reason}`);
    case 'run ended':
      return visible(`end: ${event.text}`);
    case 'member joined':
    case 'draw committed':
    case 'draw revealed':
    case 'order drawn':
    case 'frame taken':
    case 'message ignored':
    case 'release reported':
    case 'phase closed':
    case 'cohort opened':
      return undefined;
    default:
      return event satisfies never;
  }
}
