// On Node; and the vectors are what the script computes.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { nodePrimitives } from '@sumus/platform/node';
import { expect, it } from 'vitest';
import { knownAnswerSuite } from './known-answers.contract.ts';

knownAnswerSuite('Node', nodePrimitives);

it('attack 68: the vectors are what scripts/known-answers.mjs computes from the specification', () => {
  const script = join(import.meta.dirname, '../../../../scripts/known-answers.mjs');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});
