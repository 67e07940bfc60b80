// The door `@sumus/secure-sum/boxes`: what two members say to each other past the coordinator. Secret keys: no import path from
// the coordinator comes here. The coordinator's part of a pair, the seed of a revealed key, is pair-seed.ts.
export {
  authenticate,
  BOX_OVERHEAD_BYTES,
  type ChannelInput,
  isAuthentic,
  MAC_BYTES,
  openBox,
  openChannel,
  SecretChannel,
  sealBox,
} from './channel.ts';
export {
  acceptHybridChannel,
  HYBRID_BOX_OVERHEAD_BYTES,
  type HybridPeer,
  type HybridPrimitives,
  type OwnAgreement,
  openHybridBox,
  openHybridChannel,
  sealHybridBox,
} from './hybrid-channel.ts';
export { agreeWith, type Pair, type PairMember, pairSeed } from './pair-seed.ts';
export {
  ENCAPSULATION_SEED_BYTES,
  encapsulate,
  type PostQuantumPrimitives,
  type SecretHybridKey,
  secretHybridKey,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  X_WING_SEED_BYTES,
} from './x-wing.ts';
