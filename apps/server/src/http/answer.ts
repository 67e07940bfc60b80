// What a handler is asked and what it answers, with nothing of node:http in it: the whole application is a function from one to the other, and
// its tests need no port. listener.ts carries it over a socket.

import type { Problem } from '@sumus/wire/problem';

export interface Asked {
  readonly method: string;
  /** From the first slash on, with the query, as the request line has it: this is what was signed. */
  readonly target: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Who is at the other end of the connection. */
  readonly address: string;
  /** All of the body. Refuses what is longer than it may be, or says no length, before a byte is read. `holder`: the key whose it is. */
  readonly body: (bytesAtMost: number, holder?: string) => Promise<Uint8Array>;
  /** Aborted when the other end is gone, or the server closes. */
  readonly signal: AbortSignal;
}

export type Headers = Readonly<Record<string, string>>;

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown; readonly headers?: Headers }
  | { readonly kind: 'nothing'; readonly status: 204; readonly headers?: Headers }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | {
      readonly kind: 'bytes';
      readonly status: number;
      readonly headers: Headers;
      readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    }
  /** Server-sent events: one text after the other, each a whole event. A listener adds the heartbeat. */
  | { readonly kind: 'events'; readonly events: AsyncIterable<string> };

export const json = (value: unknown, status = 200): Answer => ({ kind: 'json', status, value });
export const done: Answer = Object.freeze({ kind: 'nothing', status: 204 });

export const text = (content: string, type: string, status = 200): Answer => ({
  kind: 'bytes',
  status,
  headers: { 'content-type': type },
  pieces: [Buffer.from(content, 'utf8')],
});
