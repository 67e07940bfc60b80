// The coordinator while contributions come in: each is checked whole, added to the running sum and dropped; what is kept of it is its
// head and the boxes, until the flush closes. A flush closes when it has its B_f contributions, when the time is up (an event: there is
// no clock here) or when the driver says so, and never below n_min.
//
//   collecting ─contribution→ collecting | closed      collecting ─time is up→ closed | collecting (epoch) | aborted
//   closed ─next flush→ collecting                     (an epoch only; openings go on beside it, opener.ts)
//
// Until the opener takes it over, a closed flush can still be reviewed, and contributions with bad shares taken out of it: the last one
// closes a flush, and a set that some members cannot open is one that nobody ever opens. Below n_min it collects again.
//
// Contributions have no weights here and cannot be given any (attack 35). Refused, with nothing changed: what does not decode, foreign
// or expired certificates, bad signatures, models too old, a vector that is not the signed one, a contribution that was taken
// before in other bytes (the same bytes are acknowledged again), anything after the close.

import { MalformedMessage as MalformedVector, PackedSum } from '@sumus/lattice/one-time/sums';
import { compareNames, hexOf, type MemberId } from '../../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../../errors.ts';
import { stepOnce } from '../../machine/once.ts';
import { abort, type Output, PERSIST, type Step, send, step, toMember } from '../../machine/outputs.ts';
import { decodeContribution, requireCiphertext, type VerifiedHead, verifyHead } from '../round/contribution.ts';
import { encodeHeads, encodeSetRequest } from '../round/contributor-set.ts';
import { DELIVERY } from '../round/kinds.ts';
import { firstModel, type ModelVersion, type ModelVersions, requireRecentModels, withModel } from '../round/models.ts';
import type { Coordinator } from './tools.ts';

/** What is kept of a contribution until its flush is opened. */
export interface Kept {
  readonly head: VerifiedHead;
  /** One a member, in the order of their numbers. */
  readonly boxes: readonly Uint8Array[];
}

interface Collected {
  readonly flush: number;
  readonly models: ModelVersions;
  /** In the order of arrival; one a member in a flush. */
  readonly kept: ReadonlyMap<MemberId, Kept>;
  /** Nullifiers of this flush and all before it, and the digest of the head that used each. */
  readonly taken: ReadonlyMap<string, string>;
  /** The running sum of exactly these; grows in place, moved on from state to state. */
  readonly total: PackedSum;
}

export type CollectorState =
  | (Collected & { readonly phase: 'collecting' })
  | (Collected & { readonly phase: 'closed' })
  | { readonly phase: 'aborted' };

export type CollectorEvent =
  | { readonly kind: 'contribution'; readonly bytes: Uint8Array }
  /** T_max of this flush, by the driver's clock. */
  | { readonly kind: 'time is up' }
  /** Ask the committee to look at what was collected so far, before anything is signed: at the latest when the flush has closed. */
  | { readonly kind: 'review' }
  /** Members complained about shares of these before they signed: they are taken out, each with the bytes of its contribution. */
  | { readonly kind: 'exclude'; readonly contribution: Uint8Array }
  /** A logged release: contributions may be made on it from now on. */
  | { readonly kind: 'model'; readonly model: ModelVersion }
  /** After the opener took the closed flush over. Epochs only. */
  | { readonly kind: 'next flush' };

export type CollectorStep = Step<CollectorState, never>;

export function startCollector({ round, lattice }: Pick<Coordinator, 'round' | 'lattice'>): CollectorState {
  const { context } = round;
  return Object.freeze({
    phase: 'collecting',
    flush: context.point.flush,
    models: firstModel(context),
    kept: new Map(),
    taken: new Map(),
    total: emptySum({ round, lattice }),
  });
}

function emptySum({ round, lattice }: Pick<Coordinator, 'round' | 'lattice'>): PackedSum {
  return new PackedSum(lattice, round.parameters.oneTime, round.parameters.vectorLength);
}

