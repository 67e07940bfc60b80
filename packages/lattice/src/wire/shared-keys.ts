// The public messages of a shared key: commitments, contributions, and answers. All carry the run and their sender; who signed them
// is for the layer above. Decoding checks form and range; which round a message belongs to is checked where it is used, as a
// ProtocolViolation (shared-keys/messages.ts).

import { ParameterError } from '../errors.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { firstPrimes, type Ring } from '../ring/ring.ts';
import type { KeyEpoch } from '../shared-keys/epoch.ts';
import type { SwitchAnswer } from '../shared-keys/key-switching.ts';
import type { Commitment, Contribution, Step } from '../shared-keys/messages.ts';
import type { PartialDecryption } from '../shared-keys/partial-decryption.ts';
import type { RefreshAnswer } from '../shared-keys/refreshing.ts';
import { LARGEST_MEMBER } from '../shared-keys/roster.ts';
import { DIGEST_BYTES } from '../shared-keys/transcript.ts';
import { readMessage, writeMessage } from './envelope.ts';
import type { Reader } from './reader.ts';
import { polynomialBytes, readPolynomial, readPolynomials, writePolynomial } from './residues.ts';
import type { Trace, Writer } from './writer.ts';

const SENDER_BYTES = DIGEST_BYTES + 2;
const STEP_BYTES = 5;

export function encodeCommitment(epoch: KeyEpoch, message: Commitment, trace?: Trace): Uint8Array<ArrayBuffer> {
  const { lattice, parameters } = epoch;
  const bodyBytes = SENDER_BYTES + STEP_BYTES + DIGEST_BYTES;
  return writeMessage(lattice, { kind: 'commitment', parameters, bodyBytes, trace }, (writer) => {
    writeSender(writer, message);
    writeStep(writer, message.step);
    writer.bytes('digest', message.digest, DIGEST_BYTES);
  });
}

export function decodeCommitment({ lattice, parameters, ring }: KeyEpoch, bytes: Uint8Array): Commitment {
  return readMessage(lattice, 'commitment', parameters, bytes, (reader) => {
    const sender = readSender(reader);
    const step = readStep(reader, ring.degree);
    return Object.freeze({ kind: 'commitment', ...sender, step, digest: reader.bytes('digest', DIGEST_BYTES) });
  });
}

export function encodeContribution(epoch: KeyEpoch, message: Contribution, trace?: Trace): Uint8Array<ArrayBuffer> {
  const { lattice, parameters } = epoch;
  const { ring, count } = shapeOf(epoch, message.step);
  const { polynomials } = message;
  if (polynomials.length !== count) {
    throw new ParameterError(`a contribution to ${message.step} has ${polynomials.length} polynomials, not ${count}`);
  }
  const bodyBytes = SENDER_BYTES + STEP_BYTES + count * polynomialBytes(ring);
  return writeMessage(lattice, { kind: 'contribution', parameters, bodyBytes, trace }, (writer) => {
    writeSender(writer, message);
    writeStep(writer, message.step);
    polynomials.forEach((polynomial, i) => {
      writePolynomial(writer, `polynomial ${i}`, ring, polynomial);
    });
  });
}

export function decodeContribution(epoch: KeyEpoch, bytes: Uint8Array): Contribution {
  const { lattice, parameters } = epoch;
  return readMessage(lattice, 'contribution', parameters, bytes, (reader) => {
    const sender = readSender(reader);
    const step = readStep(reader, epoch.ring.degree);
    const { ring, count } = shapeOf(epoch, step);
    if (count === 0) reader.refuse(`there is no ${step} under these parameters`);
    const polynomials = Object.freeze(readPolynomials(reader, 'polynomial', ring, count));
    return Object.freeze({ kind: 'contribution', ...sender, step, polynomials });
  });
}

export function encodePartialDecryption(
  epoch: KeyEpoch,
  message: PartialDecryption,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const { lattice, parameters } = epoch;
  const { ring } = message.answer;
  const bodyBytes = SENDER_BYTES + DIGEST_BYTES + 1 + polynomialBytes(ring);
  return writeMessage(lattice, { kind: 'partial decryption', parameters, bodyBytes, trace }, (writer) => {
    writeSender(writer, message);
    writer.bytes('context', message.context, DIGEST_BYTES);
    writeOverPrefix(writer, epoch, [['answer', message.answer]]);
  });
}

export function decodePartialDecryption(epoch: KeyEpoch, bytes: Uint8Array): PartialDecryption {
  const { lattice, parameters } = epoch;
  return readMessage(lattice, 'partial decryption', parameters, bytes, (reader) => {
    const sender = readSender(reader);
    const context = reader.bytes('context', DIGEST_BYTES);
    const ring = readPrefix(reader, epoch);
    const answer = readPolynomial(reader, 'answer', ring);
    return Object.freeze({ kind: 'partial decryption', ...sender, context, answer });
  });
}

export function encodeSwitchAnswer(epoch: KeyEpoch, message: SwitchAnswer, trace?: Trace): Uint8Array<ArrayBuffer> {
  const { lattice, parameters } = epoch;
  const { ring } = message.h0;
  const bodyBytes = SENDER_BYTES + DIGEST_BYTES + 1 + 2 * polynomialBytes(ring);
  return writeMessage(lattice, { kind: 'switch answer', parameters, bodyBytes, trace }, (writer) => {
    writeSender(writer, message);
    writer.bytes('context', message.context, DIGEST_BYTES);
    writeOverPrefix(writer, epoch, [
      ['h0', message.h0],
      ['h1', message.h1],
    ]);
  });
}

