// The door `@sumus/secure-sum/beacon`: public randomness by commit and reveal. Public; whoever contributes holds a secret for a
// while and enters by contributor.ts.
export {
  BEACON_BODY_BYTES,
  BEACON_COMMIT,
  BEACON_REVEAL,
  type Beacon,
  CONTRIBUTION_BYTES,
  type Commitments,
  type ContributorRule,
  commitmentsEntry,
  commitmentTo,
  contributorRule,
  drawBeacon,
  encodeBeaconBody,
  gatherCommitments,
  requireContributors,
  rosterEntry,
} from './beacon.ts';
export { shuffle } from './shuffle.ts';
