// The core that every scheme here encrypts with: a fresh encryption of zero, in evaluation form, to which a message is added
// before the transform that its error needs anyway, so a message costs no transform of its own.
//
// Public key (b, a):  c0 = b·u + e0 + m, c1 = a·u + e1, u ternary.     Symmetric:  c0 = −a·s + e + m, c1 = a from a public seed.
// Then c0 + c1·s = m + small. (Lyubashevsky, Peikert, Regev 2013, §8; encryption reference §13.3 for the sizes of "small".)
//
// Refused: a ring that is not a prefix of the key's. NEVER use one (publicSeed, index) for two messages under one key: the
// difference of the two c0 is the difference of the messages.

import type { Lattice } from '../lattice.ts';
import { type Distribution, TERNARY } from '../parameters/distributions.ts';
import { sampleSmall, sampleUniformBlock } from '../random/index.ts';
import { RandomStream, type StreamDomain } from '../random/random-stream.ts';
import {
  addBlock,
  allocateBlock,
  forwardBlock,
  loadBlock,
  multiplyAddBlock,
  multiplyBlock,
  signedToBlock,
  subtractBlock,
} from '../ring/blocks.ts';
import type { Ring } from '../ring/ring.ts';
import type { PublicKey } from './public-key.ts';
import { restrict } from './restrict.ts';
import type { SecretKey } from './secret-key.ts';

/**
 * Writes (c0, c1) under the public key at the two addresses, blocks of `publicKey.ring` or of `ring`, a prefix of it.
 * `seed`: 32 secret bytes, used for this one ciphertext. `messageAddress`: residues in coefficient form, left as they are.
 * Inside a scope.
 */
export function encryptZeroPublic(
  lattice: Lattice,
  publicKey: PublicKey,
  error: Distribution,
  seed: Uint8Array,
  c0Address: number,
  c1Address: number,
  messageAddress?: number,
  ring: Ring = publicKey.ring,
): void {
  const b = restrict(publicKey.b, ring);
  const a = restrict(publicKey.a, ring);
  ring.engine.memory.secretScope(() => {
    const signed = ring.engine.memory.allocate(ring.limbBytes);
    const u = allocateBlock(ring);
    smallBlock(lattice, ring, TERNARY, seed, 'tern', 0, signed, u);
    forwardBlock(ring, u);
    smallBlock(lattice, ring, error, seed, 'err0', 0, signed, c0Address);
    if (messageAddress !== undefined) addBlock(ring, c0Address, c0Address, messageAddress);
    forwardBlock(ring, c0Address);
    multiplyAddBlock(ring, c0Address, loadBlock(b), u);
    smallBlock(lattice, ring, error, seed, 'err1', 0, signed, c1Address);
    forwardBlock(ring, c1Address);
    multiplyAddBlock(ring, c1Address, loadBlock(a), u);
  });
}

/**
 * Writes c0 under the secret key at `c0Address` (a block of `ring`), and c1 = a at `c1Address` where one is given; a is
 * expandUniform(ring, primitives, publicSeed, index). `noiseSeed`: 32 secret bytes; one may serve many indices.
 * `messageAddress`: residues in coefficient form, left as they are. Inside a scope.
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
  const s = restrict(secret.reveal(), ring);
  ring.engine.memory.secretScope(() => {
    const signed = ring.engine.memory.allocate(ring.limbBytes);
    smallBlock(lattice, ring, error, noiseSeed, 'err0', index, signed, c0Address);
    if (messageAddress !== undefined) addBlock(ring, c0Address, c0Address, messageAddress);
    forwardBlock(ring, c0Address);
    const a = c1Address ?? allocateBlock(ring);
    sampleUniformBlock(ring, new RandomStream(lattice.primitives, publicSeed, 'publ', index), a);
    const product = loadBlock(s);
    multiplyBlock(ring, product, product, a);
    subtractBlock(ring, c0Address, c0Address, product);
  });
}

/** Draws one small polynomial (int32 at `signed`) and writes its residues, coefficient form, at `out`. */
function smallBlock(
  lattice: Lattice,
  ring: Ring,
  distribution: Distribution,
  seed: Uint8Array,
  domain: StreamDomain,
  index: number,
  signed: number,
  out: number,
): void {
  const stream = new RandomStream(lattice.primitives, seed, domain, index);
  sampleSmall(ring.engine, stream, distribution, signed, ring.degree);
  stream.wipe();
  signedToBlock(ring, out, signed);
}
