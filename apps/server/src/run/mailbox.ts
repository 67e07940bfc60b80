// What one member is told, on its way: every message of the coordinator in order, kept until the member's stream took it, and for a while after,
// so that a stream that broke goes on where it was. Numbered messages are kept for their chapter and the one after it; what has no number
// answers a question, and the last few are kept. A member that misses more asks the coordinator itself (`resume`), which is what makes it sure.
//
// Bodies are the coordinator's own bytes, shared among members; nothing is copied here.

import type { runs } from '@sumus/federation/coordinator';
import type { BlobName } from '@sumus/federation/run';

export interface Letter {
  /** Rises by one with every message to this member, in this process. */
  readonly place: number;
  /** `chapter.number`; undefined for what may be said again and again. */
  readonly token: string | undefined;
  readonly chapter: number;
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  readonly bodyName: BlobName | undefined;
}

const UNNUMBERED_AT_MOST = 16;

export class Mailbox {
  #letters: Letter[] = [];
  #places = 0;
  #wakeUp: (() => void) | undefined;
  #streams = 0;
  #isHeard = false;

  /** Whether a stream is open. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  put({ head, body }: Pick<runs.RunSend, 'head' | 'body'>): void {
    const { chapter, number, bodyName } = addressOf(head);
    const letter: Letter = {
      place: this.#places,
      token: number === null ? undefined : `${chapter}.${number}`,
      chapter,
      head,
      body,
      bodyName,
    };
    this.#places += 1;
    // The coordinator says a numbered message again when it is asked to: the later one takes the place of the earlier.
    const others =
      letter.token === undefined ? this.#letters : this.#letters.filter(({ token }) => token !== letter.token);
    this.#letters = kept([...others, letter], chapter);
    this.#wakeUp?.();
  }

  /** A body that this member was told of, by name. */
  body(sha256: string): Uint8Array | undefined {
    return this.#letters.find(({ bodyName }) => bodyName?.sha256 === sha256)?.body;
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

  get bytes(): number {
    return this.#letters.reduce((sum, { head, body }) => sum + head.length + body.length, 0);
  }
}

function kept(letters: readonly Letter[], chapter: number): Letter[] {
  const unnumbered = letters.filter(({ token }) => token === undefined).slice(-UNNUMBERED_AT_MOST);
  return letters.filter((one) => (one.token === undefined ? unnumbered.includes(one) : one.chapter >= chapter - 1));
}

const HEADER_AT = 9;
const LENGTH_AT = 5;

interface Address {
  readonly chapter: number;
  readonly number: number | null;
  readonly bodyName: BlobName | undefined;
}

/**
 * Of a head that our own coordinator wrote (federation/run/frame.ts): letters, version, u32 length, header, signature. The header is canonical
 * JSON, its members in the order of their names, so what is looked for stands at its two ends; what is between can be long.
 */
function addressOf(head: Uint8Array): Address {
  const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const end = HEADER_AT + view.readUInt32LE(LENGTH_AT);
  const start = view.toString('utf8', HEADER_AT, Math.min(end, HEADER_AT + ENDS_BYTES));
  const rest = view.toString('utf8', Math.max(HEADER_AT, end - ENDS_BYTES), end);
  const [, bytes, sha256 = '', chapter] = BEGINNING.exec(start) ?? [];
  const [, number] = ENDING.exec(rest) ?? [];
  if (chapter === undefined || number === undefined)
    throw new RangeError('a header that is not as the coordinator writes them');
  return {
    chapter: Number(chapter),
    number: number === 'null' ? null : Number(number),
    bodyName: bytes === undefined ? undefined : { sha256, bytes: Number(bytes) },
  };
}

const ENDS_BYTES = 1024;
const BEGINNING =
  /^\{"acknowledged":\d+,"body":(?:null|\{"bytes":(\d+),"sha256":"([0-9a-f]{64})"\}),"chapter":(\d+),"format"/;
const ENDING = /"number":(null|\d+),"run":"[^"]*","to":"[^"]*"\}$/;
