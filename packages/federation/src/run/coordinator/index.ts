// The coordinator of a run, behind the door `@sumus/federation/coordinator`.
export { advance, createRun, type RunToCreate } from './machine.ts';
export { foldAll, restoreRun } from './restore.ts';
export type {
  CoordinatorInput,
  CoordinatorOutput,
  CoordinatorSetup,
  CoordinatorStep,
  ReadBlob,
  RunCoordinator,
  RunSend,
} from './setup.ts';
