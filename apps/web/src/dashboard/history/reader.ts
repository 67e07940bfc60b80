// A log that is being read: bytes in, a history out, and no step of it longer than a moment, so that whoever asks meanwhile is answered.
import { History, LogDamage } from './history.ts';
import { type Line, LineSplitter } from './lines.ts';
import { LogBytes } from './log-bytes.ts';

export class LogReader {
  readonly history: History = new History();
  readonly bytes: LogBytes;
  readonly #lines = new LineSplitter();
  readonly #keeps: boolean;
  #damage: LogDamage | undefined;

  /** `file`: the log lies there and is not kept a second time. */
  constructor(file?: Blob) {
    this.bytes = file === undefined ? new LogBytes() : LogBytes.ofFile(file);
    this.#keeps = file === undefined;
  }

  get damage(): LogDamage | undefined {
    return this.#damage;
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#keeps) this.bytes.append(bytes);
    this.#add(() => this.#lines.push(bytes));
  }

  end(): void {
    this.#add(() => this.#lines.end());
  }

  /** The text of an event. */
  async textOf(index: number): Promise<string> {
    const place = this.history.placeOf(index);
    if (place === undefined) throw new RangeError(`this log has no event ${index}`);
    return this.bytes.read(place.offset, place.length);
  }

  /** Nothing is read behind what does not follow. */
  #add(take: () => Line[]): void {
    if (this.#damage !== undefined) return;
    try {
      for (const line of take()) this.history.add(line);
    } catch (cause) {
      this.#damage =
        cause instanceof LogDamage ? cause : new LogDamage(this.history.length + 1, whyOf(cause), { cause });
    }
  }
}

const whyOf = (cause: unknown): string => (cause instanceof RangeError ? cause.message : 'bytes that are no text');
