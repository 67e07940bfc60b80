// The door `@sumus/differential-privacy/budget`.
export { Budget, type Limit, type PrivacyStatement } from './budget.ts';
export { canonicalJson } from './canonical-json.ts';
export type {
  BudgetAccountant,
  BudgetExhausted,
  Charge,
  Chargeable,
} from './chargeable.ts';
export { type Entry, History, type HistoryHeader, type Sha256, type Spending } from './history.ts';
