import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureNames } from '../information-loss/measures.ts';
import { defaults, type Policy, policyFromJson, roles } from './index.ts';

const small = {
  version: 1,
  columns: { age: { role: 'quasi-identifying' }, illness: { role: 'sensitive' } },
  models: [{ kind: 'k-anonymity', k: 5 }],
};

/** Every field that a policy can have, once. */
const large = {
  $schema: 'policy.schema.json',
  version: 1,
  columns: {
    name: { role: 'identifying', action: 'pseudonym' },
    mail: { role: 'identifying' },
    age: {
      role: 'quasi-identifying',
      hierarchy: { kind: 'numbers', width: 5, factor: 2, origin: 0 },
      tails: { lower: 18, upper: 90 },
      lowestLevel: 1,
      highestLevel: 3,
    },
    born: { role: 'quasi-identifying', hierarchy: { kind: 'dates' } },
    postcode: { role: 'quasi-identifying', hierarchy: { kind: 'masking', from: 'right' } },
    job: { role: 'quasi-identifying', hierarchy: { kind: 'categories', groups: { hands: ['baker', 'smith'] } } },
    sex: { role: 'quasi-identifying', hierarchy: { kind: 'file', file: 'sex.csv' } },
    town: { role: 'quasi-identifying', hierarchy: { kind: 'automatic' } },
    illness: { role: 'sensitive', order: ['none', 'some'], hierarchy: { kind: 'categories' } },
    answer: { role: 'sensitive', noise: { kind: 'randomised-response', epsilon: 1, categories: ['yes', 'no'] } },
    pay: { role: 'insensitive', noise: { kind: 'laplace', epsilon: 1, lower: 0, upper: 9000, resolution: 10 } },
    rent: {
      role: 'insensitive',
      noise: { kind: 'gaussian', noiseMultiplier: 1, delta: 1e-6, lower: 0, upper: 9000, resolution: 10 },
      tails: { upper: 8000 },
    },
  },
  otherColumns: 'remove',
  models: [
    { kind: 'k-anonymity', k: 5 },
    { kind: 'k-map', k: 9 },
    { kind: 'delta-presence', least: 0, most: 0.5 },
    { kind: 'distinct-l-diversity', attribute: 'illness', l: 2 },
    { kind: 'entropy-l-diversity', attribute: 'illness', l: 1.5 },
    { kind: 'recursive-cl-diversity', attribute: 'illness', c: 4, l: 2 },
    { kind: 't-closeness', attribute: 'illness', t: 0.2, distance: 'ordered' },
    { kind: 'delta-disclosure', attribute: 'illness', delta: 1, absent: 'violates' },
  ],
  method: { kind: 'full-domain', measure: 'loss', suppressionLimit: 0.1, suppressionWeight: 0.5 },
  missing: 'drop-rows',
  suppressedRows: 'mask',
  rowOrder: 'shuffled',
  riskThreshold: 0.1,
  pseudonyms: { purpose: 'a study', generation: 2 },
};

describe('a policy', () => {
  it('is read with what it says, and with defaults for the rest', () => {
    const { $schema: _, ...said } = large;
    const read: Policy = policyFromJson(large);
    expect(read).toEqual({ ...said, columns: { ...said.columns, mail: { role: 'identifying', action: 'remove' } } });
    expect(policyFromJson(small)).toEqual({
      ...defaults,
      ...small,
      columns: { ...small.columns, age: { role: 'quasi-identifying', hierarchy: { kind: 'automatic' } } },
    });
  });

  it.each([
    [null, /no object/],
    [{ ...small, version: 2 }, /version must be one of 1/],
    [{ ...small, suppresionLimit: 1 }, /has no suppresionLimit/],
    [{ ...small, columns: { age: { role: 'quasi' } } }, /columns: age: role must be one of/],
    [{ ...small, columns: { age: { role: 'quasi-identifying', noise: {} } } }, /age has no noise/],
    [{ ...small, columns: { illness: { role: 'sensitive' } } }, /no quasi-identifying/],
    [{ ...small, models: [] }, /names no model/],
    [{ ...small, models: [{ kind: 'k-anonymity', k: 0 }] }, /k is a whole number from 1/],
    [{ ...small, models: [{ kind: 'k-anonymity', k: '5' }] }, /models\[0\]: k must be a number, not "5"/],
    [{ ...small, models: [{ kind: 'distinct-l-diversity', attribute: 'age', l: 2 }] }, /does not call sensitive/],
    [
      { ...small, columns: { ...small.columns, name: { role: 'identifying', action: 'pseudonym' } } },
      /for which purpose/,
    ],
    [{ ...small, method: { kind: 'full-domain', measure: 'beauty' } }, /measure must be one of/],
  ])('is refused with the place where it is wrong: %j', (value, message) => {
    expect(() => policyFromJson(value)).toThrow(message);
  });

  it('is not fooled by names that objects have by birth', () => {
    const columns = JSON.parse('{"__proto__": {"role": "sensitive"}, "age": {"role": "quasi-identifying"}}');
    expect(Object.keys(policyFromJson({ ...small, columns }).columns)).toEqual(['__proto__', 'age']);
    const models = [{ kind: 'distinct-l-diversity', attribute: 'constructor', l: 2 }];
    expect(() => policyFromJson({ ...small, models })).toThrow(/does not call sensitive/);
  });
});

