// What a store has to do when processes die and when several write: the second half of the contract, with real processes and real kill -9. The
// processes run what `npm test` has built. SUMUS_FULL=1 kills a hundred times instead of a few.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf, linesOf, nameOf, type StorePlace } from './store.contract.ts';
import type { BlobName } from './store.ts';

export interface ProcessPlace extends StorePlace {
  /** What the worker is told: which kind of store, and where. */
  readonly words: readonly [string, string];
}

const full = process.env['SUMUS_FULL'] === '1';
const workerPath = join(import.meta.dirname, '../../dist/store/store-worker-for-tests.js');

export class Worker {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<{ code: number | null; errors: string }>;
  readonly #waiting: { wanted: RegExp; resolve(): void }[] = [];

  constructor(...words: readonly string[]) {
    this.#child = spawn(process.execPath, [workerPath, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    this.#child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.lines.push(line);
      for (const { wanted, resolve } of this.#waiting) if (wanted.test(line)) resolve();
    });
    this.#ended = new Promise((resolve) => this.#child.on('close', (code) => resolve({ code, errors })));
  }

  async says(wanted: RegExp): Promise<void> {
    if (this.lines.some((line) => wanted.test(line))) return;
    const said = new Promise<void>((resolve) => this.#waiting.push({ wanted, resolve }));
    await Promise.race([
      said,
      this.#ended.then(({ errors }) => {
        if (!this.lines.some((line) => wanted.test(line))) throw new Error(`it ended without ${wanted}: ${errors}`);
      }),
    ]);
  }

  /** Kills it where it stands, and waits until nothing more can come from it. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async end(): Promise<{ code: number | null; errors: string }> {
    this.#child.stdin?.end('\n');
    return this.#ended;
  }
}

interface Part {
  readonly by: string;
  readonly group: number;
  readonly part: number;
  readonly of: number;
}

/** The appends that a log is made of, each of them whole and by itself; throws where one is not. */
export function appendsIn(lines: readonly string[]): string[] {
  const appends: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const { by, group, of }: Part = JSON.parse(lines[at]!);
    const parts = lines.slice(at, at + of).map((line): Part => JSON.parse(line));
    const isWhole =
      parts.length === of && parts.every((one, n) => one.by === by && one.group === group && one.part === n);
    if (!isWhole) throw new Error(`half an append at ${at}: ${JSON.stringify(parts)}`);
    appends.push(`${by} ${group}`);
    at += of;
  }
  return appends;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function survivesProcesses(
  makePlace: () => Promise<ProcessPlace>,
  { afterKill, isSlow = false }: { readonly afterKill?: (place: ProcessPlace) => void; readonly isSlow?: boolean } = {},
): void {
  let place: ProcessPlace;
  const workers: Worker[] = [];
  const start = (mode: string, name: string, count: number): Worker => {
    const worker = new Worker(...place.words, mode, name, `${count}`);
    workers.push(worker);
    return worker;
  };
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()));
    await place.remove();
  });

  describe('after kill -9', () => {
    const kills = full ? 100 : 4;

    it(`has all that was acknowledged and no half append, ${kills} times over`, {
      timeout: 20_000 + kills * 5000,
    }, async () => {
      let known: string[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        const worker = start('append', `worker-${kill}`, 1_000_000);
        await worker.says(/^appended/);
        // Spread evenly over a worker's first moments, the same in every run.
        await pause(60 * ((kill * 0.618) % 1));
        await worker.kill();
        afterKill?.(place);
        const acknowledged = Math.max(
          ...worker.lines.flatMap((line) => (line.startsWith('appended ') ? [Number(line.slice(9))] : [])),
        );
        const store = await place.open();
        const lines = await linesOf(store, 'run');
        expect(lines.length).toBeGreaterThanOrEqual(acknowledged);
        expect(lines.slice(0, known.length)).toEqual(known);
        expect(() => appendsIn(lines)).not.toThrow();
        expect(await store.append('other', kill, ['goes on'])).toEqual({ kind: 'appended', next: kill + 1 });
        await store.close();
        known = lines;
      }
      expect(new Set(appendsIn(known)).size).toBe(appendsIn(known).length);
    });

    it('shows nothing of a blob that was under way, and takes the rest of it', { timeout: 60_000 }, async () => {
      let blob: BlobName | undefined;
      for (let kill = 0; kill < (full ? 20 : 2); kill += 1) {
        const worker = start('upload', 'blob', 150);
        await worker.says(/^taken/);
        await pause(20 * ((kill * 0.618) % 1));
        await worker.kill();
        const [, sha256, bytes] = worker.lines.find((line) => line.startsWith('blob '))!.split(' ');
        blob = { sha256: sha256!, bytes: Number(bytes) };
        const acknowledged = Math.max(
          ...worker.lines.flatMap((line) => (line.startsWith('taken ') ? [Number(line.slice(6))] : [])),
        );
        const store = await place.open();
        const state = await store.uploadState('run', blob);
        if (state.kind === 'partial') {
          expect(await store.blob('run', blob)).toBeUndefined();
          expect(state.offset).toBeGreaterThanOrEqual(acknowledged);
        }
        await store.close();
        if (state.kind === 'complete') break;
      }
      expect((await start('upload', 'blob', 150).end()).code).toBe(0);
      const store = await place.open();
      const content = await bytesOf(await store.blob('run', blob!));
      expect(nameOf(content!)).toEqual(blob);
      await store.close();
    });
  });

  // What is slow does this under SUMUS_FULL=1 alone.
  it.skipIf(isSlow && !full)('streams a large blob in bounded memory', { timeout: 120_000 }, async () => {
    const mebibytes = full ? 512 : 128;
    const worker = start('stream', 'large', 4 * mebibytes);
    expect(await worker.end()).toEqual({ code: 0, errors: expect.any(String) });
    const [, read, grownKibibytes] = worker.lines
      .find((line) => line.startsWith('streamed'))!
      .split(' ')
      .map(Number);
    expect(read).toBe(mebibytes * 1024 * 1024);
    // Pieces wait for the garbage collector (measured: 45 to 87 MiB, whatever the blob's size); the blob as a whole would not fit.
    expect(grownKibibytes).toBeLessThan(110 * 1024);
  });
}

describe('the judge of logs', () => {
  it('finds an append of which the end is missing, and one that another cut in two', () => {
    const part = (by: string, n: number) => JSON.stringify({ by, group: 0, part: n, of: 2 });
    expect(appendsIn([part('a', 0), part('a', 1), part('b', 0), part('b', 1)])).toEqual(['a 0', 'b 0']);
    expect(() => appendsIn([part('a', 0), part('a', 1), part('b', 0)])).toThrow('half an append at 2');
    expect(() => appendsIn([part('a', 0), part('b', 0), part('b', 1), part('a', 1)])).toThrow('half an append at 0');
  });
});
