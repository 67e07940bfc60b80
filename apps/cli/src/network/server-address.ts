// A server as its operator tells its owners: where it is, which key it has, and by which certificate authority it is known. The last two stand
// behind the `#`, as in an invitation: they are what is believed, and a server is never asked for them.
//
//   https://host:port#BASE64URL( coordinator's key, 32 bytes ‖ SHA-256 of its CA certificate's DER, 32 bytes, or nothing )
import { base64url, bytesOfBase64url, bytesOfHex, hexOf } from '@sumus/wire/text';
import { UsageError } from '../command.ts';

export interface ServerAddress {
  /** Without a slash at its end. */
  readonly url: string;
  /** Hexadecimal. */
  readonly coordinator: string;
  /** Undefined where a public authority vouches for it, or on loopback without TLS. */
  readonly fingerprint: string | undefined;
}

const KEY_BYTES = 32;

export function serverAddressText({ url, coordinator, fingerprint }: ServerAddress): string {
  return `${url}#${base64url(bytesOfHex(coordinator + (fingerprint ?? '')))}`;
}

export function readServerAddress(text: string): ServerAddress {
  const mark = text.indexOf('#');
  const refuse = (why: string, cause?: unknown): never => {
    throw new UsageError(`a server is told as its operator prints it, https://HOST:PORT#…; this one ${why}`, { cause });
  };
  if (mark < 0) return refuse('has nothing behind a #, by which it would be known');
  let bytes: Uint8Array;
  let parsed: URL;
  try {
    bytes = bytesOfBase64url(text.slice(mark + 1));
    parsed = new URL(text.slice(0, mark));
  } catch (cause) {
    return refuse('was cut or mistyped', cause);
  }
  if (bytes.length !== KEY_BYTES && bytes.length !== 2 * KEY_BYTES) return refuse('was cut or mistyped');
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && isHere)) return refuse('has no TLS');
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '') return refuse('says more than a place');
  const hex = hexOf(bytes);
  return {
    url: `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, ''),
    coordinator: hex.slice(0, 2 * KEY_BYTES),
    fingerprint: hex.length > 2 * KEY_BYTES ? hex.slice(2 * KEY_BYTES) : undefined,
  };
}
