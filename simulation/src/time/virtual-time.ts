// Virtual time: things happen at moments of a clock that jumps from one to the next. Nothing waits and nothing runs side by side, so a run
// of a week takes as long as its computing, and the same things in the same order give the same run. Refuses the past, and a run without end.

export interface Moment {
  readonly atMs: number;
  readonly what: () => void | Promise<void>;
}

interface Planned extends Moment {
  /** Of two things at one moment, the one that was planned first happens first. */
  readonly place: number;
}

export class VirtualTime {
  #nowMs: number;
  #planned = 0;
  /** A heap: no element happens before its parent. */
  readonly #heap: Planned[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, what: Moment['what']): void {
    if (!(atMs >= this.#nowMs && atMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${atMs} is not after ${this.#nowMs}`);
    }
    const heap = this.#heap;
    heap.push({ atMs, what, place: this.#planned++ });
    let at = heap.length - 1;
    while (at > 0 && isBefore(heap[at], heap[(at - 1) >> 1])) {
      swap(heap, at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
  }

  after(delayMs: number, what: Moment['what']): void {
    this.at(this.#nowMs + delayMs, what);
  }

  /** Lets everything happen, also what is planned meanwhile, until nothing is left or `isOver` says so. Answers how many things happened. */
  async run({
    atMost,
    isOver = () => false,
  }: {
    readonly atMost: number;
    readonly isOver?: () => boolean;
  }): Promise<number> {
    for (let happened = 0; ; happened++) {
      const next = isOver() ? undefined : this.#next();
      if (next === undefined) return happened;
      if (happened === atMost)
        throw new RangeError(`more than ${atMost} things happened, and there is no end to be seen`);
      this.#nowMs = next.atMs;
      await next.what();
    }
  }

  #next(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (isBefore(heap[child], heap[least])) least = child;
      if (least === at) return first;
      swap(heap, at, least);
      at = least;
    }
  }
}

const isBefore = (a: Planned | undefined, b: Planned | undefined): boolean =>
  a !== undefined && b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.place < b.place));

function swap(heap: Planned[], a: number, b: number): void {
  const [one, other] = [heap[a], heap[b]];
  if (one === undefined || other === undefined) return;
  heap[a] = other;
  heap[b] = one;
}
