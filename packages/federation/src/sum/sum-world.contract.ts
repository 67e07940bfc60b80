// Test material: a run's participants and coordinator in one process, and a driver that carries every message, closes phases when nothing more
// comes, and can drop, crash, restore, repeat and change on the way.

import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { defineFloors, type Floors } from '@sumus/secure-sum/floors';
import { certify, type MemberId, memberId, noRevocations } from '@sumus/secure-sum/identity';
import type { Output } from '@sumus/secure-sum/machine';
import { agreementOf, freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';
import type { Plan, Protection } from '../plan/plan.ts';
import { samplePlan } from '../plan/sample-plans.contract.ts';
import { wordEncodingOf } from '../plan/sums.ts';
import type { TemplateOptions } from '../plan/template.ts';
import * as coordinator from './coordinator/index.ts';
import * as participant from './index.ts';
import type { CoordinatorSum, ParticipantSum, SumAgreement, SumPhase, SumPoint } from './sum.ts';

export const NOW_MS = 1_795_000_000_000;
const YEAR_MS = 365 * 86_400_000;

export interface Party {
  readonly name: MemberId;
  readonly setup: participant.ParticipantSumSetup;
  standing: participant.SecretStanding;
}

export interface SumWorld {
  readonly agreement: SumAgreement;
  readonly parties: readonly Party[];
  readonly server: coordinator.CoordinatorSumSetup;
  standing: coordinator.CoordinatorStanding;
}

export interface SumWorldOptions {
  readonly members?: number;
  readonly minimum?: number;
  readonly parameters?: number;
  readonly seed?: number;
  readonly plan?: Partial<TemplateOptions>;
  readonly protection: Protection;
  readonly change?: (plan: Plan) => Plan;
  readonly committee?: readonly string[];
  readonly floors?: Partial<Floors>;
}

export const MASK: Protection = { kind: 'mask', graph: 'complete', corruptFraction: 0.3, dropoutFraction: 0 };
export const CLEAR: Protection = { kind: 'none', reason: 'made up' };
export const ONE_SHOT: Protection = {
  kind: 'one-shot',
  committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false },
};

export const THRESHOLD: Extract<Protection, { kind: 'threshold' }> = {
  kind: 'threshold',
  members: 5,
  threshold: 4,
  corruptMembers: 1,
  trust: 'participants follow the protocol',
};

/** The first four by name: the fixed committee of ONE_SHOT. */
export const COMMITTEE: readonly string[] = ['silo-01', 'silo-02', 'silo-03', 'silo-04'];

function seeded(seed: number): SecretPrimitives {
  const platform = nodePrimitives();
  const key = new Uint8Array(32).fill(seed);
  let calls = 0;
  return {
    ...platform,
    secretKeys: SecretKey,
    randomBytes: (length) => {
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(0, calls++, true);
      const out = new Uint8Array(length);
      platform.chacha20(key, nonce, 0, out);
      return out;
    },
  };
}

