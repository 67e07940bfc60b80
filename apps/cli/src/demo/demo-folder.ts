// Where a demonstration lives: one folder for each, with everything that its parties have, so that it can be looked at, gone on with, and deleted.
// What belongs to different parties in a run lies side by side here, which only a demonstration may do.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeIdx } from '@sumus/dataset/idx';
import type { LabelledExamples } from '@sumus/simulation/examples';
import { homeFolder, makeFolder } from '../network/owner-folder.ts';
import { type DemoModel, demoModels } from './demo-plan.ts';
import { type DealtDigits, SIDE } from './digits.ts';

export interface DemoState {
  readonly model: DemoModel;
  readonly participants: number;
  readonly isOver: boolean;
}

export interface DemoFolder extends DemoState {
  readonly path: string;
  /** Gone on with, instead of begun. */
  readonly isResumed: boolean;
}

export const demoHome = (environment: Readonly<Record<string, string | undefined>> = process.env): string =>
  join(homeFolder(environment), 'demo');

const stateFile = (path: string): string => join(path, 'demo.json');

/** The newest one of these that is not over, or a new one. */
export function openDemo(home: string, wanted: Omit<DemoState, 'isOver'>, nowMs: number): DemoFolder {
  const open = foldersIn(home).filter(
    ({ state }) => !state.isOver && state.model === wanted.model && state.participants === wanted.participants,
  );
  const last = open.at(-1);
  if (last !== undefined) return { path: last.path, ...last.state, isResumed: true };
  makeFolder(home);
  const name = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-').replace('T', '_');
  const path = join(home, name);
  makeFolder(path);
  const state = { ...wanted, isOver: false };
  writeState(path, state);
  return { path, ...state, isResumed: false };
}

export const endDemo = ({ path, model, participants }: DemoFolder): void =>
  writeState(path, { model, participants, isOver: true });

function writeState(path: string, state: DemoState): void {
  writeFileSync(`${stateFile(path)}.new`, `${JSON.stringify(state)}\n`);
  renameSync(`${stateFile(path)}.new`, stateFile(path));
}

function foldersIn(home: string): readonly { readonly path: string; readonly state: DemoState }[] {
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .sort()
    .map((name) => join(home, name))
    .flatMap((path) => {
      const state = stateIn(path);
      return state === undefined ? [] : [{ path, state }];
    });
}

function stateIn(path: string): DemoState | undefined {
  if (!existsSync(stateFile(path))) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(stateFile(path), 'utf8'));
    const { model, participants, isOver } = { ...(typeof value === 'object' ? value : {}) } as Readonly<
      Record<string, unknown>
    >;
    const known = demoModels.find((one) => one === model);
    if (known === undefined || typeof participants !== 'number') return undefined;
    return { model: known, participants, isOver: isOver === true };
  } catch {
    // Half of a state is none: a new demonstration is begun.
    return undefined;
  }
}

// ── digits ──

export const digitsOf = (path: string, participant: string): string => join(path, 'digits', participant);

/** Each participant's own in a folder of its own, as images are kept; the test part where nobody trains. */
export function writeDigits(path: string, { parts, test }: DealtDigits): void {
  for (const part of parts) writePart(digitsOf(path, part.name), part, 'train');
  writePart(digitsOf(path, 'test'), test, 't10k');
}

function writePart(folder: string, { inputs, labels, count }: LabelledExamples, prefix: 'train' | 't10k'): void {
  mkdirSync(folder, { recursive: true });
  const pixels = Uint8Array.from(inputs, (value) => Math.round(255 * value));
  writeFileSync(join(folder, `${prefix}-images-idx3-ubyte`), writeIdx([count, SIDE, SIDE], pixels));
  writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), writeIdx([count], Uint8Array.from(labels)));
}
