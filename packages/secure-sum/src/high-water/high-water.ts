// The highest (round, flush) of each task that a participant has entered. It goes up before anything is sent and never down, so a
// replayed round, a second context for one round, or a restart in the middle of one is refused.
//
// Entering takes two steps, because storing is the caller's: propose() gives the bytes to store, confirm() is called when they are
// stored, and only its answer, an EnteredRound, lets a protocol begin. From one mark one round is entered: whoever goes on proposes from
// `next`. Two proposals for one round, whatever their contexts, have the same bytes, so storage does not tell them apart. What storage set back to an earlier state costs is said in
// docs/threats.md: only somebody else who remembers can notice.

import { CanonicalReader, CanonicalWriter, compareNames, isName, sameBytes } from '../canonical/index.ts';
import type { OpenContext, RoundPoint } from '../context/index.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { HASH_BYTES, type Hashing } from '../primitives.ts';

/** By "project task": the highest point entered. */
export interface HighWater {
  readonly marks: ReadonlyMap<string, RoundPoint>;
}

/** Where one participant begins: a new one each time, because a mark is used once. */
export const nothingEntered = (): HighWater => Object.freeze({ marks: new Map() });

/** To be stored before it is confirmed. */
export interface ProposedEntry {
  readonly kind: 'to be stored';
  readonly next: HighWater;
  /** encodeHighWater of `next`. */
  readonly bytes: Uint8Array;
  readonly context: OpenContext;
  readonly point: RoundPoint;
}

declare const entered: unique symbol;

/** That this round was entered, and the mark is stored. A protocol's first step takes it and uses it once. */
export interface EnteredRound {
  readonly [entered]: true;
  readonly context: OpenContext;
  readonly point: RoundPoint;
}

const taskOf = ({ fields }: OpenContext): string => `${fields.projectId} ${fields.taskId}`;

const isAbove = (a: RoundPoint, b: RoundPoint): boolean =>
  a.round > b.round || (a.round === b.round && a.flush > b.flush);

/** Marks that a round was entered from. */
const leftBehind = new WeakSet<HighWater>();
const proposedFrom = new WeakMap<ProposedEntry, HighWater>();

function requireCurrent(water: HighWater): void {
  if (leftBehind.has(water))
    throw new ParameterError('another round was entered from this high-water mark: go on from its next');
}

/**
 * Refuses a point at or below the mark: E_REPLAY. An open context without a flush (one-shot with flushes) stands for its whole
 * round: it is entered once, at flush 0.
 */
export function proposeEntry(primitives: Hashing, water: HighWater, context: OpenContext): ProposedEntry {
  requireCurrent(water);
  const point = Object.freeze({ round: context.fields.round, flush: context.fields.flush ?? 0 });
  const task = taskOf(context);
  const mark = water.marks.get(task);
  if (mark !== undefined && !isAbove(point, mark)) {
    throw new ProtocolViolation(
      'E_REPLAY',
      `round ${point.round}.${point.flush} of ${task} is not above ${mark.round}.${mark.flush}, which was entered`,
    );
  }
  const next: HighWater = Object.freeze({ marks: new Map(water.marks).set(task, point) });
  const bytes = encodeHighWater(primitives, next);
  const proposed: ProposedEntry = Object.freeze({ kind: 'to be stored', next, bytes, context, point });
  proposedFrom.set(proposed, water);
  return proposed;
}

/** `stored`: the bytes as they were read back from storage. Of all proposals from one mark, one is confirmed, once (attack 16). */
export function confirmEntry(proposed: ProposedEntry, stored: Uint8Array): EnteredRound {
  if (!sameBytes(stored, proposed.bytes))
    throw new ParameterError('what was stored is not the proposed high-water mark');
  const water = proposedFrom.get(proposed);
  if (water === undefined) throw new ParameterError('not a proposal of this module');
  requireCurrent(water);
  leftBehind.add(water);
  return asEntered({ context: proposed.context, point: proposed.point });
}

const asEntered = (round: { readonly context: OpenContext; readonly point: RoundPoint }): EnteredRound =>
  Object.freeze(round) as EnteredRound;

const LABEL = 'sumus/1/high-water';
const TASKS_AT_MOST = 65_536;
const POINT_BYTES = 8 + 4;

/** Ends with a hash: a file that was cut short or written over is refused instead of read as a lower mark. */
export function encodeHighWater(primitives: Hashing, { marks }: HighWater): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter().name('a label', LABEL).u32('tasks', marks.size);
  for (const task of [...marks.keys()].sort(compareNames)) {
    const [projectId, taskId] = task.split(' ');
    const { round, flush } = marks.get(task)!;
    writer.name('project', projectId!).name('task', taskId!).u64('round', round).u32('flush', flush);
  }
  const body = writer.finish();
  const whole = new Uint8Array(body.length + HASH_BYTES);
  whole.set(body);
  whole.set(primitives.sha256(body), body.length);
  return whole;
}

export function decodeHighWater(primitives: Hashing, bytes: Uint8Array): HighWater {
  const body = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES));
  if (!sameBytes(primitives.sha256(body), bytes.subarray(body.length))) {
    throw new MalformedMessage('E_MALFORMED', `${bytes.length} bytes of a high-water mark are damaged`);
  }
  const reader = new CanonicalReader(body, 'a high-water mark');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a high-water mark');
  const count = reader.count('tasks', TASKS_AT_MOST, 2 * 5 + POINT_BYTES);
  const marks = new Map<string, RoundPoint>();
  for (let i = 0, last = ''; i < count; i++) {
    const task = `${reader.name('project')} ${reader.name('task')}`;
    if (task <= last) reader.refuse('E_MALFORMED', `${task} is not above ${last}`);
    marks.set(task, Object.freeze({ round: reader.u64('round'), flush: reader.u32('flush') }));
    last = task;
  }
  reader.finish();
  return Object.freeze({ marks });
}

/** For a participant that lost its storage: begins anew above a point that somebody else vouches for (the log's last roster). */
export function resumeAbove(projectId: string, taskId: string, point: RoundPoint): HighWater {
  if (!isName(projectId) || !isName(taskId)) throw new ParameterError(`${projectId} ${taskId} is no task`);
  return Object.freeze({ marks: new Map([[`${projectId} ${taskId}`, Object.freeze({ ...point })]]) });
}