export async function sumWorld(options: SumWorldOptions): Promise<SumWorld> {
  const { members = 5, minimum = 3, parameters = 60, seed = 7, protection, change = (plan) => plan } = options;
  const primitives = seeded(seed);
  const engines = await participant.loadSumEngines(primitives);
  const authority = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const logSigner = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const sample = samplePlan({ minimumContributors: minimum, maximumContributors: members, ...options.plan });
  const plan = change({ ...sample, protection, metrics: [], model: { ...sample.model, parameterCount: parameters } });
  const encoding = wordEncodingOf(plan);
  const names = Array.from({ length: members }, (_, i) => memberId(`silo-${String(i + 1).padStart(2, '0')}`));
  const signers = await Promise.all(names.map(() => signerOf(primitives, freshSecretKey(primitives, 'ed25519'))));
  const base: SumAgreement = {
    plan,
    projectId: 'hospitals',
    runId: 'run-1',
    encoding,
    authority: authority.publicKey,
    revocations: noRevocations('hospitals'),
    log: {
      logKey: logSigner.publicKey,
      witnesses: names.map((name, i) => ({ memberId: name, publicKey: signers[i]!.publicKey })),
    },
    admitted: new Set(names),
    ...(options.committee === undefined ? {} : { committee: options.committee.map(memberId) }),
  };
  const agreement: SumAgreement =
    protection.kind === 'threshold' ? { ...base, key: participant.thresholdKeyOf(base) } : base;
  const floors = defineFloors({
    minimumContributors: 3,
    corruptFraction: 0.2,
    minimumWordBits: 2,
    maximumVectorLength: 1_000_000,
    maximumRoundsPerDay: 100,
    minimumCommittee: 3,
    minimumBeaconContributors: 2,
    ...options.floors,
  });
  const parties: Party[] = [];
  for (const [i, name] of names.entries()) {
    const signer = signers[i]!;
    const certificate = await certify(authority, {
      projectId: agreement.projectId,
      memberId: name,
      role: 'silo',
      publicKey: signer.publicKey,
      notBeforeMs: NOW_MS - YEAR_MS,
      notAfterMs: NOW_MS + YEAR_MS,
      quotaClass: 'organisation',
    });
    const setup = { ...agreement, engines, primitives: seeded(seed + 1 + i), signer, certificate, floors };
    parties.push({ name, setup, standing: participant.freshStanding(setup) });
  }
  const server: coordinator.CoordinatorSumSetup = {
    ...agreement,
    engines,
    primitives,
    logSigner,
    revealedKey: (bytes) => agreementOf(primitives, SecretKey.fromBytes('x25519', bytes)),
  };
  return { agreement, parties, server, standing: coordinator.freshStanding() };
}

export const pointAt = (round: number, changed: Partial<SumPoint> = {}): SumPoint => ({
  round,
  flush: 0,
  modelHash: new Uint8Array(32).fill(round),
  supportHash: nodePrimitives().sha256(new Uint8Array(0)),
  epoch: round,
  ...changed,
});

/** Different for every party, of both signs, with the extremes. */
export function wordsOf({ agreement }: SumWorld, index: number): Int32Array {
  const { words, valueBits } = agreement.encoding;
  const most = 2 ** (valueBits - 1) - 1;
  return Int32Array.from({ length: words }, (_, i) =>
    i === 0 ? most : i === 1 ? -most : ((i * 7919 + index * 104_729) % (2 * most + 1)) - most,
  );
}

export function plainSum(world: SumWorld, indices: readonly number[]): Int32Array {
  const sum = new Int32Array(world.agreement.encoding.words);
  for (const index of indices) {
    for (const [i, word] of wordsOf(world, index).entries()) sum[i]! += word;
  }
  return sum;
}

export interface Played {
  readonly result: CoordinatorSum | undefined;
  readonly aborted: string | undefined;
  readonly results: ReadonlyMap<number, ParticipantSum>;
  readonly left: ReadonlyMap<number, string>;
  /** Codes of refusals, by who refused. */
  readonly refused: readonly { readonly by: string; readonly code: string; readonly text: string }[];
  /** Everything that reached the coordinator, everything it sent, and everything that it stored. */
  readonly up: readonly Uint8Array[];
  readonly down: readonly Uint8Array[];
  readonly stored: readonly Uint8Array[];
}

export interface PlayOptions {
  /** Who leaves, and in which phase of the coordinator: nothing of it arrives from then on. */
  readonly leaves?: ReadonlyMap<number, SumPhase>;
  readonly absent?: readonly number[];
  readonly abstains?: readonly number[];
  /** Store and restore everybody after every step, and say the last words again. */
  readonly crash?: 'participants' | 'coordinator' | 'everybody';
  readonly tamper?: (to: number | 'coordinator', bytes: Uint8Array, type: string) => readonly Uint8Array[];
  readonly versionOf?: (index: number) => number | undefined;
  readonly words?: (index: number) => Int32Array;
  /** A number in [0, 1) for every choice: mail comes in any order, some of it twice, some of it never; who is waited for says its last again. */
  readonly faults?: { readonly random: () => number; readonly lost: number; readonly doubled: number };
}

