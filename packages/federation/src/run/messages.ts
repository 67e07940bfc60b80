// What participants and coordinator say to each other in a run. Each message is one frame (frame.ts): a signed header, and bytes of its own
// where it carries a sum's message or a published sum. Read by readers that refuse whatever they do not know; hashes and keys are
// hexadecimal. Secret contents travel inside the sum's own messages, sealed or masked; nothing here needs hiding from the coordinator.
//
//   participant                                coordinator
//   hello(certificate)                      →
//                                           ←  offer(signed plan, projectId, runId)
//   accept | decline(reasons)               →
//                                           ←  started(members)
//   commit(hash of a value)                 →
//                                           ←  committed(hashes of all)
//   reveal(value)                           →
//                                           ←  drawn(values of all)                        orders, supports and rotations follow
//                                           ←  round(number, model, who is awaited), turn
//   sum(frame) … | sit out(reasons)         ⇄  sum(frame) …
//                                           ←  published(contributors, receipt) | failed(reason)
//   report(model)                           →                                              every member recomputed the model
//                                           ←  ended(reason)
//   resume(chapter, number)                 →                                              after a restart, or when something was lost

import { hash } from '../ledger/content.ts';
import type { Receipt } from '../ledger/index.ts';
import { receiptSchema } from '../ledger/receipt.ts';
import type { Json } from '../plan/plan.ts';
import { jsonObject, object, tagged } from '../schema/objects.ts';
import { list, oneOf, orNull, type Schema, text, whole } from '../schema/schema.ts';
import type { EndOfRun, Reason } from './events.ts';

export type ToCoordinator =
  | Hello
  | Accept
  | Decline
  | Commit
  | Reveal
  | SumToCoordinator
  | SitOut
  | Report
  | Leave
  | Resume;
export type ToParticipant =
  | Offer
  | Started
  | Committed
  | Drawn
  | RoundBegins
  | Turn
  | SumToParticipant
  | Published
  | Failed
  | CatchUp
  | Ended;

export interface Hello {
  readonly type: 'hello';
  readonly certificate: string;
}

export interface Accept {
  readonly type: 'accept';
}

/** What the coordinator may know of why not; the participant's own words stay with it. */
export interface Decline {
  readonly type: 'decline';
  readonly reasons: readonly Reason[];
}

export interface Commit {
  readonly type: 'commit';
  /** SHA-256 of the value that it will reveal. */
  readonly commitment: string;
}

export interface Reveal {
  readonly type: 'reveal';
  readonly value: string;
}

/** The body is a message of the round's sum. */
export interface SumToCoordinator {
  readonly type: 'sum';
  readonly round: number;
  /** Of the model that its words were made from; the protocol holds it to that. */
  readonly version: number;
}

export interface SitOut {
  readonly type: 'sit out';
  readonly round: number;
  readonly reasons: readonly Reason[];
}

/** The model that this participant came to by itself. */
export interface Report {
  readonly type: 'report';
  readonly version: number;
  readonly modelHash: string;
}

export interface Leave {
  readonly type: 'leave';
  readonly reason: string;
}

/** Asks for what comes after. Not numbered, and said as often as needed. */
export interface Resume {
  readonly type: 'resume';
  readonly chapter: number;
  readonly number: number;
  /** Of the newest model that it has; null where it has none. */
  readonly version: number | null;
}

/** Nothing is trusted because it stands here: plan and member are checked by the participant. */
export interface Offer {
  readonly type: 'offer';
  readonly projectId: string;
  readonly runId: string;
  /** The signed plan as a plan file has it. */
  readonly plan: Readonly<Record<string, Json>>;
}

export interface Started {
  readonly type: 'started';
  /** Certificates, in the order of names. */
  readonly members: readonly string[];
}

export interface Committed {
  readonly type: 'committed';
  /** In the order of the members. */
  readonly commitments: readonly string[];
}

export interface Drawn {
  readonly type: 'drawn';
  /** In the order of the members. */
  readonly values: readonly string[];
}

export interface RoundBegins {
  readonly type: 'round';
  readonly round: number;
  readonly version: number;
  readonly modelHash: string;
  readonly epoch: number;
  /** Under `asynchronous`: the models at the beginning of every sum since the epoch's, this one's last; else empty. */
  readonly models: readonly string[];
  /** How long a phase stays open. */
  readonly phaseMs: number;
  readonly members: readonly string[];
}

/** To whom it is said: it is your turn. */
export interface Turn {
  readonly type: 'turn';
  readonly round: number;
}

export interface SumToParticipant {
  readonly type: 'sum';
  readonly round: number;
}

/** The body, for who was not in the sum: what was sent to everybody in it when it was opened. Empty for the others. */
export interface Published {
  readonly type: 'published';
  readonly round: number;
  /** Of the model that came out. */
  readonly version: number;
  /** Null where sums are opened to participants alone. */
  readonly modelHash: string | null;
  readonly contributors: readonly string[];
  /** Of this participant's contribution; null for one that is not in the sum. */
  readonly receipt: Receipt | null;
}

