// The door `@sumus/secure-sum/mask/coordinator`: the coordinator's half of mask. No import path from here reaches a secret.
export { type MaskRules, maskRules, parametersFor } from '../configuration.ts';
export {
  type Adversary,
  completeParameters,
  type Fractions,
  type MaskParameters,
  sparseParameters,
} from '../parameters.ts';
export { resumeCoordinator, startCoordinator, stepCoordinator } from './machine.ts';
export type { CoordinatorEvent, CoordinatorSetup, CoordinatorStep } from './setup.ts';
export { type CoordinatorResult, type CoordinatorState, everybodyAnswered } from './state.ts';
export { decodeCoordinator, encodeCoordinator } from './storage.ts';
