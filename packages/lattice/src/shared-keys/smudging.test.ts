import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { encryptVector } from '../integers/index.ts';
import { CENTRED_BINOMIAL_21 } from '../parameters/distributions.ts';
import { smudgingShape } from '../random/index.ts';
import { toCoefficients, toIntegers } from '../ring/operations.ts';
import { PRIME_BOUND, primesBelow } from '../ring/primes.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { phase, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { sharedCiphertext, sharedIntegerParameters } from './integers.ts';
import { combineAnswers, partialDecrypt } from './partial-decryption.ts';
import { activeSet } from './roster.ts';
import { coarse, type FloodingOptions, flooding, freshSumStddev, neededModulusBits, requireRoom } from './smudging.ts';

/** A million values of 16 bits, an epoch of 1000 rounds; σ_sm and modulus (at 8 deviations) computed apart, by hand. */
const rows = [
  { n: 10, parties: 10, lanes: [20, 7], chunks: 18, sigma: 64.3, needed: 209.95 },
  { n: 100, parties: 100, lanes: [23, 6], chunks: 21, sigma: 67.7, needed: 213.05 },
  { n: 100, parties: 100, lanes: [23, 5], chunks: 25, sigma: 67.9, needed: 190.2 },
  {
    n: 100,
    parties: 100,
    lanes: [23, 6],
    chunks: 21,
    sigma: 60.2,
    needed: 205.6,
    measure: 'kullbackLeibler',
    bits: 64,
  },
  { n: 1000, parties: 100, lanes: [26, 5], chunks: 25, sigma: 69.5, needed: 206.8 },
] as const;

function optionsOf(row: (typeof rows)[number]): FloodingOptions {
  const degree = 8192;
  const ciphertextNoiseStddev = freshSumStddev({
    degree,
    error: CENTRED_BINOMIAL_21,
    summands: row.n,
    keyParties: row.parties,
  });
  return {
    degree,
    ciphertextNoiseStddev,
    answers: row.parties,
    decryptions: 1000 * row.chunks,
    ...('measure' in row ? { measure: row.measure, statisticalBits: row.bits } : {}),
  };
}

describe('the size of the flooding', () => {
  it('is what was computed by hand, row by row, and so is the modulus, which 14.7 deviations make 0.88 bits larger than 8 do', () => {
    for (const row of rows) {
      const chosen = flooding(optionsOf(row));
      expect(Math.abs(chosen.stddevLog2 - row.sigma)).toBeLessThan(0.06);
      const needed = neededModulusBits(chosen, { kind: 'exact', bits: row.lanes[0] * row.lanes[1] });
      const atEight = needed - Math.log2(chosen.tailFactor / 8);
      expect(Math.abs(atEight - row.needed)).toBeLessThan(0.06);
      expect(chosen.tailFactor).toBeGreaterThanOrEqual(14.7);
      expect(chosen.tailFactor).toBeLessThan(14.8);
    }
  });

  it('is σ_ct·√(N·Q)·2^(s−1) in total variation and σ_ct·√(N·Q/2)·2^(s/2) in divergence, to the last digit', () => {
    const base = { degree: 4096, ciphertextNoiseStddev: 1000, answers: 3, decryptions: 77 };
    expect(2 ** flooding({ ...base, statisticalBits: 43 }).stddevLog2).toBeCloseTo(
      1000 * Math.sqrt(4096 * 77) * 2 ** 42,
      -8,
    );
    expect(2 ** flooding({ ...base, statisticalBits: 64, measure: 'kullbackLeibler' }).stddevLog2).toBeCloseTo(
      1000 * Math.sqrt((4096 * 77) / 2) * 2 ** 32,
      -5,
    );
  });

  it('refuses what it cannot promise', () => {
    const base = { degree: 8192, ciphertextNoiseStddev: 2 ** 15, answers: 3, decryptions: 1000 };
    for (const wrong of [
      { statisticalBits: 39 },
      { statisticalBits: 65 },
      { statisticalBits: Number.NaN },
      { decryptions: 0 },
      { decryptions: 1.5 },
      { ciphertextNoiseStddev: 0.5 },
      { ciphertextNoiseStddev: Number.POSITIVE_INFINITY },
      { answers: 0 },
      { statisticalBits: 64, decryptions: 2 ** 30 },
    ]) {
      expect(() => flooding({ ...base, ...wrong }), JSON.stringify(wrong)).toThrow(ParameterError);
    }
  });

  it('bounds results by the deviation that the sampler really has, up to √(4² + 1/6)/4 times σ', () => {
    // σ_sm = 2^(42 + 3 + 5) exactly: the narrow Gaussian under it has σ₀ = 4, where the excess is largest.
    const chosen = flooding({
      degree: 1024,
      ciphertextNoiseStddev: 8,
      answers: 9,
      decryptions: 1,
      statisticalBits: 43,
    });
    expect(chosen.stddevLog2).toBe(50);
    expect(smudgingShape(chosen.stddevLog2)).toEqual({ stddev: 4, shift: 48 });
    const real = 2 ** 48 * Math.sqrt(4 ** 2 + 1 / 6);
    expect(chosen.resultNoiseBoundLog2).toBeGreaterThanOrEqual(Math.log2(chosen.tailFactor * (8 + 3 * real)));
  });

  it('refuses a measure that there is not by its name', () => {
    const base = { degree: 8192, ciphertextNoiseStddev: 2 ** 15, answers: 3, decryptions: 1000 };
    expect(() => flooding({ ...base, ...Object({ measure: 'entropy' }) })).toThrow(
      /there is no measure entropy: totalVariation or kullbackLeibler/,
    );
    expect(() => flooding({ ...base, ...Object({ measure: 'toString' }) })).toThrow(/there is no measure toString/);
  });

  it('refuses a modulus without room, with the numbers', () => {
    const chosen = flooding(optionsOf(rows[1]));
    const bits = 7 * Math.log2(2 ** 30);
    expect(() => requireRoom(chosen, { kind: 'exact', bits: 138 }, bits)).toThrow(
      /a modulus of 210.00 bits does not hold 138.00 bits of content .* 213.9\d bits are needed/,
    );
    expect(() => requireRoom(chosen, { kind: 'exact', bits: 115 }, bits)).not.toThrow();
  });

  it('refuses at parameter creation what would not fit 14.7 deviations', () => {
    const integers = {
      degree: 8192,
      plaintext: { kind: 'lanes', valueBits: 16, signed: true, lanes: 6 },
      additions: 100,
      primes: primesBelow(PRIME_BOUND, 7, 8192),
    } as const;
    const members = Array.from({ length: 100 }, (_, i) => i + 1);
    const literal = { integers, members, threshold: 51, decryptions: 21000, sums: 'plain' } as const;
    expect(() => sharedIntegerParameters(literal)).toThrow(ParameterError);
    const { lanes, ...fitting } = integers.plaintext;
    expect(lanes).toBe(6);
    expect(sharedIntegerParameters({ ...literal, integers: { ...integers, plaintext: fitting } }).integers.lanes).toBe(
      5,
    );
  });

  it('rounds up to seven bits, the same on every platform', () => {
    expect(coarse(1)).toBe(1);
    expect(coarse(129)).toBe(130);
    expect(coarse(2 ** 68)).toBe(2 ** 68);
    expect(coarse(2 ** 68 + 2 ** 30)).toBe(65 * 2 ** 62);
  });
});

