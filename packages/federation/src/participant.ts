// A participant's round, top to bottom. Start here to see what one does with its data, and what it never does:
//
//   1  enter      a round is announced: is the model the one I computed? may I, by my own file and budget? then into the sum, once
//   2  train      on my own data, where they are; what comes back is one aggregate of at least one batch
//   3  contribute what I share of it is chosen, clipped, weighted and noised here, charged to my ledger, and leaves as words under the protection
//   4  sum        the protocol's messages, until the sum of all is opened; nobody's own words ever are
//   5  check      my receipt says that I am in it; from the sum I compute the next model myself, and hold the coordinator to it
//   6  keep       what I did not share stays with me, and only now, because the round succeeded
//
// How one becomes a member is in run/participant/joining.ts, which message does what in run/participant/machine.ts. What a step throws did not
// happen. A coordinator that says what it must not is left, with its own signed words as evidence.

import { decodeCertificate } from '@sumus/secure-sum/identity';
import { bytesOfHex, hexOf } from './canonical/utf8.ts';
import { contribute } from './contribution/contribution.ts';
import { startOfWork } from './contribution/kept.ts';
import { ProtocolViolation } from './errors.ts';
import { verifyReceipt } from './ledger/receipt.ts';
import { contributionsInSum } from './plan/sums.ts';
import { floorsOf, limitsOf } from './policy/limits.ts';
import { open as openly, type Refusal } from './policy/refusal.ts';
import { mayEnter } from './privacy/may-enter.ts';
import type { Published as PublishedValue } from './release/published.ts';
import { publishedHash } from './release/published-bytes.ts';
import { release } from './release/release.ts';
import { readTogether, resultOfCohorts } from './run/cohort-sums.ts';
import { cohortsOf, type DrawPlace } from './run/draw.ts';
import type { Failed, Published, RoundBegins, Turn } from './run/messages.ts';
import { type Own, ownWords, reasonsOf } from './run/participant/own.ts';
import type { OpenRound, OwnRound, ParticipantInput, ParticipantSetup } from './run/participant/setup.ts';
import { agreementOf, roundTerms } from './run/round-terms.ts';
import type { PublishedWords } from './sum/opened.ts';
import { freshStanding, openSum, phaseOf, standingOf, stepSum, wantsWords } from './sum/participant/machine.ts';
import type { ParticipantSumSetup } from './sum/participant/setup.ts';
import type { SumStep } from './sum/participant/state.ts';
import { thresholdKeyOf } from './sum/participant/threshold-key.ts';
import type { ParticipantSumEvent, SumAgreement, SumPoint } from './sum/sum.ts';

// ── 1  enter ──

export async function enterRound(own: Own, begins: RoundBegins): Promise<void> {
  const { state, plan, setup } = own;
  const { round, version, modelHash, epoch, members, models } = begins;
  leaveSum(own);
  const { published } = state;
  own.become({ open: undefined });
  if (published === undefined) throw new ProtocolViolation(`round ${round} begins before a plan was accepted`);
  // A round from before what it caught up with: the others' business.
  if (published.version > version) return;
  // Imprint defence: a model that this participant did not compute itself (or was not given as everybody's) is not trained.
  const mine = hexOf(publishedHash(setup.primitives, published));
  if (published.version !== version || mine !== modelHash) {
    throw new ProtocolViolation(
      `round ${round} is to start from model ${modelHash}, and this participant computed ${mine}`,
    );
  }
  const terms = roundTerms(setup.primitives, own.terms, round, published);
  if (terms === undefined) throw new ProtocolViolation(`nobody can tell what round ${round} sums`);
  const isAsynchronous = plan.exchange.schedule === 'asynchronous';
  const point: SumPoint = {
    round,
    flush: 0,
    modelHash: bytesOfHex(modelHash),
    supportHash: terms.support.hash,
    epoch,
    models: isAsynchronous ? models.map(bytesOfHex) : undefined,
  };
  const following: OpenRound = { round, version, members, point, own: undefined };
  own.become({ open: following });
  if (!members.includes(own.name)) return;
  const refusals = await refusedEntry(own, round);
  if (refusals.length > 0) return sitOut(own, round, refusals);
  const isInTurns = plan.exchange.schedule === 'round-robin' || plan.exchange.schedule === 'random-order';
  if (!isInTurns && plan.exchange.schedule !== 'asynchronous') startWork(own);
  // A cohort's sum begins when the one before it is opened: its members are told.
  if (plan.robustness.kind === 'none') await enterSum(own, isInTurns ? 'not its turn' : 'awaited');
}

