// What arrived so far, once each: a message that arrives again is welcome only when it says the same; anything else is
// equivocation, and both messages are the evidence. The state is a value: admit() answers with the next one.

import { hexOf } from '../canonical/index.ts';
import { ProtocolViolation } from '../errors.ts';
import type { Hashing } from '../primitives.ts';
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
