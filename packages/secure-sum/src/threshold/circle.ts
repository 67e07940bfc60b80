// The members of a shared key as the protocol knows them: certified silos of the epoch's roster, whose place there gives their
// number, which is their evaluation point (1 … n by default). Public; coordinator, members and encryptors share it.
//
// Refused: a member whose certificate is not that of a silo (E_CERT), a message that its sender did not sign in this context.

import { compareNames, type MemberId } from '../canonical/index.ts';
import type { AnyContext, Context } from '../context/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Trust } from '../identity/index.ts';
import { decodeMessage, type MessageKind, type VerifiedMessage, verifyMessage } from '../messages/index.ts';
import type { PublicPrimitives } from '../primitives.ts';
import { type Roster, type RosterMember, vouchFor } from '../roster/index.ts';
import { MEMBERS_OF_A_KEY_AT_MOST } from './kinds.ts';

export interface NumberedMember extends RosterMember {
  /** Its evaluation point. */
  readonly number: number;
}

export interface Circle {
  /** Of the epoch: founding, boxes and the certificate stand under it. */
  readonly context: Context;
  /** In the order of numbers, which is that of names. */
  readonly members: readonly NumberedMember[];
  readonly byName: ReadonlyMap<MemberId, NumberedMember>;
  readonly byNumber: ReadonlyMap<number, NumberedMember>;
}

/** Checks certificate, role and signature of everybody in the roster. `numbers`: rising; 1 … n unless told. */
export async function circleOf(
  primitives: PublicPrimitives,
  trust: Trust,
  {
    context,
    roster,
    numbers,
  }: { readonly context: Context; readonly roster: Roster; readonly numbers?: readonly number[] },
): Promise<Circle> {
  const count = roster.members.length;
  if (count < 2 || count > MEMBERS_OF_A_KEY_AT_MOST) throw new ParameterError(`a shared key of ${count} members`);
  const points = numbers ?? Array.from({ length: count }, (_, i) => i + 1);
  if (points.length !== count || points.some((point, i) => i > 0 && point <= points[i - 1]!)) {
    throw new ParameterError(`${points.length} numbers for ${count} members, or not rising`);
  }
  if (roster.context !== context.open && !same(roster.context.hash, context.open.hash)) {
    throw new ProtocolViolation('E_CTX', 'the roster belongs to another context than the epoch');
  }
  if (!same(roster.root, context.rosterRoot)) {
    throw new ProtocolViolation('E_ROSTER', 'the context of the epoch names another roster');
  }
  const members: NumberedMember[] = [];
  for (const { index } of roster.members) {
    const vouched = await vouchFor(primitives, trust, roster, index, 'silo');
    members.push(Object.freeze({ ...vouched, number: points[index]! }));
  }
  members.sort((a, b) => compareNames(a.memberId, b.memberId));
  return Object.freeze({
    context,
    members: Object.freeze(members),
    byName: new Map(members.map((member) => [member.memberId, member])),
    byNumber: new Map(members.map((member) => [member.number, member])),
  });
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

export function memberNumbered({ byNumber }: Circle, number: number): NumberedMember {
  const member = byNumber.get(number);
  if (member === undefined) throw new ProtocolViolation('E_ROSTER', `${number} is no member of this key`);
  return member;
}

export function memberNamed({ byName }: Circle, name: MemberId): NumberedMember {
  const member = byName.get(name);
  if (member === undefined) throw new ProtocolViolation('E_ROSTER', `${name} is no member of this key`);
  return member;
}

export interface FromMember {
  readonly member: NumberedMember;
  readonly message: VerifiedMessage;
}

/** A member's message: decoded, and its signature checked. */
export async function receive(
  primitives: PublicPrimitives,
  circle: Circle,
  expected: MessageKind & { readonly context: AnyContext; readonly bodyBytesAtMost: number },
  bytes: Uint8Array,
): Promise<FromMember> {
  const claimed = decodeMessage(bytes, expected.bodyBytesAtMost);
  const member = memberNamed(circle, claimed.sender);
  const { context, phase, type } = expected;
  const sender = { memberId: member.memberId, publicKey: member.certificate.publicKey };
  return { member, message: await verifyMessage(primitives, claimed, { context, phase, type, sender }) };
}

/** One message of each of these members, in their order; E_DUPLICATE, E_ROSTER or E_QUORUM otherwise. */
export async function receiveAll(
  primitives: PublicPrimitives,
  circle: Circle,
  expected: MessageKind & { readonly context: AnyContext; readonly bodyBytesAtMost: number },
  from: readonly NumberedMember[],
  messages: readonly Uint8Array[],
): Promise<FromMember[]> {
  const byNumber = new Map<number, FromMember>();
  for (const bytes of messages) {
    const received = await receive(primitives, circle, expected, bytes);
    const { number, memberId } = received.member;
    if (byNumber.has(number)) throw new ProtocolViolation('E_DUPLICATE', `two ${expected.type} of ${memberId}`);
    if (!from.some((member) => member.number === number)) {
      throw new ProtocolViolation('E_ROSTER', `${memberId} is not among those whose ${expected.type} is awaited`);
    }
    byNumber.set(number, received);
  }
  return from.map(({ number, memberId }) => {
    const received = byNumber.get(number);
    if (received === undefined) throw new ProtocolViolation('E_QUORUM', `${expected.type} of ${memberId} is missing`);
    return received;
  });
}

/** The lattice believes `from`; the signature says who it is. */
export function fromIts<Message extends { readonly from: number }>(number: number, message: Message): Message {
  if (message.from !== number) {
    throw new ProtocolViolation('E_SIG', `member ${number} signed a message of member ${message.from}`);
  }
  return message;
}
