// Who gets which examples in a simulated federation, as people write it: `iid`, `dirichlet:0.5` (label skew by Dirichlet(α), Hsu, Qi and
// Brown 2019), `shards` or `shards:2` (pieces of sorted labels, McMahan and others 2017). Everybody gets at least one example.

import { partitionRows, type RandomBytes } from '@sumus/dataset/split';
import { categoricalColumn } from '@sumus/dataset/table';
import { chosen, type LabelledExamples } from './labelled.ts';

export type Partition =
  | { readonly kind: 'iid' }
  | { readonly kind: 'dirichlet'; readonly concentration: number }
  | { readonly kind: 'shards'; readonly each: number };

/** Undefined where the text is none of the three. */
export function partitionFromText(text: string): Partition | undefined {
  const match = /^(iid|dirichlet|shards)(?::(\d+(?:\.\d+)?))?$/.exec(text);
  const number = match?.[2] === undefined ? undefined : Number(match[2]);
  switch (match?.[1]) {
    case 'iid':
      return number === undefined ? { kind: 'iid' } : undefined;
    case 'dirichlet':
      return number === undefined || !(number > 0) ? undefined : { kind: 'dirichlet', concentration: number };
    case 'shards':
      return Number.isInteger(number ?? 2) && number !== 0 ? { kind: 'shards', each: number ?? 2 } : undefined;
    default:
      return undefined;
  }
}

export function partitionText(partition: Partition): string {
  switch (partition.kind) {
    case 'iid':
      return 'iid';
    case 'dirichlet':
      return `dirichlet:${partition.concentration}`;
    case 'shards':
      return `shards:${partition.each}`;
    default:
      return partition satisfies never;
  }
}

export interface PartitionOptions {
  readonly participants: number;
  readonly partition: Partition;
  /** What a participant must have at least, where the partition is drawn. */
  readonly atLeast: number;
}

/** Every example to exactly one participant. */
export function dealtOut(
  examples: LabelledExamples,
  { participants, partition, atLeast }: PartitionOptions,
  random: RandomBytes,
): readonly LabelledExamples[] {
  const label = categoricalColumn('label', Int32Array.from(examples.labels), [...examples.classNames]);
  const rule =
    partition.kind === 'iid'
      ? ({ kind: 'iid', participants } as const)
      : partition.kind === 'shards'
        ? ({ kind: 'shards', participants, shardsEach: partition.each, label } as const)
        : ({ kind: 'dirichlet', participants, concentration: partition.concentration, label, atLeast } as const);
  return partitionRows(examples.count, rule, random).map(({ rows }, place) =>
    chosen(examples, rows, `participant-${place + 1}`),
  );
}