/** Into the sum of the round (or of the own cohort), once: what entered it is stored before anything is said. */
async function enterSum(own: Own, words: 'not its turn' | 'awaited'): Promise<void> {
  const { open } = own.state;
  if (open === undefined) return;
  const cohorts = cohortsIn(own, open);
  const flush = cohorts.findIndex((names) => names.includes(own.name));
  const summing = cohorts[flush] ?? [];
  const agreement = agreementFor(own, certificatesOf(own, summing));
  const standing = own.state.sums?.standing ?? freshStanding(sumSetup(own, agreement));
  const point = { ...open.point, flush };
  const entered = await openSum(sumSetup(own, agreement), standing, point, own.nowMs);
  const mine = { agreement, summing, sum: entered.state, opened: undefined, words, keptAfter: undefined } as const;
  own.become({ open: { ...open, own: mine } });
  await carryOut(own, entered);
  if (own.plan.exchange.schedule === 'asynchronous') await goOnWithWork(own);
  await contributeIfReady(own);
}

/** What was sent for a sum that was full by then is sent again, the same bytes; where it is not, or too old, work goes on or begins. */
async function goOnWithWork(own: Own): Promise<void> {
  const { inFlight } = own.state;
  const sum = own.own?.sum;
  if (inFlight === undefined || sum === undefined) return startWork(own);
  if (phaseOf(sum) === 'contributing' && !wantsWords(sum)) {
    own.becomeInRound({ words: 'in', keptAfter: inFlight.keptAfter });
    return carryOut(own, await stepIn(own, { kind: 'resume' }), inFlight.version);
  }
  own.become({ inFlight: undefined });
  startWork(own);
}

/** As the coordinator cuts them: nobody's choice. */
function cohortsIn(own: Own, { round, members }: OpenRound): readonly (readonly string[])[] {
  const { robustness } = own.plan;
  if (robustness.kind === 'none') return [members];
  const { place, members: roster, draw } = own.terms;
  return cohortsOf(own.setup.primitives, place, roster, draw, { round, taking: members, count: robustness.cohorts });
}

async function refusedEntry(own: Own, round: number): Promise<readonly Refusal[]> {
  const { plan, signed, setup } = own;
  const { policy, dataset } = setup;
  const now = { dataset, nowMs: own.nowMs, signed };
  const entry = mayEnter({ plan, planId: signed.id, round, policy, ledger: await own.history(), now });
  return entry.kind === 'refused' ? entry.refusals : [];
}

/** The reasons go to both sides, each in its own words; nothing of the round leaves. */
async function sitOut(own: Own, round: number, refusals: readonly Refusal[]): Promise<void> {
  const code = refusals[0]?.code ?? 'refused';
  await own.write({ kind: 'refused', plan: own.signed.id, round, code, reason: ownWords(refusals) });
  own.note(`This participant lets round ${round} pass.`, refusals);
  await own.say({ type: 'sit out', round, reasons: reasonsOf(refusals) });
}

// ── 2  train ──

