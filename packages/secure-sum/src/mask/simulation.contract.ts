// Test material: whole rounds of mask from one seed, with members who vanish, lie or crash, and a coordinator whose deliveries a test
// may exchange. Nothing is signed or drawn but by the machines and the common layer themselves.

import type { Primitives } from '@sumus/platform/primitives';
import { commitToBeacon, revealForBeacon } from '../beacon/contributor.ts';
import {
  BEACON_COMMIT,
  BEACON_REVEAL,
  type Beacon,
  commitmentsEntry,
  drawBeacon,
  gatherCommitments,
  rosterEntry,
} from '../beacon/index.ts';
import { configurationHash, type OpenContext, openContext, type RoundConfiguration } from '../context/index.ts';
import type { Engine } from '../engine/index.ts';
import { defineFloors, type Floors } from '../floors/index.ts';
import { confirmEntry, nothingEntered, proposeEntry } from '../high-water/index.ts';
import {
  cosignedBytes,
  encodeEntry,
  type LogEntry,
  type LoggedEntry,
  openLogView,
  proveInclusion,
  requireLogged,
  signTreeHead,
  treeOf,
  withCosignatures,
} from '../log/index.ts';
import type { Evidence, Output, Send } from '../machine/outputs.ts';
import { signMessage, verifyMessage } from '../messages/index.ts';
import { decodeRoster, type Roster } from '../roster/index.ts';
import { agreementOf, type SecretPrimitives } from '../secret-primitives.ts';
import {
  CONFIGURATION,
  freshSigner,
  NOW_MS,
  PROJECT,
  project,
  seededPrimitives,
  type TestMember,
} from '../seeded-members.contract.ts';
import { MASK_KEYS, maskRules } from './configuration.ts';
import {
  type CoordinatorEvent,
  type CoordinatorResult,
  type CoordinatorSetup,
  type CoordinatorState,
  startCoordinator,
  stepCoordinator,
} from './coordinator/index.ts';
import { GUARDS } from './participant/guards.ts';
import { type MaskParticipant, participantWith } from './participant/machine.ts';
import type { ParticipantEvent, ParticipantResult, ParticipantSetup } from './participant/setup.ts';
import type { SecretParticipant } from './participant/state.ts';
import type { MaskSession } from './session.ts';

export interface RoundOptions {
  readonly members: number;
  readonly seed?: number;
  readonly configuration?: Partial<RoundConfiguration>;
  readonly floors?: Partial<Floors>;
  readonly vectorOf?: (member: number) => Int32Array;
  /** From this flow on (0 ADVERTISE … 4 UNMASK) a member says nothing more; undefined: it stays. */
  readonly dropsAt?: (member: number) => number | undefined;
  /** What a member's message becomes on the way up; undefined: it is lost. */
  readonly onUp?: (member: number, sent: Send) => Uint8Array | undefined;
  readonly onDown?: (member: number, sent: Send) => Uint8Array | undefined;
  readonly machineOf?: (member: number) => MaskParticipant;
  /** After each step of a member: what goes on instead of its state and outputs. */
  readonly afterStep?: (member: number, step: SimulatedStep) => Promise<SimulatedStep>;
  readonly project?: SimulatedProject;
}

export interface SimulatedStep {
  readonly setup: ParticipantSetup;
  readonly machine: MaskParticipant;
  readonly open: OpenContext;
  readonly state: SecretParticipant;
  readonly outputs: readonly Output<ParticipantResult>[];
}

export interface SimulatedProject {
  readonly primitives: SecretPrimitives;
  readonly engine: Engine;
  readonly trust: ParticipantSetup['trust'];
  readonly members: readonly TestMember[];
}

export interface Refusal {
  readonly by: number | 'coordinator';
  readonly code: unknown;
  readonly message: string;
}

export const FLOORS: Floors = defineFloors({
  minimumContributors: 3,
  corruptFraction: 0.1,
  minimumWordBits: 8,
  maximumVectorLength: 10_000_000,
  maximumRoundsPerDay: 100,
  minimumCommittee: 3,
  minimumBeaconContributors: 2,
});

