// The pages under measurement: built, served over loopback as a coordinator serves them, and opened in Chromium.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright';

const root: string = join(import.meta.dirname, '..', '..', '..');
const folder: string = join(root, 'apps', 'web', 'pages');
const executablePath: string = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const hasBrowser = (): boolean => existsSync(executablePath);

/** Answers with why they do not build, where they do not. */
export function buildPages(): string | undefined {
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'pages.mjs')], { encoding: 'utf8' });
  return built.status === 0 ? undefined : built.stderr.slice(-400);
}

const kinds: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};

export interface Served {
  readonly origin: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

export async function servePages(): Promise<Served> {
  const server: Server = createServer(({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const file = normalize(join(folder, path));
    if (!file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    // Isolated from other origins, as the server has it: only then does a browser say how much memory a page takes.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('content-type', kinds[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--enable-blink-features=ForceEagerMeasureMemory',
    ],
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    browser,
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Gzip bytes of script, style and embedded WebAssembly that are loaded until the dashboard shows a run. */
export function firstPaintBytes(): number {
  const assets = join(folder, 'assets');
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const wanted = [...html.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name = '']) => name);
  wanted.push(...readdirSync(assets).filter((name) => name.startsWith('log.worker')));
  for (const name of wanted) {
    const source = readFileSync(join(assets, name), 'utf8');
    for (const [, from = '', alone = ''] of source.matchAll(/from"\.\/([\w.-]+\.js)"|import"\.\/([\w.-]+\.js)"/g)) {
      const found = from || alone;
      if (found !== '' && !wanted.includes(found)) wanted.push(found);
    }
  }
  return wanted.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
}
