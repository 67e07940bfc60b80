import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { isPrime } from '../ring/primes.ts';
import { product } from './ckks-chain.ts';
import { type CkksLiteral, ckksParameters, insecureCkksParameters } from './ckks-parameters.ts';
import { CKKS_PRESETS, type CkksPresetName, ckksPreset } from './ckks-presets.ts';
import { parameterId } from './identity.ts';
import { securityLimitBits } from './security.ts';

const names = Object.keys(CKKS_PRESETS) as CkksPresetName[];
const small: CkksLiteral = { degree: 64, levels: 3, scaleBits: 55, limbsPerLevel: 2, digits: 3 };

/** [levels, digits really used, special primes, whole bits counting 30 for each base and special prime]. */
const expected: Record<CkksPresetName, [number, number, number, number]> = {
  'learn-13s': [4, 3, 2, 202],
  'learn-13d': [2, 6, 1, 200],
  'learn-14s': [10, 3, 4, 430],
  'learn-14d': [5, 4, 3, 425],
  'learn-15s': [21, 3, 8, 858],
  'learn-15d': [10, 3, 8, 850],
  'learn-16d': [22, 3, 15, 1720],
};

describe('the presets', () => {
  it.each(names)('%s keeps the 128-bit table, special primes counted in, by exact arithmetic', (name) => {
    const p = ckksPreset(name);
    const limit = securityLimitBits(p.degree) ?? 0;
    const whole = product(p.dataPrimes) * product(p.special);
    expect(whole).toBeLessThan(2n ** BigInt(limit));
    expect(whole).toBeGreaterThan(2n ** BigInt(Math.floor(p.modulusBits) - 1));
    const [levels, digits, specials, bits] = expected[name];
    expect([p.topLevel, p.digits.length, p.special.length]).toEqual([levels, digits, specials]);
    expect(Math.abs(p.modulusBits - bits)).toBeLessThan(0.35);
  });

  it.each(names)(
    '%s: distinct primes of the right residue, special primes that cover every digit, no fewer',
    (name) => {
      const p = ckksPreset(name);
      const all = [...p.dataPrimes, ...p.special];
      expect(new Set(all).size).toBe(all.length);
      for (const q of all) {
        expect(q % (2 * p.degree)).toBe(1);
        expect(isPrime(q)).toBe(true);
        expect(q).toBeGreaterThan(2 ** 24);
        expect(q).toBeLessThan(2 ** 30);
      }
      const digits = p.digits.map(({ start, end }) => product(p.dataPrimes.slice(start, end)));
      for (const digit of digits) expect(product(p.special)).toBeGreaterThanOrEqual(digit);
      expect(digits.some((digit) => digit > product(p.special.slice(1)))).toBe(true);
      expect(p.digits[0]?.start).toBe(0);
      expect(p.digits.at(-1)?.end).toBe(p.dataPrimes.length);
    },
  );

  it.each(names)('%s: every scale is Δ² / q of the one above, and drifts less than primes in order would', (name) => {
    const p = ckksPreset(name);
    for (let level = p.topLevel; level >= 1; level--) {
      const q = product(p.levels[level - 1]);
      // Exactly, in integers: |Δ_(ℓ−1)·q − Δ_ℓ²| ≤ q·2^-65, all over 2^128.
      const difference = p.scales[level - 1].numerator * q * 2n ** 64n - p.scales[level].numerator ** 2n;
      const absolute = difference < 0n ? -difference : difference;
      expect(2n * absolute).toBeLessThanOrEqual(q * 2n ** 64n);
    }
    const drift = Math.max(...p.scales.map((scale) => Math.abs(Math.log2(scale.value) - p.scaleBits)));
    // The nearest unused primes, taken in order, lie this far off for log2 N = 13 to 16.
    const bounds = p.limbsPerLevel === 2 ? [0.0006, 0.0013, 0.0039, 0.0089] : [0.0083, 0.0083, 0.045, 0.19];
    expect(drift).toBeLessThan(bounds[Math.log2(p.degree) - 13]);
  });

  it('are the same objects every time and refuse foreign names', () => {
    expect(ckksPreset('learn-13s')).toBe(ckksPreset('learn-13s'));
    expect(() => ckksPreset('learn-12x' as CkksPresetName)).toThrow(/learn-12x/);
    expect(() => ckksPreset('toString' as CkksPresetName)).toThrow(ParameterError);
  });
});

