// A plan for tables like one that its owner has: which columns go in, what is predicted, and the steps by which everybody's columns become numbers.
// Types, categories, classes and ranges are those of the owner's own rows, ranges rounded outwards, and stand in the plan for everybody to read;
// means and deviations are nobody's own: the participants sum them before the first round. Who will not show ranges declares them (--columns).
import { applyRecipe } from '@sumus/dataset/prepare';
import { type Column, type Table, textOf } from '@sumus/dataset/table';
import type { ColumnStep, TableColumn, TablePreparation } from '@sumus/federation/plan';
import { UsageError } from '../command.ts';
import { asUsage } from './examples-source.ts';
import { networkFor, type PlanColumns } from './plan-columns.ts';
import { ownTable } from './table-examples.ts';

export interface PlanTable extends PlanColumns {
  readonly rows: number;
  readonly notes: readonly string[];
}

interface Given {
  readonly data: string;
  readonly target: string | undefined;
  readonly unitColumn: string | undefined;
}

/** A column of more is a name, and not what a model learns from. */
const CATEGORIES_AT_MOST = 64;

export function planTable({ data, target, unitColumn }: Given): Promise<PlanTable> {
  return asUsage({ data }, async () => {
    const {
      table,
      target: predicted,
      classes,
    } = await ownTable({
      data,
      ...(target === undefined ? {} : { target }),
      ...(unitColumn === undefined ? {} : { unit: unitColumn }),
    });
    const notes: string[] = [];
    const columns: TableColumn[] = [];
    const steps: ColumnStep[] = [];
    for (const column of table.columns) {
      const found = stepsFor(column, table);
      if (typeof found === 'string') {
        notes.push(`${column.name} is left out: ${found}`);
        continue;
      }
      columns.push({ name: column.name, type: typeOf(column) });
      steps.push(...found);
    }
    if (columns.length === 0) throw new UsageError(`${data} has no column to learn from`);
    const preparation: TablePreparation = {
      kind: 'table',
      columns,
      target: { column: predicted, classes },
      steps,
      rowsAtMost: outwards(table.rowCount, 1),
    };
    return { preparation, rows: table.rowCount, notes, network: networkFor(preparation) };
  });
}

const typeOf = ({ type }: Column): TableColumn['type'] => (type === 'integer' ? 'number' : type);

/** What a column goes through, or why it is left out. */
function stepsFor(column: Column, table: Table): readonly ColumnStep[] | string {
  const { name } = column;
  if (column.type === 'category') {
    const categories = [...new Set(textsIn(column, table))].sort();
    if (categories.length < 2) return 'it is the same in every row';
    if (categories.length > CATEGORIES_AT_MOST) return `${categories.length} different texts`;
    return [
      { kind: 'impute', column: name, with: 'most frequent', categories },
      { kind: 'one-hot', column: name, unknown: 'zeros', categories },
    ];
  }
  const values = column.type === 'date' ? daysIn(column, table) : column.values;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    [least, most] = [Math.min(least, value), Math.max(most, value)];
  }
  if (!(least < most)) return 'it is the same in every row';
  const bounds = [outwards(least, -1), outwards(most, 1)] as const;
  // A date's statistics are not summed: its days are brought to its range.
  if (column.type === 'date') {
    return [
      { kind: 'days', column: name },
      { kind: 'min-max', column: name, clip: true, bounds },
    ];
  }
  return [
    { kind: 'impute', column: name, with: 'mean', bounds },
    { kind: 'standard', column: name, bounds },
  ];
}

function* textsIn(column: Column, { rowCount }: Table): Generator<string> {
  for (let row = 0; row < rowCount; row += 1) {
    const text = textOf(column, row);
    if (text !== '') yield text;
  }
}

function daysIn({ name }: Column, table: Table): Iterable<number> {
  const made = applyRecipe({ version: 1, steps: [{ kind: 'days', column: name }] }, table);
  const days = made.columns.find((column) => column.name === name);
  if (days === undefined || days.type === 'category' || days.type === 'date') return [];
  return days.values;
}

/** Two digits, upwards or downwards: a range says about its ends, not to the last digit what they are. */
export function outwards(value: number, direction: 1 | -1): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  const steps = value / unit;
  return Number(((direction > 0 ? Math.ceil(steps - 1e-9) : Math.floor(steps + 1e-9)) * unit).toPrecision(6));
}
