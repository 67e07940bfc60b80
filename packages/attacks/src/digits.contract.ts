// Real handwritten digits for tests: those of the `mnist` package, which examples/ depends on, 28 × 28 in [0, 1]. Of all classes in turn.
import { createRequire } from 'node:module';

export const PIXELS = 28 * 28;
export const DIGIT = { rows: 28, columns: 28, channels: 1 } as const;

export interface Digits {
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
}

/** `count` digits, of every class as many, from the `first`-th of each on. */
export function digits(count: number, first = 0): Digits {
  const require = createRequire(new URL('../../../examples/package.json', import.meta.url));
  const classes = Array.from({ length: 10 }, (_, label): { data: readonly number[] } =>
    require(`mnist/src/digits/${label}.json`),
  );
  const inputs = new Float32Array(count * PIXELS);
  const targets = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const from = (first + Math.floor(i / 10)) * PIXELS;
    inputs.set(classes[i % 10]!.data.slice(from, from + PIXELS), i * PIXELS);
    targets[i] = i % 10;
  }
  return { inputs, targets };
}
