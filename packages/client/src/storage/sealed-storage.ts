// Storage whose bytes are sealed under a key that lies elsewhere (a key file, a passphrase, a platform's keyring): who copies the folder has
// nothing. ChaCha20-Poly1305 under a fresh nonce of 96 random bits each time, bound to the name, so that two entries cannot be exchanged.
//
//   sealed = version ‖ nonce (12) ‖ ciphertext ‖ tag       under 2^32 writes of one key, two nonces collide with probability below 2^-33
//
// What it does not notice: an old entry put back in its place. The participant's ledger is for that.

import { MalformedMessage, ParameterError } from '@sumus/federation/errors';
import { asciiBytes, delimited } from '@sumus/secure-sum/canonical';
import { freshSecretBytes, type SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { isStorageName, type Storage } from './storage.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `key`: 32 bytes, kept until the storage is forgotten. */
export function sealedStorage(
  primitives: Pick<SecretPrimitives, 'randomBytes' | 'chacha20Poly1305'>,
  key: Uint8Array,
  storage: Storage,
): Storage {
  if (key.length !== 32) throw new ParameterError(`a key of 32 bytes seals, not one of ${key.length}`);
  const held = key.slice();
  const associatedData = (name: string): Uint8Array => {
    if (!isStorageName(name))
      throw new ParameterError(`${JSON.stringify(name.slice(0, 80))} is no name of a stored entry`);
    return delimited('sumus/1/sealed-storage', asciiBytes(name));
  };
  return {
    read: async (name) => {
      const bytes = await storage.read(name);
      if (bytes === undefined) return undefined;
      if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) {
        throw new MalformedMessage(`the stored ${name} is damaged`);
      }
      const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
      const sealed = bytes.subarray(1 + NONCE_BYTES);
      const opened = primitives.chacha20Poly1305.open(
        { key: held, nonce, associatedData: associatedData(name) },
        sealed,
      );
      if (opened === undefined) {
        throw new MalformedMessage(`the stored ${name} was not sealed under this key, or was changed`);
      }
      return opened;
    },
    write: async (name, bytes) => {
      const nonce = freshSecretBytes(primitives, NONCE_BYTES);
      const sealed = primitives.chacha20Poly1305.seal(
        { key: held, nonce, associatedData: associatedData(name) },
        bytes,
      );
      const all = new Uint8Array(1 + NONCE_BYTES + sealed.length);
      all[0] = VERSION;
      all.set(nonce, 1);
      all.set(sealed, 1 + NONCE_BYTES);
      await storage.write(name, all);
    },
    remove: (name) => storage.remove(name),
    sameBytes: storage.sameBytes,
  };
}
