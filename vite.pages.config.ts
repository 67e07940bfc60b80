// How the pages of apps/web are built: from sources, the libraries' too, into files that name nothing outside themselves. The same sources
// give the same bytes: no date, no path of this machine, no random name. scripts/pages.mjs runs it and writes the hashes.
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { digitsPicture } from './apps/web/digits-picture.ts';
import { workspaceAliases } from './vitest.aliases.ts';

const web: string = join(import.meta.dirname ?? process.cwd(), 'apps', 'web');
const page = (name: string): string => join(web, 'src', `${name}.html`);

export default defineConfig({
  root: join(web, 'src'),
  // Relative, so that the pages may lie in any folder of any host.
  base: './',
  publicDir: false,
  resolve: { alias: workspaceAliases() },
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
    rolldownOptions: { input: { index: page('index'), join: page('join'), lab: page('lab') } },
  },
});
