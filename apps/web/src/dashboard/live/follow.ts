// A run as it happens: its events from the first on, as lines for the worker that holds the log, over connections that break and are made again
// from the last event that came.
import { Problem } from '@sumus/wire/problem';
import { EventReader } from '@sumus/wire/stream';
import type { Door } from './door.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** What cannot be otherwise by asking again. */
const final: ReadonlySet<string> = new Set(['unsigned', 'forbidden', 'not-found', 'malformed', 'method']);

export interface Follower {
  readonly lines: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Null when the connection stands. */
  readonly trouble: (text: string | null) => void;
}

/** Until the signal, or until the server refuses for good: then it throws. */
export async function follow(
  door: Door,
  run: string,
  signal: AbortSignal,
  { lines, trouble }: Follower,
): Promise<void> {
  const encoder = new TextEncoder();
  let next = 0;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const response = await door.ask('events', { parameters: { run }, query: { from: next }, signal });
      const reader = new EventReader();
      trouble(null);
      for await (const chunk of response.body ?? []) {
        const events = reader.read(chunk);
        if (events.length === 0) continue;
        pauseMs = FIRST_PAUSE_MS;
        const fresh = events.filter(({ id }) => id === undefined || Number(id) >= next);
        next = Number(events.at(-1)?.id ?? next - 1) + 1;
        lines(encoder.encode(fresh.map(({ data }) => `${data}\n`).join('')));
      }
    } catch (cause) {
      if (signal.aborted) return;
      if (cause instanceof Problem && final.has(cause.code)) throw cause;
      trouble(cause instanceof Error ? cause.message : String(cause));
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
  }
}
