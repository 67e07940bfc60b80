// One server over the browser's fetch, which checks its certificate as it checks the page's own. The fingerprint in an invitation is for
// participants that check by themselves: no page is told which certificate it came with.

import { type Transport, type TransportAnswer, type TransportRequest, Unreachable } from '@sumus/client/transport';

/** `server`: of the link. */
export function webTransport(server: string): Transport {
  const { origin, pathname } = new URL(server);
  const prefix = pathname.replace(/\/$/, '');
  const under = new Set<AbortController>();
  return {
    server: `${origin}${prefix}`,
    prefix,
    request: async (request) => {
      const stop = new AbortController();
      under.add(stop);
      const silence = new Silence(request.silenceMs, stop);
      const end = (): void => {
        silence.end();
        under.delete(stop);
        stop.abort();
      };
      try {
        const response = await asked(origin, request, stop.signal);
        silence.heard();
        const headers = Object.fromEntries(response.headers);
        return { status: response.status, headers, body: piecesOf(response, silence, end), close: end };
      } catch (cause) {
        end();
        throw new Unreachable(`the server cannot be reached: ${textOf(cause)}`, { cause });
      }
    },
    close: () => {
      for (const one of under) one.abort();
    },
  };
}

function asked(
  origin: string,
  { method, path, headers, body }: TransportRequest,
  signal: AbortSignal,
): Promise<Response> {
  return fetch(`${origin}${path}`, {
    method,
    headers: { ...headers },
    signal,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
}

/** Nothing heard for so long, it is given up. */
class Silence {
  readonly #ms: number;
  readonly #stop: AbortController;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, stop: AbortController) {
    this.#ms = ms;
    this.#stop = stop;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stop.abort(), this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

async function* piecesOf(
  response: Response,
  silence: Silence,
  end: () => void,
): TransportAnswer['body'] & AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read();
      if (done) return;
      silence.heard();
      yield value;
    }
  } catch (cause) {
    throw new Unreachable(`the line broke: ${textOf(cause)}`, { cause });
  } finally {
    end();
  }
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
