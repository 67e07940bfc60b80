// Where a run is shown: a live view where somebody looks, lines where nobody does, one JSON object a line where a program reads, and silence
// where all that is wanted is the end.
import { isLive, LiveLines, mayColour, type Terminal } from '../live-lines.ts';
import { printJson } from '../print.ts';
import type { ViewStyle } from '../run-view.ts';

export type ScreenKind = 'live' | 'lines' | 'json' | 'silent';

export function screenKind(json: true | undefined, terminal: Terminal = process.stdout): ScreenKind {
  if (json) return 'json';
  return isLive(terminal, process.env) ? 'live' : 'lines';
}

export interface Shown {
  /** Of the live view; called when it is drawn. */
  readonly lines: (style: ViewStyle) => readonly string[];
  /** For a log; undefined where a log does not need it. */
  readonly text: string | undefined;
  /** For a program; undefined where it does not need it. */
  readonly value?: object | undefined;
  readonly isDueNow?: boolean;
}

export class WatchScreen {
  readonly kind: ScreenKind;
  readonly #live = new LiveLines(process.stdout);

  constructor(kind: ScreenKind) {
    this.kind = kind;
  }

  show({ lines, text, value, isDueNow = false }: Shown): void {
    switch (this.kind) {
      case 'silent':
        return;
      case 'json':
        if (value !== undefined) printJson(value);
        return;
      case 'lines':
        if (text !== undefined) process.stdout.write(`${text}\n`);
        return;
      case 'live': {
        const style = { width: process.stdout.columns || 80, hasColour: mayColour(process.stdout, process.env) };
        this.#live.show(() => lines(style), performance.now(), isDueNow ? 'now' : 'if due');
        return;
      }
      default:
        this.kind satisfies never;
    }
  }

  /** A sentence above the view. */
  say(text: string): void {
    if (this.kind === 'live') this.#live.release();
    if (this.kind === 'live' || this.kind === 'lines') process.stdout.write(`${text}\n`);
  }
}
