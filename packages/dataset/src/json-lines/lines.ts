// Lines of a byte stream, one at a time, each bounded. CR LF and LF both end a line; a byte order mark is skipped.
import { MalformedData } from '../errors.ts';
import { transcoderFrom } from '../text/encoding.ts';

export class LineCutter {
  readonly #take: (bytes: Uint8Array, line: number) => void;
  readonly #limit: number;
  readonly #transcoder = transcoderFrom('utf-8');
  #held: Uint8Array[] = [];
  #heldSize = 0;
  line = 0;
  bytes = 0;

  constructor(take: (bytes: Uint8Array, line: number) => void, limit: number) {
    this.#take = take;
    this.#limit = limit;
  }

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.#cut(this.#transcoder.push(chunk));
  }

  finish(): void {
    this.#cut(this.#transcoder.finish());
    if (this.#heldSize > 0) this.#deliver(new Uint8Array(0));
  }

  #cut(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(10, start); end !== -1; end = chunk.indexOf(10, start)) {
      this.#deliver(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#held.push(chunk.slice(start));
      this.#heldSize += chunk.length - start;
      if (this.#heldSize > this.#limit) {
        throw new MalformedData(`a line of more than ${this.#limit} bytes`, { line: this.line + 1 });
      }
    }
  }

  #deliver(last: Uint8Array): void {
    this.line += 1;
    let bytes = last;
    if (this.#heldSize > 0) {
      bytes = new Uint8Array(this.#heldSize + last.length);
      let at = 0;
      for (const piece of this.#held) {
        bytes.set(piece, at);
        at += piece.length;
      }
      bytes.set(last, at);
      this.#held = [];
      this.#heldSize = 0;
    }
    this.#take(bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes, this.line);
  }
}
