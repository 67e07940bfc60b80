// The tree as the architecture test sees it: a map from a path (with forward slashes, relative to the root) to a text.
// The rules work on such a map alone, so that a planted violation is a few strings and needs no disk.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Tree = ReadonlyMap<string, string>;

/** Only these matter to a rule; everything else in the tree (vectors, documents, pictures) is left unread. */
const isRelevant = (name: string): boolean =>
  /\.(ts|mts|cts|tsx|mjs|js|cjs)$/.test(name) || name === 'package.json' || /^tsconfig.*\.json$/.test(name);

const skippedFolders = new Set(['node_modules', 'dist', '.git', 'coverage', '.vite']);
/** What vite built of apps/web. */
const builtPages = 'apps/web/pages';

export function readTree(root: string): Tree {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skippedFolders.has(entry.name) && path !== builtPages) visit(path);
      else if (entry.isFile() && isRelevant(entry.name)) tree.set(path, readFileSync(join(root, path), 'utf8'));
    }
  };
  visit('');
  return tree;
}

/** Embedded kernels are one long string each: generated, without imports, not worth parsing. */
export const isGenerated = (path: string): boolean => path.endsWith('.wasm.ts');

/** Tests and contract suites: they may use Node and development dependencies. */
export const isTest = (path: string): boolean => /\.(test|contract)\.[cm]?tsx?$/.test(path);

export const isSource = (path: string): boolean => /\.(ts|mts|cts|tsx|mjs|js|cjs)$/.test(path);
