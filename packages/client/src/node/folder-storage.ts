// A folder that its owner alone reads, with one file an entry. A file is written beside the old one, forced to the disk and put in its place: after
// a crash it is the old one or the new one. One process owns a folder at a time; two would tell two histories under one key.

import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ParameterError } from '@sumus/federation/errors';
import { isStorageName, type Storage } from '../storage/storage.ts';
import { takeFolder } from './folder-lock.ts';

export interface FolderStorage extends Storage {
  readonly folder: string;
  /** Others may have it. */
  close(): Promise<void>;
}

export async function folderStorage(folder: string): Promise<FolderStorage> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const letGo = await takeFolder(folder);
  const fileOf = (name: string): string => {
    if (!isStorageName(name))
      throw new ParameterError(`${JSON.stringify(name.slice(0, 80))} is no name of a stored entry`);
    return join(folder, name);
  };
  return {
    folder,
    read: async (name) => {
      const bytes = await readFile(fileOf(name)).catch(nothingIfMissing);
      return bytes === undefined ? undefined : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    write: (name, bytes) => replaceFile(folder, fileOf(name), bytes),
    remove: async (name) => rm(fileOf(name), { force: true }),
    sameBytes: (a, b) => Buffer.compare(a, b) === 0,
    close: letGo,
  };
}

export async function replaceFile(folder: string, file: string, bytes: Uint8Array): Promise<void> {
  const beside = `${file}.new`;
  await withFile(beside, 'w', async (handle) => {
    await handle.writeFile(bytes);
    await handle.sync();
  });
  await rename(beside, file);
  // Windows has no handles of folders to force.
  if (process.platform !== 'win32') await withFile(folder, 'r', (handle) => handle.sync());
}

async function withFile(path: string, flags: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

function nothingIfMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
