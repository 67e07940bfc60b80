// The reference engine: plain TypeScript, slow and obvious. It exists to be compared with; nothing real should run on it.

import type { Engine } from './engine.ts';
import { EngineMemory, type MemoryBacking } from './memory.ts';
import { referenceHadamard } from './reference/hadamard.ts';
import { referenceMasks } from './reference/masks.ts';
import { referenceRounding } from './reference/rounding.ts';

class GrowingBuffer implements MemoryBacking {
  buffer: ArrayBuffer = new ArrayBuffer(1 << 20);

  ensure(bytes: number): void {
    if (bytes <= this.buffer.byteLength) return;
    const larger = new ArrayBuffer(Math.max(bytes, this.buffer.byteLength * 2));
    const old = new Uint8Array(this.buffer);
    new Uint8Array(larger).set(old);
    this.buffer = larger;
    // It may hold secrets, and no scope will ever wipe it.
    old.fill(0);
  }
}

export function referenceEngine(): Engine {
  const memory = new EngineMemory(new GrowingBuffer());
  return {
    name: 'reference',
    memory,
    hadamard: referenceHadamard(memory),
    masks: referenceMasks(memory),
    rounding: referenceRounding(memory),
    masksBeside(bytes) {
      const own = new GrowingBuffer();
      own.ensure(bytes);
      const beside = new EngineMemory(own);
      return { memory: beside, masks: referenceMasks(beside) };
    },
  };
}
