// A driver of whole one-shot rounds for tests: one place where all parties live, messages are handed over by hand, and everything
// can be dropped, changed, stored and restored on its way.

import { hexOf, type MemberId } from '../canonical/index.ts';
import type { Output } from '../machine/outputs.ts';
import { memberStep, startMember } from './committee/member.ts';
import { type MemberState, restoreMember, storeMemberInTheClear } from './committee/member-state.ts';
import { contributorStep, startContributor } from './contributor/contributor.ts';
import {
  type ContributorState,
  restoreContributor,
  storeContributorInTheClear,
} from './contributor/contributor-state.ts';
import { type CollectorEvent, type CollectorState, collectorStep, startCollector } from './coordinator/collector.ts';
import { type OpenerEvent, type OpenerState, openerStep, startOpener } from './coordinator/opener.ts';
import type { OneShotResult } from './coordinator/result.ts';
import { restoreCollector, storeCollector } from './coordinator/stored.ts';
import { restoreOpener, storeOpener } from './coordinator/stored-opener.ts';
import { vectorOf, type World } from './one-shot-world.contract.ts';
import { decodeContribution, storedHead } from './round/contribution.ts';
import { encodeHeads, encodeSetRequest } from './round/contributor-set.ts';
import { DELIVERY, OPEN_SHARE, SIGN } from './round/kinds.ts';
import { firstModel } from './round/models.ts';

/** What a test does to the round; everything defaults to honest and present. */
export interface Plan {
  /** Who contributes, by index. */
  readonly contribute?: readonly number[];
  readonly vectors?: (index: number) => Int32Array;
  /** Made before, in the order of `contribute`: saves making them anew for every dropout. */
  readonly contributions?: readonly Uint8Array[];
  /** Members, by number, that are there for the signing and for the answering. */
  readonly sign?: readonly number[];
  readonly answer?: readonly number[];
  /** What becomes of a contribution, a signature, an answer on its way. */
  readonly tamper?: (type: string, from: string, bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** Store and restore every state after every step. */
  readonly crash?: boolean;
}

export interface Played {
  readonly result: OneShotResult | undefined;
  readonly aborted: string | undefined;
  readonly outputs: readonly Output<OneShotResult>[];
  /** Refusals of single messages, by the code they had. */
  readonly refused: readonly string[];
  readonly contributions: readonly Uint8Array[];
  readonly collector: CollectorState;
  readonly opener: OpenerState | undefined;
  readonly memberStates: ReadonlyMap<MemberId, MemberState>;
  readonly contributorStates: ReadonlyMap<number, ContributorState>;
}

const sent = (outputs: readonly Output<unknown>[], type: string): Uint8Array[] =>
  outputs.flatMap((output) => (output.kind === 'send' && output.type === type ? [output.bytes] : []));

/** What goes to this member. */
export const sentTo = (outputs: readonly Output<unknown>[], type: string, memberId: MemberId): Uint8Array[] =>
  outputs.flatMap((output) =>
    output.kind === 'send' &&
    output.type === type &&
    (output.to.kind === 'everybody' || (output.to.kind === 'member' && output.to.memberId === memberId))
      ? [output.bytes]
      : [],
  );

export async function makeContribution(world: World, index: number, values = vectorOf(world, index)) {
  const contributor = world.contributors[index]!;
  const { state } = await startContributor(contributor, world.start());
  const model = { version: 0, hash: world.context.modelHash };
  const made = await contributorStep(contributor, state, { kind: 'contribute', values, model });
  return { state: made.state, bytes: sent(made.outputs, DELIVERY.contribution)[0]! };
}

export async function play(world: World, plan: Plan = {}): Promise<Played> {
  const { coordinator, round, members } = world;
  const {
    contribute = world.contributors.map((_, i) => i),
    vectors = (index) => vectorOf(world, index),
    sign = members.map((_, i) => i + 1),
    answer = sign,
    tamper = (_, __, bytes) => bytes,
    crash = false,
  } = plan;
  const outputs: Output<OneShotResult>[] = [];
  const refused: string[] = [];
  const contributions: Uint8Array[] = [];
  const contributorStates = new Map<number, ContributorState>();
  const memberStates = new Map<MemberId, MemberState>();
  const tolerate = async <Result>(act: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      refused.push(String(error.code));
      return undefined;
    }
  };

