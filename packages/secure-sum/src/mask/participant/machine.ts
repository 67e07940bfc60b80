// The participant's machine: which event may happen in which phase. Start here; each transition has a file of its own.

import { MalformedMessage, ParameterError, ProtocolViolation } from '../../errors.ts';
import type { EnteredRound } from '../../high-water/index.ts';
import { stepOnce } from '../../machine/once.ts';
import { abort, evidenceOf, PERSIST, send, step, TO_COORDINATOR } from '../../machine/outputs.ts';
import { ALIVE, MASKED, SHARE, UNMASK } from '../bodies.ts';
import { type Delivery, decodeDelivery } from '../deliveries.ts';
import { openMask, takeRoster } from './enter.ts';
import type { Guards } from './guards.ts';
import { takeVector } from './mask-vector.ts';
import type { ParticipantEvent, ParticipantSetup, ParticipantStep } from './setup.ts';
import { type SecretParticipant, wipeParticipant } from './state.ts';
import { takeBoxes } from './take-boxes.ts';
import { takeLiving, takeResult, takeVouchers } from './unmask.ts';

export interface MaskParticipant {
  /** Advertises. The round was entered before (high-water/), so nothing here is ever said in two rounds. */
  open(setup: ParticipantSetup, entered: EnteredRound): Promise<ParticipantStep>;
  /** A state is used once. Throws what must not be answered; then the state stands as it was. */
  step(setup: ParticipantSetup, state: SecretParticipant, event: ParticipantEvent): Promise<ParticipantStep>;
}

/** `guards`: GUARDS, but for tests that show what one of them is good for. */
export function participantWith(guards: Guards): MaskParticipant {
  return Object.freeze<MaskParticipant>({
    open: (setup, entered) => stepOnce(entered, () => openMask(setup, entered)),
    step: (setup, state, event) => stepOnce(state, () => transition(guards, setup, state, event)),
  });
}

async function transition(
  guards: Guards,
  setup: ParticipantSetup,
  state: SecretParticipant,
  event: ParticipantEvent,
): Promise<ParticipantStep> {
  if (state.phase === 'done' || state.phase === 'aborted') throw outOfPhase(state, event.kind);
  switch (event.kind) {
    case 'roster':
      if (state.phase !== 'advertised') throw outOfPhase(state, 'a roster');
      try {
        return await takeRoster(setup, state, event);
      } catch (error) {
        return leaveWith(state, error);
      }
    case 'vector':
      if (state.phase !== 'ready') throw outOfPhase(state, 'a vector');
      return takeVector(setup, state, event.values);
    case 'received':
      return takeDelivery(guards, setup, state, event.bytes);
    case 'resume':
      return resume(state);
    case 'give up': {
      const left = abort('E_TOO_FEW', event.reason);
      wipeParticipant(state);
      return step(Object.freeze({ phase: 'aborted' as const, reason: left.reason }), PERSIST, left);
    }
    default:
      return event satisfies never;
  }
}

async function takeDelivery(
  guards: Guards,
  setup: ParticipantSetup,
  state: SecretParticipant,
  bytes: Uint8Array,
): Promise<ParticipantStep> {
  if (!('session' in state)) throw outOfPhase(state, 'a delivery');
  const delivery = decodeDelivery(bytes, state.session);
  switch (delivery.type) {
    case 'mask/boxes':
      if (state.phase !== 'shared') throw outOfPhase(state, delivery.type);
      try {
        return await takeBoxes(setup, guards, state, delivery.boxes);
      } catch (error) {
        return leaveWith(state, error);
      }
    case 'mask/living':
      if (state.phase !== 'masked') throw outOfPhase(state, delivery.type);
      return takeLiving(setup, guards, state, delivery.living);
    case 'mask/vouchers':
      if (state.phase !== 'alive') throw outOfPhase(state, delivery.type);
      return takeVouchers(setup, guards, state, delivery.vouchers);
    case 'mask/result':
      if (state.phase !== 'masked' && state.phase !== 'alive' && state.phase !== 'unmasked') {
        throw outOfPhase(state, delivery.type);
      }
      return takeResult(setup, state, delivery);
    default:
      return delivery satisfies never;
  }
}

/** Out of order, or a second time: a question that was answered is not answered again (attack 15). */
const outOfPhase = ({ phase }: SecretParticipant, what: Delivery['type'] | string): ProtocolViolation =>
  new ProtocolViolation('E_PHASE', `${what} where the participant is ${phase}`);

/** What is wrong with a roster, or with who shared, is wrong for good. A mistake of the caller's is thrown. */
function leaveWith(state: SecretParticipant, error: unknown): ParticipantStep {
  if (!(error instanceof ProtocolViolation || error instanceof MalformedMessage)) throw error;
  const violation =
    error instanceof ProtocolViolation ? error : new ProtocolViolation('E_ROSTER', error.message, { cause: error });
  wipeParticipant(state);
  const left = abort(violation.code, violation.message);
  const next = Object.freeze({ phase: 'aborted' as const, reason: left.reason });
  return violation.evidence.length > 0
    ? step(next, PERSIST, evidenceOf([], violation), left)
    : step(next, PERSIST, left);
}

function resume(state: SecretParticipant): ParticipantStep {
  switch (state.phase) {
    case 'advertised':
      return step(state, send(TO_COORDINATOR, 'mask/advertise', state.outgoing));
    case 'shared':
      return step(state, send(TO_COORDINATOR, SHARE.type, state.outgoing));
    case 'masked':
      return step(state, send(TO_COORDINATOR, MASKED.type, state.outgoing));
    case 'alive':
      return step(state, send(TO_COORDINATOR, ALIVE.type, state.outgoing));
    case 'unmasked':
      return step(state, send(TO_COORDINATOR, UNMASK.type, state.outgoing));
    case 'ready':
      return step(state);
    case 'done':
    case 'aborted':
      throw new ParameterError(`a participant that is ${state.phase} has nothing to send`);
    default:
      return state satisfies never;
  }
}
