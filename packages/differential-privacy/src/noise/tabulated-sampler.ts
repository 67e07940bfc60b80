// A sampler whose whole law is one table: a lookup a draw.

import type { IntegerSampler, NoiseLaw } from './integer-sampler.ts';
import type { InverseTable } from './inverse-table.ts';
import type { RandomWords } from './random-source.ts';

export class TabulatedSampler implements IntegerSampler {
  readonly law: NoiseLaw;
  readonly stddev: number;
  readonly distance: number = 0;
  readonly #table: InverseTable;
  readonly #random: RandomWords;

  constructor(
    of: { readonly law: NoiseLaw; readonly stddev: number; readonly table: InverseTable },
    random: RandomWords,
  ) {
    this.law = Object.freeze(of.law);
    this.stddev = of.stddev;
    this.#table = of.table;
    this.#random = random;
  }

  sampleInto(out: Int32Array): void {
    this.#table.sampleInto(this.#random, out);
  }
}
