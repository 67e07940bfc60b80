// One line on the terminal that is written over while a file is read; nothing where stderr is no terminal.
const width = 30;

export class Progress {
  readonly #what: string;
  readonly #total: number;
  readonly #started = performance.now();
  #shownAt = 0;

  constructor(what: string, total: number) {
    this.#what = what;
    this.#total = total;
  }

  at(done: number): void {
    if (!process.stderr.isTTY) return;
    const now = performance.now();
    if (now - this.#shownAt < 100) return;
    this.#shownAt = now;
    const share = this.#total > 0 ? Math.min(1, done / this.#total) : 0;
    const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░');
    const rate = done / 1e3 / Math.max(1, now - this.#started);
    process.stderr.write(`\r\u001b[K${this.#what} ${bar} ${Math.floor(share * 100)} %  ${rate.toFixed(0)} MB/s`);
  }

  done(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
