// One line of a log as an event. Nine in ten are frames of a sum: their canonical form is one pattern, which is as strict as the reader of
// `@sumus/federation/run` and twenty times as fast. Every other line goes through that reader, which refuses what it would not have written.
import { type RunEvent, readEvent } from '@sumus/federation/run';

export interface FrameLine {
  readonly kind: 'frame';
  readonly atMs: number;
  readonly member: string;
  readonly number: number;
  readonly round: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Where the sum is after it. */
  readonly phase: string;
  /** The version that it contributes to; undefined where it contributes nothing. */
  readonly version: number | undefined;
}

export type EventLine = FrameLine | { readonly kind: 'event'; readonly event: RunEvent };

const count = '(0|[1-9]\\d{0,15})';
const frame = new RegExp(
  `^\\{"atMs":${count},"cause":\\{"member":"([A-Za-z0-9 ._-]{1,64})","number":${count}\\},"contributes":(?:null|\\{"version":${count}\\}),"frame":\\{"bytes":${count},"sha256":"([0-9a-f]{64})"\\},"kind":"frame taken","phase":"([a-z ]{4,24})","round":${count}\\}$`,
);

const sumPhases = new Set([
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
]);

/** Throws MalformedMessage where a line is no event. */
export function readLine(text: string): EventLine {
  const found = frame.exec(text);
  const phase = found?.[7] ?? '';
  if (found === null || !sumPhases.has(phase)) return { kind: 'event', event: readEvent(text) };
  const line: FrameLine = {
    kind: 'frame',
    atMs: Number(found[1]),
    member: found[2] ?? '',
    number: Number(found[3]),
    version: found[4] === undefined ? undefined : Number(found[4]),
    bytes: Number(found[5]),
    sha256: found[6] ?? '',
    phase,
    round: Number(found[8]),
  };
  const isInRange =
    line.atMs <= Number.MAX_SAFE_INTEGER &&
    line.bytes <= 2 ** 40 &&
    Math.max(line.number, line.round, line.version ?? 0) <= 2 ** 31 - 1;
  // Out of range: the strict reader says what is the matter.
  return isInRange ? line : { kind: 'event', event: readEvent(text) };
}
