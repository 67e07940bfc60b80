// A participant's state as bytes, for its own disk and nobody else's: in the clear. What comes back goes on where it stood: what was said is
// said again with the same bytes, what was answered is not answered anew, and a round that was entered is not entered twice.
//
// Read back against the setup it was stored under; bytes that were cut or changed are refused by their hash.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { memberId } from '@sumus/secure-sum/identity';
import { type BytesAndHash, rememberedBytes } from '../../canonical/remembered.ts';
import { joinPieces, readSections, sectionPieces } from '../../canonical/sections.ts';
import { bytesOfHex, hexOf, utf8Bytes, utf8Text } from '../../canonical/utf8.ts';
import { bytesOfKeptInTheClear, type KeptInTheClear, keptFromBytes, NOTHING_KEPT } from '../../contribution/kept.ts';
import { MalformedMessage } from '../../errors.ts';
import { ledgerText, readLedgerText } from '../../ledger/ledger-text.ts';
import { verifyLedger } from '../../ledger/verify.ts';
import { type VerifiedPlan, verifyPlan } from '../../plan/identity.ts';
import { readPlanFile } from '../../plan/plan-file.ts';
import { bytesOfPublished, publishedFromBytes } from '../../release/published-bytes.ts';
import { check, problemLine } from '../../schema/objects.ts';
import { wordBytes, wordsOfBytes } from '../../sum/opened.ts';
import { restoreSum, storeSumInTheClear } from '../../sum/participant/machine.ts';
import { decodeStanding, encodeStandingInTheClear } from '../../sum/participant/standing.ts';
import type { ParticipantSum, SumPoint } from '../../sum/sum.ts';
import { agreementFor, sumSetup } from './in-sum.ts';
import { Own } from './own.ts';
import { readResult, writeResult } from './results.ts';
import type { OpenRound, OwnWork, ParticipantInTheClear, ParticipantSetup } from './setup.ts';
import { type StoredOpened, type StoredPoint, type StoredScalars, storedScalars } from './stored.ts';

const TITLE = 'sumus/run-participant-in-the-clear/1';
const NAMES = [
  'hash',
  'scalars',
  'plan',
  'ledger',
  'messages',
  'published',
  'kept',
  'sums',
  'sum',
  'words',
  'keptAfter',
  'from',
  'result',
  'inFlight',
] as const;
type Name = (typeof NAMES)[number];

const nothing = new Uint8Array(0);

export const storeParticipantInTheClear = (
  setup: ParticipantSetup,
  state: ParticipantInTheClear,
): Uint8Array<ArrayBuffer> => joinPieces(storedPiecesInTheClear(setup, state));

/**
 * The same bytes in pieces, one behind another: a model has megabytes, is in most of what is stored, and is not copied for that. A long part that
 * did not change since is the very array that it was. The caller changes none of them.
 */
export function storedPiecesInTheClear(setup: ParticipantSetup, state: ParticipantInTheClear): readonly Uint8Array[] {
  const { signed, ledger, unacknowledged, published, kept, sums, open, work } = state;
  const mine = open?.own;
  const plan = signed?.plan;
  const { primitives } = setup;
  const long = <Value extends object>(
    value: Value,
    write: (value: Value) => Uint8Array<ArrayBuffer>,
  ): Uint8Array | BytesAndHash => rememberedBytes(primitives, value, write);
  const sections: Record<Exclude<Name, 'hash'>, Uint8Array | BytesAndHash> = {
    scalars: utf8Bytes(canonicalJson(scalarsOf(state))),
    plan: signed === undefined ? nothing : utf8Bytes(canonicalJson(signed)),
    ledger: utf8Bytes(ledgerText(ledger.records)),
    messages: long(unacknowledged, (messages) => listOf(messages.map(({ bytes }) => bytes))),
    published: published === undefined ? nothing : long(published, bytesOfPublished),
    kept: plan === undefined ? nothing : long(kept, bytesOfKeptInTheClear),
    sums:
      sums === undefined || plan === undefined
        ? nothing
        : encodeStandingInTheClear(sumSetup({ setup, plan }, sums.agreement), sums.standing),
    sum:
      mine === undefined || plan === undefined
        ? nothing
        : storeSumInTheClear(sumSetup({ setup, plan }, mine.agreement), mine.sum),
    words: mine?.opened?.sum === undefined ? nothing : long(mine.opened.sum, wordBytes),
    keptAfter: mine?.keptAfter === undefined ? nothing : long(mine.keptAfter, bytesOfKeptInTheClear),
    from: work === undefined ? nothing : long(work.from, bytesOfPublished),
    result: work?.result === undefined ? nothing : long(work.result, writeResult),
    inFlight: state.inFlight === undefined ? nothing : long(state.inFlight.keptAfter, bytesOfKeptInTheClear),
  };
  const list = NAMES.flatMap((name) => {
    if (name === 'hash') return [];
    const section = sections[name];
    return [
      section instanceof Uint8Array ? { name, bytes: section, hash: primitives.sha256(section) } : { name, ...section },
    ];
  });
  const hash = primitives.sha256(...list.map((one) => one.hash));
  return sectionPieces(TITLE, [{ name: 'hash', bytes: hash }, ...list]);
}

