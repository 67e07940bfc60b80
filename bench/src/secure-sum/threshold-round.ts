// A consortium that founds a key and opens one sum of threshold, everybody in one process, messages carried by hand: for measuring what a
// member, a contributor and the coordinator spend. No bound stands on these figures, so nobody gets a process of its own.

import type { Lattice } from '@sumus/lattice/one-time';
import { type Beacon, rosterEntry } from '@sumus/secure-sum/beacon';
import {
  configurationHash,
  type OpenContext,
  openContext,
  type RoundConfiguration,
  wholeContext,
} from '@sumus/secure-sum/context';
import { defineFloors } from '@sumus/secure-sum/floors';
import { confirmEntry, type EnteredRound, nothingEntered, proposeEntry } from '@sumus/secure-sum/high-water';
import { certify, memberId, noRevocations, type Trust } from '@sumus/secure-sum/identity';
import {
  cosignedBytes,
  encodeEntry,
  type LoggedEntry,
  openLogView,
  proveInclusion,
  requireLogged,
  signTreeHead,
  treeOf,
  withCosignatures,
} from '@sumus/secure-sum/log';
import type { Output } from '@sumus/secure-sum/machine';
import type { Signer } from '@sumus/secure-sum/primitives';
import { advertise, rosterOf } from '@sumus/secure-sum/roster';
import { agreementOf, freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';
import {
  acceptedBy,
  beginFounding,
  beginServing,
  type CertifiedEpoch,
  circleOf,
  decodeBundle,
  type EncryptorSetting,
  epochEntry,
  type FoundingEvent,
  type FoundingState,
  type FoundingStep,
  type MemberEvent,
  type MemberSetting,
  type MemberState,
  type Round,
  roundOwn,
  startEncryptor,
  stepEncryptor,
  stepFounding,
  stepMember,
  type ThresholdLiteral,
  thresholdParameters,
  verifyEpoch,
} from '@sumus/secure-sum/threshold';
import {
  type EpochCertificate,
  startFoundingCoordinator,
  startSumCoordinator,
  stepFoundingCoordinator,
  stepSumCoordinator,
} from '@sumus/secure-sum/threshold/coordinator';
import { processClock } from '../measure.ts';

export const NOW_MS = 1_795_000_000_000;

/** Processor time by party, of everything that each of them does. */
export interface ThresholdCost {
  readonly foundingMsPerMember: number;
  readonly foundingCoordinatorMs: number;
  readonly contributorMs: readonly number[];
  readonly contributionBytes: number;
  readonly coordinatorMsPerContribution: number;
  /** Carrying what members say when they open. */
  readonly openingCoordinatorMs: number;
  readonly openingMsPerMember: number;
  readonly ciphertexts: number;
  readonly exact: boolean;
}

export async function thresholdRound(
  lattice: Lattice & { readonly primitives: SecretPrimitives },
  literal: ThresholdLiteral & { readonly members: number },
): Promise<ThresholdCost> {
  const { primitives } = lattice;
  const parameters = thresholdParameters(literal);
  const { vectorLength, wordBits, valueBits, minimumContributors } = parameters.proposal;
  const authority = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const trust: Trust = {
    authority: authority.publicKey,
    projectId: 'bench',
    nowMs: NOW_MS,
    revocations: noRevocations('bench'),
  };
  const configuration: RoundConfiguration = {
    protocol: 'threshold',
    vectorLength,
    wordBits,
    valueBits,
    clippingNorm: 1,
    quantiserScale: 32_767,
    rotation: 'none',
    supportHash: new Uint8Array(32),
    minimumContributors,
    phaseTimeoutsMs: [30_000, 30_000, 600_000, 30_000, 30_000],
    noise: 'none',
    own: parameters.own,
  };
  const openAt = (taskId: string, of: RoundConfiguration): OpenContext =>
    openContext(primitives, {
      projectId: 'bench',
      taskId,
      round: 1,
      flush: 0,
      modelHash: new Uint8Array(32),
      configHash: configurationHash(primitives, of),
      policyHash: new Uint8Array(32),
    });
  const open = openAt('threshold/key', configuration);
  const silos = [];
  for (let i = 0; i < literal.members; i += 1) {
    const signer = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
    const certificate = await certify(authority, {
      projectId: 'bench',
      memberId: memberId(`silo-${String(i).padStart(5, '0')}`),
      role: 'silo',
      publicKey: signer.publicKey,
      notBeforeMs: 0,
      notAfterMs: 2 * NOW_MS,
      quotaClass: 'organisation',
    });
    const boxKey = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
    const advertisement = await advertise(primitives, signer, open, { certificate, keys: [boxKey.publicKey] });
    silos.push({ signer, boxKey, certificate, advertisement });
  }
  const roster = rosterOf(primitives, open, 1, silos);
  const value = primitives.randomBytes(32);
  const context = wholeContext(primitives, open, { rosterRoot: roster.root, beacon: value });
  const numbers = parameters.lattice.key.roster.members;
  const circle = await circleOf(primitives, trust, { context, roster, numbers });
  const log = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const logged = await loggedBy(primitives, log, rosterEntry(open, roster.root));
  const beacon: Beacon = {
    kind: 'beacon',
    value,
    rosterRoot: roster.root,
    commitmentsHash: new Uint8Array(32),
  };
  const floors = defineFloors({
    minimumContributors: 3,
    corruptFraction: 0.1,
    minimumWordBits: 8,
    maximumVectorLength: 10_000_000,
    maximumRoundsPerDay: 24,
    minimumCommittee: 3,
    minimumBeaconContributors: 2,
  });
  const accepted = acceptedBy(floors, parameters);
  const entered = (into: OpenContext): EnteredRound => {
    const proposed = proposeEntry(primitives, nothingEntered(), into);
    return confirmEntry(proposed, proposed.bytes);
  };
  const setting = { lattice, circle, parameters };
  const members: MemberSetting[] = silos.map(({ certificate, signer, boxKey }) => {
    return { ...setting, primitives, memberId: certificate.memberId, signer, boxKey };
  });

  // The founding.
  const member = new Watch();
  const hub = new Watch();
  const states = new Map<string, FoundingState>();
  const queue: Sent[] = [];
  const take = (of: MemberSetting, { state, outputs }: FoundingStep): void => {
    states.set(of.memberId, state);
    queue.push(...sendsOf(outputs));
  };
  for (const one of members) {
    const start = { entered: entered(open), logged, beacon, accepted, configuration };
    take(one, await member.timed(() => beginFounding(one, start)));
  }
  let founding = startFoundingCoordinator();
  let certificate: EpochCertificate | undefined;
  for (let sent = queue.shift(); sent !== undefined && certificate === undefined; sent = queue.shift()) {
    const { type, bytes } = sent;
    const kind = type === 'threshold/dealing' ? 'dealing' : type === 'threshold/key' ? 'key' : 'message';
    const before = founding;
    const next = await hub.timed(() => stepFoundingCoordinator({ primitives, circle }, before, { kind, bytes }));
    founding = next.state;
    for (const output of next.outputs) {
      if (output.kind === 'done') certificate = output.result;
      if (output.kind !== 'send') continue;
      const event = foundingEvent(output.type, output.bytes);
      if (event === undefined) continue;
      for (const one of members) {
        if (output.to.kind === 'member' && output.to.memberId !== one.memberId) continue;
        take(one, await member.timed(() => stepFounding(one, states.get(one.memberId)!, event)));
      }
    }
  }
  if (certificate === undefined) throw new Error('no key was founded');
  const epoch = await verifyEpoch(primitives, setting, certificate);
  const epochLogged = await loggedBy(primitives, log, epochEntry(epoch));

  // One sum of all, opened by the first t.
  const roundConfiguration = { ...configuration, own: roundOwn(epoch) };
  const round: Round = { configuration: roundConfiguration, context: openAt('threshold', roundConfiguration) };
  const contributor = new Watch();
  const contributions: Uint8Array[] = [];
  const plain = new Int32Array(vectorLength);
  for (const [i, silo] of silos.entries()) {
    const values = Int32Array.from({ length: vectorLength }, (_, j) => ((i * 31 + j * 7) % 65_535) - 32_767);
    for (let j = 0; j < vectorLength; j += 1) plain[j] = (plain[j] ?? 0) + (values[j] ?? 0);
    const encryptor: EncryptorSetting = {
      primitives,
      certificate: silo.certificate,
      signer: silo.signer,
      epoch,
      logged: epochLogged,
      accepted,
    };
    const event = { kind: 'contribute', entered: entered(round.context), round, values, nowMs: NOW_MS } as const;
    const { outputs } = await contributor.timed(() => stepEncryptor(encryptor, startEncryptor(), event));
    for (const { bytes } of sendsOf(outputs)) contributions.push(bytes);
  }
  const serving = members.map((one) => ({ ...one, epoch }));
  const current = members.map(({ memberId: id }) => beginServing(foundedOf(states.get(id)), epoch, epochLogged));
  const { sum, collector, carrier, opener } = await opened({
    primitives,
    epoch,
    round,
    trust,
    contributions,
    act: (index, event) => stepMember(serving[index]!, current[index]!, event),
    keep: (index, state) => {
      current[index] = state;
    },
    numbers,
  });
  return {
    foundingMsPerMember: member.total / members.length,
    foundingCoordinatorMs: hub.total,
    contributorMs: contributor.each,
    contributionBytes: contributions[0]?.length ?? 0,
    coordinatorMsPerContribution: collector.total / contributions.length,
    openingCoordinatorMs: carrier.total,
    openingMsPerMember: opener.total / parameters.proposal.threshold,
    ciphertexts: parameters.ciphertextsPerVector,
    exact: sum.length === vectorLength && sum.every((found, j) => found === plain[j]),
  };
}

interface Opening {
  readonly primitives: SecretPrimitives;
  readonly epoch: CertifiedEpoch;
  readonly round: Round;
  readonly trust: Trust;
  readonly contributions: readonly Uint8Array[];
  readonly act: (index: number, event: MemberEvent) => ReturnType<typeof stepMember>;
  readonly keep: (index: number, state: MemberState) => void;
  readonly numbers: readonly number[];
}

async function opened({ primitives, epoch, round, trust, contributions, act, keep, numbers }: Opening): Promise<{
  readonly sum: Int32Array;
  readonly collector: Watch;
  readonly carrier: Watch;
  readonly opener: Watch;
}> {
  const { proposal, lattice: shared } = epoch.parameters;
  const setting = {
    primitives,
    circle: epoch.circle,
    context: round.context,
    shape: {
      lattice: epoch.lattice,
      integers: shared.integers,
      epoch: epoch.hash,
      vectorLength: proposal.vectorLength,
    },
    threshold: proposal.threshold,
    corruptMembers: proposal.corruptMembers,
    minimumContributors: proposal.minimumContributors,
    maximumContributors: proposal.maximumContributors,
    contributionBytesAtMost: 1 << 26,
  };
  const [collector, carrier, opener] = [new Watch(), new Watch(), new Watch()];
  let state = startSumCoordinator();
  const pending: Output<{ readonly sum: Int32Array }>[] = [];
  const advance = async (watch: Watch, event: Parameters<typeof stepSumCoordinator>[2]): Promise<void> => {
    const before = state;
    const next = await watch.timed(() => stepSumCoordinator(setting, before, event));
    state = next.state;
    pending.push(...next.outputs);
  };
  for (const bytes of contributions) await advance(collector, { kind: 'contribution', bytes, trust });
  await advance(carrier, { kind: 'close', activeSet: numbers.slice(0, proposal.threshold) });
  let sum: Int32Array | undefined;
  for (let output = pending.shift(); output !== undefined; output = pending.shift()) {
    if (output.kind === 'abort') throw new Error(`the sum was given up: ${output.reason.reason}`);
    if (output.kind === 'done') sum = output.result.sum;
    if (output.kind !== 'send' || output.to.kind !== 'member') continue;
    const { memberId: to } = output.to;
    const index = epoch.circle.members.findIndex((one) => one.memberId === to);
    const { type, bytes } = output;
    const event: MemberEvent =
      type === 'threshold/request'
        ? { kind: 'request', round, bytes, trust }
        : type === 'threshold/certified-set'
          ? { kind: 'certificate', messages: decodeBundle(bytes, 1)[0]!, trust }
          : { kind: 'answers', messages: decodeBundle(bytes, 1)[0]! };
    const answer = await opener.timed(() => act(index, event));
    keep(index, answer.state);
    for (const sent of sendsOf(answer.outputs)) {
      if (sent.to.kind === 'coordinator' && state.phase !== 'opened') {
        await advance(carrier, { kind: 'message', bytes: sent.bytes });
      }
    }
  }
  if (sum === undefined) throw new Error('the sum did not open');
  return { sum, collector, carrier, opener };
}

class Watch {
  readonly each: number[] = [];

  get total(): number {
    return this.each.reduce((sum, ms) => sum + ms, 0);
  }

  async timed<Made>(act: () => Promise<Made>): Promise<Made> {
    const before = processClock.cpuMs();
    const made = await act();
    this.each.push(processClock.cpuMs() - before);
    return made;
  }
}

type Sent = Extract<Output<never>, { readonly kind: 'send' }>;
const sendsOf = (outputs: readonly Output<unknown>[]): Sent[] => outputs.filter((one) => one.kind === 'send');

function foundedOf(state: FoundingState | undefined): Extract<FoundingState, { readonly phase: 'founded' }> {
  if (state?.phase !== 'founded') throw new Error(`a member is ${state?.phase}`);
  return state;
}

function foundingEvent(type: string, bytes: Uint8Array): FoundingEvent | undefined {
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

async function loggedBy(
  primitives: SecretPrimitives,
  key: Signer,
  entry: Parameters<typeof encodeEntry>[0],
): Promise<LoggedEntry> {
  const tree = treeOf(primitives, [encodeEntry(entry)]);
  const head = await signTreeHead(primitives, key, tree, NOW_MS);
  const witness = { memberId: memberId('witness'), publicKey: key.publicKey };
  const signature = await key.sign(cosignedBytes(head, witness.memberId));
  const view = await openLogView(
    primitives,
    { logKey: key.publicKey, witnesses: [witness] },
    withCosignatures(head, [{ witness: witness.memberId, signature }]),
  );
  return requireLogged(primitives, view, entry, { index: 0, path: proveInclusion(primitives, tree, 0) });
}
