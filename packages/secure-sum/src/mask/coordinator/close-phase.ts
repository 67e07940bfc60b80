// Phases close: what arrived becomes what everybody needs for the next one, or the round ends because too few are left.

import type { ViolationCode } from '../../errors.ts';
import { abort, PERSIST, type Send, send, step, toMember } from '../../machine/outputs.ts';
import { fewestContributors } from '../configuration.ts';
import {
  type Delivery,
  type DeliveryType,
  encodeDelivery,
  encodeForwarded,
  type Forwarded,
  type Voucher,
} from '../deliveries.ts';
import { runningSum } from '../running-sum.ts';
import { type MaskSession, sharingSetOf } from '../session.ts';
import type { CoordinatorSetup, CoordinatorStep } from './setup.ts';
import type { ConfirmingCoordinator, MaskingCoordinator, RunningCoordinator, SharingCoordinator } from './state.ts';

export const ascendingKeys = (map: ReadonlyMap<number, unknown>): number[] => [...map.keys()].sort((a, b) => a - b);

export function tooFew(
  { session, roster, complaints }: RunningCoordinator,
  reason: string,
  missing: readonly number[],
  code: ViolationCode = 'E_TOO_FEW',
): CoordinatorStep {
  // First those of whom more complained than may be corrupt, so that one of them is honest: leave these out of the next attempt. A complaint
  // proves nothing by itself; a liar who complains of everybody names itself, because it left.
  const times = new Map<number, number>();
  for (const { index } of [...complaints.values()].flat()) times.set(index, (times.get(index) ?? 0) + 1);
  const accused = [...times.keys()].filter((index) => times.get(index)! > session.parameters.corrupt);
  const named = [...new Set([...accused, ...missing])].map((index) => roster.members[index]!.memberId);
  const left = abort(code, reason, named);
  return step(Object.freeze({ phase: 'aborted' as const, reason: left.reason }), PERSIST, left);
}

const absent = ({ roster }: RunningCoordinator, present: ReadonlySet<number>): number[] =>
  roster.members.map(({ index }) => index).filter((index) => !present.has(index));

/** The fewest members that a phase may end with: every one of them still needs t shares. */
const fewest = ({ configuration, parameters, graph }: MaskSession): number =>
  graph === 'complete' ? fewestContributors(configuration, parameters) : configuration.minimumContributors;

export function closeSharing({ engine }: Pick<CoordinatorSetup, 'engine'>, state: SharingCoordinator): CoordinatorStep {
  const { session, shares } = state;
  if (shares.size < fewest(session)) {
    return tooFew(state, `${shares.size} members shared`, absent(state, new Set(shares.keys())));
  }
  const told = new Map<number, Told>();
  for (const receiver of ascendingKeys(shares)) {
    const boxes: Forwarded[] = [];
    for (const owner of session.links.neighboursOf(receiver)) {
      const from = shares.get(owner);
      if (from === undefined) continue;
      boxes.push({ index: owner, bytes: from.deliveredAt(session.links.pointOf(owner, receiver) - 1) });
    }
    told.set(receiver, { type: 'mask/boxes', bytes: encodeForwarded(session.context, 'mask/boxes', boxes) });
  }
  const sum = runningSum(engine, session.vectorLength);
  return next(state, told, { phase: 'masking', masked: new Set(), sum });
}

export function closeMasking(state: MaskingCoordinator): CoordinatorStep {
  const { session, masked, sum } = state;
  const living = [...masked].sort((a, b) => a - b);
  if (living.length < fewest(session)) {
    return tooFew(state, `${living.length} masked vectors arrived`, absent(state, masked));
  }
  const told = new Map<number, Told>();
  const encoded = (list: readonly number[]): Told => encodedFor(session, { type: 'mask/living', living: list });
  const toAll = session.graph === 'complete' ? encoded(living) : undefined;
  for (const receiver of living) {
    told.set(receiver, toAll ?? encoded(sharingSetOf(session, receiver).filter((index) => masked.has(index))));
  }
  return next(state, told, { phase: 'confirming', living, lives: masked, sum, confirmations: new Map() });
}

export function closeConfirming(state: ConfirmingCoordinator): CoordinatorStep {
  const { session, living, lives, sum, confirmations } = state;
  const { threshold } = session.parameters;
  const confirmed = ascendingKeys(confirmations);
  if (confirmed.length < threshold) {
    return tooFew(state, `${confirmed.length} members confirmed the living`, absent(state, new Set(confirmed)));
  }
  const told = new Map<number, Told>();
  const toAll = session.graph === 'complete' ? signaturesOf(state, confirmed.slice(0, threshold)) : undefined;
  for (const receiver of confirmed) told.set(receiver, toAll ?? macsFor(state, receiver));
  return next(state, told, {
    phase: 'unmasking',
    living,
    lives,
    sum,
    confirmations,
    confirmed,
    revealed: new Map(),
  });
}

/** Complete: signatures of t members, one list for all. */
function signaturesOf({ session, confirmations }: ConfirmingCoordinator, makers: readonly number[]): Told {
  const vouchers: Voucher[] = [];
  for (const index of makers) {
    const confirmation = confirmations.get(index)!;
    if ('signature' in confirmation) vouchers.push({ index, proof: confirmation.signature });
  }
  return encodedFor(session, { type: 'mask/vouchers', vouchers });
}

/** Sparse: the MACs that neighbours made for the receiver, by index of the maker. */
function macsFor({ session, confirmations }: ConfirmingCoordinator, receiver: number): Told {
  const macs: Forwarded[] = [];
  for (const maker of session.links.neighboursOf(receiver)) {
    const confirmation = confirmations.get(maker);
    if (confirmation === undefined || !('macs' in confirmation)) continue;
    const place = confirmation.macs.placeOf(receiver);
    if (place !== undefined) macs.push({ index: maker, bytes: confirmation.macs.bytesAt(place) });
  }
  return { type: 'mask/vouchers', bytes: encodeForwarded(session.context, 'mask/vouchers', macs) };
}

type Later<State> = State extends RunningCoordinator
  ? Omit<State, 'session' | 'roster' | 'arrivals' | 'shares' | 'complaints' | 'deliveries'>
  : never;

/** What a member is told. */
interface Told {
  readonly type: DeliveryType;
  readonly bytes: Uint8Array;
}

const encodedFor = ({ context }: MaskSession, delivery: Delivery): Told => ({
  type: delivery.type,
  bytes: encodeDelivery(context, delivery),
});

/** The next phase, with what each member is told. */
function next(
  { session, roster, arrivals, shares, complaints }: RunningCoordinator,
  told: ReadonlyMap<number, Told>,
  later: Later<RunningCoordinator>,
): CoordinatorStep {
  const deliveries = new Map<number, Uint8Array>();
  const sends: Send[] = [];
  for (const [index, { type, bytes }] of told) {
    deliveries.set(index, bytes);
    sends.push(send(toMember(roster.members[index]!.memberId), type, bytes));
  }
  const state = Object.freeze({ session, roster, arrivals, shares, complaints, deliveries, ...later });
  return step(state, PERSIST, ...sends);
}
