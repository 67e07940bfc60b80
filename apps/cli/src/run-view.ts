// A run on a terminal: what is drawn is a function of what has happened so far (foldView) and of how wide the terminal is and whether it may
// be coloured (viewLines). It knows no cursor and no clock; live-lines.ts writes over the lines before. Signs that move a terminal's cursor
// are shown, not sent.

import type { Happening, RoundReleased } from '@sumus/simulation/federation';
import { visible } from './commands/data-terminal.ts';

export interface RunView {
  readonly run: string;
  readonly seed: number;
  readonly protection: string;
  readonly schedule: string;
  readonly rounds: number;
  readonly participants: readonly { readonly name: string; readonly examples: number }[];
  readonly budget: { readonly epsilonAtMost: number; readonly delta: number } | null;
  readonly round: number | undefined;
  readonly phase: string | undefined;
  /** What each member of the round did last. */
  readonly members: ReadonlyMap<string, 'awaited' | 'trained' | 'answered' | 'out'>;
  readonly released: readonly RoundReleased[];
  readonly failed: number;
  readonly bytes: { readonly up: number; readonly down: number };
  readonly seconds: { readonly training: number; readonly protecting: number; readonly server: number };
  /** The last thing that went wrong. */
  readonly trouble: string | undefined;
  readonly ended: string | undefined;
}

export const emptyView: RunView = {
  run: '',
  seed: 0,
  protection: '',
  schedule: '',
  rounds: 0,
  participants: [],
  budget: null,
  round: undefined,
  phase: undefined,
  members: new Map(),
  released: [],
  failed: 0,
  bytes: { up: 0, down: 0 },
  seconds: { training: 0, protecting: 0, server: 0 },
  trouble: undefined,
  ended: undefined,
};

export function foldView(view: RunView, happening: Happening): RunView {
  switch (happening.kind) {
    case 'began': {
      const { run, seed, protection, schedule, rounds, participants, budget } = happening;
      return { ...emptyView, run, seed, protection, schedule, rounds, participants, budget };
    }
    case 'round began':
      return {
        ...view,
        round: happening.round,
        phase: undefined,
        members: new Map(happening.members.map((name) => [name, 'awaited'])),
      };
    case 'phase began':
      return { ...view, phase: happening.phase };
    case 'trained':
      return withMember(view, happening.member, 'trained');
    case 'answered':
      return withMember(view, happening.member, 'answered');
    case 'member is out':
      return { ...withMember(view, happening.member, 'out'), trouble: `${happening.member}: ${happening.reason}` };
    case 'round released':
      return { ...withCost(view, happening), released: [...view.released, happening], phase: 'done' };
    case 'round failed':
      return {
        ...withCost(view, happening),
        failed: view.failed + 1,
        phase: 'failed',
        trouble: `round ${happening.round} failed: ${happening.reason}`,
      };
    case 'fault':
      return { ...view, trouble: happening.text };
    case 'ended':
      return { ...view, ended: happening.text };
    default:
      return happening satisfies never;
  }
}

function withMember(view: RunView, member: string, did: 'trained' | 'answered' | 'out'): RunView {
  if (!view.members.has(member)) return view;
  return { ...view, members: new Map(view.members).set(member, did) };
}

function withCost(view: RunView, cost: Extract<Happening, { kind: 'round released' | 'round failed' }>): RunView {
  const { bytes, seconds } = view;
  return {
    ...view,
    bytes: { up: bytes.up + cost.bytesUp, down: bytes.down + cost.bytesDown },
    seconds: {
      training: seconds.training + cost.seconds.training,
      protecting: seconds.protecting + cost.seconds.protecting,
      server: seconds.server + cost.seconds.server,
    },
  };
}

export interface ViewStyle {
  /** Columns; lines are no longer. */
  readonly width: number;
  readonly hasColour: boolean;
}

/** Wide enough to say something on every line. */
const NARROWEST = 24;

