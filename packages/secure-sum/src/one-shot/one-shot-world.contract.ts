// Test material: everything that a one-shot round stands on, from one seed: contributors, a committee with keys, contexts, floors, entries.
// Nothing of Node in here.

import type { Lattice } from '@sumus/lattice/one-time';
import { insecureOneTimeParameters } from '@sumus/lattice/one-time';
import type { Primitives } from '@sumus/platform/primitives';
import { type Beacon, rosterEntry } from '../beacon/index.ts';
import { type PostQuantumPrimitives, type SecretHybridKey, secretHybridKey } from '../boxes/index.ts';
import { memberId } from '../canonical/index.ts';
import { type Context, HYBRID_SUITE, type OpenContext, openContext, SUITE, wholeContext } from '../context/index.ts';
import { defineFloors, type Floors, requireFloors } from '../floors/index.ts';
import { confirmEntry, nothingEntered, proposeEntry } from '../high-water/index.ts';
import type { Trust } from '../identity/index.ts';
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
} from '../log/index.ts';
import type { KeyAgreement, Signer } from '../primitives.ts';
import { advertise, type Directory, listedDirectory, type RosterEntry, rosterOf } from '../roster/index.ts';
import { agreementOf, freshSecretKey, type SecretPrimitives } from '../secret-primitives.ts';
import { enrol, NOW_MS, PROJECT, project, seededPrimitives, type TestMember } from '../seeded-members.contract.ts';
import type { Member } from './committee/tools.ts';
import type { Contributor } from './contributor/tools.ts';
import type { Coordinator } from './coordinator/tools.ts';
import {
  type EncodingFields,
  type OneShotLiteral,
  type OneShotParameters,
  oneShotOver,
  oneShotParameters,
  oneTimeLiteral,
  parametersHash,
  proposalOf,
} from './round/parameters.ts';
import { type OneShotRound, oneShotRound, type RoundInput } from './round/round.ts';
import type { Start } from './round/start.ts';

export interface WorldOptions {
  readonly seed?: number;
  /** How many may contribute; how many of the literal do is the driver's business. */
  readonly contributors?: number;
  readonly literal?: Partial<OneShotLiteral>;
  /** 0: the secure parameters. */
  readonly degree?: number;
  /** Candidates of a sampled committee. */
  readonly candidates?: number;
  /** Silos that contribute are the committee as well. */
  readonly silosAreCommittee?: boolean;
  readonly floors?: Partial<Floors>;
  readonly roundNumber?: number;
  readonly postQuantum?: PostQuantumPrimitives;
  readonly modelHash?: Uint8Array;
  readonly beacon?: Uint8Array;
}

export interface World {
  readonly primitives: SecretPrimitives;
  readonly lattice: Lattice;
  readonly trust: Trust;
  readonly parameters: OneShotParameters;
  readonly context: Context;
  readonly directory: Directory;
  readonly input: RoundInput;
  readonly round: OneShotRound;
  readonly coordinator: Coordinator;
  readonly contributors: readonly Contributor[];
  /** In the order of the members' numbers. */
  readonly members: readonly Member[];
  readonly people: readonly TestMember[];
  /** Floors, high-water mark, everything a start needs; a fresh entry each time. */
  start(open?: OpenContext): Start;
}

export const ENCODING: EncodingFields = {
  clippingNorm: 1,
  quantiserScale: 100,
  rotation: 'none',
  supportHash: new Uint8Array(32).fill(3),
  phaseTimeoutsMs: [30_000, 600_000, 30_000, 30_000],
  noise: 'none',
};

export const LITERAL: OneShotLiteral = {
  vectorLength: 150,
  maximumContributors: 8,
  minimumContributors: 3,
  wordBits: 20,
  wordsPerCoefficient: 3,
  valueBits: 16,
  committee: { members: 4, corrupt: 1, choice: 'fixed' },
  openedTo: 'everyone',
};

export const FIRST_MODEL: Uint8Array = new Uint8Array(32).fill(1);

