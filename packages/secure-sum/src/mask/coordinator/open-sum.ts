// The last step: revealed shares become seeds of the living and keys of those who are gone, what they expand to is taken off the
// running sum, and what is left is the sum of the living's vectors. Every seed is compared with its commitment and every key with
// the advertised one before it is used; a sum that is none is never returned.
//
//   Σ y_u − Σ_{u lives} PRG(b_u) − Σ_{u lives, v gone, neighbours} ± PRG(S_uv)

import { pairSeed } from '../../boxes/pair-seed.ts';
import { delimited, hexOf, sameBytes, u32Bytes } from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import {
  type Abort,
  abort,
  done,
  type Evidence,
  evidenceOf,
  PERSIST,
  send,
  step,
  TO_EVERYBODY,
} from '../../machine/outputs.ts';
import type { KeyAgreement } from '../../primitives.ts';
import { type Combiner, combiner, type RevealedShare } from '../combine.ts';
import { largestValue } from '../configuration.ts';
import { encodeDelivery } from '../deliveries.ts';
import { applyMasks, isWithin, type Mask, packWords, signedWords } from '../key-stream.ts';
import { commitToSeed, commitToShare, PAIR_LABEL, selfMaskKey, sharingSetOf, signOf } from '../session.ts';
import { tooFew } from './close-phase.ts';
import type { CoordinatorSetup, CoordinatorStep } from './setup.ts';
import type { UnmaskingCoordinator } from './state.ts';

interface Answer extends RevealedShare {
  readonly responder: number;
}

export async function openSum(setup: CoordinatorSetup, state: UnmaskingCoordinator): Promise<CoordinatorStep> {
  const { primitives, configuration } = setup;
  const { session, roster, shares, living, lives, sum } = state;
  const { context, links, wordBits } = session;
  const gone = [...shares.keys()]
    .filter((index) => !lives.has(index) && links.neighboursOf(index).some((one) => lives.has(one)))
    .sort((a, b) => a - b);
  const combine = combiner();
  const evidence: Evidence[] = [];
  const masks: Mask[] = [];
  const digested: Uint8Array[] = [];
  for (const owner of [...living, ...gone].sort((a, b) => a - b)) {
    const found = await recover(setup, state, combine, owner, lives.has(owner), evidence);
    if ('kind' in found) return failed(state, found, evidence);
    if (found.bytes === undefined) {
      const ended = tooFew(state, `too few shares of ${roster.members[owner]!.memberId}`, missingResponders(state));
      return step(ended.state, ...evidence, ...ended.outputs);
    }
    const { memberId } = roster.members[owner]!;
    digested.push(u32Bytes(owner), found.bytes);
    if (lives.has(owner)) {
      masks.push({ key: selfMaskKey(primitives, context, memberId, found.bytes), sign: -1 });
      continue;
    }
    for (const peer of links.neighboursOf(owner)) {
      if (!lives.has(peer)) continue;
      const other = roster.members[peer]!;
      const key = await pairSeed(primitives, {
        context,
        label: PAIR_LABEL,
        own: { memberId, key: found.key! },
        peer: { memberId: other.memberId, publicKey: other.keys[0]! },
        lengthBytes: 32,
      });
      masks.push({ key, sign: signOf(peer, owner) === 1 ? -1 : 1 });
    }
  }
  applyMasks(sum.bench, primitives, sum.words, wordBits, masks);
  for (const { key } of masks) key.fill(0);
  const signed = signedWords(sum.bench, sum.words, wordBits);
  if (!isWithin(signed, living.length * largestValue(configuration))) {
    const left = abort('E_SUM', `what was opened is no sum of ${living.length} vectors`);
    return failed(state, left, evidence);
  }
  const revealedDigest = primitives.sha256(delimited('sumus/1/mask/revealed', context.hash, ...digested));
  const packed = packWords(sum.bench, sum.words, wordBits);
  const encoded = encodeDelivery(context, { type: 'mask/result', contributors: living, revealedDigest, packed });
  const result = Object.freeze({ sum: signed.values, contributors: living, encoded });
  const next = Object.freeze({ phase: 'done' as const, result });
  return step(next, PERSIST, ...evidence, send(TO_EVERYBODY, 'mask/result', encoded), done(result));
}

function failed(_: UnmaskingCoordinator, left: Abort, evidence: readonly Evidence[]): CoordinatorStep {
  return step(Object.freeze({ phase: 'aborted' as const, reason: left.reason }), PERSIST, ...evidence, left);
}

