// Test material: a consortium of silos that founds a key and opens sums, all in one process, messages carried by hand so that tests can
// drop, repeat and change them.

import { wasmEngine } from '@sumus/lattice/engine';
import { postQuantumPrimitives } from '@sumus/platform/post-quantum';
import type { Primitives } from '@sumus/platform/primitives';
import { type Beacon, rosterEntry } from '../beacon/index.ts';
import { type SecretHybridKey, secretHybridKey } from '../boxes/index.ts';
import { type MemberId, memberId } from '../canonical/index.ts';
import {
  configurationHash,
  type OpenContext,
  openContext,
  type RoundConfiguration,
  SUITE,
  type Suite,
  wholeContext,
} from '../context/index.ts';
import { type Accepted, defineFloors, type ThresholdProposal } from '../floors/index.ts';
import { confirmEntry, type EnteredRound, nothingEntered, proposeEntry } from '../high-water/index.ts';
import type { Trust } from '../identity/index.ts';
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
import type { Output } from '../machine/outputs.ts';
import type { KeyAgreement, Signer } from '../primitives.ts';
import { advertise, rosterOf } from '../roster/index.ts';
import { agreementOf, freshSecretKey, type SecretPrimitives } from '../secret-primitives.ts';
import {
  CONFIGURATION,
  freshSigner,
  NOW_MS,
  PROJECT,
  project,
  seededPrimitives,
  type TestMember,
} from '../seeded-members.contract.ts';
import { decodeBundle } from './bundle.ts';
import { circleOf, memberNumbered } from './circle.ts';
import { startFoundingCoordinator, stepFoundingCoordinator } from './coordinator-founding.ts';
import type { SumCoordinatorSetting } from './coordinator-sum.ts';
import { type EncryptorSetting, startEncryptor, stepEncryptor } from './encryptor.ts';
import { type CertifiedEpoch, type EpochSetting, epochEntry, roundOwn, verifyEpoch } from './epoch.ts';
import type { EpochCertificate } from './epoch-certificate.ts';
import { beginFounding, type FoundingStart, type FoundingStep, stepFounding } from './founding.ts';
import type { FoundingState, MemberSetting } from './founding-state.ts';
import { SEMI_HONEST } from './kinds.ts';
import { beginServing } from './member.ts';
import type { MemberState, ServingSetting } from './member-state.ts';
import { insecureThresholdParameters, type ThresholdLiteral, type ThresholdParameters } from './parameters.ts';
import { acceptedBy, type Round } from './round.ts';

export const HOUR_MS = 3_600_000;

export const LITERAL: ThresholdLiteral = {
  trust: SEMI_HONEST,
  members: 5,
  threshold: 4,
  corruptMembers: 2,
  minimumContributors: 3,
  maximumContributors: 5,
  vectorLength: 100,
  valueBits: 16,
  sums: 4,
  endsAtMs: NOW_MS + HOUR_MS,
  degree: 64,
  primeCount: 6,
};

export interface World {
  /** Signs the log, and is its only witness. */
  readonly logKey: Signer;
  readonly rosterLogged: LoggedEntry;
  readonly primitives: SecretPrimitives;
  readonly trust: Trust;
  readonly silos: readonly TestMember[];
  readonly parameters: ThresholdParameters;
  readonly setting: EpochSetting;
  readonly members: readonly MemberSetting[];
}

/** Everything up to the first message of a founding. */
export async function worldOf(
  platform: Primitives,
  literal: Partial<ThresholdLiteral> = {},
  {
    seed = 5,
    make = insecureThresholdParameters,
    suite = SUITE,
  }: {
    readonly seed?: number;
    readonly make?: (literal: ThresholdLiteral) => ThresholdParameters;
    readonly suite?: Suite;
  } = {},
): Promise<World> {
  const primitives = seededPrimitives(platform, seed);
  const parameters = make({ ...LITERAL, ...literal });
  const numbers = parameters.lattice.key.roster.members;
  const { members: silos, trust } = await project(primitives, numbers.length);
  const configuration: RoundConfiguration = { ...configurationOf(parameters), own: parameters.own };
  const { fields } = openAt(primitives, configuration, 1, 'sepsis/key');
  const open = openContext(primitives, { ...fields, suite });
  const postQuantum = postQuantumPrimitives();
  const hybrids: SecretHybridKey[] = [];
  const keys: KeyAgreement[] = [];
  const entries = [];
  for (const { certificate, signer } of silos) {
    const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
    keys.push(key);
    const hybrid =
      suite === SUITE ? undefined : await secretHybridKey(primitives, postQuantum, primitives.randomBytes(32));
    if (hybrid !== undefined) hybrids.push(hybrid);
    const advertised = { certificate, keys: [key.publicKey], hybridKey: hybrid?.publicKey };
    entries.push({ certificate, advertisement: await advertise(primitives, signer, open, advertised) });
  }
  const roster = rosterOf(primitives, open, 1, entries);
  const context = wholeContext(primitives, open, { rosterRoot: roster.root, beacon: primitives.sha256(roster.root) });
  const circle = await circleOf(primitives, trust, { context, roster, numbers });
  const lattice = { engine: await wasmEngine(), primitives };
  const setting = { lattice, circle, parameters };
  const members = silos.map(({ memberId, signer }, i) => ({
    ...setting,
    primitives,
    memberId,
    signer,
    boxKey: keys[i]!,
    ...(suite === SUITE ? {} : { hybrid: { postQuantum, key: hybrids[i]! } }),
  }));
  const logKey = await freshSigner(primitives);
  const rosterLogged = await loggedBy(primitives, logKey, rosterEntry(open, roster.root));
  return { primitives, trust, silos, parameters, setting, members, logKey, rosterLogged };
}

