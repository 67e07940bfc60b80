// What a founding member is between two messages: secret from beginning to end. Consoles do not show it (every secret in it hides
// itself); stored-member.ts writes it in the clear, on purpose.

import type { PublicKey } from '@sumus/lattice/integers';
import type { KeyBegun, KeyShare } from '@sumus/lattice/shared-keys';
import type { PostQuantumPrimitives, SecretHybridKey } from '../boxes/index.ts';
import type { MemberId } from '../canonical/index.ts';
import type { KeyAgreement, Signer } from '../primitives.ts';
import type { SecretBytes } from '../secret-bytes.ts';
import type { SecretPrimitives } from '../secret-primitives.ts';
import type { EpochSetting } from './epoch.ts';

/** Who a member is, with what it holds outside its state. */
export interface MemberSetting extends EpochSetting {
  readonly primitives: SecretPrimitives;
  readonly memberId: MemberId;
  readonly signer: Signer;
  /** The box key that stands for it in the epoch's roster. */
  readonly boxKey: KeyAgreement;
  /** Under the hybrid suite: ML-KEM and SHA-3, and the X-Wing key that stands for it in the roster. */
  readonly hybrid?: { readonly postQuantum: PostQuantumPrimitives; readonly key: SecretHybridKey };
}

/** What all members hold in common once the dealings are in. */
export interface MadeKey {
  readonly publicKey: PublicKey;
  /** Hash of all REVEALs. */
  readonly transcript: Uint8Array;
}

/** `message`: the last one that this member signed, to be sent again after a crash. */
export type FoundingState =
  | {
      readonly phase: 'committed';
      readonly begun: KeyBegun;
      readonly nonce: SecretBytes;
      readonly message: Uint8Array;
    }
  | {
      readonly phase: 'revealed';
      readonly begun: KeyBegun;
      readonly nonce: SecretBytes;
      /** All COMMITs, in the order of numbers: what follows is a function of them. */
      readonly commitments: readonly Uint8Array[];
      readonly message: Uint8Array;
    }
  | {
      readonly phase: 'dealt';
      readonly share: KeyShare;
      readonly made: MadeKey;
      readonly nonceCommitments: readonly Uint8Array[];
      readonly message: Uint8Array;
    }
  | {
      readonly phase: 'tested';
      readonly share: KeyShare;
      readonly made: MadeKey;
      readonly challenge: Uint8Array;
      /** Records of the decryption ledger: the test was an answer. */
      readonly ledger: Uint8Array;
      readonly message: Uint8Array;
    }
  | {
      readonly phase: 'founded';
      readonly share: KeyShare;
      readonly made: MadeKey;
      readonly ledger: Uint8Array;
      readonly message: Uint8Array;
    };

/** What the coordinator hands on: lists of all members' messages, and the boxes for this one. */
export type FoundingEvent =
  | { readonly kind: 'commitments'; readonly messages: readonly Uint8Array[] }
  | { readonly kind: 'reveals'; readonly messages: readonly Uint8Array[]; readonly boxes: readonly Uint8Array[] }
  | { readonly kind: 'receipts'; readonly messages: readonly Uint8Array[] }
  | { readonly kind: 'tests'; readonly messages: readonly Uint8Array[] };
