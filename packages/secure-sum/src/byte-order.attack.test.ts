// Attack 69 of the specification's list: byte order, bytes that do not lie at a multiple of their size, streams beyond 2^32 bytes, and
// block counters that carry. Numbers travel lowest byte first; kernels and views are given copies; counters count blocks of 64 bytes.

import { nodePrimitives } from '@sumus/platform/node';
import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, describe, expect, it } from 'vitest';
import { CanonicalReader, CanonicalWriter, hexOf } from './canonical/index.ts';
import { type Engine, referenceEngine, wasmEngine } from './engine/index.ts';
import { seededWords } from './engine/seeded-words.contract.ts';
import { decodeCertificate, encodeCertificate } from './identity/index.ts';
import { addPackedWords, applyMasks, packWords, type StreamPrimitives } from './mask/key-stream.ts';
import { decodeMessage, encodeMessage, signMessage, verifyMessage } from './messages/index.ts';
import type { PublicPrimitives } from './primitives.ts';
import { project, seededPrimitives } from './seeded-members.contract.ts';

let engines: readonly Engine[];
let platforms: readonly PublicPrimitives[];
beforeAll(async () => {
  engines = [await wasmEngine(), referenceEngine()];
  platforms = [nodePrimitives(), await loadWebPrimitives()];
});

/** The same bytes at an address that no number may lie at. */
function displaced(bytes: Uint8Array, by: number): Uint8Array {
  const room = new Uint8Array(bytes.length + by + 8).fill(0xee);
  room.set(bytes, by);
  return room.subarray(by, by + bytes.length);
}

describe('attack 69: byte order', () => {
  it('of numbers is lowest byte first', () => {
    const bytes = new CanonicalWriter()
      .u16('a', 0x0102)
      .u32('b', 0x03040506)
      .u64('c', 0x0708_090a_0b0c)
      .f64('d', 1.5)
      .finish();
    expect(hexOf(bytes)).toBe(`${'0201'}${'06050403'}${'0c0b0a0908070000'}${'000000000000f83f'}`);
    for (let by = 0; by < 8; by++) {
      const reader = new CanonicalReader(displaced(bytes, by), 'a test');
      expect([reader.u16('a'), reader.u32('b'), reader.u64('c'), reader.f64('d')]).toEqual([
        0x0102, 0x03040506, 0x0708_090a_0b0c, 1.5,
      ]);
      reader.finish();
    }
  });

  it('of packed words is lowest bit first', () => {
    for (const engine of engines) {
      expect(hexOf(packWords(engine, Uint32Array.of(1, 2, 3), 4))).toBe('2103');
      expect(hexOf(packWords(engine, Uint32Array.of(0x12345, 0x6789a), 20))).toBe('4523a18967');
    }
  });
});

describe('attack 69: unaligned bytes', () => {
  it('decode and verify wherever they lie', async () => {
    const primitives = seededPrimitives(nodePrimitives(), 69);
    const { members, open } = await project(primitives, 1);
    const [{ certificate, signer, memberId }] = members as [(typeof members)[0]];
    const kind = { phase: 1, type: 'mask/share' };
    const message = await signMessage(primitives, signer, open, {
      ...kind,
      sender: memberId,
      body: Uint8Array.of(1, 2, 3),
    });
    for (let by = 1; by < 8; by++) {
      const arrived = decodeMessage(displaced(encodeMessage(message), by), 100);
      await verifyMessage(primitives, arrived, { ...kind, context: open, sender: certificate });
      expect(decodeCertificate(displaced(encodeCertificate(certificate), by))).toEqual(certificate);
    }
  });

  it('mask, pack and add up wherever they lie', () => {
    const words = Uint32Array.from({ length: 1000 }, seededWords(69));
    const key = new Uint8Array(32).fill(7);
    for (const engine of engines) {
      const aligned = words.slice();
      applyMasks(engine, platforms[0]!, aligned, 23, [{ key, sign: 1 }]);
      const packed = packWords(engine, words, 23);
      const sum = new Uint32Array(1000);
      addPackedWords(engine, sum, packed, 23);
      for (let by = 1; by < 8; by++) {
        const masked = words.slice();
        applyMasks(engine, platforms[0]!, masked, 23, [{ key: displaced(key, by), sign: 1 }]);
        expect(masked).toEqual(aligned);
        const added = new Uint32Array(1000);
        addPackedWords(engine, added, displaced(packed, by), 23);
        expect(added).toEqual(sum);
      }
    }
  });
});

describe('attack 69: streams', () => {
  const key = new Uint8Array(32).fill(3);
  const nonce = new Uint8Array(12);
  const blocks = (platform: PublicPrimitives, counter: number, count: number): string => {
    const out = new Uint8Array(64 * count);
    platform.chacha20(key, nonce, counter, out);
    return hexOf(out);
  };

  it('are the same on every platform around 2^31, 2^32 and 2^38 bytes, in one piece or block by block', () => {
    // Blocks of 64 bytes: 2^26 of them are 2^32 bytes.
    for (const counter of [2 ** 25 - 1, 2 ** 26 - 2, 2 ** 31 - 1, 2 ** 32 - 3]) {
      const whole = blocks(platforms[0]!, counter, 3);
      for (const platform of platforms) {
        expect(blocks(platform, counter, 3)).toBe(whole);
        expect([0, 1, 2].map((i) => blocks(platform, counter + i, 1)).join('')).toBe(whole);
      }
    }
  });

  it('end at 2^32 blocks: the counter never carries into the nonce', () => {
    for (const platform of platforms) {
      expect(() => blocks(platform, 2 ** 32 - 1, 2)).toThrow();
      expect(() => blocks(platform, 2 ** 32, 1)).toThrow();
    }
  });

  it('begin each piece of a long vector at its block, beyond 2^32 bytes too', () => {
    // A vector that no memory holds: it claims its length, its words are not there, and kernels do nothing. What is asked of the
    // generator is what would be.
    const pieces = 2 ** 16 + 3;
    let at = 0;
    let asked = 0;
    const recording: StreamPrimitives = {
      chacha20: (_key: Uint8Array, _nonce: Uint8Array, counter: number, out: Uint8Array): void => {
        if (counter * 64 !== at) throw new Error(`piece ${asked} begins at byte ${counter * 64}, not ${at}`);
        at += out.length;
        asked += 1;
      },
    };
    const claimed: unknown = { length: pieces * 30_720, subarray: () => new Uint32Array(0), set: () => {} };
    const engine = engines[1]!;
    const idle = { ...engine, masks: { ...engine.masks, addStream: () => {} } };
    applyMasks(idle, recording, claimed as Uint32Array, 32, [{ key, sign: 1 }]);
    expect(asked).toBe(pieces);
    expect(at).toBeGreaterThan(2 ** 32);
    // A platform that goes on by itself is asked from block 0 on, and for whole blocks.
    let ended = 0;
    const goingOn: StreamPrimitives = {
      ...recording,
      chacha20Stream: (_key, _nonce, counter) => {
        expect(counter).toBe(0);
        at = 0;
        return {
          fill: (out) => {
            if (at % 64 !== 0) throw new Error(`a piece begins at byte ${at}`);
            at += out.length;
          },
          end: () => {
            ended += 1;
          },
        };
      },
    };
    const whole = at;
    applyMasks(idle, goingOn, claimed as Uint32Array, 32, [{ key, sign: 1 }]);
    expect([at, ended]).toEqual([whole, 1]);
  });
});