export function viewLines(view: RunView, style: ViewStyle): readonly string[] {
  const width = Math.max(NARROWEST, style.width);
  const paint = (code: number, text: string): string => (style.hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { round, phase, rounds, released, budget, bytes, seconds, trouble, ended } = view;
  const last = released.at(-1);
  const room = width - LABEL;
  const lines: (readonly [string, string, number?])[] = [
    ['run', `${view.run}, ${view.participants.length} participants, ${view.schedule}, ${view.protection}`],
    ['round', `${round ?? 0}${phase === undefined ? '' : `, ${phase}`}; ${released.length} of ${rounds} sums`],
    ['members', memberSigns(view, room), 36],
  ];
  const accuracies = released.flatMap(({ accuracy }) => (accuracy === null ? [] : [accuracy]));
  if (last?.accuracy !== undefined && last.accuracy !== null) {
    const number = `${percent(last.accuracy)} `;
    lines.push(['accuracy', number + sparkline(accuracies, Math.max(0, room - number.length)), 32]);
  }
  if (budget !== null) {
    const spent = last?.epsilon ?? 0;
    const text = `ε ${upwards(spent)} of ${budget.epsilonAtMost} `;
    const share = spent / budget.epsilonAtMost;
    lines.push(['privacy', text + bar(share, Math.min(24, room - text.length)), share > 0.9 ? 31 : 33]);
  }
  lines.push(['bytes', `${byteText(bytes.up)} up, ${byteText(bytes.down)} down`]);
  lines.push([
    'seconds',
    `training ${seconds.training.toFixed(1)}, protecting ${seconds.protecting.toFixed(1)}, server ${seconds.server.toFixed(1)}`,
  ]);
  if (trouble !== undefined) lines.push(['trouble', trouble, 31]);
  if (ended !== undefined) lines.push(['end', ended]);
  return [
    ...lines.map(([label, text, colour]) => {
      const said = cut(visible(text), room);
      return `${label.padEnd(LABEL)}${colour === undefined ? said : paint(colour, said)}`;
    }),
    cut(SIMULATED, width),
  ];
}

const LABEL = 10;
export const SIMULATED = 'A simulation: its seed reaches keys, noise and batches, which in a run it never does.';

export const SIGNS = { awaited: '·', trained: '○', answered: '●', out: '×' } as const;

function memberSigns({ members }: RunView, room: number): string {
  const signs = [...members.values()].map((did) => SIGNS[did]);
  const answered = [...members.values()].filter((did) => did === 'answered').length;
  const count = ` ${answered}/${members.size}`;
  return `${cut(signs.join(''), Math.max(1, room - count.length))}${count}`;
}

export const cut = (text: string, width: number): string => {
  const signs = [...text];
  return signs.length <= width ? text : `${signs.slice(0, Math.max(0, width - 1)).join('')}…`;
};

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Three digits, rounded up: an ε that is said is never below the computed one. */
export function upwards(epsilon: number): string {
  const nearest = Number(epsilon.toPrecision(3));
  if (nearest >= epsilon) return String(nearest);
  // One more in the third digit, and no more: a bound that is kept must not look broken.
  return String(Number((nearest + 10 ** (Math.floor(Math.log10(nearest)) - 2)).toPrecision(3)));
}

/** 1e-5, not 0.00001. */
export const deltaText = (delta: number): string => (delta < 1e-3 ? delta.toExponential() : String(delta));

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

export function byteText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/** The last values that fit, from the least to the greatest of them. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(Math.max(0, values.length - width));
  if (width < 1 || shown.length === 0) return '';
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const place = (value: number): number => (most === least ? 0 : Math.round(((value - least) / (most - least)) * 7));
  return shown.map((value) => BLOCKS[place(value)] ?? '').join('');
}

export function bar(share: number, width: number): string {
  if (width < 4) return '';
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** One line for what a log or a pipe should have; undefined for what only a live view shows. */
export function logLine(happening: Happening): string | undefined {
  switch (happening.kind) {
    case 'began': {
      const { run, participants, schedule, protection, rounds } = happening;
      return visible(
        `${run}: ${participants.length} participants, ${schedule}, ${protection}, at most ${rounds} rounds. ${SIMULATED}`,
      );
    }
    case 'round released': {
      const { round, contributors, accuracy, epsilon, bytesUp, bytesDown, seconds } = happening;
      const parts = [
        `round ${round}: ${contributors} in the sum`,
        ...(accuracy === null ? [] : [`accuracy ${percent(accuracy)}`]),
        ...(epsilon === null ? [] : [`ε ≤ ${upwards(epsilon)}`]),
        `${byteText(bytesUp)} up, ${byteText(bytesDown)} down`,
        `training ${seconds.training.toFixed(2)} s, protecting ${seconds.protecting.toFixed(2)} s, server ${seconds.server.toFixed(2)} s`,
      ];
      return parts.join(' · ');
    }
    case 'round failed':
      return visible(`round ${happening.round} failed [${happening.code}]: ${happening.reason}`);
    case 'fault':
      return visible(`fault: ${happening.text}`);
    case 'member is out':
      return visible(`${happening.member} is out: ${happening.reason}`);
    case 'ended':
      return visible(`end: ${happening.text}`);
    case 'round began':
    case 'phase began':
    case 'answered':
    case 'trained':
      return undefined;
    default:
      return happening satisfies never;
  }
}
