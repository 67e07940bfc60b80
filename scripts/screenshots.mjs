// node scripts/screenshots.mjs FOLDER: pictures of every page, in light, dark and on a phone, for looking at before a release and for the README.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { browser, hasBrowser } from './browser.mjs';
import { digitsFolder } from './digits.mjs';
import { ensurePages, pagesFolder } from './pages.mjs';
import { mustRunNode, root } from './run.mjs';
import { setUp } from './setup.mjs';

const folder = process.argv[2];
if (folder === undefined) throw new Error('name a folder for the pictures');
if (!hasBrowser()) throw new Error(`no browser at ${browser}: name one with CHROMIUM=path`);
await setUp();
await ensurePages();
mkdirSync(folder, { recursive: true });
const program = join(root, 'apps', 'web', 'screenshots.mjs');
await mustRunNode(program, [resolve(folder), digitsFolder(), pagesFolder, browser]);
