// A seeded generator for tests (sfc32, Chris Doty-Humphrey's; passes PractRand): fast and repeatable, not
// cryptographic.
import type { RandomSource } from './random-source.ts';

export function seededSource(seed: number): RandomSource {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out;
  };
  for (let i = 0; i < 20; i++) next();
  return {
    fill(out: Uint8Array): void {
      for (let at = 0; at < out.length; at += 4) {
        const word = next();
        for (let k = 0; k < 4 && at + k < out.length; k++) out[at + k] = (word >>> (8 * k)) & 255;
      }
    },
  };
}

/** Hands out these words first, then what follows. */
export function scriptedSource(words: readonly number[], then: RandomSource): RandomSource {
  let used = false;
  return {
    fill(out: Uint8Array): void {
      then.fill(out);
      if (used) return;
      used = true;
      const view = new DataView(out.buffer, out.byteOffset, out.length);
      words.forEach((word, i) => {
        view.setUint32(4 * i, word, true);
      });
    },
  };
}
