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

import type { Hashing } from '@sumus/secure-sum/primitives';
import { rememberedBytes } from './canonical/remembered.ts';
import { bytesOfHex, hexOf } from './canonical/utf8.ts';
import { recipeOf } from './contribution/columns.ts';
import { contribute } from './contribution/contribution.ts';
import { startOfWork } from './contribution/kept.ts';
import { ProtocolViolation } from './errors.ts';
import { open as openly, type Refusal } from './policy/refusal.ts';
import { type Entry, mayEnter } from './privacy/may-enter.ts';
import { isOfColumns, type Published as PublishedValue } from './release/published.ts';
import { bytesOfPublished } from './release/published-bytes.ts';
import { resultOfCohorts } from './run/cohort-sums.ts';
import type { Failed, Published, RoundBegins, Turn } from './run/messages.ts';
import { type NextModel, nextModel, openedSums, requireCompany, requireReceipt } from './run/participant/checks.ts';
import { carryOut, enterSum, isServed, leaveSum, mayEnterSum, stepIn, versionIn } from './run/participant/in-sum.ts';
import { type Own, ownWords, reasonsOf } from './run/participant/own.ts';
import type { OpenRound, ParticipantInput, Train } from './run/participant/setup.ts';
import { roundTerms } from './run/round-terms.ts';
import { helpedUnder } from './sum/participant/helped-sets.ts';
import { phaseOf, wantsWords } from './sum/participant/machine.ts';
import type { SumStep } from './sum/participant/state.ts';
import type { SumPoint } from './sum/sum.ts';

/** publishedHash of a model that this participant stores anyway: its bytes are written and hashed once. */
const hashOfOwn = (primitives: Hashing, published: PublishedValue): Uint8Array =>
  rememberedBytes(primitives, published, bytesOfPublished).hash;

// ── 1  enter ──

export async function enterRound(own: Own, begins: RoundBegins): Promise<void> {
  const { state, plan, setup } = own;
  const { round, version, modelHash, epoch, members, models } = begins;
  await leaveSum(own);
  const { published } = state;
  own.become({ open: undefined });
  if (published === undefined) throw new ProtocolViolation(`round ${round} begins before a plan was accepted`);
  // A round from before what it caught up with: the others' business.
  if (published.version > version) return;
  // Imprint defence: a model that this participant did not compute itself (or was not given as everybody's) is not trained.
  const mine = hexOf(hashOfOwn(setup.primitives, published));
  if (published.version !== version || mine !== modelHash) {
    throw new ProtocolViolation(
      `round ${round} is to start from model ${modelHash}, and this participant computed ${mine}`,
    );
  }
  requireCompany(own, begins, members);
  const terms = roundTerms(setup.primitives, own.terms, { round, epoch }, published);
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
  const entry = await entryNow(own, round);
  if (entry.kind === 'refused') return sitOut(own, round, entry.refusals);
  if (!mayEnterSum(own)) return sitOut(own, round, [ENOUGH_TODAY]);
  if (!isServed(own, begins)) return sitOut(own, round, [NOT_SERVED]);
  const isInTurns = plan.exchange.schedule === 'round-robin' || plan.exchange.schedule === 'random-order';
  if (!isInTurns && plan.exchange.schedule !== 'asynchronous') startWork(own);
  // A cohort's sum begins when the one before it is opened: its members are told.
  if (plan.robustness.kind === 'none') await begin(own, isInTurns ? 'not its turn' : 'awaited');
}

const ENOUGH_TODAY = openly(
  'too-many-rounds-a-day',
  '',
  'This participant has entered as many rounds today as it enters, failed ones counted.',
);

const NOT_SERVED = openly(
  'away-when-founded',
  '',
  'This participant was away when the committee or key of this sum was founded, and has no part in it.',
);

