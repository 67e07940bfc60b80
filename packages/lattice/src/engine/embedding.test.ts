// The encoding kernels of both engines: the integer ones against big integers, all of them in the same bits. What the transform
// computes is tested against the plain sum in ckks/encoding.test.ts.

import { beforeAll, describe, expect, test } from 'vitest';
import { invertModulo, shoupQuotient } from '../arithmetic/modular.ts';
import { createEmbedding } from '../ckks/encoding-embedding.ts';
import { numbers } from '../ckks/encoding-naive.contract.ts';
import { primesBelow } from '../ring/primes.ts';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { filled, seededWords } from './seeded-words.contract.ts';

const PRIMES = [2 ** 30, 2 ** 29, 2 ** 27.5, 2 ** 24 + 2 ** 20].map(
  (size) => primesBelow(Math.floor(size), 1, 4096)[0],
);

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await wasmEngine(), referenceEngine()];
});

/** Runs `work` in both engines on a copy of the input at its first address; the output's bytes must be equal. Returns them. */
function inBoth(
  input: Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  outputBytes: number,
  work: (engine: Engine, input: number, output: number) => void,
): ArrayBuffer {
  const [first, second] = engines.map((engine) =>
    engine.memory.scope(() => {
      const source = engine.memory.allocate(input.byteLength);
      const target = engine.memory.allocate(outputBytes);
      engine.memory.u8(source, input.byteLength).set(new Uint8Array(input.buffer));
      engine.memory.u8(target, outputBytes).fill(0);
      work(engine, source, target);
      return engine.memory.u8(target, outputBytes).slice();
    }),
  );
  expect(Buffer.compare(first, second)).toBe(0);
  return first.buffer;
}

/** Values whose rounding is delicate: halves, the seams of the 30-bit halves, the ends of the range; then all magnitudes. */
function delicateValues(count: number): Float64Array<ArrayBuffer> {
  const edge = 2 ** 61 - 2 ** 31;
  const fixed = [
    ...[0, -0, 0.5, -0.5, 1.5, 2.5, -1.5, -2.5, 0.49999999999999994, 2 ** 29, 2 ** 29 + 0.5, -(2 ** 29) - 0.5],
    ...[2 ** 30 - 0.5, 2 ** 52 + 1, 2 ** 53 - 1, 2 ** 54 + 4, -(2 ** 60), 3 * 2 ** 58 + 2 ** 29, edge, -edge, 5e-324],
  ];
  const { real } = numbers(count, 1, 77);
  return Float64Array.from({ length: count }, (_, i) => fixed[i] ?? real[i] * 2 ** (i % 62));
}

/** The nearest integer, half to even. */
function nearestInteger(x: number): bigint {
  if (Math.abs(x) >= 2 ** 52) return BigInt(x);
  const floor = Math.floor(x);
  const fraction = x - floor;
  return BigInt(fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0) ? floor + 1 : floor);
}

const residue = (x: bigint, q: number): number => Number(((x % BigInt(q)) + BigInt(q)) % BigInt(q));

test('doubles are rounded to the nearest integer, half to even, modulo every prime', () => {
  const n = 512;
  const values = delicateValues(n);
  const factor = 0.75;
  for (const q of PRIMES) {
    const out = new Uint32Array(
      inBoth(values, 4 * n, ({ embedding, memory }, input, output) => {
        const [highs, lows] = [memory.allocate(4 * n), memory.allocate(4 * n)];
        const shift = 2 ** 30 % q;
        const offset = residue(-(2n ** 61n) - 2n ** 29n, q);
        embedding.splitCoefficients(highs, lows, input, n, factor);
        embedding.residuesFromHalves(
          output,
          highs,
          lows,
          n,
          q,
          shift,
          shoupQuotient(shift, q),
          offset,
          Math.floor(2 ** 32 / q),
        );
      }),
    );
    for (let i = 0; i < n; i++) expect(out[i]).toBe(residue(nearestInteger(values[i] * factor), q));
  }
});

test('the ends of the range of rounding are reached exactly', () => {
  const edge = 2 ** 61 - 2 ** 31;
  const values = Float64Array.of(edge, -edge, edge - 256, -edge + 256);
  const q = PRIMES[0];
  const out = new Uint32Array(
    inBoth(values, 16, ({ embedding, memory }, input, output) => {
      const [highs, lows] = [memory.allocate(16), memory.allocate(16)];
      const shift = 2 ** 30 % q;
      const offset = residue(-(2n ** 61n) - 2n ** 29n, q);
      embedding.splitCoefficients(highs, lows, input, 4, 1);
      embedding.residuesFromHalves(
        output,
        highs,
        lows,
        4,
        q,
        shift,
        shoupQuotient(shift, q),
        offset,
        Math.floor(2 ** 32 / q),
      );
    }),
  );
  expect([...out]).toEqual([...values].map((x) => residue(BigInt(x), q)));
});

test('one prime: values are centred', () => {
  const n = 64;
  const next = seededWords(1);
  for (const q of PRIMES) {
    const residues = filled('extremes', n, q, next);
    residues.set([(q - 1) / 2, (q + 1) / 2]);
    const out = new Float64Array(
      inBoth(residues, 8 * n, ({ embedding }, input, output) => embedding.composeOne(output, input, n, q, 0.3)),
    );
    residues.forEach((r, i) => {
      expect(out[i]).toBe((r > q / 2 ? r - q : r) * 0.3);
    });
  }
});

