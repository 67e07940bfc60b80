// What an owner's command asks of a server, and how: signed requests to the server of this key and, with TLS, of this certificate authority and no
// other. The line and the signatures are the client's, as participants have them; nothing is asked again by itself.
import { randomBytes } from 'node:crypto';
import { Connection, type Question } from '@sumus/client/connection';
import { nodeClock, nodeTransport } from '@sumus/client/node';
import { type Transport, Unreachable } from '@sumus/client/transport';
import { nodePrimitives } from '@sumus/platform/node';
import type { Signer } from '@sumus/secure-sum/primitives';
import { PROBLEMS, Problem, type ProblemBody, problemShape } from '@sumus/wire/problem';
import { signRequest } from '@sumus/wire/request';
import { addressOf, type Parameters, ROUTES, type RouteName } from '@sumus/wire/routes';
import type { Shape } from '@sumus/wire/shape';
import type { StreamEvent } from '@sumus/wire/stream';
import { readJson } from '@sumus/wire/text';
import type { ServerAddress } from './server-address.ts';

const ANSWER_BYTES_AT_MOST = 2 ** 31;
const SILENCE_MS = 60_000;

export class OwnerDoor {
  readonly address: ServerAddress;
  readonly connection: Connection;
  readonly #transport: Transport;
  readonly #signer: Signer;
  readonly #primitives = nodePrimitives();

  constructor(address: ServerAddress, signer: Signer) {
    this.address = address;
    this.#signer = signer;
    this.#transport = nodeTransport({ server: address.url, fingerprint: address.fingerprint });
    this.connection = new Connection({
      transport: this.#transport,
      primitives: this.#primitives,
      clock: nodeClock,
      signer,
      server: address.coordinator,
    });
  }

  json<T>(shape: Shape<T>, name: RouteName, question: Question = {}): Promise<T> {
    return this.connection.ask(shape, name, question);
  }

  /** What acts and answers nothing that matters. */
  say(name: RouteName, parameters: Parameters, body: object): Promise<void> {
    return this.connection.tellJson(name, parameters, body);
  }

  /** Until the server ends it, or the signal. A broken line throws: who reads goes on from the last id. */
  async *events(
    name: RouteName,
    question: Question & { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<StreamEvent> {
    const { signal, ...asked } = question;
    const listening = await this.connection.listen(name, asked);
    const close = (): void => listening.close();
    signal?.addEventListener('abort', close);
    if (signal?.aborted) close();
    try {
      yield* listening.events;
    } finally {
      signal?.removeEventListener('abort', close);
      close();
    }
  }

  /** All that is answered, however long it is: a whole log, or a model. */
  async bytes(
    name: RouteName,
    { parameters, query }: Pick<Question, 'parameters' | 'query'> = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { method } = ROUTES[name];
    const path = `${this.#transport.prefix}${addressOf(name, parameters, query)}`;
    const body = new Uint8Array(0);
    const headers = await signRequest(this.#primitives, this.#signer, {
      server: this.address.coordinator,
      method,
      path,
      body,
      nowMs: Date.now(),
      nonce: Uint8Array.from(randomBytes(16)),
    });
    const answer = await this.#transport.request({
      method,
      path,
      body,
      silenceMs: SILENCE_MS,
      headers: { ...headers },
    });
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of answer.body) {
      pieces.push(piece);
      length += piece.length;
      if (length > ANSWER_BYTES_AT_MOST) throw new Unreachable(`an answer of more than ${ANSWER_BYTES_AT_MOST} bytes`);
    }
    const all = Uint8Array.from(Buffer.concat(pieces));
    if (answer.status < 300) return all;
    const { code, message } = problemIn(all, answer.status);
    throw new Problem(code, message);
  }

  close(): void {
    this.connection.close();
  }
}

function problemIn(bytes: Uint8Array, status: number): ProblemBody {
  try {
    return readJson(problemShape, bytes);
  } catch {
    // Whoever answered is not a server of ours, or stands before one.
    const code = status >= 500 ? 'unavailable' : 'conflict';
    return { code, message: `the server answers ${status}: ${PROBLEMS[code].means}` };
  }
}
