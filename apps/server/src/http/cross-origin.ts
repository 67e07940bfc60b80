// Pages of another host that may ask this server: only those that its operator names, only the interface (/v1/…), and without credentials, for
// there are none: a request is allowed by its signature. What is not allowed is answered as ever; a browser then keeps the answer from the page.
//
// Fetch Standard §3.2 (CORS protocol).

import { matchAddress } from '@sumus/wire/routes';
import type { Answer, Asked, Headers } from './answer.ts';

const ASKED_WITH = 'content-type, last-event-id, range';
const SIGNED_WITH = 'sumus-key, sumus-time, sumus-nonce, sumus-body, sumus-signature';
const READABLE = 'content-length, content-range, etag, retry-after';
const REMEMBERED_SECONDS = 600;

export class CrossOrigin {
  readonly #origins: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** Of every answer to this request, whatever it is. */
  headersFor({ target, headers }: Pick<Asked, 'target' | 'headers'>): Headers {
    if (this.#origins.size === 0 || !target.startsWith('/v1/')) return {};
    const origin = this.#allowed(headers);
    // Said to everybody, so that nothing between keeps one origin's answer for another.
    if (origin === undefined) return { vary: 'origin' };
    return { vary: 'origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': READABLE };
  }

  /** What a browser asks before it lets a page ask; undefined where this is something else. Throws a Problem where there is no such address. */
  preflight({ method, target, headers }: Pick<Asked, 'method' | 'target' | 'headers'>): Answer | undefined {
    const wanted = headers['access-control-request-method'];
    if (method !== 'OPTIONS' || typeof wanted !== 'string') return undefined;
    if (!target.startsWith('/v1/') || this.#allowed(headers) === undefined) return undefined;
    const { route } = matchAddress(wanted, target);
    return {
      kind: 'nothing',
      status: 204,
      headers: {
        'access-control-allow-methods': route.method,
        'access-control-allow-headers': `${ASKED_WITH}, ${SIGNED_WITH}`,
        'access-control-max-age': `${REMEMBERED_SECONDS}`,
      },
    };
  }

  #allowed({ origin }: Asked['headers']): string | undefined {
    return typeof origin === 'string' && this.#origins.has(origin) ? origin : undefined;
  }
}
