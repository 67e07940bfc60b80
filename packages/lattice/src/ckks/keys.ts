// The keys of a context: what generate.ts, public-key.ts and evaluation-key.ts make, for this parameter set.

import {
  conjugationElement,
  type GaloisKey,
  type GaloisKeys,
  generateGaloisKey,
  generateRelinearisationKey,
  type RelinearisationKey,
  rotationElement,
} from '../keys/evaluation-key.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { generatePublicKey, type PublicKey } from '../keys/public-key.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import type { CkksContext } from './context.ts';

export function secretKey({ lattice, layout, parameters }: CkksContext): SecretKey {
  return generateSecretKey(lattice, layout.ring, parameters.secret);
}

export function publicKey({ lattice, ring, parameters }: CkksContext, secret: SecretKey): PublicKey {
  return generatePublicKey(lattice, ring, secret, undefined, { error: parameters.error });
}

export function relinearisationKey(
  { lattice, layout, parameters }: CkksContext,
  secret: SecretKey,
): RelinearisationKey {
  return generateRelinearisationKey(lattice, layout, secret, undefined, { error: parameters.error });
}

export interface GaloisRequest {
  /** Steps of the rotations that a circuit makes; each key is as large as a relinearisation key. */
  readonly rotations?: Iterable<number>;
  readonly conjugation?: boolean;
}

export function galoisKeys(context: CkksContext, secret: SecretKey, request: GaloisRequest): GaloisKeys {
  const { lattice, layout, parameters } = context;
  const elements = new Set<number>();
  for (const steps of request.rotations ?? []) elements.add(rotationElement(steps, parameters.degree));
  if (request.conjugation === true) elements.add(conjugationElement(parameters.degree));
  elements.delete(1);
  const keys = new Map<number, GaloisKey>();
  for (const element of elements) {
    const noise = { error: parameters.error };
    keys.set(element, generateGaloisKey(lattice, layout, secret, element, undefined, noise));
  }
  return keys;
}
