// What an owner's command asks of a server, and how: signed requests over HTTP, to the server of this key and, with TLS, of this certificate
// authority and no other. Nothing is asked again by itself but reading; what acts is safe to be asked again by whoever asked.
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { connect } from 'node:tls';
import { nodePrimitives } from '@sumus/platform/node';
import type { Signer } from '@sumus/secure-sum/primitives';
import { JSON_TYPE } from '@sumus/wire/bodies';
import { Problem, type ProblemBody, problemShape } from '@sumus/wire/problem';
import { signRequest } from '@sumus/wire/request';
import { addressOf, ROUTES, type RouteName } from '@sumus/wire/routes';
import type { Shape } from '@sumus/wire/shape';
import { EventReader, type StreamEvent } from '@sumus/wire/stream';
import { jsonBytes, readJson } from '@sumus/wire/text';
import type { ServerAddress } from './server-address.ts';

type Words = Readonly<Record<string, string>>;

export interface Question {
  readonly parameters?: Words;
  readonly query?: Words;
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly lastEventId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const ANSWER_BYTES_AT_MOST = 2 ** 31;
const REQUEST_MS = 60_000;
/** A stream that says nothing for three heartbeats is gone. */
const STREAM_SILENCE_MS = 45_000;

export class OwnerDoor {
  readonly address: ServerAddress;
  readonly #signer: Signer;
  readonly #primitives = nodePrimitives();
  #agent: Promise<PlainAgent> | undefined;

  constructor(address: ServerAddress, signer: Signer) {
    this.address = address;
    this.#signer = signer;
  }

  async json<T>(shape: Shape<T>, name: RouteName, question: Question = {}): Promise<T> {
    return readJson(shape, await this.bytes(name, question));
  }

  /** What acts and answers nothing that matters. */
  async say(name: RouteName, parameters: Words, body: object): Promise<void> {
    await this.bytes(name, { parameters, body: jsonBytes(body), type: JSON_TYPE });
  }

  async bytes(name: RouteName, question: Question = {}): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await this.#ask(name, question, REQUEST_MS);
    return wholeOf(answer);
  }

  /** Until the server ends it, or the signal. A broken connection throws: who reads goes on from the last id. */
  async *events(name: RouteName, question: Question = {}): AsyncGenerator<StreamEvent> {
    const answer = await this.#ask(name, question, STREAM_SILENCE_MS);
    const reader = new EventReader();
    try {
      for await (const chunk of answer) yield* reader.read(Uint8Array.from(chunk));
    } finally {
      answer.destroy();
    }
  }

  close(): void {
    void this.#agent?.then((agent) => agent.destroy());
  }

  async #ask(name: RouteName, question: Question, silenceMs: number): Promise<IncomingMessage> {
    const { parameters = {}, query = {}, body = new Uint8Array(0), type, lastEventId, signal } = question;
    const { method } = ROUTES[name];
    const base = new URL(this.address.url);
    const path = `${base.pathname.replace(/\/$/, '')}${addressOf(name, parameters, query)}`;
    const signed = await signRequest(this.#primitives, this.#signer, {
      server: this.address.coordinator,
      method,
      path,
      body,
      nowMs: Date.now(),
      nonce: Uint8Array.from(randomBytes(16)),
    });
    this.#agent ??= agentFor(this.address);
    const agent = await this.#agent.catch((error: unknown) => {
      // A server that was away is asked again for its certificate.
      this.#agent = undefined;
      throw error;
    });
    const options: RequestOptions = {
      agent,
      method,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port,
      path,
      timeout: silenceMs,
      headers: {
        ...signed,
        'content-length': String(body.length),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      ...(signal === undefined ? {} : { signal }),
    };
    const answer = await sent(base.protocol === 'https:' ? tlsRequest : plainRequest, options, body);
    if ((answer.statusCode ?? 500) < 300) return answer;
    const { code, message } = problemIn(await wholeOf(answer), answer.statusCode ?? 500);
    throw new Problem(code, message);
  }
}

function sent(ask: typeof plainRequest, options: RequestOptions, body: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = ask(options, resolve);
    asking.on('timeout', () => asking.destroy(new Error('the server says nothing')));
    asking.on('error', reject);
    asking.end(body);
  });
}

async function wholeOf(answer: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > ANSWER_BYTES_AT_MOST) throw new Error(`an answer of more than ${ANSWER_BYTES_AT_MOST} bytes`);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

function problemIn(bytes: Uint8Array, status: number): ProblemBody {
  try {
    return readJson(problemShape, bytes);
  } catch {
    // Whoever answered is not a server of ours, or stands before one.
    return { code: status >= 500 ? 'unavailable' : 'conflict', message: `the server answers ${status}` };
  }
}

async function agentFor({ url, fingerprint }: ServerAddress): Promise<PlainAgent> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === 'http:') return new PlainAgent({ keepAlive: true });
  if (fingerprint === undefined) return new TlsAgent({ keepAlive: true });
  const host = hostname.replace(/^\[|\]$/g, '');
  const ca = await pinnedAuthority({ host, port: Number(port || 443) }, fingerprint);
  return new TlsAgent({ keepAlive: true, ca });
}

/** The certificate of that fingerprint from the chain that the server shows; every connection after this one is checked against it alone. */
function pinnedAuthority(at: { readonly host: string; readonly port: number }, fingerprint: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...at, rejectUnauthorized: false, servername: /[a-z]/i.test(at.host) ? at.host : '' });
    socket.setTimeout(REQUEST_MS, () => socket.destroy(new Error('the server says nothing')));
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      // Nothing is said on this connection.
      const chain: Buffer[] = [];
      let one = socket.getPeerCertificate(true);
      while (one?.raw !== undefined && !chain.some((known) => known.equals(one.raw))) {
        chain.push(one.raw);
        one = one.issuerCertificate;
      }
      socket.destroy();
      const found = chain.find((der) => createHash('sha256').update(der).digest('hex') === fingerprint);
      if (found === undefined) {
        reject(new Problem('forbidden', `${at.host} is not the server that it should be: its certificates are others`));
      } else resolve(new X509Certificate(found).toString());
    });
  });
}
