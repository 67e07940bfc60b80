import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { product } from '../parameters/ckks-chain.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { CENTRED_BINOMIAL_21 } from '../parameters/distributions.ts';
import { expandUniform } from '../random/index.ts';
import { allocateBlock, loadBlock, readBlock } from '../ring/blocks.ts';
import {
  add,
  automorphismOfEvaluations,
  fromIntegers,
  multiply,
  subtract,
  toCoefficients,
  toIntegers,
} from '../ring/operations.ts';
import { type CoefficientPolynomial, type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { type Ring, ring, subring } from '../ring/ring.ts';
import { encryptZeroPublic, encryptZeroSymmetric } from './encrypt-zero.ts';
import {
  generateGaloisKey,
  generateRelinearisationKey,
  inverseElement,
  keyBytes,
  rotationElement,
} from './evaluation-key.ts';
import { generateSecretKey } from './generate.ts';
import { generateKeySwitchingKey, type KeySwitchingKey } from './key-switching-key.ts';
import { reproduciblePrimitives } from './node-lattice.contract.ts';
import { generatePublicKey } from './public-key.ts';
import { restrict } from './restrict.ts';

const parameters = insecureCkksParameters({ degree: 64, levels: 2, scaleBits: 55, limbsPerLevel: 2, digits: 3 });
const engines = [await wasmEngine(), referenceEngine()];
const lattices: Lattice[] = engines.map((engine) => ({ engine, primitives: reproduciblePrimitives(5) }));
const lattice = lattices[0];
const whole = ring(lattice.engine, 64, [...parameters.dataPrimes, ...parameters.special]);
const data = ring(lattice.engine, 64, parameters.dataPrimes);
const layout = { ring: whole, digits: parameters.digits };
const secret = generateSecretKey(lattice, whole);
const small = (p: EvaluationPolynomial): bigint[] => toIntegers(toCoefficients(p));
const largest = (values: readonly bigint[]): number => Math.max(...values.map((v) => Math.abs(Number(v))));
const over = (p: EvaluationPolynomial, r: Ring): EvaluationPolynomial => restrict(p, r);

/** Σ_i [c]_(Q_i)·(b_i + a_i·s) / P by big integers: what a key must do, whatever the evaluator's shortcuts. */
function switchNaively(c: CoefficientPolynomial, key: KeySwitchingKey, target: EvaluationPolynomial): bigint[] {
  const p = product(parameters.special);
  const sum = parameters.digits
    .map(({ start, end }, i) => {
      const digitRing = subring(
        c.ring,
        Array.from({ length: end - start }, (_, t) => start + t),
      );
      const residues = c.residues.subarray(start * 64, end * 64);
      const digit = toIntegers({ ring: digitRing, residues } as CoefficientPolynomial);
      const { b, a } = key.digits[i];
      const lifted = evaluations(fromIntegers(whole, digit));
      return multiply(lifted, add(b, multiply(a, target)));
    })
    .reduce((x, y) => add(x, y));
  return small(sum).map((v) => (2n * v + p) / (2n * p));
}
const evaluations = (p: CoefficientPolynomial): EvaluationPolynomial =>
  lattice.engine.memory.scope(() => {
    const at = loadBlock(p);
    p.ring.moduli.forEach(({ q }, limb) => {
      const t = p.ring.tables[limb];
      lattice.engine.ntt.forwardNtt(at + limb * p.ring.limbBytes, t.roots, t.quotients, p.ring.degree, q);
    });
    return evaluationPolynomial(p.ring, readBlock(p.ring, at));
  });

describe('a secret key', () => {
  it('is ternary, the same polynomial modulo every prime, and different every time', () => {
    const s = small(secret.reveal());
    expect(largest(s)).toBe(1);
    for (const value of [-1n, 0n, 1n]) expect(s.filter((x) => x === value).length).toBeGreaterThan(5);
    expect(small(generateSecretKey(lattice, whole).reveal())).not.toEqual(s);
  });

  it('is the same for the same seed on both engines', () => {
    const seed = new Uint8Array(32).fill(9);
    const [a, b] = lattices.map((one) => {
      const r = ring(one.engine, 64, parameters.dataPrimes);
      return generateSecretKey(one, r, { kind: 'centredBinomial', eta: 2 }, seed).reveal().residues;
    });
    expect(a).toEqual(b);
  });

  it('prints and serialises nothing, and is gone after wipe()', () => {
    const key = generateSecretKey(lattice, whole);
    const { residues } = key.reveal();
    for (const text of [String(key), inspect(key), inspect({ key }), `${inspect(key, { showHidden: true })}`]) {
      expect(text).toContain('SecretKey(N = 64');
      expect(text).not.toMatch(/\d{5,}/);
    }
    expect(() => JSON.stringify(key)).toThrow(ParameterError);
    key.wipe();
    expect(residues.every((word) => word === 0)).toBe(true);
    expect(() => key.reveal()).toThrow(/wiped/);
  });
});

describe('a public key', () => {
  it('is an encryption of zero under its secret with the error it claims, a from its seed', () => {
    const key = generatePublicKey(lattice, data, secret);
    const error = small(add(key.b, multiply(key.a, over(secret.reveal(), data))));
    expect(largest(error)).toBeLessThanOrEqual(21);
    expect(largest(error)).toBeGreaterThan(2);
    expect(key.a).toEqual(expandUniform(data, lattice.primitives, key.seed, 0));
  });

  it('lives over a prefix of the secret key’s primes only', () => {
    const foreign = subring(whole, [1, 0]);
    expect(() => generatePublicKey(lattice, foreign, secret)).toThrow(ParameterError);
    const seed = new Uint8Array(32).fill(3);
    expect(() => generatePublicKey(lattice, data, secret, seed, { seed })).toThrow(/must not be the public seed/);
  });
});

describe('encryption of zero', () => {
  const publicKey = generatePublicKey(lattice, data, secret);
  const message = fromIntegers(
    data,
    Array.from({ length: 64 }, (_, i) => BigInt((i - 30) * 1000003)),
  );
  const open = (c0: EvaluationPolynomial, c1: EvaluationPolynomial): bigint[] =>
    small(add(c0, multiply(c1, over(secret.reveal(), c0.ring))));

  it('with the public key carries a message for nothing but its noise', () => {
    const [c0, c1] = lattice.engine.memory.scope(() => {
      const [x, y, m] = [allocateBlock(data), allocateBlock(data), loadBlock(message)];
      encryptZeroPublic(lattice, publicKey, CENTRED_BINOMIAL_21, new Uint8Array(32).fill(1), x, y, m);
      expect(readBlock(data, m)).toEqual(message.residues);
      return [x, y].map((at) => evaluationPolynomial(data, readBlock(data, at)));
    });
    const noise = open(c0, c1).map((v, i) => v - BigInt((i - 30) * 1000003));
    // σ·√(4N/3 + 1) = 30 at N = 64.
    expect(largest(noise)).toBeLessThan(30 * 7);
    expect(largest(noise)).toBeGreaterThan(30);
  });

  it('with the secret key carries a message with the noise of its error alone, at any level', () => {
    const inner = subring(data, [0, 1]);
    const [c0, c1] = lattice.engine.memory.scope(() => {
      const [x, y] = [allocateBlock(inner), allocateBlock(inner)];
      const m = loadBlock(restrict(message, inner));
      const [publicSeed, noiseSeed] = [new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)];
      encryptZeroSymmetric(lattice, secret, inner, CENTRED_BINOMIAL_21, publicSeed, 7, noiseSeed, x, m, y);
      return [x, y].map((at) => evaluationPolynomial(inner, readBlock(inner, at)));
    });
    expect(c1).toEqual(expandUniform(inner, lattice.primitives, new Uint8Array(32).fill(2), 7));
    const noise = open(c0, c1).map((v, i) => v - BigInt((i - 30) * 1000003));
    expect(largest(noise)).toBeLessThanOrEqual(21);
  });

  it('leaves no secret in scratch memory', () => {
    const { memory } = lattice.engine;
    memory.scope(() => {
      const [x, y] = [allocateBlock(data), allocateBlock(data)];
      const scratch = memory.u8(y + data.blockBytes, 8 * data.blockBytes);
      scratch.fill(0xaa);
      encryptZeroPublic(lattice, publicKey, CENTRED_BINOMIAL_21, new Uint8Array(32).fill(1), x, y);
      encryptZeroSymmetric(
        lattice,
        secret,
        data,
        CENTRED_BINOMIAL_21,
        publicKey.seed,
        1,
        new Uint8Array(32).fill(1),
        x,
      );
      const end = scratch.lastIndexOf(0) + 1;
      expect(end).toBeGreaterThan(data.blockBytes);
      expect(scratch.subarray(0, end).every((byte) => byte === 0)).toBe(true);
      expect(scratch.subarray(end).every((byte) => byte === 0xaa)).toBe(true);
    });
  });
});

