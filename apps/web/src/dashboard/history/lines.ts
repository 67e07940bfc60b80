// A stream of bytes as lines with their offsets, many at a time: bytes are decoded up to the last newline that is there, and the rest waits.

export interface Line {
  readonly text: string;
  /** Of its first byte, and how many bytes it has without its newline. */
  readonly offset: number;
  readonly length: number;
}

const NEWLINE = 0x0a;
/** No event is as long. Of a file that is no log (a film that was dropped here) not more than this is held. */
const LINE_BYTES_AT_MOST = 2 ** 25;

export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  #rest: Uint8Array = new Uint8Array(0);
  #offset = 0;

  /** The whole lines that are there now. Throws where bytes are no UTF-8, and where a line has no end. */
  push(bytes: Uint8Array): Line[] {
    const end = bytes.lastIndexOf(NEWLINE);
    if (end < 0) {
      if (this.#rest.length + bytes.length > LINE_BYTES_AT_MOST) throw new RangeError('a line longer than any event');
      this.#rest = joined(this.#rest, bytes);
      return [];
    }
    const whole = this.#rest.length === 0 ? bytes.subarray(0, end) : joined(this.#rest, bytes.subarray(0, end));
    this.#rest = bytes.slice(end + 1);
    return this.#split(whole, 1);
  }

  /** What stands behind the last newline, as a line of its own; nothing where nothing does. */
  end(): Line[] {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest.length === 0 ? [] : this.#split(rest, 0);
  }

  #split(bytes: Uint8Array, newlines: number): Line[] {
    const text = this.#decoder.decode(bytes);
    const isAscii = text.length === bytes.length;
    let offset = this.#offset;
    const lines = text.split('\n').map((line): Line => {
      const length = isAscii ? line.length : this.#encoder.encode(line).length;
      const here = { text: line, offset, length };
      offset += length + 1;
      return here;
    });
    this.#offset += bytes.length + newlines;
    return lines;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
