// The JSON Schema files that editors and other programs read are those of the code. They are written by this test when it is run with
// SUMUS_WRITE_SCHEMAS=1 in the environment, and held to the code when it is not.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planJsonSchema } from '../plan/index.ts';
import { policyJsonSchema } from '../policy/index.ts';

it.each([
  ['plan.schema.json', planJsonSchema],
  ['policy.schema.json', policyJsonSchema],
])('%s is up to date: else run this test with SUMUS_WRITE_SCHEMAS=1', (name, schema) => {
  const path = join(import.meta.dirname, '..', '..', name);
  if (process.env['SUMUS_WRITE_SCHEMAS'] === '1') writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});

it('describes every member of a plan, and allows no other', () => {
  const properties = planJsonSchema['properties'];
  expect(Object.keys(properties as object)).toHaveLength(17);
  expect(planJsonSchema['additionalProperties']).toBe(false);
});
