// Who takes part: an Ed25519 key that is made here, stays here, and signs this participant's ledger in every run. One participant, one key:
// budgets are counted over all runs on its data, and a second key would be a second purse.

import { MalformedMessage } from '@sumus/federation/errors';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';
import type { Storage } from '../storage/storage.ts';

const NAME = 'identity';

/** The one that is stored, or a fresh one, which is stored first. */
export async function identityIn(storage: Storage, primitives: SecretPrimitives): Promise<Signer> {
  const stored = await storage.read(NAME);
  if (stored !== undefined && stored.length !== 32) {
    throw new MalformedMessage(`the stored key has ${stored.length} bytes, not 32`);
  }
  const key =
    stored === undefined ? freshSecretKey(primitives, 'ed25519') : primitives.secretKeys.fromBytes('ed25519', stored);
  if (stored === undefined) {
    const bytes = key.expose();
    await storage.write(NAME, bytes);
    bytes.fill(0);
  }
  return signerOf(primitives, key);
}
