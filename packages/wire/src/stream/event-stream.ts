// Server-sent events (WHATWG HTML, 9.2) as far as they are used here: an id to go on from, a name, one line of data, and comments as a sign of
// life. The writer makes one line of data an event; the reader takes whatever the standard allows, a piece at a time, under a bound.

import { MalformedMessage, ParameterError } from '@sumus/federation/errors';
import { Utf8Reader } from '../text/utf8.ts';

/** Comments come at least so often: who hears nothing for a few of these connects again. */
export const HEARTBEAT_MS = 15_000;

export interface StreamEvent {
  /** Where to go on after this one; undefined where it has none. */
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

export const HEARTBEAT: string = ': \n\n';

/** The text of one event. */
export function eventText({ id, event, data }: StreamEvent): string {
  for (const one of [id ?? '', event, data]) {
    if (/[\r\n\0]/.test(one)) throw new ParameterError('an event has one line of data, and no line in its name');
  }
  const lines = [id === undefined ? '' : `id: ${id}\n`, event === 'message' ? '' : `event: ${event}\n`];
  return `${lines.join('')}data: ${data}\n\n`;
}

export class EventReader {
  readonly #utf8 = new Utf8Reader();
  readonly #atMost: number;
  #line = '';
  #afterReturn = false;
  #id: string | undefined;
  #event = '';
  #data: string[] = [];
  #size = 0;

  /** `eventAtMost`: characters of one event. */
  constructor(eventAtMost: number = 2 ** 26) {
    this.#atMost = eventAtMost;
  }

  /** The events that are whole by now. An empty list means a comment, or part of something. */
  read(bytes: Uint8Array): readonly StreamEvent[] {
    const found: StreamEvent[] = [];
    let text = this.#utf8.read(bytes);
    // \r\n is one end of a line, also where it is cut in two.
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1);
    if (text !== '') this.#afterReturn = text.endsWith('\r');
    const lines = text.split(/\r\n|\r|\n/);
    const last = lines.pop() ?? '';
    for (const part of lines) {
      const line = this.#line + part;
      this.#line = '';
      const event = this.#take(line);
      if (event !== undefined) found.push(event);
    }
    this.#line += last;
    this.#bound(this.#line.length);
    return found;
  }

  #take(line: string): StreamEvent | undefined {
    if (line === '') return this.#dispatch();
    this.#bound(line.length);
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line.startsWith(' ', colon + 1) ? colon + 2 : colon + 1);
    if (field === 'data') {
      this.#data.push(value);
      // A line without a character is one of the event, too.
      this.#size += value.length + 1;
      this.#bound(0);
    } else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return undefined;
  }

  #dispatch(): StreamEvent | undefined {
    const event = {
      id: this.#id,
      event: this.#event === '' ? 'message' : this.#event,
      data: this.#data.join('\n'),
    };
    const isEmpty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    this.#size = 0;
    this.#id = undefined;
    return isEmpty ? undefined : event;
  }

  #bound(more: number): void {
    if (this.#size + more > this.#atMost) {
      throw new MalformedMessage(`an event of more than ${this.#atMost} characters`);
    }
  }
}
