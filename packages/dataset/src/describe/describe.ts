// What a table holds, column by column, from one pass over batches in bounded memory: a file larger than the memory is described
// like a small one. What is exact and what is estimated is said beside each number.
import { ParameterError } from '../errors.ts';
import { type CategoricalColumn, type Column, type ColumnType, lengthOf, type Table } from '../table/index.ts';
import { type DistinctCount, DistinctCounter } from './distinct-count.ts';
import { type Frequency, FrequentTexts } from './frequent-texts.ts';
import { Moments } from './moments.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { type SensitiveFinding, sensitiveFindings } from './sensitive.ts';

/** Numbers, and dates as milliseconds since 1970. */
export interface NumericSummary {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly stddev: number;
  /** At 1, 5, 25, 50, 75, 95 and 99 hundredths. */
  readonly quantiles: readonly { readonly share: number; readonly value: number }[];
  /** The rank of a quantile may be off by this share of the rows; 0: exact. */
  readonly rankErrorShare: number;
  /** Equally wide bins from minimum to maximum; their counts are off by no more than the ranks are. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[];
}

export interface CategorySummary {
  /** The most frequent first. */
  readonly top: readonly Frequency[];
  /** Every count is too low by at most this; 0: exact. */
  readonly undercount: number;
  readonly shortest: number;
  readonly longest: number;
}

export interface ColumnDescription {
  readonly name: string;
  readonly type: ColumnType;
  readonly rows: number;
  readonly missing: number;
  readonly distinct: DistinctCount;
  readonly numbers?: NumericSummary;
  readonly categories?: CategorySummary;
  readonly sensitive: readonly SensitiveFinding[];
}

export interface TableDescription {
  readonly rows: number;
  readonly columns: readonly ColumnDescription[];
}

export interface DescribeOptions {
  /** Bins of a histogram. */
  readonly bins?: number;
  /** Categories listed. */
  readonly top?: number;
}

const shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;
const sampleLimit = 1000;
const samplePerBatch = 100;

export class TableDescriber {
  readonly #bins: number;
  readonly #top: number;
  #rows = 0;
  #columns: ColumnDescriber[] | undefined;

  constructor(options: DescribeOptions = {}) {
    this.#bins = options.bins ?? 20;
    this.#top = options.top ?? 10;
    if (!(Number.isInteger(this.#bins) && this.#bins >= 1 && this.#bins <= 1000))
      throw new ParameterError(`${this.#bins} bins`);
  }

  add(table: Table): void {
    // Thousands of columns get smaller sketches, so that all of them together stay bounded.
    const sketchSize = table.columns.length <= 64 ? 2048 : table.columns.length <= 1024 ? 256 : 64;
    this.#columns ??= table.columns.map((column) => new ColumnDescriber(column.name, sketchSize));
    if (this.#columns.length !== table.columns.length)
      throw new ParameterError('a batch has other columns than the first');
    this.#rows += table.rowCount;
    for (const [at, column] of table.columns.entries()) this.#columns[at].add(column);
  }

  conclude(): TableDescription {
    const columns = (this.#columns ?? []).map((column) => column.conclude(this.#bins, this.#top));
    return { rows: this.#rows, columns };
  }
}

/** A table that is in memory. */
export function describeTable(table: Table, options: DescribeOptions = {}): TableDescription {
  const describer = new TableDescriber(options);
  describer.add(table);
  return describer.conclude();
}

class ColumnDescriber {
  readonly #name: string;
  #type: ColumnType | undefined;
  #rows = 0;
  #filled = 0;
  readonly #distinct = new DistinctCounter();
  readonly #moments = new Moments();
  readonly #sketch: QuantileSketch;
  readonly #texts = new FrequentTexts();
  #shortest = Number.POSITIVE_INFINITY;
  #longest = 0;
  readonly #sample = new Set<string>();

  constructor(name: string, sketchSize: number) {
    this.#name = name;
    this.#sketch = new QuantileSketch(sketchSize);
  }

  add(column: Column): void {
    if (column.name !== this.#name)
      throw new ParameterError(`a batch has ${column.name} in the place of ${this.#name}`);
    const known = this.#type ?? column.type;
    // Integers that turn out to be numbers in a later batch are numbers.
    this.#type = known === 'integer' && column.type === 'number' ? 'number' : known;
    if ((column.type === 'category') !== (this.#type === 'category')) {
      throw new ParameterError(`column ${column.name} changes from ${this.#type} to ${column.type}`);
    }
    this.#rows += lengthOf(column);
    if (column.type === 'category') this.#addCategories(column);
    else this.#addNumbers(column.values);
  }

  #addNumbers(values: ArrayLike<number>): void {
    this.#moments.addAll(values);
    let sampled = 0;
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row];
      if (Number.isNaN(value)) continue;
      this.#filled += 1;
      this.#distinct.addNumber(value);
      this.#sketch.add(value);
      if (sampled < samplePerBatch && this.#type === 'integer' && this.#sample.size < sampleLimit) {
        sampled += 1;
        this.#sample.add(String(value));
      }
    }
  }

  #addCategories({ codes, dictionary }: CategoricalColumn): void {
    const counts = new Float64Array(dictionary.length);
    for (let row = 0; row < codes.length; row += 1) if (codes[row] >= 0) counts[codes[row]] += 1;
    let sampled = 0;
    for (const [code, text] of dictionary.entries()) {
      const count = counts[code];
      if (count === 0) continue;
      this.#filled += count;
      this.#distinct.addText(text);
      this.#texts.add(text, count);
      this.#shortest = Math.min(this.#shortest, text.length);
      this.#longest = Math.max(this.#longest, text.length);
      if (sampled < samplePerBatch && this.#sample.size < sampleLimit) {
        sampled += 1;
        this.#sample.add(text);
      }
    }
  }

  conclude(bins: number, top: number): ColumnDescription {
    const type = this.#type ?? 'category';
    const distinct = this.#distinct.conclude();
    const shared = { name: this.#name, type, rows: this.#rows };
    const { minimum, maximum } = this.#moments;
    const numeric = type !== 'category' && this.#filled > 0;
    const sensitive = sensitiveFindings({
      ...shared,
      filled: this.#filled,
      distinct: distinct.count,
      sample: [...this.#sample],
      ...(numeric ? { minimum, maximum } : {}),
    });
    const description = { ...shared, missing: this.#rows - this.#filled, distinct, sensitive };
    if (numeric) return { ...description, numbers: this.#summary(bins) };
    if (type !== 'category' || this.#filled === 0) return description;
    const categories = {
      top: this.#texts.top(top),
      undercount: this.#texts.undercount,
      shortest: this.#shortest,
      longest: this.#longest,
    };
    return { ...description, categories };
  }

  #summary(bins: number): NumericSummary {
    const { minimum, maximum, mean, stddev } = this.#moments;
    const sketch = this.#sketch;
    // The extremes are known exactly; a quantile never leaves them.
    const quantiles = shares.map((share) => ({ share, value: sketch.quantile(share) }));
    const edges = Array.from({ length: bins + 1 }, (_, at) =>
      at === bins ? maximum : minimum + ((maximum - minimum) * at) / bins,
    );
    const histogram =
      minimum === maximum
        ? [{ from: minimum, to: maximum, count: sketch.count }]
        : edges.slice(1).map((to, at) => {
            const below = at === 0 ? 0 : sketch.rank(edges[at]);
            return { from: edges[at], to, count: (at === bins - 1 ? sketch.count : sketch.rank(to)) - below };
          });
    return { minimum, maximum, mean, stddev, quantiles, rankErrorShare: sketch.rankErrorShare, histogram };
  }
}
