// npm run test:chromium: the known-answer and determinism suites in a real browser (Debian's Chromium, or CHROMIUM=path).
import { browser, hasBrowser } from './browser.mjs';
import { mustRunNode, say, toolScript } from './run.mjs';
import { setUp } from './setup.mjs';

if (!hasBrowser()) {
  say(`no browser at ${browser}: install Debian's chromium or name one with CHROMIUM=path`);
  process.exit(1);
}
await setUp();
await mustRunNode(
  toolScript('vitest', 'vitest'),
  ['run', '--config', 'vitest.chromium.config.ts', ...process.argv.slice(2)],
  {
    env: { ...process.env, CHROMIUM: browser },
  },
);
