// Test material: the little server behind Node's HTTP, with TLS where a test has a certificate.

import { type IncomingMessage, createServer as plainServer, type RequestListener, type Server } from 'node:http';
import { createServer as tlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { LittleServer } from '../little-server.contract.ts';

export interface Listening {
  readonly url: string;
  /** Connections and requests so far. */
  readonly seen: { connections: number; requests: number };
  close(): Promise<void>;
}

export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Uint8Array.from(Buffer.concat(pieces));
}

export const answeringFor =
  (server: LittleServer): RequestListener =>
  (request, response) => {
    const answer = async (): Promise<void> => {
      const { method, url = '/', headers } = request;
      const body = await bodyOf(request);
      const found = await server.answer({
        method: method === 'PUT' || method === 'POST' ? method : 'GET',
        path: url,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        body,
        silenceMs: 1000,
      });
      response.on('close', () => found.close());
      response.writeHead(found.status, { ...found.headers });
      for await (const piece of found.body) response.write(piece);
      response.end();
    };
    answer().catch(() => response.destroy());
  };

export async function listening(answer: RequestListener, tls?: TlsFiles): Promise<Listening> {
  const seen = { connections: 0, requests: 0 };
  const counting: RequestListener = (request, response) => {
    seen.requests += 1;
    answer(request, response);
  };
  const server: Server = tls === undefined ? plainServer(counting) : tlsServer(tls, counting);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
