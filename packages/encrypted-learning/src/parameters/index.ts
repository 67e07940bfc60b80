// The door `@sumus/encrypted-learning/parameters`: which parameters a circuit needs, and the plan that says what it will cost.

export { ParameterError } from '../errors.ts';
export { type CircuitSource, planFor, type Requirements } from './choose.ts';
export { explain } from './explain.ts';
export { type Cost, ciphertextBytes, type KeysNeeded, type Plan, type PlanOptions, plan } from './plan.ts';
