// Who takes part: an Ed25519 key that this browser made and signs with, and that no script can read, this one included. One browser, one key:
// budgets are counted over all runs on its data.

import type { Signer } from '@sumus/secure-sum/primitives';
import type { Database } from './database.ts';

const NAME = 'identity';

interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

export async function identityOf(database: Database, { subtle }: Crypto = crypto): Promise<Signer> {
  const stored = await database.read('keys', NAME);
  const pair = isKeyPair(stored) ? stored : await freshPair(database, subtle);
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  return Object.freeze({
    publicKey,
    sign: async (message: Uint8Array) =>
      new Uint8Array(await subtle.sign('Ed25519', pair.privateKey, new Uint8Array(message))),
  });
}

async function freshPair(database: Database, subtle: SubtleCrypto): Promise<KeyPair> {
  const fresh = await subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  if (!isKeyPair(fresh)) throw new Error('this browser makes no Ed25519 keys');
  await database.write('keys', NAME, fresh);
  return fresh;
}

function isKeyPair(value: unknown): value is KeyPair {
  if (typeof value !== 'object' || value === null) return false;
  if (!('privateKey' in value && 'publicKey' in value)) return false;
  return value.privateKey instanceof CryptoKey && value.publicKey instanceof CryptoKey;
}
