// The door `@sumus/lattice/parameters`: the checked parameter sets of every scheme, without the schemes' own functions.
export { ParameterError } from '../errors.ts';
export type { LatticePrimitives } from '../lattice.ts';
export { type SharedCkksLiteral, type SharedCkksParameters, sharedCkksParameters } from '../shared-keys/ckks.ts';
export {
  insecureSharedIntegerParameters,
  type SharedIntegerLiteral,
  type SharedIntegerParameters,
  sharedIntegerParameters,
} from '../shared-keys/integers.ts';
export type { SharedKeyParameters } from '../shared-keys/parameters.ts';
export { type CkksLiteral, type CkksParameters, ckksParameters, insecureCkksParameters } from './ckks-parameters.ts';
export { CKKS_PRESETS, type CkksPresetName, ckksPreset } from './ckks-presets.ts';
export { CENTRED_BINOMIAL_21, type Distribution, stddevOf, TERNARY } from './distributions.ts';
export { parameterId } from './identity.ts';
export { fewestByteIntegerParameters, type IntegerRequest, vectorBytes } from './integer-choice.ts';
export type { IntegerPlaintext } from './integer-layout.ts';
export {
  type IntegerLiteral,
  type IntegerParameters,
  insecureIntegerParameters,
  integerParameters,
} from './integer-parameters.ts';
export {
  type Committee,
  capacityBits,
  insecureOneTimeParameters,
  type OneTimeLiteral,
  type OneTimeParameters,
  oneTimeParameters,
} from './one-time-parameters.ts';
export type { Scale } from './scale.ts';
export { requireSecure, securityLimitBits } from './security.ts';
