// The most frequent texts of a stream in bounded memory: exact counts while there are few texts, then the Misra–Gries summary in its
// mergeable form (Agarwal, Cormode, Huang, Phillips, Wei, Yi 2012): when the table is too full, the count of the one that must go is
// taken from all. A count is then too low by at most `undercount`, and never too high.

export interface Frequency {
  readonly text: string;
  readonly count: number;
}

const kept = 4096;

export class FrequentTexts {
  readonly #counts = new Map<string, number>();
  undercount = 0;

  add(text: string, count: number): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + count);
    if (this.#counts.size >= 2 * kept) this.#shrink();
  }

  #shrink(): void {
    const taken = [...this.#counts.values()].sort((a, b) => b - a)[kept];
    this.undercount += taken;
    for (const [text, count] of this.#counts) {
      if (count > taken) this.#counts.set(text, count - taken);
      else this.#counts.delete(text);
    }
  }

  /** The most frequent first; where counts are equal, in the order of first appearance. */
  top(limit: number): Frequency[] {
    return [...this.#counts]
      .map(([text, count]) => ({ text, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, limit);
  }
}
