// How a stranger becomes a member. The owner's command registers an invitation (without its secret), whoever has the link asks with a key of
// its own and a proof that it knows the secret, and the owner's command, which alone holds the authority's key, certifies or refuses. A
// server carries all of it and can do none of it: it never sees the secret, and has no key that a certificate counts under.

import type { SignedPlan } from '@sumus/federation/plan';
import { flag, hexadecimal, object, oneOf, orNull, type Shape, tagged } from '../shape/shape.ts';
import { certificateText, invitationId, key, memberName, milliseconds, sentence } from './names.ts';
import { signedPlan } from './signed-plan.ts';

/** secure-sum's roles: what a certificate says. */
export type MemberRole = 'silo' | 'device' | 'committee';

export interface RegisterInvitation {
  readonly id: string;
  readonly member: string;
  readonly role: MemberRole;
  readonly notAfterMs: number;
}

const role: Shape<MemberRole> = oneOf('silo', 'device', 'committee');

export const registerInvitation: Shape<RegisterInvitation> = object<RegisterInvitation>({
  id: invitationId,
  member: memberName,
  role,
  notAfterMs: milliseconds,
});

/** To whoever names an invitation: what it is for, before anything is said. Checked against the link, which is what is believed. */
export interface InvitationDetails extends RegisterInvitation {
  readonly projectId: string;
  readonly plan: SignedPlan;
  readonly isSpent: boolean;
}

export const invitationDetails: Shape<InvitationDetails> = object<InvitationDetails>({
  id: invitationId,
  member: memberName,
  role,
  notAfterMs: milliseconds,
  projectId: memberName,
  plan: signedPlan,
  isSpent: flag,
});

/** Signed by the key that it names. The first for an invitation counts, at the server and at the owner; the same again changes nothing. */
export interface Enrol {
  readonly invitation: string;
  readonly publicKey: string;
  /** enrolmentProof (link/): HMAC-SHA-256 under the invitation's secret. */
  readonly proof: string;
}

export const enrol: Shape<Enrol> = object<Enrol>({
  invitation: invitationId,
  publicKey: key,
  proof: hexadecimal(32),
});

/** What the owner's command is told of each, as an event whose id counts them from 0. */
export interface EnrolmentAsked extends Enrol {
  readonly member: string;
  readonly role: MemberRole;
  readonly notAfterMs: number;
  /** The server's clock when it came. */
  readonly atMs: number;
}

export const enrolmentAsked: Shape<EnrolmentAsked> = object<EnrolmentAsked>({
  invitation: invitationId,
  publicKey: key,
  proof: hexadecimal(32),
  member: memberName,
  role,
  notAfterMs: milliseconds,
  atMs: milliseconds,
});

/** The owner's answer. */
export type AnswerEnrolment =
  | {
      readonly kind: 'certified';
      /** encodeCertificate, hexadecimal. */
      readonly certificate: string;
    }
  | { readonly kind: 'refused'; readonly reason: string };

type Certified = Extract<AnswerEnrolment, { kind: 'certified' }>;
type Refused = Extract<AnswerEnrolment, { kind: 'refused' }>;

export const answerEnrolment: Shape<AnswerEnrolment> = tagged<AnswerEnrolment, 'kind'>('kind', {
  certified: object<Certified>({ kind: oneOf('certified'), certificate: certificateText }),
  refused: object<Refused>({ kind: oneOf('refused'), reason: sentence }),
});

/** To the key that asked: where it stands. */
export type EnrolmentState =
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'certified';
      readonly certificate: string;
      /** The newest revocation list, hexadecimal; null where there is none yet. */
      readonly revocations: string | null;
    }
  | Refused;

export const enrolmentState: Shape<EnrolmentState> = tagged<EnrolmentState, 'kind'>('kind', {
  waiting: object<Extract<EnrolmentState, { kind: 'waiting' }>>({ kind: oneOf('waiting') }),
  certified: object<Extract<EnrolmentState, { kind: 'certified' }>>({
    kind: oneOf('certified'),
    certificate: certificateText,
    revocations: orNull(hexadecimal(1, 2 ** 20)),
  }),
  refused: object<Refused>({ kind: oneOf('refused'), reason: sentence }),
});
