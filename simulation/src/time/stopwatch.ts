// What computing took, in real milliseconds, whatever the simulated clock says: until somebody takes it off.

export class Stopwatch {
  readonly #now: () => number;
  #tookMs = 0;

  /** `now`: real milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts also what fails. */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const began = this.#now();
    try {
      return await work();
    } finally {
      this.#tookMs += this.#now() - began;
    }
  }

  /** Since it was last asked. */
  takeMs(): number {
    const took = this.#tookMs;
    this.#tookMs = 0;
    return took;
  }
}
