// How many bytes of bodies this process holds at a time, whoever sends them. Who comes when it is spent waits in line, which slows it down at its
// end of the connection; who waits too long is told to come again. So memory follows the budget, not the number of participants.

import { Problem } from '@sumus/wire/problem';

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

export class MemoryBudget {
  readonly #atMost: number;
  readonly #patienceMs: number;
  readonly #line: Waiting[] = [];
  #held = 0;

  constructor(bytesAtMost: number, patienceMs: number) {
    this.#atMost = bytesAtMost;
    this.#patienceMs = patienceMs;
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Holds so many bytes until what is answered is called. */
  async take(bytes: number): Promise<() => void> {
    await this.#enter(bytes);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= bytes;
      this.#letIn();
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
