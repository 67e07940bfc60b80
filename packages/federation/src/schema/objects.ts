// Objects and unions of objects. An object's members are those of its interface, no more and no fewer; a member that is not known is
// refused with the nearest name, and one that is refused on purpose (a public sampling seed) with the reason.

import { at, type JsonSchema, type Problem, type Read, refuse, type Schema, shown } from './schema.ts';

/** A member that may be left out. */
export interface Optional<T> {
  readonly optional: Schema<T>;
}

export const optional = <T>(schema: Schema<T>): Optional<T> => ({ optional: schema });

/** One schema for every member: optional ones where the interface says so. */
export type Members<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Optional<NonNullable<T[K]>> : Schema<T[K]>;
};

export interface ObjectOptions {
  /** Members that people would try, and why there are none. */
  readonly refused?: Readonly<Record<string, { readonly what: string; readonly next: string }>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Member {
  readonly schema: Schema<unknown>;
  readonly isOptional: boolean;
}

export function object<T extends object>(members: Members<T>, { refused = {} }: ObjectOptions = {}): Schema<T> {
  const known = new Map<string, Member>();
  // What every entry of Members<T> is, whatever T: the types of the members do not matter for reading them.
  const entries = members as Readonly<Record<string, Schema<unknown> | Optional<unknown>>>;
  for (const [name, member] of Object.entries(entries)) {
    const isOptional = 'optional' in member;
    known.set(name, { schema: isOptional ? member.optional : member, isOptional });
  }
  const properties: Record<string, JsonSchema> = {};
  for (const [name, { schema }] of known) properties[name] = schema.json;
  return {
    read: (value, path, problems): Read<T> => {
      if (!isRecord(value)) return refuse(problems, path, `is ${shown(value)}`, 'write an object: { … }');
      const before = problems.length;
      for (const name of Object.keys(value)) {
        if (known.has(name)) continue;
        const reason = Object.hasOwn(refused, name) ? refused[name] : undefined;
        if (reason !== undefined) refuse(problems, at(path, name), reason.what, reason.next);
        else refuse(problems, at(path, name), 'is not known', remedyFor(name, [...known.keys()]));
      }
      const entries: [string, unknown][] = [];
      for (const [name, { schema, isOptional }] of known) {
        if (!Object.hasOwn(value, name)) {
          if (!isOptional) refuse(problems, at(path, name), 'is missing', `add ${JSON.stringify(name)}`);
          continue;
        }
        const read = schema.read(value[name], at(path, name), problems);
        if (read !== undefined) entries.push([name, read.value]);
      }
      if (problems.length > before) return undefined;
      // Every member of T was read by the schema of its type, and Members<T> has them all: the one place that says so.
      return { value: Object.freeze(Object.fromEntries(entries)) as T };
    },
    json: {
      type: 'object',
      properties,
      required: [...known].filter(([, { isOptional }]) => !isOptional).map(([name]) => name),
      additionalProperties: false,
    },
  };
}

/** The member of a union whose tag can be V. */
export type Variant<T, Tag extends keyof T, V> = T extends unknown ? (V extends T[Tag] ? T : never) : never;

export type Variants<T, Tag extends keyof T> = { readonly [V in T[Tag] & string]: Schema<Variant<T, Tag, V>> };

/** Objects that differ by the text in `tag`: the schema of each is in `variants` under that text. */
export function tagged<T extends object, Tag extends keyof T & string>(
  tag: Tag,
  variants: Variants<T, Tag>,
): Schema<T> {
  // A schema of a variant reads a T: exactness, which forbids the assignment, is no property of the value.
  const byTag = new Map(Object.entries(variants as unknown as Readonly<Record<string, Schema<T>>>));
  return {
    read: (value, path, problems): Read<T> => {
      if (!isRecord(value)) return refuse(problems, path, `is ${shown(value)}`, 'write an object: { … }');
      const which = value[tag];
      const variant = typeof which === 'string' ? byTag.get(which) : undefined;
      if (variant === undefined) {
        const names = [...byTag.keys()].map((name) => JSON.stringify(name)).join(', ');
        return refuse(problems, at(path, tag), `is ${shown(which)}`, `write one of ${names}`);
      }
      return variant.read(value, path, problems);
    },
    json: { oneOf: [...new Set(byTag.values())].map((variant) => variant.json) },
  };
}

/** Any object of JSON values; what they mean is read elsewhere. */
export function jsonObject<T>(what: string, depthAtMost: number): Schema<Readonly<Record<string, T>>> {
  return {
    read: (value, path, problems) => {
      const next = `write ${what}`;
      if (!isRecord(value)) return refuse(problems, path, `is ${shown(value)}`, next);
      const copy = frozenJson(value, depthAtMost);
      if (copy === undefined) return refuse(problems, path, `is no JSON of at most ${depthAtMost} levels`, next);
      // Whether the values are of type T is what frozenJson just checked: T is a JSON value.
      return { value: copy.value as Readonly<Record<string, T>> };
    },
    json: { type: 'object' },
  };
}

function frozenJson(value: unknown, depth: number): { readonly value: unknown } | undefined {
  if (value === null || typeof value === 'boolean') return { value };
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value) ? undefined : { value };
  if (typeof value === 'number')
    return Number.isFinite(value) ? { value: Object.is(value, -0) ? 0 : value } : undefined;
  if (depth === 0 || typeof value !== 'object') return undefined;
  const entries: [string, unknown][] = [];
  for (const [name, one] of Object.entries(value)) {
    const copy = frozenJson(one, depth - 1);
    if (copy === undefined) return undefined;
    entries.push([name, copy.value]);
  }
  return { value: Object.freeze(Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries)) };
}

function remedyFor(name: string, known: readonly string[]): string {
  const near = known.find((one) => distance(one.toLowerCase(), name.toLowerCase()) <= 2);
  return near === undefined ? `remove it; there is ${known.join(', ')}` : `did you mean ${near}?`;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Reads a whole file's value: the value, or all that is wrong with it. */
export type Checked<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

export function check<T>(schema: Schema<T>, value: unknown): Checked<T> {
  const problems: Problem[] = [];
  const read = schema.read(value, '', problems);
  return read === undefined || problems.length > 0
    ? { kind: 'invalid', problems: Object.freeze(problems) }
    : { kind: 'valid', value: read.value };
}

/** One line a problem: where, what, what next. */
export const problemLine = ({ path, what, next }: Problem): string =>
  `${path === '' ? 'the file' : path} ${what}: ${next}`;
