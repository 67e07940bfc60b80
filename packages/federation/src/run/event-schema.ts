// Events read back from a log, as a store or an export has them: JSON, held member by member to what events.ts says. Whether one follows from
// those before is foldAll's to say, and whether records and signatures are genuine, the ledger's.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { MalformedMessage } from '../errors.ts';
import { hash } from '../ledger/content.ts';
import { publishedSumSchema } from '../ledger/receipt.ts';
import { recordSchema } from '../ledger/record.ts';
import { readPlanFile, type SignedPlan } from '../plan/plan-file.ts';
import type { PublishedMetric } from '../release/metrics.ts';
import { check, object, problemLine, tagged } from '../schema/objects.ts';
import { list, number, oneOf, orNull, refuse, type Schema, text, whole } from '../schema/schema.ts';
import type { SumPhase } from '../sum/sum.ts';
import type {
  BlobName,
  Cause,
  CohortOpened,
  DrawCommitted,
  DrawRevealed,
  EvidenceFound,
  FrameTaken,
  MemberJoined,
  MemberLeft,
  MemberSatOut,
  MessageIgnored,
  OrderDrawn,
  PhaseClosed,
  PlanAcceptedByMember,
  PlanDeclined,
  Released,
  ReleaseReported,
  RoundFailed,
  RoundOpened,
  RunCreated,
  RunEnded,
  RunEvent,
  RunStarted,
  TurnPassed,
} from './events.ts';
import { certificate, count, endOfRun, memberName, names, reasons, sentence, signature } from './messages.ts';

const atMs: Schema<number> = whole(0, 2 ** 53 - 1);
const blob: Schema<BlobName> = object<BlobName>({ sha256: hash, bytes: whole(0, 2 ** 40) });
const cause: Schema<Cause> = object<Cause>({ member: memberName, number: count });
const hashes: Schema<readonly string[]> = list(hash, { atLeast: 0, atMost: 2 ** 20 });
const listed: Schema<readonly string[]> = list(memberName, { atLeast: 0, atMost: 2 ** 20 });

const phase: Schema<SumPhase> = oneOf(
  'gathering',
  'logging the roster',
  'committing',
  'logging the commitments',
  'revealing',
  'founding',
  'logging the key',
  'sharing',
  'contributing',
  'agreeing',
  'opening',
  'done',
  'aborted',
);

/** As a plan file has it; its signature is verifyPlan's to check. */
const signedPlan: Schema<SignedPlan> = {
  read: (value, path, problems) => {
    const read = readPlanFile(JSON.stringify(value));
    if (read.kind === 'valid' && read.file.signed !== undefined) return { value: read.file.signed };
    return refuse(problems, path, 'is no signed plan', 'write one as a plan file has it');
  },
  json: { type: 'object' },
};

const metric: Schema<PublishedMetric> = object<PublishedMetric>({
  name: oneOf('loss', 'accuracy', 'examples'),
  value: number({}),
  contributors: count,
  unitsAtLeast: whole(0, 2 ** 53 - 1),
});

export const eventSchema: Schema<RunEvent> = tagged('kind', {
  'run created': object<RunCreated>({
    kind: oneOf('run created'),
    atMs,
    runId: memberName,
    projectId: memberName,
    plan: signedPlan,
    coordinator: hash,
    modelHash: hash,
    model: orNull(blob),
  }),
  'member joined': object<MemberJoined>({ kind: oneOf('member joined'), atMs, cause, certificate }),
  'plan accepted by member': object<PlanAcceptedByMember>({ kind: oneOf('plan accepted by member'), atMs, cause }),
  'plan declined': object<PlanDeclined>({
    kind: oneOf('plan declined'),
    atMs,
    cause,
    reasons,
    record: recordSchema,
  }),
  'member left': object<MemberLeft>({
    kind: oneOf('member left'),
    atMs,
    member: memberName,
    cause: orNull(cause),
    reason: sentence,
  }),
  'run started': object<RunStarted>({ kind: oneOf('run started'), atMs, members: names }),
  'draw committed': object<DrawCommitted>({ kind: oneOf('draw committed'), atMs, cause, commitment: hash }),
  'draw revealed': object<DrawRevealed>({ kind: oneOf('draw revealed'), atMs, cause, value: hash }),
  'order drawn': object<OrderDrawn>({ kind: oneOf('order drawn'), atMs, value: hash }),
  'round opened': object<RoundOpened>({
    kind: oneOf('round opened'),
    atMs,
    round: count,
    version: count,
    modelHash: hash,
    supportHash: hash,
    epoch: count,
    members: names,
    phase,
  }),
  'frame taken': object<FrameTaken>({
    kind: oneOf('frame taken'),
    atMs,
    cause,
    round: count,
    frame: blob,
    contributes: orNull(object<NonNullable<FrameTaken['contributes']>>({ version: count })),
    phase,
  }),
  'message ignored': object<MessageIgnored>({ kind: oneOf('message ignored'), atMs, cause, why: sentence }),
  'member sat out': object<MemberSatOut>({
    kind: oneOf('member sat out'),
    atMs,
    cause,
    round: count,
    reasons,
    record: recordSchema,
  }),
  'release reported': object<ReleaseReported>({
    kind: oneOf('release reported'),
    atMs,
    cause,
    version: count,
    modelHash: hash,
    signature,
  }),
  'turn passed': object<TurnPassed>({ kind: oneOf('turn passed'), atMs, round: count, member: memberName }),
  'phase closed': object<PhaseClosed>({
    kind: oneOf('phase closed'),
    atMs,
    round: count,
    phase,
    next: phase,
    why: oneOf('everybody answered', 'time is up'),
  }),
  'cohort opened': object<CohortOpened>({
    kind: oneOf('cohort opened'),
    atMs,
    round: count,
    flush: count,
    result: hash,
    sum: blob,
    contributors: listed,
    contributions: hashes,
    standing: blob,
    next: phase,
  }),
  released: object<Released>({
    kind: oneOf('released'),
    atMs,
    round: count,
    version: count,
    modelHash: orNull(hash),
    sum: orNull(blob),
    model: orNull(blob),
    contributors: listed,
    contributions: hashes,
    published: publishedSumSchema,
    record: recordSchema,
    standing: blob,
    metrics: list(metric, { atLeast: 0, atMost: 8 }),
  }),
  'round failed': object<RoundFailed>({
    kind: oneOf('round failed'),
    atMs,
    round: count,
    code: text({ atLeast: 1, atMost: 64 }),
    reason: sentence,
    members: listed,
    record: recordSchema,
    standing: blob,
  }),
  'evidence found': object<EvidenceFound>({
    kind: oneOf('evidence found'),
    atMs,
    round: orNull(count),
    code: text({ atLeast: 1, atMost: 64 }),
    reason: sentence,
    accused: listed,
    messages: list(blob, { atLeast: 0, atMost: 1024 }),
  }),
  'run ended': object<RunEnded>({ kind: oneOf('run ended'), atMs, why: endOfRun, text: sentence }),
});

/** One line of a log: canonical JSON. */
export const eventLine = (event: RunEvent): string => canonicalJson(event);

/** Refuses whatever eventLine would not have written. */
export function readEvent(line: string): RunEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new MalformedMessage('an event is JSON, and this is not', { cause });
  }
  const read = check<RunEvent>(eventSchema, value);
  if (read.kind === 'invalid') throw new MalformedMessage(`no event: ${problemLine(read.problems[0]!)}`);
  if (eventLine(read.value) !== line) throw new MalformedMessage('an event that is not in canonical form');
  return read.value;
}
