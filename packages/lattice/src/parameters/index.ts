// The door `@sumus/lattice/parameters`.
export { type CkksLiteral, type CkksParameters, ckksParameters, insecureCkksParameters } from './ckks-parameters.ts';
export { CKKS_PRESETS, type CkksPresetName, ckksPreset } from './ckks-presets.ts';
export { CENTRED_BINOMIAL_21, type Distribution, stddevOf, TERNARY } from './distributions.ts';
export { parameterId } from './identity.ts';
export type { Scale } from './scale.ts';
export { requireSecure, securityLimitBits } from './security.ts';
