// What the page of a participant knows, and what its buttons do: two workers, one that has the data and one that takes part, and a port between
// them that the page only hands over.
import { type Signal, signal } from '@preact/signals';
import type { HowItEnded } from '@sumus/client/participation';
import { digitsAddress } from '../digits/load-digits.ts';
import { type Conditions, type Device, type ReasonToWait, reasonToWait, watchConditions } from './conditions.ts';
import type { Mapping } from './data/table-examples.ts';
import type { FromMember, Invitation, Told, ToMember } from './member/member-messages.ts';
import type { ChosenFile, FromTraining, ToTraining } from './training/training-messages.ts';

export type Stage = 'opening' | 'no invitation' | 'invited' | 'taking part' | 'paused' | 'ended';
type Of<K extends FromTraining['kind']> = Extract<FromTraining, { kind: K }>;

export const stage: Signal<Stage> = signal('opening');
export const invitation: Signal<Invitation | null> = signal(null);
export const trouble: Signal<string | null> = signal(null);
export const unreachable: Signal<string | null> = signal(null);
export const isWaiting: Signal<boolean> = signal(false);
/** Files read so far; null where none are being read. */
export const reading: Signal<number | null> = signal(null);
export const table: Signal<Of<'table'> | null> = signal(null);
export const data: Signal<Of<'taken'> | Of<'unfit'> | null> = signal(null);
export const conditions: Signal<Conditions | null> = signal(null);
/** Taking part in spite of the battery. */
export const isInsisted: Signal<boolean> = signal(false);
export const ended: Signal<HowItEnded | null> = signal(null);
/** The last of each kind, and notes in their order. */
export const told: Signal<Readonly<Partial<Record<Told['kind'], Told>>>> = signal({});
export const notes: Signal<readonly string[]> = signal([]);
export const models: Signal<number> = signal(0);
export const contributions: Signal<number> = signal(0);
export const papers: Signal<Extract<FromMember, { kind: 'papers' }> | null> = signal(null);

/** Not every browser has what it is asked for. */
const device: Device = navigator as Device;
const NOTES_AT_MOST = 50;

let member: Worker | undefined;
let training: Worker | undefined;

export const waitReason = (): ReasonToWait => {
  const now = conditions.value;
  return now === null || isInsisted.value ? undefined : reasonToWait(now);
};

export function openInvitation(link: string | null): void {
  trouble.value = null;
  stage.value = 'opening';
  if (member === undefined) {
    member = new Worker(new URL('./member/member.worker.ts', import.meta.url), { type: 'module', name: 'member' });
    member.addEventListener('message', ({ data: message }: MessageEvent<FromMember>) => hear(message));
    member.addEventListener('error', ({ message }) => troubled(message));
  }
  tellMember({ kind: 'open', link });
  void watchConditions(device, (now) => {
    conditions.value = now;
    if (stage.value === 'taking part' && waitReason() === 'battery') pause();
  });
}

function tellMember(message: ToMember, transfer: Transferable[] = []): void {
  member?.postMessage(message, transfer);
}

function hear(message: FromMember): void {
  switch (message.kind) {
    case 'no invitation':
      stage.value = 'no invitation';
      return;
    case 'invited':
      unreachable.value = null;
      invitation.value = message.invitation;
      stage.value = message.invitation.said === 'pause' ? 'paused' : 'invited';
      startTraining(message.invitation);
      return;
    case 'waiting':
      isWaiting.value = true;
      return;
    case 'told':
      note(message.told);
      return;
    case 'unreachable':
      unreachable.value = message.why;
      return;
    case 'ended':
      if (message.how.kind === 'paused') return;
      ended.value = message.how;
      stage.value = 'ended';
      tellMember({ kind: 'papers' });
      stopTraining();
      return;
    case 'papers':
      papers.value = message;
      return;
    case 'trouble':
      troubled(message.text);
      return;
    default:
      message satisfies never;
  }
}

function troubled(text: string): void {
  trouble.value = text;
  if (stage.value === 'opening') stage.value = 'no invitation';
}

function note(one: Told): void {
  isWaiting.value = false;
  told.value = { ...told.value, [one.kind]: one };
  if (one.kind === 'connected') unreachable.value = null;
  if (one.kind === 'disconnected') unreachable.value = one.why;
  if (one.kind === 'model') {
    models.value += 1;
    if (one.contributed) contributions.value += 1;
    tellMember({ kind: 'papers' });
  }
  const text =
    one.kind === 'note' || one.kind === 'refused' || one.kind === 'over'
      ? one.text
      : one.kind === 'evidence'
        ? one.reason
        : undefined;
  if (text !== undefined) notes.value = [...notes.value, text].slice(-NOTES_AT_MOST);
}

// ── data ──

function startTraining({ planText, said }: Invitation): void {
  stopTraining();
  data.value = null;
  table.value = null;
  training = new Worker(new URL('./training/training.worker.ts', import.meta.url), {
    type: 'module',
    name: 'training',
  });
  training.addEventListener('message', ({ data: message }: MessageEvent<FromTraining>) => hearTraining(message));
  training.addEventListener('error', ({ message }) => troubled(message));
  tellTraining({ kind: 'plan', text: planText });
  if (said !== 'nothing') tellTraining({ kind: 'recall' });
}

function stopTraining(): void {
  training?.terminate();
  training = undefined;
}

const tellTraining = (message: ToTraining, transfer: Transferable[] = []): void =>
  training?.postMessage(message, transfer);

function hearTraining(message: FromTraining): void {
  switch (message.kind) {
    case 'nothing kept':
      return;
    case 'reading':
      reading.value = message.files;
      return;
    case 'table':
      table.value = message;
      return;
    case 'taken':
      reading.value = null;
      data.value = message;
      // Yes was said before this page was closed, and the data are those that it was said about.
      if (invitation.value?.said === 'yes' && stage.value === 'invited' && waitReason() === undefined) begin();
      return;
    case 'unfit':
      reading.value = null;
      data.value = message;
      return;
    case 'trouble':
      reading.value = null;
      trouble.value = message.text;
      return;
    default:
      message satisfies never;
  }
}

export function useFiles(files: readonly ChosenFile[]): void {
  if (files.length === 0) return;
  trouble.value = null;
  table.value = null;
  reading.value = 0;
  tellTraining({ kind: 'files', files });
}

export function useDigits(count: number): void {
  trouble.value = null;
  table.value = null;
  const from = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  tellTraining({ kind: 'digits', address: digitsAddress(), count, from: from % 3000 });
}

export const useMapping = (mapping: Mapping): void => {
  if (table.value !== null) table.value = { ...table.value, mapping };
  tellTraining({ kind: 'map', mapping });
};

// ── taking part ──

export function begin(): void {
  trouble.value = null;
  const { port1, port2 } = new MessageChannel();
  tellTraining({ kind: 'port', port: port1 }, [port1]);
  tellMember({ kind: 'begin', port: port2 }, [port2]);
  stage.value = 'taking part';
}

/** What is being trained is given up; the run goes on without, and later with this participant again. */
export function pause(): void {
  tellMember({ kind: 'pause' });
  stage.value = 'paused';
  const known = invitation.value;
  if (known === null) return;
  invitation.value = { ...known, said: 'pause' };
  startTraining({ ...known, said: 'pause' });
}

export function leave(reason: string): void {
  tellMember({ kind: 'leave', reason });
}

export const fetchPapers = (): void => tellMember({ kind: 'papers' });
