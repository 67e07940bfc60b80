// Encryption: with the public key by anyone, or with the secret key by its owner at half the size and with less noise.
//
// The numbers must lie within a magnitude that is declared in the open (default 1): bounds on noise and overflow are derived from
// it, and they must not depend on the numbers. Refused: numbers beyond it, not finite, or too many; a magnitude that the level
// cannot hold.

import { ParameterError } from '../errors.ts';
import { encryptZeroPublic, encryptZeroSymmetric } from '../keys/encrypt-zero.ts';
import type { PublicKey } from '../keys/public-key.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { freshSeed, withFreshSeed } from '../random/seed.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ciphertext, SeededCiphertext } from './ciphertext.ts';
import type { CkksContext } from './context.ts';
import { encodeToBlock, type SlotVector } from './encoding-blocks.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { freshPublic, freshSymmetric } from './estimate.ts';
import type { Level } from './level.ts';
import { type EncodingOptions, requireWithin, slotVector, type Values } from './plaintext.ts';

export interface EncryptionOptions extends EncodingOptions {
  /** Declared bound on every |number|; default 1. */
  readonly magnitude?: number;
}

interface Prepared {
  readonly level: Level;
  readonly magnitude: number;
  /** Writes the residues of the message, coefficient form, at a block of the level's ring. */
  write(address: number): void;
}

/** Encrypts under the public key. Every call draws its own 32 secret bytes. */
export function encrypt(
  context: CkksContext,
  publicKey: PublicKey,
  values: Values,
  options: EncryptionOptions = {},
): Ciphertext {
  if (publicKey.ring !== context.ring) throw new ParameterError('the public key belongs to other parameters');
  const { level, magnitude, write } = prepare(context, values, options);
  const { ring, scale } = level;
  const { memory } = ring.engine;
  const [c0, c1] = withFreshSeed(context.lattice.primitives, (seed) =>
    memory.scope(() => {
      const c1At = allocateBlock(ring);
      // c0 begins as the message, so it is scratch that is zeroed.
      return memory.secretScope(() => {
        const c0At = allocateBlock(ring);
        write(c0At);
        const { error } = context.parameters;
        encryptZeroPublic(context.lattice, publicKey, error, seed, c0At, c1At, c0At, ring);
        return [evaluationPolynomial(ring, readBlock(ring, c0At)), evaluationPolynomial(ring, readBlock(ring, c1At))];
      });
    }),
  );
  const estimate = freshPublic(context.parameters, scale.value, magnitude);
  return Object.freeze({ kind: 'ciphertext', context, level: level.level, c0, c1, estimate });
}

/** Encrypts under the secret key: one polynomial and a public seed, fresh for every ciphertext. */
export function encryptSymmetric(
  context: CkksContext,
  secret: SecretKey,
  values: Values,
  options: EncryptionOptions = {},
): SeededCiphertext {
  if (secret.ring !== context.layout.ring) throw new ParameterError('the secret key belongs to other parameters');
  const { level, magnitude, write } = prepare(context, values, options);
  const { ring, scale } = level;
  const { memory } = ring.engine;
  const seed = freshSeed(context.lattice.primitives);
  const c0 = withFreshSeed(context.lattice.primitives, (noiseSeed) =>
    memory.secretScope(() => {
      const at = allocateBlock(ring);
      write(at);
      const { error } = context.parameters;
      encryptZeroSymmetric(context.lattice, secret, ring, error, seed, 0, noiseSeed, at, at);
      return evaluationPolynomial(ring, readBlock(ring, at));
    }),
  );
  const estimate = freshSymmetric(context.parameters, scale.value, magnitude);
  return Object.freeze({ kind: 'seeded', context, level: level.level, c0, seed, estimate });
}

/** Checks everything that encoding would refuse, before anything is drawn. */
function prepare(context: CkksContext, values: Values, options: EncryptionOptions): Prepared {
  const level = context.level(options.level ?? context.parameters.topLevel);
  const magnitude = options.magnitude ?? 1;
  const vector: SlotVector = slotVector(values);
  requireWithin(vector, magnitude);
  const room = holds(level);
  if (magnitude > room) {
    throw new ParameterError(
      `magnitude ${magnitude} exceeds ${room.toPrecision(4)}, the most that level ${level.level} holds`,
    );
  }
  const embedding = createEmbedding(context.lattice, context.parameters.degree);
  const slots = options.slots ?? context.parameters.slots;
  const write = (address: number): void =>
    encodeToBlock(embedding, level.ring, vector, { slots, scale: level.scale.value }, address);
  return { level, magnitude, write };
}

/** The largest |number| whose encoding fits half the modulus of the level and the encoder's 2^61. */
function holds({ ring, scale }: Level): number {
  const modulus = ring.moduli.reduce((product, { q }) => Math.min(product * q, 2 ** 62), 1);
  return ((modulus / 2) * (1 - 2 ** -20)) / scale.value;
}
