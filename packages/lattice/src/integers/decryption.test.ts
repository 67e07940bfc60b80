import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { ParameterError } from '../errors.ts';
import { insecureIntegerParameters } from '../parameters/integer-parameters.ts';
import { centred } from '../ring/naive-polynomial.contract.ts';
import { fromIntegers, toCoefficients, toEvaluations, toIntegers } from '../ring/operations.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import { modulusOf } from '../ring/ring.ts';
import type { IntegerCiphertext } from './ciphertext.ts';
import { decodeSum, decrypt, decryptVector } from './decrypt.ts';
import { encrypt, encryptVector } from './encrypt.ts';
import { lattice, literal, N, phaseNaively, setUp, values, world } from './exact-world.contract.ts';
import { NoiseAboveBound } from './noise-above-bound.ts';

describe('decryption', () => {
  const { parameters, publicKey, secretKey, ring } = world;
  const given = values(parameters, parameters.valuesPerCiphertext, 21);
  const fresh = encrypt(lattice, publicKey, parameters, given);

  /** The ciphertext with this integer added to coefficient `index` of c0. */
  const shifted = (by: bigint, index: number): IntegerCiphertext => {
    const coefficients = toIntegers(toCoefficients(fresh.c0));
    coefficients[index] += by;
    return { ...fresh, c0: toEvaluations(fromIntegers(ring, coefficients)) };
  };

  it('accepts noise up to the bound and refuses one coefficient beyond it', () => {
    const noise = phaseNaively(fresh, secretKey.reveal()).map((x, i) => {
      let m = 0n;
      for (let l = 0; l < 3; l++) m += BigInt(given[l * N + i]) << BigInt(l * parameters.laneBits);
      const t = parameters.plaintextModulus;
      return centred(x * t - m, modulusOf(ring)) / t;
    });
    const bound = BigInt(Math.ceil(parameters.freshNoiseBound) + 1);
    const resolution = modulusOf(ring) / parameters.plaintextModulus / 2n ** 20n;
    for (const index of [0, 31, 63]) {
      // Up to the bound, less what the message itself adds to the measure.
      expect(Array.from(decrypt(lattice, secretKey, shifted(bound - 1n - noise[index], index)))).toEqual(given);
      expect(Array.from(decrypt(lattice, secretKey, shifted(1n - bound - noise[index], index)))).toEqual(given);
      const beyond = bound + 1n + resolution;
      expect(() => decrypt(lattice, secretKey, shifted(beyond - noise[index], index))).toThrow(NoiseAboveBound);
      expect(() => decrypt(lattice, secretKey, shifted(-beyond - noise[index], index))).toThrow(NoiseAboveBound);
    }
  });

  it('refuses a ciphertext with any residue altered, and one of another key', () => {
    for (const at of [0, 77, ring.degree * ring.moduli.length - 1]) {
      const residues = fresh.c0.residues.slice();
      const { q } = ring.moduli[Math.floor(at / N)];
      residues[at] = (residues[at] + 1) % q;
      expect(() => decrypt(lattice, secretKey, { ...fresh, c0: evaluationPolynomial(ring, residues) })).toThrow(
        NoiseAboveBound,
      );
    }
    expect(() => decrypt(lattice, setUp(parameters).secretKey, fresh)).toThrow(NoiseAboveBound);
  });

  it('refuses everything when one ciphertext of a vector is bad', () => {
    const vector = encryptVector(lattice, publicKey, parameters, [...given, ...given]);
    const spoiled = { ...vector, ciphertexts: [vector.ciphertexts[0], shifted(modulusOf(ring) / 3n, 5)] };
    expect(() => decryptVector(lattice, secretKey, spoiled)).toThrow(NoiseAboveBound);
  });

  it('says nothing of the measured noise or the values in its refusal', () => {
    try {
      decrypt(lattice, secretKey, shifted(modulusOf(ring) / 3n, 5));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(NoiseAboveBound);
      expect((error as NoiseAboveBound).code).toBe('E_NOISE');
      expect((error as NoiseAboveBound).message).not.toMatch(/\b\d{5,}\b/);
    }
  });

  it('refuses counts, lengths, rings and parameters that do not belong together', () => {
    const vector = encryptVector(lattice, publicKey, parameters, given);
    const other = insecureIntegerParameters({ ...literal, additions: 7 });
    const engineless = { ...lattice, engine: referenceEngine() };
    for (const attempt of [
      () => decrypt(lattice, secretKey, { ...fresh, additions: 0 }),
      () => decrypt(lattice, secretKey, { ...fresh, additions: 9 }),
      () => decrypt(lattice, secretKey, { ...fresh, additions: 1.5 }),
      () => decryptVector(lattice, secretKey, { ...vector, length: given.length + 1 }),
      () => decryptVector(lattice, secretKey, { ...vector, length: given.length - 0.5 }),
      () => decryptVector(lattice, secretKey, { ...vector, length: Number.NaN }),
      () => decryptVector(lattice, secretKey, { ...vector, length: 0, ciphertexts: [] }),
      () => decryptVector(lattice, secretKey, { ...vector, ciphertexts: [] }),
      () => decryptVector(lattice, secretKey, { ...vector, parameters: other }),
      () => decrypt(engineless, secretKey, fresh),
      () => decrypt(lattice, setUp(insecureIntegerParameters({ ...literal, degree: 128 })).secretKey, fresh),
      () => decodeSum(parameters, fresh.c0, 9),
      () => decodeSum(insecureIntegerParameters({ ...literal, degree: 128 }), fresh.c0, 1),
    ]) {
      expect(attempt).toThrow(ParameterError);
    }
  });

  it('is refused with a key that was wiped', () => {
    const own = setUp(parameters);
    const c = encrypt(lattice, own.publicKey, parameters, [1]);
    own.secretKey.wipe();
    expect(() => decrypt(lattice, own.secretKey, c)).toThrow(/wiped/);
  });
});