export async function simulatedProject(
  platform: Primitives,
  engine: Engine,
  memberCount: number,
  seed = 1,
): Promise<SimulatedProject> {
  const primitives = seededPrimitives(platform, seed);
  const { trust, members } = await project(primitives, memberCount);
  return { primitives, engine, trust, members };
}

/** Values that a seed gives: within 2^(b−1) − 1. */
export function seededVector(length: number, valueBits: number, seed: number): Int32Array {
  const bound = 2 ** (valueBits - 1) - 1;
  let x = (seed * 2654435761 + 1) >>> 0;
  return Int32Array.from({ length }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return (x % (2 * bound + 1)) - bound;
  });
}

export class SimulatedRound {
  readonly options: RoundOptions;
  readonly world: SimulatedProject;
  readonly configuration: RoundConfiguration;
  readonly open: OpenContext;
  readonly coordinatorSetup: CoordinatorSetup;
  readonly setups: readonly ParticipantSetup[];
  readonly states: (SecretParticipant | undefined)[];
  readonly results = new Map<number, ParticipantResult>();
  readonly refusals: Refusal[] = [];
  readonly evidence: Evidence[] = [];
  /** Deliveries of the coordinator that wait for their members. */
  readonly inbox = new Map<number, Send[]>();
  /** Everything that reached the coordinator, in order. */
  readonly wire: { readonly member: number; readonly type: string; readonly bytes: Uint8Array }[] = [];
  coordinator: CoordinatorState;
  result: CoordinatorResult | undefined;
  roster: Roster | undefined;
  session: MaskSession | undefined;
  #rosterBytes: Uint8Array | undefined;

  constructor(world: SimulatedProject, options: RoundOptions) {
    this.options = options;
    this.world = world;
    const { primitives, engine, trust, members } = world;
    this.configuration = {
      ...CONFIGURATION,
      vectorLength: 20,
      own: maskRules({ graph: 'complete', corruptFraction: 1 / 3, dropoutFraction: 0 }),
      ...options.configuration,
    };
    this.open = openContext(primitives, {
      projectId: PROJECT,
      taskId: 'sepsis',
      round: 1,
      flush: 0,
      modelHash: new Uint8Array(32).fill(1),
      configHash: configurationHash(primitives, this.configuration),
      policyHash: new Uint8Array(32).fill(2),
    });
    const floors = defineFloors({ ...FLOORS, ...options.floors });
    const { configuration } = this;
    this.setups = members
      .slice(0, options.members)
      .map(({ signer, certificate }) => ({ engine, primitives, signer, certificate, configuration, floors, trust }));
    this.states = this.setups.map(() => undefined);
    this.coordinatorSetup = {
      engine,
      primitives,
      configuration,
      trust,
      revealedKey: (bytes) => agreementOf(primitives, primitives.secretKeys.fromBytes('x25519', bytes)),
    };
    this.coordinator = startCoordinator(this.coordinatorSetup, this.open).state;
  }

  vector(member: number): Int32Array {
    const { vectorLength, valueBits } = this.configuration;
    return this.options.vectorOf?.(member) ?? seededVector(vectorLength, valueBits, 100 + member);
  }

  /** Index in the roster, which has the order of names, as members have here. */
  machine(member: number): MaskParticipant {
    return this.options.machineOf?.(member) ?? participantWith(GUARDS);
  }

  speaks(member: number, flow: number): boolean {
    return flow < (this.options.dropsAt?.(member) ?? Number.POSITIVE_INFINITY);
  }

  isAt(phase: CoordinatorState['phase']): boolean {
    return this.coordinator.phase === phase;
  }

  async run(): Promise<this> {
    await this.advertise();
    if (!this.isAt('drawing')) return this;
    await this.drawBeacon();
    await this.share();
    if (!this.isAt('masking')) return this;
    await this.mask();
    if (!this.isAt('confirming')) return this;
    await this.confirm();
    if (!this.isAt('unmasking')) return this;
    await this.unmask();
    await this.finish();
    return this;
  }

