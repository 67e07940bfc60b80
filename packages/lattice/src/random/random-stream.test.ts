import { createCipheriv } from 'node:crypto';
import { inspect } from 'node:util';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { RandomStream, type StreamDomain } from './random-stream.ts';
import { freshSeed } from './seed.ts';

const primitives = nodePrimitives();
const seed = Uint8Array.from({ length: 32 }, (_, i) => 251 - i);

function bytes(domain: StreamDomain, index: number, ...lengths: readonly number[]): Uint8Array {
  const stream = new RandomStream(primitives, seed, domain, index);
  const pieces = lengths.map((length) => {
    const piece = new Uint8Array(length);
    stream.fill(piece);
    return piece;
  });
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

describe('a random stream', () => {
  it('is ChaCha20 with counter 0 and the nonce domain ‖ index, little-endian', () => {
    const iv = Uint8Array.from([0, 0, 0, 0, ...new TextEncoder().encode('smud'), 0x03, 0x02, 0, 0, 0x01, 0, 0, 0]);
    const expected = createCipheriv('chacha20', seed, iv).update(new Uint8Array(300));
    expect(bytes('smud', 2 ** 32 + 0x203, 300)).toEqual(Uint8Array.from(expected));
  });

  it('continues where it stopped when it is read in whole blocks', () => {
    expect(bytes('test', 1, 64, 640, 128)).toEqual(bytes('test', 1, 832));
  });

  it('never repeats keystream after a part of a block', () => {
    expect(bytes('test', 1, 10, 64).subarray(10)).toEqual(bytes('test', 1, 128).subarray(64));
  });

  it('differs between domains and between indices', () => {
    const streams = [bytes('err0', 0, 32), bytes('err1', 0, 32), bytes('err0', 1, 32), bytes('publ', 0, 32)];
    expect(new Set(streams.map(String)).size).toBe(4);
  });

  it('keeps its own copy of the seed, shows nothing of it and is not serialised', () => {
    const mine = seed.slice();
    const stream = new RandomStream(primitives, mine, 'test', 1);
    mine.fill(0);
    const first = new Uint8Array(32);
    stream.fill(first);
    expect(first).toEqual(bytes('test', 1, 32));
    expect(inspect(stream, { showHidden: true, depth: 5 })).not.toMatch(/251|250/);
    expect(() => JSON.stringify({ stream })).toThrow(ParameterError);
  });

  it('refuses seeds and indices that are none', () => {
    expect(() => new RandomStream(primitives, new Uint8Array(31), 'test', 0)).toThrow(/32 bytes, not 31/);
    expect(() => new RandomStream(primitives, seed, 'test', -1)).toThrow(/-1/);
    expect(() => new RandomStream(primitives, seed, 'test', 0.5)).toThrow(/0.5/);
    expect(() => new RandomStream(primitives, seed, 'test', 2 ** 53)).toThrow(ParameterError);
  });
});

describe('a fresh seed', () => {
  it('has 32 bytes of the platform, and a generator that returns fewer is refused', () => {
    expect(freshSeed(primitives)).toHaveLength(32);
    expect(freshSeed(primitives)).not.toEqual(freshSeed(primitives));
    expect(() => freshSeed({ randomBytes: () => new Uint8Array(16) })).toThrow(/returned 16 bytes/);
    expect(() => freshSeed({ randomBytes: (length) => new Uint8Array(length) })).toThrow(/returned zeros/);
    expect(freshSeed({ randomBytes: (length) => new Uint8Array(length).fill(1, 31) })).toHaveLength(32);
  });
});
