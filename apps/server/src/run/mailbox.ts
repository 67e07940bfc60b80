// What one member is told, on its way: every message of the coordinator in order, kept until the member's stream took it, and for a while after,
// so that a stream that broke goes on where it was. Numbered messages are kept for their chapter and the one after it; what has no number
// answers a question, and the last few are kept. A member that misses more asks the coordinator itself (`resume`), which is what makes it sure.
//
// Bodies are the coordinator's own bytes, shared among members; nothing is copied here.

import type { runs } from '@sumus/federation/coordinator';

export interface Letter {
  /** Rises by one with every message to this member, in this process. */
  readonly place: number;
  /** `chapter.number`; undefined for what may be said again and again. */
  readonly token: string | undefined;
  readonly chapter: number;
  /** Head and body are asked of it when they are sent: what many members are told is kept once. */
  readonly send: SendToMember;
}

export type SendToMember = Pick<runs.RunSend, 'head' | 'body' | 'bodyName' | 'place'>;

const UNNUMBERED_AT_MOST = 16;

export class Mailbox {
  #letters: Letter[] = [];
  #places = 0;
  #chapter = 0;
  #wakeUp: (() => void) | undefined;
  #streams = 0;
  #isHeard = false;

  /** Whether a stream is open. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  put(send: SendToMember): void {
    const { place } = send;
    if (place !== null) this.#chapter = place.chapter;
    const letter: Letter = {
      place: this.#places,
      token: place === null ? undefined : `${place.chapter}.${place.number}`,
      chapter: this.#chapter,
      send,
    };
    this.#places += 1;
    // The coordinator says a numbered message again when it is asked to: the later one takes the place of the earlier.
    const others =
      letter.token === undefined ? this.#letters : this.#letters.filter(({ token }) => token !== letter.token);
    this.#letters = kept([...others, letter], this.#chapter);
    this.#wakeUp?.();
  }

  /** A body that this member was told of, by name. */
  body(sha256: string): Uint8Array | undefined {
    return this.#letters.find(({ send }) => send.bodyName?.sha256 === sha256)?.send.body;
  }

  /** A new stream takes over: whoever read before is ended. From after a token, where it is known; else from the oldest that is kept. */
  async *letters(after: string | undefined, signal: AbortSignal): AsyncGenerator<Letter> {
    this.#streams += 1;
    const mine = this.#streams;
    this.#wakeUp?.();
    const heard = after === undefined ? undefined : this.#letters.find(({ token }) => token === after);
    let next = heard === undefined ? 0 : heard.place + 1;
    const isOver = (): boolean => signal.aborted || this.#streams !== mine;
    const onAbort = (): void => this.#wakeUp?.();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#isHeard = true;
    try {
      while (!isOver()) {
        const letter = this.#letters.find(({ place }) => place >= next);
        if (letter === undefined) {
          await new Promise<void>((resolve) => {
            this.#wakeUp = resolve;
          });
          continue;
        }
        next = letter.place + 1;
        yield letter;
        // An answer is given once: whoever did not hear it asks again.
        if (letter.token === undefined) this.#letters = this.#letters.filter((one) => one !== letter);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (this.#streams === mine) this.#isHeard = false;
    }
  }

  /** Whoever reads is ended. */
  end(): void {
    this.#streams += 1;
    this.#wakeUp?.();
  }
}

function kept(letters: readonly Letter[], chapter: number): Letter[] {
  const unnumbered = letters.filter(({ token }) => token === undefined).slice(-UNNUMBERED_AT_MOST);
  return letters.filter((one) => (one.token === undefined ? unnumbered.includes(one) : one.chapter >= chapter - 1));
}
