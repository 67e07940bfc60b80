// Which parameters send a given vector in the fewest bytes: a search over degrees and lanes, with the primes that just suffice.
// Bytes per value depend on how much of the modulus the noise takes, so larger degrees win for long vectors and lose for short
// ones, whose last ciphertext stays half empty.

import { ParameterError } from '../errors.ts';
import { MOST_LANES } from './integer-layout.ts';
import { type IntegerLiteral, type IntegerParameters, integerParameters } from './integer-parameters.ts';

export interface IntegerRequest extends Omit<IntegerLiteral, 'degree' | 'primes' | 'plaintext'> {
  /** The length of the vectors to be summed. */
  readonly valueCount: number;
  readonly valueBits: number;
  readonly signed: boolean;
  /** The largest degree to consider. Default 16384: beyond it the tables grow and the bytes hardly shrink. */
  readonly largestDegree?: number;
}

const SMALLEST_DEGREE = 1024;

/** The secure set that needs the fewest bytes for one encrypted vector; of equals the one of smallest degree and fewest lanes. */
export function fewestByteIntegerParameters(request: IntegerRequest): IntegerParameters {
  const { valueCount, valueBits, signed, largestDegree = 16384, ...rest } = request;
  if (!Number.isSafeInteger(valueCount) || valueCount < 1) {
    throw new ParameterError(`a vector of ${valueCount} values: at least one is needed`);
  }
  let best: { parameters: IntegerParameters; bytes: number } | undefined;
  let refusal: ParameterError | undefined;
  for (let degree = SMALLEST_DEGREE; degree <= largestDegree; degree *= 2) {
    for (let lanes = 1; lanes <= MOST_LANES; lanes++) {
      const parameters = attempt({ ...rest, degree, plaintext: { kind: 'lanes', valueBits, signed, lanes } });
      // More lanes need a larger modulus: what does not fit now never will.
      if (parameters instanceof ParameterError) {
        refusal ??= parameters;
        break;
      }
      const bytes = vectorBytes(parameters, valueCount);
      if (best === undefined || bytes < best.bytes) best = { parameters, bytes };
    }
  }
  if (best !== undefined) return best.parameters;
  throw refusal ?? new ParameterError(`no degree up to ${largestDegree} was tried`);
}

/** Bytes of one fresh encrypted vector with bit-packed residues; seeds and headers not counted. */
export function vectorBytes(parameters: IntegerParameters, valueCount: number): number {
  const polynomials = parameters.key === 'public' ? 2 : 1;
  const ciphertexts = Math.ceil(valueCount / parameters.valuesPerCiphertext);
  return (ciphertexts * polynomials * parameters.polynomialBits) / 8;
}

function attempt(literal: IntegerLiteral): IntegerParameters | ParameterError {
  try {
    return integerParameters(literal);
  } catch (error) {
    if (error instanceof ParameterError) return error;
    throw error;
  }
}
