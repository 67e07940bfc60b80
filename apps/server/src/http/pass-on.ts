// A request that another process of this server has to answer, carried there as it came: it is signed by who asks, for any process of this server.
// What this process adds is who is at the other end of the connection, signed with the key that all processes of the server have, so that a
// limit by address counts the right one, and nothing goes round in a circle.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { Problem } from '@sumus/wire/problem';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import type { Answer, Asked } from './answer.ts';

export type PassOn = (asked: Asked, address: string, body: Uint8Array) => Promise<Answer>;

export const PASSED = 'sumus-passed';
const LABEL = Buffer.from('sumus/1/passed\0');
const WITHIN_MS = 60_000;
const WINDOW_MS = 300_000;

const HANDED = ['content-type', 'last-event-id', 'range', 'if-none-match', 'accept'];
const ANSWERED = ['content-type', 'content-length', 'content-range', 'accept-ranges', 'retry-after', 'etag'];

export interface PassOnOptions {
  readonly signer: Signer;
  readonly primitives: PublicPrimitives;
  readonly nowMs: () => number;
  /** PEM of whoever vouches for the other processes; undefined: a public authority. */
  readonly root: string | undefined;
}

export function passOnWith({ signer, primitives, nowMs, root }: PassOnOptions): PassOn {
  return async (asked, address, body) => {
    if (asked.headers[PASSED] !== undefined) {
      throw new Problem('unavailable', 'the process that led this run leads it no more', { retryAfter: 1 });
    }
    const said = `${nowMs()} ${asked.address}`;
    const signature = await signer.sign(statementOf(primitives, said, asked));
    const headers: Record<string, string> = {
      [PASSED]: `${said} ${hexOf(signature)}`,
      'content-length': `${body.length}`,
    };
    for (const [name, value] of Object.entries(asked.headers)) {
      if (typeof value === 'string' && (name.startsWith('sumus-') || HANDED.includes(name))) headers[name] = value;
    }
    const url = new URL(address);
    const options = {
      method: asked.method,
      path: asked.target,
      headers,
      signal: asked.signal,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
    };
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    const certain = { rejectUnauthorized: true };
    const answered = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent =
        url.protocol === 'https:'
          ? httpsRequest({ ...options, ...certain, ...(root === undefined ? {} : { ca: root }) }, resolve)
          : httpRequest(options, resolve);
      sent.setTimeout(WITHIN_MS, () => sent.destroy(new Error('no answer')));
      sent.once('error', reject);
      sent.end(body);
    }).catch((cause) => {
      throw new Problem('unavailable', 'the process that leads this run does not answer', { cause, retryAfter: 1 });
    });
    const kept: Record<string, string> = {};
    for (const name of ANSWERED) {
      const value = answered.headers[name];
      if (typeof value === 'string') kept[name] = value;
    }
    return { kind: 'bytes', status: answered.statusCode ?? 502, headers: kept, pieces: piecesOf(answered) };
  };
}

async function* piecesOf(answered: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of answered) yield piece;
  } catch (cause) {
    throw new Problem('unavailable', 'the process that leads this run is gone', { cause, retryAfter: 1 });
  }
}

/** Who is at the other end, where another process of this server says so; else undefined. */
export async function passedAddress(
  { signer, primitives, nowMs }: Pick<PassOnOptions, 'signer' | 'primitives' | 'nowMs'>,
  asked: Asked,
): Promise<string | undefined> {
  const header = asked.headers[PASSED];
  if (typeof header !== 'string') return undefined;
  const [, time = '', address = '', signature = ''] =
    /^(\d{1,15}) ([0-9A-Fa-f.:%a-z]{0,64}) ([0-9a-f]{128})$/.exec(header) ?? [];
  if (signature === '' || Math.abs(nowMs() - Number(time)) > WINDOW_MS)
    throw new Problem('forbidden', 'nobody of this server passed this on');
  const statement = statementOf(primitives, `${time} ${address}`, asked);
  if (!(await primitives.ed25519.verify(signer.publicKey, statement, bytesOfHex(signature)))) {
    throw new Problem('forbidden', 'nobody of this server passed this on');
  }
  return address;
}

const statementOf = (primitives: PublicPrimitives, said: string, { method, target, headers }: Asked): Uint8Array =>
  Buffer.concat([
    LABEL,
    primitives.sha256(Buffer.from(JSON.stringify([said, method, target, headers['sumus-signature'] ?? null]))),
  ]);
