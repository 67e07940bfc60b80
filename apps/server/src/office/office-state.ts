// What the owner's log of a run comes to: whose run it is, who was invited, who asked, who is certified, who may look, who is revoked. A fold,
// like the run's own state; what does not follow changes nothing and answers the same object. Certificates and lists are verified before
// they become events (office.ts): the fold decodes them and believes them.

import { type Certificate, certificateHash, decodeCertificate, decodeRevocationList } from '@sumus/secure-sum/identity';
import type { Hashing } from '@sumus/secure-sum/primitives';
import type { AnswerEnrolment, CreateRun, Enrol, RegisterInvitation } from '@sumus/wire/bodies';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import type { OfficeEvent } from './office-events.ts';

export interface Invitation extends RegisterInvitation {
  readonly asked: AskedFor | undefined;
  readonly answer: AnswerEnrolment | undefined;
}

export interface AskedFor extends Enrol {
  readonly atMs: number;
  /** Counts what was asked, from 0. */
  readonly place: number;
}

export interface Member {
  readonly name: string;
  readonly certificate: Certificate;
  /** As revocation lists name it, hexadecimal. */
  readonly certificateHash: string;
}

export interface OfficeState {
  readonly create: CreateRun;
  /** The key that signed the plan. */
  readonly owner: string;
  readonly roundsPaid: number;
  readonly firstModelBytes: number;
  readonly createdAtMs: number;
  readonly isPaused: boolean;
  readonly wasStarted: boolean;
  /** By id. */
  readonly invitations: ReadonlyMap<string, Invitation>;
  readonly asked: readonly AskedFor[];
  /** By public key, hexadecimal. */
  readonly members: ReadonlyMap<string, Member>;
  readonly observers: ReadonlySet<string>;
  readonly revocations:
    | { readonly list: string; readonly sequence: number; readonly revoked: ReadonlySet<string> }
    | undefined;
  /** Names that the owner gave up. */
  readonly removed: ReadonlySet<string>;
  /** Key and nonce of requests that became events. */
  readonly nonces: ReadonlySet<string>;
}

export function officeFold(
  primitives: Hashing,
  state: OfficeState | undefined,
  event: OfficeEvent,
): OfficeState | undefined {
  const next = folded(primitives, state, event);
  if (next === undefined || next === state || event.by === null) return next;
  return { ...next, nonces: new Set([...next.nonces, nonceOf(event.by)]) };
}

export const nonceOf = ({ key, nonce }: { readonly key: string; readonly nonce: string }): string => `${key}.${nonce}`;

function folded(primitives: Hashing, state: OfficeState | undefined, event: OfficeEvent): OfficeState | undefined {
  if (event.kind === 'run registered') return state ?? registered(event);
  if (state === undefined) return undefined;
  switch (event.kind) {
    case 'invitation registered': {
      const { invitation } = event;
      if (state.invitations.has(invitation.id)) return state;
      return withInvitation(state, { ...invitation, asked: undefined, answer: undefined });
    }
    case 'enrolment asked': {
      const invitation = state.invitations.get(event.enrol.invitation);
      if (invitation === undefined || invitation.asked !== undefined) return state;
      const asked = { ...event.enrol, atMs: event.atMs, place: state.asked.length };
      return { ...withInvitation(state, { ...invitation, asked }), asked: [...state.asked, asked] };
    }
    case 'enrolment answered': {
      const invitation = state.invitations.get(event.invitation);
      if (invitation?.asked === undefined || invitation.answer !== undefined) return state;
      const next = withInvitation(state, { ...invitation, answer: event.answer });
      return event.answer.kind === 'certified' ? withMember(primitives, next, event.answer.certificate) : next;
    }
    case 'observer named':
      return { ...state, observers: new Set([...state.observers, event.publicKey]) };
    case 'certificates revoked': {
      const { sequence, certificateHashes } = decodeRevocationList(bytesOfHex(event.list));
      return { ...state, revocations: { list: event.list, sequence, revoked: new Set(certificateHashes.map(hexOf)) } };
    }
    case 'member removed':
      return { ...state, removed: new Set([...state.removed, event.member]) };
    case 'start asked':
      return { ...state, wasStarted: true };
    case 'paused':
      return { ...state, isPaused: true };
    case 'resumed':
      return { ...state, isPaused: false };
    case 'stop asked':
      return { ...state };
    default:
      return event satisfies never;
  }
}

const registered = (event: Extract<OfficeEvent, { kind: 'run registered' }>): OfficeState => ({
  create: event.create,
  owner: event.create.plan.signedBy,
  roundsPaid: event.roundsPaid,
  firstModelBytes: event.firstModelBytes,
  createdAtMs: event.atMs,
  isPaused: false,
  wasStarted: false,
  invitations: new Map(),
  asked: [],
  members: new Map(),
  observers: new Set(),
  revocations: undefined,
  removed: new Set(),
  nonces: new Set(),
});

const withInvitation = (state: OfficeState, invitation: Invitation): OfficeState => ({
  ...state,
  invitations: new Map([...state.invitations, [invitation.id, invitation]]),
});

function withMember(primitives: Hashing, state: OfficeState, text: string): OfficeState {
  const certificate = decodeCertificate(bytesOfHex(text));
  const hash = hexOf(certificateHash(primitives, certificate));
  const member: Member = { name: certificate.memberId, certificate, certificateHash: hash };
  return { ...state, members: new Map([...state.members, [hexOf(certificate.publicKey), member]]) };
}

export type Role =
  | { readonly kind: 'owner' }
  | { readonly kind: 'participant'; readonly member: Member }
  | { readonly kind: 'observer' }
  | { readonly kind: 'invited' }
  | { readonly kind: 'nobody'; readonly why: string };

/** Who a key is in this run, now. */
export function roleOf(state: OfficeState, key: string, nowMs: number): Role {
  if (key === state.owner) return { kind: 'owner' };
  const member = state.members.get(key);
  if (member !== undefined) {
    const { notAfterMs, notBeforeMs } = member.certificate;
    if (state.revocations?.revoked.has(member.certificateHash))
      return { kind: 'nobody', why: 'its certificate was revoked' };
    if (state.removed.has(member.name)) return { kind: 'nobody', why: 'the owner gave it up' };
    if (nowMs < notBeforeMs || nowMs > notAfterMs) return { kind: 'nobody', why: 'its certificate does not hold now' };
    return { kind: 'participant', member };
  }
  if (state.observers.has(key)) return { kind: 'observer' };
  const isInvited = state.asked.some(({ publicKey }) => publicKey === key);
  return isInvited ? { kind: 'invited' } : { kind: 'nobody', why: 'it has no part in this run' };
}
