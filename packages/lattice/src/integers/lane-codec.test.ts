import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import {
  type IntegerLiteral,
  type IntegerParameters,
  insecureIntegerParameters,
} from '../parameters/integer-parameters.ts';
import { allocateBlock, loadBlock, readBlock } from '../ring/blocks.ts';
import { centred } from '../ring/naive-polynomial.contract.ts';
import { fromIntegers, toIntegers } from '../ring/operations.ts';
import { coefficientPolynomial } from '../ring/polynomial.ts';
import { modulusOf, ring } from '../ring/ring.ts';
import { integerCodec } from './ciphertext.ts';
import { packBlock, unpackBlock } from './lane-codec.ts';
import { NoiseAboveBound } from './noise-above-bound.ts';

const N = 64;
const engines = [await wasmEngine(), referenceEngine()];

const base = { degree: N, additions: 10, key: 'public' } as const;
const SHAPES: readonly (readonly [string, IntegerLiteral['plaintext']])[] = [
  ['one signed lane', { kind: 'lanes', valueBits: 16, signed: true, lanes: 1 }],
  ['three signed lanes', { kind: 'lanes', valueBits: 16, signed: true, lanes: 3 }],
  ['nine unsigned lanes', { kind: 'lanes', valueBits: 16, signed: false, lanes: 9 }],
  ['lanes of two digits', { kind: 'lanes', valueBits: 32, signed: true, lanes: 2 }],
  ['unsigned 32-bit words', { kind: 'lanes', valueBits: 32, signed: false, lanes: 2 }],
  ['bits', { kind: 'lanes', valueBits: 1, signed: false, lanes: 7 }],
  ['modulo a prime, signed', { kind: 'modular', modulus: 65537, signed: true }],
  ['modulo an even number, signed', { kind: 'modular', modulus: 1_000_000, signed: true }],
  ['modulo three', { kind: 'modular', modulus: 3, signed: false }],
  ['modulo 2^30', { kind: 'modular', modulus: 2 ** 30, signed: false }],
  ['modulo 2^32, signed', { kind: 'modular', modulus: 2 ** 32, signed: true }],
  ['modulo 2^32, unsigned', { kind: 'modular', modulus: 2 ** 32, signed: false }],
];

/** Values of the whole range with its ends. */
function someValues({ lowest, highest, valuesPerCiphertext }: IntegerParameters, seed: number): number[] {
  const next = seededWords(seed);
  const span = highest - lowest + 1;
  return Array.from({ length: valuesPerCiphertext }, (_, i) => {
    if (i % 7 === 0) return lowest;
    if (i % 7 === 3) return highest;
    return lowest + Math.floor((next() / 2 ** 32) * span);
  });
}

/** M_i = Σ_l x_(l·N + i)·2^(w·l). */
function packedNaively({ lanes, laneBits }: IntegerParameters, values: readonly number[]): bigint[] {
  return Array.from({ length: N }, (_, i) => {
    let m = 0n;
    for (let lane = 0; lane < lanes; lane++) m += BigInt(values[lane * N + i]) << BigInt(laneBits * lane);
    return m;
  });
}

