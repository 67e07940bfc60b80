// The door `@sumus/lattice/wire/secrets`: explicit encodings of what is secret. The bytes are the secret, in the clear: whoever calls
// these encrypts what comes out before it is stored or sent, and overwrites it. Nothing here happens by accident: keys themselves
// refuse JSON and printing.

import { sameBytes } from '../bytes.ts';
import { ParameterError } from '../errors.ts';
import { SecretKey } from '../keys/secret-key.ts';
import type { Lattice } from '../lattice.ts';
import type { Distribution } from '../parameters/distributions.ts';
import { allocateBlock, forwardBlock, inverseLimb, readBlock, signedToBlock } from '../ring/blocks.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { KeyEpoch } from '../shared-keys/epoch.ts';
import { KeyShare } from '../shared-keys/key-share.ts';
import { type Dealing, PAIR_SEED_BYTES, type PairSeed, secretMessage } from '../shared-keys/messages.ts';
import { DIGEST_BYTES } from '../shared-keys/transcript.ts';
import { readMessage, writeMessage } from './envelope.ts';
import { type SchemeParameters, wholeRing } from './parameter-set.ts';
import { packedBytes, polynomialBytes, readPolynomial, readWords, writePolynomial, writeWords } from './residues.ts';
import { readMember, readSender, requireMemberNumber, writeSender } from './shared-keys.ts';
import type { Trace } from './writer.ts';

export type { Lattice, LatticePrimitives } from '../lattice.ts';

type WithSecret = SchemeParameters & { readonly secret: Distribution };

/**
 * A secret key as its small coefficients, two bits each when they are ternary. Refuses a key whose coefficients are not those of
 * the parameters' distribution.
 */
export function encodeSecretKeyInTheClear(
  lattice: Lattice,
  parameters: WithSecret,
  key: SecretKey,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const ring = wholeRing(lattice, parameters);
  const { residues } = key.reveal();
  if (key.ring !== ring) throw new ParameterError('the secret key belongs to other parameters');
  const { memory } = ring.engine;
  const bound = largestCoefficient(parameters.secret);
  const { degree, moduli } = ring;
  const shifted = new Uint32Array(degree);
  memory.secretScope(() => {
    const at = memory.allocate(ring.limbBytes);
    const limb = memory.u32(at, degree);
    limb.set(residues.subarray(0, degree));
    inverseLimb(ring, 0, at);
    // r + bound modulo q is the coefficient's distance from −bound, whatever its sign; no branch on a coefficient.
    const { q } = moduli[0];
    for (let i = 0; i < degree; i++) {
      const sum = limb[i] + bound - q;
      shifted[i] = sum + (q & (sum >> 31));
    }
  });
  try {
    let outside = 0;
    for (let i = 0; i < degree; i++) outside |= 2 * bound - shifted[i];
    if (outside < 0)
      throw new ParameterError(`the secret key is not ${parameters.secret.kind}: it has larger coefficients`);
    const bits = bitsOf(bound);
    const message = { parameters, bodyBytes: packedBytes(degree, bits), trace };
    return writeMessage(lattice, { kind: 'secret key', ...message }, (writer) =>
      writeWords(writer, `coefficients + ${bound}`, ring.engine, shifted, bits),
    );
  } finally {
    shifted.fill(0);
  }
}

export function decodeSecretKey(lattice: Lattice, parameters: WithSecret, bytes: Uint8Array): SecretKey {
  const ring = wholeRing(lattice, parameters);
  const { memory } = ring.engine;
  const bound = largestCoefficient(parameters.secret);
  const { degree } = ring;
  const shifted = readMessage(lattice, 'secret key', parameters, bytes, (reader) =>
    readWords(reader, 'coefficients', ring.engine, degree, bitsOf(bound), 2 * bound + 1),
  );
  return memory.secretScope(() => {
    const signed = memory.allocate(ring.limbBytes);
    memory.i32(signed, degree).set(shifted.map((c) => c - bound));
    shifted.fill(0);
    const s = allocateBlock(ring);
    signedToBlock(ring, s, signed);
    forwardBlock(ring, s);
    return new SecretKey(evaluationPolynomial(ring, readBlock(ring, s)));
  });
}

