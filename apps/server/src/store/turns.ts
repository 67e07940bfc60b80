// Work on one thing, one after the other; on different things side by side. In this process only.

export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` when all that was asked for this key before has ended, however it ended. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const ended: Promise<void> = mine.then(
      () => this.#leave(key, ended),
      () => this.#leave(key, ended),
    );
    this.#last.set(key, ended);
    return mine;
  }

  /** When all that was asked for so far has ended. */
  async settle(): Promise<void> {
    await Promise.all(this.#last.values());
  }

  #leave(key: string, ended: Promise<unknown>): void {
    if (this.#last.get(key) === ended) this.#last.delete(key);
  }
}
