// The coordinator's machine: which event may happen in which phase. Start here; each phase has its transitions in a file of its own.

import type { OpenContext } from '../../context/index.ts';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import { stepOnce } from '../../machine/once.ts';
import { send, step, toMember } from '../../machine/outputs.ts';
import { closeAdvertising, openCoordinator, takeAdvertisement, takeBeacon } from './advertising.ts';
import { closeConfirming, closeMasking, closeSharing } from './close-phase.ts';
import { openSum } from './open-sum.ts';
import type { CoordinatorEvent, CoordinatorSetup, CoordinatorStep } from './setup.ts';
import type { CoordinatorState } from './state.ts';
import { takeMessage } from './take-message.ts';

/** One attempt at a sum, at this point of this task. */
export function startCoordinator(setup: CoordinatorSetup, open: OpenContext): CoordinatorStep {
  return openCoordinator(setup, open);
}

/** A state is used once. Throws what is refused; then the state stands as it was. */
export function stepCoordinator(
  setup: CoordinatorSetup,
  state: CoordinatorState,
  event: CoordinatorEvent,
): Promise<CoordinatorStep> {
  return stepOnce(state, () => transition(setup, state, event));
}

function transition(
  setup: CoordinatorSetup,
  state: CoordinatorState,
  event: CoordinatorEvent,
): CoordinatorStep | Promise<CoordinatorStep> {
  switch (event.kind) {
    case 'received':
      return receive(setup, state, event.bytes);
    case 'beacon':
      if (state.phase !== 'drawing') throw new ProtocolViolation('E_PHASE', `a beacon while ${state.phase}`);
      return takeBeacon(setup, state, event.beacon);
    case 'close':
      return close(setup, state);
    default:
      return event satisfies never;
  }
}

function receive(
  setup: CoordinatorSetup,
  state: CoordinatorState,
  bytes: Uint8Array,
): CoordinatorStep | Promise<CoordinatorStep> {
  switch (state.phase) {
    case 'advertising':
      return takeAdvertisement(setup, state, bytes);
    case 'drawing':
      throw new ProtocolViolation('E_LATE', 'the roster is fixed');
    case 'sharing':
    case 'masking':
    case 'confirming':
    case 'unmasking':
      return takeMessage(setup, state, bytes);
    case 'done':
    case 'aborted':
      throw new ProtocolViolation('E_LATE', `the round is ${state.phase}`);
    default:
      return state satisfies never;
  }
}

function close(setup: CoordinatorSetup, state: CoordinatorState): CoordinatorStep | Promise<CoordinatorStep> {
  switch (state.phase) {
    case 'advertising':
      return closeAdvertising(setup, state);
    case 'sharing':
      return closeSharing(setup, state);
    case 'masking':
      return closeMasking(state);
    case 'confirming':
      return closeConfirming(state);
    case 'unmasking':
      return openSum(setup, state);
    case 'drawing':
    case 'done':
    case 'aborted':
      throw new ParameterError(`nothing to close while ${state.phase}`);
    default:
      return state satisfies never;
  }
}

/** After a restart: what the phase began with, to all who were told. */
export function resumeCoordinator(state: CoordinatorState): CoordinatorStep {
  if (!('deliveries' in state)) return step(state);
  const sends = [...state.deliveries].map(([index, bytes]) =>
    send(toMember(state.roster.members[index]!.memberId), 'mask/again', bytes),
  );
  return step(state, ...sends);
}