describe('the published schema', () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'policy.schema.json'), 'utf8'));

  it('accepts what the reader accepts, and knows every field of it', () => {
    expect(accepts(schema, large)).toBe(true);
    expect(accepts(schema, small)).toBe(true);
  });

  it('refuses what the reader refuses, when any field is misspelt', () => {
    const misspelt = fieldsOf(large).map((path) => renamedAt(large, path));
    expect(misspelt.length).toBeGreaterThan(80);
    for (const value of misspelt) {
      expect(() => policyFromJson(value)).toThrow();
      expect(accepts(schema, value), JSON.stringify(value)).toBe(false);
    }
  });

  it('lists the same roles and measures', () => {
    const text = JSON.stringify(schema);
    for (const word of [...roles, ...measureNames]) expect(text).toContain(`"${word}"`);
  });

  /** As much of JSON Schema as the schema uses. */
  function accepts(rule: Record<string, unknown>, value: unknown): boolean {
    const known = new Set([
      '$ref',
      'oneOf',
      'const',
      'enum',
      'type',
      'properties',
      'required',
      'additionalProperties',
      'items',
      'minimum',
      'maximum',
      'exclusiveMinimum',
      'exclusiveMaximum',
      'minLength',
      'minItems',
      'default',
      'description',
      'title',
      '$schema',
      '$defs',
    ]);
    const strange = Object.keys(rule).filter((word) => !known.has(word));
    if (strange.length > 0) throw new Error(`the test does not know ${strange.join(', ')}`);
    const part = (one: unknown, inner: unknown): boolean => accepts(one as Record<string, unknown>, inner);
    if (rule['$ref'] !== undefined) return part(schema.$defs[String(rule['$ref']).split('/').at(-1) ?? ''], value);
    if (Array.isArray(rule['oneOf'])) return rule['oneOf'].filter((one) => part(one, value)).length === 1;
    if ('const' in rule) return value === rule['const'];
    if (Array.isArray(rule['enum'])) return rule['enum'].includes(value);
    switch (rule['type']) {
      case 'string':
        return typeof value === 'string' && value.length >= Number(rule['minLength'] ?? 0);
      case 'integer':
      case 'number': {
        if (typeof value !== 'number' || (rule['type'] === 'integer' && !Number.isInteger(value))) return false;
        const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = rule as Record<string, number | undefined>;
        return (
          value >= (minimum ?? -Infinity) &&
          value <= (maximum ?? Infinity) &&
          value > (exclusiveMinimum ?? -Infinity) &&
          value < (exclusiveMaximum ?? Infinity)
        );
      }
      case 'array':
        return (
          Array.isArray(value) &&
          value.length >= Number(rule['minItems'] ?? 0) &&
          value.every((one) => part(rule['items'], one))
        );
      case 'object': {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
        const properties = (rule['properties'] ?? {}) as Record<string, unknown>;
        const required = (rule['required'] ?? []) as string[];
        if (!required.every((name) => Object.hasOwn(value, name))) return false;
        return Object.entries(value).every(([name, one]) => {
          if (Object.hasOwn(properties, name)) return part(properties[name], one);
          return typeof rule['additionalProperties'] === 'object' && part(rule['additionalProperties'], one);
        });
      }
      default:
        return true;
    }
  }
});

/** Paths to every field whose name is part of the language, not of the table. */
function fieldsOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((one, at) => fieldsOf(one, [...path, at]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const own = [...path, name];
    const free = ['columns', 'groups'].includes(String(path.at(-1)));
    return [...(free ? [] : [own]), ...fieldsOf(one, own)];
  });
}

function renamedAt(value: unknown, [first, ...rest]: readonly (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((one, at) => (at === first ? renamedAt(one, rest) : one));
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>).map(([name, one]) => {
      if (name !== first) return [name, one];
      return rest.length === 0 ? [`${name}x`, one] : [name, renamedAt(one, rest)];
    }),
  );
}
