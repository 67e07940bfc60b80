// The door of src/table: typed columns, immutable tables, schemas.
export { type DateFormat, dateFormats, formatDate, type ParsedDate, parseDate } from './calendar.ts';
export {
  type CategoricalColumn,
  type Column,
  type ColumnType,
  categoricalColumn,
  categoriesOf,
  type DateColumn,
  dateColumn,
  isMissing,
  lengthOf,
  missingCode,
  missingCountOf,
  type NumericColumn,
  numericColumn,
  type ReadonlyNumbers,
  renamed,
  selectFromColumn,
  withoutUnusedCategories,
} from './column.ts';
export { type Cell, cellOf, columnFromCells, rowOf, rowsOf, tableFromRows, textOf } from './rows.ts';
export { type ColumnSchema, columnTypes, type Schema, schemaFromJson, schemaOf } from './schema.ts';
export {
  appendRows,
  categoricalColumnOf,
  columnNames,
  columnOf,
  filterRows,
  renameColumn,
  selectColumns,
  selectRows,
  type Table,
  tableOf,
  withColumns,
  withoutColumns,
} from './table.ts';
