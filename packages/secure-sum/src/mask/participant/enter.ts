// Flows 0 and 1: a participant says which keys it has in this round, and when roster and beacon stand, splits its two secrets among its
// sharing set. It derives neighbours, t and c itself and looks at every neighbour's certificate and signature; what is wrong with a
// roster is wrong for good, so it ends the round.

import { openChannel, type SecretChannel, sealBox } from '../../boxes/index.ts';
import { sameBytes } from '../../canonical/index.ts';
import { type OpenContext, wholeContext } from '../../context/index.ts';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import { requireFloors } from '../../floors/index.ts';
import type { EnteredRound } from '../../high-water/index.ts';
import type { Certificate } from '../../identity/index.ts';
import { PERSIST, send, step, TO_COORDINATOR } from '../../machine/outputs.ts';
import { encodeMessage, signMessage } from '../../messages/index.ts';
import { advertise, encodeEntry, type ListedMember, requireOwnEntry, vouchFor } from '../../roster/index.ts';
import { SecretBytes } from '../../secret-bytes.ts';
import { agreementOf, freshSecretBytes, freshSecretKey, type SecretKey } from '../../secret-primitives.ts';
import { BOX_PLAINTEXT_BYTES, encodeShareBody, SHARE, SHARE_BYTES, type ShareEntry } from '../bodies.ts';
import { MASK_ROLES, parametersFor, proposalOf, requireConfigured } from '../configuration.ts';
import { corruptInSharingSet } from '../parameters.ts';
import { commitToSeed, commitToShare, maskSession, sharingSetOf } from '../session.ts';
import { splitSecret } from '../split.ts';
import type { ParticipantEvent, ParticipantSetup, ParticipantStep } from './setup.ts';
import type { AdvertisedParticipant, OwnSession, Peer } from './state.ts';

/** What is in a box. */
export const SHARES_PURPOSE = 'mask/shares';
const SEED_BYTES = 32;

/** The first step: its round was entered, and the mark is stored. */
export async function openMask(
  { primitives, signer, certificate, configuration }: ParticipantSetup,
  entered: EnteredRound,
): Promise<ParticipantStep> {
  const open = entered.context;
  requireConfigured(primitives, open, configuration);
  if (open.fields.flush === undefined || open.fields.modelHash === undefined) {
    throw new ParameterError('a round of mask has one flush and one model');
  }
  const secretMaskKey = freshSecretKey(primitives, 'x25519');
  const secretBoxKey = freshSecretKey(primitives, 'x25519');
  const keys = [
    (await agreementOf(primitives, secretMaskKey)).publicKey,
    (await agreementOf(primitives, secretBoxKey)).publicKey,
  ] as const;
  const advertisement = await advertise(primitives, signer, open, { certificate, keys });
  const outgoing = encodeEntry({ certificate, advertisement });
  const state = Object.freeze({ phase: 'advertised', open, secretMaskKey, secretBoxKey, keys, outgoing } as const);
  return step(state, PERSIST, send(TO_COORDINATOR, 'mask/advertise', outgoing));
}

type RosterEvent = Extract<ParticipantEvent, { readonly kind: 'roster' }>;

export async function takeRoster(
  setup: ParticipantSetup,
  state: AdvertisedParticipant,
  event: RosterEvent,
): Promise<ParticipantStep> {
  const { primitives, signer } = setup;
  const known = await sessionOf(setup, state, event);
  const { session, own } = known;
  const { context, parameters, links } = session;
  const set = sharingSetOf(session, own.index);
  const points = set.map((index) => links.pointOf(own.index, index));
  const { threshold } = parameters;

  const seed = freshSecretBytes(primitives, SEED_BYTES);
  const key = state.secretMaskKey.expose();
  const [seedShares, keyShares] = splitBoth(setup, { seed, key, threshold, points });
  const secretChannels = await channelsTo(setup, known, state.secretBoxKey);
  const entries = set.map((index, place): ShareEntry => {
    const [seedShare, keyShare, point] = [seedShares[place]!, keyShares[place]!, points[place]!];
    const box =
      index === own.index
        ? new Uint8Array(0)
        : sealShares(setup, secretChannels.get(index)!, point, seedShare, keyShare);
    return {
      box,
      seed: commitToShare(primitives, context, own.memberId, 'seed', point, seedShare),
      key: commitToShare(primitives, context, own.memberId, 'key', point, keyShare),
    };
  });
  const body = encodeShareBody({ seedCommitment: commitToSeed(primitives, context, own.memberId, seed), entries });
  const message = await signMessage(primitives, signer, context, { ...SHARE, sender: own.memberId, body });
  const outgoing = encodeMessage(message);

  const secretSeed = new SecretBytes(seed);
  const secretOwnShare = new SecretBytes(seedShares[set.indexOf(own.index)]!);
  for (const bytes of [seed, key, ...seedShares, ...keyShares]) bytes.fill(0);
  const { secretMaskKey, secretBoxKey } = state;
  const next = Object.freeze({
    ...known,
    phase: 'shared' as const,
    secretChannels,
    secretMaskKey,
    secretBoxKey,
    secretSeed,
    secretOwnShare,
    outgoing,
  });
  return step(next, PERSIST, send(TO_COORDINATOR, SHARE.type, outgoing));
}

