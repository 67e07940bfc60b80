// Rows among the participants of a simulated federation. Every row goes to exactly one participant (by column: to whom its value
// belongs). The usual ways: iid; label skew by Dirichlet(α) (Hsu, Qi, Brown 2019); shards of sorted labels (McMahan et al. 2017).
import { ParameterError } from '../errors.ts';
import { type Column, textOf } from '../table/index.ts';
import { apportioned, Draws, type RandomBytes } from './randomness.ts';
import { classesOf, range } from './split.ts';

export type PartitionRule =
  | { readonly kind: 'iid'; readonly participants: number }
  | {
      readonly kind: 'dirichlet';
      readonly participants: number;
      /** Large: all alike; 0.1: most classes with one or two participants. */
      readonly concentration: number;
      readonly label: Column;
      /** Drawn again until everybody has this many rows; 1 by default. */
      readonly atLeast?: number;
    }
  | { readonly kind: 'shards'; readonly participants: number; readonly shardsEach: number; readonly label: Column }
  | { readonly kind: 'column'; readonly column: Column };

export interface Part {
  /** `1`, `2`, … or the column's value. */
  readonly name: string;
  /** In rising order. */
  readonly rows: Uint32Array;
}

const maxAttempts = 1000;

export function partitionRows(rowCount: number, rule: PartitionRule, random: RandomBytes): Part[] {
  const draws = new Draws(random);
  switch (rule.kind) {
    case 'iid': {
      checkParticipants(rule.participants, rowCount);
      const rows = range(rowCount);
      draws.shuffleInPlace(rows);
      return numbered(cut(rows, apportioned(rowCount, new Float64Array(rule.participants).fill(1))));
    }
    case 'dirichlet':
      checkParticipants(rule.participants, rowCount);
      return numbered(skewed(rowCount, rule, draws));
    case 'shards':
      checkParticipants(rule.participants, rowCount);
      return numbered(shards(rowCount, rule, draws));
    case 'column':
      return classesOf(checkedLength(rule.column, rowCount), false).map((rows) => ({
        name: textOf(rule.column, rows[0]),
        rows,
      }));
    default:
      return rule satisfies never;
  }
}

function checkParticipants(participants: number, rowCount: number): void {
  if (!(Number.isInteger(participants) && participants >= 1 && participants <= rowCount)) {
    throw new ParameterError(`${participants} participants for ${rowCount} rows`);
  }
}

function checkedLength(column: Column, rowCount: number): Column {
  const rows = column.type === 'category' ? column.codes.length : column.values.length;
  if (rows !== rowCount) throw new ParameterError(`column ${column.name} has ${rows} rows, not ${rowCount}`);
  return column;
}

const numbered = (parts: readonly (readonly number[])[]): Part[] =>
  parts.map((rows, at) => ({ name: String(at + 1), rows: Uint32Array.from(rows).sort() }));

function cut(rows: ArrayLike<number>, counts: Uint32Array): number[][] {
  let at = 0;
  return Array.from(counts, (count) => Array.from({ length: count }, () => rows[at++]));
}

/** For each class by itself: shares ~ Dirichlet(α, …, α) over the participants, and the class is dealt by them. */
function skewed(rowCount: number, rule: Extract<PartitionRule, { kind: 'dirichlet' }>, draws: Draws): number[][] {
  const { participants, concentration, atLeast = 1 } = rule;
  if (!(concentration > 0 && concentration <= 1e6)) throw new ParameterError(`a concentration of ${concentration}`);
  if (!(atLeast >= 0 && atLeast * participants <= rowCount))
    throw new ParameterError(`${atLeast} rows each of ${rowCount}`);
  const classes = classesOf(checkedLength(rule.label, rowCount), false);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const parts: number[][] = Array.from({ length: participants }, () => []);
    for (const rows of classes) {
      draws.shuffleInPlace(rows);
      const counts = apportioned(rows.length, draws.dirichlet(concentration, participants));
      for (const [participant, taken] of cut(rows, counts).entries())
        for (const row of taken) parts[participant].push(row);
    }
    if (parts.every((part) => part.length >= atLeast)) return parts;
  }
  throw new ParameterError(
    `in ${maxAttempts} draws nobody-below-${atLeast}-rows did not happen; raise the concentration`,
  );
}

/** Rows sorted by label, cut into participants × shardsEach pieces, each participant dealt shardsEach of them. */
function shards(rowCount: number, rule: Extract<PartitionRule, { kind: 'shards' }>, draws: Draws): number[][] {
  const { participants, shardsEach } = rule;
  const count = participants * shardsEach;
  if (!(Number.isInteger(shardsEach) && shardsEach >= 1 && count <= rowCount)) {
    throw new ParameterError(`${count} shards of ${rowCount} rows`);
  }
  const classes = classesOf(checkedLength(rule.label, rowCount), false);
  // Within a class the order is random, so that which rows share a shard says nothing.
  for (const rows of classes) draws.shuffleInPlace(rows);
  const sorted = classes.flatMap((rows) => [...rows]);
  const pieces = cut(sorted, apportioned(rowCount, new Float64Array(count).fill(1)));
  const order = range(count);
  draws.shuffleInPlace(order);
  return Array.from({ length: participants }, (_, participant) =>
    [...order.subarray(participant * shardsEach, (participant + 1) * shardsEach)].flatMap((piece) => pieces[piece]),
  );
}
