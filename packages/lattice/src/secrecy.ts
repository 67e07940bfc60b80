// How a secret appears when something prints it: as its public description only.

/** Makes Node's and the browsers' consoles show instances through `describe` instead of their fields. */
export function showAs<T extends object>(prototype: T, describe: (value: T) => string): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: T): string {
      return describe(this);
    },
  });
}
