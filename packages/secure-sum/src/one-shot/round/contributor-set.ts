// U, the set whose sum is opened: the heads of its contributions in the order of their members, and its hash, which the committee
// signs. The hash covers context, flush and every signed head, so one hash is one sum.

import { CanonicalReader, CanonicalWriter, delimited, u32Bytes } from '../../canonical/index.ts';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import {
  CERTIFICATE_BYTES_AT_MOST,
  type Certificate,
  decodeCertificate,
  encodeCertificate,
} from '../../identity/index.ts';
import { decodeMessage, encodeMessage, type SignedMessage, signedBytes } from '../../messages/index.ts';
import type { Hashing } from '../../primitives.ts';
import { boxBytes, headBytesAtMost, type VerifiedHead } from './contribution.ts';
import type { OneShotParameters } from './parameters.ts';
import type { OneShotRound } from './round.ts';

/** What identifies one opening. */
export interface SetIdentity {
  readonly flush: number;
  /** |U| */
  readonly contributions: number;
  /** H(U) */
  readonly setHash: Uint8Array;
}

/**
 * The identity of a set, or what is wrong with it: members ascending, none twice, at least as many as `minimumContributors`, none more than one
 * sum may have, a flush that the context has.
 */
export function identifySet(
  primitives: Hashing,
  round: OneShotRound,
  flush: number,
  heads: readonly Pick<VerifiedHead, 'memberId' | 'digest'>[],
): SetIdentity {
  const { context, parameters } = round;
  if (!parameters.isEpoch && flush !== context.point.flush) {
    throw new ProtocolViolation('E_CTX', `flush ${flush} in a context of flush ${context.point.flush}`);
  }
  heads.forEach(({ memberId }, i) => {
    const before = heads[i - 1]?.memberId;
    if (before !== undefined && before === memberId) {
      throw new ProtocolViolation('E_DUPLICATE', `${memberId} stands in the set twice`);
    }
    if (before !== undefined && before > memberId) {
      throw new ProtocolViolation(
        'E_ROSTER',
        `${memberId} stands behind ${before}: a set is in the order of its members`,
      );
    }
  });
  if (heads.length > parameters.maximumContributors) {
    throw new ProtocolViolation(
      'E_FLOOR',
      `${heads.length} contributions, more than ${parameters.maximumContributors}`,
    );
  }
  const digests = heads.map(({ digest }) => digest);
  const setHash = primitives.sha256(
    delimited('sumus/1/one-shot/set', context.hash, u32Bytes(flush), u32Bytes(heads.length), ...digests),
  );
  return Object.freeze({ flush, contributions: heads.length, setHash });
}

/** The identity of the set that a request names, nothing of it verified: to be compared with one that was. */
export const claimedSet = (primitives: Hashing, round: OneShotRound, { flush, entries }: SetRequest): SetIdentity =>
  identifySet(
    primitives,
    round,
    flush,
    entries.map(({ head }) => ({ memberId: head.sender, digest: primitives.sha256(signedBytes(primitives, head)) })),
  );

export function requireEnough(heads: readonly unknown[], minimumContributors: number): void {
  if (!(heads.length >= minimumContributors)) {
    throw new ProtocolViolation(
      'E_TOO_FEW',
      `${heads.length} contributions; fewer than ${minimumContributors} are not opened`,
    );
  }
}

/** One contribution as a committee member sees it: claims. */
export interface SetEntry {
  readonly certificate: Certificate;
  readonly head: SignedMessage;
  readonly box: Uint8Array;
}

/** What the coordinator asks a member to sign, or to look at before. */
export interface SetRequest {
  readonly flush: number;
  readonly entries: readonly SetEntry[];
}

/** The part that is the same for all members, encoded once. */
export function encodeHeads(
  flush: number,
  heads: readonly Pick<VerifiedHead, 'certificate' | 'message'>[],
): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 16).u32('flush', flush).u32('contributions', heads.length);
  for (const { certificate, message } of heads) {
    writer.blob('certificate', encodeCertificate(certificate)).blob('head', encodeMessage(message));
  }
  return writer.finish();
}

/** `heads`: of encodeHeads; one box for each, all to one member. */
export function encodeSetRequest(heads: Uint8Array, boxes: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = boxes[0]?.length ?? 0;
  if (boxes.some((box) => box.length !== length)) throw new ParameterError('boxes of different lengths');
  const writer = new CanonicalWriter(8 + heads.length + boxes.length * length).blob('heads', heads);
  for (const box of boxes) writer.fixed('a box', box, length);
  return writer.finish();
}

export function decodeSetRequest(parameters: OneShotParameters, bytes: Uint8Array): SetRequest {
  const outer = new CanonicalReader(bytes, 'a set of contributions');
  const reader = new CanonicalReader(outer.blobView('heads', bytes.length), 'the heads of a set');
  const headBytes = headBytesAtMost(parameters);
  const flush = reader.u32('flush');
  const count = reader.count('contributions', parameters.maximumContributors, 200);
  const claims = Array.from({ length: count }, () => ({
    certificate: decodeCertificate(reader.blobView('certificate', CERTIFICATE_BYTES_AT_MOST)),
    head: decodeMessage(reader.blobView('head', headBytes), headBytes),
  }));
  reader.finish();
  const length = boxBytes(parameters);
  const entries = claims.map((claim) => Object.freeze({ ...claim, box: outer.fixed('a box', length) }));
  outer.finish();
  return Object.freeze({ flush, entries: Object.freeze(entries) });
}