/** An entry in a log of one entry with one witness. */
export async function loggedBy(primitives: SecretPrimitives, key: Signer, entry: LogEntry): Promise<LoggedEntry> {
  const tree = treeOf(primitives, [encodeEntry(entry)]);
  const witness = { memberId: memberId('witness'), publicKey: key.publicKey };
  const head = await signTreeHead(primitives, key, tree, NOW_MS);
  const signature = await key.sign(cosignedBytes(head, witness.memberId));
  const view = await openLogView(
    primitives,
    { logKey: key.publicKey, witnesses: [witness] },
    withCosignatures(head, [{ witness: witness.memberId, signature }]),
  );
  return requireLogged(primitives, view, entry, { index: 0, path: proveInclusion(primitives, tree, 0) });
}

export const configurationOf = ({ proposal }: ThresholdParameters): RoundConfiguration => ({
  ...CONFIGURATION,
  protocol: 'threshold',
  vectorLength: proposal.vectorLength,
  wordBits: proposal.wordBits,
  valueBits: proposal.valueBits,
  minimumContributors: proposal.minimumContributors,
});

export function openAt(
  primitives: SecretPrimitives,
  configuration: RoundConfiguration,
  round: number,
  taskId = 'sepsis',
): OpenContext {
  return openContext(primitives, {
    projectId: PROJECT,
    taskId,
    round,
    flush: 0,
    modelHash: new Uint8Array(32).fill(1),
    configHash: configurationHash(primitives, configuration),
    policyHash: new Uint8Array(32).fill(2),
  });
}

export type Sent = Extract<Output<never>, { readonly kind: 'send' }>;
export const sendsOf = (outputs: readonly Output<unknown>[]): Sent[] => outputs.filter((one) => one.kind === 'send');
export const kindsOf = (outputs: readonly Output<unknown>[]): string[] => outputs.map(({ kind }) => kind);

export interface Founded extends World {
  readonly epoch: CertifiedEpoch;
  readonly logged: LoggedEntry;
  readonly certificate: EpochCertificate;
  readonly foundings: readonly Extract<FoundingState, { readonly phase: 'founded' }>[];
  readonly serving: readonly ServingSetting[];
  readonly states: readonly MemberState[];
}

/** Whoever enters this round as the first of its task. */
export function enteredAt({ primitives }: World, context: OpenContext): EnteredRound {
  const proposed = proposeEntry(primitives, nothingEntered(), context);
  return confirmEntry(proposed, proposed.bytes);
}

/** A member that enters this founding for the first time. */
export function startOf(world: World): FoundingStart {
  const { setting, parameters } = world;
  const configuration = { ...configurationOf(parameters), own: parameters.own };
  const { open, rosterRoot, beacon: value } = setting.circle.context;
  const beacon: Beacon = { kind: 'beacon', value, rosterRoot, commitmentsHash: new Uint8Array(32) };
  const { rosterLogged: logged } = world;
  return { entered: enteredAt(world, open), logged, beacon, accepted: accepted(world), configuration };
}

