// Polynomials on their own. Their parameters are the ring; the two forms are two kinds of message.

import type { Lattice } from '../lattice.ts';
import { type CoefficientPolynomial, coefficientPolynomial, type EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { type Described, readMessage, writeMessage } from './envelope.ts';
import { polynomialBytes, readPolynomial, readResidues, writePolynomial } from './residues.ts';
import type { Trace } from './writer.ts';

/** The canonical description of a ring. */
export function describeRing({ degree, moduli }: Ring): Described {
  return { description: `sumus ring 1; degree ${degree}; primes ${moduli.map(({ q }) => q).join(' ')}` };
}

export function encodeCoefficients(lattice: Lattice, p: CoefficientPolynomial, trace?: Trace): Uint8Array<ArrayBuffer> {
  const message = { parameters: describeRing(p.ring), bodyBytes: polynomialBytes(p.ring), trace };
  return writeMessage(lattice, { kind: 'coefficients', ...message }, (writer) =>
    writePolynomial(writer, 'coefficients', p.ring, p),
  );
}

export function encodeEvaluations(lattice: Lattice, p: EvaluationPolynomial, trace?: Trace): Uint8Array<ArrayBuffer> {
  const message = { parameters: describeRing(p.ring), bodyBytes: polynomialBytes(p.ring), trace };
  return writeMessage(lattice, { kind: 'evaluations', ...message }, (writer) =>
    writePolynomial(writer, 'evaluations', p.ring, p),
  );
}

export function decodeCoefficients(lattice: Lattice, ring: Ring, bytes: Uint8Array): CoefficientPolynomial {
  return readMessage(lattice, 'coefficients', describeRing(ring), bytes, (reader) =>
    coefficientPolynomial(ring, readResidues(reader, 'coefficients', ring)),
  );
}

export function decodeEvaluations(lattice: Lattice, ring: Ring, bytes: Uint8Array): EvaluationPolynomial {
  return readMessage(lattice, 'evaluations', describeRing(ring), bytes, (reader) =>
    readPolynomial(reader, 'evaluations', ring),
  );
}
