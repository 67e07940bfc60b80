// What a JSON value must look like, as a value: it reads (and says what is wrong where, and what to do next) and it writes itself as JSON
// Schema. Schema<T> is exact in T: one that lacks a member of the interface, or has one more, does not compile, so a file's schema and
// its TypeScript type cannot drift apart. Scalars and lists are here, objects and unions in objects.ts.
//
// Refused by every reader: what the schema does not name. A value that was read is a frozen copy.

/** What is wrong with a file, where, and what to do next. */
export interface Problem {
  /** Such as `privacy.noiseMultiplier` or `metrics[1].name`; empty for the whole. */
  readonly path: string;
  readonly what: string;
  readonly next: string;
}

export type JsonSchema = { readonly [keyword: string]: unknown };

/** The value, or nothing and at least one more problem. */
export type Read<T> = { readonly value: T } | undefined;

export interface Schema<T> {
  readonly read: (value: unknown, path: string, problems: Problem[]) => Read<T>;
  readonly json: JsonSchema;
  /** Never called: makes Schema<T> exact in T. */
  readonly exactly?: (value: T) => T;
}

/** What a value is, in few words, for a message: never a long one. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'bigint' ? `${value}` : (JSON.stringify(value) ?? String(value));
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

export function refuse(problems: Problem[], path: string, what: string, next: string): undefined {
  problems.push({ path, what, next });
  return undefined;
}

/** `at(‘privacy’, ‘delta’)`: how a path goes on. */
export const at = (path: string, member: string | number): string =>
  typeof member === 'number' ? `${path}[${member}]` : path === '' ? member : `${path}.${member}`;

/** The same schema with a sentence for people. */
export const described = <T>(text: string, schema: Schema<T>): Schema<T> => ({
  ...schema,
  json: { ...schema.json, description: text },
});

interface TextRange {
  readonly atLeast?: number;
  readonly atMost: number;
  /** A pattern and what it stands for in words. */
  readonly pattern?: { readonly source: string; readonly means: string };
}

export function text({ atLeast = 0, atMost, pattern }: TextRange): Schema<string> {
  const expression = pattern === undefined ? undefined : new RegExp(pattern.source, 'u');
  const wanted = pattern?.means ?? `a text of ${atLeast} to ${atMost} characters`;
  return {
    read: (value, path, problems) => {
      if (typeof value !== 'string') return refuse(problems, path, `is ${shown(value)}, not a text`, `write ${wanted}`);
      if (value.length < atLeast || value.length > atMost || /\p{Surrogate}/u.test(value)) {
        return refuse(problems, path, `has ${value.length} characters`, `write a text of ${atLeast} to ${atMost}`);
      }
      if (expression?.test(value) === false) {
        return refuse(problems, path, `is ${shown(value)}`, `write ${wanted}`);
      }
      return { value };
    },
    json: {
      type: 'string',
      minLength: atLeast,
      maxLength: atMost,
      ...(pattern === undefined ? {} : { pattern: pattern.source }),
    },
  };
}

interface NumberRange {
  readonly atLeast?: number;
  readonly above?: number;
  readonly atMost?: number;
  readonly below?: number;
}

function rangeInWords({ atLeast, above, atMost, below }: NumberRange): string {
  const low = above !== undefined ? `above ${above}` : atLeast !== undefined ? `at least ${atLeast}` : '';
  const high = below !== undefined ? `below ${below}` : atMost !== undefined ? `at most ${atMost}` : '';
  return [low, high].filter((one) => one !== '').join(' and ');
}

const isWithin = (value: number, { atLeast, above, atMost, below }: NumberRange): boolean =>
  (atLeast === undefined || value >= atLeast) &&
  (above === undefined || value > above) &&
  (atMost === undefined || value <= atMost) &&
  (below === undefined || value < below);

const rangeAsJson = ({ atLeast, above, atMost, below }: NumberRange): JsonSchema => ({
  ...(atLeast === undefined ? {} : { minimum: atLeast }),
  ...(above === undefined ? {} : { exclusiveMinimum: above }),
  ...(atMost === undefined ? {} : { maximum: atMost }),
  ...(below === undefined ? {} : { exclusiveMaximum: below }),
});

function numeric(kind: 'number' | 'integer', range: NumberRange): Schema<number> {
  const wanted = `${kind === 'integer' ? 'a whole number' : 'a number'} ${rangeInWords(range)}`.trimEnd();
  return {
    read: (value, path, problems) => {
      const isOne =
        typeof value === 'number' &&
        (kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
        isWithin(value, range);
      // −0 has no canonical text.
      return isOne
        ? { value: Object.is(value, -0) ? 0 : value }
        : refuse(problems, path, `is ${shown(value)}`, `write ${wanted}`);
    },
    json: { type: kind, ...rangeAsJson(range) },
  };
}

export const number = (range: NumberRange): Schema<number> => numeric('number', range);

export const whole = (atLeast: number, atMost: number): Schema<number> => numeric('integer', { atLeast, atMost });

export const flag: Schema<boolean> = {
  read: (value, path, problems) =>
    typeof value === 'boolean' ? { value } : refuse(problems, path, `is ${shown(value)}`, 'write true or false'),
  json: { type: 'boolean' },
};

export function oneOf<const V extends string>(...values: readonly V[]): Schema<V> {
  return {
    read: (value, path, problems) => {
      const found = values.find((one) => one === value);
      if (found !== undefined) return { value: found };
      const names = values.map((one) => JSON.stringify(one)).join(' or ');
      return refuse(problems, path, `is ${shown(value)}`, `write ${names}`);
    },
    json: values.length === 1 ? { const: values[0] } : { enum: values },
  };
}

export const orNull = <T>(schema: Schema<T>): Schema<T | null> => ({
  read: (value, path, problems) => (value === null ? { value: null } : schema.read(value, path, problems)),
  json: { anyOf: [schema.json, { type: 'null' }] },
});

export function list<T>(
  item: Schema<T>,
  { atLeast, atMost }: { readonly atLeast: number; readonly atMost: number },
): Schema<readonly T[]> {
  return {
    read: (value, path, problems) => {
      if (!Array.isArray(value)) return refuse(problems, path, `is ${shown(value)}`, 'write a list: [ … ]');
      if (value.length < atLeast || value.length > atMost) {
        return refuse(problems, path, `has ${value.length} entries`, `write ${atLeast} to ${atMost}`);
      }
      const items: T[] = [];
      for (let index = 0; index < value.length; index++) {
        const read = item.read(value[index], at(path, index), problems);
        if (read !== undefined) items.push(read.value);
      }
      return items.length === value.length ? { value: Object.freeze(items) } : undefined;
    },
    json: { type: 'array', items: item.json, minItems: atLeast, maxItems: atMost },
  };
}
