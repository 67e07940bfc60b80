// A table as a participant's data: its rows under the plan's recipe, and their classes. Refuses a class that the plan does not name, and a row
// whose target is missing: nothing is left out in silence.

import { applyRecipe, featuresOf, type Recipe } from '@sumus/dataset/prepare';
import { columnOf, isMissing, type Table, textOf } from '@sumus/dataset/table';
import { columnsOf } from '../contribution/columns.ts';
import { ParameterError } from '../errors.ts';
import type { TablePreparation } from '../plan/preparation.ts';

/** Numbers of the rows, one row after the other: as many as the model takes. */
export const rowsUnder = (recipe: Recipe, preparation: TablePreparation, table: Table): Float32Array =>
  featuresOf(applyRecipe(recipe, columnsOf(preparation, table))).values;

/** The place of each row's target among the plan's classes. */
export function classesOfRows({ target: { column, classes } }: TablePreparation, table: Table): Uint32Array {
  if (table.columns.every(({ name }) => name !== column)) {
    throw new ParameterError(`the plan predicts ${column}, and the table has no such column`);
  }
  const found = columnOf(table, column);
  const places = new Map(classes.map((text, place) => [text, place]));
  return Uint32Array.from({ length: table.rowCount }, (_, row) => {
    if (isMissing(found, row)) throw new ParameterError(`row ${row + 1} has no ${column}: leave it out`);
    const place = places.get(textOf(found, row));
    if (place === undefined) {
      throw new ParameterError(`${column} is ${textOf(found, row)} in a row; the plan knows ${classes.join(', ')}`);
    }
    return place;
  });
}
