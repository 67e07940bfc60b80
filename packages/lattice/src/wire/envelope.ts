// The frame of every message: four letters, the version of the format, what it is, and the SHA-256 of the description of the
// parameters it was made for. A message of another version, kind or parameter set is refused before its body is looked at.
//
//   'SUML'  1 byte version  1 byte kind  32 bytes parameter identity  body
//
// Version 1 fixes: this frame, the bodies in this folder, the canonical descriptions of parameters, what a seed stands for
// (random/), and the order of evaluations (ring/evaluation-order.ts, ring/ntt-tables.ts). The vectors hold all of it.

import { sameBytes, toHex } from '../bytes.ts';
import type { Lattice } from '../lattice.ts';
import { parameterId } from '../parameters/identity.ts';
import { Reader } from './reader.ts';
import { type Trace, Writer } from './writer.ts';

export const WIRE_VERSION = 1;
const LETTERS: Uint8Array = Uint8Array.from('SUML', (letter) => letter.charCodeAt(0));
const ID_BYTES = 32;
export const ENVELOPE_BYTES: number = LETTERS.length + 2 + ID_BYTES;

/** Every kind of message. A number is never used for anything else again. */
export const KINDS = {
  coefficients: 1,
  evaluations: 2,
  'public key': 3,
  'secret key': 4,
  'relinearisation key': 5,
  'Galois key': 6,
  'Galois keys': 7,
  'integer ciphertext': 16,
  'integer vector': 17,
  'CKKS ciphertext': 18,
  'one-time ciphertext': 19,
  'one-time key share': 20,
  'one-time key sum': 21,
  commitment: 32,
  contribution: 33,
  'partial decryption': 34,
  'switch answer': 35,
  dealing: 36,
  'pair seed': 37,
  'key share': 38,
  'refresh answer': 39,
} as const;

export type Kind = keyof typeof KINDS;

/** What a message belongs to. */
export interface Described {
  /** The canonical text that the identity is the hash of. */
  readonly description: string;
}

export interface Outgoing {
  readonly kind: Kind;
  readonly parameters: Described;
  /** How long the body will be; only a hint. */
  readonly bodyBytes: number;
  readonly trace?: Trace | undefined;
}

export function writeMessage(
  { primitives }: Lattice,
  { kind, parameters, bodyBytes, trace }: Outgoing,
  body: (writer: Writer) => void,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer(ENVELOPE_BYTES + bodyBytes, trace);
  writer.bytes("letters 'SUML'", LETTERS, LETTERS.length);
  writer.u8('version', WIRE_VERSION);
  writer.u8(`kind: ${kind}`, KINDS[kind]);
  writer.bytes('parameter identity', parameterId(primitives, parameters.description), ID_BYTES);
  body(writer);
  return writer.finish();
}

/** Reads the frame, then the body, then insists on the end. */
export function readMessage<Value>(
  { primitives }: Lattice,
  kind: Kind,
  parameters: Described,
  bytes: Uint8Array,
  body: (reader: Reader) => Value,
): Value {
  const reader = new Reader(bytes, kind);
  if (!sameBytes(reader.view('letters', LETTERS.length), LETTERS)) reader.refuse("does not begin with 'SUML'");
  const version = reader.u8('version');
  if (version !== WIRE_VERSION) reader.refuse(`version ${version} is not ${WIRE_VERSION}`);
  const number = reader.u8('kind');
  if (number !== KINDS[kind]) reader.refuse(`kind ${number} (${kindOf(number) ?? 'unknown'}) is not ${kind}`);
  const id = reader.view('parameter identity', ID_BYTES);
  if (!sameBytes(id, parameterId(primitives, parameters.description))) {
    reader.refuse(`belongs to parameters ${toHex(id.subarray(0, 8))}…, not to "${parameters.description}"`);
  }
  const value = body(reader);
  reader.finish();
  return value;
}

/** What a message says it is, or undefined: for those who sort messages before they decode them. */
export function kindOfMessage(bytes: Uint8Array): Kind | undefined {
  if (bytes.length < ENVELOPE_BYTES || !sameBytes(bytes.subarray(0, LETTERS.length), LETTERS)) return undefined;
  return bytes[LETTERS.length] === WIRE_VERSION ? kindOf(bytes[LETTERS.length + 1]) : undefined;
}

function kindOf(number: number): Kind | undefined {
  const names = Object.keys(KINDS) as Kind[];
  return names.find((name) => KINDS[name] === number);
}
