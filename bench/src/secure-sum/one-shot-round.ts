// Everybody of a one-shot round in one process, for measuring: certificates, committee keys, log, beacon, floors and high-water marks as
// at home; only the transport is left out.

import type { Lattice } from '@sumus/lattice/one-time';
import { type Beacon, rosterEntry } from '@sumus/secure-sum/beacon';
import { type OpenContext, openContext, wholeContext } from '@sumus/secure-sum/context';
import { defineFloors } from '@sumus/secure-sum/floors';
import { confirmEntry, nothingEntered, proposeEntry } from '@sumus/secure-sum/high-water';
import { type Certificate, certify, memberId, noRevocations, type Role, type Trust } from '@sumus/secure-sum/identity';
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
import {
  acceptedBy,
  type Contributor,
  type ContributorState,
  contributorStep,
  DELIVERY,
  type OneShotLiteral,
  oneShotParameters,
  oneShotRound,
  parametersHash,
  type Start,
  startContributor,
} from '@sumus/secure-sum/one-shot';
import type { Member } from '@sumus/secure-sum/one-shot/committee';
import type { Coordinator } from '@sumus/secure-sum/one-shot/coordinator';
import type { KeyAgreement, Signer } from '@sumus/secure-sum/primitives';
import { advertise, listedDirectory, type RosterEntry, rosterOf } from '@sumus/secure-sum/roster';
import { agreementOf, freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';

const NOW_MS = 1_795_000_000_000;
const MODEL = new Uint8Array(32).fill(1);
const ENCODING = {
  clippingNorm: 1,
  quantiserScale: 32_767,
  rotation: 'none',
  supportHash: new Uint8Array(32),
  phaseTimeoutsMs: [30_000, 600_000, 30_000, 30_000],
  noise: 'none',
};

export interface OneShotWorld {
  readonly lattice: Lattice;
  readonly contributors: readonly Contributor[];
  readonly members: readonly Member[];
  readonly coordinator: Coordinator;
  readonly start: () => Start;
  readonly models: { readonly current: number; readonly hashes: ReadonlyMap<number, string> };
  /** One contribution: from a fresh start to the bytes that leave. */
  contribute(
    index: number,
    values: Int32Array,
  ): Promise<{ readonly state: ContributorState; readonly bytes: Uint8Array }>;
}

interface Person {
  readonly certificate: Certificate;
  readonly signer: Signer;
}

export async function oneShotWorld(
  primitives: SecretPrimitives,
  engine: Lattice['engine'],
  contributorCount: number,
  literal: OneShotLiteral,
): Promise<OneShotWorld> {
  const lattice: Lattice = { engine, primitives };
  const parameters = oneShotParameters(literal);
  const authority = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const trust: Trust = {
    authority: authority.publicKey,
    projectId: 'bench',
    nowMs: NOW_MS,
    revocations: noRevocations('bench'),
  };
  const open = openContext(primitives, {
    projectId: 'bench',
    taskId: 'one-shot',
    round: 1,
    flush: 0,
    modelHash: MODEL,
    configHash: parametersHash(primitives, parameters, ENCODING),
    policyHash: new Uint8Array(32),
  });
  const people = await enrolled(primitives, authority, 'silo', contributorCount);
  const candidates = await enrolled(primitives, authority, 'committee', literal.committee.members);
  const keys = new Map<string, KeyAgreement>();
  const entries: RosterEntry[] = [];
  for (const { certificate, signer } of candidates) {
    const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
    keys.set(certificate.memberId, key);
    entries.push({
      certificate,
      advertisement: await advertise(primitives, signer, open, { certificate, keys: [key.publicKey] }),
    });
  }
  const directory = listedDirectory(
    primitives,
    people.map(({ certificate }) => certificate),
    rosterOf(primitives, open, 1, entries),
  );
  const beacon: Beacon = {
    kind: 'beacon',
    value: primitives.randomBytes(32),
    rosterRoot: directory.root,
    commitmentsHash: new Uint8Array(32),
  };
  const context = wholeContext(primitives, open, { rosterRoot: directory.root, beacon: beacon.value });
  const logged = await log(primitives, authority, open, directory.root);
  const encoding = ENCODING;
  const round = await oneShotRound(primitives, trust, { context, parameters, encoding, directory, logged, beacon });
  const floors = defineFloors({
    minimumContributors: 3,
    corruptFraction: 0.3,
    minimumWordBits: 16,
    maximumVectorLength: 10_000_000,
    maximumRoundsPerDay: 100,
    minimumCommittee: 3,
    minimumBeaconContributors: 2,
  });
  const start = (): Start => {
    const proposed = proposeEntry(primitives, nothingEntered(), open);
    const accepted = acceptedBy(floors, round);
    return { accepted, entered: confirmEntry(proposed, proposed.bytes) };
  };
  const contributors = people.map(({ certificate, signer }) => ({
    lattice,
    primitives,
    round,
    memberId: certificate.memberId,
    certificate,
    signer,
  }));
  return {
    lattice,
    contributors,
    members: round.committee.map(({ memberId: id }) => {
      const person = candidates.find(({ certificate }) => certificate.memberId === id);
      const boxKey = keys.get(id);
      if (person === undefined || boxKey === undefined) throw new Error(`no member ${id}`);
      return { lattice, primitives, round, memberId: id, signer: person.signer, boxKey, trust };
    }),
    coordinator: { lattice, primitives, round, trust },
    start,
    models: { current: 0, hashes: new Map([[0, '01'.repeat(32)]]) },
    async contribute(index, values) {
      const contributor = contributors[index];
      if (contributor === undefined) throw new Error(`no contributor ${index}`);
      const { state } = await startContributor(contributor, start());
      const model = { version: 0, hash: MODEL };
      const made = await contributorStep(contributor, state, { kind: 'contribute', values, model });
      for (const output of made.outputs) {
        if (output.kind === 'send' && output.type === DELIVERY.contribution)
          return { state: made.state, bytes: output.bytes };
      }
      throw new Error('nothing was sent');
    },
  };
}

/** The same in every run; the largest of both signs among them. */
export function contributionValues(length: number, party: number, highest: number): Int32Array {
  const values = new Int32Array(length);
  for (let i = 0; i < length; i += 1) values[i] = ((i * 7919 + party * 104_729) % (2 * highest + 1)) - highest;
  return values;
}

async function enrolled(primitives: SecretPrimitives, authority: Signer, role: Role, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let i = 0; i < count; i += 1) {
    const signer = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
    const certificate = await certify(authority, {
      projectId: 'bench',
      memberId: memberId(`${role}-${String(i).padStart(5, '0')}`),
      role,
      publicKey: signer.publicKey,
      notBeforeMs: 0,
      notAfterMs: 2 * NOW_MS,
      quotaClass: 'organisation',
    });
    people.push({ certificate, signer });
  }
  return people;
}

async function log(
  primitives: SecretPrimitives,
  key: Signer,
  open: OpenContext,
  root: Uint8Array,
): Promise<LoggedEntry> {
  const entry = rosterEntry(open, root);
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
