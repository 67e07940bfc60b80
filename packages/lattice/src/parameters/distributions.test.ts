import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { CENTRED_BINOMIAL_21, type Distribution, describeDistribution, stddevOf, TERNARY } from './distributions.ts';
import { insecureIntegerParameters } from './integer-parameters.ts';

/** What only JavaScript passes as a distribution. */
const unknown = (value: object): Distribution => Object(value);

const wrong: readonly [Distribution, RegExp][] = [
  [{ kind: 'centredBinomial', eta: 100.5 }, /integer eta in \[1, 64\], not 100.5/],
  [{ kind: 'centredBinomial', eta: 65 }, /not 65/],
  [{ kind: 'centredBinomial', eta: 0 }, /not 0/],
  [{ kind: 'centredBinomial', eta: Number.NaN }, /not NaN/],
  [{ kind: 'discreteGaussian', stddev: 20.5 }, /deviation in \[1, 20\], not 20.5/],
  [{ kind: 'discreteGaussian', stddev: Number.NaN }, /not NaN/],
  [unknown({ kind: 'uniform' }), /no distribution \{"kind":"uniform"\}/],
  [unknown({}), /no distribution \{\}/],
];

describe('distributions that no sampler draws', () => {
  it('are refused by name', () => {
    for (const [distribution, complaint] of wrong) {
      expect(() => stddevOf(distribution)).toThrow(complaint);
      expect(() => describeDistribution(distribution)).toThrow(ParameterError);
    }
  });

  it('are refused when parameters are built, not when keys are drawn', () => {
    const plaintext = { kind: 'lanes', valueBits: 8, signed: true, lanes: 1 } as const;
    for (const [error, complaint] of wrong) {
      expect(() => insecureIntegerParameters({ degree: 64, plaintext, additions: 3, key: 'public', error })).toThrow(
        complaint,
      );
    }
  });

  it('are no more than those: the ones that are drawn have their deviation', () => {
    expect(stddevOf(TERNARY)).toBeCloseTo(Math.sqrt(2 / 3), 15);
    expect(stddevOf(CENTRED_BINOMIAL_21)).toBeCloseTo(Math.sqrt(10.5), 15);
    expect(stddevOf({ kind: 'discreteGaussian', stddev: 3.2 })).toBe(3.2);
  });
});
