import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { CanonicalReader, CanonicalWriter, compareNames, delimited, isName, memberId } from './index.ts';

fc.configureGlobal({ seed: 20_261_120 });

const fields = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 6 });
const codeOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    if (error instanceof MalformedMessage || error instanceof ParameterError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('the concatenation of fields', () => {
  it('has different bytes for different lists of fields', () => {
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const same = JSON.stringify(a.map((x) => [...x])) === JSON.stringify(b.map((x) => [...x]));
        expect(Buffer.compare(delimited(...a), delimited(...b)) === 0).toBe(same);
      }),
    );
  });

  it('tells apart what a plain concatenation does not', () => {
    expect(delimited('ab', 'c')).not.toEqual(delimited('a', 'bc'));
    expect(delimited('ab', '')).not.toEqual(delimited('ab'));
    expect(delimited(delimited('a'), 'b')).not.toEqual(delimited('a', 'b'));
    expect([...delimited('ab')]).toEqual([2, 0, 0, 0, 0x61, 0x62]);
  });
});

describe('canonical writing and reading', () => {
  it('agree on every kind of field', () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(65_535),
        fc.nat(2 ** 31 - 1),
        fc.maxSafeNat(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.uint8Array({ maxLength: 40 }),
        (a, b, c, d, e, bytes) => {
          const written = new CanonicalWriter(1)
            .u8('a', a)
            .u16('b', b)
            .u32('c', c)
            .u64('d', d)
            .f64('e', e)
            .blob('bytes', bytes)
            .name('name', 'a-name')
            .finish();
          const reader = new CanonicalReader(written, 'a test');
          expect([reader.u8('a'), reader.u16('b'), reader.u32('c'), reader.u64('d')]).toEqual([a, b, c, d]);
          expect(reader.f64('e')).toBe(e === 0 ? 0 : e);
          expect([...reader.blob('bytes', 40)]).toEqual([...bytes]);
          expect(reader.name('name')).toBe('a-name');
          reader.finish();
        },
      ),
    );
  });

  it('write the lowest byte first', () => {
    const bytes = new CanonicalWriter()
      .u16('a', 0x0102)
      .u64('b', 2 ** 40 + 5)
      .finish();
    expect([...bytes]).toEqual([2, 1, 5, 0, 0, 0, 0, 1, 0, 0]);
    expect([...new CanonicalWriter().f64('a', -0).finish()]).toEqual(new Array(8).fill(0));
  });

  it.each<[string, () => unknown]>([
    ['−1', () => new CanonicalWriter().u8('a', -1)],
    ['256 in a byte', () => new CanonicalWriter().u8('a', 256)],
    ['2^53', () => new CanonicalWriter().u64('a', 2 ** 53)],
    ['a fraction', () => new CanonicalWriter().u32('a', 1.5)],
    ['NaN as a whole number', () => new CanonicalWriter().u32('a', Number.NaN)],
    ['NaN as a number', () => new CanonicalWriter().f64('a', Number.NaN)],
    ['an infinity', () => new CanonicalWriter().f64('a', Number.NEGATIVE_INFINITY)],
    ['bytes of another length', () => new CanonicalWriter().fixed('a', new Uint8Array(31), 32)],
    ['no name', () => new CanonicalWriter().name('a', 'with a blank')],
  ])('refuse to write %s', (_, act) => {
    expect(codeOf(act)).toBe('E_PARAMETER');
  });

  const read = (bytes: number[]): CanonicalReader => new CanonicalReader(Uint8Array.from(bytes), 'a test');
  it.each<[string, string, () => unknown]>([
    ['what is not there', 'E_LEN', () => read([1, 2, 3]).u32('a')],
    ['bytes left over', 'E_LEN', () => read([1]).finish()],
    ['a blob longer than its bound', 'E_LEN', () => read([3, 0, 0, 0, 1, 2, 3]).blob('a', 2)],
    ['a blob longer than the message', 'E_LEN', () => read([3, 0, 0, 0, 1]).blob('a', 100)],
    ['a hostile length', 'E_LEN', () => read([255, 255, 255, 255]).blob('a', 2 ** 32)],
    ['a hostile count', 'E_LEN', () => read([255, 255, 255, 0, 1, 2]).count('a', 2 ** 24, 32)],
    ['a count above its bound', 'E_RANGE', () => read([9, 0, 0, 0, 1, 2]).count('a', 8, 0)],
    ['2^53', 'E_RANGE', () => read([0, 0, 0, 0, 0, 0, 32, 0]).u64('a')],
    ['2^64 − 1', 'E_RANGE', () => read([255, 255, 255, 255, 255, 255, 255, 255]).u64('a')],
    ['NaN', 'E_RANGE', () => read([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]).f64('a')],
    ['−0', 'E_RANGE', () => read([0, 0, 0, 0, 0, 0, 0, 0x80]).f64('a')],
    ['a name with a blank', 'E_MALFORMED', () => read([2, 0, 0, 0, 0x61, 0x20]).name('a')],
    ['a name beyond ASCII', 'E_MALFORMED', () => read([2, 0, 0, 0, 0xc3, 0xa4]).name('a')],
    ['an empty name', 'E_MALFORMED', () => read([0, 0, 0, 0]).name('a')],
    ['a name of 65 characters', 'E_LEN', () => read([65, 0, 0, 0, ...new Array<number>(65).fill(0x61)]).name('a')],
  ])('refuse to read %s: %s', (_, code, act) => {
    expect(codeOf(act)).toBe(code);
  });

  it('never show what was read', () => {
    const act = (): unknown => read([3, 0, 0, 0, 200, 201, 202]).name('a');
    expect(act).toThrow(/^a test, at byte 7: a is not a name$/);
  });
});

describe('names', () => {
  it('are in the order of their bytes, whatever the locale', () => {
    const names = ['b', 'a', 'B', 'a-1', 'a.1', 'a1', 'Z', 'z', '10', '9'];
    const byBytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect([...names].sort(compareNames)).toEqual(byBytes);
  });

  it.each(['', ' a', 'a b', 'ä', 'а', 'a\u0000', 'a'.repeat(65), '-a', 'a\n', 'a‍b', '__proto__'])(
    'are not %j',
    (text) => {
      expect(isName(text)).toBe(false);
      expect(() => memberId(text)).toThrow(ParameterError);
    },
  );
});
