// What is written in parts comes back whole after any crash, and what did not change is not written again.

import { nodePrimitives } from '@sumus/platform/node';
import { utf8Bytes } from '@sumus/wire/text';
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../little-world.contract.ts';
import { EntryInParts } from './entry-in-parts.ts';

const primitives = nodePrimitives();
const long = (byte: number, length = 70_000): Uint8Array => new Uint8Array(length).fill(byte);
const short = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);

/** As federation hands sections over: a title, then what stands before the bytes of each, and the bytes. */
const sections = (...parts: readonly Uint8Array[]): readonly Uint8Array[] => [
  utf8Bytes('sumus/test/1\n'),
  ...parts.flatMap((bytes, i) => [utf8Bytes(`section ${i}`), bytes]),
];

class Counted extends MemoryStorage {
  written: string[] = [];
  override async write(name: string, bytes: Uint8Array): Promise<void> {
    await super.write(name, bytes);
    this.written.push(name);
  }
}

/** Quicker than expect's own comparison, byte by byte. */
const isSame = (a: Uint8Array | undefined, b: readonly Uint8Array[]): boolean =>
  a !== undefined && Buffer.compare(a, Buffer.concat(b)) === 0;

const entryIn = (storage: MemoryStorage) => new EntryInParts(storage, 'state', primitives);

describe('an entry in parts', () => {
  it.each([
    ['of nothing', []],
    ['of an empty piece', [new Uint8Array(0)]],
    ['of one long piece', [long(1)]],
    ['of a title alone', sections()],
    ['of short sections', sections(short(1), short(2))],
    ['of long and short ones', sections(short(1), long(2), short(3), long(4), long(2))],
    ['of long ones behind one another', [long(1), long(2), long(1)]],
  ])('%s comes back as it was written', async (_, bytes) => {
    const storage = new MemoryStorage();
    await entryIn(storage).write(bytes);
    const again = entryIn(storage);
    expect(isSame(await again.read(), bytes)).toBe(true);
    await again.write(bytes);
    expect(isSame(await entryIn(storage).read(), bytes)).toBe(true);
  });

  it('is nothing before it is written', async () => {
    expect(await entryIn(new MemoryStorage()).read()).toBeUndefined();
  });

  it('writes what changed, and removes what nobody names', async () => {
    const storage = new Counted();
    const entry = entryIn(storage);
    await entry.write(sections(short(1), long(2), long(3)));
    expect(storage.written).toEqual(['state.0', 'state.1', 'state']);
    await entry.write(sections(short(9), long(2), long(3)));
    expect(storage.written.slice(3)).toEqual(['state']);
    // Also after a restart.
    const again = entryIn(storage);
    await again.read();
    await again.write(sections(short(9), long(3), long(4)));
    expect(storage.written.slice(4)).toEqual(['state.2', 'state']);
    expect([...storage.entries.keys()].sort()).toEqual(['state', 'state.1', 'state.2']);
  });

  it('looks through no array that it was given before, and through every other one', async () => {
    let looked = 0;
    const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
      looked += 1;
      return Buffer.compare(a, b) === 0;
    };
    const storage = Object.assign(new Counted(), { sameBytes });
    const entry = entryIn(storage);
    const [model, result] = [long(2), long(3)];
    await entry.write(sections(model, result));
    looked = 0;
    await entry.write(sections(model, result));
    expect(looked).toBe(0);
    // Equal bytes in another array are not written again, and are known from then on.
    const again = model.slice();
    await entry.write(sections(again, result));
    expect(looked).toBeGreaterThan(0);
    expect(storage.written.filter((name) => name !== 'state')).toEqual(['state.0', 'state.1']);
    looked = 0;
    await entry.write(sections(again, result));
    expect(looked).toBe(0);
    // One byte that is another one is a part that changed.
    const other = again.slice();
    other[69_999] = 7;
    await entry.write(sections(other, result));
    expect(storage.written.filter((name) => name !== 'state')).toEqual(['state.0', 'state.1', 'state.2']);
    expect(isSame(await entryIn(storage).read(), sections(other, result))).toBe(true);
  });

  it('is the old or the new one, wherever the power fails, and goes on', async () => {
    const first = sections(short(1), long(2), long(3));
    const second = sections(short(5), long(2), long(6), long(7));
    for (let writings = 0; writings < 4; writings++) {
      const storage = new MemoryStorage();
      await entryIn(storage).write(first);
      const entry = entryIn(storage);
      await entry.read();
      storage.writesLeft = writings;
      const isWritten = await entry.write(second).then(
        () => true,
        () => false,
      );
      expect(isWritten).toBe(writings === 3);
      storage.writesLeft = Number.POSITIVE_INFINITY;
      const again = entryIn(storage);
      expect(isSame(await again.read(), isWritten ? second : first)).toBe(true);
      await again.write(second);
      expect(isSame(await entryIn(storage).read(), second)).toBe(true);
      // Nothing is left over of what the crash cut off.
      expect(storage.entries.size).toBe(4);
    }
  });

  it('is damaged where a part is missing, shorter, or the table is none', async () => {
    const storage = new MemoryStorage();
    await entryIn(storage).write(sections(short(1), long(2)));
    const whole = new Map(storage.entries);
    const refused = async (change: (entries: Map<string, Uint8Array>) => unknown): Promise<void> => {
      storage.entries.clear();
      for (const [name, bytes] of whole) storage.entries.set(name, bytes);
      change(storage.entries);
      await expect(entryIn(storage).read()).rejects.toMatchObject({ name: 'MalformedMessage' });
    };
    await refused((entries) => entries.delete('state.0'));
    await refused((entries) => entries.set('state.0', long(2, 69_999)));
    await refused((entries) => entries.set('state', new Uint8Array(3)));
    await refused((entries) => entries.set('state', Uint8Array.of(200, 0, 0, 0, 1)));
    await refused((entries) => entries.set('state', Uint8Array.of(...(whole.get('state') ?? []), 0)));
  });
});
