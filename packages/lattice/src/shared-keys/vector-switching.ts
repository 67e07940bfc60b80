// Handing a whole vector to one receiver: key-switching.ts, ciphertext by ciphertext, under the tokens that authoriseVector gave.

import { type EncryptedVector, requireVector } from '../integers/ciphertext.ts';
import type { PublicKey } from '../keys/public-key.ts';
import type { KeyEpoch } from './epoch.ts';
import { switchIntegers, type VectorTokens } from './integers.ts';
import type { KeyShare } from './key-share.ts';
import { type SwitchAnswer, switchToReceiver } from './key-switching.ts';
import type { ActiveSet } from './roster.ts';

/** One member's answers for a receiver, one for each ciphertext in order. The tokens are consumed. */
export function switchVectorToReceiver(share: KeyShare, { tokens }: VectorTokens, receiver: PublicKey): SwitchAnswer[] {
  return tokens.map((token) => switchToReceiver(share, token, receiver));
}

/**
 * The vector under the receiver's key, who decrypts it as any other (decryptVector). `answers`: of every member of the set, one for each
 * ciphertext in order. All of it or an error.
 */
export function switchVector(
  epoch: KeyEpoch,
  vector: EncryptedVector,
  activeSet: ActiveSet,
  receiver: PublicKey,
  answers: readonly (readonly SwitchAnswer[])[],
): EncryptedVector {
  requireVector(vector);
  const ciphertexts = vector.ciphertexts.map((ciphertext, i) => {
    const own = answers.map((ofMember) => ofMember[i]).filter((answer) => answer !== undefined);
    return switchIntegers(epoch, ciphertext, activeSet, receiver, own);
  });
  return Object.freeze({ ...vector, ciphertexts: Object.freeze(ciphertexts) });
}
