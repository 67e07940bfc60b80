// The door `@sumus/differential-privacy/budget`.
export { concentrated, renyi, tightest } from './accounting.ts';
export { Budget, type Limit, type PrivacyStatement } from './budget.ts';
export type {
  BudgetAccountant,
  BudgetExhausted,
  Charge,
  Chargeable,
} from './chargeable.ts';
export { type Entry, History, type HistoryHeader, type Sha256, type Spending } from './history.ts';
export { Ledger } from './ledger.ts';
