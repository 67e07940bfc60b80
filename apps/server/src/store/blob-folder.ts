// Large bytes as files: `uploads/` holds what is not whole yet, `blobs/` what is. A file moves from one to the other in one step, after all of it
// was hashed and is on disk; so what can be seen is whole. How far an upload is, is the length of its file. After a power cut the end of one
// may be other bytes than were sent: the hash finds out, and the upload begins again.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreFailure } from './errors.ts';
import { storageFailure } from './storage-failure.ts';
import type { BlobName, RunId, StoredBlob, Uploaded, UploadState } from './store.ts';
import { Turns } from './turns.ts';

/** What is read at a time, and so what one reader holds in memory. */
const stride = 256 * 1024;

/** File names of file systems that take capitals and small letters for the same, too. */
const folderOf = (run: RunId): string => Buffer.from(run, 'utf8').toString('hex');
const fileOf = ({ sha256, bytes }: BlobName): string => `${sha256}-${bytes}`;

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

export class BlobFolder {
  readonly #root: string;
  readonly #turns = new Turns();

  constructor(root: string) {
    this.#root = root;
  }

  async state(run: RunId, blob: BlobName): Promise<UploadState> {
    const { whole, partial } = this.#paths(run, blob);
    if ((await sizeOf(whole)) !== undefined) return { kind: 'complete' };
    return { kind: 'partial', offset: (await sizeOf(partial)) ?? 0 };
  }

  upload(run: RunId, blob: BlobName, offset: number, piece: Uint8Array): Promise<Uploaded> {
    const { whole, partial, folders } = this.#paths(run, blob);
    // Pieces of one blob come one after the other; two senders of the same bytes help each other.
    return this.#turns.take(whole, () =>
      storageFailure.duringAsync(`write ${partial}`, async (): Promise<Uploaded> => {
        if ((await sizeOf(whole)) !== undefined) return { kind: 'complete' };
        const begun = (await sizeOf(partial)) ?? 0;
        if (begun !== offset) return { kind: 'elsewhere', offset: begun };
        if (begun === 0) for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
        const file = await open(partial, 'a+', 0o600);
        try {
          await writeWhole(file, piece, offset);
          if (offset + piece.length < blob.bytes) return { kind: 'taken', offset: offset + piece.length };
          // What came in one piece is hashed where it lies; the rest is read again, because it may have come to another process.
          const found = offset === 0 ? createHash('sha256').update(piece).digest('hex') : await hashOf(file);
          if (found !== blob.sha256) {
            await rm(partial);
            return { kind: 'other content', sha256: found };
          }
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(partial, whole);
        for (const folder of folders) await syncFolder(folder);
        return { kind: 'complete' };
      }),
    );
  }

  async open(run: RunId, blob: BlobName, from: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    const { whole } = this.#paths(run, blob);
    const size = await sizeOf(whole);
    if (size === undefined) return undefined;
    if (size !== blob.bytes) throw new StoreFailure('E_DAMAGED', `${whole} has ${size} bytes instead of ${blob.bytes}`);
    return storageFailure.duringAsync(`read ${whole}`, async () => {
      try {
        return pieces(await open(whole, 'r'), whole, blob, from);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  /** In no order. What goes or becomes whole meanwhile may be missed. */
  async *all(run: RunId): AsyncGenerator<StoredBlob> {
    const whole = join(this.#root, 'blobs', folderOf(run));
    const partial = join(this.#root, 'uploads', folderOf(run));
    for await (const blob of namesIn(whole)) yield { blob, state: { kind: 'complete' } };
    for await (const blob of namesIn(partial)) {
      const offset = await sizeOf(join(partial, fileOf(blob)));
      if (offset !== undefined) yield { blob, state: { kind: 'partial', offset } };
    }
  }

  delete(run: RunId, blob: BlobName): Promise<boolean> {
    const { whole, partial } = this.#paths(run, blob);
    return this.#turns.take(whole, () =>
      storageFailure.duringAsync(`delete ${whole}`, async () => {
        const was = (await sizeOf(whole)) !== undefined || (await sizeOf(partial)) !== undefined;
        await rm(whole, { force: true });
        await rm(partial, { force: true });
        return was;
      }),
    );
  }

  /** Waits for what is under way. */
  settle(): Promise<void> {
    return this.#turns.settle();
  }

  #paths(run: RunId, blob: BlobName): { whole: string; partial: string; folders: readonly [string, string] } {
    const whole = join(this.#root, 'blobs', folderOf(run));
    const partial = join(this.#root, 'uploads', folderOf(run));
    return { whole: join(whole, fileOf(blob)), partial: join(partial, fileOf(blob)), folders: [whole, partial] };
  }
}

/** Files that are named as blobs are; none where there is no folder. */
async function* namesIn(folder: string): AsyncGenerator<BlobName> {
  try {
    for await (const { name } of await opendir(folder)) {
      const [, sha256, bytes] = /^([0-9a-f]{64})-(\d+)$/.exec(name) ?? [];
      if (sha256 !== undefined) yield { sha256, bytes: Number(bytes) };
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** All of it or nothing: a piece that does not fit is taken back. */
async function writeWhole(file: FileHandle, piece: Uint8Array, offset: number): Promise<void> {
  try {
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await file.write(piece, done, piece.length - done);
      done += bytesWritten;
    }
  } catch (error) {
    await file.truncate(offset);
    throw error;
  }
}

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(stride);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, stride, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** From a place on; from the beginning also compared with its name, before the last piece is given away. */
async function* pieces(file: FileHandle, path: string, blob: BlobName, from: number): AsyncGenerator<Uint8Array> {
  try {
    const hash: Hash | undefined = from === 0 ? createHash('sha256') : undefined;
    for (let at = from; at < blob.bytes; ) {
      const length = Math.min(stride, blob.bytes - at);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
      if (bytesRead === 0) throw new StoreFailure('E_DAMAGED', `${path} ends after ${at} of ${blob.bytes} bytes`);
      const piece = buffer.subarray(0, bytesRead);
      hash?.update(piece);
      at += bytesRead;
      if (at === blob.bytes && hash !== undefined && hash.digest('hex') !== blob.sha256) {
        throw new StoreFailure('E_DAMAGED', `${path} is not what its name says: bytes on this disk have changed`);
      }
      yield piece;
    }
  } finally {
    await file.close();
  }
}

/** So that a new name outlives a power cut. Windows cannot, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
