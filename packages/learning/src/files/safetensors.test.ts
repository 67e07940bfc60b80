import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { HEADER_LIMIT, readSafetensors, type TensorFile, writeSafetensors } from './safetensors.ts';

const isWhole =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

const none: ReadonlyMap<string, string> = new Map();
const small: TensorFile = {
  tensors: [
    { name: 'dense.weight', shape: [2, 1], data: Float32Array.of(1, -2) },
    { name: 'dense.bias', shape: [1], data: Float32Array.of(0.5) },
  ],
  metadata: new Map([['made', 'by hand']]),
};

/** A file of this header and these data bytes, the header unpadded. */
function file(header: unknown, dataBytes: number, text = JSON.stringify(header)): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + encoded.length + dataBytes);
  new DataView(bytes.buffer).setUint32(0, encoded.length, true);
  bytes.set(encoded, 8);
  return bytes;
}

const tensor = (start: number, end: number, shape: readonly unknown[] = [(end - start) / 4]): object => ({
  dtype: 'F32',
  shape,
  data_offsets: [start, end],
});

describe('a safetensors file', () => {
  it('is these bytes', () => {
    const header =
      '{"__metadata__":{"made":"by hand"},' +
      '"dense.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
      '"dense.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ');
    expect(padded.length).toBe(168);
    expect(Array.from(writeSafetensors(small))).toEqual([
      ...[0xa8, 0, 0, 0, 0, 0, 0, 0], // 168, little-endian
      ...new TextEncoder().encode(padded),
      ...[0x00, 0x00, 0x00, 0x3f], // 0.5
      ...[0x00, 0x00, 0x80, 0x3f], // 1
      ...[0x00, 0x00, 0x00, 0xc0], // -2
    ]);
  });

  it('is read as the format’s own example describes: any order, padding behind the header, empty and scalar tensors', () => {
    const header =
      '{ "b": {"shape":[], "data_offsets":[4,8], "dtype":"F32"},\n "é\\n\\u0041": {"dtype":"F32","shape":[0,7],"data_offsets":[4,4]},' +
      ' "a": {"dtype":"F32","data_offsets":[0,4],"shape":[1,1]} }   ';
    const bytes = file(undefined, 8, header);
    bytes.set([0, 0, 0x40, 0x40, 0, 0, 0x80, 0xbf], bytes.length - 8);
    const { tensors, metadata } = readSafetensors(bytes);
    expect(metadata.size).toBe(0);
    expect(tensors).toEqual([
      { name: 'a', shape: [1, 1], data: Float32Array.of(3) },
      { name: 'b', shape: [], data: Float32Array.of(-1) },
      { name: 'é\nA', shape: [0, 7], data: new Float32Array(0) },
    ]);
  });

  it('does not depend on the order in which tensors are handed in', () => {
    expect(writeSafetensors({ ...small, tensors: [...small.tensors].reverse() })).toEqual(writeSafetensors(small));
  });

  it('comes back with every bit, whatever names, shapes and numbers; the data begin at a multiple of eight', () => {
    const tensors = fc.uniqueArray(
      fc.record({
        name: fc.string({ unit: 'binary' }).filter((name) => name !== '__metadata__'),
        words: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 9 }),
      }),
      { selector: ({ name }) => name, maxLength: 6 },
    );
    const metadata = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(tensors, metadata, (entries, pairs) => {
        const value: TensorFile = {
          tensors: entries.map(({ name, words }) => ({
            name,
            shape: [words.length, 1],
            data: new Float32Array(Uint32Array.from(words).buffer),
          })),
          metadata: new Map(pairs),
        };
        const bytes = writeSafetensors(value);
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
        const again = readSafetensors(bytes);
        expect(writeSafetensors(again)).toEqual(bytes);
        expect(again.metadata).toEqual(value.metadata);
        for (const { name, words } of entries) {
          const found = again.tensors.find((one) => one.name === name);
          expect(Array.from(new Uint32Array(found!.data.buffer))).toEqual(words);
        }
      }),
      { numRuns: isWhole ? 5000 : 60, seed: 7 },
    );
  }, 600_000);

  it('keeps names that mean something to objects', () => {
    const tensors = ['__proto__', 'constructor', 'toString'].map((name) => ({
      name,
      shape: [1],
      data: Float32Array.of(1),
    }));
    const names = readSafetensors(writeSafetensors({ tensors, metadata: new Map([['__proto__', 'x']]) }));
    expect(names.tensors.map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(names.metadata.get('__proto__')).toBe('x');
  });

  it('is read from the middle of a larger buffer', () => {
    const bytes = writeSafetensors(small);
    const larger = new Uint8Array(bytes.length + 10);
    larger.set(bytes, 3);
    expect(readSafetensors(larger.subarray(3, 3 + bytes.length)).tensors).toHaveLength(2);
  });
});

describe('what cannot be written', () => {
  it.each([
    ['numbers that are not the shape’s', [{ name: 'w', shape: [2, 2], data: new Float32Array(3) }], /\[2,2\] needs 4/],
    ['a negative dimension', [{ name: 'w', shape: [-1], data: new Float32Array(1) }], /cannot have shape/],
    ['a name of metadata', [{ name: '__metadata__', shape: [1], data: new Float32Array(1) }], /__metadata__/],
    ['a name that is no text', [{ name: '\udfff', shape: [1], data: new Float32Array(1) }], /no text/],
    [
      'a name twice',
      [
        { name: 'w', shape: [1], data: new Float32Array(1) },
        { name: 'w', shape: [1], data: new Float32Array(1) },
      ],
      /two tensors/,
    ],
  ])('%s', (_, tensors, message) => {
    expect(() => writeSafetensors({ tensors, metadata: none })).toThrow(ParameterError);
    expect(() => writeSafetensors({ tensors, metadata: none })).toThrow(message);
  });
});

