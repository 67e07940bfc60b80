// CKKS ciphertexts at the scale of their level; products are rescaled before they travel. Fresh symmetric ones carry the seed of
// c1. The estimate (declared magnitude, error bound) travels along as the sender's claim: who floods a result for publication must
// bring a bound of its own (ckks/release.ts holds it to that).

import { type Ciphertext, expand, type SeededCiphertext } from '../ckks/ciphertext.ts';
import type { CkksContext } from '../ckks/context.ts';
import { ParameterError } from '../errors.ts';
import { SEED_BYTES } from '../random/index.ts';
import { readMessage, writeMessage } from './envelope.ts';
import { polynomialBytes, readPolynomial, writePolynomial } from './residues.ts';
import type { Trace } from './writer.ts';

const WHOLE = 0;
const SEEDED = 1;
const FIXED_BYTES = 2 + 16;

export function encodeCkksCiphertext(
  ciphertext: Ciphertext | SeededCiphertext,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const { kind, context, level, c0, estimate } = ciphertext;
  if (kind !== 'ciphertext' && kind !== 'seeded')
    throw new ParameterError(`a ${String(kind)} does not travel: rescale it`);
  const { lattice, parameters } = context;
  const { ring } = context.level(level);
  const seeded = kind === 'seeded';
  const bodyBytes = FIXED_BYTES + polynomialBytes(ring) + (seeded ? SEED_BYTES : polynomialBytes(ring));
  return writeMessage(lattice, { kind: 'CKKS ciphertext', parameters, bodyBytes, trace }, (writer) => {
    writer.u8('level', level);
    writer.u8(seeded ? 'form: seeded' : 'form: both halves', seeded ? SEEDED : WHOLE);
    writer.f64('declared magnitude', estimate.magnitude);
    writer.f64('error deviation', estimate.errorStddev);
    if (ciphertext.kind === 'seeded') writer.bytes('seed of c1', ciphertext.seed, SEED_BYTES);
    writePolynomial(writer, 'c0', ring, c0);
    if (ciphertext.kind === 'ciphertext') writePolynomial(writer, 'c1', ring, ciphertext.c1);
  });
}

/** Seeded ones come out expanded: from here on the two are the same. */
export function decodeCkksCiphertext(context: CkksContext, bytes: Uint8Array): Ciphertext {
  const { lattice, parameters } = context;
  return readMessage(lattice, 'CKKS ciphertext', parameters, bytes, (reader) => {
    const level = reader.within('level', 1, 0, parameters.topLevel);
    const { ring } = context.level(level);
    const form = reader.within('form', 1, WHOLE, SEEDED);
    const magnitude = reader.f64('declared magnitude');
    const errorStddev = reader.f64('error deviation');
    if (magnitude < 0) reader.refuse(`declared magnitude ${magnitude} is negative`);
    if (errorStddev < 0) reader.refuse(`error deviation ${errorStddev} is negative`);
    const estimate = Object.freeze({ magnitude, errorStddev, claimed: true });
    if (form === SEEDED) {
      const seed = reader.bytes('seed of c1', SEED_BYTES);
      const c0 = readPolynomial(reader, 'c0', ring);
      reader.finish();
      return expand({ kind: 'seeded', context, level, c0, seed, estimate });
    }
    const c0 = readPolynomial(reader, 'c0', ring);
    const c1 = readPolynomial(reader, 'c1', ring);
    return Object.freeze({ kind: 'ciphertext', context, level, c0, c1, estimate });
  });
}
