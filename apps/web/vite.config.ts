// How the pages are built: from sources, the libraries' too, into files that name nothing outside themselves. The same sources give the same
// bytes: no date, no path of this machine, no random name. scripts/pages.mjs runs it and writes the hashes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Alias, defineConfig } from 'vite';
import { digitsPicture } from './digits-picture.ts';

const web: string = import.meta.dirname ?? process.cwd();
const page = (name: string): string => join(web, 'src', `${name}.html`);

/** Every public entry of a library is the source that it is built from. */
function sourcesOfLibraries(): Alias[] {
  const packages = join(web, '..', '..', 'packages');
  return readdirSync(packages).flatMap((folder) => {
    const manifest = join(packages, folder, 'package.json');
    if (!existsSync(manifest)) return [];
    const read: { readonly name: string; readonly exports?: Readonly<Record<string, { readonly default: string }>> } =
      JSON.parse(readFileSync(manifest, 'utf8'));
    return Object.entries(read.exports ?? {}).map(([entry, target]) => {
      const source = target.default.replace('./dist/', './src/').replace(/\.js$/, '.ts');
      return { find: new RegExp(`^${read.name}${entry.slice(1)}$`), replacement: join(packages, folder, source) };
    });
  });
}

export default defineConfig({
  root: join(web, 'src'),
  // Relative, so that the pages may lie in any folder of any host.
  base: './',
  publicDir: false,
  resolve: { alias: sourcesOfLibraries() },
  logLevel: 'warn',
  worker: { format: 'es' },
  plugins: [digitsPicture()],
  build: {
    outDir: join(web, 'pages'),
    emptyOutDir: true,
    target: 'es2023',
    // Nothing becomes a data: address, which the content security policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: { index: page('index'), join: page('join'), lab: page('lab') },
    },
  },
});
