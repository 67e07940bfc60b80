// Whether what a participant sends for one seed is the same in Node and in a browser, byte for byte: the suites that hold whole rounds of mask and
// one-shot to one digest of everything on the wire, run in both.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root: string = join(import.meta.dirname, '..', '..', '..');
const SUITES = ['packages/secure-sum/src/mask/same-sum', 'packages/secure-sum/src/one-shot/same-round'];

/** 1 where both hold; else what the runner said last. */
export function sameBytes(): { readonly measured: number } | { readonly measured: null; readonly reason: string } {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  for (const more of [[], ['--config', join(root, 'vitest.chromium.config.ts')]]) {
    const run = spawnSync(process.execPath, [vitest, 'run', ...more, ...SUITES], { cwd: root, encoding: 'utf8' });
    if (run.status !== 0) return { measured: null, reason: `${run.stdout}${run.stderr}`.trim().slice(-300) };
  }
  return { measured: 1 };
}