const variance = (values: readonly bigint[], unit: number): number =>
  values.reduce((sum, x) => sum + (Number(x) / unit) ** 2, 0) / values.length;

describe('the noise that is hidden', () => {
  it('of a fresh encryption under a key of n parties has σ²(1 + (4/3)·N·n)', async () => {
    const degree = 256;
    const measured: bigint[] = [];
    for (let seed = 1; seed <= 16; seed++) {
      const founded = await insecureFounded({ degree, members: [1, 2, 3, 4, 5] }, seed);
      const vector = encryptVector(founded.lattice, founded.publicKey, founded.integers, new Array(8 * degree).fill(0));
      for (const ciphertext of vector.ciphertexts) {
        const { c0, c1 } = sharedCiphertext(founded.epoch, ciphertext);
        measured.push(...phase(founded, c0, c1));
      }
    }
    const sigma = freshSumStddev({ degree, error: CENTRED_BINOMIAL_21, summands: 1, keyParties: 5 });
    // 16 keys of ‖s‖² ± 8 % each: 2 % in the mean, five deviations are 10 %.
    expect(Math.abs(variance(measured, sigma) - 1)).toBeLessThan(0.1);
    expect(Math.abs(variance(measured, 1.2 * sigma) - 1)).toBeGreaterThan(0.1);
  });

  it('has a norm within a few per cent of √N·σ_ct at N = 4096', async () => {
    const degree = 4096;
    const founded = await insecureFounded({ degree, primeCount: 4 });
    const vector = encryptVector(founded.lattice, founded.publicKey, founded.integers, [0]);
    const { c0, c1 } = sharedCiphertext(founded.epoch, vector.ciphertexts[0]);
    const sigma = freshSumStddev({ degree, error: CENTRED_BINOMIAL_21, summands: 1, keyParties: 5 });
    expect(Math.abs(Math.sqrt(variance(phase(founded, c0, c1), sigma)) - 1)).toBeLessThan(0.1);
  });

  it('is covered: the noise of results has deviation √t·σ_sm, and v does not show in it; without flooding the test sees v', async () => {
    const founded = await insecureFounded({ primeCount: 5 });
    const { epoch, lattice, publicKey, integers, key } = founded;
    const set = activeSet(epoch.roster, [1, 2, 4]);
    const vector = encryptVector(lattice, publicKey, integers, new Array(60 * integers.degree).fill(0));
    const noises: bigint[] = [];
    const own: bigint[] = [];
    for (const ciphertext of vector.ciphertexts) {
      const shared = sharedCiphertext(epoch, ciphertext);
      const answers = set.members.map((member) =>
        partialDecrypt(shareOf(founded, member), new DecryptionLedger(member).authorise(epoch, shared, set)),
      );
      noises.push(...toIntegers(toCoefficients(combineAnswers(epoch, shared, set, answers))));
      own.push(...phase(founded, shared.c0, shared.c1));
    }
    const sigma = Math.sqrt(3) * 2 ** key.flooding.stddevLog2;
    // 3840 values: a variance ± 2.3 %, a correlation ± 1.6 %; five deviations each.
    expect(Math.abs(variance(noises, sigma) - 1)).toBeLessThan(0.12);
    expect(Math.abs(variance(noises, 1.2 * sigma) - 1)).toBeGreaterThan(0.12);
    expect(noises.every((x) => Math.abs(Number(x)) < 2 ** key.flooding.resultNoiseBoundLog2)).toBe(true);
    const correlation = (values: readonly number[]): number => {
      const sums = values.reduce((sum, x, i) => sum + x * Number(own[i]), 0);
      const norms = values.reduce((sum, x) => sum + x * x, 0) * own.reduce((sum, v) => sum + Number(v) ** 2, 0);
      return Math.abs(sums / Math.sqrt(norms));
    };
    expect(correlation(noises.map(Number))).toBeLessThan(0.08);
    // A build that floods with four times the noise of v: planted.
    const weak = noises.map((x, i) => Number(own[i]) + (256 * Number(x)) / sigma);
    expect(correlation(weak)).toBeGreaterThan(0.08);
  });
});
