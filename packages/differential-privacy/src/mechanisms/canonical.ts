// One text for one mechanism: JSON with sorted keys and without white space, to be hashed, stored and compared. Reading checks
// everything again.
import { MalformedMessage, ParameterError } from '../errors.ts';
import { mechanismFrom } from './constructors.ts';
import type { Mechanism } from './mechanism.ts';

/**
 * Canonical JSON of plain data: keys sorted, no white space, numbers in their shortest form. What is hashed must not depend on who wrote
 * it, so whatever JSON would drop or change silently is refused: undefined, holes in lists, NaN, infinities, −0, class instances.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0)) {
        throw new ParameterError(`${Object.is(value, -0) ? '-0' : value} has no canonical JSON`);
      }
      return JSON.stringify(value);
    case 'object': {
      if (value === null) return 'null';
      // Array.from, as map would skip the holes.
      if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`;
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) {
        throw new ParameterError('an instance of a class has no canonical JSON');
      }
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
    }
    default:
      throw new ParameterError(`a ${typeof value} has no canonical JSON`);
  }
}

export function serializeMechanism(mechanism: Mechanism): string {
  return canonicalJson(mechanism);
}

/** Refuses text that is not exactly what serializeMechanism writes for some valid mechanism. */
export function parseMechanism(text: string): Mechanism {
  let mechanism: Mechanism;
  try {
    mechanism = mechanismFrom(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof ParameterError ? cause.message : 'it is no JSON';
    throw new MalformedMessage(`not a mechanism: ${reason}`, { cause });
  }
  if (serializeMechanism(mechanism) !== text) throw new MalformedMessage('not a mechanism in canonical form');
  return mechanism;
}
