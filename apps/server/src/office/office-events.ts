// What the owner of a run did, and who was let in: a log of its own beside the run's (docs/protocol.md, "Over the network"). The run's log says what
// was computed; this one, by whose word. Every action carries the nonce of the request that asked for it, so that a request that was seen
// before a restart is known after it. Nothing in it is secret: a server has no invitation's secret and no authority's key.

import {
  type AnswerEnrolment,
  answerEnrolment,
  type CreateRun,
  createRun,
  type Enrol,
  enrol,
  key,
  memberName,
  type NameObserver,
  type RegisterInvitation,
  type RemoveMember,
  registerInvitation,
  type StopRun,
} from '@sumus/wire/bodies';
import { hexadecimal, object, oneOf, orNull, type Shape, tagged, text, whole } from '@sumus/wire/shape';

/** The request that asked for it; null where the server did it by itself. */
export interface ByRequest {
  readonly key: string;
  readonly nonce: string;
}

interface At {
  readonly atMs: number;
  readonly by: ByRequest | null;
}

export interface RunRegistered extends At {
  readonly kind: 'run registered';
  readonly create: CreateRun;
  /** paidRounds of the plan: asked once, for it takes a second. */
  readonly roundsPaid: number;
  readonly firstModelBytes: number;
}

export interface InvitationRegistered extends At {
  readonly kind: 'invitation registered';
  readonly invitation: RegisterInvitation;
}

export interface EnrolmentWasAsked extends At {
  readonly kind: 'enrolment asked';
  readonly enrol: Enrol;
}

export interface EnrolmentAnswered extends At {
  readonly kind: 'enrolment answered';
  readonly invitation: string;
  readonly answer: AnswerEnrolment;
}

export interface ObserverNamed extends At, NameObserver {
  readonly kind: 'observer named';
}

export interface Revoked extends At {
  readonly kind: 'certificates revoked';
  /** encodeRevocationList, hexadecimal. */
  readonly list: string;
}

export interface MemberRemoved extends At, RemoveMember {
  readonly kind: 'member removed';
}

export interface StartAsked extends At {
  readonly kind: 'start asked';
}

export interface Paused extends At {
  readonly kind: 'paused';
}

export interface Resumed extends At {
  readonly kind: 'resumed';
}

export interface StopAsked extends At, StopRun {
  readonly kind: 'stop asked';
}

export type OfficeEvent =
  | RunRegistered
  | InvitationRegistered
  | EnrolmentWasAsked
  | EnrolmentAnswered
  | ObserverNamed
  | Revoked
  | MemberRemoved
  | StartAsked
  | Paused
  | Resumed
  | StopAsked;

const atMs: Shape<number> = whole(0, 2 ** 53 - 1);
const by: Shape<ByRequest | null> = orNull(object<ByRequest>({ key, nonce: hexadecimal(16) }));
const reason = text({ atLeast: 1, atMost: 2000 });

export const officeEvent: Shape<OfficeEvent> = tagged<OfficeEvent, 'kind'>('kind', {
  'run registered': object<RunRegistered>({
    kind: oneOf('run registered'),
    atMs,
    by,
    create: createRun,
    roundsPaid: whole(0, 2 ** 53 - 1),
    firstModelBytes: whole(1, 2 ** 40),
  }),
  'invitation registered': object<InvitationRegistered>({
    kind: oneOf('invitation registered'),
    atMs,
    by,
    invitation: registerInvitation,
  }),
  'enrolment asked': object<EnrolmentWasAsked>({ kind: oneOf('enrolment asked'), atMs, by, enrol }),
  'enrolment answered': object<EnrolmentAnswered>({
    kind: oneOf('enrolment answered'),
    atMs,
    by,
    invitation: hexadecimal(16),
    answer: answerEnrolment,
  }),
  'observer named': object<ObserverNamed>({ kind: oneOf('observer named'), atMs, by, publicKey: key }),
  'certificates revoked': object<Revoked>({
    kind: oneOf('certificates revoked'),
    atMs,
    by,
    list: hexadecimal(1, 2 ** 20),
  }),
  'member removed': object<MemberRemoved>({ kind: oneOf('member removed'), atMs, by, member: memberName, reason }),
  'start asked': object<StartAsked>({ kind: oneOf('start asked'), atMs, by }),
  paused: object<Paused>({ kind: oneOf('paused'), atMs, by }),
  resumed: object<Resumed>({ kind: oneOf('resumed'), atMs, by }),
  'stop asked': object<StopAsked>({ kind: oneOf('stop asked'), atMs, by, reason }),
});
