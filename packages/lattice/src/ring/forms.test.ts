import { describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import {
  add,
  automorphism,
  automorphismOfEvaluations,
  type CoefficientPolynomial,
  type EvaluationPolynomial,
  fromIntegers,
  multiply,
  primesBelow,
  ring,
  subtract,
  toCoefficients,
  toEvaluations,
  toIntegers,
  wipePolynomial,
} from './index.ts';

// Each @ts-expect-error below fails the type check (npm run check) if the mixture it stands over ever compiles.
describe('the two forms of a polynomial', () => {
  it('are different types: mixing them does not compile', () => {
    const mixtures = (c: CoefficientPolynomial, e: EvaluationPolynomial): void => {
      // @ts-expect-error coefficients are not evaluations
      multiply(c, c);
      // @ts-expect-error neither is one of two
      multiply(e, c);
      // @ts-expect-error a sum has one form
      add(c, e);
      // @ts-expect-error a difference has one form
      subtract(e, c);
      // @ts-expect-error evaluations are transformed already
      toEvaluations(e);
      // @ts-expect-error coefficients are what the inverse gives
      toCoefficients(c);
      // @ts-expect-error evaluations are not integers
      toIntegers(e);
      // @ts-expect-error each form has its own automorphism
      automorphism(e, 3);
      // @ts-expect-error each form has its own automorphism
      automorphismOfEvaluations(c, 3);
      // @ts-expect-error one form is not assignable to the other
      const wrong: EvaluationPolynomial = c;
      void wrong;
      // @ts-expect-error an object that merely looks like one is not one
      const forged: CoefficientPolynomial = { ring: c.ring, residues: c.residues };
      void forged;
    };
    expect(mixtures).toBeTypeOf('function');
  });

  it('are wiped in place', async () => {
    const r = ring(await wasmEngine(), 16, primesBelow(2 ** 30, 2, 16));
    const x = fromIntegers(
      r,
      Array.from({ length: 16 }, (_, i) => BigInt(i + 1)),
    );
    expect(x.residues.every((word) => word !== 0)).toBe(true);
    wipePolynomial(x);
    expect(x.residues.every((word) => word === 0)).toBe(true);
  });
});
