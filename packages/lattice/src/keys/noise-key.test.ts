import { describe, expect, it } from 'vitest';
import {
  ckksContext,
  encrypt,
  encryptSymmetric,
  publicKey as publicKeyOf,
  secretKey as secretKeyOf,
} from '../ckks/index.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { add, multiply, toCoefficients, toIntegers } from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { ring, subring } from '../ring/ring.ts';
import { generateGaloisKey, generateRelinearisationKey } from './evaluation-key.ts';
import { generateSecretKey } from './generate.ts';
import { generateKeySwitchingKey } from './key-switching-key.ts';
import { reproduciblePrimitives } from './node-lattice.contract.ts';
import { generatePublicKey } from './public-key.ts';
import { restrict } from './restrict.ts';

const parameters = insecureCkksParameters({ degree: 64, levels: 2, scaleBits: 55, limbsPerLevel: 2, digits: 3 });
const lattice: Lattice = { engine: await wasmEngine(), primitives: reproduciblePrimitives(6) };
const whole = ring(lattice.engine, 64, [...parameters.dataPrimes, ...parameters.special]);
const data = ring(lattice.engine, 64, parameters.dataPrimes);
const layout = { ring: whole, digits: parameters.digits };
const secret = generateSecretKey(lattice, whole);
const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);

/** The error of (b, a) under s: modulo the last prime, where nothing but b = −a·s + e is in a key. */
function errorOf({ b, a }: { b: EvaluationPolynomial; a: EvaluationPolynomial }, s: EvaluationPolynomial): number[] {
  const last = b.ring.moduli.length - 1;
  const one = subring(b.ring, [last]);
  const limb = ({ residues }: EvaluationPolynomial): EvaluationPolynomial =>
    evaluationPolynomial(one, residues.slice(last * 64, (last + 1) * 64));
  return toIntegers(toCoefficients(add(limb(b), multiply(limb(a), limb(s))))).map(Number);
}

const inner = restrict(secret.reveal(), data);

describe('the errors of keys', () => {
  it('are other ones for another public seed, though the seed of the noise is the same', () => {
    const keys = [1, 2].map((seed) => generatePublicKey(lattice, data, secret, bytes(seed), { seed: bytes(9) }));
    const [one, two] = keys.map((key) => errorOf(key, inner));
    expect(Math.max(...one.map(Math.abs))).toBeLessThanOrEqual(21);
    expect(one).not.toEqual(two);
    // A planted break: errors that are the same would be found.
    expect(errorOf(keys[0], inner)).toEqual(one);
  });

  it('are other ones for every kind of key, element and secret, though both seeds are the same', () => {
    const noise = { seed: bytes(9) };
    const other = generateSecretKey(lattice, whole);
    const s = secret.reveal();
    const switching = generateKeySwitchingKey(lattice, layout, other.reveal(), s, bytes(1), noise);
    const errors = [
      errorOf(generatePublicKey(lattice, whole, secret, bytes(1), noise), s),
      errorOf(generatePublicKey(lattice, whole, other, bytes(1), noise), other.reveal()),
      errorOf(switching.digits[0], s),
      errorOf(switching.digits[1], s),
      errorOf(generateRelinearisationKey(lattice, layout, secret, bytes(1), noise).key.digits[0], s),
      errorOf(generateKeySwitchingKey(lattice, layout, s, s, bytes(1), noise).digits[0], s),
    ];
    for (const error of errors) expect(Math.max(...error.map(Math.abs))).toBeLessThanOrEqual(21);
    expect(new Set(errors.map(String)).size).toBe(errors.length);
  });

  it('are the same for the same call, so that a repeat is no second sample', () => {
    const noise = { seed: bytes(9) };
    const make = (): Uint32Array => generatePublicKey(lattice, data, secret, bytes(1), noise).b.residues;
    expect(make()).toEqual(make());
    const galois = (): Uint32Array =>
      generateGaloisKey(lattice, layout, secret, 5, bytes(1), noise).key.digits[0].b.residues;
    expect(galois()).toEqual(galois());
  });

  it('are not narrower than the security table presumes', () => {
    for (const error of [{ kind: 'ternary' }, { kind: 'centredBinomial', eta: 20 }] as const) {
      expect(() => generatePublicKey(lattice, data, secret, undefined, { error })).toThrow(/below 3.19/);
      expect(() => generateGaloisKey(lattice, layout, secret, 5, undefined, { error })).toThrow(ParameterError);
    }
  });
});

describe('seeds', () => {
  it('that are secret are not taken as public ones, nor the other way round', () => {
    const seeded = generateSecretKey(lattice, whole, undefined, bytes(7));
    const s = seeded.reveal();
    expect(() => generatePublicKey(lattice, data, seeded, bytes(7))).toThrow(/was drawn from/);
    expect(() => generateRelinearisationKey(lattice, layout, seeded, bytes(7))).toThrow(/was drawn from/);
    expect(() => generateGaloisKey(lattice, layout, seeded, 5, bytes(7))).toThrow(/was drawn from/);
    expect(() => generatePublicKey(lattice, data, seeded, bytes(8))).not.toThrow();
    expect(() => generateKeySwitchingKey(lattice, layout, s, s, bytes(3), { seed: bytes(3) })).toThrow(
      /must not be the public seed/,
    );
    expect(() => generatePublicKey(lattice, data, seeded, bytes(8), { seed: new Uint8Array(31) })).toThrow(/32 bytes/);
  });

  /** Counts what randomBytes handed out and nobody overwrote. */
  function watched(failing = false): { readonly on: Lattice; readonly left: () => number } {
    const drawn: Uint8Array[] = [];
    const { primitives } = lattice;
    const on: Lattice = {
      engine: lattice.engine,
      primitives: {
        ...primitives,
        randomBytes: (length) => {
          const fresh = primitives.randomBytes(length);
          drawn.push(fresh);
          return fresh;
        },
        chacha20: (...call) => {
          if (failing) throw new Error('the platform fails');
          primitives.chacha20(...call);
        },
      },
    };
    return { on, left: () => drawn.filter((seed) => seed.some((byte) => byte !== 0)).length };
  }

  it.each<[string, number, (on: Lattice) => unknown]>([
    ['a secret key', 0, (on) => generateSecretKey(on, whole)],
    ['a public key', 1, (on) => generatePublicKey(on, data, secret)],
    ['a relinearisation key', 1, (on) => generateRelinearisationKey(on, layout, secret)],
    ['a Galois key', 1, (on) => generateGaloisKey(on, layout, secret, 5)],
    ['an encryption', 0, (on) => encrypt(ckksContext(on, parameters), ckksKeys.publicKey, [1])],
    ['a symmetric encryption', 1, (on) => encryptSymmetric(ckksContext(on, parameters), ckksKeys.secretKey, [1])],
  ])('that are secret are overwritten after %s, and when it fails', (_name, publicSeeds, make) => {
    const fine = watched();
    make(fine.on);
    expect(fine.left()).toBe(publicSeeds);
    const broken = watched(true);
    expect(() => make(broken.on)).toThrow('the platform fails');
    expect(broken.left()).toBe(publicSeeds);
  });
});

const context = ckksContext(lattice, parameters);
const ckksSecret = secretKeyOf(context);
const ckksKeys = { secretKey: ckksSecret, publicKey: publicKeyOf(context, ckksSecret) };
