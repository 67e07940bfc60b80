// One text for one mechanism: JSON with sorted keys and without white space, to be hashed, stored and compared. Reading checks
// everything again.
import { MalformedMessage, ParameterError } from '../errors.ts';
import { mechanismFrom } from './constructors.ts';
import type { Mechanism } from './mechanism.ts';

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
  }
  return JSON.stringify(value);
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
