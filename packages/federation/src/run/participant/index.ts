// The door `@sumus/federation/participant`: a participant of a run. The round itself: ../../participant.ts.
export { outsideTheRun, stepParticipant } from './machine.ts';
export type {
  NewModel,
  Note,
  ParticipantInput,
  ParticipantInTheClear,
  ParticipantOutput,
  ParticipantSetup,
  ParticipantStep,
  RunOver,
  Standing,
  Train,
} from './setup.ts';
export { restoreParticipant, storedPiecesInTheClear, storeParticipantInTheClear } from './storage.ts';
