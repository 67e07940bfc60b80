// An Ed25519 key in a file of its own: PEM (PKCS #8), as `openssl genpkey -algorithm ed25519` writes it, for its owner's eyes alone. The key is
// held for as long as a command runs, and never printed; whoever else may read the file is a reason to refuse it.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import type { Signer } from '@sumus/secure-sum/primitives';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import { UsageError } from './command.ts';

/** Refuses to write over anything. */
export function newKeyFile(path: string): SecretKey<'ed25519'> {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
  return secretKeyOf(privateKey, path);
}

export function keyInFile(path: string): SecretKey<'ed25519'> {
  if (!existsSync(path)) throw new UsageError(`there is no ${path}: --new-key makes one`);
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (cause) {
    // What is wrong with it may quote it.
    throw new UsageError(`${path} is no private key in PEM`, { cause });
  }
  return secretKeyOf(key, path);
}

/** Windows has no such bits, and its files are their owner's by other means. */
export function requireOwnEyes(path: string): void {
  if (process.platform === 'win32') return;
  const others = statSync(path).mode & 0o077;
  if (others !== 0) throw new UsageError(`${path} can be read by others: chmod 600 it, or make a new key`);
}

export const signerWith = (key: SecretKey<'ed25519'>): Promise<Signer> =>
  signerOf({ ...nodePrimitives(), secretKeys: SecretKey }, key);

function secretKeyOf(key: KeyObject, path: string): SecretKey<'ed25519'> {
  const kind = key.asymmetricKeyType;
  if (kind !== 'ed25519')
    throw new UsageError(`${path} is a key for ${kind ?? 'nothing'}, and plans are signed by Ed25519`);
  const encoded = key.export({ type: 'pkcs8', format: 'der' });
  // RFC 8410: the 32 bytes are the last of the 48.
  const secret = SecretKey.fromBytes('ed25519', Uint8Array.from(encoded.subarray(-32)));
  encoded.fill(0);
  return secret;
}
