// What libraries hand over as a cell, as an atom: lists, structures and bytes become text, so that nothing is lost in silence.
import type { Atom } from './value-column.ts';

export function atomFrom(value: unknown): Atom {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    case 'undefined':
      return null;
    default:
      if (value === null || value instanceof Date) return value;
      if (value instanceof Uint8Array) return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      return (
        JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)) ?? null
      );
  }
}
