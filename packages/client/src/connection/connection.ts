// Signed requests to one server, by the table of routes: each stands for itself, and what is answered is read by its shape. A problem that the
// server names is thrown as Problem; a line that breaks, as Unreachable. Nothing is tried again here (patience.ts).

import { MalformedMessage } from '@sumus/federation/errors';
import type { Hashing, Signer } from '@sumus/secure-sum/primitives';
import type { BlobReference } from '@sumus/wire/bodies';
import { JSON_TYPE } from '@sumus/wire/bodies';
import { Problem, type ProblemBody, problemShape } from '@sumus/wire/problem';
import { NONCE_BYTES, signRequest } from '@sumus/wire/request';
import { addressOf, type Parameters, ROUTES, type RouteName } from '@sumus/wire/routes';
import type { Shape } from '@sumus/wire/shape';
import { EventReader, HEARTBEAT_MS, type StreamEvent } from '@sumus/wire/stream';
import { JSON_BYTES_AT_MOST, jsonBytes, readJson } from '@sumus/wire/text';
import type { Clock } from '../clock/clock.ts';
import { type Transport, type TransportAnswer, Unreachable } from '../transport/transport.ts';

export interface ConnectionSetup {
  readonly transport: Transport;
  readonly primitives: Hashing & { readonly randomBytes: (length: number) => Uint8Array };
  readonly clock: Clock;
  /** Whose requests these are. */
  readonly signer: Signer;
  /** The coordinator's key, hexadecimal: of the link, never of the server. */
  readonly server: string;
}

export interface Question {
  readonly parameters?: Parameters;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly lastEventId?: string | undefined;
  /** Others, that are not signed. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Missed three heartbeats, a stream is dead; anything else has so long to go on. */
const STREAM_SILENCE_MS: number = 3 * HEARTBEAT_MS;
const ANSWER_SILENCE_MS = 60_000;
const nothing = new Uint8Array(0);

export interface Listening {
  /** As they come; broken off, it throws Unreachable. */
  readonly events: AsyncIterable<StreamEvent>;
  close(): void;
}

export class Connection {
  readonly #setup: ConnectionSetup;

  constructor(setup: ConnectionSetup) {
    this.#setup = setup;
  }

  async ask<T>(shape: Shape<T>, name: RouteName, question: Question = {}): Promise<T> {
    const answer = await this.#request(name, question, ANSWER_SILENCE_MS);
    return readJson(shape, await wholeOf(answer, JSON_BYTES_AT_MOST));
  }

  /** What acts, and answers nothing that matters. */
  async tell(name: RouteName, question: Question = {}): Promise<void> {
    const answer = await this.#request(name, question, ANSWER_SILENCE_MS);
    await wholeOf(answer, JSON_BYTES_AT_MOST);
  }

  async tellJson(name: RouteName, parameters: Parameters, body: object): Promise<void> {
    await this.tell(name, { parameters, body: jsonBytes(body), type: JSON_TYPE });
  }

  /**
   * Exactly as many bytes as were named; broken off, it goes on where it was, as long as there is anything new each time. Whether they are those,
   * whoever uses them asks: a frame's header says their hash, signed.
   */
  async blob(run: string, { sha256, bytes }: BlobReference): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(bytes);
    let at = 0;
    while (at < bytes) {
      const began = at;
      const range = at === 0 ? {} : { range: `bytes=${at}-` };
      try {
        const answer = await this.#request('blob', { parameters: { run, sha256 }, headers: range }, ANSWER_SILENCE_MS);
        // Who does not serve ranges begins anew.
        if (answer.status !== 206) at = 0;
        for await (const piece of answer.body) {
          if (at + piece.length > bytes) throw new MalformedMessage(`a blob of more than ${bytes} bytes`);
          out.set(piece, at);
          at += piece.length;
        }
        if (at < bytes) throw new MalformedMessage(`a blob of ${at} bytes, not of ${bytes}`);
      } catch (error) {
        if (!(error instanceof Unreachable) || at <= began) throw error;
      }
    }
    return out;
  }

  /** Once the server has it open: what comes from then on is heard. */
  async listen(name: RouteName, question: Question = {}): Promise<Listening> {
    const answer = await this.#request(name, question, STREAM_SILENCE_MS);
    return { events: eventsOf(answer), close: () => answer.close() };
  }

  close(): void {
    this.#setup.transport.close();
  }

  async #request(name: RouteName, question: Question, silenceMs: number): Promise<TransportAnswer> {
    const { transport, primitives, clock, signer, server } = this.#setup;
    const { parameters, query, body = nothing, type, lastEventId, headers = {} } = question;
    const { method } = ROUTES[name];
    const path = `${transport.prefix}${addressOf(name, parameters, query)}`;
    const nonce = primitives.randomBytes(NONCE_BYTES);
    const signed = await signRequest(primitives, signer, { server, method, path, body, nowMs: clock.nowMs(), nonce });
    const answer = await transport.request({
      method,
      path,
      body,
      silenceMs,
      headers: {
        ...headers,
        ...signed,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw await problemOf(answer);
  }
}

async function* eventsOf(answer: TransportAnswer): AsyncGenerator<StreamEvent> {
  const reader = new EventReader();
  for await (const piece of answer.body) yield* reader.read(piece);
}

async function wholeOf(answer: TransportAnswer, atMost: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body) {
    length += piece.length;
    if (length > atMost) throw new MalformedMessage(`an answer of more than ${atMost} bytes`);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const PROBLEM_BYTES_AT_MOST = 2 ** 16;

async function problemOf(answer: TransportAnswer): Promise<Problem> {
  const { status, headers } = answer;
  let body: ProblemBody;
  try {
    body = readJson(problemShape, await wholeOf(answer, PROBLEM_BYTES_AT_MOST));
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    // Whoever answered is no server of ours, or stands before one: a proxy whose server is away says 502.
    body = { code: status >= 500 ? 'unavailable' : 'conflict', message: `the server answers ${status}` };
  }
  const seconds = /^[0-9]{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  return new Problem(body.code, body.message, seconds === undefined ? {} : { retryAfter: Number(seconds) });
}
