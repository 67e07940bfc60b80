// The application over sockets: HTTP/1.1 by node:http, TLS by node:https. What a socket may cost is bounded here: sizes of headers, time until a
// request has arrived, connections, bytes of bodies; and an answer waits for whoever reads it slowly, without being made in advance.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { PROBLEM_TYPE, Problem } from '@sumus/wire/problem';
import type { Answer, Asked, Headers } from './answer.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { networkOf } from './rate-limit.ts';
import { API_HEADERS } from './static-pages.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly chain: string; readonly key: string } | undefined;
  readonly answer: (asked: Asked) => Promise<Answer>;
  readonly memory: MemoryBudget;
  /** Said with every answer to this request, beside what the answer says. */
  readonly headersFor?: ((asked: Pick<Asked, 'target' | 'headers'>) => Headers) | undefined;
  readonly onAnswered?: ((one: Answered) => void) | undefined;
  /** Until headers have come, and all of a request; for tests, which do not wait as long. */
  readonly withinMs?: { readonly headers: number; readonly request: number } | undefined;
  /** A mistake of ours, for the log: nobody outside is told. */
  readonly onMistake: (error: unknown) => void;
}

export interface Answered {
  readonly method: string;
  readonly target: string;
  readonly address: string;
  readonly status: number;
  readonly seconds: number;
}

const HEADER_BYTES_AT_MOST = 16 * 1024;
/** All of it: a piece of an upload at 100 kB a second, and some. */
const WITHIN_MS = { headers: 10_000, request: 60_000 } as const;
const IDLE_MS = 65_000;
const CONNECTIONS_AT_MOST = 8192;
/** Of one network; a hospital's participants may share an address. */
const CONNECTIONS_OF_ONE = 1024;
const HEARTBEAT_MS = 15_000;
const LINGER_MS = 2000;
/** Whoever reads nothing for so long is gone. */
const UNREAD_MS = 60_000;

export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #closing = new AbortController();
  readonly #open = new Set<Promise<void>>();
  readonly #connections = new ConnectionLimit();

  constructor(options: ListenerOptions) {
    this.#options = options;
    const within = options.withinMs ?? WITHIN_MS;
    const settings = {
      maxHeaderSize: HEADER_BYTES_AT_MOST,
      headersTimeout: within.headers,
      requestTimeout: within.request,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: Math.min(1000, within.headers),
      insecureHTTPParser: false,
      requireHostHeader: true,
    };
    const { tls } = options;
    this.#server =
      tls === undefined
        ? createServer(settings)
        : createTlsServer({
            ...settings,
            cert: tls.chain,
            key: tls.key,
            minVersion: 'TLSv1.2',
            honorCipherOrder: true,
          });
    this.#server.maxConnections = CONNECTIONS_AT_MOST;
    this.#server.on('request', (request, response) => this.#keep(this.#serve(request, response)));
    // Whoever asks first whether to send a body is told when it is read.
    this.#server.on('checkContinue', (request, response) => {
      this.#keep(this.#serve(request, response, () => response.writeContinue()));
    });
    this.#server.on('connection', (socket) => {
      socket.setKeepAlive(true, IDLE_MS);
      this.#connections.enter(socket);
    });
    this.#server.on('upgrade', (_request, socket) => socket.destroy());
    this.#server.on('clientError', (error, socket) => {
      const code = 'code' in error ? error.code : undefined;
      if (!socket.writable || code === 'ECONNRESET') socket.destroy();
      else socket.end(rawProblem(codeOfParser(code)));
    });
  }

  /** Answers the port. */
  async listen(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const { port: found } = this.#server.address() as AddressInfo;
    return found;
  }

  /** Ends streams, lets requests under way finish for so long, and then ends them too. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#closing.abort();
    this.#server.closeIdleConnections();
    const impatience = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await Promise.allSettled([...this.#open]);
    this.#server.closeAllConnections();
    clearTimeout(impatience);
    await closed;
  }

  #keep(served: Promise<void>): void {
    this.#open.add(served);
    served.then(
      () => this.#open.delete(served),
      (error) => {
        this.#open.delete(served);
        this.#options.onMistake(error);
      },
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse, onRead = (): void => {}): Promise<void> {
    const began = performance.now();
    const { answer, memory, onAnswered, onMistake } = this.#options;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.once('error', () => gone.abort());
    const { method = '', url = '', headers } = request;
    const address = request.socket.remoteAddress ?? '';
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    const how: Sending = {
      signal,
      isHead: method === 'HEAD',
      beside: this.#options.headersFor?.({ target: url, headers }) ?? {},
    };
    let status = 0;
    try {
      // A body is held until its request is answered.
      const held: { release: (() => void) | undefined } = { release: undefined };
      try {
        const body = (atMost: number, holder?: string): Promise<Uint8Array> =>
          readBody(request, { atMost, take: (bytes) => memory.take(bytes, holder), held, onRead });
        const made = await answer({ method, target: url, headers, address, signal, body });
        status = await send(response, made, how);
      } finally {
        held.release?.();
      }
    } catch (error) {
      if (!(error instanceof Problem)) onMistake(error);
      const problem = error instanceof Problem ? error : new Problem('internal', 'a mistake of the server');
      if (response.headersSent) response.destroy();
      else status = await send(response, { kind: 'problem', problem }, how);
    } finally {
      // What was not read of a body is thrown away for a moment, so that the answer arrives; then the connection goes.
      if (!request.complete) {
        request.resume();
        setTimeout(() => request.destroy(), LINGER_MS).unref();
      }
    }
    onAnswered?.({ method, target: url, address, status, seconds: (performance.now() - began) / 1000 });
  }
}

/** Nobody has all the connections there are: who has too many loses the newest. */
class ConnectionLimit {
  readonly #counts = new Map<string, number>();

