// The door `@sumus/secure-sum/roster`: who takes part in a round. Public; the coordinator enters too.
export {
  ADVERTISE,
  ADVERTISE_BODY_BYTES_AT_MOST,
  type AdvertisementBody,
  advertise,
  decodeAdvertisement,
  encodeAdvertisement,
} from './advertisement.ts';
export {
  type CertifiedDirectory,
  certifiedDirectory,
  type Directory,
  isListed,
  type ListedDirectory,
  type ListingProof,
  listedDirectory,
  proveListing,
  requireContributor,
} from './directory.ts';
export { requireHybridKey, X_WING_PUBLIC_KEY_BYTES } from './hybrid-key.ts';
export {
  decodeEntry,
  decodeRoster,
  type EntryProof,
  encodeEntry,
  encodeRoster,
  isEntryOf,
  type ListedMember,
  MEMBERS_AT_MOST,
  proveEntry,
  type Roster,
  type RosterEntry,
  type RosterMember,
  requireOwnEntry,
  rosterOf,
  vouchFor,
} from './roster.ts';
export { requireRoundKey } from './round-key.ts';
