// What arrived so far, once each: a message that arrives again is welcome only when it says the same; anything else is
// equivocation, and both messages are the evidence. The state is a value: admit() answers with the next one.

import { asciiBytes, CanonicalReader, CanonicalWriter, hexOf } from '../canonical/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { HASH_BYTES, type Hashing } from '../primitives.ts';
import { encodeMessage, signedBytes, type VerifiedMessage } from './envelope.ts';

/** By context, phase, type and sender. Serialisable: strings and the encoded messages. */
export type Received = ReadonlyMap<string, { readonly digest: string; readonly encoded: Uint8Array | undefined }>;

export const NOTHING_RECEIVED: Received = new Map();

export type Admission =
  | { readonly kind: 'new'; readonly received: Received }
  /** The same message again: answer as before, change nothing. */
  | { readonly kind: 'repeated' };

export interface AdmissionOptions {
  /** Longest body that is kept whole as evidence; of longer ones only the digest is kept. */
  readonly evidenceBytesAtMost?: number;
}

export function admit(
  primitives: Hashing,
  received: Received,
  message: VerifiedMessage,
  { evidenceBytesAtMost = 65_536 }: AdmissionOptions = {},
): Admission {
  const place = `${hexOf(message.contextHash)} ${message.phase} ${message.type} ${message.sender}`;
  const digest = hexOf(primitives.sha256(signedBytes(primitives, message)));
  const before = received.get(place);
  const encoded = message.body.length <= evidenceBytesAtMost ? encodeMessage(message) : undefined;
  if (before === undefined) return { kind: 'new', received: new Map(received).set(place, { digest, encoded }) };
  if (before.digest === digest) return { kind: 'repeated' };
  throw new ProtocolViolation(
    'E_EQUIV',
    `${message.sender} sent two different ${message.type} in phase ${message.phase}`,
    {
      evidence: [before.encoded, encoded].filter((one) => one !== undefined),
    },
  );
}

const LABEL = 'sumus/1/received';
/** As admit() writes it: context, phase, type, sender. */
const PLACE = /^[0-9a-f]{64} \d{1,3} [\w.:/@+-]{1,64} [\w.:/@+-]{1,64}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const PLACES_AT_MOST = 1_000_000;
const PLACE_BYTES_AT_MOST = 2 * HASH_BYTES + 4 + 2 * 64 + 3;

/** Public, for storing: a restarted coordinator or member still knows who said what. */
export function encodeReceived(received: Received): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter().name('a label', LABEL).u32('places', received.size);
  for (const [place, { digest, encoded }] of received) {
    writer.blob('place', asciiBytes(place)).blob('digest', asciiBytes(digest));
    writer.blob('message', encoded ?? new Uint8Array(0));
  }
  return writer.finish();
}

export function decodeReceived(bytes: Uint8Array): Received {
  const reader = new CanonicalReader(bytes, 'what was received');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a list of what was received');
  const count = reader.count('places', PLACES_AT_MOST, 12);
  const text = (field: string, atMost: number): string => String.fromCharCode(...reader.blobView(field, atMost));
  const received = new Map<string, { readonly digest: string; readonly encoded: Uint8Array | undefined }>();
  for (let i = 0; i < count; i++) {
    const place = text('place', PLACE_BYTES_AT_MOST);
    const digest = text('digest', 2 * HASH_BYTES);
    if (!PLACE.test(place) || !DIGEST.test(digest)) reader.refuse('E_MALFORMED', `place ${i} is none`);
    if (received.has(place)) reader.refuse('E_MALFORMED', `place ${i} occurs twice`);
    const encoded = reader.blob('message', reader.remaining);
    received.set(place, { digest, encoded: encoded.length === 0 ? undefined : encoded });
  }
  reader.finish();
  return received;
}
