// One-time contributions and their sums.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { chunkCount, type OneTimeCiphertext, oneTimeRing } from '../one-time/ciphertext.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { readMessage, writeMessage } from './envelope.ts';
import { polynomialBytes, readPolynomials, writePolynomial } from './residues.ts';
import type { Trace } from './writer.ts';

export function encodeOneTimeCiphertext(
  lattice: Lattice,
  { parameters, length, chunks, contributions }: OneTimeCiphertext,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const ring = oneTimeRing(lattice, parameters);
  const count = chunkCount(parameters, length);
  requireContributions(parameters, contributions);
  if (chunks.length !== count) {
    throw new ParameterError(`a ciphertext of ${length} values has ${chunks.length} chunks, not ${count}`);
  }
  const bodyBytes = 8 + count * polynomialBytes(ring);
  return writeMessage(lattice, { kind: 'one-time ciphertext', parameters, bodyBytes, trace }, (writer) => {
    writer.u32('length', length);
    writer.u32('contributions', contributions);
    chunks.forEach((chunk, j) => {
      writePolynomial(writer, `chunk ${j}`, ring, chunk);
    });
  });
}

export function decodeOneTimeCiphertext(
  lattice: Lattice,
  parameters: OneTimeParameters,
  bytes: Uint8Array,
): OneTimeCiphertext {
  const ring = oneTimeRing(lattice, parameters);
  return readMessage(lattice, 'one-time ciphertext', parameters, bytes, (reader) => {
    const length = reader.within('length', 4, 1, 2 ** 32 - 1);
    const contributions = reader.within('contributions', 4, 1, parameters.contributors);
    const chunks = readPolynomials(reader, 'chunk', ring, chunkCount(parameters, length));
    return Object.freeze({ parameters, length, chunks: Object.freeze(chunks), contributions });
  });
}

export function requireContributions({ contributors }: OneTimeParameters, contributions: number): void {
  if (!Number.isInteger(contributions) || contributions < 1 || contributions > contributors) {
    throw new ParameterError(`${contributions} contributions; the parameters allow 1 to ${contributors}`);
  }
}
