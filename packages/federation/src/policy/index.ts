// The door `@sumus/federation/policy`: what a participant allows, whatever a plan says. Participants alone.
export { historyOf, type Now } from './history-of-ledger.ts';
export { type Judgement, judge, judgeRound } from './judge.ts';
export { floorsOf, type Limits, limitsOf } from './limits.ts';
export type { ParticipantHistory } from './participant-history.ts';
export { CAUTIOUS_POLICY, type DataBudget, type Hours, type MetricLimit, type Policy } from './policy.ts';
export { policyId } from './policy-identity.ts';
export { checkPolicy, policyJsonSchema } from './policy-schema.ts';
export type { Refusal, RefusalCode } from './refusal.ts';