/** A whole founding through the coordinator. `between`: a chance to store and restore a member after every step. */
export async function found(
  world: World,
  between: (state: FoundingState, member: MemberSetting) => FoundingState = (state) => state,
  /** What a member that does not follow the protocol sends instead. */
  tampered: (sent: Sent, from: MemberSetting) => Sent | Promise<Sent> = (sent) => sent,
): Promise<Founded> {
  const { primitives, members, setting } = world;
  const coordinator = { primitives, circle: setting.circle };
  const states = new Map<MemberId, FoundingState>();
  let hub = startFoundingCoordinator();
  let certificate: EpochCertificate | undefined;
  const queue: { readonly from: MemberSetting; readonly sent: Sent }[] = [];
  const take = (member: MemberSetting, { state, outputs }: FoundingStep): void => {
    states.set(member.memberId, between(state, member));
    for (const sent of sendsOf(outputs)) queue.push({ from: member, sent });
  };
  for (const member of members) take(member, await beginFounding(member, startOf(world)));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { type, bytes } = await tampered(next.sent, next.from);
    const kind = type === 'threshold/dealing' ? 'dealing' : type === 'threshold/key' ? 'key' : 'message';
    const { state, outputs } = await stepFoundingCoordinator(coordinator, hub, { kind, bytes });
    hub = state;
    for (const output of outputs) {
      if (output.kind === 'done') certificate = output.result;
      if (output.kind !== 'send') continue;
      for (const member of members) {
        if (output.to.kind === 'member' && output.to.memberId !== member.memberId) continue;
        const before = states.get(member.memberId)!;
        const event = eventOf(output.type, output.bytes);
        if (event !== undefined) take(member, await stepFounding(member, before, event));
      }
    }
    if (certificate !== undefined) break;
  }
  const agreed = certificate!;
  const epoch = await verifyEpoch(primitives, setting, agreed);
  const logged = await loggedBy(primitives, world.logKey, epochEntry(epoch));
  const foundings = members.map(({ memberId }) => {
    const state = states.get(memberId)!;
    if (state.phase !== 'founded') throw new Error(`${memberId} is ${state.phase}`);
    return state;
  });
  const serving = members.map((member) => ({ ...member, epoch }));
  return {
    ...world,
    epoch,
    logged,
    certificate: agreed,
    foundings,
    serving,
    states: foundings.map((one) => beginServing(one, epoch, logged)),
  };
}

function eventOf(type: string, bytes: Uint8Array): Parameters<typeof stepFounding>[2] | undefined {
  switch (type) {
    case 'threshold/commitments':
      return { kind: 'commitments', messages: decodeBundle(bytes, 1)[0]! };
    case 'threshold/reveals': {
      const [messages, boxes] = decodeBundle(bytes, 2);
      return { kind: 'reveals', messages: messages!, boxes: boxes! };
    }
    case 'threshold/receipts':
      return { kind: 'receipts', messages: decodeBundle(bytes, 1)[0]! };
    case 'threshold/tests':
      return { kind: 'tests', messages: decodeBundle(bytes, 1)[0]! };
    default:
      return undefined;
  }
}

export function roundAt({ primitives, epoch, parameters }: Founded, number: number): Round {
  const configuration = { ...configurationOf(parameters), own: roundOwn(epoch) };
  return { configuration, context: openAt(primitives, configuration, number) };
}

export function accepted({ parameters }: World): Accepted<ThresholdProposal> {
  const floors = defineFloors({
    minimumContributors: 3,
    corruptFraction: 0.1,
    minimumWordBits: 8,
    maximumVectorLength: 10_000_000,
    maximumRoundsPerDay: 24,
    minimumCommittee: 3,
    minimumBeaconContributors: 2,
  });
  return acceptedBy(floors, parameters);
}

export const encryptorOf = (founded: Founded, index: number): EncryptorSetting => {
  const { certificate, signer } = founded.silos[index]!;
  return {
    primitives: founded.primitives,
    certificate,
    signer,
    epoch: founded.epoch,
    logged: founded.logged,
    accepted: accepted(founded),
  };
};

/** One silo's contribution to a round. */
export async function contributionOf(
  founded: Founded,
  index: number,
  round: Round,
  values: Int32Array,
): Promise<Uint8Array> {
  const entered = enteredAt(founded, round.context);
  const event = { kind: 'contribute' as const, entered, round, values, nowMs: NOW_MS };
  const { outputs } = await stepEncryptor(encryptorOf(founded, index), startEncryptor(), event);
  return sendsOf(outputs)[0]!.bytes;
}

export function sumSetting(founded: Founded, { context }: Round): SumCoordinatorSetting {
  const { primitives, epoch, parameters } = founded;
  const { threshold, corruptMembers, minimumContributors, maximumContributors } = parameters.proposal;
  return {
    primitives,
    circle: epoch.circle,
    context,
    shape: {
      lattice: epoch.lattice,
      integers: parameters.lattice.integers,
      epoch: epoch.hash,
      vectorLength: parameters.proposal.vectorLength,
    },
    threshold,
    corruptMembers,
    minimumContributors,
    maximumContributors,
    contributionBytesAtMost: 1 << 26,
  };
}

/** Different for every silo, of both signs, with the extremes. */
export function valuesOfSilo({ parameters }: World, index: number): Int32Array {
  const { largestValue, proposal } = parameters;
  return Int32Array.from({ length: proposal.vectorLength }, (_, i) =>
    i === 0 ? largestValue : i === 1 ? -largestValue : ((i * (2 * index + 3)) % (2 * largestValue + 1)) - largestValue,
  );
}

export function plainSum(vectors: readonly Int32Array[]): Int32Array {
  return Int32Array.from(vectors[0]!, (_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0));
}

export const indexOf = (founded: Founded, number: number): number =>
  founded.epoch.circle.members.indexOf(memberNumbered(founded.epoch.circle, number));
