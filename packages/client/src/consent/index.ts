// The door `@sumus/client/consent`: what would leave, and a policy that allows one plan.
export { type DryRun, type DryRunSetup, dryRun, policyFor, type WouldLeave } from './consent.ts';
