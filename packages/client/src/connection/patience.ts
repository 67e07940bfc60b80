// What is tried again, and when: what passes (a broken line, a server that is busy or away) after a pause that doubles, up to half a minute,
// shortened by chance so that a thousand participants do not come back in one moment; a server that says when is believed up to five minutes.
// What does not pass is thrown.

import { isPassing, Problem } from '@sumus/wire/problem';
import { Unreachable } from '../transport/transport.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_ASKED_MS = 300_000;

export const passes = (error: unknown): error is Error =>
  error instanceof Unreachable ||
  (error instanceof Problem && (isPassing(error.code) || error.code === 'replayed' || error.code === 'no-space'));

/** `chance` in [0, 1). */
export function pauseMs(error: unknown, failures: number, chance: number): number {
  const asked = error instanceof Problem ? (error.retryAfter ?? 0) * 1000 : 0;
  const doubled = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  return Math.max(Math.min(asked, LONGEST_ASKED_MS), Math.round(doubled * (1 - chance / 2)));
}

export interface Patience {
  readonly randomBytes: (length: number) => Uint8Array;
  /** True once nobody waits any more. */
  readonly isOver: () => boolean;
  /** Until so much time has passed, or it is over. */
  readonly pause: (ms: number) => Promise<void>;
}

export const chanceFrom = (randomBytes: Patience['randomBytes']): number => (randomBytes(1)[0] ?? 0) / 256;

/** The work's answer, or what does not pass; undefined once it is over. */
export async function patiently<T>(
  { randomBytes, isOver, pause }: Patience,
  work: () => Promise<T>,
): Promise<T | undefined> {
  for (let failures = 0; !isOver(); failures++) {
    try {
      return await work();
    } catch (error) {
      if (isOver()) return undefined;
      if (!passes(error)) throw error;
      await pause(pauseMs(error, failures, chanceFrom(randomBytes)));
    }
  }
  return undefined;
}
