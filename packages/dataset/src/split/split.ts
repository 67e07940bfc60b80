// Train, validation and test: by shares, from randomness that is handed in. Stratified keeps the classes' shares in every part;
// grouped never lets one group (a patient, a household) into two parts, which would let a test look at what was trained on.
import { ParameterError } from '../errors.ts';
import { type Column, categoriesOf, lengthOf, textOf } from '../table/index.ts';
import { apportioned, Draws, type RandomBytes } from './randomness.ts';

export interface SplitShares {
  readonly train: number;
  readonly validation?: number;
  readonly test: number;
}

export interface SplitOptions {
  /** A column whose values every part should have in the same shares. */
  readonly stratifyBy?: Column;
  /** A column whose values never occur in two parts; a missing value is a group of its own. */
  readonly groupBy?: Column;
}

/** Rows, each in exactly one part, in rising order. */
export interface Split {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

export function splitRows(
  rowCount: number,
  shares: SplitShares,
  random: RandomBytes,
  options: SplitOptions = {},
): Split {
  const parts = [shares.train, shares.validation ?? 0, shares.test];
  const sum = parts.reduce((all, one) => all + one, 0);
  if (parts.some((one) => !(one >= 0)) || Math.abs(sum - 1) > 1e-9) {
    throw new ParameterError(`shares are not below zero and add up to 1, not ${parts.join(' + ')}`);
  }
  const { stratifyBy, groupBy } = options;
  if (stratifyBy !== undefined && groupBy !== undefined)
    throw new ParameterError('a split is stratified or grouped, not both');
  for (const column of [stratifyBy, groupBy]) {
    if (column !== undefined && lengthOf(column) !== rowCount)
      throw new ParameterError(`column ${column.name} has other rows`);
  }
  const draws = new Draws(random);
  const assigned =
    groupBy !== undefined
      ? grouped(classesOf(groupBy, true), parts, draws)
      : stratified(stratifyBy === undefined ? [range(rowCount)] : classesOf(stratifyBy, false), rowCount, parts, draws);
  const [train, validation, test] = assigned.map((rows) => Uint32Array.from(rows).sort());
  return { train, validation, test };
}

export const range = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row);

/** The rows of each value of a column, in the order of first appearance; missing is a class of its own, or one each. */
export function classesOf(column: Column, missingAlone: boolean): Uint32Array[] {
  const texts = Array.from({ length: lengthOf(column) }, (_, row) => textOf(column, row));
  const { codes, dictionary } = categoriesOf(column.name, texts);
  const rows: number[][] = dictionary.map(() => []);
  for (let row = 0; row < codes.length; row += 1) {
    if (missingAlone && texts[row] === '') rows.push([row]);
    else rows[codes[row]].push(row);
  }
  return rows.filter((one) => one.length > 0).map((one) => Uint32Array.from(one));
}

/** Rows are dealt class by class; what rounding owes one part in one class is made good in the next. */
function stratified(
  classes: readonly Uint32Array[],
  rowCount: number,
  shares: readonly number[],
  draws: Draws,
): number[][] {
  const parts: number[][] = shares.map(() => []);
  const goals = apportioned(rowCount, shares);
  let seen = 0;
  for (const rows of classes) {
    draws.shuffleInPlace(rows);
    seen += rows.length;
    // Where each part ought to stand after this class, less where it stands.
    const wanted = shares.map((share, part) => Math.max(0, share * seen - parts[part].length));
    const last = seen === rowCount;
    const counts = last
      ? Uint32Array.from(goals, (goal, part) => Math.max(0, goal - parts[part].length))
      : apportioned(rows.length, wanted);
    const total = counts.reduce((all, one) => all + one, 0);
    const dealt = total === rows.length ? counts : apportioned(rows.length, shares);
    let at = 0;
    for (const [part, count] of dealt.entries()) {
      for (let one = 0; one < count; one += 1) parts[part].push(rows[at++]);
    }
  }
  return parts;
}

/** Groups in random order, each to the part that lacks most of its share. Parts come out near their shares, as whole groups allow. */
function grouped(groups: Uint32Array[], shares: readonly number[], draws: Draws): number[][] {
  const parts: number[][] = shares.map(() => []);
  const order = range(groups.length);
  draws.shuffleInPlace(order);
  const total = groups.reduce((all, group) => all + group.length, 0);
  for (const at of order) {
    let best = 0;
    let lack = Number.NEGATIVE_INFINITY;
    for (const [part, share] of shares.entries()) {
      if (share > 0 && share * total - parts[part].length > lack) {
        best = part;
        lack = share * total - parts[part].length;
      }
    }
    parts[best].push(...groups[at]);
  }
  return parts;
}
