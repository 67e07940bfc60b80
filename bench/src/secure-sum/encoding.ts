// Floats to words and back: 1,000,000 of them, 16 bits, rotated; in plain JavaScript beside it, as the specification's 22 ms were
// measured: one transform padded to 2^20 and one random number a value, of Math.random.

import { nodePrimitives } from '@sumus/platform/node';
import { loadWebPrimitives } from '@sumus/platform/web';
import { openContext } from '@sumus/secure-sum/context';
import { decode, defineEncoding, encode, rotationOf } from '@sumus/secure-sum/encoding';
import { wasmEngine } from '@sumus/secure-sum/engine';
import { compared, type Findings, planFor, type Rows, timingResult } from '../lattice/row.ts';
import { measure } from '../measure.ts';
import { ENCODING_TARGETS } from './targets.ts';

export const encodingRows: Rows = async (options): Promise<Findings> => {
  const length = options.smoke ? 5000 : 1_000_000;
  const node = nodePrimitives();
  const web = await loadWebPrimitives();
  const engine = await wasmEngine();
  const encoding = defineEncoding({
    vectorLength: length,
    clippingNorm: 1,
    valueBits: 16,
    wordBits: 23,
    maximumContributors: 100,
  });
  const rotation = rotationOf(node, context(node), encoding.windows);
  const values = heavyTailed(length);
  const { words } = encode(engine, node, encoding, rotation, { values });
  const error = normalisedError(decode(engine, encoding, rotation, { words, contributors: 1 }).mean, values);
  const plain = plainJavaScript(length);
  options.say(`${length} floats to ${encoding.words} words and back`);
  const timings = await measure(
    [
      { name: 'encode', work: () => void encode(engine, node, encoding, rotation, { values }) },
      { name: 'decode', work: () => void decode(engine, encoding, rotation, { words, contributors: 1 }) },
      { name: 'encode, ChaCha20 of the web', work: () => void encode(engine, web, encoding, rotation, { values }) },
      { name: 'signs of a round', work: () => void rotationOf(node, context(node), encoding.windows) },
      { name: 'encode, plain JavaScript', work: () => plain.encode(values) },
      { name: 'decode, plain JavaScript', work: () => plain.decode() },
    ],
    planFor(options, { rounds: 15, sampleMs: 20 }),
  );
  const [encoded, decoded, encodedWeb, signs, plainEncoded, plainDecoded] = timings;
  if (!encoded || !decoded || !encodedWeb || !signs || !plainEncoded || !plainDecoded)
    throw new Error('a timing is missing');
  return {
    results: [
      timingResult(encoded, { values: length, words: encoding.words, errorSquaredOfOneVector: error }),
      ...[decoded, encodedWeb, signs, plainEncoded, plainDecoded].map((timing) => timingResult(timing)),
      compared(encoded, plainEncoded),
      compared(decoded, plainDecoded),
    ],
    outcomes: [
      [ENCODING_TARGETS.encode.name, { measured: encoded.cpuMs.minimum }],
      [ENCODING_TARGETS.decode.name, { measured: decoded.cpuMs.minimum }],
    ],
  };
};

function context(primitives: ReturnType<typeof nodePrimitives>): ReturnType<typeof openContext> {
  const hash = new Uint8Array(32).fill(1);
  return openContext(primitives, {
    projectId: 'bench',
    taskId: 'encoding',
    round: 1,
    flush: 0,
    modelHash: hash,
    configHash: hash,
    policyHash: hash,
  });
}

/** Like gradients, a few values far larger than most; the same in every run, norm 0.99. */
function heavyTailed(length: number): Float32Array {
  let state = 1;
  const values = Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.tan(3 * (state / 2 ** 32 - 0.5));
  });
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) / 0.99;
  return values.map((value) => value / norm);
}

function normalisedError(found: Float32Array, values: Float32Array): number {
  let error = 0;
  let whole = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    error += ((found[i] ?? Number.NaN) - value) ** 2;
    whole += value ** 2;
  }
  return error / whole;
}

/** The same work without kernels: norm, signs, transform, rounding at random. */
function plainJavaScript(length: number): { encode(values: Float32Array): void; decode(): void } {
  const size = 2 ** Math.ceil(Math.log2(length));
  const work = new Float32Array(size);
  const words = new Int32Array(size);
  const signs = Float32Array.from({ length: size }, () => (Math.random() < 0.5 ? -1 : 1));
  const at = (array: Float32Array | Int32Array, i: number): number => array[i] as number;
  const transform = (): void => {
    for (let stride = 1; stride < size; stride *= 2) {
      for (let group = 0; group < size; group += 2 * stride) {
        for (let i = group; i < group + stride; i += 1) {
          const a = at(work, i);
          const b = at(work, i + stride);
          work[i] = a + b;
          work[i + stride] = a - b;
        }
      }
    }
  };
  return {
    encode(values) {
      let squares = 0;
      for (let i = 0; i < length; i += 1) squares += at(values, i) * at(values, i);
      if (!Number.isFinite(squares)) throw new Error('not finite');
      const scale = 32767 / (0.0075 * Math.sqrt(size) * Math.max(1, Math.sqrt(squares)));
      work.fill(0);
      for (let i = 0; i < length; i += 1) work[i] = at(values, i) * at(signs, i) * scale;
      transform();
      for (let i = 0; i < size; i += 1) words[i] = Math.floor(at(work, i) + Math.random());
    },
    decode() {
      const scale = (0.0075 * Math.sqrt(size)) / 32767 / size;
      for (let i = 0; i < size; i += 1) work[i] = at(words, i);
      transform();
      for (let i = 0; i < length; i += 1) work[i] = at(work, i) * at(signs, i) * scale;
    },
  };
}
