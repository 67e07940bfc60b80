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

/** For what, and of which keygen. */
export interface KeyName {
  readonly identity: string;
  readonly key: string;
}

export interface OwnKey {
  readonly secret: SecretKey;
  readonly key: string;
}

export function newKeyName(identity: string): KeyName {
  return { identity, key: randomBytes(16).toString('hex') };
}

export function writeSecretKey(
  path: string,
  name: KeyName,
  { lattice, parameters }: CkksContext,
  secret: SecretKey,
  passphrase: Uint8Array | undefined,
): void {
  const clear = encodeSecretKeyInTheClear(lattice, parameters, secret);
  try {
    const file = new EncryptedWriter(path, { holds: 'secret key', for: name.identity, key: name.key });
    try {
      if (passphrase === undefined) file.record('secret key', clear);
      else file.record('sealed secret key', sealed(clear, passphrase, name));
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
  /** Of the ciphertexts that it is for, where there are any. */
  of?: string,
): OwnKey {
  const file = new EncryptedReader(path, 'secret key');
  try {
    file.requireFor(identity);
    if (of !== undefined) file.requireKey(of);
    const { key } = file.header;
    const isSealed = file.names.includes('sealed secret key');
    if (isSealed && passphrase === undefined) throw new UsageError(`${path} is under a passphrase: --passphrase-file`);
    const clear =
      isSealed && passphrase !== undefined
        ? opened(path, file.message('sealed secret key'), passphrase, { identity, key })
        : file.message('secret key');
    try {
      return asUsage(() => ({ secret: decodeSecretKey(lattice, parameters, clear), key }));
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

/** The header's names are sealed with the key: it does not open as another task's. */
const associated = ({ identity, key }: KeyName): Uint8Array =>
  Buffer.from(`sumus secret key ${identity} ${key}`, 'utf8');

function sealed(clear: Uint8Array, passphrase: Uint8Array, name: KeyName): Uint8Array {
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const key = scryptSync(passphrase, salt, 32, SCRYPT);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  key.fill(0);
  cipher.setAAD(associated(name));
  const body = Buffer.concat([cipher.update(clear), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), body]);
}

function opened(path: string, bytes: Uint8Array, passphrase: Uint8Array, name: KeyName): Uint8Array {
  if (bytes.length <= SALT_BYTES + NONCE_BYTES + TAG_BYTES)
    throw new UsageError(`${path} holds no sealed key: it is cut short`);
  const part = (from: number, length?: number): Uint8Array =>
    bytes.subarray(from, length === undefined ? undefined : from + length);
  const key = scryptSync(passphrase, part(0, SALT_BYTES), 32, SCRYPT);
  const decipher = createDecipheriv('aes-256-gcm', key, part(SALT_BYTES, NONCE_BYTES), { authTagLength: TAG_BYTES });
  key.fill(0);
  decipher.setAAD(associated(name));
  decipher.setAuthTag(part(SALT_BYTES + NONCE_BYTES, TAG_BYTES));
  const clear = decipher.update(part(SALT_BYTES + NONCE_BYTES + TAG_BYTES));
  try {
    // Counter mode: all of it came from the update. This is the check.
    decipher.final();
    return clear;
  } catch (cause) {
    clear.fill(0);
    throw new UsageError(`${path} does not open: another passphrase, or other bytes`, { cause });
  }
}
