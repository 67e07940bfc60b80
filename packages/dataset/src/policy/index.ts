// The door of src/policy: what is to be done to a table, as one JSON value.
export { nameOfModel, type PrivacyModel } from '../models/model.ts';
export {
  type ColumnPolicy,
  defaults,
  type HierarchyChoice,
  type IdentifyingColumn,
  type Method,
  type OtherColumn,
  type Policy,
  type QuasiIdentifyingColumn,
  type Role,
  roles,
  type Tails,
} from './policy.ts';
export { checkedPolicy, policyFromJson } from './read.ts';
