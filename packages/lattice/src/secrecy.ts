// How a secret appears when something prints, copies or serialises it by accident: as its public description, or not at all.
//
// WHAT THIS IS AND IS NOT. It stands between a secret and accidents: console.log and template strings, JSON, spreading, structuredClone and
// postMessage. Node's console asks an object how it wants to be shown (`nodejs.util.inspect.custom`); browsers' consoles do not ask:
// their developer tools show private fields and getters to whoever opens them. It protects nothing from code in the same realm.

import { ParameterError } from './errors.ts';

/** Makes Node's console show instances through `describe` instead of their fields. */
export function showAs<T extends object>(prototype: T, describe: (value: T) => string): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: T): string {
      return describe(this);
    },
  });
}

/**
 * Freezes a copy of a record whose fields named in `secrets` can be read by name and in no other way: they are not enumerable and lie
 * in no property (a getter reads them), so that spreading, structuredClone and printing lose them; serialising is refused. `what`
 * names the record in the refusal.
 */
export function concealed<T extends object>(record: T, secrets: object, what: string, description: string): T {
  const shown = { ...record };
  for (const [name, value] of Object.entries(secrets)) {
    Object.defineProperty(shown, name, { get: () => value, enumerable: false });
  }
  Object.defineProperties(shown, {
    toJSON: {
      value(): never {
        throw new ParameterError(`${what} is secret and is not serialised by accident`);
      },
    },
    toString: { value: () => description },
  });
  showAs(shown, () => description);
  return Object.freeze(shown);
}
