import { deflateSync, gzipSync, zipSync, zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { MalformedData } from '../errors.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { crc32, inflateBounded } from './inflate.ts';
import { readZip } from './zip.ts';

const text = encodeUtf8('train together, reveal only the sum. '.repeat(1000));

describe('decompression', () => {
  it.each([
    ['deflate', deflateSync(text)],
    ['zlib', zlibSync(text)],
    ['gzip', gzipSync(text)],
  ] as const)('of %s gives what was compressed, up to exactly the limit', (compression, packed) => {
    expect(inflateBounded(packed, compression, text.length)).toEqual(text);
    expect(() => inflateBounded(packed, compression, text.length - 1)).toThrow(/more than the 36999 bytes/);
    expect(() => inflateBounded(packed.subarray(0, packed.length >> 1), compression, 1e6)).toThrow(MalformedData);
  });

  it('of a bomb stops at the limit', () => {
    const bomb = deflateSync(new Uint8Array(16 << 20), { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => inflateBounded(bomb, 'deflate', 1 << 20)).toThrow(/more than the 1048576 bytes/);
  });

  it('of noise is refused', () => {
    expect(() => inflateBounded(Uint8Array.of(0xff, 0xff, 0xff), 'deflate', 100)).toThrow(MalformedData);
    expect(() => inflateBounded(new Uint8Array(0), 'gzip', 100)).toThrow(MalformedData);
  });

  it('knows the CRC-32 of the nine digits', () => {
    expect(crc32(encodeUtf8('123456789'))).toBe(0xcbf43926);
  });
});

describe('a zip archive', () => {
  const archive = zipSync({ 'a.txt': text, 'b/c.bin': [Uint8Array.of(1, 2, 3), { level: 0 }] });
  const changed = (change: (view: DataView, directory: number) => void): Uint8Array => {
    const copy = archive.slice();
    const view = new DataView(copy.buffer);
    change(view, view.getUint32(copy.length - 6, true));
    return copy;
  };

  it('unpacks stored and deflated entries', () => {
    const entries = readZip(archive);
    expect(entries.map((entry) => [entry.name, entry.sizeBytes])).toEqual([
      ['a.txt', text.length],
      ['b/c.bin', 3],
    ]);
    expect(entries[0]?.unpack()).toEqual(text);
    expect(entries[1]?.unpack()).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('is refused before unpacking when it claims too much', () => {
    expect(() => readZip(archive, { entries: 10, unpackedBytes: 1000 })).toThrow(/claims to unpack to 37003/);
    expect(() => readZip(archive, { entries: 1, unpackedBytes: 1e6 })).toThrow(/claims 2 entries/);
  });

  it('is refused when an entry unpacks to more or less than it claims', () => {
    for (const claim of [10, text.length - 1, text.length + 1]) {
      const lying = changed((view, directory) => view.setUint32(directory + 24, claim, true));
      expect(() => readZip(lying)[0]?.unpack()).toThrow(/more than the|claims \d+ bytes and has/);
    }
  });

  it('is refused when entries lie on top of each other, checksums are wrong, or things are not where they should be', () => {
    const overlapping = changed((view, directory) => view.setUint32(directory + 46 + 5 + 42, 0, true));
    expect(() => readZip(overlapping)).toThrow(/on top of each other/);
    const spoilt = changed((view, directory) => view.setUint32(directory + 16, 7, true));
    expect(() => readZip(spoilt)[0]?.unpack()).toThrow(/checksum/);
    const astray = changed((view, directory) => view.setUint32(directory + 42, 9, true));
    expect(() => readZip(astray)).toThrow(/not where the directory says/);
    const encrypted = changed((view, directory) => view.setUint16(directory + 8, 1, true));
    expect(() => readZip(encrypted)).toThrow(/encrypted/);
    expect(() => readZip(archive.subarray(0, archive.length - 1))).toThrow(/no end record/);
  });

  it('of any bytes, flipped or cut, is read or refused with MalformedData', () => {
    for (let at = 0; at < archive.length; at += 1) {
      const flipped = archive.slice();
      flipped[at] ^= 0x55;
      for (const bytes of [flipped, archive.subarray(at)]) {
        try {
          for (const entry of readZip(bytes)) entry.unpack();
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedData);
        }
      }
    }
  });
});
