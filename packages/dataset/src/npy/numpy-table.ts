// NumPy arrays as tables: a vector is a column, a matrix is a column for each of its columns.
import { MalformedData, ParameterError } from '../errors.ts';
import { type Column, categoriesOf, numericColumn, type Table, tableOf } from '../table/index.ts';
import type { NumpyArray } from './npy.ts';

/** `name` names the columns: itself for a vector, name_1 … for a matrix. */
export function columnsFromNumpy(name: string, array: NumpyArray): Column[] {
  const { shape, data } = array;
  if (shape.length < 1 || shape.length > 2)
    throw new ParameterError(`${name} has ${shape.length} dimensions: a table has one or two`);
  const [rows, width = 1] = shape;
  if (width > 1 << 15) throw new ParameterError(`${name} has ${width} columns`);
  return Array.from({ length: width }, (_, column) => {
    const columnName = shape.length === 1 ? name : `${name}_${column + 1}`;
    const cells = Array.from({ length: rows }, (_, row) => data[row * width + column]);
    if (cells.every((cell): cell is string => typeof cell === 'string')) return categoriesOf(columnName, cells);
    const values = Float64Array.from(cells, Number);
    const infinite = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
    if (infinite !== -1) throw new MalformedData('an infinite value', { line: infinite + 1, column: columnName });
    const integral = !/f/.test(array.descriptor) && values.every((value) => Number.isSafeInteger(value));
    return numericColumn(columnName, integral ? 'integer' : 'number', values);
  });
}

/** All arrays of an archive side by side; those of other lengths than the first are refused. */
export const tableFromNumpy = (arrays: ReadonlyMap<string, NumpyArray>): Table =>
  tableOf([...arrays].flatMap(([name, array]) => columnsFromNumpy(name, array)));
