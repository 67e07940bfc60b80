import { describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

describe('what is written is read', () => {
  it('number by number, lowest byte first, whatever room was asked for', () => {
    for (const size of [0, 1, 100]) {
      const writer = new Writer(size);
      writer.u8('a', 0xfe);
      writer.u16('b', 0xfedc);
      writer.u32('c', 0xfedcba98);
      writer.f64('d', -1.5);
      writer.f64('e', -0);
      writer.bytes('f', Uint8Array.from([1, 2, 3]), 3);
      const bytes = writer.finish();
      expect([...bytes.subarray(0, 15)]).toEqual([
        0xfe, 0xdc, 0xfe, 0x98, 0xba, 0xdc, 0xfe, 0, 0, 0, 0, 0, 0, 0xf8, 0xbf,
      ]);
      const reader = new Reader(bytes, 'test');
      expect([reader.u8('a'), reader.u16('b'), reader.u32('c'), reader.f64('d'), reader.f64('e')]).toEqual([
        0xfe, 0xfedc, 0xfedcba98, -1.5, 0,
      ]);
      expect([...reader.bytes('f', 3)]).toEqual([1, 2, 3]);
      reader.finish();
    }
  });

  it('also from the middle of a larger buffer, and copies are copies', () => {
    const whole = Uint8Array.from({ length: 64 }, (_, i) => i);
    const reader = new Reader(whole.subarray(5, 20), 'test');
    expect(reader.u32('a')).toBe(0x08070605);
    const copy = reader.bytes('b', 4);
    whole.fill(0);
    expect([...copy]).toEqual([9, 10, 11, 12]);
    expect(reader.remaining).toBe(7);
  });

  it('and traced, field after field', () => {
    const seen: string[] = [];
    const writer = new Writer(0, (field, start, end) => seen.push(`${field} ${start}-${end}`));
    writer.u16('one', 1);
    writer.room('two', 3);
    writer.finish();
    expect(seen).toEqual(['one 0-2', 'two 2-5']);
  });
});

describe('a writer refuses', () => {
  it('numbers that do not fit, are not whole or not finite, and bytes of another length', () => {
    const writer = new Writer(16);
    expect(() => writer.u8('x', 256)).toThrow(/x 256/);
    expect(() => writer.u16('x', -1)).toThrow(/-1/);
    expect(() => writer.u32('x', 2 ** 32)).toThrow(ParameterError);
    expect(() => writer.u32('x', 0.5)).toThrow(/0.5/);
    expect(() => writer.f64('x', Number.NaN)).toThrow(/NaN/);
    expect(() => writer.bytes('x', new Uint8Array(3), 4)).toThrow(/3 bytes, not 4/);
    expect(writer.finish()).toHaveLength(0);
  });
});

describe('a reader refuses', () => {
  const reader = (...bytes: number[]): Reader => new Reader(Uint8Array.from(bytes), 'letter');

  it('to read past the end, and says what, where and how much is missing', () => {
    const short = reader(1, 2, 3);
    short.u16('first');
    expect(() => short.u32('second')).toThrow('letter, at byte 2: second needs 4 bytes, 1 are left');
    expect(() => short.bytes('third', 2 ** 40)).toThrow(MalformedMessage);
    expect(() => short.view('third', 2)).toThrow(MalformedMessage);
    expect(short.u8('second')).toBe(3);
  });

  it('what is left over, and numbers out of range', () => {
    expect(() => reader(1).finish()).toThrow(/1 bytes are left over/);
    expect(() => reader(7).within('age', 1, 8, 9)).toThrow(/age is 7, not in \[8, 9\]/);
    expect(reader(8).within('age', 1, 8, 9)).toBe(8);
  });
});