export interface Failed {
  readonly type: 'failed';
  readonly round: number;
  readonly code: string;
  readonly reason: string;
}

/** For who came late or was away too long. The body is what was published last, as release/ writes it; empty where the coordinator has none. */
export interface CatchUp {
  readonly type: 'catch up';
  readonly version: number;
  readonly modelHash: string;
  /** As `started` and `drawn` said it. */
  readonly members: readonly string[];
  readonly values: readonly string[];
  /** Of members who computed that model themselves, or took it over from such: nobody takes it on the coordinator's word. */
  readonly reports: readonly SignedReport[];
}

/** A report as its member signed it: the header follows from these, the version and the model's hash. */
export interface SignedReport {
  readonly member: string;
  readonly number: number;
  readonly signature: string;
}

export interface Ended {
  readonly type: 'ended';
  readonly why: EndOfRun;
  readonly text: string;
}

const MEMBERS_AT_MOST = 2 ** 16;
const someMembers = { atLeast: 1, atMost: MEMBERS_AT_MOST } as const;
export const memberName: Schema<string> = text({ atLeast: 1, atMost: 64 });
export const sentence: Schema<string> = text({ atLeast: 1, atMost: 2000 });
export const count: Schema<number> = whole(0, 2 ** 31 - 1);
export const names: Schema<readonly string[]> = list(memberName, someMembers);
export const certificate: Schema<string> = text({
  atLeast: 2,
  atMost: 1024,
  pattern: { source: '^([0-9a-f]{2})+$', means: 'bytes in hexadecimal' },
});
export const signature: Schema<string> = text({
  atLeast: 128,
  atMost: 128,
  pattern: { source: '^[0-9a-f]{128}$', means: 'an Ed25519 signature: 128 hexadecimal digits' },
});
export const reasons: Schema<readonly Reason[]> = list(
  object<Reason>({ code: memberName, path: text({ atMost: 200 }), text: sentence }),
  { atLeast: 1, atMost: 64 },
);

export const toCoordinatorSchema: Schema<ToCoordinator> = tagged('type', {
  hello: object<Hello>({ type: oneOf('hello'), certificate }),
  accept: object<Accept>({ type: oneOf('accept') }),
  decline: object<Decline>({ type: oneOf('decline'), reasons }),
  commit: object<Commit>({ type: oneOf('commit'), commitment: hash }),
  reveal: object<Reveal>({ type: oneOf('reveal'), value: hash }),
  sum: object<SumToCoordinator>({ type: oneOf('sum'), round: count, version: count }),
  'sit out': object<SitOut>({ type: oneOf('sit out'), round: count, reasons }),
  report: object<Report>({ type: oneOf('report'), version: count, modelHash: hash }),
  leave: object<Leave>({ type: oneOf('leave'), reason: sentence }),
  resume: object<Resume>({ type: oneOf('resume'), chapter: count, number: count, version: orNull(count) }),
});

export const endOfRun: Schema<EndOfRun> = oneOf(
  'all rounds done',
  'loss stopped falling',
  'time is over',
  'too few members',
  'rounds keep failing',
  'the budget is spent',
  'members disagree',
  'stopped by its owner',
);

export const toParticipantSchema: Schema<ToParticipant> = tagged('type', {
  offer: object<Offer>({
    type: oneOf('offer'),
    projectId: memberName,
    runId: memberName,
    plan: jsonObject('a signed plan', 32),
  }),
  started: object<Started>({ type: oneOf('started'), members: list(certificate, someMembers) }),
  committed: object<Committed>({ type: oneOf('committed'), commitments: list(hash, someMembers) }),
  drawn: object<Drawn>({ type: oneOf('drawn'), values: list(hash, someMembers) }),
  round: object<RoundBegins>({
    type: oneOf('round'),
    round: count,
    version: count,
    modelHash: hash,
    epoch: count,
    models: list(hash, { atLeast: 0, atMost: MEMBERS_AT_MOST }),
    phaseMs: whole(1, 2 ** 53 - 1),
    members: names,
  }),
  turn: object<Turn>({ type: oneOf('turn'), round: count }),
  sum: object<SumToParticipant>({ type: oneOf('sum'), round: count }),
  published: object<Published>({
    type: oneOf('published'),
    round: count,
    version: count,
    modelHash: orNull(hash),
    contributors: names,
    receipt: orNull(receiptSchema),
  }),
  failed: object<Failed>({ type: oneOf('failed'), round: count, code: memberName, reason: sentence }),
  'catch up': object<CatchUp>({
    type: oneOf('catch up'),
    version: count,
    modelHash: hash,
    members: list(certificate, someMembers),
    values: list(hash, someMembers),
    reports: list(object<SignedReport>({ member: memberName, number: count, signature }), {
      atLeast: 0,
      atMost: MEMBERS_AT_MOST,
    }),
  }),
  ended: object<Ended>({ type: oneOf('ended'), why: endOfRun, text: sentence }),
});
