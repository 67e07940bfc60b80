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
      if (value === null || isDate(value)) return value;
      if (value instanceof Uint8Array) return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      return (
        JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)) ?? null
      );
  }
}

/** Dates of whatever realm: a library may hand over another window's. */
const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]';
