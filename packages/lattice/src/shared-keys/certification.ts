// Do all shares fit? After dealing, all members together open an encryption of zero that everybody can compute, with weights that nobody
// could foresee when the dealings were made. Whatever a dealer got wrong, by accident or not, makes the result noise all over R_q
// instead of zero: then the key is void, and nothing has been encrypted under it yet.
//
// The weights. Shares of degree t − 1 at n points satisfy, beside Σ λ_j·S(α_j) = s (λ for all n points), the relations
// Σ v_j·f(α_j)·S(α_j) = 0 with v_j = Π_{i ≠ j} 1/(α_j − α_i), for every f of degree below n − t (the dual code; Cascudo, David, "SCRAPE",
// 2017, lemma 1). So Σ (λ_j + v_j·f(α_j))·S(α_j) = s for every such f; with f drawn from the challenge, values that lie on no
// polynomial of degree t − 1 pass modulo a prime with probability 1/q. Nobody is blamed: who dealt wrongly is not visible.
//
// It is an answer like others: flooded, masked, recorded, counted. The challenge is 32 bytes fixed after the last dealing has arrived:
// a beacon's value, or a coin that all tossed (commit, then reveal).

import { invertModulo, multiplyModulo } from '../arithmetic/modular.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { encryptZeroPublic } from '../keys/encrypt-zero.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { requireSameRing } from '../keys/restrict.ts';
import { expandUniform, SEED_BYTES } from '../random/index.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { type Scalar, scalar } from '../ring/modulus.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { SharedCiphertext } from './ciphertext.ts';
import type { DecryptionLedger } from './decryption-ledger.ts';
import type { KeyEpoch } from './epoch.ts';
import type { KeyShare } from './key-share.ts';
import { answerWith, type PartialDecryption, sumOfAnswers } from './partial-decryption.ts';
import { isSmall } from './residual.ts';
import { lagrangeAtZero } from './shamir.ts';
import { digest, residueBytes } from './transcript.ts';

/** This member's part, once. Store the ledger before it is sent. */
export function certify(
  share: KeyShare,
  ledger: DecryptionLedger,
  publicKey: PublicKey,
  challenge: Uint8Array,
): PartialDecryption {
  const { epoch, member } = share;
  const token = ledger.authoriseCertification(epoch, testCiphertext(epoch, publicKey, challenge));
  return answerWith(share, token, 'certification', certificationWeights(epoch, member, challenge));
}

/** Throws a ProtocolViolation unless all members' shares belong to one sharing of this public key's secret. Anybody can check. */
export function requireCertified(
  epoch: KeyEpoch,
  publicKey: PublicKey,
  challenge: Uint8Array,
  answers: readonly PartialDecryption[],
): void {
  const { members } = epoch.roster;
  const { flooding } = epoch.parameters;
  const sum = sumOfAnswers(epoch, testCiphertext(epoch, publicKey, challenge), members, answers);
  // z·√n·σ_sm; the noise of one fresh encryption is far below the margin of one bit.
  const bound = Math.log2(flooding.tailFactor) + flooding.stddevLog2 + Math.log2(members.length) / 2 + 1;
  if (!isSmall(sum, 1n, bound)) {
    throw new ProtocolViolation('the shares of this key do not fit together: a dealing was wrong, the key is void');
  }
}

/** An encryption of zero whose every bit follows from public values. */
function testCiphertext(epoch: KeyEpoch, publicKey: PublicKey, challenge: Uint8Array): SharedCiphertext {
  if (challenge.length !== SEED_BYTES) throw new ParameterError(`a challenge has ${SEED_BYTES} bytes`);
  const { lattice, dataRing: ring, parameters } = epoch;
  requireSameRing(publicKey.ring, ring);
  const seed = digest(
    lattice.primitives,
    'sumus/lattice/shared key/certification ciphertext',
    epoch.run,
    residueBytes(publicKey.b),
    challenge,
  );
  return ring.engine.memory.scope(() => {
    const c0 = allocateBlock(ring);
    const c1 = allocateBlock(ring);
    encryptZeroPublic(lattice, publicKey, parameters.scheme.error, seed, c0, c1);
    return {
      c0: evaluationPolynomial(ring, readBlock(ring, c0)),
      c1: evaluationPolynomial(ring, readBlock(ring, c1)),
    };
  });
}

/** λ_j + v_j·f(α_j) for every data prime. */
function certificationWeights(epoch: KeyEpoch, member: number, challenge: Uint8Array): Scalar[] {
  const { lattice, dataRing: ring, roster } = epoch;
  const { members, threshold } = roster;
  const free = members.length - threshold;
  if (free > ring.degree)
    throw new ParameterError(`${free} members beyond the threshold: at most ${ring.degree} are certified`);
  const seed = digest(lattice.primitives, 'sumus/lattice/shared key/certification weights', epoch.run, challenge);
  const { residues } = expandUniform(ring, lattice.primitives, seed, 0);
  return ring.moduli.map((m, limb) => {
    let f = 0;
    for (let power = free - 1; power >= 0; power--) {
      f = (multiplyModulo(f, member, m.q) + residues[limb * ring.degree + power]) % m.q;
    }
    let v = 1;
    for (const other of members) {
      if (other !== member) v = multiplyModulo(v, invertModulo((member - other + m.q) % m.q, m.q), m.q);
    }
    return scalar((lagrangeAtZero(members, member, m) + multiplyModulo(v, f, m.q)) % m.q, m);
  });
}
