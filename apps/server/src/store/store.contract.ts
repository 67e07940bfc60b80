// What every store has to do, as a suite that runs over each of them. What needs processes of its own stands in store-processes.contract.ts.
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobName, Store, StoredBlob } from './store.ts';

export interface StorePlace {
  /** Opens what is at this place, or makes it. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export const nameOf = (bytes: Uint8Array): BlobName => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: bytes.length,
});

export async function linesOf(store: Store, run: string, from = 0): Promise<string[]> {
  const lines: string[] = [];
  for await (const { sequence, line } of store.read(run, from)) {
    expect(sequence).toBe(from + lines.length);
    lines.push(line);
  }
  return lines;
}

export async function bytesOf(pieces: AsyncIterable<Uint8Array> | undefined): Promise<Buffer | undefined> {
  if (pieces === undefined) return undefined;
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

const error = (name: string, code: string): object => expect.objectContaining({ name, code });
const refused = error('ParameterError', 'E_PARAMETER');

/** `keeps`: whether what is stored outlives the store that stored it. */
export function keepsTheContract(makePlace: () => Promise<StorePlace>, { keeps }: { readonly keeps: boolean }): void {
  let place: StorePlace;
  let store: Store;
  beforeEach(async () => {
    place = await makePlace();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  describe('the log', () => {
    it('has no run before somebody appended one', async () => {
      expect(await store.runs()).toEqual([]);
      expect(await linesOf(store, 'nobody')).toEqual([]);
    });

    it('gives back what was appended, in order, from any place on, each run by itself', async () => {
      expect(await store.append('b', 0, ['{"n":0}', '{"n":1}'])).toEqual({ kind: 'appended', next: 2 });
      expect(await store.append('b', 2, ['{"n":2}'])).toEqual({ kind: 'appended', next: 3 });
      expect(await store.append('a', 0, ['"ü€😀"'])).toEqual({ kind: 'appended', next: 1 });
      expect(await linesOf(store, 'b')).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
      expect(await linesOf(store, 'b', 2)).toEqual(['{"n":2}']);
      expect(await linesOf(store, 'b', 3)).toEqual([]);
      expect(await linesOf(store, 'a')).toEqual(['"ü€😀"']);
      expect(await store.runs()).toEqual([
        { run: 'a', next: 1 },
        { run: 'b', next: 3 },
      ]);
    });

    it('answers with a conflict where the place is taken or not reached, and appends nothing', async () => {
      await store.append('run', 0, ['first']);
      expect(await store.append('run', 0, ['second', 'third'])).toEqual({ kind: 'conflict', next: 1 });
      expect(await store.append('run', 2, ['second'])).toEqual({ kind: 'conflict', next: 1 });
      expect(await store.append('other', 1, ['second'])).toEqual({ kind: 'conflict', next: 0 });
      expect(await linesOf(store, 'run')).toEqual(['first']);
      expect(await store.runs()).toEqual([{ run: 'run', next: 1 }]);
    });

    it('lets one of many that append at the same place through', async () => {
      const answers = await Promise.all([...Array(20).keys()].map((n) => store.append('run', 0, [`${n}`, `${n}`])));
      const through = answers.flatMap((one, n) => (one.kind === 'appended' ? [n] : []));
      expect(through).toHaveLength(1);
      expect(answers.filter((one) => one.kind === 'conflict' && one.next === 2)).toHaveLength(19);
      expect(await linesOf(store, 'run')).toEqual([`${through[0]}`, `${through[0]}`]);
    });

    it('reads more than it holds in memory at once, and what is appended while it reads', async () => {
      const lines = [...Array(200).keys()].map((n) => `{"n":${n}}`);
      await store.append('run', 0, lines);
      const read: string[] = [];
      for await (const { line } of store.read('run')) {
        read.push(line);
        if (read.length === 10) await store.append('run', 200, ['late']);
      }
      expect(read.slice(0, 200)).toEqual(lines);
      expect(await linesOf(store, 'run', 199)).toEqual(['{"n":199}', 'late']);
    });

    it('takes a large event, and one of characters that mean something elsewhere', async () => {
      const large = JSON.stringify({ text: 'x'.repeat(3_000_000) });
      const odd = JSON.stringify({ text: `'; DROP TABLE event; -- \\u0000 \u0000 $1 ? %s \\x00` });
      await store.append('run', 0, [large, odd]);
      expect(await linesOf(store, 'run')).toEqual([large, odd]);
    });

    it('refuses names and lines that it could not give back unchanged', async () => {
      for (const run of ['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a b', 'ü', 'x'.repeat(101)]) {
        await expect(store.append(run, 0, ['x'])).rejects.toThrow(refused);
      }
      for (const lines of [[], ['two\nlines'], ['nul\u0000'], ['\ud800']]) {
        await expect(store.append('run', 0, lines)).rejects.toThrow(refused);
      }
      for (const place of [-1, 0.5, Number.NaN, 2 ** 53]) {
        await expect(store.append('run', place, ['x'])).rejects.toThrow(refused);
      }
      expect(await store.runs()).toEqual([]);
    });
  });

  describe('blobs', () => {
    const content = Buffer.from(randomBytes(5000));
    const blob = nameOf(content);

    it('cannot be seen before they are whole, and then in whole or from a place on', async () => {
      expect(await store.uploadState('run', blob)).toEqual({ kind: 'partial', offset: 0 });
      expect(await store.upload('run', blob, 0, content.subarray(0, 2000))).toEqual({ kind: 'taken', offset: 2000 });
      expect(await store.blob('run', blob)).toBeUndefined();
      expect(await store.uploadState('run', blob)).toEqual({ kind: 'partial', offset: 2000 });
      expect(await store.upload('run', blob, 2000, content.subarray(2000))).toEqual({ kind: 'complete' });
      expect(await store.uploadState('run', blob)).toEqual({ kind: 'complete' });
      expect(await bytesOf(await store.blob('run', blob))).toEqual(content);
      expect(await bytesOf(await store.blob('run', blob, 4000))).toEqual(content.subarray(4000));
      expect(await bytesOf(await store.blob('run', blob, 5000))).toEqual(Buffer.alloc(0));
    });

    it('are taken in one piece, and once more without harm', async () => {
      expect(await store.upload('run', blob, 0, content)).toEqual({ kind: 'complete' });
      expect(await store.upload('run', blob, 0, content)).toEqual({ kind: 'complete' });
      expect(await store.upload('run', blob, 10, content.subarray(10, 20))).toEqual({ kind: 'complete' });
      expect(await bytesOf(await store.blob('run', blob))).toEqual(content);
    });

    it('say where they are to be continued when a piece begins elsewhere', async () => {
      expect(await store.upload('run', blob, 100, content.subarray(100))).toEqual({ kind: 'elsewhere', offset: 0 });
      await store.upload('run', blob, 0, content.subarray(0, 100));
      expect(await store.upload('run', blob, 0, content.subarray(0, 50))).toEqual({ kind: 'elsewhere', offset: 100 });
      expect(await store.upload('run', blob, 200, content.subarray(200))).toEqual({ kind: 'elsewhere', offset: 100 });
      expect(await store.upload('run', blob, 100, content.subarray(100))).toEqual({ kind: 'complete' });
      expect(await bytesOf(await store.blob('run', blob))).toEqual(content);
    });

    it('take every piece once when two senders send the same bytes at once', async () => {
      const half = () => store.upload('run', blob, 0, content.subarray(0, 2500));
      const answers = await Promise.all([half(), half(), half()]);
      expect(answers.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
      expect(answers.filter((one) => one.kind === 'elsewhere' && one.offset === 2500)).toHaveLength(2);
      const rest = () => store.upload('run', blob, 2500, content.subarray(2500));
      expect(await Promise.all([rest(), rest()])).toEqual([{ kind: 'complete' }, { kind: 'complete' }]);
      expect(await bytesOf(await store.blob('run', blob))).toEqual(content);
    });

    it('are thrown away whole when they are not what their name says, and can then be sent again', async () => {
      const wrong = Buffer.from(content);
      wrong[1234] = wrong[1234]! ^ 1;
      const found = { kind: 'other content', sha256: nameOf(wrong).sha256 };
      expect(await store.upload('run', blob, 0, wrong)).toEqual(found);
      expect(await store.blob('run', blob)).toBeUndefined();
      expect(await store.upload('run', blob, 0, wrong.subarray(0, 2000))).toEqual({ kind: 'taken', offset: 2000 });
      expect(await store.upload('run', blob, 2000, wrong.subarray(2000))).toEqual(found);
      expect(await store.blob('run', blob)).toBeUndefined();
      expect(await store.uploadState('run', blob)).toEqual({ kind: 'partial', offset: 0 });
      expect(await store.upload('run', blob, 0, content)).toEqual({ kind: 'complete' });
    });

    it('belong to their run, and are gone when they are deleted, whole or not', async () => {
      const started = nameOf(content.subarray(1));
      await store.upload('one', blob, 0, content);
      await store.upload('two', blob, 0, content);
      await store.upload('one', started, 0, content.subarray(1, 100));
      expect(await store.blob('three', blob)).toBeUndefined();
      expect(await store.deleteBlobs('one', [blob, started, nameOf(Buffer.from('never sent'))])).toBe(2);
      expect(await store.deleteBlobs('one', [blob, started])).toBe(0);
      expect(await store.blob('one', blob)).toBeUndefined();
      expect(await store.uploadState('one', started)).toEqual({ kind: 'partial', offset: 0 });
      expect(await bytesOf(await store.blob('two', blob))).toEqual(content);
    });

    it('are listed, each run’s by itself, whole or not', async () => {
      const all = async (run: string): Promise<readonly StoredBlob[]> => {
        const found: StoredBlob[] = [];
        for await (const one of store.blobs(run)) found.push(one);
        return found.sort((a, b) => (a.blob.sha256 < b.blob.sha256 ? -1 : 1));
      };
      expect(await all('one')).toEqual([]);
      const begun = nameOf(content.subarray(1));
      await store.upload('one', blob, 0, content);
      await store.upload('one', begun, 0, content.subarray(1, 100));
      await store.upload('two', blob, 0, content.subarray(0, 7));
      const expected: StoredBlob[] = [
        { blob, state: { kind: 'complete' } },
        { blob: begun, state: { kind: 'partial', offset: 99 } },
      ];
      expect(await all('one')).toEqual(expected.sort((a, b) => (a.blob.sha256 < b.blob.sha256 ? -1 : 1)));
      expect(await all('two')).toEqual([{ blob, state: { kind: 'partial', offset: 7 } }]);
      // More than a database answers at once.
      const many = Array.from({ length: 150 }, (_, n) => Buffer.from(`blob ${n}`));
      for (const one of many) await store.upload('many', nameOf(one), 0, one);
      const names = (await all('many')).map(({ blob: { sha256 } }) => sha256);
      expect(names).toEqual(many.map((one) => nameOf(one).sha256).sort());
    });

    it('refuse names, places and pieces that no blob has', async () => {
      const { sha256 } = blob;
      for (const name of [
        { sha256: sha256.toUpperCase().replace(/\d/g, 'A'), bytes: 5000 },
        { sha256: '../../etc/passwd', bytes: 5000 },
        { sha256, bytes: 0 },
        { sha256, bytes: 1.5 },
      ]) {
        await expect(store.uploadState('run', name)).rejects.toThrow(refused);
        await expect(store.upload('run', name, 0, content)).rejects.toThrow(refused);
        await expect(store.blob('run', name)).rejects.toThrow(refused);
      }
      await expect(store.upload('run', blob, 1, content)).rejects.toThrow(refused);
      await expect(store.upload('run', blob, -1, content.subarray(1))).rejects.toThrow(refused);
      await expect(store.upload('run', blob, 0, new Uint8Array())).rejects.toThrow(refused);
      await expect(store.upload('../run', blob, 0, content)).rejects.toThrow(refused);
    });
  });

  it('refuses everything once it is closed, and lets what was asked before end', async () => {
    const under = store.append('run', 0, ['x']);
    await Promise.all([under, store.close()]);
    expect(await under).toEqual({ kind: 'appended', next: 1 });
    await expect(store.append('run', 1, ['y'])).rejects.toThrow(refused);
    await expect(linesOf(store, 'run')).rejects.toThrow(refused);
    await expect(store.uploadState('run', nameOf(Buffer.from('x')))).rejects.toThrow(refused);
  });

  it.runIf(keeps)(
    'has all of it when it is opened again: runs, events, blobs, and uploads where they were',
    async () => {
      const content = randomBytes(3000);
      const started = randomBytes(3000);
      await store.append('run', 0, ['x', 'y']);
      await store.upload('run', nameOf(content), 0, content);
      await store.upload('run', nameOf(started), 0, started.subarray(0, 1000));
      await store.close();
      store = await place.open();
      expect(await store.runs()).toEqual([{ run: 'run', next: 2 }]);
      expect(await linesOf(store, 'run')).toEqual(['x', 'y']);
      expect(await bytesOf(await store.blob('run', nameOf(content)))).toEqual(content);
      expect(await store.uploadState('run', nameOf(started))).toEqual({ kind: 'partial', offset: 1000 });
      expect(await store.upload('run', nameOf(started), 1000, started.subarray(1000))).toEqual({ kind: 'complete' });
      expect(await store.append('run', 2, ['z'])).toEqual({ kind: 'appended', next: 3 });
    },
  );
}
