// Writes plan.schema.json and policy.schema.json from the schemas that the code reads with: `node packages/federation/write-schemas.mjs`
// after a build. A test fails while they differ.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planJsonSchema } from './dist/plan/index.js';
import { policyJsonSchema } from './dist/policy/index.js';

for (const [name, schema] of Object.entries({ plan: planJsonSchema, policy: policyJsonSchema })) {
  writeFileSync(join(import.meta.dirname, `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
