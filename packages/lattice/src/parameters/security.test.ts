import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { ckksPreset, requireSecure, securityLimitBits } from './index.ts';

// Security Guidelines for Implementing Homomorphic Encryption (eprint 2024/463), table 5.2, 128 bits classical, ternary secret.
const TABLE: readonly (readonly [number, number])[] = [
  [1024, 26],
  [2048, 53],
  [4096, 106],
  [8192, 214],
  [16384, 430],
  [32768, 868],
  [65536, 1747],
  [131072, 3523],
];

describe('the 128-bit table', () => {
  it('holds the numbers of the guidelines', () => {
    for (const [degree, bits] of TABLE) expect(securityLimitBits(degree)).toBe(bits);
    for (const degree of [512, 1000, 3000, 262144, 0, -1024, Number.NaN]) {
      expect(securityLimitBits(degree)).toBeUndefined();
    }
  });

  it('admits what is at its limit and refuses what is above, with the numbers', () => {
    for (const [degree, bits] of TABLE) {
      expect(() => requireSecure(degree, bits)).not.toThrow();
      expect(() => requireSecure(degree, bits + 0.01)).toThrow(ParameterError);
      expect(() => requireSecure(degree, bits + 0.01)).toThrow(`${bits}.01 bits`);
      expect(() => requireSecure(degree, bits + 1)).toThrow(`exceeds ${bits}, the most for N = ${degree}`);
    }
  });

  it('refuses degrees that it has no row for, and numbers that are none', () => {
    for (const degree of [16, 512, 5000]) expect(() => requireSecure(degree, 1)).toThrow(`degree ${degree} has no row`);
    expect(() => requireSecure(4096, Number.NaN)).toThrow(ParameterError);
    expect(() => requireSecure(4096, Number.POSITIVE_INFINITY)).toThrow(ParameterError);
  });

  it('counts special primes: every named set keeps its limit with them', () => {
    const names = ['learn-13s', 'learn-13d', 'learn-14s', 'learn-14d', 'learn-15s', 'learn-15d', 'learn-16d'] as const;
    for (const name of names) {
      const { degree, dataPrimes, special, modulusBits } = ckksPreset(name);
      const bits = [...dataPrimes, ...special].reduce((sum, q) => sum + Math.log2(q), 0);
      expect(special.length).toBeGreaterThan(0);
      expect(modulusBits).toBeCloseTo(bits, 6);
      expect(bits).toBeLessThanOrEqual(securityLimitBits(degree) ?? 0);
    }
  });
});
