// What the members of a shared key say to each other, and the checks every receiver makes before it uses a word of it: the right
// protocol run, the right step, exactly one message from every member, polynomials of the right ring with every residue reduced.
//
// A `Dealing` and a `PairSeed` are secret and go to one member through a channel that hides and authenticates; everything else is
// broadcast. Who signed a message is for the layer above to check: `from` is believed here.
//
// A message that breaks a rule is a ProtocolViolation that names the sender; nothing of the round is used.

import { sameBytes, toHex } from '../bytes.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { concealed } from '../secrecy.ts';
import { DIGEST_BYTES } from './transcript.ts';

/** The steps of making keys: `rotation 5` is the share of the key for the Galois element 5. */
export type Step = 'public key' | 'relinearisation 1' | 'relinearisation 2' | `rotation ${number}`;

/** Broadcast first: the hash of a contribution, so that nobody can choose its own after seeing the others'. */
export interface Commitment {
  readonly kind: 'commitment';
  /** The run this belongs to: the identity of the key epoch. */
  readonly run: Uint8Array;
  readonly step: Step;
  readonly from: number;
  readonly digest: Uint8Array;
}

/** Broadcast: one member's summand of a public or evaluation key. */
export interface Contribution {
  readonly kind: 'contribution';
  readonly run: Uint8Array;
  readonly step: Step;
  readonly from: number;
  readonly polynomials: readonly EvaluationPolynomial[];
}

/** SECRET, for `to` alone: the value of the sender's sharing polynomial at `to`. */
export interface Dealing {
  readonly kind: 'dealing';
  readonly run: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly share: EvaluationPolynomial;
}

/** SECRET, for `to` alone: the sender's half of the key from which the two derive masks that cancel. */
export interface PairSeed {
  readonly kind: 'pair seed';
  readonly run: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly seed: Uint8Array;
}

export const PAIR_SEED_BYTES = 32;

/**
 * Freezes a secret message so that its secret is neither printed, copied nor serialised by accident (the wire has encodings with
 * warning names): `share` and `seed` are there by name only (secrecy.ts).
 */
export function secretMessage<Message extends Dealing | PairSeed>(message: Message): Message {
  const { kind, from, to } = message;
  const given: Dealing | PairSeed = message;
  const secrets = given.kind === 'dealing' ? { share: given.share } : { seed: given.seed };
  return concealed(message, secrets, `a ${kind}`, `Secret(${kind} from ${from} to ${to})`);
}

interface FromMember {
  readonly run: Uint8Array;
  readonly from: number;
}

/** The messages in the order of `members`, exactly one from each; refuses another run, duplicates, foreign and missing members. */
export function onePerMember<Message extends FromMember>(
  what: string,
  run: Uint8Array,
  members: readonly number[],
  messages: readonly Message[],
): Message[] {
  const byMember = new Map<number, Message>();
  for (const message of messages) {
    if (!members.includes(message.from))
      throw new ProtocolViolation(`${what} from ${message.from}, who is no member of this run`);
    if (!sameBytes(message.run, run)) {
      throw new ProtocolViolation(
        `${what} of member ${message.from} belongs to another run, ${toHex(message.run).slice(0, 16)}…`,
      );
    }
    if (byMember.has(message.from)) throw new ProtocolViolation(`member ${message.from} sent two messages: ${what}`);
    byMember.set(message.from, message);
  }
  return members.map((member) => {
    const message = byMember.get(member);
    if (message === undefined) throw new ProtocolViolation(`${what} of member ${member} is missing`);
    return message;
  });
}

/** Refuses a polynomial of another ring, of another length, or with a residue that is not below its prime. */
export function requireReduced(what: string, from: number, polynomial: EvaluationPolynomial, ring: Ring): void {
  if (polynomial.ring.engine !== ring.engine) {
    throw new ParameterError(`${what} of member ${from} was decoded for another engine than the epoch's`);
  }
  if (polynomial.ring !== ring) throw new ProtocolViolation(`${what} of member ${from} is over another ring`);
  const { residues } = polynomial;
  if (residues.length !== ring.degree * ring.moduli.length) {
    throw new ProtocolViolation(
      `${what} of member ${from} has ${residues.length} residues, not ${ring.degree * ring.moduli.length}`,
    );
  }
  const limb = firstUnreduced(polynomial);
  if (limb !== undefined) {
    throw new ProtocolViolation(`${what} of member ${from} has a residue that is not below ${ring.moduli[limb].q}`);
  }
}

/** The first limb with a residue that is not below its prime. Nothing branches on a residue: these may be shares. */
export function firstUnreduced({ ring, residues }: EvaluationPolynomial): number | undefined {
  const { degree, moduli } = ring;
  for (let limb = 0; limb < moduli.length; limb++) {
    const { q } = moduli[limb];
    let excess = 0;
    for (let i = limb * degree; i < (limb + 1) * degree; i++) excess |= (q - 1 - residues[i]) | residues[i];
    if (excess < 0) return limb;
  }
  return undefined;
}

export function requireBytes(what: string, from: number, bytes: Uint8Array, length: number = DIGEST_BYTES): void {
  if (bytes.length !== length) {
    throw new ProtocolViolation(`${what} of member ${from} has ${bytes.length} bytes, not ${length}`);
  }
}

/** Refuses secret messages that were meant for somebody else. */
export function requireAddressee(
  what: string,
  message: { readonly from: number; readonly to: number },
  member: number,
): void {
  if (message.to !== member)
    throw new ProtocolViolation(`${what} of member ${message.from} is for ${message.to}, not for ${member}`);
}
