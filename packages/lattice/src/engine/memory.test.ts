import { describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

describe.each(engines)('the memory of the %s engine', (_name, make) => {
  it('hands out aligned addresses that do not overlap, none of them zero', async () => {
    const { memory } = await make();
    memory.scope(() => {
      let end = 1;
      for (const bytes of [1, 3, 16, 17, 4096, 5]) {
        const address = memory.allocate(bytes);
        expect(address % 16).toBe(0);
        expect(address).toBeGreaterThanOrEqual(end);
        end = address + bytes;
      }
    });
  });

  it('takes scratch back when a scope ends, however it ends', async () => {
    const { memory } = await make();
    const first = memory.scope(() => memory.allocate(64));
    expect(memory.scope(() => memory.allocate(64))).toBe(first);
    const failure = new Error('planted');
    expect(() =>
      memory.scope(() => {
        memory.allocate(64);
        throw failure;
      }),
    ).toThrow(failure);
    expect(memory.scope(() => memory.allocate(64))).toBe(first);
  });

  it('keeps an outer scope’s scratch while an inner one comes and goes', async () => {
    const { memory } = await make();
    memory.scope(() => {
      const outer = memory.allocate(16);
      memory.u32(outer, 1)[0] = 42;
      const inner = memory.scope(() => {
        const address = memory.allocate(16);
        memory.u32(address, 1)[0] = 7;
        return address;
      });
      expect(inner).not.toBe(outer);
      expect(memory.u32(outer, 1)[0]).toBe(42);
      expect(memory.allocate(16)).toBe(inner);
    });
  });

  it('refuses scratch outside a scope and tables inside one', async () => {
    const { memory } = await make();
    expect(() => memory.allocate(16)).toThrow('outside a scope');
    memory.scope(() => expect(() => memory.allocateTable(16)).toThrow('while scratch memory is in use'));
    memory.secretScope(() => expect(() => memory.allocateTable(16)).toThrow('while scratch memory is in use'));
  });

  it('keeps tables below scratch and alive', async () => {
    const { memory } = await make();
    const table = memory.allocateTable(100);
    memory.u8(table, 100).fill(9);
    memory.scope(() => {
      const scratch = memory.allocate(1000);
      expect(scratch).toBeGreaterThanOrEqual(table + 100);
      memory.u8(scratch, 1000).fill(255);
    });
    const second = memory.allocateTable(100);
    memory.u8(second, 100).fill(8);
    expect([...memory.u8(table, 100)]).toEqual(new Array(100).fill(9));
  });

  it('keeps its contents when it grows in the middle of a scope', async () => {
    const { memory } = await make();
    const table = memory.allocateTable(64);
    memory.u32(table, 16).fill(0xabcdef01);
    memory.scope(() => {
      const small = memory.allocate(64);
      memory.u32(small, 16).fill(0x12345678);
      const large = memory.allocate(40 << 20);
      memory.u32(large, 10 << 20).fill(5);
      expect([...memory.u32(small, 16)]).toEqual(new Array(16).fill(0x12345678));
      expect([...memory.u32(table, 16)]).toEqual(new Array(16).fill(0xabcdef01));
    });
  });

  it('overwrites everything a secret scope allocated, in inner scopes too, even when the work throws', async () => {
    for (const fails of [false, true]) {
      const { memory } = await make();
      memory.scope(() => {
        const before = memory.allocate(32);
        memory.u8(before, 32).fill(1);
        const marks: { address: number; bytes: number }[] = [];
        const fill = (bytes: number): void => {
          const address = memory.allocate(bytes);
          memory.u8(address, bytes).fill(0x5a);
          marks.push({ address, bytes });
        };
        const work = (): void =>
          memory.secretScope(() => {
            fill(100);
            memory.scope(() => {
              fill(5000);
              memory.secretScope(() => fill(8 << 20));
              memory.scope(() => fill(70));
            });
            fill(20);
            if (fails) throw new Error('planted');
          });
        if (fails) expect(work).toThrow('planted');
        else work();
        for (const { address, bytes } of marks) expect(memory.u8(address, bytes).every((x) => x === 0)).toBe(true);
        expect([...memory.u8(before, 32)]).toEqual(new Array(32).fill(1));
      });
    }
  });

  it('overwrites a secret scope’s scratch when the secret scope stands inside another that ends later', async () => {
    const { memory } = await make();
    const seen: number[] = [];
    memory.secretScope(() => {
      memory.scope(() => {
        const deep = memory.allocate(4096);
        memory.u8(deep, 4096).fill(3);
        seen.push(deep);
      });
      memory.secretScope(() => memory.allocate(16));
      // The inner secret scope was shallower than what the plain scope before it left behind.
      expect(memory.u8(seen[0] + 2048, 1)[0]).toBe(3);
    });
    expect(memory.u8(seen[0], 4096).every((x) => x === 0)).toBe(true);
  });

  it('leaves scratch of an ordinary scope as it was: the test above can fail', async () => {
    const { memory } = await make();
    const address = memory.scope(() => {
      const at = memory.allocate(64);
      memory.u8(at, 64).fill(6);
      return at;
    });
    expect(memory.u8(address, 64).every((x) => x === 6)).toBe(true);
  });
});

it('leaves nothing behind where the reference engine’s memory was before it grew', () => {
  const { memory } = referenceEngine();
  memory.secretScope(() => {
    const address = memory.allocate(64);
    const before = memory.u8(address, 64);
    before.fill(0xab);
    memory.allocate(1 << 22);
    const after = memory.u8(address, 64);
    expect(after.buffer).not.toBe(before.buffer);
    expect(after.every((byte) => byte === 0xab)).toBe(true);
    expect(before.every((byte) => byte === 0)).toBe(true);
  });
});
