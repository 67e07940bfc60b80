// The nonces of the last minutes, in a bounded memory: whoever floods it is refused, nobody is forgotten early. A process remembers its own;
// a request that is replayed at another process of the same server does again what doing twice changes nothing: messages are numbered,
// blobs are named by their hash, invitations are spent once, and owner's actions are logged against a state.

import { Problem } from '../problem/problem.ts';
import { type NonceMemory, REQUEST_WINDOW_MS, type VerifiedRequest } from './signed-request.ts';

export class RecentNonces implements NonceMemory {
  readonly #atMost: number;
  /** A request is taken up to a window before and after its time: remembered for two, in buckets of one. */
  #before = new Set<string>();
  #now = new Set<string>();
  #bucket = 0;

  constructor(atMost: number = 2 ** 20) {
    this.#atMost = atMost;
  }

  take({ key, nonce, timeMs }: Pick<VerifiedRequest, 'key' | 'nonce' | 'timeMs'>, nowMs: number): boolean {
    this.#turn(nowMs);
    const name = `${key}.${nonce}.${timeMs}`;
    if (this.#now.has(name) || this.#before.has(name)) return false;
    if (this.#now.size + this.#before.size >= this.#atMost) {
      throw new Problem('too-many', 'more requests than can be told apart', { retryAfter: REQUEST_WINDOW_MS / 1000 });
    }
    this.#now.add(name);
    return true;
  }

  #turn(nowMs: number): void {
    const bucket = Math.floor(nowMs / (2 * REQUEST_WINDOW_MS));
    if (bucket <= this.#bucket) return;
    this.#before = bucket === this.#bucket + 1 ? this.#now : new Set();
    this.#now = new Set();
    this.#bucket = bucket;
  }
}
