// A message's JSON as bytes, and back through its shape.

import { MalformedMessage } from '@sumus/federation/errors';
import type { Shape } from '../shape/shape.ts';
import { utf8Bytes, utf8Text } from './utf8.ts';

export const JSON_BYTES_AT_MOST: number = 2 ** 22;

export const jsonBytes = (value: object): Uint8Array<ArrayBuffer> => utf8Bytes(JSON.stringify(value));

/** Throws MalformedMessage where the bytes are too many, no UTF-8, no JSON, or not what the shape says. */
export function readJson<T>(shape: Shape<T>, bytes: Uint8Array, bytesAtMost: number = JSON_BYTES_AT_MOST): T {
  if (bytes.length > bytesAtMost) throw new MalformedMessage(`${bytes.length} bytes of JSON, at most ${bytesAtMost}`);
  return readJsonText(shape, utf8Text(bytes));
}

export function readJsonText<T>(shape: Shape<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedMessage('the message is no JSON', { cause });
  }
  return shape.read(value, '');
}
