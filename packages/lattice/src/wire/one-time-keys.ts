// What a committee sends to open a one-time sum: shares of keys (for one member alone while they are single, for the opener once they
// are summed) and the opened sum of keys.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { type KeyShare, keyShare } from '../one-time/key-share.ts';
import type { KeySum } from '../one-time/key-sum.ts';
import { keySumBound, type OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { readMessage, writeMessage } from './envelope.ts';
import { requireContributions } from './one-time.ts';
import { packedBytes, readWords, writeWords } from './residues.ts';
import type { Trace } from './writer.ts';

/** The bytes are as secret as the share. */
export function encodeOneTimeKeyShare(
  lattice: Lattice,
  parameters: OneTimeParameters,
  { member, elements, contributions }: KeyShare,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const { committee, shareModulus } = parameters;
  requireContributions(parameters, contributions);
  if (!Number.isInteger(member) || member < 1 || member > committee.members) {
    throw new ParameterError(`member ${member} is not one of 1 to ${committee.members}`);
  }
  if (elements.length !== committee.blocks || elements.some((element) => element >= shareModulus)) {
    throw new ParameterError(`a share of member ${member} has ${elements.length} elements, or one out of range`);
  }
  const bits = bitsOf(shareModulus);
  const bodyBytes = 6 + packedBytes(committee.blocks, bits);
  return writeMessage(lattice, { kind: 'one-time key share', parameters, bodyBytes, trace }, (writer) => {
    writer.u16('member', member);
    writer.u32('contributions', contributions);
    writeWords(writer, `elements modulo ${shareModulus}`, lattice.engine, elements, bits);
  });
}

export function decodeOneTimeKeyShare(lattice: Lattice, parameters: OneTimeParameters, bytes: Uint8Array): KeyShare {
  const { committee, shareModulus } = parameters;
  return readMessage(lattice, 'one-time key share', parameters, bytes, (reader) => {
    const member = reader.within('member', 2, 1, committee.members);
    const contributions = reader.within('contributions', 4, 1, parameters.contributors);
    const bits = bitsOf(shareModulus);
    const elements = readWords(reader, 'elements', lattice.engine, committee.blocks, bits, shareModulus);
    return keyShare({ member, elements, contributions });
  });
}

/** Coefficients are sent as their distance from the lower end of what so many honest keys can sum to. */
export function encodeOneTimeKeySum(
  lattice: Lattice,
  parameters: OneTimeParameters,
  { coefficients, contributions }: KeySum,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  requireContributions(parameters, contributions);
  const bound = keySumBound(parameters, contributions);
  if (coefficients.length !== parameters.degree || coefficients.some((c) => Math.abs(c) > bound)) {
    throw new ParameterError(
      `a sum of ${contributions} keys has ${coefficients.length} coefficients, or one out of range`,
    );
  }
  const bits = bitsOf(2 * bound + 1);
  const bodyBytes = 4 + packedBytes(parameters.degree, bits);
  return writeMessage(lattice, { kind: 'one-time key sum', parameters, bodyBytes, trace }, (writer) => {
    writer.u32('contributions', contributions);
    const shifted = Uint32Array.from(coefficients, (c) => c + bound);
    writeWords(writer, `coefficients + ${bound}`, lattice.engine, shifted, bits);
  });
}

export function decodeOneTimeKeySum(lattice: Lattice, parameters: OneTimeParameters, bytes: Uint8Array): KeySum {
  return readMessage(lattice, 'one-time key sum', parameters, bytes, (reader) => {
    const contributions = reader.within('contributions', 4, 1, parameters.contributors);
    const bound = keySumBound(parameters, contributions);
    const bits = bitsOf(2 * bound + 1);
    const shifted = readWords(reader, 'coefficients', lattice.engine, parameters.degree, bits, 2 * bound + 1);
    return Object.freeze({ coefficients: Int32Array.from(shifted, (c) => c - bound), contributions });
  });
}

/** Bits of the numbers below `bound`. */
function bitsOf(bound: number): number {
  return 32 - Math.clz32(bound - 1);
}
