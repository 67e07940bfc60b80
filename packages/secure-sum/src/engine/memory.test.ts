import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { seededWords } from './seeded-words.contract.ts';

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

describe.each(engines)('the memory of the %s engine', (_name, make) => {
  it('hands out aligned places that do not overlap, takes them back however a scope ends, and refuses outside one', async () => {
    const { memory } = await make();
    const planted = new Error('planted');
    const first = memory.scope(() => memory.allocate(1));
    expect(() =>
      memory.scope(() => {
        let end = first;
        for (const bytes of [1, 3, 16, 17, 4096, 5]) {
          const address = memory.allocate(bytes);
          expect(address % 16).toBe(0);
          expect(address).toBeGreaterThanOrEqual(end);
          expect(address).toBeGreaterThan(0);
          end = address + bytes;
        }
        throw planted;
      }),
    ).toThrow(planted);
    expect(memory.scope(() => memory.allocate(1))).toBe(first);
    expect(() => memory.allocate(1)).toThrow('outside a scope');
  });

  it('keeps what it holds when it grows', async () => {
    const { memory } = await make();
    memory.scope(() => {
      const small = memory.allocate(64);
      memory.u32(small, 16).fill(0x12345678);
      const large = memory.allocate(40 << 20);
      memory.u32(large, 10 << 20).fill(5);
      expect([...memory.u32(small, 16)]).toEqual(new Array(16).fill(0x12345678));
    });
  });

  it('attack 73: everything in a secret scope is zeros afterwards, inner scopes and failures included', async () => {
    for (const fails of [false, true]) {
      const { memory } = await make();
      memory.scope(() => {
        const before = memory.allocate(32);
        memory.u8(before, 32).fill(1);
        const places: [number, number][] = [];
        const fill = (bytes: number): void => {
          const address = memory.allocate(bytes);
          memory.u8(address, bytes).fill(0x5a);
          places.push([address, bytes]);
        };
        const work = (): void =>
          memory.secretScope(() => {
            fill(100);
            memory.scope(() => fill(5000));
            memory.secretScope(() => fill(2 << 20));
            if (fails) throw new Error('planted');
          });
        if (fails) expect(work).toThrow('planted');
        else work();
        for (const [address, bytes] of places) expect(memory.u8(address, bytes).every((byte) => byte === 0)).toBe(true);
        expect([...memory.u8(before, 32)]).toEqual(new Array(32).fill(1));
      });
    }
  });
});

describe('the decoder of embedded modules', () => {
  it('undoes base64 at every length of the last group', () => {
    const next = seededWords(41);
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, () => next() & 255);
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
    }
  });
});
