// The key that seals a participant's folder. Of a passphrase, by scrypt (RFC 7914; N = 2^17, r = 8, p = 1: 128 MiB and about half a second), with a
// salt that lies in the folder; or, where there is none, random bytes in a file beside the others, which keeps the contents from whoever sees
// single files of a backup, and from nobody who has the folder.

import { scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MalformedMessage, ParameterError } from '@sumus/federation/errors';
import { replaceFile } from './folder-storage.ts';

const KEY_FILE = 'sealing-key';
const SALT_FILE = 'sealing-salt';
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 } as const;

export async function folderKey(
  folder: string,
  passphrase: string | undefined,
  randomBytes: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  const read = async (name: string): Promise<Uint8Array | undefined> =>
    readFile(join(folder, name)).catch(() => undefined);
  const made = async (name: string, length: number): Promise<Uint8Array> => {
    const found = await read(name);
    if (found !== undefined && found.length !== length) throw new MalformedMessage(`${name} in ${folder} is damaged`);
    if (found !== undefined) return Uint8Array.from(found);
    const fresh = randomBytes(length);
    await replaceFile(folder, join(folder, name), fresh);
    return fresh;
  };
  if (passphrase === undefined) {
    if ((await read(SALT_FILE)) !== undefined)
      throw new ParameterError(`${folder} is sealed under a passphrase: say it`);
    return made(KEY_FILE, KEY_BYTES);
  }
  if ((await read(KEY_FILE)) !== undefined)
    throw new ParameterError(`${folder} is sealed without a passphrase: leave it out`);
  if (passphrase.length < 8) throw new ParameterError('a passphrase has at least 8 characters');
  const salt = await made(SALT_FILE, SALT_BYTES);
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, SCRYPT, (error, key) =>
      error === null ? resolve(Uint8Array.from(key)) : reject(error),
    );
  });
}
