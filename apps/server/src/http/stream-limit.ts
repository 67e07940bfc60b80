// How many streams somebody has open at a time: a key, or a network where nobody signed. A stream costs a socket for as long as it lasts, and
// whoever is let in could otherwise keep out everybody else.

import { Problem } from '@sumus/wire/problem';
import type { Answer } from './answer.ts';

const AT_MOST = 32;

export class StreamLimit {
  readonly #counts = new Map<string, number>();

  /** `name`: undefined for this machine, which is not limited. Throws a Problem where there are too many. */
  counted(name: string | undefined, answer: Answer): Answer {
    if (answer.kind !== 'events' || name === undefined) return answer;
    if ((this.#counts.get(name) ?? 0) >= AT_MOST) {
      throw new Problem('too-many', `more than ${AT_MOST} streams at a time`, { retryAfter: 30 });
    }
    return { kind: 'events', events: this.#during(name, answer.events) };
  }

  async *#during(name: string, events: AsyncIterable<string>): AsyncGenerator<string> {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    try {
      yield* events;
    } finally {
      const left = (this.#counts.get(name) ?? 1) - 1;
      if (left > 0) this.#counts.set(name, left);
      else this.#counts.delete(name);
    }
  }
}
