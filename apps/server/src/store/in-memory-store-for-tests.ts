// A store that forgets everything when its process ends: for tests of what stands on a store, and to hold the contract to account. Never for a run.
import { createHash } from 'node:crypto';
import { checkBlob, checkLines, checkPiece, checkPlace, checkRun } from './arguments.ts';
import { ParameterError } from './errors.ts';
import type {
  Appended,
  BlobName,
  RunId,
  Store,
  StoredBlob,
  StoredEvent,
  StoredRun,
  Uploaded,
  UploadState,
} from './store.ts';

export function openInMemoryStoreForTests(): Store {
  return new InMemoryStoreForTests();
}

class InMemoryStoreForTests implements Store {
  readonly #logs = new Map<RunId, string[]>();
  readonly #whole = new Map<string, Uint8Array>();
  readonly #partial = new Map<string, Uint8Array>();
  #closed = false;

  async runs(): Promise<readonly StoredRun[]> {
    this.#mustBeOpen();
    const runs = [...this.#logs].map(([run, lines]) => ({ run, next: lines.length }));
    return runs.sort((a, b) => (a.run < b.run ? -1 : 1));
  }

  async append(run: RunId, expected: number, lines: readonly string[]): Promise<Appended> {
    this.#mustBeOpen();
    checkRun(run);
    checkPlace('the expected place', expected);
    checkLines(lines);
    const log = this.#logs.get(run) ?? [];
    if (log.length !== expected) return { kind: 'conflict', next: log.length };
    this.#logs.set(run, [...log, ...lines]);
    return { kind: 'appended', next: expected + lines.length };
  }

  async *read(run: RunId, from = 0): AsyncGenerator<StoredEvent> {
    this.#mustBeOpen();
    checkRun(run);
    checkPlace('a place', from);
    const log = this.#logs.get(run) ?? [];
    for (const [index, line] of log.slice(from).entries()) yield { sequence: from + index, line };
  }

  async uploadState(run: RunId, blob: BlobName): Promise<UploadState> {
    const key = this.#key(run, blob);
    if (this.#whole.has(key)) return { kind: 'complete' };
    return { kind: 'partial', offset: this.#partial.get(key)?.length ?? 0 };
  }

  async upload(run: RunId, blob: BlobName, offset: number, piece: Uint8Array): Promise<Uploaded> {
    const key = this.#key(run, blob);
    checkPiece(blob, offset, piece);
    if (this.#whole.has(key)) return { kind: 'complete' };
    const before = this.#partial.get(key) ?? new Uint8Array();
    if (before.length !== offset) return { kind: 'elsewhere', offset: before.length };
    const now = Buffer.concat([before, piece]);
    if (now.length < blob.bytes) {
      this.#partial.set(key, now);
      return { kind: 'taken', offset: now.length };
    }
    this.#partial.delete(key);
    const sha256 = createHash('sha256').update(now).digest('hex');
    if (sha256 !== blob.sha256) return { kind: 'other content', sha256 };
    this.#whole.set(key, now);
    return { kind: 'complete' };
  }

  async blob(run: RunId, blob: BlobName, from = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    const key = this.#key(run, blob);
    checkPlace('an offset', from);
    const whole = this.#whole.get(key);
    if (whole === undefined) return undefined;
    return (async function* () {
      if (from < whole.length) yield whole.slice(from);
    })();
  }

  async *blobs(run: RunId): AsyncGenerator<StoredBlob> {
    this.#mustBeOpen();
    checkRun(run);
    const nameOf = (key: string): BlobName | undefined => {
      const [of, sha256 = '', bytes] = key.split('/');
      return of === run ? { sha256, bytes: Number(bytes) } : undefined;
    };
    for (const key of [...this.#whole.keys()]) {
      const blob = nameOf(key);
      if (blob !== undefined) yield { blob, state: { kind: 'complete' } };
    }
    for (const [key, { length: offset }] of [...this.#partial]) {
      const blob = nameOf(key);
      if (blob !== undefined) yield { blob, state: { kind: 'partial', offset } };
    }
  }

  async deleteBlobs(run: RunId, blobs: readonly BlobName[]): Promise<number> {
    const keys = blobs.map((blob) => this.#key(run, blob));
    return keys.filter((key) => [this.#whole.delete(key), this.#partial.delete(key)].includes(true)).length;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #key(run: RunId, blob: BlobName): string {
    this.#mustBeOpen();
    checkRun(run);
    checkBlob(blob);
    return `${run}/${blob.sha256}/${blob.bytes}`;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new ParameterError('the store in memory is closed');
  }
}