function scalarsOf(state: ParticipantInTheClear): StoredScalars {
  const { standing, next, unacknowledged, chapter, heard, drawn, sums, open, work, inFlight, tasks } = state;
  return {
    standing,
    next,
    messages: unacknowledged.map(({ number, type }) => ({ number, type })),
    chapter,
    heard,
    drawn:
      drawn === undefined
        ? null
        : {
            certificates: drawn.certificates,
            members: drawn.members,
            value: drawn.value ?? null,
            commitments: drawn.commitments ?? null,
            draw: drawn.draw ?? null,
          },
    sums: sums === undefined ? null : { certificates: sums.certificates },
    open:
      open === undefined
        ? null
        : {
            round: open.round,
            version: open.version,
            members: open.members,
            point: pointOf(open.point),
            words: open.own?.words ?? null,
            summing: open.own?.summing ?? [],
            flush: open.own?.sum.point.flush ?? 0,
            opened: openedOf(open.own?.opened),
          },
    work: work === undefined ? null : { task: work.task, round: work.round },
    inFlight: inFlight === undefined ? null : { version: inFlight.version },
    tasks,
  };
}

const pointOf = ({ round, flush, modelHash, supportHash, epoch, models }: SumPoint): StoredPoint => ({
  round,
  flush,
  modelHash: hexOf(modelHash),
  supportHash: hexOf(supportHash),
  epoch,
  models: models?.map(hexOf) ?? null,
});

function openedOf(opened: ParticipantSum | undefined): StoredOpened | null {
  if (opened === undefined) return null;
  const { contributors, result, contributed, own, sum } = opened;
  return {
    contributors: contributors.map((one) => ({ member: one.memberId, contribution: hexOf(one.contribution) })),
    result: hexOf(result),
    contributed,
    own: own === undefined ? null : hexOf(own),
    hasWords: sum !== undefined,
  };
}

/** Refuses a ledger of another key, and what is damaged. Goes on with `resume`. */
export async function restoreParticipant(
  setup: ParticipantSetup,
  bytes: Uint8Array,
  nowMs: number,
): Promise<ParticipantInTheClear> {
  const [hash = nothing, ...rest] = readSections(TITLE, bytes, NAMES);
  const { primitives } = setup;
  const found = primitives.sha256(...rest.map((one) => primitives.sha256(one)));
  if (!primitives.timingSafeEqual(hash, found)) throw new MalformedMessage('the stored participant is damaged');
  const section = (name: Name): Uint8Array => (name === 'hash' ? hash : (rest[NAMES.indexOf(name) - 1] ?? nothing));
  const scalars = readScalars(section('scalars'));
  const signed = await readSigned(setup, section('plan'));
  const messages = partsOf(section('messages'));
  const bare: ParticipantInTheClear = {
    standing: scalars.standing,
    signed,
    ledger: await readLedger(setup, section('ledger')),
    next: scalars.next,
    unacknowledged: scalars.messages.map(({ number, type }, i) => ({ number, type, bytes: messages[i] ?? nothing })),
    chapter: scalars.chapter,
    heard: scalars.heard,
    asked: undefined,
    drawn: readDrawn(scalars),
    published: undefined,
    kept: NOTHING_KEPT,
    sums: undefined,
    open: undefined,
    work: undefined,
    inFlight: undefined,
    tasks: scalars.tasks,
  };
  if (signed === undefined) return Object.freeze(bare);
  const { plan } = signed;
  const published = section('published');
  const own = new Own(setup, bare, nowMs);
  return Object.freeze({
    ...bare,
    published: published.length === 0 ? undefined : publishedFromBytes(plan, published),
    kept: keptFromBytes(plan, section('kept')),
    sums: await readSums(own, scalars, section('sums')),
    open: await readOpen(own, scalars, {
      sum: section('sum'),
      words: section('words'),
      keptAfter: section('keptAfter'),
    }),
    inFlight:
      scalars.inFlight === null
        ? undefined
        : { ...scalars.inFlight, keptAfter: keptFromBytes(plan, section('inFlight')) },
    work: readWork(own, scalars, { from: section('from'), result: section('result') }),
  });
}

