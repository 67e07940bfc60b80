// What members are told of each event: a function of the event and the states around it, so that a replay says the same, byte for byte. What the
// sum itself has to say is forwarded beside it (live-sum.ts).

import { publishSum, type Receipt } from '../../ledger/receipt.ts';
import type { Json } from '../../plan/plan.ts';
import { bytesOfPublished } from '../../release/published-bytes.ts';
import type { Released, RunEvent } from '../events.ts';
import type { Offer, SignedReport } from '../messages.ts';
import { awaitedNow, type LiveRound, liveRound, memberOf, type RunState, summing } from '../state.ts';
import { presentOf } from './live-sum.ts';
import type { Work } from './work.ts';

/** `before`: the state that the event came upon. */
export async function tell(work: Work, before: RunState, event: RunEvent): Promise<void> {
  const { state } = work;
  switch (event.kind) {
    case 'member joined':
      return work.say(event.cause.member, offerOf(state));
    case 'run started':
      work.newChapter();
      return tellAll(work, { type: 'started', members: certificatesOf(state) });
    case 'draw committed': {
      const isLast = state.phase.kind === 'drawing' && state.phase.step === 'revealing';
      const commitments = state.roster.map((name) => memberOf(state, name)?.commitment ?? '');
      return isLast ? tellAll(work, { type: 'committed', commitments }) : undefined;
    }
    case 'order drawn':
      return tellAll(work, { type: 'drawn', values: valuesOf(state) });
    case 'round opened':
      work.newChapter();
      return tellRound(work);
    case 'released':
      return tellReleased(work, event);
    case 'round failed':
      return tellAll(work, { type: 'failed', round: event.round, code: event.code, reason: event.reason });
    case 'run ended':
      for (const { name, standing } of state.members) {
        if (standing !== 'left') await work.say(name, { type: 'ended', why: event.why, text: event.text });
      }
      return;
    case 'cohort opened':
    case 'frame taken':
    case 'member sat out':
    case 'member left':
    case 'turn passed':
    case 'phase closed':
      return tellTurn(work, before);
    case 'run created':
    case 'plan accepted by member':
    case 'plan declined':
    case 'draw revealed':
    case 'message ignored':
    case 'release reported':
    case 'evidence found':
      return;
    default:
      return event satisfies never;
  }
}

type Message = Parameters<Work['tell']>[1];

async function tellAll(work: Work, message: Message, body?: Uint8Array): Promise<void> {
  for (const name of presentOf(work.state)) await work.tell(name, message, body);
}

const certificatesOf = (state: RunState): readonly string[] =>
  state.roster.map((name) => memberOf(state, name)?.certificate ?? '');

const valuesOf = (state: RunState): readonly string[] =>
  state.roster.map((name) => memberOf(state, name)?.revealed ?? '');

export function offerOf({ projectId, runId, plan }: RunState): Offer {
  // A signed plan is JSON: it was read from one.
  const asJson = { ...plan } as unknown as Readonly<Record<string, Json>>;
  return { type: 'offer', projectId, runId, plan: asJson };
}

async function tellRound(work: Work): Promise<void> {
  const { state } = work;
  const live = liveRound(state);
  if (live === undefined) return;
  const { round, version, modelHash, epoch, members } = live;
  const { plan } = state.plan;
  await tellAll(work, {
    type: 'round',
    round,
    version,
    modelHash,
    epoch,
    models: plan.exchange.schedule === 'asynchronous' ? (state.epoch?.models ?? []) : [],
    phaseMs: plan.deadline.roundSeconds * 1000,
    members,
  });
}

/** Whose turn it is: one member's, once words are awaited; a cohort's, from when its sum begins. */
function holdersOf(state: RunState): readonly string[] {
  const live: LiveRound | undefined = liveRound(state);
  const { plan } = state.plan;
  if (live === undefined) return [];
  if (plan.robustness.kind === 'cohorts') return summing(live).filter((name) => !live.without.includes(name));
  const { schedule } = plan.exchange;
  const isInTurns = schedule === 'round-robin' || schedule === 'random-order';
  return isInTurns && live.phase === 'contributing' ? awaitedNow(state).slice(0, 1) : [];
}

/** Whoever's turn has begun is told, also where the sum begins with it. */
export async function tellTurn(work: Work, before: RunState): Promise<void> {
  const live = liveRound(work.state);
  if (live === undefined) return;
  const was = liveRound(before);
  const isSameSum = was?.round === live.round && was.flush === live.flush;
  const held = isSameSum ? holdersOf(before) : [];
  const present = presentOf(work.state);
  for (const name of holdersOf(work.state)) {
    if (!held.includes(name) && present.includes(name)) await work.tell(name, { type: 'turn', round: live.round });
  }
}

async function tellReleased(work: Work, event: Released): Promise<void> {
  const { setup, state } = work;
  const { round, version, modelHash, contributors, contributions, sum } = event;
  const { receipts } = await publishSum(setup.primitives, setup.signer, {
    plan: state.plan.id,
    round,
    result: event.published.result,
    contributors: contributors.map((member, i) => ({ member, contribution: contributions[i]! })),
  });
  const receiptOf = new Map<string, Receipt>(receipts.map((receipt) => [receipt.member, receipt]));
  const body = sum === null ? undefined : await work.read(sum);
  const isInCohorts = state.plan.plan.robustness.kind === 'cohorts';
  for (const name of presentOf(state)) {
    const receipt = receiptOf.get(name) ?? null;
    const message = { type: 'published', round, version, modelHash, contributors, receipt } as const;
    // Who is in the sum has it from the sum itself; other cohorts' it has from here.
    await work.tell(name, message, receipt === null || isInCohorts ? body : undefined);
  }
}

/** Everything that somebody needs who was away, or comes late. */
export async function catchUp(work: Work, name: string): Promise<void> {
  const { state, published } = work;
  if (state.draw === undefined || !state.roster.includes(name)) return;
  const { version, modelHash } = newestModel(state);
  if (modelHash === null) return;
  const body = published === undefined ? undefined : bytesOfPublished(published);
  const members = certificatesOf(state);
  const values = valuesOf(state);
  const reports = reportsOf(state, version, modelHash);
  await work.say(name, { type: 'catch up', version, modelHash, members, values, reports }, body);
}

/** Members who say, signed, that this is what they came to. */
const reportsOf = ({ members, roster }: RunState, version: number, modelHash: string): readonly SignedReport[] =>
  members.flatMap(({ name: member, reported }) =>
    roster.includes(member) && reported?.version === version && reported.modelHash === modelHash
      ? [{ member, number: reported.number, signature: reported.signature }]
      : [],
  );

/** Null where members have not said yet what they came to. */
export function newestModel({ first, releases, members, roster }: RunState): {
  readonly version: number;
  readonly modelHash: string | null;
} {
  const version = releases.length;
  const last = releases[version - 1];
  if (last === undefined) return { version, modelHash: first.modelHash };
  if (last.modelHash !== null) return { version, modelHash: last.modelHash };
  const reported = members.flatMap(({ name, standing, reported: one }) =>
    roster.includes(name) && standing === 'accepted' && one?.version === version ? [one.modelHash] : [],
  );
  return { version, modelHash: mostOften(reported) };
}

/** What more than half of them say. */
function mostOften(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const [value, count] of counts) if (2 * count > values.length) return value;
  return null;
}
