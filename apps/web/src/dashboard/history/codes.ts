// Small numbers for what there are few of: kinds of events, phases of a sum, and what a participant is doing. They are what columns hold.
import type { RunEventKind } from '@sumus/federation/run';

/** What a participant is seen doing at a moment. */
export const DOING = {
  away: 0,
  offered: 1,
  accepted: 2,
  declined: 3,
  left: 4,
  drawing: 5,
  awaited: 6,
  answered: 7,
  sealed: 8,
  opening: 9,
  published: 10,
  lost: 11,
  satOut: 12,
} as const;

export type Doing = keyof typeof DOING;

export const doings: readonly Doing[] = Object.freeze([
  'away',
  'offered',
  'accepted',
  'declined',
  'left',
  'drawing',
  'awaited',
  'answered',
  'sealed',
  'opening',
  'published',
  'lost',
  'satOut',
]);

/** Where a run is: before rounds, the phases of a sum, and between rounds. */
export const phases = [
  'joining',
  'drawing',
  'gathering',
  'logging the roster',
  'committing',
  'logging the commitments',
  'revealing',
  'founding',
  'logging the key',
  'sharing',
  'contributing',
  'agreeing',
  'opening',
  'done',
  'aborted',
  'between rounds',
  'ended',
] as const;

export type Phase = (typeof phases)[number];

export const phaseCode: ReadonlyMap<string, number> = new Map(phases.map((phase, code) => [phase, code]));

/** The four steps that people see, and which phases are in each. */
export const steps = ['keys', 'sealing', 'agreeing', 'opening'] as const;
export type Step = (typeof steps)[number];

export function stepOf(phase: Phase): Step | undefined {
  switch (phase) {
    case 'gathering':
    case 'logging the roster':
    case 'committing':
    case 'logging the commitments':
    case 'revealing':
    case 'founding':
    case 'logging the key':
    case 'sharing':
      return 'keys';
    case 'contributing':
      return 'sealing';
    case 'agreeing':
      return 'agreeing';
    case 'opening':
      return 'opening';
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<RunEventKind, number>> = {
  'run created': 0,
  'member joined': 1,
  'plan accepted by member': 2,
  'plan declined': 3,
  'member left': 4,
  'run started': 5,
  'draw committed': 6,
  'draw revealed': 7,
  'order drawn': 8,
  'round opened': 9,
  'frame taken': 10,
  'message ignored': 11,
  'member sat out': 12,
  'release reported': 13,
  'turn passed': 14,
  'phase closed': 15,
  'cohort opened': 16,
  released: 17,
  'round failed': 18,
  'evidence found': 19,
  'run ended': 20,
};

export const KIND: Readonly<Record<RunEventKind, number>> = Object.freeze(kinds);

/** A frame that carries a contribution is a kind of its own here: it is what everything else is about. */
export const SEALED_FRAME = 21;

const names = new Map<number, RunEventKind>();
let kind: RunEventKind;
for (kind in kinds) names.set(kinds[kind], kind);
names.set(SEALED_FRAME, 'frame taken');

export const kindName = (code: number): RunEventKind => names.get(code) ?? 'frame taken';
