// Lines on a terminal that are written over: nothing but cursor movement, at most so often. Where the output is no terminal, or is dumb, it
// is not live, and whoever asks writes lines one after the other instead.

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export const isLive = (terminal: Terminal, environment: Readonly<Record<string, string | undefined>>): boolean =>
  terminal.isTTY === true && environment['TERM'] !== 'dumb' && environment['CI'] === undefined;

/** NO_COLOR (no-color.org): any value but the empty one. */
export const mayColour = (terminal: Terminal, environment: Readonly<Record<string, string | undefined>>): boolean =>
  terminal.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';

const LEAST_MS = 80;

export class LiveLines {
  readonly #terminal: Terminal;
  #shown = 0;
  #shownAtMs = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Draws, unless it did so a moment ago; `now` always draws. */
  show(lines: () => readonly string[], atMs: number, when: 'if due' | 'now' = 'if due'): void {
    if (when === 'if due' && atMs - this.#shownAtMs < LEAST_MS) return;
    this.#shownAtMs = atMs;
    const drawn = lines();
    const up = this.#shown === 0 ? '' : `\u001b[${this.#shown}A`;
    this.#terminal.write(`${up}\r\u001b[J${drawn.join('\n')}\n`);
    this.#shown = drawn.length;
  }

  /** What was drawn stays, and the next lines come below. */
  release(): void {
    this.#shown = 0;
  }
}
