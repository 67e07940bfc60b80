// RESULT: what the members of a set opened. Public: the sum is what the protocol is for. The coordinator takes it when more members
// than may be corrupt say the same.

import { CanonicalReader, CanonicalWriter } from '../canonical/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { BODY_BYTES_AT_MOST } from './kinds.ts';
import { sumBytes, sumOfBytes } from './statements.ts';

export interface ResultBody {
  readonly statement: Uint8Array;
  readonly hash: Uint8Array;
  readonly sum: Int32Array;
}

export function encodeResultBody({ statement, hash, sum }: ResultBody): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(4 * sum.length + 128)
    .fixed('statement', statement, HASH_BYTES)
    .fixed('hash', hash, HASH_BYTES)
    .blob('sum', sumBytes(sum))
    .finish();
}

export function decodeResultBody(body: Uint8Array): ResultBody {
  const reader = new CanonicalReader(body, 'a result');
  const statement = reader.fixed('statement', HASH_BYTES);
  const hash = reader.fixed('hash', HASH_BYTES);
  const sum = reader.blobView('sum', BODY_BYTES_AT_MOST);
  if (sum.length % 4 !== 0) reader.refuse('E_LEN', `a sum of ${sum.length} bytes`);
  reader.finish();
  return Object.freeze({ statement, hash, sum: sumOfBytes(sum) });
}
