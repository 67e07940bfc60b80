// Turns one column of a block of fields into typed values: which reader a column's type calls for. Each reads column by column, so
// that every loop does one thing.
import type { ColumnSchema } from '../table/index.ts';
import { CategoryReader } from './category-reader.ts';
import { DateReader } from './date-reader.ts';
import type { Dialect } from './dialect.ts';
import type { ColumnReader } from './field.ts';
import { NumberReader } from './number-reader.ts';

/** `declared`: the schema comes from a person, so an integer column that meets 3.5 is wrong about it and does not widen. */
export function columnReader(schema: ColumnSchema, dialect: Dialect, declared: boolean): ColumnReader {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return new NumberReader(schema, dialect, declared);
    case 'date':
      return new DateReader(schema, dialect);
    case 'category':
      return new CategoryReader(schema, dialect);
    default:
      return schema.type satisfies never;
  }
}
