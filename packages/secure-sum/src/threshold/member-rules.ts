// The two rules that keep a shared key, as functions, so that tests can build a member without them and show what is lost:
// one answer for each ciphertext and each contribution, ever (the lattice's ledger), answered with masks that cancel in the set; and
// answers that only the set reads.

import {
  authoriseVector,
  DecryptionLedger,
  type KeyShare,
  type PartialDecryption,
  partialDecryptVector,
} from '@sumus/lattice/shared-keys';
import type { CertifiedEpoch } from './epoch.ts';
import { asOurs } from './lattice-errors.ts';
import type { Opening } from './opening.ts';

export interface Spending {
  /** The ledger with this opening in it. */
  readonly ledger: Uint8Array;
  /** What is new: one byte of kind and 32 of name, record after record. */
  readonly record: Uint8Array;
}

export interface MemberRules {
  /** E_SPENT where the sum, or any contribution in it, was answered for. Nothing changes. */
  foresee(epoch: CertifiedEpoch, member: number, ledger: Uint8Array, opening: Opening): Spending;
  answer(
    epoch: CertifiedEpoch,
    share: KeyShare,
    ledger: Uint8Array,
    opening: Opening,
  ): Spending & { readonly answers: readonly PartialDecryption[] };
  /** Do answers go to the set alone? */
  readonly sealed: boolean;
}

function authorised(
  { key }: CertifiedEpoch,
  member: number,
  bytes: Uint8Array,
  { sum, summands, activeSet }: Opening,
): Spending & { readonly tokens: ReturnType<typeof authoriseVector> } {
  const ledger = new DecryptionLedger(member);
  ledger.include(bytes);
  const tokens = asOurs('E_SPENT', 'a request to open', () => authoriseVector(ledger, key, sum, activeSet, summands));
  return { ledger: ledger.toBytes(), record: tokens.record, tokens };
}

export const MEMBER_RULES: MemberRules = Object.freeze({
  sealed: true,
  foresee: (epoch: CertifiedEpoch, member: number, ledger: Uint8Array, opening: Opening): Spending =>
    authorised(epoch, member, ledger, opening),
  answer: (epoch: CertifiedEpoch, share: KeyShare, bytes: Uint8Array, opening: Opening) => {
    const { ledger, record, tokens } = authorised(epoch, share.member, bytes, opening);
    return { ledger, record, answers: partialDecryptVector(share, tokens) };
  },
});