function copiesOf({ random, lost, doubled }: NonNullable<PlayOptions['faults']>): number {
  const at = random();
  return at < lost ? 0 : at < lost + doubled ? 2 : 1;
}

interface Mail {
  readonly to: number | 'coordinator';
  readonly from: number | 'coordinator';
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** One sum from beginning to end. */
export async function playSum(world: SumWorld, point: SumPoint, options: PlayOptions = {}): Promise<Played> {
  const { leaves = new Map(), absent = [], abstains = [], crash, tamper, faults } = options;
  const { parties, server } = world;
  const results = new Map<number, ParticipantSum>();
  const left = new Map<number, string>();
  const refused: { by: string; code: string; text: string }[] = [];
  const up: Uint8Array[] = [];
  const down: Uint8Array[] = [];
  const stored: Uint8Array[] = [];
  let result: CoordinatorSum | undefined;
  let aborted: string | undefined;
  const mail: Mail[] = [];
  const post = (from: number | 'coordinator', output: Output<unknown>): void => {
    if (output.kind !== 'send') return;
    const { to, type, bytes } = output;
    const receivers =
      to.kind === 'coordinator'
        ? (['coordinator'] as const)
        : parties.flatMap(({ name }, i) => (to.kind === 'everybody' || to.memberId === name ? [i] : []));
    for (const receiver of receivers) {
      (receiver === 'coordinator' ? up : down).push(bytes);
      for (const one of tamper?.(receiver, bytes, type) ?? [bytes]) {
        const copies = faults === undefined ? 1 : copiesOf(faults);
        for (let i = 0; i < copies; i++) mail.push({ to: receiver, from, type, bytes: one });
      }
    }
  };
  const refusing = async <T>(by: string, act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      refused.push({ by, code: String(error.code), text: error.message });
      return undefined;
    }
  };

  // The coordinator.
  let hub = (await coordinator.startSum(server, world.standing, point, NOW_MS)).state;
  const hubDisk: { bytes: Uint8Array } = { bytes: coordinator.storeSum(server, hub) };
  const advance = async (event: coordinator.CoordinatorSumEvent): Promise<void> => {
    const answer = await refusing('coordinator', () => coordinator.stepSum(server, hub, event, NOW_MS));
    if (answer === undefined) return;
    hub = answer.state;
    for (const output of answer.outputs) {
      if (output.kind === 'persist') {
        hubDisk.bytes = coordinator.storeSum(server, hub);
        stored.push(hubDisk.bytes);
      }
      if (output.kind === 'done') result = output.result;
      if (output.kind === 'abort') aborted = output.reason.code;
      post('coordinator', output);
    }
    const crashes = crash === 'coordinator' || crash === 'everybody';
    if (!crashes || answer.outputs.length === 0) return;
    hub = await coordinator.restoreSum(server, hubDisk.bytes, NOW_MS);
    if (coordinator.phaseOf(hub) === 'done' || coordinator.phaseOf(hub) === 'aborted') return;
    const again = await coordinator.stepSum(server, hub, { kind: 'ask again' }, NOW_MS);
    hub = again.state;
    if (!againAlready.has(coordinator.phaseOf(hub))) for (const output of again.outputs) post('coordinator', output);
    againAlready.add(coordinator.phaseOf(hub));
  };
  const againAlready = new Set<SumPhase>();

