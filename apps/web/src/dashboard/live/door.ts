// What the page asks of the coordinator that serves it, every request signed. The page talks to no other host. Nothing that acts is asked twice by itself.
import type { Signer } from '@sumus/secure-sum/primitives';
import { JSON_TYPE, type ServerInfo, serverInfo } from '@sumus/wire/bodies';
import { Problem, problemShape } from '@sumus/wire/problem';
import { signRequest } from '@sumus/wire/request';
import { addressOf, ROUTES, type RouteName } from '@sumus/wire/routes';
import type { Shape } from '@sumus/wire/shape';
import { jsonBytes, readJson } from '@sumus/wire/text';
import { webPrimitives } from './own-key.ts';

export interface Question {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly signal?: AbortSignal;
}

const NONCE_BYTES = 16;

export class Door {
  readonly info: ServerInfo;
  readonly #signer: Signer;

  /** Null where the page is served by no coordinator. */
  static async open(signer: Signer): Promise<Door | null> {
    let response: Response;
    try {
      response = await fetch(pathOf('server'), { cache: 'no-store' });
    } catch {
      // Nobody there: the page is shown by something else.
      return null;
    }
    if (!response.ok || !(response.headers.get('content-type') ?? '').startsWith(JSON_TYPE)) return null;
    return new Door(readJson(serverInfo, new Uint8Array(await response.arrayBuffer())), signer);
  }

  private constructor(info: ServerInfo, signer: Signer) {
    this.info = info;
    this.#signer = signer;
  }

  async json<T>(shape: Shape<T>, name: RouteName, question: Question = {}): Promise<T> {
    return readJson(shape, await this.bytes(name, question));
  }

  /** What acts, and answers nothing that matters. */
  async say(name: RouteName, run: string, body: object): Promise<void> {
    await this.ask(name, { parameters: { run }, body: jsonBytes(body), type: JSON_TYPE });
  }

  async bytes(name: RouteName, question: Question = {}): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await this.ask(name, question)).arrayBuffer());
  }

  /** Throws a Problem where the server answers with one. */
  async ask(name: RouteName, question: Question = {}): Promise<Response> {
    const { parameters = {}, query = {}, body, type, signal } = question;
    const path = pathOf(name, parameters, query);
    const response = await fetch(path, {
      method: ROUTES[name].method,
      cache: 'no-store',
      redirect: 'error',
      headers: { ...(await this.#signed(name, path, body)), ...(type === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.ok) return response;
    throw await problemOf(response);
  }

  async #signed(name: RouteName, path: string, body: Uint8Array | undefined): Promise<Record<string, string>> {
    const headers = await signRequest(await webPrimitives(), this.#signer, {
      server: this.info.coordinator,
      method: ROUTES[name].method,
      path,
      body: body ?? new Uint8Array(0),
      nowMs: Date.now(),
      nonce: crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
    });
    return { ...headers };
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const { code, message } = readJson(problemShape, new Uint8Array(await response.arrayBuffer()));
    return new Problem(code, message);
  } catch {
    // Whoever answered is no coordinator, or stands before one.
    return new Problem(response.status >= 500 ? 'unavailable' : 'conflict', `the server answers ${response.status}`);
  }
}

/** In the folder that the page lies in. */
function pathOf(
  name: RouteName,
  parameters: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | number>> = {},
): string {
  const folder = new URL('.', location.href).pathname.replace(/\/$/, '');
  return `${folder}${addressOf(name, parameters, query)}`;
}
