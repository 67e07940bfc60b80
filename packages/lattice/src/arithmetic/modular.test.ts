import { describe, expect, it } from 'vitest';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { invertModulo, multiplyModulo, powerModulo, shoupQuotient } from './modular.ts';

const next = seededWords(11);
const moduli = [2, 3, 16777729, 1073692673, 2 ** 31 - 1, 2 ** 32 - 5, 2 ** 32 - 1];
const operands = [0, 1, 2, 65535, 65536, 2 ** 31, 2 ** 32 - 1, ...Array.from({ length: 40 }, next)];

describe('exact modular arithmetic in doubles', () => {
  it('multiplies as big integers do, at every extreme of its operands', () => {
    for (const q of moduli) {
      for (const a of operands) {
        for (const b of operands) expect(multiplyModulo(a, b, q)).toBe(Number((BigInt(a) * BigInt(b)) % BigInt(q)));
      }
    }
  });

  it('raises to powers as repeated multiplication does', () => {
    for (const q of moduli) {
      let power = 1n % BigInt(q);
      for (let exponent = 0; exponent < 70; exponent++) {
        expect(powerModulo(123456789, exponent, q)).toBe(Number(power));
        power = (power * 123456789n) % BigInt(q);
      }
    }
  });

  it('inverts modulo primes', () => {
    for (const q of [3, 16777729, 1073692673, 2 ** 31 - 1]) {
      for (const a of operands.map((x) => x % q).filter((x) => x !== 0)) {
        expect(multiplyModulo(a, invertModulo(a, q), q)).toBe(1);
      }
    }
  });

  it('gives Shoup quotients that are exact floors', () => {
    for (const q of [16777729, 16777213, 1073692673, 1073741789, 2 ** 29 + 11]) {
      for (const w of [0, 1, 2, q - 1, q - 2, q >>> 1, ...Array.from({ length: 200 }, () => next() % q)]) {
        expect(BigInt(shoupQuotient(w, q))).toBe((BigInt(w) << 32n) / BigInt(q));
      }
    }
  });
});
