// The door `@sumus/secure-sum/log`: an append-only log that cannot show two histories without being caught. Public.
export { decodeEntry, ENTRY_KINDS, type EntryKind, encodeEntry, type LogEntry } from './entry.ts';
export {
  advanceLogView,
  type InclusionProof,
  type LoggedEntry,
  type LogView,
  openLogView,
  refuseSplit,
  requireLogged,
} from './log-view.ts';
export {
  append,
  EMPTY_TREE,
  leafHash,
  type MerkleTree,
  nodeHash,
  proveConsistency,
  proveInclusion,
  rootOf,
  treeOf,
} from './merkle.ts';
export { type Consistency, type Inclusion, isConsistent, isIncluded } from './merkle-proofs.ts';
export {
  type Cosignature,
  cosignedBytes,
  decodeTreeHead,
  encodeTreeHead,
  headBytes,
  keptTreeHead,
  type LogTrust,
  type SignedTreeHead,
  signTreeHead,
  type TreeHead,
  type VerifiedTreeHead,
  verifyTreeHead,
  type Witness,
  withCosignatures,
  witnessQuorum,
} from './tree-head.ts';
export { decodeWitness, encodeWitness, type WitnessState, type WitnessStep, witnessHead } from './witness.ts';