export async function takeTurn(own: Own, { round }: Turn): Promise<void> {
  const { open, work } = own.state;
  if (open?.round !== round) return;
  if (own.plan.robustness.kind === 'cohorts') {
    // Who let the round pass has no work for it.
    return open.own === undefined && work !== undefined ? enterSum(own, 'awaited') : undefined;
  }
  if (own.own?.words !== 'not its turn') return;
  own.becomeInRound({ words: 'awaited' });
  startWork(own);
  await contributeIfReady(own);
}

/** Asks for work on the newest model; in an asynchronous run, work that is under way goes on. */
export function startWork(own: Own): void {
  const { state, plan } = own;
  const { open, published, work } = state;
  if (open === undefined || published === undefined) return;
  if (work !== undefined && mayGoOn(own, work.from)) return;
  const task = state.tasks;
  own.become({ tasks: task + 1, work: { task, round: open.round, from: published, result: undefined } });
  askToTrain(own);
  if (plan.exchange.schedule === 'asynchronous') own.note(`Work on model ${published.version} begins.`);
}

function mayGoOn({ plan, state }: Own, from: PublishedValue): boolean {
  const { exchange } = plan;
  const newest = state.published?.version ?? 0;
  return exchange.schedule === 'asynchronous' && newest - from.version <= exchange.staleness.atMost;
}

export function askToTrain(own: Own): void {
  const { work, kept } = own.state;
  if (work === undefined || work.result !== undefined) return;
  const { task, round, from } = work;
  const { version } = from;
  if (from.kind === 'statistics') {
    own.outputs.push({ kind: 'train', task, round, version, work: { kind: 'statistics' } });
    return;
  }
  const { start, drift } = startOfWork(own.plan, kept, from);
  own.outputs.push({ kind: 'train', task, round, version, work: { kind: 'update', start, drift } });
}

export async function takeResult(
  own: Own,
  { task, result }: Extract<ParticipantInput, { readonly kind: 'trained' }>,
): Promise<void> {
  const { work } = own.state;
  // Of a task that is over: nobody waits for it.
  if (work?.task !== task || work.result !== undefined) return;
  own.become({ work: { ...work, result } });
  await contributeIfReady(own);
}

// ── 3  contribute ──

export async function contributeIfReady(own: Own): Promise<void> {
  const { open, work, kept, published } = own.state;
  const mine = own.own;
  if (open === undefined || mine === undefined || published === undefined) return;
  if (work?.result === undefined) return;
  if (mine.words !== 'awaited' || !wantsWords(mine.sum)) return;
  const { result, from } = work;
  if (result.kind === 'too few' || result.kind === 'not finite') return abstain(own, open.round, refusalOf(result));
  const { setup, plan } = own;
  const terms = roundTerms(setup.primitives, own.terms, open.round, published);
  if (terms === undefined) return;
  const tools = {
    engine: setup.engines.words,
    primitives: setup.primitives,
    randomBytes: setup.contributionBytes ?? ((length: number) => setup.primitives.randomBytes(length)),
  };
  const versionsOld = published.version - from.version;
  const made = contribute(tools, plan, { work: result, kept, from, ...terms, versionsOld });
  if (made.kind === 'too few') return abstain(own, open.round, refusalOf(made));
  await charge(own, open.round);
  const isAsynchronous = plan.exchange.schedule === 'asynchronous';
  own.become({
    work: undefined,
    inFlight: isAsynchronous ? { version: from.version, keptAfter: made.kept } : undefined,
  });
  own.becomeInRound({ words: 'in', keptAfter: made.kept });
  const version = isAsynchronous ? versionIn(open, versionsOld) : undefined;
  const step = await stepIn(own, { kind: 'words', words: made.words, version });
  made.words.fill(0);
  await carryOut(own, step, from.version, made.coordinates);
}

/** Of the model that the work began from, among those at the beginning of sums since the epoch: the newest such. */
function versionIn({ point }: OpenRound, versionsOld: number): number {
  const models = point.models ?? [];
  let at = models.length - 1;
  // Rounds that failed begin from the same model again: a version is a change.
  for (let old = versionsOld; old > 0 && at > 0; at--) {
    if (hexOf(models[at - 1]!) !== hexOf(models[at]!)) old -= 1;
  }
  return at;
}

