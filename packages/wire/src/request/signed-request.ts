// Every request stands for itself: who asks signs server, method, path, time, a nonce and the hash of the body. There are no sessions, tokens
// or cookies, so any process of a server can take any request, and nothing that a server keeps lets anybody in.
//
//   sumus-signature = Ed25519 over "sumus/1/request" ‖ 0 ‖ SHA-256(canonical JSON of { body, method, nonce, path, server, time })
//
// `server` is the coordinator's key: a request to one server is none to another. `sumus-body` says the hash that was signed, so that a
// server refuses who may not ask before it reads a byte of the body, and the body when it is another (requireBody).

import type { Hashing, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { Problem } from '../problem/problem.ts';
import { bytesOfHex, hexOf } from '../text/hexadecimal.ts';
import { utf8Bytes } from '../text/utf8.ts';

/** How far clocks may be apart, and how long a nonce is remembered on either side. */
export const REQUEST_WINDOW_MS: number = 5 * 60 * 1000;
export const NONCE_BYTES = 16;

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A type and no interface: it goes where any record of headers goes. */
export type SignedHeaders = {
  readonly 'sumus-key': string;
  readonly 'sumus-time': string;
  readonly 'sumus-nonce': string;
  readonly 'sumus-body': string;
  readonly 'sumus-signature': string;
};

export interface RequestToSign {
  /** The coordinator's key, hexadecimal. */
  readonly server: string;
  readonly method: Method;
  /** From the first slash on, with the query, as the request line has it. */
  readonly path: string;
  readonly body: Uint8Array;
  readonly nowMs: number;
  /** 16 fresh random bytes. */
  readonly nonce: Uint8Array;
}

export async function signRequest(
  primitives: Hashing,
  signer: Signer,
  { server, method, path, body, nowMs, nonce }: RequestToSign,
): Promise<SignedHeaders> {
  const bodyHash = hexOf((await primitives.sha256OfMany?.(body)) ?? primitives.sha256(body));
  const signed = { body: bodyHash, method, nonce: hexOf(nonce), path, server, time: nowMs };
  const signature = await signer.sign(statementOf(primitives, signed));
  return {
    'sumus-key': hexOf(signer.publicKey),
    'sumus-time': String(nowMs),
    'sumus-nonce': signed.nonce,
    'sumus-body': bodyHash,
    'sumus-signature': hexOf(signature),
  };
}

interface Signed {
  readonly body: string;
  readonly method: string;
  readonly nonce: string;
  readonly path: string;
  readonly server: string;
  readonly time: number;
}

const LABEL: Uint8Array = utf8Bytes('sumus/1/request\0');

/** Members in the order of their names, whole numbers, no white space: canonical JSON as RFC 8785 has it. */
function statementOf(primitives: Hashing, { body, method, nonce, path, server, time }: Signed): Uint8Array {
  const hash = primitives.sha256(utf8Bytes(JSON.stringify({ body, method, nonce, path, server, time })));
  const statement = new Uint8Array(LABEL.length + hash.length);
  statement.set(LABEL);
  statement.set(hash, LABEL.length);
  return statement;
}

export interface RequestToVerify {
  /** The own key, hexadecimal. */
  readonly server: string;
  readonly method: string;
  /** As the request line has it, before anything is decoded. */
  readonly path: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly nowMs: number;
}

/** Who asks, and the body that this is for. */
export interface VerifiedRequest {
  /** Hexadecimal. */
  readonly key: string;
  readonly nonce: string;
  readonly timeMs: number;
  /** SHA-256 that the body has to have, hexadecimal. */
  readonly bodyHash: string;
}

/** Remembers what was asked; true where it is new. */
export interface NonceMemory {
  take(request: Pick<VerifiedRequest, 'key' | 'nonce' | 'timeMs'>, nowMs: number): boolean;
}

const forms: { readonly [Name in keyof SignedHeaders]: RegExp } = {
  'sumus-key': /^[0-9a-f]{64}$/,
  'sumus-time': /^(0|[1-9][0-9]{0,14})$/,
  'sumus-nonce': /^[0-9a-f]{32}$/,
  'sumus-body': /^[0-9a-f]{64}$/,
  'sumus-signature': /^[0-9a-f]{128}$/,
};

/** Whether anybody claims to have signed this: a request without any of the headers is anybody's. */
export const isSigned = (headers: RequestToVerify['headers']): boolean =>
  Object.keys(forms).some((name) => headers[name] !== undefined);

/** Throws a Problem: unsigned, clock or replayed. The nonce is taken last, so nobody else can use up somebody's. */
export async function verifyRequest(
  primitives: PublicPrimitives,
  { server, method, path, headers, nowMs }: RequestToVerify,
  nonces: NonceMemory,
): Promise<VerifiedRequest> {
  const header = (name: keyof SignedHeaders): string => {
    const value = headers[name];
    if (typeof value === 'string' && forms[name].test(value)) return value;
    throw new Problem('unsigned', `the header ${name} is missing or not as it should be`);
  };
  const key = header('sumus-key');
  const nonce = header('sumus-nonce');
  const bodyHash = header('sumus-body');
  const timeMs = Number(header('sumus-time'));
  const signature = bytesOfHex(header('sumus-signature'));
  if (Math.abs(nowMs - timeMs) > REQUEST_WINDOW_MS) {
    const seconds = Math.round(Math.abs(nowMs - timeMs) / 1000);
    const which = timeMs < nowMs ? 'behind' : 'ahead of';
    throw new Problem('clock', `your clock is ${seconds} s ${which} the server's, at most 300 s are taken`);
  }
  const statement = statementOf(primitives, { body: bodyHash, method, nonce, path, server, time: timeMs });
  if (!(await primitives.ed25519.verify(bytesOfHex(key), statement, signature))) {
    throw new Problem('unsigned', 'the signature is not of this request, to this server, by this key');
  }
  if (!nonces.take({ key, nonce, timeMs }, nowMs)) throw new Problem('replayed', 'this request was seen before');
  return Object.freeze({ key, nonce, timeMs, bodyHash });
}

/** Throws unless these are the bytes that were signed for. */
export async function requireBody(
  primitives: Hashing,
  { bodyHash }: Pick<VerifiedRequest, 'bodyHash'>,
  body: Uint8Array,
): Promise<void> {
  const found = hexOf((await primitives.sha256OfMany?.(body)) ?? primitives.sha256(body));
  if (found !== bodyHash) throw new Problem('unsigned', 'the body is not the one that was signed');
}
