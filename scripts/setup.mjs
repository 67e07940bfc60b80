// What every other command needs first: dependencies as locked, and a build of what is in the tree.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRunNode, npmScript, root, say, toolScript } from './run.mjs';

const stampPath = join(root, 'node_modules', '.sumus-installed');

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.platform)
    .update(process.arch)
    .digest('hex');
}

export async function ensureInstalled() {
  const digest = lockDigest();
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === digest) return;
  say('installing dependencies as locked (npm ci; once, and again when the lock changes)…');
  await mustRunNode(npmScript(), ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stampPath, digest);
}

/** The projects of the build, as the root tsconfig lists them. */
const projects = () =>
  [...readFileSync(join(root, 'tsconfig.json'), 'utf8').matchAll(/"path": "([^"]+)"/g)].map(([, path]) =>
    join(root, path),
  );

export async function ensureBuilt() {
  // tsc trusts its notes on the last build and would not miss an output folder that somebody deleted.
  for (const project of projects()) {
    if (!existsSync(join(project, 'dist'))) rmSync(join(project, 'tsconfig.tsbuildinfo'), { force: true });
  }
  say('building what changed (tsc)…');
  await mustRunNode(toolScript('typescript', 'tsc'), ['-b']);
}

export async function setUp() {
  await ensureInstalled();
  await ensureBuilt();
}
