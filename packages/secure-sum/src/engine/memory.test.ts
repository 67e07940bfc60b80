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

  it('keeps what was reserved in front of all scopes, knows what lies in it, and reserves nothing inside a scope', async () => {
    const { memory } = (await make()).masksBeside(200_000);
    const at = memory.reserve(100_001);
    const words = memory.u32(at, 25_000).fill(7);
    memory.secretScope(() => memory.u8(memory.allocate(50_000), 50_000).fill(9));
    memory.scope(() => expect(memory.allocate(16)).toBeGreaterThanOrEqual(at + 100_001));
    expect(words.every((word) => word === 7)).toBe(true);
    expect(memory.addressOf(words.subarray(3))).toBe(at + 12);
    expect(memory.addressOf(new Uint32Array(3))).toBeUndefined();
    expect(() => memory.scope(() => memory.reserve(16))).toThrow('inside a scope');
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

describe('a memory beside the wasm engine', () => {
  it('never grows, because views of it must stay valid', async () => {
    const { memory } = (await wasmEngine()).masksBeside(65_536);
    expect(() => memory.scope(() => memory.allocate(70_000))).toThrow('fixed memory');
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