test('two primes of any sizes and order: the centred value, to 2^-51', () => {
  const n = 256;
  const next = seededWords(2);
  for (const p of PRIMES) {
    for (const q of PRIMES) {
      if (p === q) continue;
      const [bigP, bigQ] = [BigInt(p), BigInt(q)];
      const half = (bigP * bigQ - 1n) / 2n;
      const edges = [
        0n,
        1n,
        -1n,
        half,
        -half,
        half - 1n,
        bigP,
        -bigP,
        (bigP - 1n) / 2n,
        (bigP + 1n) / 2n,
        -(bigP + 1n) / 2n,
      ];
      const exact = Array.from({ length: n }, (_, i) => edges[i] ?? (BigInt(next()) * BigInt(next())) % half);
      const residues = new Uint32Array(2 * n);
      exact.forEach((x, i) => {
        residues[i] = residue(x, p);
        residues[n + i] = residue(x, q);
      });
      const offset = (q - 1) / 2 + q * Math.ceil(2 ** 30 / q);
      const inverse = invertModulo(p % q, q);
      const out = new Float64Array(
        inBoth(residues, 8 * n, ({ embedding }, input, output) =>
          embedding.composeTwo(output, input, input + 4 * n, n, p, q, offset, inverse, shoupQuotient(inverse, q), 1),
        ),
      );
      exact.forEach((x, i) => {
        expect(Math.abs(out[i] - Number(x))).toBeLessThanOrEqual(Math.abs(Number(x)) * 2 ** -51);
      });
    }
  }
});

test('digits are centred, weighted and added', () => {
  const n = 32;
  const q = PRIMES[1];
  const digits = filled('extremes', n, q, seededWords(3));
  const out = new Float64Array(
    inBoth(digits, 8 * n, ({ embedding, memory }, input, output) => {
      memory.f64(output, n).fill(0.25);
      embedding.addDigits(output, input, n, q, 2 ** 70 / 3);
      embedding.scaleDoubles(output, n, 1e-3);
    }),
  );
  digits.forEach((d, i) => {
    expect(out[i]).toBe((0.25 + (d - (q - 1) / 2) * (2 ** 70 / 3)) * 1e-3);
  });
});

test('a lower half is completed to the polynomial that X → 1/X leaves alone', () => {
  const q = PRIMES[2];
  for (const n of [16, 64]) {
    const residues = filled('extremes', n, q, seededWords(n));
    const out = new Uint32Array(
      inBoth(residues, 4 * n, ({ embedding, memory }, input, output) => {
        memory.u32(output, n).set(memory.u32(input, n));
        embedding.mirrorResidues(output, n, q);
      }),
    );
    for (let k = 0; k < n / 2; k++) expect(out[k]).toBe(residues[k]);
    expect(out[n / 2]).toBe(0);
    for (let k = 1; k < n / 2; k++) expect((out[n - k] + out[k]) % q).toBe(0);
    expect(Math.max(...out)).toBeLessThan(q);
  }
});

test('residues are spread and collected', () => {
  const residues = filled('random', 16, 2 ** 30, seededWords(4));
  const out = new Uint32Array(
    inBoth(residues, 4 * 64, ({ embedding }, input, output) => embedding.spreadResidues(output, input, 16, 4)),
  );
  out.forEach((r, i) => {
    expect(r).toBe(i % 4 === 0 ? residues[i / 4] : 0);
  });
  const back = inBoth(out, 64, ({ embedding }, input, output) => embedding.collectResidues(output, input, 16, 4));
  expect(new Uint32Array(back)).toEqual(residues);
});

describe('magnitudes', () => {
  const n = 34;
  const beyond = (engine: Engine, values: Float64Array<ArrayBuffer>, bound: number): number =>
    engine.memory.scope(() => {
      const at = engine.memory.allocate(8 * n);
      engine.memory.f64(at, n).set(values);
      return engine.embedding.exceedsMagnitude(at, n, bound);
    });

  test('up to the bound pass, at every position', () => {
    for (const engine of engines) {
      expect(beyond(engine, new Float64Array(n).fill(-3.5), 3.5)).toBe(0);
      expect(beyond(engine, new Float64Array(n).fill(-0), 5e-324)).toBe(0);
    }
  });

  test.each([
    3.5000000000000004,
    -3.5000000000000004,
    Number.NaN,
    -Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ])('%d is beyond 3.5, at every position', (bad) => {
    for (const engine of engines) {
      for (let i = 0; i < n; i++) expect(beyond(engine, new Float64Array(n).fill(1).fill(bad, i, i + 1), 3.5)).toBe(1);
    }
  });
});

test.each([8, 16, 32, 64, 128, 1024, 4096])(
  'the transforms of %i numbers have the same bits and undo each other',
  (slots) => {
    const { real, imaginary } = numbers(slots, 1, slots);
    const input = Float64Array.of(...real, ...imaginary);
    // Zeros of both signs among them.
    input[3] = 0;
    input[slots] = -0;
    const coefficients = new Float64Array(
      inBoth(input, 16 * slots, (engine, at, out) => {
        const { middle, last } = tables.get(engine) ?? { middle: 0, last: 0 };
        engine.embedding.slotsToCoefficients(out, at, at + 8 * slots, middle, last, slots);
      }),
    );
    const back = new Float64Array(
      inBoth(coefficients, 16 * slots, (engine, at, out) => {
        const { middle, last } = tables.get(engine) ?? { middle: 0, last: 0 };
        engine.embedding.coefficientsToSlots(out, out + 8 * slots, at, middle, last, slots);
      }),
    );
    back.forEach((x, i) => {
      expect(Math.abs(x / slots - input[i])).toBeLessThan(2 ** -47);
    });
  },
);

// Tables are made outside scopes, once for the largest size.
const tables = new Map<Engine, { readonly middle: number; readonly last: number }>();
beforeAll(() => {
  for (const engine of engines) tables.set(engine, createEmbedding({ engine }, 8192));
});
