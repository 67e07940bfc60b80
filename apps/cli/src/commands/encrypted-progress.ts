// One line on the terminal that is written over while there is work: how much is done, and how long the rest will take. Nothing where
// stderr is no terminal.
const WIDTH = 30;

export class WorkProgress {
  readonly #what: string;
  readonly #started = performance.now();
  #shownAt = 0;

  constructor(what: string) {
    this.#what = what;
  }

  at(done: number, total: number): void {
    if (!process.stderr.isTTY) return;
    const now = performance.now();
    if (now - this.#shownAt < 100) return;
    this.#shownAt = now;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░');
    const left = share > 0 ? `, ${duration(((now - this.#started) / share) * (1 - share))} left` : '';
    process.stderr.write(`\r\u001b[K${this.#what} ${bar} ${Math.floor(share * 100)} %${left}`);
  }

  done(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