const missingResponders = ({ confirmed, revealed }: UnmaskingCoordinator): number[] =>
  confirmed.filter((index) => !revealed.has(index));

/**
 * The first answers about an owner, at most so many, by ascending responder. Each responder revealed one share of every member of its own
 * sharing set that shared (take-message.ts).
 */
function answersOf({ session, revealed }: UnmaskingCoordinator, owner: number, atMost: number): Answer[] {
  const answers: Answer[] = [];
  for (const responder of sharingSetOf(session, owner)) {
    if (answers.length >= atMost) break;
    const entries = revealed.get(responder);
    if (entries === undefined) continue;
    const place = entries.placeOf(owner);
    if (place === undefined) continue;
    answers.push({ responder, point: session.links.pointOf(owner, responder), share: entries.shareAt(place) });
  }
  return answers;
}

/** `key`: of an owner who is gone, ready to agree. */
interface Recovered {
  readonly bytes: Uint8Array | undefined;
  readonly key?: KeyAgreement;
}

async function recover(
  setup: CoordinatorSetup,
  state: UnmaskingCoordinator,
  combine: Combiner,
  owner: number,
  alive: boolean,
  evidence: Evidence[],
): Promise<Recovered | Abort> {
  const { threshold } = state.session.parameters;
  const first = answersOf(state, owner, threshold);
  if (first.length < threshold) return { bytes: undefined };
  const quick = await check(setup, state, owner, alive, combine(first));
  if (quick !== undefined) return quick;
  const answers = answersOf(state, owner, Number.POSITIVE_INFINITY);
  // Something is wrong. Commitments to single shares tell who.
  const bad = answers.filter((answer) => !isCommitted(setup, state, owner, alive, answer));
  if (bad.length > 0)
    evidence.push(
      blame(
        state,
        owner,
        bad.map(({ responder }) => responder),
      ),
    );
  const good = answers.filter((answer) => !bad.includes(answer));
  if (good.length < threshold) return { bytes: undefined };
  const again = await check(setup, state, owner, alive, combine(good.slice(0, threshold)));
  if (again !== undefined) return again;
  const { memberId } = state.roster.members[owner]!;
  evidence.push(blame(state, owner, []));
  return abort('E_SHARE', `${memberId} shared what does not give its secret back: leave it out`, [memberId]);
}

/** The seed or the key, when it is the one that its owner is bound to. */
async function check(
  { primitives, revealedKey }: CoordinatorSetup,
  { session, roster, shares }: UnmaskingCoordinator,
  owner: number,
  alive: boolean,
  bytes: Uint8Array,
): Promise<Recovered | undefined> {
  const { memberId, keys } = roster.members[owner]!;
  if (alive) {
    const commitment = commitToSeed(primitives, session.context, memberId, bytes);
    return sameBytes(commitment, shares.get(owner)!.seedCommitment) ? { bytes } : undefined;
  }
  const key = await revealedKey(bytes);
  return sameBytes(key.publicKey, keys[0]!) ? { bytes, key } : undefined;
}

function isCommitted(
  { primitives }: CoordinatorSetup,
  { session, roster, shares }: UnmaskingCoordinator,
  owner: number,
  alive: boolean,
  { point, share }: Answer,
): boolean {
  const of = alive ? 'seed' : 'key';
  const entry = shares.get(owner)!.entryAt(point - 1);
  const { memberId } = roster.members[owner]!;
  return sameBytes(commitToShare(primitives, session.context, memberId, of, point, share), entry[of]);
}

/** Responders whose shares contradict the commitments they accepted; none of them: the owner, whose committed shares are no sharing. */
function blame(
  { roster, arrivals, session }: UnmaskingCoordinator,
  owner: number,
  responders: readonly number[],
): Evidence {
  const ownerId = roster.members[owner]!.memberId;
  const accused = responders.length > 0 ? responders.map((index) => roster.members[index]!.memberId) : [ownerId];
  const kept = [ownerId, ...(responders.length > 0 ? accused : [...arrivals.keys()])].flatMap((memberId) =>
    [...(arrivals.get(memberId)?.values() ?? [])].flatMap(({ encoded }) => (encoded === undefined ? [] : [encoded])),
  );
  const reason =
    responders.length > 0
      ? `revealed shares of ${ownerId} that are not those it committed to`
      : `shares of ${ownerId} are all as committed and give nothing`;
  const violation = new ProtocolViolation('E_SHARE', `${hexOf(session.context.hash).slice(0, 16)}…: ${reason}`, {
    evidence: [...new Set(kept)],
  });
  return evidenceOf(accused, violation);
}
