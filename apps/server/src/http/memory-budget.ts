// How many bytes of bodies this process holds at a time, whoever sends them. Who comes when it is spent waits in line, which slows it down at its
// end of the connection; who waits too long is told to come again. So memory follows the budget, not the number of participants. Of one key it is a
// part: whoever says long bodies and lets them drip keeps out nobody else.

import { Problem } from '@sumus/wire/problem';

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/** Of the budget that one holder may have, waiting or held. */
const PART_OF_ONE = 8;
/** And two of these, however small the budget: one that is read while the next is on its way. */
const PIECE_BYTES = 4 * 2 ** 20;

export class MemoryBudget {
  readonly #atMost: number;
  readonly #ofOne: number;
  readonly #byHolder = new Map<string, number>();
  readonly #patienceMs: number;
  readonly #line: Waiting[] = [];
  #held = 0;

  constructor(bytesAtMost: number, patienceMs: number) {
    this.#atMost = bytesAtMost;
    this.#ofOne = Math.max(bytesAtMost / PART_OF_ONE, 2 * PIECE_BYTES);
    this.#patienceMs = patienceMs;
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Holds so many bytes until what is answered is called. `holder`: whose they are, where somebody signed. */
  async take(bytes: number, holder?: string): Promise<() => void> {
    const giveBack = this.#ofHolder(bytes, holder);
    try {
      await this.#enter(bytes);
    } catch (error) {
      giveBack();
      throw error;
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      giveBack();
      this.#held -= bytes;
      this.#letIn();
    };
  }

  #ofHolder(bytes: number, holder: string | undefined): () => void {
    if (holder === undefined) return () => undefined;
    const before = this.#byHolder.get(holder) ?? 0;
    if (before > 0 && before + bytes > this.#ofOne) {
      throw new Problem('too-many', 'this key has as many bytes under way as one may', { retryAfter: 1 });
    }
    this.#byHolder.set(holder, before + bytes);
    return () => {
      const left = (this.#byHolder.get(holder) ?? bytes) - bytes;
      if (left > 0) this.#byHolder.set(holder, left);
      else this.#byHolder.delete(holder);
    };
  }

  #fits(bytes: number): boolean {
    // What is larger than all of it goes alone.
    return this.#held === 0 || this.#held + bytes <= this.#atMost;
  }

  async #enter(bytes: number): Promise<void> {
    if (this.#line.length === 0 && this.#fits(bytes)) {
      this.#held += bytes;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(new Problem('too-many', 'the server holds as many bytes as it can', { retryAfter: 1 }));
      }, this.#patienceMs);
      const waiting: Waiting = {
        bytes,
        go: () => {
          clearTimeout(leave);
          resolve();
        },
      };
      this.#line.push(waiting);
    });
  }

  #letIn(): void {
    for (let first = this.#line[0]; first !== undefined && this.#fits(first.bytes); first = this.#line[0]) {
      this.#line.shift();
      this.#held += first.bytes;
      first.go();
    }
  }
}