export function collectorStep(
  coordinator: Coordinator,
  state: CollectorState,
  event: CollectorEvent,
): Promise<CollectorStep> {
  return stepOnce(state, async () => {
    switch (event.kind) {
      case 'contribution':
        return contribution(coordinator, state, event.bytes);
      case 'time is up':
        return timeIsUp(coordinator, collecting(state));
      case 'review':
        return step(state, ...delivered(coordinator, DELIVERY.review, live(state).flush, inOrder(live(state).kept)));
      case 'exclude':
        return exclude(coordinator, live(state), event.contribution);
      case 'model':
        return step(Object.freeze({ ...live(state), models: withModel(live(state).models, event.model) }), PERSIST);
      case 'next flush':
        return nextFlush(coordinator, state);
      default:
        return event satisfies never;
    }
  });
}

type Live = Exclude<CollectorState, { phase: 'aborted' }>;
type Collecting = Extract<CollectorState, { phase: 'collecting' }>;

function live(state: CollectorState): Live {
  if (state.phase === 'aborted') throw new ProtocolViolation('E_LATE', 'this round was aborted');
  return state;
}

function collecting(state: CollectorState): Collecting {
  const one = live(state);
  if (one.phase !== 'collecting') throw new ProtocolViolation('E_LATE', `flush ${one.flush} is closed`);
  return one;
}

async function contribution(
  coordinator: Coordinator,
  state: CollectorState,
  bytes: Uint8Array,
): Promise<CollectorStep> {
  const { round, primitives, trust } = coordinator;
  const { parameters } = round;
  const before = live(state);
  const decoded = decodeContribution(parameters, bytes);
  const head = await verifyHead(primitives, { round, trust, models: before.models }, decoded);
  const digest = hexOf(head.digest);
  const known = before.taken.get(head.nullifier);
  if (known === digest) return step(state, receiptTo(head));
  if (known !== undefined) {
    throw new ProtocolViolation(
      'E_EQUIV',
      `contribution ${head.index} of ${head.memberId} was taken before, with other bytes`,
    );
  }
  const collected = collecting(state);
  const { flush, models } = collected;
  if (collected.kept.has(head.memberId)) {
    throw new ProtocolViolation('E_DUPLICATE', `${head.memberId} has contributed to flush ${flush} already`);
  }
  const { versionsOld } = parameters.flushes;
  requireRecentModels(models, versionsOld, [head]);
  await requireCiphertext(primitives, head, decoded.ciphertext);
  const isTooOld = [...collected.kept.values()].some(
    (one) => head.model.version - one.head.model.version > versionsOld,
  );
  // Enough of them are a sum of their own; this contribution is one for the next flush, and is sent again.
  if (isTooOld && collected.kept.size >= parameters.minimumContributors) {
    return step<CollectorState, never>(Object.freeze({ ...collected, phase: 'closed' }), PERSIST);
  }
  const { kept, taken, total } = isTooOld ? startedAnew(coordinator, collected) : collected;
  try {
    add(total, decoded.ciphertext, head.memberId);
  } catch (error) {
    if (isTooOld) total.release();
    throw error;
  }
  if (isTooOld) collected.total.release();
  const next: Collecting = Object.freeze({
    phase: 'collecting',
    flush,
    models,
    kept: new Map(kept).set(head.memberId, Object.freeze({ head, boxes: decoded.boxes })),
    taken: new Map(taken).set(head.nullifier, digest),
    total,
  });
  if (next.kept.size < parameters.flushes.contributions) return step(next, receiptTo(head));
  return step<CollectorState, never>(Object.freeze({ ...next, phase: 'closed' }), PERSIST, receiptTo(head));
}

/**
 * Releases went by, and what was collected can no more be in one set with contributions on the newest models: it has dropped out. Whoever
 * contributes on the oldest model would otherwise keep all others out, for ever.
 */
