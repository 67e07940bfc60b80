// What is sealed opens under its key and its name alone, and a changed byte anywhere is found.

import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../little-world.contract.ts';
import { sealedStorage } from './index.ts';

const primitives = nodePrimitives();
const key = new Uint8Array(32).fill(7);
const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);

describe('sealed storage', () => {
  it('gives back what was written, and nothing where nothing was', async () => {
    const storage = sealedStorage(primitives, key, new MemoryStorage());
    await storage.write('state', bytes);
    expect(await storage.read('state')).toEqual(bytes);
    await storage.write('empty', new Uint8Array(0));
    expect(await storage.read('empty')).toEqual(new Uint8Array(0));
    expect(await storage.read('other')).toBeUndefined();
    await storage.remove('state');
    expect(await storage.read('state')).toBeUndefined();
  });

  it('finds every changed, missing or added byte, another key, and an entry under another name', async () => {
    const below = new MemoryStorage();
    const storage = sealedStorage(primitives, key, below);
    await storage.write('state', bytes);
    const sealed = below.entries.get('state') ?? new Uint8Array(0);
    const refused = async (name: string, changed: Uint8Array, from = storage): Promise<void> => {
      below.entries.set(name, changed);
      await expect(from.read(name)).rejects.toMatchObject({ name: 'MalformedMessage' });
    };
    for (let at = 0; at < sealed.length; at++)
      await refused(
        'state',
        sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      );
    for (let length = 0; length < sealed.length; length++) await refused('state', sealed.slice(0, length));
    await refused('state', Uint8Array.of(...sealed, 0));
    await refused('ledger', sealed);
    await refused('state', sealed, sealedStorage(primitives, new Uint8Array(32).fill(8), below));
  });

  it('never writes the same bytes twice, and refuses a key that is none', async () => {
    const below = new MemoryStorage();
    const storage = sealedStorage(primitives, key, below);
    await storage.write('state', bytes);
    const before = below.entries.get('state');
    await storage.write('state', bytes);
    expect(below.entries.get('state')).not.toEqual(before);
    expect(() => sealedStorage(primitives, new Uint8Array(16), below)).toThrow(/32 bytes/);
    const broken = { ...primitives, randomBytes: (length: number) => new Uint8Array(length - 1) };
    await expect(sealedStorage(broken, key, below).write('state', bytes)).rejects.toThrow(/randomness/);
  });
});
