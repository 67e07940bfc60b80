// What a person declares about a table: its columns and their types. A declared schema wins over anything inferred; a cell that
// contradicts it is a bad cell and is reported, never bent. It is a JSON value, and reading one refuses what it does not know.
import { ParameterError } from '../errors.ts';
import { type DateFormat, dateFormats } from './calendar.ts';
import type { ColumnType } from './column.ts';
import type { Table } from './table.ts';

export interface ColumnSchema {
  readonly name: string;
  readonly type: ColumnType;
  /** The only categories there may be, in their order (which makes them ordinal). */
  readonly categories?: readonly string[];
  /** How its dates are spelt; `iso` by default. */
  readonly dateFormat?: DateFormat;
}

export interface Schema {
  readonly columns: readonly ColumnSchema[];
}

export const columnTypes: readonly ColumnType[] = ['integer', 'number', 'date', 'category'];

/** What a table says about itself. */
export const schemaOf = (table: Table): Schema => ({
  columns: table.columns.map(({ name, type }) => ({ name, type })),
});

/** A schema out of parsed JSON. */
export function schemaFromJson(value: unknown): Schema {
  const { columns, ...rest } = recordOf(value, 'a schema');
  refuseRest(rest, 'a schema');
  if (!Array.isArray(columns)) throw new ParameterError('a schema has a list called columns');
  const parsed = columns.map((column: unknown) => columnSchemaFromJson(column));
  if (new Set(parsed.map((column) => column.name)).size !== parsed.length) {
    throw new ParameterError('two columns of the schema have one name');
  }
  return { columns: parsed };
}

function columnSchemaFromJson(value: unknown): ColumnSchema {
  const { name, type, categories, dateFormat, ...rest } = recordOf(value, 'a column of a schema');
  if (typeof name !== 'string' || name === '') throw new ParameterError('a column of the schema has no name');
  refuseRest(rest, `column ${name} of the schema`);
  const knownType = columnTypes.find((one) => one === type);
  if (knownType === undefined) {
    throw new ParameterError(`column ${name}: the type is one of ${columnTypes.join(', ')}, not ${String(type)}`);
  }
  const schema: { -readonly [key in keyof ColumnSchema]: ColumnSchema[key] } = { name, type: knownType };
  if (categories !== undefined) {
    if (knownType !== 'category') throw new ParameterError(`column ${name}: a ${knownType} has no categories`);
    schema.categories = textsOf(categories, `column ${name}: categories`);
  }
  if (dateFormat !== undefined) {
    const format = dateFormats.find((one) => one === dateFormat);
    if (knownType !== 'date' || format === undefined) {
      throw new ParameterError(`column ${name}: dateFormat is for dates and one of ${dateFormats.join(', ')}`);
    }
    schema.dateFormat = format;
  }
  return schema;
}

function textsOf(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw new ParameterError(`${what} is no list`);
  const texts = value.map((one: unknown) => {
    if (typeof one !== 'string') throw new ParameterError(`${what}: ${String(one)} is no text`);
    return one;
  });
  if (new Set(texts).size !== texts.length) throw new ParameterError(`${what}: one is there twice`);
  return texts;
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ParameterError(`${what} is no object`);
  return { ...value };
}

function refuseRest(rest: Readonly<Record<string, unknown>>, what: string): void {
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new ParameterError(`${what} has no ${unknown.join(', ')}`);
}
