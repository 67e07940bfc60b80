// Node's HTTP/1.1, with TLS wherever the server is not on this machine: connections are kept, silence is noticed, redirections are not followed.

import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { ParameterError } from '@sumus/federation/errors';
import {
  Impostor,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
  Unreachable,
} from '../transport/transport.ts';
import { pinnedAuthority } from './pinned-authority.ts';

export interface NodeTransportOptions {
  /** `https://host:port`, with a path where the server stands below one. */
  readonly server: string;
  /** SHA-256 of the DER of its certificate authority; undefined where a public authority vouches for it. */
  readonly fingerprint: string | undefined;
}

const CONNECTIONS_AT_MOST = 8;
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

export function nodeTransport({ server, fingerprint }: NodeTransportOptions): Transport {
  const { protocol, hostname, port, pathname, origin } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  if (!isTls && !(protocol === 'http:' && isLoopback(host))) {
    throw new ParameterError(`${server} has no TLS, and is not on this machine`);
  }
  const place = { host, port: port === '' ? (isTls ? 443 : 80) : Number(port) };
  const prefix = pathname.replace(/\/$/, '');
  const under = new Set<{ destroy(): void }>();
  let agent: Promise<PlainAgent> | undefined;
  let isClosed = false;

  const agentOf = (): Promise<PlainAgent> => {
    agent ??= (async () => {
      const options = { keepAlive: true, maxSockets: CONNECTIONS_AT_MOST };
      if (!isTls) return new PlainAgent(options);
      // Said aloud: NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment would have everybody believed.
      const checked = { ...options, rejectUnauthorized: true };
      if (fingerprint === undefined) return new TlsAgent(checked);
      return new TlsAgent({ ...checked, ca: await pinnedAuthority(place, fingerprint) });
    })().catch((error: unknown) => {
      // A server that was away is looked at again.
      agent = undefined;
      throw error;
    });
    return agent;
  };

  const once = async (request: TransportRequest): Promise<TransportAnswer> => {
    const kept = await agentOf();
    if (isClosed) throw new Unreachable('the transport was closed');
    const { method, path, headers, body, silenceMs } = request;
    const asking = (isTls ? tlsRequest : plainRequest)({
      agent: kept,
      ...place,
      method,
      path,
      timeout: silenceMs,
      headers: { ...headers, 'content-length': String(body.length) },
    });
    under.add(asking);
    asking.on('close', () => under.delete(asking));
    return answered(asking, body);
  };

  return {
    server: `${origin}${prefix}`,
    prefix,
    request: async (request) => {
      try {
        return await once(request);
      } catch (error) {
        // A connection that was kept had been closed at its other end: on a fresh one, once.
        if (error instanceof StaleConnection && !isClosed) return once(request);
        throw error;
      }
    },
    close: () => {
      isClosed = true;
      for (const one of under) one.destroy();
      void agent?.then((kept) => kept.destroy()).catch(() => undefined);
    },
  };
}

class StaleConnection extends Unreachable {}

function answered(asking: ClientRequest, body: Uint8Array): Promise<TransportAnswer> {
  return new Promise((resolve, reject) => {
    asking.on('timeout', () => asking.destroy(new Error('silence')));
    asking.on('error', (cause: NodeJS.ErrnoException) => {
      const isStale = asking.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
      if (isCertificate(cause))
        reject(new Impostor(`the server's certificate is not believed: ${cause.message}`, { cause }));
      else
        reject(
          new (isStale ? StaleConnection : Unreachable)(`the server cannot be reached: ${cause.message}`, { cause }),
        );
    });
    asking.on('response', (answer) => {
      resolve({
        status: answer.statusCode ?? 500,
        headers: headersOf(answer),
        body: piecesOf(answer),
        close: () => answer.destroy(),
      });
    });
    asking.end(body);
  });
}

const isCertificate = ({ code = '' }: NodeJS.ErrnoException): boolean =>
  /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED)/.test(code);

const headersOf = ({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );

async function* piecesOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of answer) {
      if (!(piece instanceof Uint8Array)) throw new TypeError('a stream of bytes, not of texts');
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    }
  } catch (cause) {
    throw new Unreachable(`the line broke: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  // What ends before it is whole, is broken.
  if (!answer.complete) throw new Unreachable('the line broke in the middle of an answer');
}