  async advertise(): Promise<void> {
    for (let i = 0; i < this.setups.length; i++) {
      if (!this.speaks(i, 0)) continue;
      const entry = proposeEntry(this.world.primitives, nothingEntered(), this.open);
      const entered = confirmEntry(entry, entry.bytes);
      await this.carryOut(i, await this.machine(i).open(this.setups[i]!, entered));
    }
    await this.coordinate({ kind: 'close' });
  }

  /** The roster is logged, two members commit and reveal. */
  async drawBeacon(): Promise<void> {
    const { primitives, members } = this.world;
    this.roster = decodeRoster(primitives, this.open, MASK_KEYS, this.#rosterBytes!);
    const logged = await this.log(rosterEntry(this.open, this.roster.root));
    const contributors = members.filter(({ memberId }) => this.roster!.indexOf.has(memberId)).slice(0, 2);
    const verified = async (member: TestMember, kind: typeof BEACON_COMMIT, body: Uint8Array) => {
      const message = await signMessage(primitives, member.signer, this.open, {
        ...kind,
        sender: member.memberId,
        body,
      });
      const sender = { memberId: member.memberId, publicKey: member.certificate.publicKey };
      return verifyMessage(primitives, message, { ...kind, context: this.open, sender });
    };
    const committed = [];
    for (const member of contributors) {
      const { state, body } = commitToBeacon(primitives, member.memberId, this.open, logged);
      committed.push({ member, state, message: await verified(member, BEACON_COMMIT, body) });
    }
    const messages = committed.map(({ message }) => message);
    const commitments = gatherCommitments(primitives, this.open, this.roster.root, messages);
    const listed = await this.log(commitmentsEntry(commitments));
    const rule = { allowed: new Set(contributors.map(({ memberId }) => memberId)), atLeast: 2 };
    const reveals = [];
    for (const { member, state } of committed) {
      const { body } = revealForBeacon(primitives, state, commitments, listed, rule);
      reveals.push(await verified(member, BEACON_REVEAL, body));
    }
    const beacon = drawBeacon(primitives, commitments, reveals, rule);
    if (beacon.kind !== 'beacon') throw new Error('no beacon');
    await this.coordinate({ kind: 'beacon', beacon });
    this.rosterEvent = { kind: 'roster', roster: this.roster, logged, beacon };
  }

  rosterEvent: { kind: 'roster'; roster: Roster; logged: LoggedEntry; beacon: Beacon } | undefined;

  async share(): Promise<void> {
    await this.everybody(1, 'advertised', () => this.rosterEvent!);
    await this.coordinate({ kind: 'close' });
  }

  async mask(): Promise<void> {
    for (let i = 0; i < this.setups.length; i++) {
      if (!this.speaks(i, 2)) continue;
      for (const bytes of this.delivered(i, 'mask/boxes')) await this.participate(i, { kind: 'received', bytes });
      if (this.states[i]?.phase === 'ready') await this.participate(i, { kind: 'vector', values: this.vector(i) });
    }
    await this.coordinate({ kind: 'close' });
  }

  async confirm(): Promise<void> {
    await this.answerDeliveries(3, 'mask/living');
    await this.coordinate({ kind: 'close' });
  }

  async unmask(): Promise<void> {
    await this.answerDeliveries(4, 'mask/vouchers');
    await this.coordinate({ kind: 'close' });
  }

  async finish(): Promise<void> {
    await this.answerDeliveries(5, 'mask/result');
  }

  async answerDeliveries(flow: number, type: string): Promise<void> {
    for (let i = 0; i < this.setups.length; i++) {
      if (!this.speaks(i, flow)) continue;
      for (const bytes of this.delivered(i, type)) await this.participate(i, { kind: 'received', bytes });
    }
  }

  /** Takes what waits for a member out of its inbox. */
  delivered(member: number, type: string): Uint8Array[] {
    const waiting = this.inbox.get(member) ?? [];
    this.inbox.set(
      member,
      waiting.filter((sent) => sent.type !== type),
    );
    return waiting
      .filter((sent) => sent.type === type)
      .map((sent) => (this.options.onDown === undefined ? sent.bytes : this.options.onDown(member, sent)))
      .filter((bytes) => bytes !== undefined);
  }

  async everybody(flow: number, phase: SecretParticipant['phase'], event: () => ParticipantEvent): Promise<void> {
    for (let i = 0; i < this.setups.length; i++) {
      if (this.speaks(i, flow) && this.states[i]?.phase === phase) await this.participate(i, event());
    }
  }

  async participate(member: number, event: ParticipantEvent): Promise<void> {
    const state = this.states[member];
    if (state === undefined || state.phase === 'done' || state.phase === 'aborted') return;
    try {
      await this.carryOut(member, await this.machine(member).step(this.setups[member]!, state, event));
    } catch (error) {
      this.#refuse(member, error);
    }
  }

  async carryOut(
    member: number,
    answer: { readonly state: SecretParticipant; readonly outputs: readonly Output<ParticipantResult>[] },
  ): Promise<void> {
    const given = { setup: this.setups[member]!, machine: this.machine(member), open: this.open, ...answer };
    const { state, outputs } = (await this.options.afterStep?.(member, given)) ?? given;
    this.states[member] = state;
    for (const output of outputs) {
      if (output.kind === 'done') this.results.set(member, output.result);
      if (output.kind === 'evidence') this.evidence.push(output);
      if (output.kind !== 'send') continue;
      const bytes = this.options.onUp === undefined ? output.bytes : this.options.onUp(member, output);
      if (bytes === undefined) continue;
      this.wire.push({ member, type: output.type, bytes });
      await this.coordinate({ kind: 'received', bytes });
    }
  }

  async coordinate(event: CoordinatorEvent): Promise<void> {
    try {
      const { state, outputs } = await stepCoordinator(this.coordinatorSetup, this.coordinator, event);
      this.coordinator = state;
      if ('session' in state) this.session = state.session;
      for (const output of outputs) {
        if (output.kind === 'done') this.result = output.result;
        if (output.kind === 'evidence') this.evidence.push(output);
        if (output.kind === 'send') this.#route(output);
      }
    } catch (error) {
      this.#refuse('coordinator', error);
    }
  }

  #route(sent: Send): void {
    if (sent.type === 'mask/roster') this.#rosterBytes = sent.bytes;
    this.world.members.slice(0, this.setups.length).forEach(({ memberId }, i) => {
      if (sent.to.kind === 'coordinator' || (sent.to.kind === 'member' && sent.to.memberId !== memberId)) return;
      this.inbox.set(i, [...(this.inbox.get(i) ?? []), sent]);
    });
  }

