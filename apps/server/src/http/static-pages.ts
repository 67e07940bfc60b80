// A folder of files as pages: read once at start, so that no path of a request is ever joined to one of the disk. Their policy lets nothing in
// that is not ours: no foreign script, style, image, frame or connection, and no address that a page was come from goes out.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Answer, Headers } from './answer.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json',
};

/** Of every page, and of every answer where a browser could be led to look at it. */
export const CONTENT_SECURITY_POLICY: string = [
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

/** Of answers that are no pages. */
export const API_HEADERS: Headers = Object.freeze({
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
});

const PAGE_HEADERS: Headers = Object.freeze({
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
});

interface Page {
  readonly bytes: Buffer;
  readonly headers: Headers;
}

export class StaticPages {
  readonly #pages = new Map<string, Page>();

  constructor(folder: string | undefined) {
    if (folder !== undefined) this.#add(folder, '/');
  }

  get count(): number {
    return this.#pages.size;
  }

  /** Of a path without its query; undefined where there is no such page. */
  answer(path: string, ifNoneMatch: string | undefined): Answer | undefined {
    const page = this.#pages.get(path);
    if (page === undefined) return undefined;
    const { bytes, headers } = page;
    if (ifNoneMatch === headers['etag']) return { kind: 'bytes', status: 304, headers, pieces: [] };
    return {
      kind: 'bytes',
      status: 200,
      headers: { ...headers, 'content-length': `${bytes.length}` },
      pieces: [bytes],
    };
  }

  #add(folder: string, path: string): void {
    for (const name of readdirSync(folder)) {
      if (name.startsWith('.')) continue;
      const file = join(folder, name);
      const entry = statSync(file);
      if (entry.isDirectory()) this.#add(file, `${path}${name}/`);
      else if (entry.isFile()) this.#addFile(file, `${path}${name}`);
    }
  }

  #addFile(file: string, path: string): void {
    const type = TYPES[extname(file)];
    if (type === undefined) return;
    const bytes = readFileSync(file);
    const isNamedByContent = /-[A-Za-z0-9_-]{8,}\.\w+$/.test(path);
    const page: Page = {
      bytes,
      headers: {
        ...PAGE_HEADERS,
        'content-type': type,
        etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
        'cache-control': isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    };
    this.#pages.set(path, page);
    if (path.endsWith('/index.html')) this.#pages.set(path.slice(0, -'index.html'.length), page);
    // `/join` is what a link says; the file is join.html, or join/index.html.
    if (path.endsWith('.html')) this.#pages.set(path.slice(0, -'.html'.length).replace(/\/index$/, '') || '/', page);
  }
}
