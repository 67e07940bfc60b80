// How a secret appears when something prints it: as its public description only.

import { ParameterError } from './errors.ts';

/**
 * Makes Node's console and inspect show instances through `describe` instead of their fields. A browser's developer tools ask nobody:
 * they show whoever opens them everything, private fields included (SECURITY.md).
 */
export function showAs<T extends object>(prototype: T, describe: (value: T) => string): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: T): string {
      return describe(this);
    },
  });
}

/** Freezes a record of secret fields: it prints as `description`, and to serialise it is refused. `what` names it in the refusal. */
export function concealed<T extends object>(record: T, what: string, description: string): T {
  Object.defineProperties(record, {
    toJSON: {
      value(): never {
        throw new ParameterError(`${what} is secret and is not serialised by accident`);
      },
    },
    toString: { value: () => description },
  });
  showAs(record, () => description);
  return Object.freeze(record);
}