function refusalOf(result: { readonly kind: 'too few' | 'not finite' }): Refusal {
  const sentence =
    result.kind === 'too few'
      ? 'There are too few people or rows behind this contribution.'
      : 'The work came to numbers that are not finite.';
  return openly('too-few-units', 'batching.minimumUnits', sentence);
}

/** It is in the sum and has nothing to add. */
async function abstain(own: Own, round: number, refusal: Refusal): Promise<void> {
  own.become({ work: undefined });
  own.becomeInRound({ words: 'none' });
  await carryOut(own, await stepIn(own, { kind: 'abstain' }));
  await sitOut(own, round, [refusal]);
}

/** Written before anything leaves: a crash between the two costs budget, never privacy. */
async function charge(own: Own, round: number): Promise<void> {
  const { plan, signed, setup } = own;
  const { policy, dataset } = setup;
  const now = { dataset, nowMs: own.nowMs, signed };
  const entry = mayEnter({ plan, planId: signed.id, round, policy, ledger: await own.history(), now });
  if (entry.kind === 'refused') throw new ProtocolViolation(`round ${round} is no longer paid for`);
  if (entry.charge !== undefined) await own.write(entry.charge);
  own.note(entry.sentence);
}

// ── 4  sum ──

export async function takeSum(own: Own, round: number, bytes: Uint8Array): Promise<void> {
  const { open } = own.state;
  if (open?.round !== round || open.own === undefined || open.own.sum.phase !== 'running') return;
  let step: SumStep;
  try {
    step = await stepIn(own, { kind: 'received', bytes });
  } catch (error) {
    // The protocol refuses it and stands where it stood: a message of a phase that is over, or a lie that gets nothing.
    if (!isRefusal(error)) throw error;
    own.note(`A message of round ${round} is refused: ${error.message}`);
    return;
  }
  await carryOut(own, step);
  await contributeIfReady(own);
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && (error.name === 'ProtocolViolation' || error.name === 'MalformedMessage');

function stepIn(own: Own, event: ParticipantSumEvent): Promise<SumStep> {
  const mine = own.own;
  if (mine === undefined) throw new ProtocolViolation('this participant is in no round');
  return stepSum(sumSetup(own, mine.agreement), mine.sum, event, own.nowMs);
}

/** What the sum says goes out as messages of the run; `made` says of words from which model they are, and how many coordinates. */
async function carryOut(
  own: Own,
  { state: sum, outputs }: SumStep,
  made?: number,
  coordinates?: number,
): Promise<void> {
  const { open, published } = own.state;
  if (open === undefined) return;
  own.becomeInRound({ sum });
  for (const output of outputs) {
    if (output.kind === 'done') own.becomeInRound({ opened: output.result });
    if (output.kind === 'evidence') own.outputs.push(output);
    if (output.kind === 'abort') own.note(`Round ${open.round} ended here: ${output.reason.reason}`);
    if (output.kind !== 'send') continue;
    const version = made ?? published?.version ?? 0;
    await own.say({ type: 'sum', round: open.round, version }, output.bytes);
    if (coordinates !== undefined) await wroteWhatLeft(own, open.round, { bytes: output.bytes, sum, coordinates });
  }
}

interface Left {
  readonly bytes: Uint8Array;
  readonly sum: OwnRound['sum'];
  readonly coordinates: number;
}

/** Under the hash that its receipt will have. */
async function wroteWhatLeft(own: Own, round: number, { bytes, sum, coordinates }: Left): Promise<void> {
  const { plan, signed, setup } = own;
  const contributed = sum.phase === 'running' ? sum.protocol.own : undefined;
  await own.write({
    kind: 'left',
    plan: signed.id,
    round,
    what: plan.exchange.schedule === 'one-round' ? 'statistics' : 'update',
    hash: hexOf(contributed ?? setup.primitives.sha256(bytes)),
    bytes: bytes.length,
    coordinates,
    protection: plan.protection.kind,
  });
}

// ── 5  check ──

export async function takePublished(own: Own, message: Published, body: Uint8Array): Promise<void> {
  const { open, published } = own.state;
  const { round, version, modelHash, contributors } = message;
  if (open?.round !== round || published === undefined) return;
  const opened = openedSums(own, open, body);
  if (opened === undefined) {
    return own.leave(
      `The sum of round ${round} was opened without this participant, and nobody else may open it for it.`,
    );
  }
  const inThem = opened.flatMap((one) => one.contributors.map(({ memberId }) => String(memberId))).sort();
  if (inThem.join(' ') !== contributors.join(' ')) {
    throw new ProtocolViolation(`round ${round} is said to be the sum of others than those in it`);
  }
  const result = resultOfCohorts(
    own.setup.primitives,
    opened.map((one) => hexOf(one.result)),
  );
  await requireReceipt(own, message, result);
  const next = nextModel(own, round, opened);
  const mine = hexOf(publishedHash(own.setup.primitives, next.published));
  if (next.published.version !== version || (modelHash !== null && modelHash !== mine)) {
    throw new ProtocolViolation(
      `the sum of round ${round} makes model ${mine}, and the coordinator calls it ${modelHash}`,
    );
  }
  await keep(own, message, next.published);
  const contributed = message.receipt !== null;
  own.outputs.push({
    kind: 'new model',
    round,
    published: next.published,
    contributors: contributors.length,
    metrics: next.metrics,
    contributed,
  });
  await own.say({ type: 'report', version, modelHash: mine });
}

type SumToCheck = Pick<PublishedWords, 'sum' | 'contributors' | 'result'>;

/**
 * As the protocol opened it here; for who was not in it, and of other cohorts, as it was sent to those who were. The own one is never taken
 * from anywhere else.
 */
function openedSums(own: Own, open: OpenRound, body: Uint8Array): readonly SumToCheck[] | undefined {
  const { opened, agreement } = open.own ?? {};
  const mine = opened?.sum === undefined ? undefined : { ...opened, sum: opened.sum };
  const cohorts = cohortsIn(own, open);
  if (body.length === 0) return mine !== undefined && cohorts.length === 1 ? [mine] : undefined;
  const heard = agreement ?? agreementFor(own, certificatesOf(own, open.members));
  const sums = readTogether(own.setup.primitives, heard, open.point, cohorts.length, body);
  if (mine === undefined) return sums;
  return sums.map((sum, flush) => (flush === mine.point.flush ? mine : sum));
}

async function requireReceipt(own: Own, { round, receipt }: Published, result: string): Promise<void> {
  const opened = own.own?.opened;
  if (opened?.contributed !== true) {
    if (receipt !== null)
      throw new ProtocolViolation(`there is a receipt of round ${round} for words that were not in it`);
    return;
  }
  if (receipt === null || opened.own === undefined) {
    throw new ProtocolViolation(`this participant is in the sum of round ${round} and has no receipt`);
  }
  // 1 where every turn is a release, which the own file has to allow.
  const { fewest } = contributionsInSum(own.plan);
  const { minimumContributors } = limitsOf(own.setup.policy, own.plan);
  await verifyReceipt(own.setup.primitives, receipt, {
    plan: own.signed.id,
    round,
    member: own.name,
    contribution: hexOf(opened.own),
    result,
    minimumContributors: fewest === 1 ? 1 : minimumContributors,
    coordinatorKey: own.setup.coordinator,
  });
}

/** What the coordinator computes as well, where it may see the sum: the same bits. */
function nextModel(own: Own, round: number, sums: readonly SumToCheck[]): NextModel {
  const { setup, plan } = own;
  const { published } = own.state;
  const terms = roundTerms(setup.primitives, own.terms, round, published);
  if (published === undefined || terms === undefined)
    throw new ProtocolViolation(`round ${round} has no model to go on from`);
  const { support, rotation } = terms;
  const made = release(setup.engines.words, plan, {
    published,
    support,
    sums: sums.map(({ sum: words, contributors }) => ({ words, contributors: contributors.length, rotation })),
    memberCount: own.terms.members.length,
  });
  if (made.kind === 'released') return made;
  if (plan.openedTo === 'everyone')
    throw new ProtocolViolation(`a sum was published that makes no model: ${made.reason}`);
  // Only participants can see that it makes none; they all see it alike, and go on from the model they had.
  own.note(`The sum of round ${round} makes no model: ${made.reason}`);
  return { published: { ...published, version: published.version + 1 }, metrics: [] };
}

type NextModel = Pick<Extract<ReturnType<typeof release>, { readonly kind: 'released' }>, 'published' | 'metrics'>;

// ── 6  keep ──

async function keep(own: Own, { round, receipt }: Published, published: PublishedValue): Promise<void> {
  const { kept } = own.state;
  const keptAfter = receipt === null ? undefined : own.own?.keptAfter;
  if (receipt !== null) {
    const { signedBy: _key, signature: _signature, ...facts } = receipt.sum;
    await own.write({ kind: 'sum published', ...facts });
    const { contribution } = receipt;
    const { contributorsRoot } = receipt.sum;
    own.become({ inFlight: undefined });
    await own.write({ kind: 'receipt kept', plan: own.signed.id, round, contribution, contributorsRoot });
  }
  leaveSum(own);
  own.become({ published, kept: keptAfter ?? kept, open: undefined });
  const isAsynchronous = own.plan.exchange.schedule === 'asynchronous';
  if (!isAsynchronous) own.become({ work: undefined });
}

/** The round failed: what was not shared is as it was before it. */
export function takeFailed(own: Own, { round, reason }: Failed): void {
  if (own.state.open?.round !== round) return;
  leaveSum(own);
  const isAsynchronous = own.plan.exchange.schedule === 'asynchronous';
  own.become({ open: undefined, ...(isAsynchronous ? {} : { work: undefined }) });
  own.note(`Round ${round} failed: ${reason}`);
}

/** What a sum leaves for the next one; of a sum that never ended, what it was entered with and wiped. */
function leaveSum(own: Own): void {
  const { open } = own.state;
  if (open?.own === undefined) return;
  const { sum, agreement } = open.own;
  const standing = sum.phase === 'running' ? sum.standing : standingOf(sum);
  own.become({ sums: { standing, agreement, certificates: certificatesOf(own, open.own.summing) } });
}

// ── both sides alike ──

/** Of these members, as they travel. */
const certificatesOf = ({ state }: Own, members: readonly string[]): readonly string[] =>
  (state.drawn?.certificates ?? []).filter((_, i) => members.includes(state.drawn?.members[i] ?? ''));

export function agreementFor(own: Own, hexes: readonly string[]): SumAgreement {
  const certificates = hexes.map((hex) => decodeCertificate(bytesOfHex(hex)));
  const { coordinator, revocations } = own.setup;
  const agreement = agreementOf(
    { plan: own.plan, place: placeOf(own) },
    { coordinator, revocations, certificates, key: undefined },
  );
  return own.plan.protection.kind === 'threshold' ? { ...agreement, key: thresholdKeyOf(agreement) } : agreement;
}

const placeOf = ({ setup }: Own): DrawPlace => ({
  projectId: setup.projectId,
  runId: setup.runId,
});

export function sumSetup(
  own: { readonly setup: ParticipantSetup; readonly plan: Own['plan'] },
  agreement: SumAgreement,
): ParticipantSumSetup {
  const { engines, primitives, signer, certificate, policy } = own.setup;
  return { ...agreement, engines, primitives, signer, certificate, floors: floorsOf(policy, own.plan) };
}
