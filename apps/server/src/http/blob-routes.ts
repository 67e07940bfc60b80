// Large bytes: uploaded a piece at a time by those who take part, and read by who may have them. What a participant sent is read by nobody over
// the network: a coordinator sums it, and deletes it.

import type { BlobName } from '@sumus/federation/run';
import { type BlobState, BYTES_TYPE } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import type { OfficeState } from '../office/office-state.ts';
import { uploadPlaceOf } from '../run/uploads.ts';
import { type Answer, json } from './answer.ts';
import { bodyOf, callerKey, type Handlers, type RunCall, requireType } from './context.ts';

/** Of frames, as many as a member may have uploaded at a time that nobody used yet. */
const FRAMES_OF_ROOM = 2;

/** Of an owner that uploads before its run is registered, nothing is known of the run. */
export interface BlobCall extends Omit<RunCall, 'known'> {
  readonly known: OfficeState | undefined;
}

export const blobRoutes: Handlers<RunCall> = {
  upload,
  uploaded,

  blob: async (call) => {
    const { matched, place, role, house, asked } = call;
    const sha256 = matched.parameters['sha256'] ?? '';
    const body = role.kind === 'participant' ? place.mailbox(role.member.name).body(sha256) : undefined;
    if (body !== undefined) return ranged(call, { sha256, bytes: body.length }, async (from) => [body.subarray(from)]);
    const named = await place.namedBlob(sha256);
    if (named !== undefined && (named.readers === 'all' || role.kind === 'owner')) {
      const { store } = house.runs;
      const answer = await ranged(call, named, (from) => store.blob(place.id, named, from));
      if (answer !== undefined) return answer;
    }
    // What this member was told may be at the process that told it.
    if (role.kind === 'participant' && !place.isLed) {
      const lead = await place.lead();
      if ('address' in lead) return house.passOn(asked, lead.address, new Uint8Array(0));
    }
    throw new Problem('not-found', 'there is no such blob, or not for you');
  },
};

export async function upload(call: BlobCall): Promise<Answer> {
  const { matched, house, place, role } = call;
  const { store } = house.runs;
  const blob = { sha256: matched.parameters['sha256'] ?? '', bytes: Number(matched.query['bytes']) };
  const offset = Number(matched.query['offset']);
  const atMost = bytesAtMost(call);
  if (blob.bytes < 1) throw new Problem('malformed', 'a blob has at least one byte');
  if (blob.bytes > atMost)
    throw new Problem('too-large', `a blob of ${blob.bytes} bytes, at most ${atMost} are taken here`);
  requireType(call, [BYTES_TYPE]);
  if (role.kind === 'participant' && (await place.read()).state?.phase.kind === 'ended') {
    throw new Problem('conflict', 'the run is over: nothing more is taken');
  }
  const piece = await bodyOf(call, house.limits.pieceBytes);
  if (piece.length === 0 || offset + piece.length > blob.bytes) {
    throw new Problem('malformed', `bytes ${offset} to ${offset + piece.length} of a blob of ${blob.bytes}`);
  }
  const key = callerKey(call);
  await place.uploads.begin(key, blob, FRAMES_OF_ROOM * atMost);
  const uploaded = await store.upload(uploadPlaceOf(place.id, key), blob, offset, piece);
  house.metrics.count('sumus_upload_bytes_total', 'bytes of blobs taken', {}, piece.length);
  switch (uploaded.kind) {
    case 'complete':
      return json(stateOf(blob, blob.bytes));
    case 'taken':
      return json(stateOf(blob, uploaded.offset));
    case 'elsewhere':
      throw new Problem('offset', `the blob goes on at byte ${uploaded.offset}, not at ${offset}`);
    case 'other content':
      place.uploads.end(key, blob);
      throw new Problem('wrong-hash', `these bytes have the hash ${uploaded.sha256}; all of them were thrown away`);
    default:
      return uploaded satisfies never;
  }
}

export async function uploaded(call: BlobCall): Promise<Answer> {
  const found = await call.place.uploads.find(callerKey(call), call.matched.parameters['sha256'] ?? '');
  if (found === undefined) throw new Problem('not-found', 'you have begun no such blob');
  const { blob, state } = found;
  return json(stateOf(blob, state.kind === 'complete' ? blob.bytes : state.offset));
}

const stateOf = ({ sha256, bytes }: BlobName, received: number): BlobState => ({
  sha256,
  bytes,
  received,
  isComplete: received === bytes,
});

/** A participant's is a frame; an owner's, a first model. */
const bytesAtMost = ({ role, place, known, house }: BlobCall): number =>
  role.kind === 'participant' && known !== undefined ? place.frameBytesAtMost(known) : house.limits.blobBytes;

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

async function ranged(
  { asked }: RunCall,
  { sha256, bytes }: BlobName,
  open: (from: number) => Promise<Pieces | undefined>,
): Promise<Answer> {
  const range = asked.headers['range'];
  const [, start = '', last = ''] =
    typeof range === 'string' ? (/^bytes=(\d{1,15})-(\d{0,15})$/.exec(range) ?? []) : [];
  const from = start === '' ? 0 : Number(start);
  const to = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (from > to) throw new Problem('malformed', `the range ${String(range)} is not in ${bytes} bytes`);
  const pieces = await open(from);
  if (pieces === undefined) throw new Problem('not-found', 'there is no such blob');
  const isPart = start !== '';
  return {
    kind: 'bytes',
    status: isPart ? 206 : 200,
    headers: {
      'content-type': BYTES_TYPE,
      'content-length': `${to - from + 1}`,
      'accept-ranges': 'bytes',
      etag: `"${sha256}"`,
      ...(isPart ? { 'content-range': `bytes ${from}-${to}/${bytes}` } : {}),
    },
    pieces: cut(pieces, to - from + 1),
  };
}

async function* cut(pieces: Pieces, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const piece of pieces) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}