describe.each(engines)('lanes in the $name engine', (engine) => {
  describe.each(SHAPES)('%s', (_name, plaintext) => {
    const parameters = insecureIntegerParameters({ ...base, plaintext });
    const over = ring(engine, N, parameters.primes);
    const codec = integerCodec(over, parameters);
    const q = modulusOf(over);
    const t = parameters.plaintextModulus;

    it('enter the ring as T^-1·M, which is the integer next to q·M′/T for M′ = −q^-1·M mod T', () => {
      const values = someValues(parameters, 1);
      const encoded = engine.memory.scope(() => {
        const words = engine.memory.allocate(4 * values.length);
        engine.memory.i32(words, values.length).set(values.map((v) => v | 0));
        const out = allocateBlock(over);
        packBlock(codec, out, words);
        return toIntegers(coefficientPolynomial(over, readBlock(over, out)));
      });
      packedNaively(parameters, values).forEach((m, i) => {
        expect(centred(encoded[i] * t - m, q)).toBe(0n);
        const relabelled = (((-modularInverse(q, t) * m) % t) + t) % t;
        expect((q * relabelled + m) % t).toBe(0n);
        expect(centred(encoded[i] - (q * relabelled + m) / t, q)).toBe(0n);
      });
    });

    it('come back out of a sum with noise up to the bound, and are refused beyond it', () => {
      const values = someValues(parameters, 2);
      const packed = packedNaively(parameters, values);
      const inverse = modularInverse(t, q);
      const fraction = 0.4;
      // T·noise + M at ±0.3999 of q, zero, and everything between.
      const most = ((q * 3999n) / 10000n - t) / t;
      const decode = (noise: (i: number) => bigint): Float64Array => {
        const sum = packed.map((m, i) => (m + t * noise(i)) * inverse);
        return engine.memory.scope(() => {
          const block = loadBlock(fromIntegers(over, sum));
          const out = engine.memory.allocate(8 * parameters.valuesPerCiphertext);
          unpackBlock(codec, out, block, fraction, 'a test');
          return engine.memory.f64(out, parameters.valuesPerCiphertext).slice();
        });
      };
      for (const noise of [() => 0n, () => most, () => -most, (i: number) => (BigInt(i - 32) * most) / 32n]) {
        expect(Array.from(decode(noise))).toEqual(values.map((v) => v + 0));
      }
      const beyond = (q * 4001n) / 10000n / t;
      for (const index of [0, 17, N - 1]) {
        for (const tampered of [beyond, -beyond, q / t / 2n, -(q / t / 2n)]) {
          expect(() => decode((i) => (i === index ? tampered : 0n))).toThrow(NoiseAboveBound);
        }
      }
    });

    it('are refused at the stated resolution: (2.5·primes + 1)·2^-24 of q beyond the bound', () => {
      const packed = packedNaively(parameters, someValues(parameters, 4));
      const inverse = modularInverse(t, q);
      const decodes = (fraction: number, distance: bigint, index: number): boolean => {
        const sum = packed.map((m, i) => (i === index ? distance : m) * inverse);
        return engine.memory.scope(() => {
          const block = loadBlock(fromIntegers(over, sum));
          try {
            unpackBlock(codec, engine.memory.allocate(8 * parameters.valuesPerCiphertext), block, fraction, 'a test');
            return true;
          } catch (error) {
            if (error instanceof NoiseAboveBound) return false;
            throw error;
          }
        });
      };
      for (const fraction of [2 ** -4, 0.3, 7 / 16]) {
        const bound = (q * BigInt(Math.floor(fraction * 2 ** 40))) >> 40n;
        const slack = ((q * BigInt(5 * over.moduli.length + 2)) >> 25n) + 2n;
        for (const sign of [1n, -1n]) {
          expect(decodes(fraction, sign * bound, 5)).toBe(true);
          expect(decodes(fraction, sign * (bound + slack), 5)).toBe(false);
        }
      }
    });
  });
});

function modularInverse(a: bigint, m: bigint): bigint {
  let [r, next, x, nextX] = [m, a % m, 0n, 1n];
  while (next !== 0n) [r, next, x, nextX] = [next, r % next, nextX, x - (r / next) * nextX];
  return x;
}

describe('engines', () => {
  it('give the same bytes for the same lanes', () => {
    for (const [, plaintext] of SHAPES) {
      const parameters = insecureIntegerParameters({ ...base, plaintext });
      const values = someValues(parameters, 3);
      const [wasm, reference] = engines.map((engine) => {
        const over = ring(engine, N, parameters.primes);
        const codec = integerCodec(over, parameters);
        return engine.memory.scope(() => {
          const words = engine.memory.allocate(4 * values.length);
          engine.memory.i32(words, values.length).set(values.map((v) => v | 0));
          const out = allocateBlock(over);
          packBlock(codec, out, words);
          return readBlock(over, out);
        });
      });
      expect(wasm).toEqual(reference);
    }
  });
});