  // The participants.
  const states = new Map<number, participant.SecretSum>();
  const disks = new Map<number, Uint8Array>();
  const isGone = (index: number): boolean => {
    if (absent.includes(index)) return true;
    const phase = leaves.get(index);
    return (
      phase !== undefined && (gone.has(index) || (coordinator.phaseOf(hub) === phase && gone.add(index) !== undefined))
    );
  };
  const gone = new Set<number>();
  const carry = async (index: number, answer: participant.SumStep | undefined): Promise<void> => {
    if (answer === undefined) return;
    const party = parties[index]!;
    let { state } = answer;
    let persisted = false;
    for (const output of answer.outputs) {
      if (output.kind === 'persist') {
        disks.set(index, participant.storeSumInTheClear(party.setup, state));
        persisted = true;
      }
      if (output.kind === 'done') results.set(index, output.result);
      if (output.kind === 'abort') left.set(index, output.reason.code);
      post(index, output);
    }
    if ((crash === 'participants' || crash === 'everybody') && persisted) {
      state = await participant.restoreSum(party.setup, disks.get(index)!, NOW_MS);
      if (participant.phaseOf(state) !== 'done' && participant.phaseOf(state) !== 'aborted') {
        const again = await participant.stepSum(party.setup, state, { kind: 'resume' }, NOW_MS);
        state = again.state;
        for (const output of again.outputs) post(index, output);
      }
    }
    states.set(index, state);
    if (participant.phaseOf(state) === 'done' || participant.phaseOf(state) === 'aborted') {
      party.standing = participant.standingOf(state);
    }
    if (!participant.wantsWords(state) || isGone(index)) return;
    const version = options.versionOf?.(index);
    const event = abstains.includes(index)
      ? ({ kind: 'abstain' } as const)
      : ({ kind: 'words', words: options.words?.(index) ?? wordsOf(world, index), version } as const);
    await carry(index, await refusing(party.name, () => participant.stepSum(party.setup, state, event, NOW_MS)));
  };
  for (const [i, party] of parties.entries()) {
    if (absent.includes(i)) continue;
    await carry(i, await refusing(party.name, () => participant.openSum(party.setup, party.standing, point, NOW_MS)));
  }
  const over = (): boolean => ['done', 'aborted'].includes(coordinator.phaseOf(hub));
  /** Everybody says its last words again, and the coordinator asks again. */
  const nudge = async (): Promise<void> => {
    for (const [index, state] of states) {
      if (isGone(index) || ['done', 'aborted'].includes(participant.phaseOf(state))) continue;
      const answer = await participant.stepSum(parties[index]!.setup, state, { kind: 'resume' }, NOW_MS);
      states.set(index, answer.state);
      for (const output of answer.outputs) post(index, output);
    }
    if (coordinator.phaseOf(hub) !== 'aborted') await advance({ kind: 'ask again' });
  };
  let nudges = 0;
  let phase = coordinator.phaseOf(hub);
  for (let quiet = 0; quiet < 40; ) {
    const [next] = mail.splice(faults === undefined ? 0 : Math.floor(faults.random() * mail.length), 1);
    if (phase !== coordinator.phaseOf(hub)) [phase, nudges] = [coordinator.phaseOf(hub), 0];
    if (next === undefined) {
      if (faults !== undefined && nudges < 6) {
        nudges++;
        await nudge();
        continue;
      }
      if (over()) break;
      quiet++;
      await advance({ kind: 'close' });
      continue;
    }
    if (next.to === 'coordinator') {
      if (typeof next.from === 'number' && isGone(next.from)) continue;
      await advance({ kind: 'received', bytes: next.bytes });
      continue;
    }
    const { to } = next;
    const state = states.get(to);
    if (isGone(to) || state === undefined) continue;
    const { setup } = parties[to]!;
    const event = { kind: 'received' as const, bytes: next.bytes };
    await carry(to, await refusing(parties[to]!.name, () => participant.stepSum(setup, state, event, NOW_MS)));
  }
  for (const [index, state] of states) {
    if (participant.phaseOf(state) === 'done' || participant.phaseOf(state) === 'aborted') continue;
    const { setup } = parties[index]!;
    const answer = await participant.stepSum(setup, state, { kind: 'give up', reason: 'the sum is over' }, NOW_MS);
    parties[index]!.standing = participant.standingOf(answer.state);
  }
  if (over()) world.standing = coordinator.standingOf(hub);
  return { result, aborted, results, left, refused, up, down, stored };
}
