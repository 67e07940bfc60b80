// A participation on a terminal: what is drawn is a function of what its own process told so far. It is for the participant alone; sentences of its
// policy stand here that nobody else is told.
import type { Progress } from '@sumus/client/participation';
import { visible } from '../commands/data-terminal.ts';
import { bar, byteText, cut, type ViewStyle } from '../run-view.ts';

export interface JoinView {
  readonly run: string;
  readonly member: string;
  readonly isConnected: boolean;
  readonly standing: string;
  readonly round: number | undefined;
  readonly takesPart: boolean;
  readonly phase: string;
  readonly training: Extract<Progress, { kind: 'training' }> | undefined;
  readonly sending: Extract<Progress, { kind: 'sending' }> | undefined;
  readonly models: number;
  /** Of them, those with a part of its own. */
  readonly contributed: number;
  readonly trouble: string | undefined;
  readonly ended: string | undefined;
}

export const joinViewOf = (run: string, member: string): JoinView => ({
  run,
  member,
  isConnected: false,
  standing: 'outside',
  round: undefined,
  takesPart: false,
  phase: 'waiting',
  training: undefined,
  sending: undefined,
  models: 0,
  contributed: 0,
  trouble: undefined,
  ended: undefined,
});

export function foldProgress(view: JoinView, progress: Progress): JoinView {
  switch (progress.kind) {
    case 'connected':
      return { ...view, isConnected: true, trouble: progress.isAgain ? undefined : view.trouble };
    case 'disconnected': {
      const seconds = Math.ceil(progress.nextTryMs / 1000);
      return { ...view, isConnected: false, trouble: `${progress.why}; again in ${seconds} s` };
    }
    case 'standing':
      return { ...view, standing: progress.standing };
    case 'round': {
      const { round, takesPart } = progress;
      return { ...view, round, takesPart, phase: 'begun', training: undefined, sending: undefined };
    }
    case 'phase':
      return { ...view, phase: progress.phase };
    case 'training':
      return { ...view, training: progress };
    case 'trained':
      return { ...view, training: undefined };
    case 'sending':
      return { ...view, sending: progress.sent >= progress.bytes ? undefined : progress };
    case 'model':
      return {
        ...view,
        phase: 'done',
        models: view.models + 1,
        contributed: view.contributed + (progress.contributed ? 1 : 0),
      };
    case 'note':
      return { ...view, trouble: noteText(progress) };
    case 'refused':
      return { ...view, trouble: `refused by the ${progress.by}: ${progress.text}` };
    case 'evidence':
      return { ...view, trouble: `evidence against the coordinator: ${progress.reason}` };
    case 'over':
      return { ...view, ended: progress.text };
    default:
      return progress satisfies never;
  }
}

const noteText = ({ text, refusals }: Extract<Progress, { kind: 'note' }>): string =>
  refusals.length === 0 ? text : `${text} ${refusals.map(({ toParticipant }) => toParticipant).join(' ')}`;

const LABEL = 10;
const NARROWEST = 24;

export function joinLines(view: JoinView, { width: given, hasColour }: ViewStyle): readonly string[] {
  const room = Math.max(NARROWEST, given) - LABEL;
  const paint = (code: number, text: string): string => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { round, training, sending } = view;
  const lines: (readonly [string, string, number?])[] = [
    ['run', `${view.run} as ${view.member}${view.isConnected ? '' : ', not connected'}; ${view.standing}`],
    ['round', round === undefined ? 'none yet' : `${round}, ${view.takesPart ? view.phase : 'not in it'}`, 36],
  ];
  if (training !== undefined) lines.push(['training', trainingText(training, room), 32]);
  if (sending !== undefined) {
    const said = `${byteText(sending.sent)} of ${byteText(sending.bytes)} `;
    lines.push(['sending', said + bar(sending.sent / sending.bytes, Math.min(24, room - said.length)), 33]);
  }
  lines.push(['models', `${view.models} came out, ${view.contributed} with a part of its own`]);
  if (view.trouble !== undefined) lines.push(['trouble', view.trouble, 31]);
  if (view.ended !== undefined) lines.push(['end', view.ended]);
  return lines.map(([label, text, colour]) => {
    const said = cut(visible(text), room);
    return `${label.padEnd(LABEL)}${colour === undefined ? said : paint(colour, said)}`;
  });
}

function trainingText(training: Extract<Progress, { kind: 'training' }>, room: number): string {
  const { epoch, epochs, step, steps, loss } = training;
  const said = `epoch ${epoch} of ${epochs}, ${loss === null ? '' : `loss ${loss.toFixed(3)}, `}${step}/${steps} `;
  return said + bar(steps === 0 ? 1 : step / steps, Math.min(24, room - said.length));
}

/** One line for a log or a pipe; undefined for what only a live view shows. */
export function progressText(progress: Progress): string | undefined {
  switch (progress.kind) {
    case 'connected':
      return progress.isAgain ? 'connected again' : 'connected';
    case 'disconnected':
      return visible(`disconnected: ${progress.why}; again in ${Math.ceil(progress.nextTryMs / 1000)} s`);
    case 'standing':
      return `standing: ${progress.standing}`;
    case 'round':
      return `round ${progress.round}: ${progress.takesPart ? 'taking part' : 'not in it'}, ${progress.members.length} members`;
    case 'trained':
      return `round ${progress.round}: trained in ${(progress.ms / 1000).toFixed(1)} s`;
    case 'model':
      return `round ${progress.round}: the model of ${progress.contributors} is out${progress.contributed ? ', with a part of its own' : ''}`;
    case 'note':
      return visible(noteText(progress));
    case 'refused':
      return visible(`refused by the ${progress.by}: ${progress.text}`);
    case 'evidence':
      return visible(`evidence against the coordinator: ${progress.reason}`);
    case 'over':
      return visible(`end: ${progress.text}`);
    case 'phase':
    case 'training':
    case 'sending':
      return undefined;
    default:
      return progress satisfies never;
  }
}
