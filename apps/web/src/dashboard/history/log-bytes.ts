// The bytes of a log, wherever they come from, kept outside of the page's memory and found again by offset: a file stays a file; what a
// server streams becomes blobs, which the browser may put on disk. The history holds offsets alone.

export class LogBytes {
  readonly #parts: { readonly from: number; readonly blob: Blob }[] = [];
  #pending: Uint8Array<ArrayBuffer>[] = [];
  #pendingBytes = 0;
  #pendingFrom = 0;

  /** A log that lies in a file. Nothing is appended to it. */
  static ofFile(file: Blob): LogBytes {
    const bytes = new LogBytes();
    bytes.#parts.push({ from: 0, blob: file });
    bytes.#pendingFrom = file.size;
    return bytes;
  }

  get sizeBytes(): number {
    return this.#pendingFrom + this.#pendingBytes;
  }

  append(bytes: Uint8Array<ArrayBuffer>): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= PART_BYTES) this.#seal();
  }

  async read(offset: number, length: number): Promise<string> {
    this.#seal();
    const at = lastFrom(this.#parts, offset);
    const found: Blob[] = [];
    let left = length;
    for (let index = at; left > 0 && index < this.#parts.length; index++) {
      const { from, blob } = this.#parts[index] ?? { from: 0, blob: new Blob() };
      const start = Math.max(0, offset - from);
      const piece = blob.slice(start, start + left);
      found.push(piece);
      left -= piece.size;
    }
    return new Blob(found).text();
  }

  #seal(): void {
    if (this.#pendingBytes === 0) return;
    this.#parts.push({ from: this.#pendingFrom, blob: new Blob(this.#pending) });
    this.#pendingFrom += this.#pendingBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

const PART_BYTES = 2 ** 22;

function lastFrom(parts: readonly { readonly from: number }[], offset: number): number {
  let [low, high] = [0, parts.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((parts[middle]?.from ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
