// Attack 15 and 37 by way of the driver: two events at once from one state, or a state and an entry used twice. Two answers to one
// certificate have independent flooding (an average of k halves it √k); two promises are for two sets; two founded members have two
// lists of promises. Each is refused, and a step that failed leaves its state usable.

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeOf, NOW_MS } from '../seeded-members.contract.ts';
import { encodeRequest } from './contributions.ts';
import { startFoundingCoordinator, stepFoundingCoordinator } from './coordinator-founding.ts';
import { startSumCoordinator, stepSumCoordinator } from './coordinator-sum.ts';
import { startEncryptor, stepEncryptor } from './encryptor.ts';
import { beginFounding, type FoundingStep, stepFounding } from './founding.ts';
import { contributionsTo, freshStates } from './malicious-coordinator.contract.ts';
import { beginServing, stepMember } from './member.ts';
import type { MemberState } from './member-state.ts';
import {
  encryptorOf,
  enteredAt,
  type Founded,
  found,
  roundAt,
  sendsOf,
  startOf,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

/** Of two attempts at once, the first stands; the code of the refusal of the second. */
async function secondOf(...attempts: readonly [() => Promise<unknown>, () => Promise<unknown>]): Promise<unknown> {
  const [first, second] = await Promise.allSettled(attempts.map((attempt) => attempt()));
  expect(first?.status).toBe('fulfilled');
  return second?.status === 'rejected' && second.reason instanceof Error && 'code' in second.reason
    ? second.reason.code
    : second?.status;
}

const twice = (attempt: () => Promise<unknown>): Promise<unknown> => secondOf(attempt, attempt);

describe('attacks 15, 37: two steps from one state', () => {
  let founded: Founded;
  const set = [1, 2, 3, 4];
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives()));
  });

  it('of a member give one promise and one answer', async () => {
    const { trust, serving } = founded;
    const round = roundAt(founded, 1);
    const contributions = await contributionsTo(founded, round, [0, 1, 2]);
    const states = freshStates(founded);
    const ask = (activeSet: readonly number[], state: MemberState) =>
      stepMember(serving[0]!, state, { kind: 'request', round, bytes: encodeRequest(activeSet, contributions), trust });
    const fresh = freshStates(founded).get(1)!;
    const twoSets = secondOf(
      () => ask(set, fresh),
      () => ask([1, 2, 3, 5], fresh),
    );
    expect(await twoSets).toBe('E_PARAMETER');
    const promises: Uint8Array[] = [];
    for (const number of set) {
      const event = { kind: 'request' as const, round, bytes: encodeRequest(set, contributions), trust };
      const { state, outputs } = await stepMember(serving[number - 1]!, states.get(number)!, event);
      states.set(number, state);
      promises.push(sendsOf(outputs)[0]!.bytes);
    }
    const certificate = { kind: 'certificate' as const, messages: promises, trust };
    const promised = states.get(1)!;
    // What fails leaves the state as it was.
    const few = { ...certificate, messages: promises.slice(1) };
    expect(await codeOf(() => stepMember(serving[0]!, promised, few))).toBe('E_QUORUM');
    expect(await twice(() => stepMember(serving[0]!, promised, certificate))).toBe('E_PARAMETER');
    expect(await codeOf(() => stepMember(serving[0]!, promised, certificate))).toBe('E_PARAMETER');
  });

  it('of a founding give one summand of the key from one entry, and one reveal', async () => {
    const world = await worldOf(nodePrimitives());
    const start = startOf(world);
    const refused = { ...start, configuration: { ...start.configuration, vectorLength: 7 } };
    expect(await codeOf(() => beginFounding(world.members[0]!, refused))).toBe('E_CTX');
    expect(await twice(() => beginFounding(world.members[0]!, start))).toBe('E_PARAMETER');
    const begun: FoundingStep[] = [];
    for (const member of world.members) begun.push(await beginFounding(member, startOf(world)));
    const event = { kind: 'commitments' as const, messages: begun.map(({ outputs }) => sendsOf(outputs)[0]!.bytes) };
    expect(await twice(() => stepFounding(world.members[0]!, begun[0]!.state, event))).toBe('E_PARAMETER');
  });

  it('of an encryptor give one vector from one entry, in whatever state', async () => {
    const round = roundAt(founded, 1);
    const entered = enteredAt(founded, round.context);
    const encryptor = encryptorOf(founded, 0);
    const contribute = (values: Int32Array, state = startEncryptor()): Promise<unknown> =>
      stepEncryptor(encryptor, state, { kind: 'contribute', entered, round, values, nowMs: NOW_MS });
    const values = valuesOfSilo(founded, 0);
    const zeros = new Int32Array(values.length);
    expect(await codeOf(() => contribute(values.slice(1)))).toBe('E_PARAMETER');
    const twoVectors = secondOf(
      () => contribute(values),
      () => contribute(zeros),
    );
    expect(await twoVectors).toBe('E_PARAMETER');
    expect(await codeOf(() => contribute(zeros))).toBe('E_PARAMETER');
    const state = startEncryptor();
    const other = enteredAt(founded, round.context);
    const event = { kind: 'contribute' as const, entered: other, round, values, nowMs: NOW_MS };
    await stepEncryptor(encryptor, state, event);
    const more = { ...event, entered: enteredAt(founded, round.context) };
    expect(await codeOf(() => stepEncryptor(encryptor, state, more))).toBe('E_PARAMETER');
  });

  it('of a founded key give one serving member', async () => {
    const { foundings, epoch, logged } = await found(await worldOf(nodePrimitives()));
    // found() has begun serving with each.
    expect(await codeOf(() => beginServing(foundings[0]!, epoch, logged))).toBe('E_PARAMETER');
  });

  it('of coordinators lose no message', async () => {
    const { trust, members, epoch, primitives } = founded;
    const round = roundAt(founded, 1);
    const [one, other] = await contributionsTo(founded, round, [0, 1]);
    const state = startSumCoordinator();
    const contribute = (bytes: Uint8Array) => () =>
      stepSumCoordinator(sumSetting(founded, round), state, { kind: 'contribution', bytes, trust });
    expect(await secondOf(contribute(one!), contribute(other!))).toBe('E_PARAMETER');
    const hub = startFoundingCoordinator();
    const commits: Uint8Array[] = [];
    for (const member of members.slice(0, 2)) {
      commits.push(sendsOf((await beginFounding(member, startOf(founded))).outputs)[0]!.bytes);
    }
    const commit = (bytes: Uint8Array) => () =>
      stepFoundingCoordinator({ primitives, circle: epoch.circle }, hub, { kind: 'message', bytes });
    expect(await secondOf(commit(commits[0]!), commit(commits[1]!))).toBe('E_PARAMETER');
  });
});
