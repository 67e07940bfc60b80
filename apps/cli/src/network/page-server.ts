// Serves the pages from a participant's own machine: the files of one build out of memory, and nothing else. The policy beside them is that of a
// server's pages with one server more that they may talk to, by its name, and a header tells the page which.
//
// Refuses: every method but GET and HEAD, and a Host that is not the one it listens as (a foreign name that was made to point at this machine
// would have keys of its own here, and a person could not tell).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import type { PageBuild } from './page-build.ts';

export interface PageServerOptions {
  readonly build: PageBuild;
  readonly host: string;
  readonly port: number;
  /** As people type it, where it is not the host that it listens on. */
  readonly name: string;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** Behind a proxy the name is the proxy's. */
  readonly isAnyName: boolean;
  /** The one server that the pages may talk to. */
  readonly server: string;
}

export interface RunningPages {
  readonly url: string;
  readonly ended: Promise<void>;
  readonly close: () => void;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** As apps/server/src/http/static-pages.ts has it, which is not imported: a test holds one to the other. */
export const policyFor = (server: string): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${new URL(server).origin}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');

const headersFor = (server: string): Readonly<Record<string, string>> => ({
  'content-security-policy': policyFor(server),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-cache',
  'sumus-server': server,
});

export async function servePages(options: PageServerOptions): Promise<RunningPages> {
  const { host, port, name, tls } = options;
  const settings = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 10_000 };
  const server: Server = tls === undefined ? createServer(settings) : createTlsServer({ ...settings, ...tls });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const found = (server.address() as AddressInfo).port;
  const authority = `${name.includes(':') ? `[${name}]` : name}:${found}`;
  const url = new URL(`${tls === undefined ? 'http' : 'https'}://${authority}`);
  const served = filesOf(options.build);
  const headers = headersFor(options.server);
  // A browser leaves the port out where it is the usual one, and so does URL.
  const isHere = (host: string | undefined): boolean => options.isAnyName || host?.toLowerCase() === url.host;
  server.on('request', (request, response) => answer(request, response, { served, headers, isHere }));
  return {
    url: url.origin,
    ended: new Promise((resolve) => server.once('close', resolve)),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Serving {
  readonly served: ReadonlyMap<string, Served>;
  readonly headers: Readonly<Record<string, string>>;
  readonly isHere: (host: string | undefined) => boolean;
}

function answer(request: IncomingMessage, response: ServerResponse, { served, headers, isHere }: Serving): void {
  const { method, url = '/' } = request;
  const [path = '/'] = url.split('?');
  const file = served.get(path);
  const isRead = method === 'GET' || method === 'HEAD';
  const status = !isHere(request.headers.host) ? 421 : !isRead ? 405 : file === undefined ? 404 : 200;
  if (status !== 200 || file === undefined) response.writeHead(status, { ...headers, 'content-length': 0 }).end();
  else {
    response.writeHead(200, { ...headers, 'content-type': file.type, 'content-length': file.bytes.length });
    response.end(method === 'HEAD' ? undefined : file.bytes);
  }
}

interface Served {
  readonly bytes: Buffer;
  readonly type: string;
}

/** `/join` is what a link says; the file is join.html. */
function filesOf({ files }: PageBuild): ReadonlyMap<string, Served> {
  const served = new Map<string, Served>();
  for (const [path, bytes] of files) {
    const one: Served = { bytes, type: TYPES[extname(path)] ?? 'application/octet-stream' };
    served.set(path, one);
    if (path.endsWith('.html')) served.set(path.slice(0, -'.html'.length).replace(/\/index$/, '/'), one);
  }
  return served;
}