/** What no coefficient of the distribution exceeds, rounded up where its tail ends somewhere (discrete-gaussian.ts: 255). */
function largestCoefficient(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'ternary':
      return 1;
    case 'centredBinomial':
      return distribution.eta;
    case 'discreteGaussian':
      return 255;
    default:
      return distribution satisfies never;
  }
}

/** Bits of the numbers 0 … 2·bound. */
function bitsOf(bound: number): number {
  return 32 - Math.clz32(2 * bound);
}

/** A member's share of a shared key, with the keys of its pairs in the order of the other members. */
export function encodeKeyShareInTheClear(share: KeyShare, trace?: Trace): Uint8Array<ArrayBuffer> {
  const { epoch, member } = share;
  const { lattice, parameters, ring, run } = epoch;
  const others = othersOf(epoch, member);
  const polynomial = share.reveal();
  const bodyBytes = DIGEST_BYTES + 2 + others.length * DIGEST_BYTES + polynomialBytes(ring);
  return writeMessage(lattice, { kind: 'key share', parameters, bodyBytes, trace }, (writer) => {
    writer.bytes('run', run, DIGEST_BYTES);
    writer.u16('member', member);
    for (const other of others) writer.bytes(`key with ${other}`, share.revealPairKey(other), DIGEST_BYTES);
    writePolynomial(writer, 'share', ring, polynomial);
  });
}

export function decodeKeyShare(epoch: KeyEpoch, bytes: Uint8Array): KeyShare {
  const { lattice, parameters, ring, run, roster } = epoch;
  return readMessage(lattice, 'key share', parameters, bytes, (reader) => {
    if (!sameBytes(reader.view('run', DIGEST_BYTES), run)) reader.refuse('belongs to another epoch of the key');
    const member = readMember(reader, 'member');
    if (!roster.members.includes(member)) reader.refuse(`${member} is not one of ${roster.members.join(', ')}`);
    const pairKeys = new Map(
      othersOf(epoch, member).map((other) => [other, reader.bytes(`key with ${other}`, DIGEST_BYTES)]),
    );
    return new KeyShare(epoch, member, readPolynomial(reader, 'share', ring), pairKeys);
  });
}

function othersOf({ roster }: KeyEpoch, member: number): number[] {
  return roster.members.filter((other) => other !== member);
}

export function encodeDealingInTheClear(epoch: KeyEpoch, dealing: Dealing, trace?: Trace): Uint8Array<ArrayBuffer> {
  const { lattice, parameters, ring } = epoch;
  const bodyBytes = DIGEST_BYTES + 4 + polynomialBytes(ring);
  return writeMessage(lattice, { kind: 'dealing', parameters, bodyBytes, trace }, (writer) => {
    writeSender(writer, dealing);
    writer.u16('to', requireMemberNumber(dealing.to));
    writePolynomial(writer, 'share', ring, dealing.share);
  });
}

export function decodeDealing({ lattice, parameters, ring }: KeyEpoch, bytes: Uint8Array): Dealing {
  return readMessage(lattice, 'dealing', parameters, bytes, (reader) => {
    const sender = readSender(reader);
    const to = readMember(reader, 'to');
    return secretMessage({ kind: 'dealing', ...sender, to, share: readPolynomial(reader, 'share', ring) });
  });
}

export function encodePairSeedInTheClear(epoch: KeyEpoch, message: PairSeed, trace?: Trace): Uint8Array<ArrayBuffer> {
  const { lattice, parameters } = epoch;
  const bodyBytes = DIGEST_BYTES + 4 + PAIR_SEED_BYTES;
  return writeMessage(lattice, { kind: 'pair seed', parameters, bodyBytes, trace }, (writer) => {
    writeSender(writer, message);
    writer.u16('to', requireMemberNumber(message.to));
    writer.bytes('seed', message.seed, PAIR_SEED_BYTES);
  });
}

export function decodePairSeed({ lattice, parameters }: KeyEpoch, bytes: Uint8Array): PairSeed {
  return readMessage(lattice, 'pair seed', parameters, bytes, (reader) => {
    const sender = readSender(reader);
    const to = readMember(reader, 'to');
    return secretMessage({ kind: 'pair seed', ...sender, to, seed: reader.bytes('seed', PAIR_SEED_BYTES) });
  });
}
