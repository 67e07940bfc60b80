// One text for one value: keys sorted, no white space, finite numbers in their shortest form. What is hashed must not
// depend on who wrote it.

import { ParameterError } from '../errors.ts';

/**
 * Canonical JSON of plain data. Refuses what JSON would drop or change silently: undefined, NaN, infinities, −0, class
 * instances.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0)) throw new ParameterError(`${value} has no canonical JSON`);
      return JSON.stringify(value);
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) {
        throw new ParameterError('an instance of a class has no canonical JSON');
      }
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
    }
    default:
      throw new ParameterError(`a ${typeof value} has no canonical JSON`);
  }
}
