// What a participant keeps in this browser, sealed with AES-GCM under a key that was made here and that no script can export: who copies the
// browser's files has nothing to read it with, short of the browser's own key store. Each entry is bound to its name.
//
//   sealed = nonce (12 random bytes) ‖ ciphertext and tag (NIST SP 800-38D)
//
// What it does not notice: an old entry put back in its place. The participant's ledger is for that.

import { isStorageName, type Storage } from '@sumus/client/storage';
import { MalformedMessage, ParameterError } from '@sumus/federation/errors';
import type { Database } from './database.ts';

const KEY_NAME = 'seal';
const NONCE_BYTES = 12;
const encoder: TextEncoder = new TextEncoder();

export async function vaultIn(database: Database, { subtle }: Crypto = crypto): Promise<Storage> {
  const key = await sealIn(database, subtle);
  const algorithm = (name: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams => {
    if (!isStorageName(name)) throw new ParameterError(`${JSON.stringify(name.slice(0, 80))} is no name of an entry`);
    return { name: 'AES-GCM', iv, additionalData: encoder.encode(`sumus/1/vault/${name}`) };
  };
  return {
    read: async (name) => {
      const sealed = await database.read('entries', name);
      if (sealed === undefined) return undefined;
      if (!(sealed instanceof Uint8Array)) throw new MalformedMessage(`the entry ${name} is no bytes`);
      const own = new Uint8Array(sealed);
      try {
        const how = algorithm(name, own.slice(0, NONCE_BYTES));
        return new Uint8Array(await subtle.decrypt(how, key, own.subarray(NONCE_BYTES)));
      } catch (cause) {
        throw new MalformedMessage(`the entry ${name} is damaged, or was sealed by another browser`, { cause });
      }
    },
    write: async (name, bytes) => {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = new Uint8Array(await subtle.encrypt(algorithm(name, nonce), key, new Uint8Array(bytes)));
      const whole = new Uint8Array(NONCE_BYTES + sealed.length);
      whole.set(nonce);
      whole.set(sealed, NONCE_BYTES);
      await database.write('entries', name, whole);
    },
    remove: (name) => database.remove('entries', name),
  };
}

async function sealIn(database: Database, subtle: SubtleCrypto): Promise<CryptoKey> {
  const stored = await database.read('keys', KEY_NAME);
  if (stored instanceof CryptoKey) return stored;
  const fresh = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  await database.write('keys', KEY_NAME, fresh);
  // Two workers that begin together write twice and read one.
  const kept = await database.read('keys', KEY_NAME);
  return kept instanceof CryptoKey ? kept : fresh;
}
