// RESULT: what the members of a set opened. Public: the sum is what the protocol is for. The coordinator takes it when more members
// than may be corrupt say the same. And what a heard ALARM leaves behind.

import { CanonicalReader, CanonicalWriter, type MemberId } from '../canonical/index.ts';
import type { Evidence } from '../machine/outputs.ts';
import { HASH_BYTES } from '../primitives.ts';
import { BODY_BYTES_AT_MOST } from './kinds.ts';
import { sumBytes, sumOfBytes } from './statements.ts';

/** Signed where what was opened is no sum of values in their range; sums have at least one value. */
export const NO_SUM: Int32Array = new Int32Array(0);

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

/** Who raised the alarm that ended an epoch, with its signature. It may be right or not; whoever raised it is known. */
export const alarmHeard = (from: MemberId, message: Uint8Array): Evidence =>
  Object.freeze({
    kind: 'evidence',
    code: 'E_NOISE',
    reason: `${from} raised the alarm: the noise of a sum is above what honest encryptors cause`,
    accused: [],
    messages: [message],
  });
