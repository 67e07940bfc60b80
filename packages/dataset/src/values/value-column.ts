// Columns out of values that are typed already: what JSON, Parquet and Arrow give. The type of a column is what all its values
// agree on; a declared one wins, and a value that contradicts it is told, never bent.
import {
  type Column,
  type ColumnSchema,
  categoricalColumn,
  categoriesOf,
  type DateFormat,
  dateColumn,
  missingCode,
  numericColumn,
  parseDate,
} from '../table/index.ts';

/** What a cell can be before it has a column: the atoms of the formats. */
export type Atom = string | number | boolean | bigint | Date | null | undefined;

type AtomKind = 'integer' | 'number' | 'unsafe' | 'boolean' | 'day' | 'instant' | 'text';

function kindOf(atom: Exclude<Atom, null | undefined>): AtomKind {
  if (typeof atom === 'number') {
    if (!Number.isInteger(atom)) return 'number';
    // Beyond 2^53 an integer's digits are gone; larger magnitudes with a point or exponent were doubles from the start.
    return Number.isSafeInteger(atom) || Math.abs(atom) >= 1e21
      ? Number.isSafeInteger(atom)
        ? 'integer'
        : 'number'
      : 'unsafe';
  }
  if (typeof atom === 'bigint') return Number.isSafeInteger(Number(atom)) ? 'integer' : 'text';
  if (typeof atom === 'boolean') return 'boolean';
  if (typeof atom === 'string') {
    const date = atom.length >= 10 && atom.length <= 40 ? parseDate(atom) : undefined;
    return date === undefined ? 'text' : date.resolution === 'day' ? 'day' : 'instant';
  }
  return 'instant';
}

const isAbsent = (atom: Atom): atom is null | undefined =>
  atom === null || atom === undefined || (typeof atom === 'number' && Number.isNaN(atom));

/** Watches the values of one column and says what it is. */
export class ValueInference {
  readonly #name: string;
  readonly #counts = new Map<AtomKind, number>();
  #absent = 0;

  constructor(name: string) {
    this.#name = name;
  }

  observe(atom: Atom): void {
    if (isAbsent(atom)) this.#absent += 1;
    else {
      const kind = kindOf(atom);
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    }
  }

  conclude(): { readonly schema: ColumnSchema; readonly evidence: string } {
    const name = this.#name;
    const kinds = [...this.#counts.keys()];
    const only = (...allowed: AtomKind[]): boolean => kinds.length > 0 && kinds.every((kind) => allowed.includes(kind));
    const counted = [...this.#counts].map(([kind, count]) => `${count} × ${kind}`).join(', ');
    const evidence = `${counted || 'nothing in it'}; ${this.#absent} missing`;
    if (only('integer')) return { schema: { name, type: 'integer' }, evidence };
    if (only('integer', 'number', 'unsafe')) return { schema: { name, type: 'number' }, evidence };
    if (only('day', 'instant')) return { schema: { name, type: 'date' }, evidence };
    return { schema: { name, type: 'category' }, evidence };
  }
}

/** Called with a row whose value the column cannot hold. */
export type Refuse = (row: number, reason: string) => void;

/** The values as a column of the schema. A refused one is missing; the caller discards its row. */
export function columnFromAtoms(schema: ColumnSchema, atoms: readonly Atom[], refuse: Refuse): Column {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return numericColumn(schema.name, schema.type, numbersOf(schema.type, atoms, refuse));
    case 'date':
      return datesOf(schema, atoms, refuse);
    case 'category':
      return categories(schema, atoms, refuse);
    default:
      return schema.type satisfies never;
  }
}

function numbersOf(type: 'integer' | 'number', atoms: readonly Atom[], refuse: Refuse): Float64Array {
  return Float64Array.from(atoms, (atom, row) => {
    if (isAbsent(atom)) return Number.NaN;
    const value = typeof atom === 'bigint' || typeof atom === 'boolean' ? Number(atom) : atom;
    if (typeof value === 'number' && Number.isFinite(value) && (type === 'number' || Number.isSafeInteger(value)))
      return value;
    refuse(row, `${shown(atom)} is no ${type}`);
    return Number.NaN;
  });
}

function datesOf(schema: ColumnSchema, atoms: readonly Atom[], refuse: Refuse): Column {
  let resolution: 'day' | 'millisecond' = 'day';
  const format: DateFormat = schema.dateFormat ?? 'iso';
  const values = Float64Array.from(atoms, (atom, row) => {
    if (isAbsent(atom)) return Number.NaN;
    const date =
      typeof atom === 'object' ? instantOf(atom) : typeof atom === 'string' ? parseDate(atom, format) : undefined;
    if (date === undefined) {
      refuse(row, `${shown(atom)} is no date (${format})`);
      return Number.NaN;
    }
    if (date.resolution === 'millisecond') resolution = 'millisecond';
    return date.milliseconds;
  });
  return dateColumn(schema.name, values, resolution);
}

function instantOf(date: Date): { milliseconds: number; resolution: 'day' | 'millisecond' } | undefined {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) return undefined;
  return { milliseconds, resolution: milliseconds % 86_400_000 === 0 ? 'day' : 'millisecond' };
}

function categories(schema: ColumnSchema, atoms: readonly Atom[], refuse: Refuse): Column {
  const texts = atoms.map((atom, row) => {
    if (isAbsent(atom)) return null;
    if (typeof atom === 'number' && Number.isInteger(atom) && !Number.isSafeInteger(atom)) {
      refuse(row, `${atom} is an integer beyond 2^53: its last digits are lost; write it as a text`);
      return null;
    }
    const text = typeof atom === 'object' ? (instantOf(atom) === undefined ? '\0' : atom.toISOString()) : String(atom);
    if (!text.includes('\0')) return text;
    refuse(row, 'the text holds a NUL byte');
    return null;
  });
  if (schema.categories === undefined) return categoriesOf(schema.name, texts);
  const codeOf = new Map(schema.categories.map((text, code) => [text, code]));
  const codes = Int32Array.from(texts, (text, row) => {
    const code = text === null ? missingCode : codeOf.get(text);
    if (code === undefined) refuse(row, `${shown(text)} is none of the declared categories`);
    return code ?? missingCode;
  });
  return categoricalColumn(schema.name, codes, schema.categories);
}

function shown(atom: Atom): string {
  const text = typeof atom === 'string' ? JSON.stringify(atom) : String(atom);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
