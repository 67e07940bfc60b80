import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { type IntegerLiteral, insecureIntegerParameters } from '../parameters/integer-parameters.ts';
import { add, multiply, toCoefficients, toIntegers } from '../ring/operations.ts';
import * as door from './index.ts';

const lattice = await reproducibleLattice(41);
const literal: IntegerLiteral = {
  degree: 1024,
  plaintext: { kind: 'lanes', valueBits: 8, signed: true, lanes: 1 },
  additions: 4,
  key: 'public',
};
const parameters = insecureIntegerParameters(literal);

const stddevOfIntegers = (values: readonly bigint[]): number =>
  Math.sqrt(values.reduce((sum, x) => sum + Number(x) ** 2, 0) / values.length);

/** The error of a public key: b + a·s. */
function errorOf(of: typeof parameters): readonly bigint[] {
  const secret = door.secretKey(lattice, of);
  const { a, b } = door.publicKey(lattice, of, secret);
  return toIntegers(toCoefficients(add(b, multiply(a, secret.reveal()))));
}

describe('the keys that the door makes', () => {
  it('open what was encrypted under them', () => {
    const secret = door.secretKey(lattice, parameters);
    const vector = door.encryptVector(lattice, door.publicKey(lattice, parameters, secret), parameters, [1, -2, 127]);
    expect([...door.decryptVector(lattice, secret, vector)]).toEqual([1, -2, 127]);
  });

  it('have the secret and the error that the parameters were computed for, whatever these are', () => {
    const secret = toIntegers(toCoefficients(door.secretKey(lattice, parameters).reveal()));
    expect(new Set(secret)).toEqual(new Set([-1n, 0n, 1n]));
    const wide = insecureIntegerParameters({ ...literal, error: { kind: 'discreteGaussian', stddev: 12 } });
    // Five deviations of a deviation of 1024 samples: 1 ± 5/√2048.
    for (const [set, sigma] of [
      [parameters, Math.sqrt(10.5)],
      [wide, 12],
    ] as const) {
      const measured = stddevOfIntegers(errorOf(set)) / sigma;
      expect(measured).toBeGreaterThan(0.89);
      expect(measured).toBeLessThan(1.11);
    }
  });

  it('are not made over a ring of the caller, nor with an error or a seed of the caller', () => {
    expect(Object.keys(door)).not.toContain('generateSecretKey');
    expect(Object.keys(door)).not.toContain('generatePublicKey');
    expect(door.secretKey).toHaveLength(2);
    expect(door.publicKey).toHaveLength(3);
  });

  it('are refused for parameters of another kind or over other primes', () => {
    const symmetric = insecureIntegerParameters({ ...literal, key: 'symmetric' });
    const own = door.secretKey(lattice, symmetric);
    expect(() => door.publicKey(lattice, symmetric, own)).toThrow(/symmetric encryption/);
    const larger = insecureIntegerParameters({ ...literal, additions: 4000 });
    const foreign = door.secretKey(lattice, larger);
    expect(() => door.publicKey(lattice, parameters, foreign)).toThrow(ParameterError);
  });
});
