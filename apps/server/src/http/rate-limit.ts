// How often somebody may ask: a bucket of so many requests that fills again at a steady rate, for each name (a key, or an address before anybody
// signed). The least recently seen are forgotten first, when they are full again anyway, so that inventing names fills no memory.

import { Problem } from '@sumus/wire/problem';

export interface Rate {
  readonly perSecond: number;
  readonly atOnce: number;
}

interface Bucket {
  left: number;
  atMs: number;
}

const NAMES_AT_MOST = 65_536;

export class RateLimit {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Throws a Problem when it is too often. */
  take(name: string, nowMs: number): void {
    const { perSecond, atOnce } = this.#rate;
    const before = this.#buckets.get(name) ?? { left: atOnce, atMs: nowMs };
    const left = Math.min(atOnce, before.left + (Math.max(0, nowMs - before.atMs) / 1000) * perSecond);
    // Last in the order of the map: the first is who was not seen for longest.
    this.#buckets.delete(name);
    this.#buckets.set(name, { left: Math.max(0, left - 1), atMs: nowMs });
    if (this.#buckets.size > NAMES_AT_MOST) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    if (left < 1) {
      throw new Problem('too-many', `more than ${perSecond} requests in a second`, {
        retryAfter: Math.ceil((1 - left) / perSecond),
      });
    }
  }
}

/**
 * Whose address it is: of IPv6 the first 64 bits, which one person has all of. Undefined for this machine: what comes from it is its operator's,
 * or a proxy's, which stands for everybody and limits by itself.
 */
export function networkOf(address: string): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (plain === '::1' || plain.startsWith('127.')) return undefined;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
