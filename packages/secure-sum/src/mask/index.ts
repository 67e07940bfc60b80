// The door `@sumus/secure-sum/mask`: the participant's half of mask. Secret keys: no import path from the coordinator comes here.

import { GUARDS } from './participant/guards.ts';
import { type MaskParticipant, participantWith } from './participant/machine.ts';

export { type MaskRules, maskRules, parametersFor } from './configuration.ts';
export {
  type Adversary,
  completeParameters,
  corruptInSharingSet,
  type Fractions,
  type MaskParameters,
  sparseParameters,
} from './parameters.ts';
export type { MaskParticipant } from './participant/machine.ts';
export type {
  ParticipantEvent,
  ParticipantResult,
  ParticipantSetup,
  ParticipantStep,
} from './participant/setup.ts';
export { type SecretParticipant, wipeParticipant } from './participant/state.ts';
export { decodeParticipant, encodeParticipantInTheClear } from './participant/storage.ts';

/** The participant's machine, with all its guards. */
export const maskParticipant: MaskParticipant = participantWith(GUARDS);