/** Wipes both where the generator fails in between. */
function splitBoth(
  { primitives }: ParticipantSetup,
  {
    seed,
    key,
    threshold,
    points,
  }: {
    readonly seed: Uint8Array;
    readonly key: Uint8Array;
    readonly threshold: number;
    readonly points: readonly number[];
  },
): readonly [seed: readonly Uint8Array[], key: readonly Uint8Array[]] {
  try {
    return [
      splitSecret(primitives, { secret: seed, threshold, points }),
      splitSecret(primitives, { secret: key, threshold, points }),
    ];
  } catch (error) {
    seed.fill(0);
    key.fill(0);
    throw error;
  }
}

function sealShares(
  { primitives }: ParticipantSetup,
  channel: SecretChannel,
  point: number,
  seedShare: Uint8Array,
  keyShare: Uint8Array,
): Uint8Array {
  const plaintext = new Uint8Array(BOX_PLAINTEXT_BYTES);
  plaintext[0] = point;
  plaintext.set(seedShare, 1);
  plaintext.set(keyShare, 1 + SHARE_BYTES);
  const box = sealBox(primitives, channel, SHARES_PURPOSE, plaintext);
  plaintext.fill(0);
  return box;
}

async function sessionOf(
  { primitives, certificate, configuration, floors, trust }: ParticipantSetup,
  { open, keys }: AdvertisedParticipant,
  { roster, logged, beacon }: RosterEvent,
): Promise<OwnSession> {
  requireLoggedRoster(open, roster, logged);
  if (!sameBytes(beacon.rosterRoot, roster.root)) {
    throw new ProtocolViolation('E_BEACON', 'the beacon was drawn for another roster');
  }
  const listed = requireOwnEntry(roster, { memberId: certificate.memberId, keys });
  const members = roster.members.length;
  if (members < Math.max(configuration.minimumContributors, floors.minimumContributors)) {
    throw new ProtocolViolation('E_FLOOR', `a roster of ${members} members is smaller than the smallest sum`);
  }
  const parameters = parametersFor(configuration, members);
  const { graph, neighbours } = parameters;
  const corruptBound = corruptInSharingSet(graph, members, neighbours, floors.corruptFraction);
  const accepted = requireFloors(floors, proposalOf(configuration, parameters), corruptBound);
  const context = wholeContext(primitives, open, { rosterRoot: roster.root, beacon: beacon.value });
  const session = maskSession(primitives, configuration, context, members);
  const peers = new Map<number, Peer>();
  for (const index of session.links.neighboursOf(listed.index)) {
    peers.set(index, peerOf(await vouchFor(primitives, trust, roster, index, MASK_ROLES)));
  }
  const own = peerOf({ ...listed, certificate });
  return { session, accepted, own, peers };
}

const peerOf = ({ index, memberId, certificate, keys }: ListedMember & { readonly certificate: Certificate }): Peer =>
  Object.freeze({ index, memberId, publicKey: certificate.publicKey, maskKey: keys[0]!, boxKey: keys[1]! });

function requireLoggedRoster(open: OpenContext, roster: RosterEvent['roster'], logged: RosterEvent['logged']): void {
  if (!sameBytes(roster.context.hash, open.hash)) {
    throw new ProtocolViolation('E_CTX', 'a roster of another round');
  }
  const isThatEntry =
    logged.kind === 'roster' && sameBytes(logged.contextHash, open.hash) && sameBytes(logged.content, roster.root);
  if (!isThatEntry) throw new ProtocolViolation('E_LOG', 'this roster is not the one that the log keeps');
}

/** What this participant has with each neighbour; made again from its key after a restart. */
export async function channelsTo(
  { primitives }: Pick<ParticipantSetup, 'primitives'>,
  { session, own, peers }: Pick<OwnSession, 'session' | 'own' | 'peers'>,
  secretBoxKey: SecretKey<'x25519'>,
): Promise<ReadonlyMap<number, SecretChannel>> {
  const key = await agreementOf(primitives, secretBoxKey);
  const channels = new Map<number, SecretChannel>();
  for (const { index, memberId, boxKey } of peers.values()) {
    const peer = { memberId, publicKey: boxKey };
    const channel = await openChannel(primitives, {
      context: session.context,
      own: { memberId: own.memberId, key },
      peer,
    });
    channels.set(index, channel);
  }
  return channels;
}
