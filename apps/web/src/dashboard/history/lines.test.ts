import { describe, expect, it } from 'vitest';
import { Column, lastAtMost } from './columns.ts';
import { type Line, LineSplitter } from './lines.ts';
import { LogBytes } from './log-bytes.ts';

const encoder = new TextEncoder();

describe('a stream of bytes as lines', () => {
  it('gives the same lines and offsets however it is cut, with letters of more than one byte', () => {
    const lines = ['first', 'zweite Zeile mit ü und 数', '', 'last'];
    const bytes = encoder.encode(lines.join('\n'));
    for (let size = 1; size <= bytes.length; size++) {
      const splitter = new LineSplitter();
      const found: Line[] = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.slice(at, at + size)));
      found.push(...splitter.end());
      expect(found.map(({ text }) => text)).toEqual(lines);
      for (const { text, offset, length } of found) {
        expect(new TextDecoder().decode(bytes.slice(offset, offset + length))).toBe(text);
      }
    }
  });

  it('holds no more of a line without an end than any event has', () => {
    const splitter = new LineSplitter();
    const piece = new Uint8Array(2 ** 23).fill(0x20);
    const whole = (): void => {
      for (let at = 0; at < 5; at++) splitter.push(piece);
    };
    expect(whole).toThrow(/longer than any event/);
  });

  it('refuses bytes that are no text', () => {
    expect(() => new LineSplitter().push(Uint8Array.of(0x41, 0xff, 0x0a))).toThrow();
  });
});

describe('a column', () => {
  it('gives back what was pushed, over its pieces, and finds the last value at most another', () => {
    const column = new Column((length) => new Float64Array(length));
    for (let at = 0; at < 200_000; at++) column.push(2 * at);
    expect([column.at(0), column.at(65_535), column.at(65_536), column.at(199_999)]).toEqual([
      0, 131_070, 131_072, 399_998,
    ]);
    expect(column.at(200_000)).toBeNaN();
    expect([
      lastAtMost(column, -1),
      lastAtMost(column, 0),
      lastAtMost(column, 131_071),
      lastAtMost(column, 1e9),
    ]).toEqual([-1, 0, 65_535, 199_999]);
  });
});

describe('the bytes of a log', () => {
  it('are found again over the blobs that they lie in', async () => {
    const log = new LogBytes();
    const all = encoder.encode(
      Array.from({ length: 60_000 }, (_, at) => `line ${at} of a log that is long enough for parts\n`).join(''),
    );
    for (let at = 0; at < all.length; at += 70_001) log.append(all.slice(at, at + 70_001));
    expect(log.sizeBytes).toBe(all.length);
    for (const [offset, length] of [
      [0, 10],
      [4_194_000, 500],
      [all.length - 5, 5],
      [2 ** 21, 2 ** 20],
    ] as const) {
      expect(await log.read(offset, length)).toBe(new TextDecoder().decode(all.slice(offset, offset + length)));
    }
  });
});
