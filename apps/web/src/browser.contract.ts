// The pages in a real browser, for tests: built if they are not, served as a coordinator serves them (the same content security policy, nothing
// else), and watched: a request to anywhere else, a violation of the policy, an error on the console or one that nobody caught fails.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';

const root: string = join(import.meta.dirname, '..', '..', '..');
const pages: string = join(root, 'apps', 'web', 'pages');
const executablePath: string = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const hasBrowser = (): boolean => existsSync(executablePath);

/** What the server says with every page: apps/server/src/http/static-pages.ts, which no room may import. */
export const POLICY: string = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

const kinds: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  json: 'application/json',
};

export interface Extra {
  readonly [path: string]: string | Uint8Array;
}

export class Pages {
  readonly origin: string;
  /** What went wrong so far: has to stay empty. */
  readonly troubles: string[] = [];
  readonly #server: Server | undefined;
  readonly #browser: Browser;
  readonly #alsoAsked: readonly string[];
  static readonly folder: string = pages;

  static build(): void {
    const built = spawnSync(process.execPath, [join(root, 'scripts', 'pages.mjs')], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`the pages do not build: ${built.stderr}`);
  }

  /** `extra`: what is served beside the pages. */
  static async open(extra: Extra = {}): Promise<Pages> {
    Pages.build();
    const server = createServer(({ url = '/' }, response) => {
      const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
      const file = normalize(join(pages, path));
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      const body = extra[path] ?? (file.startsWith(pages) && existsSync(file) ? readFileSync(file) : undefined);
      if (body === undefined) response.writeHead(404).end();
      else {
        response.setHeader('content-type', kinds[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
        response.end(body);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Pages(server, await launched(), `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** Pages that somebody else serves; `alsoAsked`: hosts that they may ask besides. */
  static async at(origin: string, alsoAsked: readonly string[] = []): Promise<Pages> {
    return new Pages(undefined, await launched(), origin.replace(/\/$/, ''), alsoAsked);
  }

  private constructor(server: Server | undefined, browser: Browser, origin: string, alsoAsked: readonly string[] = []) {
    this.#server = server;
    this.#browser = browser;
    this.origin = origin;
    this.#alsoAsked = alsoAsked;
  }

  async tab(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.on('pageerror', (error) => this.troubles.push(`${path}: ${error.message}`));
    page.on('console', (message) => {
      // Whether a coordinator is there can only be asked, and where none is, the browser says that it found nothing.
      const isAsking = message.location().url === `${this.origin}/v1/server` && message.text().includes('404');
      if (message.type() === 'error' && !isAsking) this.troubles.push(`${path}: ${message.text()}`);
    });
    page.on('request', (request) => {
      const address = request.url();
      if (![this.origin, ...this.#alsoAsked].some((one) => address.startsWith(one)) && !/^(blob|data):/.test(address)) {
        this.troubles.push(`${path} asked ${address}`);
      }
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`the policy forbids ${violatedDirective}: ${blockedURI}`);
      });
    });
    await page.goto(`${this.origin}/${path}`);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    const server = this.#server;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }
}

const launched = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--enable-precise-memory-info'],
  });

export interface AxeFinding {
  readonly id: string;
  readonly impact: string | null | undefined;
  readonly places: readonly string[];
}

/** Serious and critical findings of axe-core on what the page shows now. */
export async function axeFindings(page: Page): Promise<readonly AxeFinding[]> {
  // Through the debugger, past the page's policy: as a browser's extension would.
  const source = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
  await page.evaluate(source);
  return page.evaluate(async () => {
    interface Axe {
      run: (options: object) => Promise<{
        violations: { id: string; impact?: string | null; nodes: { html: string; failureSummary?: string }[] }[];
      }>;
    }
    const { axe } = globalThis as unknown as { axe: Axe };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, nodes }) => ({
        id,
        impact,
        places: nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ''}`),
      }));
  });
}

/** What is wider than the window, by its words: has to be empty. */
export const tooWide = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    document.documentElement.scrollWidth <= innerWidth
      ? []
      : [...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
          .slice(0, 5)
          .map((element) => element.outerHTML.slice(0, 120)),
  );
