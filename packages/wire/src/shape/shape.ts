// What a JSON value from the network must look like, as a value: it reads, and it writes itself as JSON Schema, which is what the server's
// OpenAPI document is made of. Shape<T> is exact in T, so a message's interface and its reader cannot drift apart. Plans and policies, which
// people write, are read by federation's schemas, which find all problems at once; a message is refused at the first.
//
// Refused: what a shape does not name. A value that was read is a frozen copy.

import { MalformedMessage } from '@sumus/federation/errors';

export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Shape<T> {
  /** Throws MalformedMessage; `path` is where the value stands, for the message. */
  readonly read: (value: unknown, path: string) => T;
  readonly json: JsonSchema;
  /** Never called: makes Shape<T> exact in T. */
  readonly exactly?: (value: T) => T;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

export function refuse(path: string, what: string): never {
  throw new MalformedMessage(`${path === '' ? 'the message' : path} ${what}`);
}

interface TextRange {
  readonly atLeast?: number;
  readonly atMost: number;
  /** Of the whole text, and what it stands for in words. */
  readonly pattern?: { readonly source: string; readonly means: string };
}

export function text({ atLeast = 0, atMost, pattern }: TextRange): Shape<string> {
  const expression = pattern === undefined ? undefined : new RegExp(pattern.source, 'u');
  return {
    read: (value, path) => {
      if (typeof value !== 'string') return refuse(path, `is ${shown(value)}, not a text`);
      if (value.length < atLeast || value.length > atMost || /\p{Surrogate}/u.test(value)) {
        return refuse(path, `has ${value.length} characters, not ${atLeast} to ${atMost}`);
      }
      if (expression?.test(value) === false) return refuse(path, `is ${shown(value)}, not ${pattern?.means}`);
      return value;
    },
    json: {
      type: 'string',
      minLength: atLeast,
      maxLength: atMost,
      ...(pattern === undefined ? {} : { pattern: pattern.source }),
    },
  };
}

/** So many bytes in small hexadecimal digits. */
export const hexadecimal = (atLeast: number, atMost: number = atLeast): Shape<string> =>
  text({
    atLeast: 2 * atLeast,
    atMost: 2 * atMost,
    pattern: { source: '^([0-9a-f]{2})*$', means: 'bytes in small hexadecimal digits' },
  });

export const whole = (atLeast: number, atMost: number): Shape<number> => ({
  read: (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= atLeast && value <= atMost
      ? value + 0
      : refuse(path, `is ${shown(value)}, not a whole number from ${atLeast} to ${atMost}`),
  json: { type: 'integer', minimum: atLeast, maximum: atMost },
});

/** Any finite number; −0 has no text of its own. */
export const number: Shape<number> = {
  read: (value, path) =>
    typeof value === 'number' && Number.isFinite(value) ? value + 0 : refuse(path, `is ${shown(value)}, not a number`),
  json: { type: 'number' },
};

export const flag: Shape<boolean> = {
  read: (value, path) => (typeof value === 'boolean' ? value : refuse(path, `is ${shown(value)}, not true or false`)),
  json: { type: 'boolean' },
};

export const oneOf = <const V extends string>(...values: readonly V[]): Shape<V> => ({
  read: (value, path) => {
    const found = values.find((one) => one === value);
    return found ?? refuse(path, `is ${shown(value)}, not one of ${values.join(', ')}`);
  },
  json: values.length === 1 ? { const: values[0] } : { enum: values },
});

export const orNull = <T>(shape: Shape<T>): Shape<T | null> => ({
  read: (value, path) => (value === null ? null : shape.read(value, path)),
  json: { anyOf: [shape.json, { type: 'null' }] },
});

/** Entries under names that nobody fixed: short ones. */
export const record = <T>(item: Shape<T>, atMost: number): Shape<Readonly<Record<string, T>>> => ({
  read: (value, path) => {
    if (!isRecord(value)) return refuse(path, `is ${shown(value)}, not an object`);
    const entries = Object.entries(value);
    if (entries.length > atMost) return refuse(path, `has ${entries.length} members, more than ${atMost}`);
    return Object.freeze(
      Object.fromEntries(
        entries.map(([name, one]) => {
          if (!/^[A-Za-z][A-Za-z0-9 -]{0,63}$/.test(name)) refuse(path, 'has a member of no plain name');
          return [name, item.read(one, `${path}.${name}`)];
        }),
      ),
    );
  },
  json: { type: 'object', additionalProperties: item.json, maxProperties: atMost },
});

export const list = <T>(item: Shape<T>, atMost: number): Shape<readonly T[]> => ({
  read: (value, path) => {
    if (!Array.isArray(value)) return refuse(path, `is ${shown(value)}, not a list`);
    if (value.length > atMost) return refuse(path, `has ${value.length} entries, more than ${atMost}`);
    return Object.freeze(value.map((one: unknown, index) => item.read(one, `${path}[${index}]`)));
  },
  json: { type: 'array', items: item.json, maxItems: atMost },
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function object<T extends object>(members: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const shapes: readonly (readonly [string, Shape<unknown>])[] = Object.entries(
    // What every entry is, whatever T.
    members as Readonly<Record<string, Shape<unknown>>>,
  );
  const known = new Set(shapes.map(([name]) => name));
  return {
    read: (value, path) => {
      if (!isRecord(value)) return refuse(path, `is ${shown(value)}, not an object`);
      const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
      for (const name of Object.keys(value)) if (!known.has(name)) refuse(at(name.slice(0, 60)), 'is not known');
      const entries = shapes.map(([name, shape]) => {
        if (!Object.hasOwn(value, name)) refuse(at(name), 'is missing');
        return [name, shape.read(value[name], at(name))] as const;
      });
      // Every member of T was read by the shape of its type: the one place that says so.
      return Object.freeze(Object.fromEntries(entries)) as T;
    },
    json: {
      type: 'object',
      properties: Object.fromEntries(shapes.map(([name, { json }]) => [name, json])),
      required: [...known],
      additionalProperties: false,
    },
  };
}

/** The members of a union, told apart by the text in `tag`. */
export function tagged<T extends object, Tag extends keyof T & string>(
  tag: Tag,
  variants: { readonly [V in T[Tag] & string]: Shape<Extract<T, { readonly [K in Tag]: V }>> },
): Shape<T> {
  // A shape of a variant reads a T: exactness, which forbids the assignment, is no property of the value.
  const byTag = new Map(Object.entries(variants as unknown as Readonly<Record<string, Shape<T>>>));
  return {
    read: (value, path) => {
      if (!isRecord(value)) return refuse(path, `is ${shown(value)}, not an object`);
      const which = value[tag];
      const variant = typeof which === 'string' ? byTag.get(which) : undefined;
      if (variant === undefined) return refuse(`${path === '' ? '' : `${path}.`}${tag}`, `is ${shown(which)}`);
      return variant.read(value, path);
    },
    json: { oneOf: [...byTag.values()].map(({ json }) => json) },
  };
}