describe('a parameter set', () => {
  it('above the table is refused with the numbers', () => {
    // Level 6 at N = 16384 in three digits would be 60 + 6·55 + 5·30 = 540 bits.
    const literal = { degree: 16384, levels: 6, scaleBits: 55, limbsPerLevel: 2, digits: 3 } as const;
    expect(() => ckksParameters(literal)).toThrow(/5[0-9][0-9]\.\d\d bits \(special primes included\) exceeds 430/);
    expect(() => insecureCkksParameters(literal)).not.toThrow();
  });

  it('of a degree outside the table is refused, and insecure ones say so wherever they print', () => {
    expect(() => ckksParameters(small)).toThrow(/degree 64 has no row/);
    const insecure = insecureCkksParameters(small);
    expect(insecure.secure).toBe(false);
    expect(String(insecure)).toContain('INSECURE');
    expect(insecure.description).toContain('INSECURE');
    expect(`${inspect(insecure)}`).toContain('INSECURE');
    expect(String(ckksPreset('learn-13d'))).not.toContain('INSECURE');
  });

  it('that makes no sense is refused by name and value', () => {
    const refused = (change: Partial<CkksLiteral>, message: RegExp): void => {
      const build = (): unknown => insecureCkksParameters({ ...small, ...change });
      expect(build).toThrow(ParameterError);
      expect(build).toThrow(message);
    };
    refused({ degree: 96 }, /degree 96/);
    refused({ degree: 2 ** 17 }, /degree 131072/);
    refused({ levels: -1 }, /levels -1/);
    refused({ levels: 1.5 }, /levels 1.5/);
    refused({ scaleBits: 60 }, /scaleBits 60 .*\[50, 59\]/);
    refused({ scaleBits: 55, limbsPerLevel: 1 }, /scaleBits 55 .*\[25, 29\]/);
    refused({ limbsPerLevel: 3 as 1 | 2 }, /limbsPerLevel 3/);
    refused({ baseLimbs: 0 as 1 | 2 }, /baseLimbs 0/);
    refused({ digits: 9 }, /digits 9 .*\[0, 8\]/);
    // S29 on one base limb would hold numbers below 1 only.
    refused({ limbsPerLevel: 1, scaleBits: 29 }, /two base limbs/);
    expect(() => insecureCkksParameters({ ...small, limbsPerLevel: 1, baseLimbs: 2, scaleBits: 29 })).not.toThrow();
  });

  it('is frozen all the way down', () => {
    const p = insecureCkksParameters(small);
    for (const part of [p, p.base, p.levels, p.levels[0], p.special, p.scales, p.digits, p.digits[0], p.dataPrimes]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('without key switching has no special primes', () => {
    const p = insecureCkksParameters({ ...small, digits: 0 });
    expect([p.special.length, p.digits.length]).toEqual([0, 0]);
  });

  it('is identified by the SHA-256 of a description that names every prime', () => {
    const primitives = {
      randomBytes: () => new Uint8Array(),
      chacha20: () => {},
      sha256: (...chunks: readonly Uint8Array[]) => {
        const hash = createHash('sha256');
        for (const chunk of chunks) hash.update(chunk);
        return Uint8Array.from(hash.digest());
      },
    };
    const p = ckksPreset('learn-13s');
    for (const q of [...p.dataPrimes, ...p.special]) expect(p.description).toContain(String(q));
    const id = parameterId(primitives, p.description);
    expect(id).toEqual(Uint8Array.from(createHash('sha256').update(p.description, 'ascii').digest()));
    const other = insecureCkksParameters(CKKS_PRESETS['learn-13s']);
    expect(parameterId(primitives, other.description)).not.toEqual(id);
    expect(() => parameterId(primitives, 'Δ')).toThrow(ParameterError);
  });

  it('has a known description, because it is part of the format', () => {
    expect(ckksPreset('learn-13s').description).toMatchInlineSnapshot(
      `"sumus ckks 1; degree 8192; base 1073479681; levels 268730369, 268271617, 268582913, 268369921; special 1073692673 1073643521; digits 0-2 2-4 4-5; scale 2^28; secret ternary; error centred binomial 21"`,
    );
  });
});
