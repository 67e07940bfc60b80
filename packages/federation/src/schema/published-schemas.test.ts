// The JSON Schema files that editors and other programs read are those of the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planJsonSchema } from '../plan/index.ts';
import { policyJsonSchema } from '../policy/index.ts';

it.each([
  ['plan.schema.json', planJsonSchema],
  ['policy.schema.json', policyJsonSchema],
])('%s is up to date: else run node packages/federation/write-schemas.mjs after a build', (name, schema) => {
  const file: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', name), 'utf8'));
  expect(file).toEqual(JSON.parse(JSON.stringify(schema)));
});

it('describes every member of a plan, and allows no other', () => {
  const properties = planJsonSchema['properties'];
  expect(Object.keys(properties as object)).toHaveLength(16);
  expect(planJsonSchema['additionalProperties']).toBe(false);
});
