// A key epoch as everybody sees it who was not there: its public key, and the signatures of all its members on it. What encryptors and
// members work with is a CertifiedEpoch, which only verifyEpoch makes. It has a stated end; nothing is encrypted or answered after.

import type { PublicKey } from '@sumus/lattice/integers';
import { foundEpoch, type KeyEpoch, type Lattice } from '@sumus/lattice/shared-keys';
import { decodePublicKey } from '@sumus/lattice/wire';
import { hexOf, sameBytes } from '../canonical/index.ts';
import { derive, type RoundConfiguration } from '../context/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { encodeEntry, type LogEntry, type LoggedEntry } from '../log/index.ts';
import { HASH_BYTES, type PublicPrimitives } from '../primitives.ts';
import { type Circle, receiveAll } from './circle.ts';
import type { EpochCertificate } from './epoch-certificate.ts';
import { EPOCH } from './kinds.ts';
import { asOurs } from './lattice-errors.ts';
import type { ThresholdParameters } from './parameters.ts';
import { epochHash } from './statements.ts';

/** What all members of an epoch, and all who encrypt to it, have in common. */
export interface EpochSetting {
  readonly lattice: Lattice;
  readonly circle: Circle;
  readonly parameters: ThresholdParameters;
}

declare const certified: unique symbol;

/** An epoch that all its members signed. */
export interface CertifiedEpoch extends EpochSetting {
  readonly [certified]: true;
  readonly key: KeyEpoch;
  readonly publicKey: PublicKey;
  /** 32 bytes: what the log keeps, what configurations of rounds name. */
  readonly hash: Uint8Array;
  readonly transcript: Uint8Array;
}

/** The lattice's epoch: its common random polynomials follow from the beacon that was drawn after the roster was logged. */
export function keyEpoch(
  primitives: Pick<PublicPrimitives, 'hkdfSha256'>,
  { lattice, circle, parameters }: EpochSetting,
): KeyEpoch {
  const numbers = circle.members.map(({ number }) => number);
  const expected = parameters.lattice.key.roster.members;
  if (numbers.length !== expected.length || numbers.some((number, i) => number !== expected[i])) {
    throw new ParameterError(
      `the parameters are for members ${expected.join(' ')}, the roster has ${numbers.join(' ')}`,
    );
  }
  const { context } = circle;
  const seed = derive(primitives, context.beacon, { context, label: 'threshold/public-seed', lengthBytes: 32 });
  return foundEpoch(lattice, parameters.lattice.key, seed);
}

/** E_EPOCH unless all members signed this very epoch. */
export async function verifyEpoch(
  primitives: PublicPrimitives,
  setting: EpochSetting,
  { transcript, publicKey, signatures }: EpochCertificate,
): Promise<CertifiedEpoch> {
  const { circle, lattice, parameters } = setting;
  const key = keyEpoch(primitives, setting);
  const { endsAtMs } = parameters;
  const hash = epochHash(primitives, { context: circle.context, run: key.run, publicKey, transcript, endsAtMs });
  const expected = { ...EPOCH, context: circle.context, bodyBytesAtMost: HASH_BYTES };
  for (const { member, message } of await receiveAll(primitives, circle, expected, circle.members, signatures)) {
    if (!sameBytes(message.body, hash)) {
      throw new ProtocolViolation(
        'E_EPOCH',
        `${member.memberId} signed another epoch than ${hexOf(hash.subarray(0, 8))}…`,
      );
    }
  }
  const decoded = asOurs('E_EPOCH', 'the public key of an epoch', () =>
    decodePublicKey(lattice, parameters.lattice.integers, publicKey),
  );
  return asCertified({ ...setting, key, publicKey: decoded, hash, transcript });
}

const asCertified = (epoch: Omit<CertifiedEpoch, typeof certified>): CertifiedEpoch =>
  Object.freeze(epoch) as CertifiedEpoch;

/** What the log keeps of an epoch. */
export const epochEntry = ({ circle, hash }: Pick<CertifiedEpoch, 'circle' | 'hash'>): LogEntry => ({
  kind: 'committee key',
  contextHash: circle.context.hash,
  content: hash,
});

/** E_LOG unless this is the epoch's entry: a key that was shown to one participant alone is in no log. */
export function requireEpochLogged(epoch: CertifiedEpoch, logged: LoggedEntry): void {
  if (!sameBytes(encodeEntry(logged), encodeEntry(epochEntry(epoch)))) {
    throw new ProtocolViolation('E_LOG', `the log's ${logged.kind} is not epoch ${hexOf(epoch.hash.subarray(0, 8))}…`);
  }
}

/** What the configuration of each round says besides what is common to all protocols. */
export const roundOwn = ({ parameters, hash }: CertifiedEpoch): RoundConfiguration['own'] =>
  Object.freeze({ ...parameters.own, epoch: hash });

/** E_EPOCH after the end. */
export function requireNotEnded({ endsAtMs }: ThresholdParameters, nowMs: number): void {
  // Written so that NaN is refused.
  if (!(nowMs <= endsAtMs)) throw new ProtocolViolation('E_EPOCH', `the epoch ended at ${endsAtMs}, now is ${nowMs}`);
}