export function decodeSwitchAnswer(epoch: KeyEpoch, bytes: Uint8Array): SwitchAnswer {
  const { lattice, parameters } = epoch;
  return readMessage(lattice, 'switch answer', parameters, bytes, (reader) => {
    const sender = readSender(reader);
    const context = reader.bytes('context', DIGEST_BYTES);
    const ring = readPrefix(reader, epoch);
    const [h0, h1] = readPolynomials(reader, 'h', ring, 2);
    return Object.freeze({ kind: 'switch answer', ...sender, context, h0, h1 });
  });
}

export function encodeRefreshAnswer(epoch: KeyEpoch, message: RefreshAnswer, trace?: Trace): Uint8Array<ArrayBuffer> {
  const { lattice, parameters } = epoch;
  const bodyBytes =
    SENDER_BYTES + DIGEST_BYTES + 2 + polynomialBytes(message.h0.ring) + polynomialBytes(message.h1.ring);
  return writeMessage(lattice, { kind: 'refresh answer', parameters, bodyBytes, trace }, (writer) => {
    writeSender(writer, message);
    writer.bytes('context', message.context, DIGEST_BYTES);
    writeOverPrefix(writer, epoch, [['h0', message.h0]]);
    writeOverPrefix(writer, epoch, [['h1', message.h1]]);
  });
}

/** h0 over the primes that are left, h1 over those of the target. */
export function decodeRefreshAnswer(epoch: KeyEpoch, bytes: Uint8Array): RefreshAnswer {
  const { lattice, parameters } = epoch;
  return readMessage(lattice, 'refresh answer', parameters, bytes, (reader) => {
    const sender = readSender(reader);
    const context = reader.bytes('context', DIGEST_BYTES);
    const h0 = readPolynomial(reader, 'h0', readPrefix(reader, epoch));
    const h1 = readPolynomial(reader, 'h1', readPrefix(reader, epoch));
    return Object.freeze({ kind: 'refresh answer', ...sender, context, h0, h1 });
  });
}

interface FromMember {
  readonly run: Uint8Array;
  readonly from: number;
}

export function writeSender(writer: Writer, { run, from }: FromMember): void {
  writer.bytes('run', run, DIGEST_BYTES);
  writer.u16('from', requireMemberNumber(from));
}

export function readSender(reader: Reader): FromMember {
  return { run: reader.bytes('run', DIGEST_BYTES), from: readMember(reader, 'from') };
}

export function requireMemberNumber(member: number): number {
  if (member < 1) throw new ParameterError(`member number ${member} is not in [1, ${LARGEST_MEMBER}]`);
  return member;
}

export function readMember(reader: Reader, field: string): number {
  return reader.within(field, 2, 1, LARGEST_MEMBER);
}

const STEPS = ['public key', 'relinearisation 1', 'relinearisation 2', 'rotation'] as const;
const ROTATION = STEPS.indexOf('rotation');

/** One byte for the step and four for the Galois element, zero where there is none. */
function writeStep(writer: Writer, step: Step): void {
  const at = STEPS.findIndex((name) => name === step || (name === 'rotation' && step.startsWith('rotation ')));
  writer.u8(`step: ${step}`, at);
  writer.u32('Galois element', at === ROTATION ? Number(step.slice('rotation '.length)) : 0);
}

function readStep(reader: Reader, degree: number): Step {
  const at = reader.within('step', 1, 0, ROTATION);
  const element = reader.u32('Galois element');
  const name = STEPS[at];
  if (name === 'rotation') {
    if (element % 2 === 0 || element >= 2 * degree)
      reader.refuse(`element ${element} is not odd in (0, ${2 * degree})`);
    return `rotation ${element}`;
  }
  if (element !== 0) reader.refuse(`step ${name} has no Galois element, here it has ${element}`);
  return name;
}

/** What a contribution to a step consists of (shared-keys/key-generation.ts and evaluation-keys.ts). */
function shapeOf(
  { parameters, dataRing, ring }: KeyEpoch,
  step: Step,
): { readonly ring: Ring; readonly count: number } {
  const digits = parameters.scheme.digits.length;
  if (step === 'public key') return { ring: dataRing, count: 1 };
  return { ring, count: step.startsWith('rotation') ? digits : 2 * digits };
}

/** The number of primes that are left, then polynomials over these first data primes. */
function writeOverPrefix(
  writer: Writer,
  epoch: KeyEpoch,
  polynomials: readonly (readonly [string, EvaluationPolynomial])[],
): void {
  const primes = polynomials[0][1].ring.moduli.length;
  writer.u8('primes', primes);
  const ring = prefixOf(epoch, primes);
  if (ring === undefined) throw new ParameterError(`an answer over ${primes} primes is none of this key`);
  for (const [name, polynomial] of polynomials) writePolynomial(writer, name, ring, polynomial);
}

function readPrefix(reader: Reader, epoch: KeyEpoch): Ring {
  const primes = reader.u8('primes');
  const ring = prefixOf(epoch, primes);
  if (ring === undefined) {
    const { moduli } = epoch.dataRing;
    reader.refuse(`an answer over ${primes} primes, not ${epoch.parameters.opening.primes} to ${moduli.length}`);
  }
  return ring;
}

function prefixOf({ dataRing, parameters }: KeyEpoch, primes: number): Ring | undefined {
  if (primes < parameters.opening.primes || primes > dataRing.moduli.length) return undefined;
  return firstPrimes(dataRing, primes);
}