describe('a key-switching key', () => {
  const c = toCoefficients(expandUniform(data, lattice.primitives, new Uint8Array(32).fill(8), 0));
  const wanted = (from: EvaluationPolynomial): bigint[] => small(multiply(evaluations(c), over(from, data)));
  /** Both are known modulo Q only; the difference is small where they agree. */
  const distance = (x: readonly bigint[], y: readonly bigint[]): number => {
    const differences = fromIntegers(
      data,
      x.map((v, i) => v - y[i]),
    );
    return largest(toIntegers(differences));
  };
  // σ·√(digits·N/12)·(largest digit / P ≤ 1), and a rounding: well below 100 at N = 64.
  const BOUND = 100;

  it('takes c·s′ to s', () => {
    const other = generateSecretKey(lattice, whole);
    const key = generateKeySwitchingKey(lattice, layout, other.reveal(), secret.reveal());
    expect(distance(switchNaively(c, key, secret.reveal()), wanted(other.reveal()))).toBeLessThan(BOUND);
    expect(distance(switchNaively(c, key, other.reveal()), wanted(other.reveal()))).toBeGreaterThan(2 ** 40);
  });

  it('for relinearisation takes c·s² to s', () => {
    const { key } = generateRelinearisationKey(lattice, layout, secret);
    const squared = multiply(secret.reveal(), secret.reveal());
    expect(distance(switchNaively(c, key, secret.reveal()), wanted(squared))).toBeLessThan(BOUND);
  });

  it('for an automorphism takes c·s to φ⁻¹(s)', () => {
    const element = rotationElement(3, 64);
    const { key } = generateGaloisKey(lattice, layout, secret, element);
    const target = automorphismOfEvaluations(secret.reveal(), inverseElement(element, 64));
    expect(automorphismOfEvaluations(target, element)).toEqual(secret.reveal());
    expect(distance(switchNaively(c, key, target), wanted(secret.reveal()))).toBeLessThan(BOUND);
  });

  it('has its a from a seed, hence half the size on the wire, and its own noise in every digit', () => {
    const { key } = generateRelinearisationKey(lattice, layout, secret, new Uint8Array(32).fill(4));
    key.digits.forEach(({ a }, i) => {
      expect(a).toEqual(expandUniform(whole, lattice.primitives, new Uint8Array(32).fill(4), i));
    });
    expect(keyBytes(key).expanded).toBe(2 * 3 * whole.blockBytes);
    expect(keyBytes(key).seeded).toBe(3 * whole.blockBytes);
    const s = secret.reveal();
    const errors = key.digits.map(({ b, a }) => subtract(b, multiply(a, s)).residues.subarray(0, 64));
    expect(errors[0]).not.toEqual(errors[1]);
  });

  it('is refused without digits and for secrets of another ring', () => {
    const s = secret.reveal();
    expect(() => generateKeySwitchingKey(lattice, { ring: whole, digits: [] }, s, s)).toThrow(/no digits/);
    expect(() => generateKeySwitchingKey(lattice, layout, over(s, data), s)).toThrow(ParameterError);
  });
});

