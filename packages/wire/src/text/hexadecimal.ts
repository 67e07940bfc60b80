// Bytes as small hexadecimal digits, two a byte: how keys and hashes stand in headers, paths and JSON.

import { MalformedMessage } from '@sumus/federation/errors';

export { hexOf } from '@sumus/secure-sum/canonical';

export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/.test(hex)) {
    throw new MalformedMessage(`a text of ${hex.length} characters is no hexadecimal text of whole bytes`);
  }
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