  let collector = startCollector(coordinator);
  const collect = async (event: CollectorEvent): Promise<void> => {
    const made = await tolerate(() => collectorStep(coordinator, collector, event));
    if (made === undefined) return;
    outputs.push(...made.outputs);
    collector = crash ? restoreCollector(coordinator, storeCollector(coordinator, made.state)) : made.state;
  };
  for (const [i, index] of contribute.entries()) {
    const premade = plan.contributions?.[i];
    if (premade !== undefined) {
      contributions.push(premade);
      await collect({ kind: 'contribution', bytes: premade });
      continue;
    }
    const { state, bytes } = await makeContribution(world, index, vectors(index));
    contributorStates.set(index, crash ? restoreContributor(round, storeContributorInTheClear(round, state)) : state);
    const onItsWay = await tamper(DELIVERY.contribution, world.contributors[index]!.memberId, bytes);
    contributions.push(onItsWay);
    await collect({ kind: 'contribution', bytes: onItsWay });
  }
  if (collector.phase === 'collecting') await collect({ kind: 'time is up' });
  const played = () => ({ outputs, refused, contributions, collector, memberStates, contributorStates });
  const abortedOf = (): string | undefined =>
    outputs.flatMap((output) => (output.kind === 'abort' ? [output.reason.code] : []))[0];
  if (collector.phase !== 'closed') {
    return { ...played(), result: undefined, aborted: abortedOf(), opener: undefined };
  }

  const opening = startOpener(coordinator, collector);
  outputs.push(...opening.outputs);
  let opener = opening.state;
  const open = async (event: OpenerEvent): Promise<void> => {
    const made = await tolerate(() => openerStep(coordinator, opener, event));
    if (made === undefined) return;
    outputs.push(...made.outputs);
    opener = crash ? restoreOpener(coordinator, storeOpener(coordinator, made.state)) : made.state;
  };
  const models = firstModel(round.context);
  for (const member of members) memberStates.set(member.memberId, startMember(member, world.start()).state);
  const run = async (number: number, kind: 'close' | 'certificate', type: string, back: string): Promise<void> => {
    const member = members[number - 1]!;
    for (const bytes of sentTo(outputs, type, member.memberId)) {
      const event = kind === 'close' ? { kind, request: bytes, models } : { kind, certificate: bytes };
      const made = await tolerate(() => memberStep(member, memberStates.get(member.memberId)!, event));
      if (made === undefined) continue;
      const next = crash ? restoreMember(round, storeMemberInTheClear(round, made.state)) : made.state;
      memberStates.set(member.memberId, next);
      for (const message of sent(made.outputs, back)) {
        const kindOfEvent = back === SIGN.type ? 'signature' : 'answer';
        await open({ kind: kindOfEvent, bytes: await tamper(back, member.memberId, message) });
      }
    }
  };
  for (const number of sign) await run(number, 'close', DELIVERY.close, SIGN.type);
  for (const number of answer) await run(number, 'certificate', DELIVERY.certificate, OPEN_SHARE.type);
  if (opener.phase === 'signing' || opener.phase === 'answering') await open({ kind: 'time is up' });
  const result = outputs.flatMap((output) => (output.kind === 'done' ? [output.result] : []))[0];
  return { ...played(), result, aborted: abortedOf(), opener };
}

/** Where sums are for participants: what contributor `index` opens for itself, from the latest boxes or earlier ones. */
export async function openOwn(world: World, { outputs, contributorStates }: Played, index: number, opening = -1) {
  const contributor = world.contributors[index]!;
  const [total] = sent(outputs, DELIVERY.total);
  const answers = sentTo(outputs, DELIVERY.opening, contributor.memberId).at(opening);
  const made = await contributorStep(contributor, contributorStates.get(index)!, {
    kind: 'opening',
    opening: { answers: answers!, total: total! },
  });
  return made.outputs.flatMap((output) => (output.kind === 'done' ? [output.result] : []))[0]!;
}

/** What a member is shown of these contributions, in whatever order and however often they are listed. */
export function requestOf(world: World, contributions: readonly Uint8Array[], number: number, flush = 0): Uint8Array {
  const decoded = contributions.map((bytes) => decodeContribution(world.parameters, bytes));
  const heads = decoded.map(({ certificate, head }) =>
    storedHead(world.primitives, world.round, { certificate, head }),
  );
  return encodeSetRequest(
    encodeHeads(flush, heads),
    decoded.map(({ boxes }) => boxes[number - 1]!),
  );
}

export const hexes = (all: readonly Uint8Array[]): string[] => all.map(hexOf);