function readScalars(bytes: Uint8Array): StoredScalars {
  const read = check(storedScalars, JSON.parse(utf8Text(bytes)));
  if (read.kind === 'invalid') throw new MalformedMessage(`the stored participant: ${problemLine(read.problems[0]!)}`);
  return read.value;
}

async function readSigned({ primitives }: ParticipantSetup, bytes: Uint8Array): Promise<VerifiedPlan | undefined> {
  if (bytes.length === 0) return undefined;
  const read = readPlanFile(utf8Text(bytes));
  if (read.kind === 'invalid' || read.file.signed === undefined) throw new MalformedMessage('the stored plan is none');
  const { signed } = read.file;
  return verifyPlan(primitives, signed, bytesOfHex(signed.signedBy));
}

async function readLedger({ primitives, signer }: ParticipantSetup, bytes: Uint8Array) {
  const verdict = await verifyLedger(primitives, hexOf(signer.publicKey), readLedgerText(utf8Text(bytes)));
  if (verdict.kind === 'intact') return verdict.ledger;
  throw new MalformedMessage(`the stored ledger is damaged: ${verdict.findings[0]?.what}`);
}

function readDrawn({ drawn }: StoredScalars): ParticipantInTheClear['drawn'] {
  if (drawn === null) return undefined;
  const { certificates, members, value, commitments, draw } = drawn;
  return {
    certificates,
    members,
    value: value ?? undefined,
    commitments: commitments ?? undefined,
    draw: draw ?? undefined,
  };
}

async function readSums(own: Own, { sums }: StoredScalars, bytes: Uint8Array): Promise<ParticipantInTheClear['sums']> {
  if (sums === null) return undefined;
  const { certificates } = sums;
  const agreement = agreementFor(own, certificates);
  return { certificates, agreement, standing: await decodeStanding(sumSetup(own, agreement), bytes) };
}

async function readOpen(
  own: Own,
  { open, drawn }: StoredScalars,
  { sum, words, keptAfter }: { readonly sum: Uint8Array; readonly words: Uint8Array; readonly keptAfter: Uint8Array },
): Promise<OpenRound | undefined> {
  if (open === null || drawn === null) return undefined;
  const { round, version, members, opened } = open;
  const point: SumPoint = {
    ...open.point,
    modelHash: bytesOfHex(open.point.modelHash),
    supportHash: bytesOfHex(open.point.supportHash),
    models: open.point.models?.map(bytesOfHex),
  };
  const following: OpenRound = { round, version, members, point, own: undefined };
  if (open.words === null) return following;
  const { summing, flush } = open;
  const certificates = drawn.certificates.filter((_, i) => summing.includes(drawn.members[i] ?? ''));
  const agreement = agreementFor(own, certificates);
  const state = await restoreSum(sumSetup(own, agreement), sum, own.nowMs);
  const kept: KeptInTheClear | undefined = keptAfter.length === 0 ? undefined : keptFromBytes(own.plan, keptAfter);
  return {
    ...following,
    own: {
      agreement,
      summing,
      sum: state,
      opened: readOpened({ ...point, flush }, opened, words),
      words: open.words,
      keptAfter: kept,
    },
  };
}

function readOpened(point: SumPoint, opened: StoredOpened | null, words: Uint8Array): ParticipantSum | undefined {
  if (opened === null) return undefined;
  const { contributors, result, contributed, own, hasWords } = opened;
  return {
    point,
    contributors: contributors.map(({ member, contribution }) => ({
      memberId: memberId(member),
      contribution: bytesOfHex(contribution),
    })),
    result: bytesOfHex(result),
    contributed,
    own: own === null ? undefined : bytesOfHex(own),
    sum: hasWords ? wordsOfBytes(words, words.length / 4) : undefined,
  };
}

function readWork(
  own: Own,
  { work }: StoredScalars,
  { from, result }: { readonly from: Uint8Array; readonly result: Uint8Array },
): OwnWork | undefined {
  if (work === null) return undefined;
  const { plan } = own;
  const published = publishedFromBytes(plan, from);
  return {
    ...work,
    from: published,
    result: result.length === 0 ? undefined : readResult(plan, published, result),
  };
}

/** Several byte strings as one: each behind its length. */
function listOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

function partsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true);
    parts.push(bytes.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}
