// npm test: sets everything up, then runs the tests. What this machine lacks (Chromium, PostgreSQL, bench data) is named,
// not hidden. --full runs the long suites whole instead of a seeded slice. Further arguments go to the test runner.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasBrowser } from './browser.mjs';
import { mustRunNode, root, say, toolScript } from './run.mjs';
import { setUp } from './setup.mjs';

const args = process.argv.slice(2);
const full = args.includes('--full');
await setUp();
if (!hasBrowser())
  say('skip: no Chromium on this machine; the browser suites run with npm run test:chromium where there is one');
if (!existsSync(join(root, '..', 'shared', 'data')))
  say('skip: no bench data on this machine; no test needs it, some benches do');
await mustRunNode(toolScript('vitest', 'vitest'), ['run', ...args.filter((arg) => arg !== '--full')], {
  env: { ...process.env, ...(full ? { SUMUS_FULL: '1' } : {}) },
});
