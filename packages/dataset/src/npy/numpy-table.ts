// NumPy arrays as tables: a vector is a column, a matrix a column for each of its columns, and an array of more dimensions (images) is
// flattened row by row, as NumPy's reshape(rows, -1) does it and IDX files are read: its first dimension counts the rows.
import { MalformedData, ParameterError } from '../errors.ts';
import { type Column, categoriesOf, numericColumn, type Table, tableOf } from '../table/index.ts';
import type { NumpyArray } from './npy.ts';

/** Each becomes a number of eight bytes, however small it was; MNIST has 47 million. */
const mostCells = 1 << 27;

function requireCells(name: string, cells: number): void {
  if (cells > mostCells) throw new MalformedData(`${name} has ${cells} cells; at most ${mostCells} become a table`);
}

/** `name` names the columns: itself for a vector, name_1 … for everything else. */
export function columnsFromNumpy(name: string, array: NumpyArray): Column[] {
  const { shape, data } = array;
  const [rows, ...extents] = shape;
  if (rows === undefined) throw new ParameterError(`${name} is a single value: a table has rows`);
  const width = extents.reduce((product, extent) => product * extent, 1);
  if (width > 1 << 15) throw new ParameterError(`${name} has ${width} columns`);
  requireCells(name, rows * width);
  return Array.from({ length: width }, (_, column) => {
    const columnName = shape.length === 1 ? name : `${name}_${column + 1}`;
    const values = new Float64Array(rows);
    if (isTexts(data))
      return categoriesOf(
        columnName,
        Array.from(values, (_, row) => data[row * width + column]),
      );
    for (let row = 0; row < rows; row += 1) values[row] = data[row * width + column];
    const infinite = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
    if (infinite !== -1) throw new MalformedData('an infinite value', { line: infinite + 1, column: columnName });
    const integral = !/f/.test(array.descriptor) && values.every((value) => Number.isSafeInteger(value));
    return numericColumn(columnName, integral ? 'integer' : 'number', values);
  });
}

const isTexts = (data: NumpyArray['data']): data is readonly string[] => Array.isArray(data);

/** All arrays of an archive side by side; those of other lengths than the first are refused. */
export function tableFromNumpy(arrays: ReadonlyMap<string, NumpyArray>): Table {
  const cells = [...arrays.values()].map(({ shape }) => shape.reduce((product, extent) => product * extent, 1));
  requireCells(
    'the archive',
    cells.reduce((sum, count) => sum + count, 0),
  );
  return tableOf([...arrays].flatMap(([name, array]) => columnsFromNumpy(name, array)));
}