export async function world(
  platform: Primitives,
  engine: Lattice['engine'],
  options: WorldOptions = {},
): Promise<World> {
  const { seed = 1, contributors: count = 5, degree = 64, silosAreCommittee = false } = options;
  const modelHash = options.modelHash ?? FIRST_MODEL;
  const primitives = seededPrimitives(platform, seed);
  const lattice: Lattice = { engine, primitives };
  const literal: OneShotLiteral = { ...LITERAL, ...options.literal };
  const parameters =
    degree === 0
      ? oneShotParameters(literal)
      : oneShotOver(literal, insecureOneTimeParameters({ ...oneTimeLiteral(literal), degree }));
  const { authority, trust, members: people } = await project(primitives, count);
  const open = openContext(primitives, {
    projectId: PROJECT,
    taskId: 'sepsis',
    suite: parameters.boxes === 'hybrid' ? HYBRID_SUITE : SUITE,
    round: options.roundNumber ?? 1,
    ...(parameters.isEpoch ? {} : { flush: 0, modelHash }),
    configHash: parametersHash(primitives, parameters, ENCODING),
    policyHash: new Uint8Array(32).fill(2),
  });
  const candidates: TestMember[] = [];
  const candidateCount = options.candidates ?? literal.committee.members;
  for (let i = 0; i < candidateCount; i++) {
    const name = `member-${String(i + 1).padStart(3, '0')}`;
    candidates.push(silosAreCommittee ? people[i]! : await enrol(primitives, authority, name, { role: 'committee' }));
  }
  const postQuantum = parameters.boxes === 'hybrid' ? options.postQuantum : undefined;
  const keys = new Map<string, KeyAgreement>();
  const hybridKeys = new Map<string, SecretHybridKey>();
  const entries: RosterEntry[] = [];
  for (const { memberId, signer, certificate } of candidates) {
    const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
    keys.set(memberId, key);
    if (postQuantum !== undefined) {
      hybridKeys.set(memberId, await secretHybridKey(primitives, postQuantum, primitives.randomBytes(32)));
    }
    const hybridKey = hybridKeys.get(memberId)?.publicKey;
    entries.push({
      certificate,
      advertisement: await advertise(primitives, signer, open, { certificate, keys: [key.publicKey], hybridKey }),
    });
  }
  const directory = listedDirectory(
    primitives,
    people.map(({ certificate }) => certificate),
    rosterOf(primitives, open, 1, entries),
  );
  const context = wholeContext(primitives, open, {
    flush: 0,
    modelHash,
    rosterRoot: directory.root,
    beacon: options.beacon ?? new Uint8Array(32).fill(seed + 100),
  });
  const logged = await log(primitives, authority, open, directory.root);
  const beacon: Beacon = {
    kind: 'beacon',
    value: context.beacon,
    rosterRoot: directory.root,
    commitmentsHash: new Uint8Array(32),
  };
  const input: RoundInput = { context, parameters, encoding: ENCODING, directory, logged, beacon };
  const round = await oneShotRound(primitives, trust, input);
  const floors = defineFloors({
    minimumContributors: 3,
    corruptFraction: 0.3,
    minimumWordBits: 2,
    maximumVectorLength: 10_000_000,
    maximumRoundsPerDay: 100,
    minimumCommittee: 3,
    minimumBeaconContributors: 2,
    ...options.floors,
  });
  return {
    primitives,
    lattice,
    trust,
    parameters,
    context,
    directory,
    input,
    round,
    coordinator: { lattice, primitives, round, trust },
    contributors: people.map(({ memberId, signer, certificate }) => ({
      lattice,
      primitives,
      postQuantum,
      round,
      memberId,
      signer,
      certificate,
    })),
    members: round.committee.map(({ memberId }) => {
      const { signer } = candidates.find((one) => one.memberId === memberId)!;
      const own = { boxKey: keys.get(memberId)!, hybridKey: hybridKeys.get(memberId) };
      return { lattice, primitives, postQuantum, round, memberId, signer, ...own, trust };
    }),
    people,
    start: (of = open) => {
      const proposed = proposeEntry(primitives, nothingEntered(), of);
      return {
        accepted: requireFloors(floors, proposalOf(parameters), literal.committee.corrupt),
        entered: confirmEntry(proposed, proposed.bytes),
      };
    },
  };
}

/** A log with one witness that has this root in it. */
async function log(
  primitives: SecretPrimitives,
  key: Signer,
  open: OpenContext,
  root: Uint8Array,
): Promise<LoggedEntry> {
  const entry = rosterEntry(open, root);
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

/** A contributor's vector: small numbers of both signs, the largest among them. */
export function vectorOf({ parameters }: Pick<World, 'parameters'>, index: number): Int32Array {
  const { highest } = parameters.oneTime;
  return Int32Array.from({ length: parameters.vectorLength }, (_, i) => {
    if (i < 2) return i === 0 ? highest : -highest;
    return ((i * 7919 + index * 104_729) % (2 * highest + 1)) - highest;
  });
}

export function sumOf(vectors: readonly Int32Array[]): Int32Array {
  const sum = new Int32Array(vectors[0]!.length);
  for (const vector of vectors) {
    for (let i = 0; i < sum.length; i++) sum[i] += vector[i];
  }
  return sum;
}
