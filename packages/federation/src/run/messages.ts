// What participants and coordinator say to each other in a run. Each message is one frame (frame.ts): a signed header, and bytes of its own
// where it carries a sum's message or a published sum. Read by readers that refuse whatever they do not know; hashes and keys are
// hexadecimal. Secret contents travel inside the sum's own messages, sealed or masked; nothing here needs hiding from the coordinator.
//
//   participant                                coordinator
//   hello(certificate)                      →
//                                           ←  offer(signed plan, projectId, runId)
//   accept(commitment) | decline(reasons)   →
//                                           ←  started(members, their commitments)
//   reveal(value)                           →
//                                           ←  drawn(values of all)                        orders and cohorts follow
//                                           ←  round(number, model, who is awaited)
//   sum(frame) … | sit out(reasons)         ⇄  sum(frame) …
//                                           ←  published(sum, contributors, receipt) | failed(reason)
//   report(model)                           →                                              every member recomputed the model
//                                           ←  ended(reason)

import { hash } from '../ledger/content.ts';
import type { Receipt } from '../ledger/index.ts';
import { receiptSchema } from '../ledger/receipt.ts';
import type { Json } from '../plan/plan.ts';
import { jsonObject, object, tagged } from '../schema/objects.ts';
import { list, number as numeric, oneOf, orNull, type Schema, text, whole } from '../schema/schema.ts';
import type { EndOfRun, Reason, ReleasedMetric } from './events.ts';

export type ToCoordinator = Hello | Accept | Decline | Reveal | SumToCoordinator | SitOut | Report | Leave;
export type ToParticipant =
  | Offer
  | Started
  | Drawn
  | RoundBegins
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
  readonly commitment: string;
}

/** What the coordinator may know of why not; the participant's own words stay with it. */
export interface Decline {
  readonly type: 'decline';
  readonly reasons: readonly Reason[];
}

export interface Reveal {
  readonly type: 'reveal';
  readonly value: string;
}

/** The body is a message of the round's sum. */
export interface SumToCoordinator {
  readonly type: 'sum';
  readonly round: number;
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
  readonly members: readonly StartedMember[];
}

export interface StartedMember {
  readonly certificate: string;
  readonly commitment: string;
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
  /** By the coordinator's clock; a participant that comes later is counted as missing. */
  readonly endsAtMs: number;
  readonly members: readonly string[];
}

export interface SumToParticipant {
  readonly type: 'sum';
  readonly round: number;
}

/** The body is the sum's words, four bytes each, lowest first; empty where sums are opened to participants alone. */
export interface Published {
  readonly type: 'published';
  readonly round: number;
  readonly flush: number;
  readonly version: number;
  readonly modelHash: string | null;
  readonly contributors: readonly string[];
  /** Of this participant's contribution; null for one that is not in the sum. */
  readonly receipt: Receipt | null;
  readonly metrics: readonly ReleasedMetric[];
}

export interface Failed {
  readonly type: 'failed';
  readonly round: number;
  readonly code: string;
  readonly reason: string;
}

/** For who missed a published sum or came late: the body is the newest model's state as release/ writes it. */
export interface CatchUp {
  readonly type: 'catch up';
  readonly version: number;
  readonly modelHash: string;
  readonly round: number;
}

export interface Ended {
  readonly type: 'ended';
  readonly why: EndOfRun;
  readonly text: string;
}

const MEMBERS_AT_MOST = 2 ** 16;
const name: Schema<string> = text({ atLeast: 1, atMost: 64 });
const sentence: Schema<string> = text({ atLeast: 1, atMost: 2000 });
const count: Schema<number> = whole(0, 2 ** 31 - 1);
const certificate: Schema<string> = text({
  atLeast: 2,
  atMost: 1024,
  pattern: { source: '^([0-9a-f]{2})+$', means: 'bytes in hexadecimal' },
});
const finite: Schema<number> = numeric({});

const reasons: Schema<readonly Reason[]> = list(
  object<Reason>({ code: name, path: text({ atMost: 200 }), text: sentence }),
  { atLeast: 1, atMost: 64 },
);

export const toCoordinatorSchema: Schema<ToCoordinator> = tagged('type', {
  hello: object<Hello>({ type: oneOf('hello'), certificate }),
  accept: object<Accept>({ type: oneOf('accept'), commitment: hash }),
  decline: object<Decline>({ type: oneOf('decline'), reasons }),
  reveal: object<Reveal>({ type: oneOf('reveal'), value: hash }),
  sum: object<SumToCoordinator>({ type: oneOf('sum'), round: count }),
  'sit out': object<SitOut>({ type: oneOf('sit out'), round: count, reasons }),
  report: object<Report>({ type: oneOf('report'), version: count, modelHash: hash }),
  leave: object<Leave>({ type: oneOf('leave'), reason: sentence }),
});

const endOfRun: Schema<EndOfRun> = oneOf(
  'all rounds done',
  'loss stopped falling',
  'time is over',
  'too few members',
  'rounds keep failing',
  'members disagree',
  'stopped by its owner',
);

export const toParticipantSchema: Schema<ToParticipant> = tagged('type', {
  offer: object<Offer>({ type: oneOf('offer'), projectId: name, runId: name, plan: jsonObject('a signed plan', 32) }),
  started: object<Started>({
    type: oneOf('started'),
    members: list(object<StartedMember>({ certificate, commitment: hash }), { atLeast: 1, atMost: MEMBERS_AT_MOST }),
  }),
  drawn: object<Drawn>({ type: oneOf('drawn'), values: list(hash, { atLeast: 1, atMost: MEMBERS_AT_MOST }) }),
  round: object<RoundBegins>({
    type: oneOf('round'),
    round: count,
    version: count,
    modelHash: hash,
    endsAtMs: whole(0, 2 ** 53 - 1),
    members: list(name, { atLeast: 1, atMost: MEMBERS_AT_MOST }),
  }),
  sum: object<SumToParticipant>({ type: oneOf('sum'), round: count }),
  published: object<Published>({
    type: oneOf('published'),
    round: count,
    flush: count,
    version: count,
    modelHash: orNull(hash),
    contributors: list(name, { atLeast: 1, atMost: MEMBERS_AT_MOST }),
    receipt: orNull(receiptSchema),
    metrics: list(object<ReleasedMetric>({ name, value: finite, units: count }), { atLeast: 0, atMost: 8 }),
  }),
  failed: object<Failed>({ type: oneOf('failed'), round: count, code: name, reason: sentence }),
  'catch up': object<CatchUp>({ type: oneOf('catch up'), version: count, modelHash: hash, round: count }),
  ended: object<Ended>({ type: oneOf('ended'), why: endOfRun, text: sentence }),
});
