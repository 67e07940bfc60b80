// The members of a round of mask, each made from a seed: whoever records a round and whoever replays one party of it in a process of its
// own has the same keys, so only messages go from one to the other. Nothing of Node here: a page replays a client as well.

import type { Beacon } from '@sumus/secure-sum/beacon';
import { rosterEntry } from '@sumus/secure-sum/beacon';
import { configurationHash, type OpenContext, openContext, type RoundConfiguration } from '@sumus/secure-sum/context';
import type { Engine } from '@sumus/secure-sum/engine';
import { defineFloors } from '@sumus/secure-sum/floors';
import { certify, memberId, noRevocations, type Trust } from '@sumus/secure-sum/identity';
import {
  cosignedBytes,
  encodeEntry,
  openLogView,
  proveInclusion,
  requireLogged,
  signTreeHead,
  treeOf,
  withCosignatures,
} from '@sumus/secure-sum/log';
import { maskRules, type ParticipantEvent, type ParticipantSetup } from '@sumus/secure-sum/mask';
import { decodeRoster, type Roster } from '@sumus/secure-sum/roster';
import { freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';

export interface RoundSize {
  readonly members: number;
  readonly vectorLength: number;
  readonly graph: 'complete' | 'sparse';
  readonly corruptFraction: number;
  readonly dropoutFraction: number;
  /** Members who vanish after they shared: the last ones. */
  readonly dropped: number;
}

const NOW_MS = 1_795_000_000_000;
const WORD_BITS = 23;
const VALUE_BITS = 16;

/** Whose round is replayed: in the middle, among those who stay. */
export const recordedMember = ({ members, dropped }: RoundSize): number => Math.floor((members - dropped) / 2);

/** Small and different for each member; the sum is known. */
export const valueAt = (member: number, i: number): number => ((member * 31 + i * 7) % 65_535) - 32_767;

export const valuesOf = ({ vectorLength }: RoundSize, member: number): Int32Array =>
  Int32Array.from({ length: vectorLength }, (_, j) => valueAt(member, j));

export const configurationOf = (size: RoundSize): RoundConfiguration => ({
  protocol: 'mask',
  vectorLength: size.vectorLength,
  wordBits: size.members > 127 ? 26 : WORD_BITS,
  valueBits: VALUE_BITS,
  clippingNorm: 1,
  quantiserScale: 32_767,
  rotation: 'none',
  supportHash: new Uint8Array(32),
  minimumContributors: 3,
  phaseTimeoutsMs: [30_000, 30_000, 600_000, 30_000, 30_000],
  noise: 'none',
  own: maskRules(size),
});

/** The platform asked for its bytes as ever, and other bytes given: those that follow from a name. */
export function seeded(platform: SecretPrimitives, name: string): SecretPrimitives {
  const key = platform.sha256(Uint8Array.from(`sumus/bench ${name}`, (letter) => letter.charCodeAt(0)));
  const nonce = new Uint8Array(12);
  let block = 0;
  return {
    ...platform,
    randomBytes(length) {
      const bytes = platform.randomBytes(length);
      platform.chacha20(key, nonce, block, bytes);
      block += Math.ceil(length / 64);
      return bytes;
    },
  };
}

const authorityOf = async (platform: SecretPrimitives): ReturnType<typeof signerOf> =>
  signerOf(platform, freshSecretKey(seeded(platform, 'authority'), 'ed25519'));

export async function trustOf(platform: SecretPrimitives): Promise<Trust> {
  const { publicKey: authority } = await authorityOf(platform);
  return { authority, projectId: 'bench', nowMs: NOW_MS, revocations: noRevocations('bench') };
}

/** A member as it stands before a round. `primitives`: seeded by its name. */
export async function memberOf(
  platform: SecretPrimitives,
  engine: Engine,
  size: RoundSize,
  index: number,
): Promise<ParticipantSetup> {
  const id = `silo-${String(index).padStart(5, '0')}`;
  const primitives = seeded(platform, id);
  const signer = await signerOf(platform, freshSecretKey(primitives, 'ed25519'));
  const certificate = await certify(await authorityOf(platform), {
    projectId: 'bench',
    memberId: memberId(id),
    role: 'silo',
    publicKey: signer.publicKey,
    notBeforeMs: 0,
    notAfterMs: 2 * NOW_MS,
    quotaClass: 'organisation',
  });
  const floors = defineFloors({
    minimumContributors: 3,
    corruptFraction: size.corruptFraction,
    minimumWordBits: 16,
    maximumVectorLength: 10_000_000,
    maximumRoundsPerDay: 100,
    minimumCommittee: 3,
    minimumBeaconContributors: 2,
  });
  const configuration = configurationOf(size);
  return { engine, primitives, signer, certificate, configuration, floors, trust: await trustOf(platform) };
}

export function openRound(platform: SecretPrimitives, size: RoundSize): OpenContext {
  return openContext(platform, {
    projectId: 'bench',
    taskId: 'mask',
    round: 1,
    flush: 0,
    modelHash: new Uint8Array(32),
    configHash: configurationHash(platform, configurationOf(size)),
    policyHash: new Uint8Array(32),
  });
}

export type RosterEvent = Extract<ParticipantEvent, { readonly kind: 'roster' }>;

export const rosterFrom = (platform: SecretPrimitives, open: OpenContext, bytes: Uint8Array): Roster =>
  decodeRoster(platform, open, 2, bytes);

/** What a member has from the log and from the drawing of the beacon. */
export async function proofsFor(
  platform: SecretPrimitives,
  open: OpenContext,
  roster: Roster,
): Promise<Pick<RosterEvent, 'logged' | 'beacon'>> {
  const entry = rosterEntry(open, roster.root);
  const log = await signerOf(platform, freshSecretKey(seeded(platform, 'log'), 'ed25519'));
  const tree = treeOf(platform, [encodeEntry(entry)]);
  const head = await signTreeHead(platform, log, tree, NOW_MS);
  const witness = { memberId: memberId('witness'), publicKey: log.publicKey };
  const signature = await log.sign(cosignedBytes(head, witness.memberId));
  const view = await openLogView(
    platform,
    { logKey: log.publicKey, witnesses: [witness] },
    withCosignatures(head, [{ witness: witness.memberId, signature }]),
  );
  const logged = requireLogged(platform, view, entry, { index: 0, path: proveInclusion(platform, tree, 0) });
  const value = seeded(platform, 'beacon').randomBytes(32);
  const beacon: Beacon = { kind: 'beacon', value, rosterRoot: roster.root, commitmentsHash: new Uint8Array(32) };
  return { logged, beacon };
}