function startedAnew(
  coordinator: Coordinator,
  { kept, taken }: Collecting,
): Pick<Collected, 'kept' | 'taken' | 'total'> {
  const left = new Map(taken);
  for (const { head } of kept.values()) left.delete(head.nullifier);
  return { kept: new Map(), taken: left, total: emptySum(coordinator) };
}

/** Not stored before it is sent: a contribution that a crash loses is one that dropped out. */
const receiptTo = ({ memberId, digest }: VerifiedHead): Output<never> =>
  send(toMember(memberId), DELIVERY.receipt, digest);

function add(total: PackedSum, ciphertext: Uint8Array, memberId: MemberId): void {
  try {
    total.add(ciphertext);
  } catch (cause) {
    if (!(cause instanceof MalformedVector)) throw cause;
    throw new MalformedMessage('E_RANGE', `the vector of ${memberId}: ${cause.message}`, { cause });
  }
}

function timeIsUp({ round }: Coordinator, state: Collecting): CollectorStep {
  const { minimumContributors } = round.parameters;
  if (state.kept.size >= minimumContributors) {
    return step<CollectorState, never>(Object.freeze({ ...state, phase: 'closed' }), PERSIST);
  }
  // An epoch waits for more; a single sum is over.
  if (round.parameters.isEpoch) return step(state);
  state.total.release();
  const reason = `${state.kept.size} contributions; fewer than ${minimumContributors} are not opened`;
  return step<CollectorState, never>(Object.freeze({ phase: 'aborted' }), PERSIST, abort('E_TOO_FEW', reason));
}

/** Its nullifier stays taken: what was excluded does not come back in other bytes. */
async function exclude(coordinator: Coordinator, state: Live, bytes: Uint8Array): Promise<CollectorStep> {
  const { round, primitives, trust } = coordinator;
  const decoded = decodeContribution(round.parameters, bytes);
  const head = await verifyHead(primitives, { round, trust, models: state.models }, decoded);
  const known = state.kept.get(head.memberId);
  if (known === undefined || hexOf(known.head.digest) !== hexOf(head.digest)) {
    throw new ProtocolViolation('E_PHASE', `flush ${state.flush} has no such contribution of ${head.memberId}`);
  }
  await requireCiphertext(primitives, head, decoded.ciphertext);
  state.total.remove(decoded.ciphertext);
  const kept = new Map(state.kept);
  kept.delete(head.memberId);
  const phase = kept.size < round.parameters.minimumContributors ? 'collecting' : state.phase;
  return step<CollectorState, never>(Object.freeze({ ...state, phase, kept }), PERSIST);
}

function nextFlush(coordinator: Coordinator, state: CollectorState): CollectorStep {
  const { phase, flush, models, taken } = live(state);
  if (!coordinator.round.parameters.isEpoch) throw new ProtocolViolation('E_PHASE', 'a single sum has one flush');
  if (phase !== 'closed') throw new ProtocolViolation('E_PHASE', `flush ${flush} is not closed`);
  const next: CollectorState = Object.freeze({
    phase: 'collecting',
    flush: flush + 1,
    models,
    kept: new Map(),
    taken,
    total: emptySum(coordinator),
  });
  return step(next, PERSIST);
}

/** To each member the heads and its own boxes: for a look (review), or for a signature (close). */
export function delivered(
  { round }: Pick<Coordinator, 'round'>,
  type: typeof DELIVERY.review | typeof DELIVERY.close,
  flush: number,
  kept: readonly Kept[],
): Output<never>[] {
  const heads = encodeHeads(
    flush,
    kept.map(({ head }) => head),
  );
  return round.committee.map(({ memberId, number }) =>
    send(
      toMember(memberId),
      type,
      encodeSetRequest(
        heads,
        kept.map(({ boxes }) => boxes[number - 1]!),
      ),
    ),
  );
}

/** The contributions of a flush in the order of their members. */
export const inOrder = (kept: ReadonlyMap<MemberId, Kept>): readonly Kept[] =>
  [...kept.values()].sort((a, b) => compareNames(a.head.memberId, b.head.memberId));
