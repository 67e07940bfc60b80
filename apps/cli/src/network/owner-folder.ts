// The owner's folder: two keys, and what was invited with them. `owner.pem` signs plans and what is asked of a server; `authority.pem` vouches
// for participants. Neither goes to a server: who holds the second decides how many one person may be, and a coordinator that holds it could
// be everybody. The folder and what is in it are for the owner's eyes alone.
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Signer } from '@sumus/secure-sum/primitives';
import { UsageError } from '../command.ts';
import { keyInFile, newKeyFile, requireOwnEyes, signerWith } from '../key-file.ts';

export interface OwnerFolder {
  readonly folder: string;
  /** Signs plans, and asks the server. */
  readonly owner: Signer;
  /** Vouches for participants, and for who no longer is one. */
  readonly authority: Signer;
  /** Whether the keys were made just now. */
  readonly isNew: boolean;
}

const FILES = { owner: 'owner.pem', authority: 'authority.pem' } as const;

/** SUMUS_HOME, or `.sumus` at home. */
export const homeFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  environment['SUMUS_HOME'] ?? join(homedir(), '.sumus');

export const usualOwnerFolder = (environment: Readonly<Record<string, string | undefined>> = process.env): string =>
  join(homeFolder(environment), 'owner');

/** Makes what is missing, unless one of the two keys is there: whoever lost one has to know. */
export async function openOwnerFolder(folder: string): Promise<OwnerFolder> {
  const paths = { owner: join(folder, FILES.owner), authority: join(folder, FILES.authority) };
  const there = Object.values(paths).filter((path) => existsSync(path));
  if (there.length === 1) throw new UsageError(`of the owner's two keys only ${there[0]} is there; both are needed`);
  const isNew = there.length === 0;
  if (isNew) makeFolder(folder);
  for (const path of [folder, ...there]) requireOwnEyes(path);
  const open = isNew ? newKeyFile : keyInFile;
  const [owner, authority] = [await signerWith(open(paths.owner)), await signerWith(open(paths.authority))];
  return { folder, owner, authority, isNew };
}

/** For its owner alone, also where it was there before. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
