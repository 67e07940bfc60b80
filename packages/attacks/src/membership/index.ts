// The door `@sumus/attacks/membership`: was this example among those that a model was trained on?
export { type MembershipOutcome, type MembershipTrial, membershipTrial } from './lira.ts';
export type { RatePoint } from './rates.ts';
export type { Examples, ShadowTraining } from './shadow-model.ts';