describe('a hostile file is refused:', () => {
  const lengthOnly = (low: number, high: number): Uint8Array => {
    const bytes = new Uint8Array(64);
    new DataView(bytes.buffer).setUint32(0, low, true);
    new DataView(bytes.buffer).setUint32(4, high, true);
    return bytes;
  };
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['shorter than its length field', new Uint8Array(7), /7 bytes are too few/],
    ['a header longer than the file', lengthOnly(57, 0), /claims 57 bytes of a file of 64/],
    ['a header beyond the limit', lengthOnly(HEADER_LIMIT + 1, 0), /more than/],
    ['a header of 2^32 bytes', lengthOnly(0, 1), /more than/],
    ['an empty header', file(undefined, 0, ''), /its end/],
    ['a header that is no object', file([], 0), /no object/],
    ['a header that starts with a space', file(undefined, 0, ' {}'), /no object/],
    ['a header that is not UTF-8', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff]), /not UTF-8/],
    ['two objects', file(undefined, 0, '{}{}'), /where it may not be/],
    ['a literal', file(undefined, 0, '{"a":true}'), /where it may not be/],
    ['deep nesting', file(undefined, 0, `{"a":${'['.repeat(100_000)}`), /nests deeper/],
    ['an open string', file(undefined, 0, '{"a'), /not JSON/],
    ['half a surrogate pair', file(undefined, 0, '{"\\ud800":{}}'), /surrogate/],
    [
      'a name twice',
      file(undefined, 4, '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{}}'),
      /"a" twice/,
    ],
    ['a member twice', file(undefined, 4, '{"a":{"dtype":"F32","dtype":"F32"}}'), /twice/],
    ['metadata twice', file(undefined, 0, '{"__metadata__":{},"__metadata__":{}}'), /twice/],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }, 0), /other than text/],
    ['a tensor that is no object', file({ a: [] }, 0), /not described/],
    ['an unknown member', file({ a: { ...tensor(0, 4), more: 1 } }, 4), /unknown member "more"/],
    ['another dtype', file({ a: { ...tensor(0, 4), dtype: 'F16' } }, 4), /dtype "F16"/],
    ['no dtype', file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /dtype undefined/],
    ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /no possible shape/],
    ['a negative size', file({ a: tensor(0, 4, [-1]) }, 4), /where it may not be/],
    ['a fraction', file({ a: tensor(0, 4, [1.5]) }, 4), /where it may not be/],
    [
      'an exponent',
      file(undefined, 4, '{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}'),
      /where it may not be/,
    ],
    ['an integer beyond 2^53', file({ a: tensor(0, 4, [2 ** 53]) }, 4), /beyond 2\^53/],
    ['text as a size', file({ a: tensor(0, 4, ['1']) }, 4), /no possible shape/],
    [
      'a shape whose product wraps around',
      file({ a: tensor(0, 4, [2 ** 29, 2 ** 29, 2 ** 29]) }, 4),
      /no possible shape/,
    ],
    ['a shape of more dimensions than any', file({ a: tensor(0, 4, new Array(9).fill(1)) }, 4), /no possible shape/],
    ['a size that is not the shape’s', file({ a: tensor(0, 4, [2]) }, 4), /takes 8 bytes, not 4/],
    ['a range of three ends', file({ a: { ...tensor(0, 4), data_offsets: [0, 4, 8] } }, 4), /no range/],
    ['a range backwards', file({ a: { ...tensor(0, 4), data_offsets: [4, 0] } }, 4), /no range/],
    ['a range past the end', file({ a: tensor(0, 8) }, 4), /ends at 8, the file's data at 4/],
    ['ranges that overlap', file({ a: tensor(0, 8), b: tensor(4, 12) }, 12), /"b" overlaps/],
    ['a range used twice', file({ a: tensor(0, 4), b: tensor(0, 4) }, 4), /overlaps/],
    ['a gap in front', file({ a: tensor(4, 8) }, 8), /gap of 4 bytes/],
    ['a gap', file({ a: tensor(0, 4), b: tensor(8, 12) }, 12), /"b" leaves a gap of 4 bytes/],
    ['bytes left over', file({ a: tensor(0, 4) }, 5), /1 bytes are left over/],
    ['bytes without a tensor', file({}, 4), /4 bytes are left over/],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(MalformedMessage);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s, when that is asked', (value) => {
    const bytes = writeSafetensors({
      tensors: [{ name: 'w', shape: [2], data: Float32Array.of(0, value) }],
      metadata: none,
    });
    expect(readSafetensors(bytes).tensors[0].data[1]).toBe(value);
    expect(() => readSafetensors(bytes, { isFiniteRequired: true })).toThrow(`"w" has ${value} at 1`);
  });

  it('cut anywhere, or changed anywhere: a value of as many bytes, or MalformedMessage, never another error', () => {
    const valid = writeSafetensors(small);
    for (let length = 0; length < valid.length; length++) {
      expect(() => readSafetensors(valid.subarray(0, length))).toThrow(MalformedMessage);
    }
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refused = 0;
    const rounds = isWhole ? 1_000_000 : 20_000;
    for (let round = 0; round < rounds; round++) {
      const bytes = valid.slice();
      for (let change = random(3); change >= 0; change--) bytes[random(bytes.length)] = random(256);
      try {
        const { tensors } = readSafetensors(bytes);
        for (const { shape, data } of tensors) expect(shape.reduce((a, b) => a * b, 1)).toBe(data.length);
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(rounds / 2);
  }, 600_000);
});
