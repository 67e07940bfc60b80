// The secret key as a file: readable by its owner alone, and under a passphrase where one is given (scrypt, AES-256-GCM). Its bytes in memory
// are overwritten after use.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CkksContext, SecretKey } from '@sumus/lattice/ckks';
import { decodeSecretKey, encodeSecretKeyInTheClear } from '@sumus/lattice/wire/secrets';
import { UsageError } from '../command.ts';
import { EncryptedReader, EncryptedWriter } from './encrypted-file.ts';
import { asUsage } from './encrypted-offer.ts';

const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** 128 MiB, about half a second. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 } as const;

export function writeSecretKey(
  path: string,
  identity: string,
  { lattice, parameters }: CkksContext,
  secret: SecretKey,
  passphrase: Uint8Array | undefined,
): void {
  const clear = encodeSecretKeyInTheClear(lattice, parameters, secret);
  try {
    const file = new EncryptedWriter(path, { holds: 'secret key', for: identity }, 0o600);
    try {
      if (passphrase === undefined) file.record('secret key', clear);
      else file.record('sealed secret key', sealed(clear, passphrase));
    } finally {
      file.close();
    }
  } finally {
    clear.fill(0);
  }
}

export function readSecretKey(
  path: string,
  identity: string,
  { lattice, parameters }: CkksContext,
  passphrase: Uint8Array | undefined,
): SecretKey {
  const file = new EncryptedReader(path, 'secret key');
  try {
    file.requireFor(identity);
    const isSealed = file.names.includes('sealed secret key');
    if (isSealed && passphrase === undefined) throw new UsageError(`${path} is under a passphrase: --passphrase-file`);
    const clear =
      isSealed && passphrase !== undefined
        ? opened(path, file.message('sealed secret key'), passphrase)
        : file.message('secret key');
    try {
      return asUsage(() => decodeSecretKey(lattice, parameters, clear));
    } finally {
      clear.fill(0);
    }
  } finally {
    file.close();
  }
}

/** The first line of a file. */
export function passphraseFrom(path: string | undefined): Uint8Array | undefined {
  if (path === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const end = bytes.indexOf(0x0a);
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  if (line.length === 0) throw new UsageError(`${path} begins with an empty line: no passphrase`);
  return line;
}

function sealed(clear: Uint8Array, passphrase: Uint8Array): Uint8Array {
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, SCRYPT), nonce);
  const body = Buffer.concat([cipher.update(clear), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), body]);
}

function opened(path: string, bytes: Uint8Array, passphrase: Uint8Array): Uint8Array {
  const part = (from: number, length?: number): Uint8Array =>
    bytes.subarray(from, length === undefined ? undefined : from + length);
  const key = scryptSync(passphrase, part(0, SALT_BYTES), 32, SCRYPT);
  const decipher = createDecipheriv('aes-256-gcm', key, part(SALT_BYTES, NONCE_BYTES));
  decipher.setAuthTag(part(SALT_BYTES + NONCE_BYTES, TAG_BYTES));
  try {
    const first = decipher.update(part(SALT_BYTES + NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([first, decipher.final()]);
  } catch (cause) {
    throw new UsageError(`${path} does not open: another passphrase, or other bytes`, { cause });
  }
}
