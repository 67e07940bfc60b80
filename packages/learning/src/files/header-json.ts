// The part of JSON that a safetensors header uses: objects, lists, strings and non-negative integers. Own, because JSON.parse takes
// the last of two equal keys without a word, and two readers that disagree about a file are an attack. Refuses besides: fractions,
// exponents, signs, leading zeros, integers beyond 2^53, literals, and nesting deeper than any header's.

import { MalformedMessage } from '../errors.ts';
import { isWellFormed } from './utf8.ts';

export type HeaderValue = string | number | readonly HeaderValue[] | ReadonlyMap<string, HeaderValue>;

const DEEPEST = 4;

export const isHeaderObject = (value: HeaderValue): value is ReadonlyMap<string, HeaderValue> => value instanceof Map;

export function parseHeader(text: string): HeaderValue {
  const parser = new Parser(text);
  const value = parser.value(DEEPEST);
  parser.end();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): HeaderValue {
    const letter = this.#peek();
    if (letter === '"') return this.#string();
    if (letter !== '{' && letter !== '[') return this.#integer();
    if (depth === 0) throw new MalformedMessage(`the header nests deeper than ${DEEPEST} levels`);
    return letter === '{' ? this.#object(depth - 1) : this.#list(depth - 1);
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.#peek() !== '') throw this.#unexpected();
  }

  #object(depth: number): ReadonlyMap<string, HeaderValue> {
    const members = new Map<string, HeaderValue>();
    this.#items('}', () => {
      if (this.#peek() !== '"') throw this.#unexpected();
      const key = this.#string();
      if (members.has(key)) throw new MalformedMessage(`the header names ${JSON.stringify(key)} twice`);
      if (this.#peek() !== ':') throw this.#unexpected();
      this.#at += 1;
      members.set(key, this.value(depth));
    });
    return members;
  }

  #list(depth: number): readonly HeaderValue[] {
    const items: HeaderValue[] = [];
    this.#items(']', () => items.push(this.value(depth)));
    return items;
  }

  #items(close: string, item: () => void): void {
    this.#at += 1;
    if (this.#peek() !== close) {
      item();
      while (this.#peek() === ',') {
        this.#at += 1;
        item();
      }
    }
    if (this.#peek() !== close) throw this.#unexpected();
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    this.#at = end + 1;
    let value: string;
    try {
      value = String(JSON.parse(this.#text.slice(start, this.#at)));
    } catch (cause) {
      throw new MalformedMessage(`the header's string at ${start} is not JSON`, { cause });
    }
    if (!isWellFormed(value)) throw new MalformedMessage(`the header's string at ${start} has half a surrogate pair`);
    return value;
  }

  #integer(): number {
    const digits = /(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
    digits.lastIndex = this.#at;
    const found = digits.exec(this.#text);
    if (found === null) throw this.#unexpected();
    const value = Number(found[0]);
    if (!Number.isSafeInteger(value)) throw new MalformedMessage(`the header's ${found[0]} is beyond 2^53`);
    this.#at += found[0].length;
    return value;
  }

  /** The next letter that is no white space; empty at the end. */
  #peek(): string {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '.')) this.#at += 1;
    return this.#text[this.#at] ?? '';
  }

  #unexpected(): MalformedMessage {
    const found = this.#text[this.#at];
    return new MalformedMessage(
      `the header has ${found === undefined ? 'its end' : JSON.stringify(found)} at ${this.#at}, where it may not be`,
    );
  }
}
