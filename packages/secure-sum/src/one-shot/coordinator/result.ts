// RESULT: the sum, and what lets anybody who kept the ciphertexts check it. Only the sum of keys is revealed beside the sum; it follows
// from the sum and the ciphertexts' total up to noise, and hides every single key as the sum hides every single vector.

import { type KeySum, MalformedMessage as MalformedVector, PackedSum } from '@sumus/lattice/one-time/sums';
import { delimited, hexOf, type MemberId, sameBytes } from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import type { Hashing } from '../../primitives.ts';
import type { SetIdentity } from '../round/contributor-set.ts';
import { decode, type OpenedSum } from '../round/opening.ts';
import type { OneShotRound } from '../round/round.ts';
import type { Kept } from './collector.ts';
import type { Coordinator } from './tools.ts';

export interface OneShotResult {
  readonly set: SetIdentity;
  readonly contributors: readonly { readonly memberId: MemberId; readonly ciphertextHash: Uint8Array }[];
  readonly sum: Int32Array<ArrayBuffer>;
  readonly keySum: KeySum;
  /** Members whose answers do not fit: they lied, or a contributor dealt them a share that does not (opening.ts). */
  readonly flagged: readonly MemberId[];
  /** What the log keeps. */
  readonly resultHash: Uint8Array;
}

export function resultOf(
  primitives: Hashing,
  round: OneShotRound,
  { set, kept }: { readonly set: SetIdentity; readonly kept: readonly Kept[] },
  { sum, keySum, flagged }: OpenedSum,
): OneShotResult {
  const contributors = kept.map(({ head: { memberId, ciphertextHash } }) =>
    Object.freeze({ memberId, ciphertextHash }),
  );
  const resultHash = hashOfResult(primitives, round, { set, sum, keySum });
  return Object.freeze({ set, contributors, sum, keySum, flagged, resultHash });
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Integers lowest byte first, whatever the machine. */
function littleEndian(integers: Int32Array): Uint8Array {
  if (isLittleEndian) return new Uint8Array(integers.buffer, integers.byteOffset, integers.byteLength);
  const view = new DataView(new ArrayBuffer(integers.byteLength));
  for (let i = 0; i < integers.length; i++) view.setInt32(4 * i, integers[i], true);
  return new Uint8Array(view.buffer);
}

export function hashOfResult(
  primitives: Hashing,
  { context }: OneShotRound,
  { set, sum, keySum }: Pick<OneShotResult, 'set' | 'sum' | 'keySum'>,
): Uint8Array<ArrayBuffer> {
  return primitives.sha256(
    delimited('sumus/1/one-shot/result', context.hash, set.setHash),
    littleEndian(keySum.coefficients),
    littleEndian(sum),
  );
}

/** Anybody who kept the set's vectors: that their sum opens, with the published sum of keys, to the published sum. */
export function requireRecomputed(
  { lattice, primitives, round }: Pick<Coordinator, 'lattice' | 'primitives' | 'round'>,
  { contributors, keySum, sum }: OneShotResult,
  ciphertexts: readonly Uint8Array[],
): void {
  const { oneTime, vectorLength } = round.parameters;
  const hashes = ciphertexts.map((one) => hexOf(primitives.sha256(one)));
  const expected = contributors.map(({ ciphertextHash }) => hexOf(ciphertextHash));
  if (hashes.length !== expected.length || [...hashes].sort().some((hash, i) => hash !== [...expected].sort()[i])) {
    throw new ProtocolViolation('E_SIG', `${ciphertexts.length} vectors that are not those of the set`);
  }
  const total = new PackedSum(lattice, oneTime, vectorLength);
  try {
    for (const one of ciphertexts) total.add(one);
    const again = decode(lattice, round, total.total(), keySum);
    if (!sameBytes(littleEndian(again), littleEndian(sum))) {
      throw new ProtocolViolation(
        'E_NOISE',
        'the published sum is not the one that the vectors and the sum of keys give',
      );
    }
  } catch (cause) {
    if (cause instanceof MalformedVector) throw new ProtocolViolation('E_SIG', cause.message, { cause });
    throw cause;
  } finally {
    total.release();
  }
}