  #refuse(by: Refusal['by'], error: unknown): void {
    if (!(error instanceof Error)) throw error;
    this.refusals.push({ by, code: 'code' in error ? error.code : undefined, message: error.message });
    // What is no refusal is a bug of ours.
    if (!('code' in error)) throw error;
  }

  async log(entry: LogEntry): Promise<LoggedEntry> {
    const { primitives, members } = this.world;
    const log = await freshSigner(primitives);
    const tree = treeOf(primitives, [encodeEntry(entry)]);
    const head = await signTreeHead(primitives, log, tree, NOW_MS);
    const { memberId, signer } = members[0]!;
    const signature = await signer.sign(cosignedBytes(head, memberId));
    const trust = { logKey: log.publicKey, witnesses: [{ memberId, publicKey: signer.publicKey }] };
    const view = await openLogView(primitives, trust, withCosignatures(head, [{ witness: memberId, signature }]));
    return requireLogged(primitives, view, entry, { index: 0, path: proveInclusion(primitives, tree, 0) });
  }

  /** Which members these indices of the roster are. */
  membersAt(indices: readonly number[]): number[] {
    return indices.map((index) => {
      const { memberId } = this.roster!.members[index]!;
      return this.world.members.findIndex((member) => member.memberId === memberId);
    });
  }

  /** Σ of the vectors of these members, in plain integers. */
  plainSum(members: readonly number[]): number[] {
    const sum = new Array<number>(this.configuration.vectorLength).fill(0);
    for (const member of members) for (const [i, value] of this.vector(member).entries()) sum[i]! += value;
    return sum;
  }
}
