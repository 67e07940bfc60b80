// Flow 0: who wants to take part. Each advertisement is checked by itself and against those that came before, so that no member can
// spoil the roster for the others; then the roster is fixed, logged, and only after that the beacon is drawn.

import type { Beacon } from '../../beacon/index.ts';
import { hexOf, sameBytes } from '../../canonical/index.ts';
import { type OpenContext, wholeContext } from '../../context/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import { verifyCertificate } from '../../identity/index.ts';
import { abort, PERSIST, send, step, TO_EVERYBODY } from '../../machine/outputs.ts';
import { admit, NOTHING_RECEIVED, verifyMessage } from '../../messages/index.ts';
import { ADVERTISE, decodeEntry, encodeRoster, rosterOf } from '../../roster/index.ts';
import { MASK_KEYS, MASK_ROLES, requireConfigured, rulesOf } from '../configuration.ts';
import { SHARING_SET_AT_MOST } from '../parameters.ts';
import { maskSession } from '../session.ts';
import type { CoordinatorSetup, CoordinatorStep } from './setup.ts';
import type { AdvertisingCoordinator, DrawingCoordinator } from './state.ts';

export function openCoordinator({ primitives, configuration }: CoordinatorSetup, open: OpenContext): CoordinatorStep {
  requireConfigured(primitives, open, configuration);
  rulesOf(configuration);
  const state = Object.freeze({
    phase: 'advertising' as const,
    open,
    entries: new Map(),
    arrivals: new Map(),
    keys: new Map(),
  });
  return step(state, PERSIST);
}

export async function takeAdvertisement(
  { primitives, configuration, trust }: CoordinatorSetup,
  state: AdvertisingCoordinator,
  bytes: Uint8Array,
): Promise<CoordinatorStep> {
  const entry = decodeEntry(bytes);
  // A roster of this one makes every check that an entry alone can fail.
  const [member] = rosterOf(primitives, state.open, MASK_KEYS, [entry]).members;
  const { memberId, keys } = member!;
  const sender = await verifyCertificate(primitives, trust, entry.certificate, MASK_ROLES);
  const message = await verifyMessage(primitives, entry.advertisement, { ...ADVERTISE, context: state.open, sender });
  const admission = admit(primitives, state.arrivals.get(memberId) ?? NOTHING_RECEIVED, message);
  if (admission.kind === 'repeated') return step({ ...state });
  if (rulesOf(configuration).graph === 'complete' && state.entries.size >= SHARING_SET_AT_MOST) {
    throw new ProtocolViolation('E_LATE', `the roster is full with ${SHARING_SET_AT_MOST} members`);
  }
  for (const key of keys) {
    const owner = state.keys.get(hexOf(key));
    if (owner !== undefined) throw new ProtocolViolation('E_DUPKEY', `${owner} and ${memberId} claim one key`);
  }
  for (const key of keys) state.keys.set(hexOf(key), memberId);
  state.entries.set(memberId, entry);
  state.arrivals.set(memberId, admission.received);
  return step({ ...state });
}

export function closeAdvertising(
  { primitives, configuration }: CoordinatorSetup,
  { open, entries }: AdvertisingCoordinator,
): CoordinatorStep {
  if (entries.size < configuration.minimumContributors) {
    const left = abort(
      'E_TOO_FEW',
      `${entries.size} members advertised, ${configuration.minimumContributors} are needed`,
    );
    return step(Object.freeze({ phase: 'aborted' as const, reason: left.reason }), PERSIST, left);
  }
  const roster = rosterOf(primitives, open, MASK_KEYS, [...entries.values()]);
  const state = Object.freeze({ phase: 'drawing' as const, open, roster });
  return step(state, PERSIST, send(TO_EVERYBODY, 'mask/roster', encodeRoster(roster)));
}

export function takeBeacon(
  { primitives, configuration }: CoordinatorSetup,
  { open, roster }: DrawingCoordinator,
  beacon: Beacon,
): CoordinatorStep {
  if (!sameBytes(beacon.rosterRoot, roster.root)) {
    throw new ProtocolViolation('E_BEACON', 'the beacon was drawn for another roster');
  }
  const context = wholeContext(primitives, open, { rosterRoot: roster.root, beacon: beacon.value });
  const state = Object.freeze({
    phase: 'sharing' as const,
    session: maskSession(primitives, configuration, context, roster.members.length),
    roster,
    arrivals: new Map(),
    shares: new Map(),
    complaints: new Map(),
    deliveries: new Map(),
  });
  return step(state, PERSIST);
}
