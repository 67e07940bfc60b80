// npm run pages: builds the pages of apps/web into apps/web/pages, if anything that they are made of changed since, and prints the hash
// of what came out: the same sources give the same hash on every machine. pages/files.json lists every file's SHA-256; the hash is that of
// the list. Whoever serves pages compares it with the one that was published.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mustRunNode, root, say, toolScript } from './run.mjs';

export const pagesFolder = join(root, 'apps', 'web', 'pages');
const stampPath = join(root, 'node_modules', '.sumus-pages');

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Everything that the pages are made of: sources without tests, manifests, the lock and the configuration. */
function sourcesDigest() {
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  const folders = [...packages, join(root, 'apps', 'web')];
  const files = folders.flatMap((folder) => {
    if (!existsSync(join(folder, 'src'))) return [];
    const sources = filesUnder(join(folder, 'src')).filter((path) => !/\.(test|contract)\.tsx?$/.test(path));
    return [join(folder, 'package.json'), ...sources];
  });
  const digits = join(root, 'apps', 'web', 'digits-picture.ts');
  const hash = createHash('sha256');
  for (const path of [...files, join(root, 'package-lock.json'), join(root, 'apps', 'web', 'vite.config.ts'), digits]) {
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/** The hash of pages that are there: of the list of their files. */
export const pagesHash = () => sha256(readFileSync(join(pagesFolder, 'files.json')));

export async function ensurePages() {
  const digest = sourcesDigest();
  const isThere = existsSync(join(pagesFolder, 'files.json'));
  if (isThere && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === digest) return pagesHash();
  say('building the pages (vite)…');
  rmSync(stampPath, { force: true });
  await mustRunNode(toolScript('vite', 'vite'), ['build', '--config', join(root, 'apps', 'web', 'vite.config.ts')]);
  const files = filesUnder(pagesFolder).map((path) => [
    relative(pagesFolder, path).split(sep).join('/'),
    sha256(readFileSync(path)),
  ]);
  writeFileSync(join(pagesFolder, 'files.json'), `${JSON.stringify(Object.fromEntries(files), null, 2)}\n`);
  writeFileSync(stampPath, digest);
  return pagesHash();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  say(`pages: ${await ensurePages()}`);
}
