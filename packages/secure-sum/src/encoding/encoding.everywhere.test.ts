// The same words in every runtime and in both engines, from one seed: participants that rotated or rounded differently would sum
// different things. No logarithms in the vectors: their last bits belong to the platform.

import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import { type Engine, referenceEngine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { describeEncoding, type EncodingOptions } from './index.ts';
import { testEncoding } from './seeded-encodings.contract.ts';

let platform: Awaited<ReturnType<typeof loadWebPrimitives>>;
let engines: readonly Engine[];
beforeAll(async () => {
  platform = await loadWebPrimitives();
  engines = [await wasmEngine(), referenceEngine()];
});

const cases: readonly {
  readonly name: string;
  readonly options: Partial<EncodingOptions>;
  readonly words: string;
  readonly mean: string;
}[] = [
  {
    name: 'one window',
    options: { vectorLength: 4096 },
    words: '0ac0019c1f7fb0a232447b6a59e5864f',
    mean: '5d9030258ba7a089101b3ee4a9087389',
  },
  {
    name: 'two windows',
    options: { vectorLength: 6001 },
    words: '7a56e2ec9b9fc8c0cb078f8110156d58',
    mean: 'bede3efafad800bf4b3c997144fed822',
  },
  {
    name: 'one value',
    options: { vectorLength: 1 },
    words: '8a6ee952c9574ce948d4d9f939ff290b',
    mean: 'ff4bafc02b6ba760744d49029b816850',
  },
  {
    name: 'no rotation',
    options: { vectorLength: 100, rotation: 'none' },
    words: 'f8acbcb769d66986f11b2cdc2a3c4bd3',
    mean: 'd84ffc9079fe5fb877dd120602579656',
  },
  {
    name: 'everything',
    options: {
      vectorLength: 40_001,
      valueBits: 18,
      wordBits: 28,
      rounding: 'conditional',
      noise: { name: 'stand-in', variance: 9 },
      maximumWeight: 10_000_000,
      maximumSquaredNorm: 50,
      counters: [{ name: 'positive', maximum: 40_001 }],
    },
    words: '791667013dbe92cd01d579c1814c6fa4',
    mean: 'f909697da878e750121cc41553e4ae37',
  },
];

describe('encoding from one seed', () => {
  it.each(cases)('has the same words and the same mean everywhere: $name', ({ options, words, mean }) => {
    const digest = (array: Int32Array | Float32Array): string =>
      hexOf(platform.sha256(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))).slice(0, 32);
    const results = engines.map((engine) => {
      const test = testEncoding(platform, options, 5);
      const { encoding } = test;
      const next = seededWords(14);
      const values = Float32Array.from({ length: encoding.vectorLength }, () => {
        const u = next() / 2 ** 32 - 0.5;
        return (u * u * u) / 4;
      });
      const noise = seededWords(15);
      const encoded = test.encode(engine, {
        values,
        ...(encoding.noise && {
          noise: { stddev: 3, sampleInto: (out) => void out.set(out.map(() => (noise() % 11) - 5)) },
        }),
        ...(encoding.maximumWeight && { weight: 7_654_321, counts: { positive: 20_000 } }),
      });
      const decoded = test.decode(engine, encoded.words, 1);
      return { words: digest(encoded.words), mean: digest(decoded.mean), scale: encoding.scale };
    });
    expect(results[0]).toEqual(results[1]);
    expect({ words: results[0].words, mean: results[0].mean }).toEqual({ words, mean });
  });

  it('is described by the same numbers everywhere', () => {
    const { encoding } = testEncoding(platform, cases[4].options);
    expect(describeEncoding(platform, encoding)).toEqual({
      vectorLength: 40_009,
      wordBits: 28,
      valueBits: 18,
      clippingNorm: 1,
      quantiserScale: 3311759.817496583,
      rotation: 'encoding/73788c20a7f8a75ea89adde1893ed0768b24b3731e61f86a',
      noise: 'stand-in',
    });
  });
});
