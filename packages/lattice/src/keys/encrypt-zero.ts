// The core that every scheme here encrypts with: a fresh encryption of zero, in evaluation form, to which a message is added
// before the transform that its error needs anyway, so a message costs no transform of its own.
//
// Public key (b, a):  c0 = b·u + e0 + m, c1 = a·u + e1, u ternary.     Symmetric:  c0 = −a·s + e + m, c1 = a from a public seed.
// Then c0 + c1·s = m + small. (Lyubashevsky, Peikert, Regev 2013, §8; how small: ckks/estimate.ts.)
//
// Refused: a ring that is not a prefix of the key's. NEVER use one (publicSeed, index) for two messages under one key: the
// difference of the two c0 is the difference of the messages.

import type { Lattice } from '../lattice.ts';
import { type Distribution, TERNARY } from '../parameters/distributions.ts';
import { sampleSmall } from '../random/index.ts';
import { RandomStream, type StreamDomain } from '../random/random-stream.ts';
import { UniformWords } from '../random/uniform.ts';
import { forwardLimb } from '../ring/blocks.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { requirePrefix } from './restrict.ts';
import type { SecretKey } from './secret-key.ts';

/** What encryption needs of a public key (public-key.ts): b = −a·s + e. */
export interface PublicKeyPair {
  readonly ring: Ring;
  readonly b: EvaluationPolynomial;
  readonly a: EvaluationPolynomial;
}

/**
 * Writes (c0, c1) under the public key at the two addresses, blocks of `ring`, which is `publicKey.ring` or a prefix of it.
 * `seed`: 32 secret bytes, used for this one ciphertext. `messageAddress`: residues in coefficient form, left as they are unless
 * it is c0's own address. Inside a scope.
 */
export function encryptZeroPublic(
  lattice: Lattice,
  publicKey: PublicKeyPair,
  error: Distribution,
  seed: Uint8Array,
  c0Address: number,
  c1Address: number,
  messageAddress?: number,
  ring: Ring = publicKey.ring,
): void {
  requirePrefix(ring, publicKey.ring);
  const { memory, residues } = ring.engine;
  const { degree: n, limbBytes } = ring;
  memory.secretScope(() => {
    const mask = drawSmall(lattice, ring, TERNARY, seed, 'tern', 0);
    const error0 = drawSmall(lattice, ring, error, seed, 'err0', 0);
    const error1 = drawSmall(lattice, ring, error, seed, 'err1', 0);
    const u = memory.allocate(limbBytes);
    const factor = memory.allocate(limbBytes);
    // Limb by limb, so that all operands of one prime stay in the cache.
    for (let limb = 0; limb < ring.moduli.length; limb++) {
      const at = limb * limbBytes;
      const { q, wordResidue, wordResidueQuotient } = ring.moduli[limb];
      residues.liftSignedResidues(u, mask, n, q, wordResidue, wordResidueQuotient);
      forwardLimb(ring, limb, u);
      addMessage(ring, limb, c0Address + at, error0, messageAddress);
      memory.u32(factor, n).set(publicKey.b.residues.subarray(limb * n, (limb + 1) * n));
      residues.multiplyLiftedAddResidues(c0Address + at, factor, u, n, q);
      residues.residuesFromSigned(c1Address + at, error1, n, q);
      forwardLimb(ring, limb, c1Address + at);
      memory.u32(factor, n).set(publicKey.a.residues.subarray(limb * n, (limb + 1) * n));
      residues.multiplyLiftedAddResidues(c1Address + at, factor, u, n, q);
    }
  });
}

/**
 * Writes c0 under the secret key at `c0Address` (a block of `ring`), and c1 = a at `c1Address` where one is given; a is
 * expandUniform(ring, primitives, publicSeed, index). `noiseSeed`: 32 secret bytes; one may serve many indices.
 * `messageAddress`: as in encryptZeroPublic. Inside a scope.
 */
export function encryptZeroSymmetric(
  lattice: Lattice,
  secret: SecretKey,
  ring: Ring,
  error: Distribution,
  publicSeed: Uint8Array,
  index: number,
  noiseSeed: Uint8Array,
  c0Address: number,
  messageAddress?: number,
  c1Address?: number,
): void {
  const s = secret.revealLifted();
  requirePrefix(ring, s.ring);
  const { engine, degree: n, limbBytes } = ring;
  const { memory, residues } = engine;
  memory.secretScope(() => {
    const small = drawSmall(lattice, ring, error, noiseSeed, 'err0', index);
    const key = memory.allocate(limbBytes);
    const shared = c1Address === undefined ? memory.allocate(limbBytes) : 0;
    const stream = new RandomStream(lattice.primitives, publicSeed, 'publ', index);
    const uniform = new UniformWords(engine, stream, ring.blockBytes);
    for (let limb = 0; limb < ring.moduli.length; limb++) {
      const at = limb * limbBytes;
      const { q } = ring.moduli[limb];
      addMessage(ring, limb, c0Address + at, small, messageAddress);
      const a = c1Address === undefined ? shared : c1Address + at;
      uniform.draw(a, n, q);
      memory.u32(key, n).set(s.residues.subarray(limb * n, (limb + 1) * n));
      residues.multiplyLiftedSubtractResidues(c0Address + at, a, key, n, q);
    }
  });
}

/** Limb `limb` of error + message, transformed, at `out`. */
function addMessage(ring: Ring, limb: number, out: number, error: number, messageAddress: number | undefined): void {
  const { engine, degree: n, limbBytes } = ring;
  const { q } = ring.moduli[limb];
  if (messageAddress === undefined) engine.residues.residuesFromSigned(out, error, n, q);
  else engine.residues.addSignedResidues(out, messageAddress + limb * limbBytes, error, n, q);
  forwardLimb(ring, limb, out);
}

/** Draws one small polynomial: N signed 32-bit integers at the address returned. Inside a secret scope. */
function drawSmall(
  lattice: Lattice,
  ring: Ring,
  distribution: Distribution,
  seed: Uint8Array,
  domain: StreamDomain,
  index: number,
): number {
  const address = ring.engine.memory.allocate(ring.limbBytes);
  const stream = new RandomStream(lattice.primitives, seed, domain, index);
  try {
    sampleSmall(ring.engine, stream, distribution, address, ring.degree);
  } finally {
    stream.wipe();
  }
  return address;
}
