// What each participant of the demonstration is doing, by its own JSON lines: one line each below the view of the run.
import { visible } from '../commands/data-terminal.ts';
import { bar, byteText, cut, type ViewStyle } from '../run-view.ts';

interface Doing {
  readonly text: string;
  /** In [0, 1]; undefined where nobody can say. */
  readonly share: number | undefined;
}

const LABEL = 15;
const BAR = 16;

export class Stages {
  readonly #doing: Map<string, Doing>;

  constructor(names: readonly string[]) {
    this.#doing = new Map(names.map((name) => [name, { text: 'begins', share: undefined }]));
  }

  heard(name: string, value: Readonly<Record<string, unknown>>): void {
    const doing = doingOf(value);
    if (doing !== undefined) this.#doing.set(name, doing);
  }

  lines({ width, hasColour }: ViewStyle): readonly string[] {
    return [...this.#doing].map(([name, { text, share }]) => {
      const drawn = share === undefined ? '' : ` ${bar(share, BAR)}`;
      const said = cut(visible(text) + drawn, Math.max(8, width - LABEL));
      return `${name.padEnd(LABEL)}${hasColour ? `\u001b[36m${said}\u001b[0m` : said}`;
    });
  }
}

/** Undefined for what changes nothing on the screen. */
function doingOf(value: Readonly<Record<string, unknown>>): Doing | undefined {
  const text = (said: string, share?: number): Doing => ({ text: said, share });
  const number = (name: string): number => Number(value[name] ?? 0);
  switch (value['kind']) {
    case 'data':
      return text(`has ${number('examples')} digits of its own`);
    case 'standing':
      return text(value['standing'] === 'accepted' ? 'its policy says yes' : String(value['standing']));
    case 'training':
      return text('works on its digits', number('steps') === 0 ? 0 : number('step') / number('steps'));
    case 'trained':
      return text(`has what it will send, after ${(number('ms') / 1000).toFixed(1)} s`);
    case 'sending': {
      const [sent, bytes] = [number('sent'), number('bytes')];
      return bytes < 10_000 ? undefined : text(`sends ${byteText(bytes)}, protected`, sent / bytes);
    }
    case 'model':
      return text(`has checked the sum of ${number('contributors')}, and its receipt`);
    case 'disconnected':
      return text(`not connected: ${String(value['why'])}`);
    case 'ended':
      return text(`done: ${String(value['text'])}`);
    default:
      return undefined;
  }
}
