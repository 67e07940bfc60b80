import type { RunEvent } from '@sumus/federation/run';
import { describe, expect, it } from 'vitest';
import { openInMemoryStoreForTests } from './in-memory-store-for-tests.ts';
import { blobsOf, SpentFrames } from './spent-frames.ts';
import { bytesOf, nameOf } from './store.contract.ts';

/** Of an event only what this is about; the rest of it is federation's. */
const event = (members: { readonly kind: RunEvent['kind']; readonly [member: string]: unknown }): RunEvent =>
  JSON.parse(JSON.stringify(members));
const blob = (text: string) => nameOf(Buffer.from(text));
const frame = (text: string): RunEvent => event({ kind: 'frame taken', frame: blob(text) });

describe('frames that nobody looks at again', () => {
  const opened = event({ kind: 'round opened', round: 1 });

  it('are those of a round that was released or failed, once the next chapter has begun', () => {
    const spent = new SpentFrames();
    for (const one of [frame('a'), frame('b')]) spent.add(one);
    expect(spent.take()).toEqual([]);
    spent.add(event({ kind: 'released', sum: blob('sum'), model: null, standing: blob('standing') }));
    // Who was not there asks what it was told in this round, also after a crash of the server: then the round is played again.
    expect(spent.take()).toEqual([]);
    spent.add(opened);
    spent.add(frame('c'));
    expect(spent.take()).toEqual([blob('a'), blob('b')]);
    expect(spent.take()).toEqual([]);
    spent.add(event({ kind: 'round failed', standing: blob('standing') }));
    expect(spent.take()).toEqual([]);
    spent.add(event({ kind: 'run started' }));
    expect(spent.take()).toEqual([blob('c')]);
  });

  it('are all of them once the run has ended', () => {
    const spent = new SpentFrames();
    spent.add(frame('a'));
    spent.add(event({ kind: 'released', sum: blob('sum'), model: null, standing: blob('standing') }));
    spent.add(opened);
    spent.add(frame('b'));
    spent.add(event({ kind: 'run ended' }));
    expect(spent.take()).toEqual([blob('a'), blob('b')]);
  });

  it('are none that evidence, a sum or a model also names, nor one that the open round was handed again', () => {
    const spent = new SpentFrames();
    for (const one of ['evidence', 'sum', 'again', 'gone']) spent.add(frame(one));
    spent.add(event({ kind: 'evidence found', messages: [blob('evidence')] }));
    spent.add(event({ kind: 'released', sum: blob('sum'), model: blob('model'), standing: blob('standing') }));
    spent.add(opened);
    spent.add(frame('again'));
    expect(spent.take()).toEqual([blob('gone')]);
    spent.add(event({ kind: 'run ended' }));
    expect(spent.take()).toEqual([blob('again')]);
  });

  it('are found in the members of an event and in its lists', () => {
    expect(
      blobsOf(event({ kind: 'released', sum: blob('s'), model: null, contributors: ['x'], standing: blob('t') })),
    ).toEqual([blob('s'), blob('t')]);
    expect(blobsOf(event({ kind: 'evidence found', messages: [blob('m'), blob('n')], round: 3 }))).toHaveLength(2);
  });

  it('leave a store, and everything else stays', async () => {
    const store = openInMemoryStoreForTests();
    for (const text of ['a', 'sum']) await store.upload('run', blob(text), 0, Buffer.from(text));
    const spent = new SpentFrames();
    spent.add(frame('a'));
    spent.add(event({ kind: 'released', sum: blob('sum'), model: null, standing: blob('standing') }));
    spent.add(opened);
    expect(await store.deleteBlobs('run', spent.take())).toBe(1);
    expect(await store.blob('run', blob('a'))).toBeUndefined();
    expect(await bytesOf(await store.blob('run', blob('sum')))).toEqual(Buffer.from('sum'));
  });
});