async function begin(own: Own, words: 'not its turn' | 'awaited'): Promise<void> {
  await enterSum(own, words);
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

/** Asked when a round begins, and again before words leave: hours pass, and other runs spend. */
async function entryNow(own: Own, round: number): Promise<Entry> {
  const { plan, signed, setup } = own;
  const { policy, dataset } = setup;
  const now = { dataset, nowMs: own.nowMs, signed };
  const { published } = own.state;
  const ofColumns = published !== undefined && isOfColumns(plan, published);
  return mayEnter({ plan, planId: signed.id, round, policy, ledger: await own.history(), now, isOfColumns: ofColumns });
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
    return open.own === undefined && work !== undefined ? begin(own, 'awaited') : undefined;
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
  const ask = (order: Train['work']): void =>
    void own.outputs.push({ kind: 'train', task, round, version, work: order });
  const recipe = recipeOf(own.plan, from);
  if (isOfColumns(own.plan, from)) ask({ kind: 'statistics', of: 'columns' });
  else if (from.kind === 'statistics') ask({ kind: 'statistics', recipe });
  else {
    const { start, drift } = startOfWork(own.plan, kept, from);
    ask({ kind: 'update', start, drift, recipe });
  }
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
  if (result.kind === 'too few' || result.kind === 'not finite') return abstain(own, open.round, [refusalOf(result)]);
  const { setup, plan } = own;
  const terms = roundTerms(setup.primitives, own.terms, open.point, published);
  if (terms === undefined) return;
  const tools = {
    engine: setup.engines.words,
    primitives: setup.primitives,
    randomBytes: setup.contributionBytes ?? ((length: number) => setup.primitives.randomBytes(length)),
  };
  const entry = await entryNow(own, open.round);
  if (entry.kind === 'refused') return abstain(own, open.round, entry.refusals);
  const versionsOld = published.version - from.version;
  const made = contribute(tools, plan, { work: result, kept, from, ...terms, versionsOld });
  if (made.kind === 'too few') return abstain(own, open.round, [refusalOf(made)]);
  // Written before anything leaves: a crash between the two costs budget, never privacy.
  if (entry.charge !== undefined) await own.write(entry.charge);
  own.note(entry.sentence);
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

function refusalOf(result: { readonly kind: 'too few' | 'not finite' }): Refusal {
  const sentence =
    result.kind === 'too few'
      ? 'There are too few people or rows behind this contribution.'
      : 'The work came to numbers that are not finite.';
  return openly('too-few-units', 'batching.minimumUnits', sentence);
}

/** It is in the sum and has nothing to add. */
async function abstain(own: Own, round: number, refusals: readonly Refusal[]): Promise<void> {
  own.become({ work: undefined });
  own.becomeInRound({ words: 'none' });
  await carryOut(own, await stepIn(own, { kind: 'abstain' }));
  await sitOut(own, round, refusals);
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
  const next = nextModel(own, open.point, opened);
  const mine = hexOf(hashOfOwn(own.setup.primitives, next.published));
  if (next.published.version !== version || (modelHash !== null && modelHash !== mine)) {
    throw new ProtocolViolation(
      `the sum of round ${round} makes model ${mine}, and the coordinator calls it ${modelHash}`,
    );
  }
  await keep(own, message, next);
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

// ── 6  keep ──

async function keep(own: Own, { round, receipt }: Published, { published, isSameModel }: NextModel): Promise<void> {
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
  await leaveSum(own);
  if (isSameModel) keepHelpedSets(own, published);
  own.become({ published, kept: keptAfter ?? kept, open: undefined });
  const isAsynchronous = own.plan.exchange.schedule === 'asynchronous';
  if (!isAsynchronous) own.become({ work: undefined });
}

/** Sums of a model that goes on are held against each other still: its next number makes it no other one. */
function keepHelpedSets(own: Own, next: PublishedValue): void {
  const { sums, published } = own.state;
  if (sums === undefined || published === undefined) return;
  const { primitives } = own.setup;
  const [from, to] = [published, next].map((one) => hashOfOwn(primitives, one));
  if (from === undefined || to === undefined) return;
  own.become({ sums: { ...sums, standing: helpedUnder(sums.standing, { from, to }) } });
}

/** The round failed: what was not shared is as it was before it. */
export async function takeFailed(own: Own, { round, reason }: Failed): Promise<void> {
  if (own.state.open?.round !== round) return;
  await leaveSum(own);
  const isAsynchronous = own.plan.exchange.schedule === 'asynchronous';
  own.become({ open: undefined, ...(isAsynchronous ? {} : { work: undefined }) });
  own.note(`Round ${round} failed: ${reason}`);
}
