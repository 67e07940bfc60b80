// A folder that its owner alone reads, with one file an entry. A file is written beside the old one, forced to the disk and put in its place: after
// a crash it is the old one or the new one. One process owns a folder at a time; two would tell two histories under one key.

import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ParameterError } from '@sumus/federation/errors';
import { isStorageName, type Storage } from '../storage/storage.ts';

/** Another process has the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly code = 'E_FOLDER_IN_USE';
}

export interface FolderStorage extends Storage {
  readonly folder: string;
  /** Others may have it. */
  close(): Promise<void>;
}

const LOCK = 'owner.pid';

export async function folderStorage(folder: string): Promise<FolderStorage> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await takeFolder(folder);
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
    close: async () => rm(join(folder, LOCK), { force: true }),
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

async function takeFolder(folder: string): Promise<void> {
  const file = join(folder, LOCK);
  for (let tries = 0; tries < 2; tries++) {
    try {
      await withFile(file, 'wx', (handle) => handle.writeFile(String(process.pid)));
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(file, 'utf8').catch(nothingIfMissing));
    if (isAlive(pid)) throw new FolderInUse(`process ${pid} has ${folder}: one participant at a time`);
    await rm(file, { force: true });
  }
  throw new FolderInUse(`${folder} is taken by others again and again`);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

function nothingIfMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