  enter(socket: Socket): void {
    const name = networkOf(socket.remoteAddress ?? '');
    if (name === undefined) return;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    socket.once('close', () => {
      const left = (this.#counts.get(name) ?? 1) - 1;
      if (left > 0) this.#counts.set(name, left);
      else this.#counts.delete(name);
    });
    if (count > CONNECTIONS_OF_ONE) socket.destroy();
  }
}

interface BodyToRead {
  readonly atMost: number;
  readonly take: (bytes: number) => Promise<() => void>;
  readonly held: { release: (() => void) | undefined };
  readonly onRead: () => void;
}

async function readBody(request: IncomingMessage, { atMost, take, held, onRead }: BodyToRead): Promise<Uint8Array> {
  const { 'content-length': length, 'transfer-encoding': encoding, 'content-encoding': content } = request.headers;
  if (content !== undefined) throw new Problem('media-type', 'bodies are sent as they are, without content-encoding');
  if (encoding !== undefined || (length === undefined && request.method !== 'GET')) {
    throw new Problem('no-length', 'say content-length');
  }
  const bytes = Number(length ?? 0);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Problem('malformed', 'content-length is no length');
  if (bytes > atMost) throw new Problem('too-large', `${bytes} bytes, at most ${atMost} are taken here`);
  if (bytes === 0) return new Uint8Array(0);
  held.release = await take(bytes);
  onRead();
  const body = new Uint8Array(bytes);
  let at = 0;
  try {
    for await (const piece of request) {
      body.set(piece, at);
      at += piece.length;
    }
  } catch (cause) {
    throw new Problem('malformed', 'the body broke off', { cause });
  }
  if (at !== bytes) throw new Problem('malformed', `the body has ${at} bytes, not ${bytes}`);
  return body;
}

interface Sending {
  readonly signal: AbortSignal;
  readonly isHead: boolean;
  readonly beside: Headers;
}

/** Answers the status. */
async function send(response: ServerResponse, answer: Answer, { signal, isHead, beside }: Sending): Promise<number> {
  const end = (status: number, headers: Headers, content?: string): number => {
    const bytes = content === undefined ? undefined : Buffer.from(content, 'utf8');
    const length: Headers = bytes === undefined ? {} : { 'content-length': `${bytes.length}` };
    response.writeHead(status, { ...API_HEADERS, ...headers, ...beside, ...length });
    response.end(isHead ? undefined : bytes);
    return status;
  };
  switch (answer.kind) {
    case 'json':
      return end(
        answer.status,
        { 'content-type': 'application/json', ...answer.headers },
        JSON.stringify(answer.value),
      );
    case 'nothing':
      return end(answer.status, answer.headers ?? {});
    case 'problem': {
      const { problem } = answer;
      const retry: Headers = problem.retryAfter === undefined ? {} : { 'retry-after': `${problem.retryAfter}` };
      // Of a request that is refused the rest is not read: the connection cannot be used again.
      return end(
        problem.status,
        { 'content-type': PROBLEM_TYPE, ...(response.req.complete ? {} : { connection: 'close' }), ...retry },
        JSON.stringify(problem.body),
      );
    }
    case 'bytes':
      response.writeHead(answer.status, { ...API_HEADERS, ...answer.headers, ...beside });
      if (!isHead) for await (const piece of answer.pieces) if (!(await written(response, piece, signal))) break;
      response.end();
      return answer.status;
    case 'events':
      response.writeHead(200, {
        ...API_HEADERS,
        ...beside,
        'content-type': 'text/event-stream',
        'x-accel-buffering': 'no',
      });
      if (!isHead) await stream(response, answer.events, signal);
      response.end();
      return 200;
    default:
      return answer satisfies never;
  }
}

async function stream(response: ServerResponse, events: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  const heartbeat = setInterval(() => {
    if (response.writableLength === 0) response.write(':\n\n');
  }, HEARTBEAT_MS);
  try {
    response.write(':\n\n');
    for await (const event of events) if (!(await written(response, event, signal))) return;
  } finally {
    clearInterval(heartbeat);
  }
}

/** Waits until there is room again; false where nobody reads any more. */
async function written(response: ServerResponse, piece: string | Uint8Array, signal: AbortSignal): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(piece)) return !signal.aborted;
  await new Promise<void>((resolve) => {
    const impatience = setTimeout(() => response.destroy(), UNREAD_MS);
    const go = (): void => {
      clearTimeout(impatience);
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.once('drain', go);
    response.once('close', go);
  });
  return !response.destroyed && !signal.aborted;
}

const codeOfParser = (code: unknown): 'large-headers' | 'too-slow' | 'malformed' => {
  if (code === 'HPE_HEADER_OVERFLOW') return 'large-headers';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'too-slow' : 'malformed';
};

/** To whoever does not speak HTTP. */
function rawProblem(code: 'large-headers' | 'too-slow' | 'malformed'): string {
  const problem = new Problem(code, 'this is no request that can be read');
  const body = JSON.stringify(problem.body);
  const head = [
    `HTTP/1.1 ${problem.status} ${code}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${body.length}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