describe('Galois elements', () => {
  it('of rotations form the group of 5, negative steps and whole turns included', () => {
    expect(rotationElement(0, 64)).toBe(1);
    expect(rotationElement(1, 64)).toBe(5);
    expect(rotationElement(32, 64)).toBe(1);
    expect((rotationElement(-3, 64) * rotationElement(3, 64)) % 128).toBe(1);
    let element = 1;
    for (let i = 0; i < 40; i++, element = (element * 5) % 128) expect(rotationElement(i, 64)).toBe(element);
    expect(() => rotationElement(0.5, 64)).toThrow(ParameterError);
  });

  it('have inverses, at the largest degree as well', () => {
    for (const degree of [64, 65536]) {
      for (let e = 1; e < 2 * degree; e += degree === 64 ? 2 : 4094) {
        expect((BigInt(inverseElement(e, degree)) * BigInt(e)) % BigInt(2 * degree)).toBe(1n);
      }
    }
    for (const bad of [0, 2, -1, 128, 1.5]) expect(() => inverseElement(bad, 64)).toThrow(ParameterError);
  });
});

describe('a polynomial over fewer primes', () => {
  it('is the same residues; other primes are refused', () => {
    const p = secret.reveal();
    expect(restrict(p, data).residues).toEqual(p.residues.subarray(0, data.moduli.length * 64));
    expect(restrict(p, whole)).toBe(p);
    expect(() => restrict(restrict(p, data), whole)).toThrow(ParameterError);
    expect(() => restrict(p, subring(whole, [0, 2]))).toThrow(ParameterError);
    expect(() => restrict(p, ring(engines[1], 64, parameters.dataPrimes))).toThrow(/values of two engines do not mix/);
    expect(() => restrict(p, ring(engines[0], 32, parameters.dataPrimes))).toThrow(/degrees 32 and 64/);
  });
});
