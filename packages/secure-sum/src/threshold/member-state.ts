// A member of a key epoch that serves: what it holds, what it promised, what it answered. The share is secret, and so are its
// answers until the result is seen; stored-member.ts writes them in the clear, on purpose. Requests are held in memory only: whoever restarts is asked again, and says the same.

import type { KeyShare } from '@sumus/lattice/shared-keys';
import type { MemberId } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import type { Trust } from '../identity/index.ts';
import type { SecretBytes } from '../secret-bytes.ts';
import type { CertifiedEpoch } from './epoch.ts';
import type { MemberSetting } from './founding-state.ts';
import type { Opening } from './opening.ts';
import type { Round } from './round.ts';

export interface ServingSetting extends MemberSetting {
  readonly epoch: CertifiedEpoch;
}

export interface Answered {
  /** The encoded ANSWER: what is sent again, the same bytes. */
  readonly message: Uint8Array;
  /** The answers themselves, unsealed, for combining: with those of the set they open the sum. Wiped and gone once the result was seen. */
  readonly own: SecretBytes | undefined;
}

export interface Loaded {
  readonly context: OpenContext;
  readonly opening: Opening;
}

export type MemberState =
  | {
      readonly phase: 'serving';
      readonly share: KeyShare;
      /** Records of the decryption ledger. */
      readonly ledger: Uint8Array;
      /** Name of a ciphertext, in hexadecimal → the statement that it was promised for. */
      readonly promises: ReadonlyMap<string, string>;
      /** By statement, in hexadecimal. */
      readonly answers: ReadonlyMap<string, Answered>;
      /** The statement that was answered and whose result this member has not seen; nothing else is promised meanwhile. */
      readonly awaited: string | undefined;
      /** Not stored. */
      readonly loaded: ReadonlyMap<string, Loaded>;
    }
  /** The noise of a result was too large: somebody may know the key. */
  | { readonly phase: 'burnt'; readonly ledger: Uint8Array }
  | { readonly phase: 'ended'; readonly ledger: Uint8Array };

export interface OpenedSum {
  readonly statement: Uint8Array;
  readonly contributors: readonly MemberId[];
  readonly sum: Int32Array;
}

/** `trust`: what the member pins and knows at this moment; its nowMs is the time. */
export type MemberEvent =
  | { readonly kind: 'request'; readonly round: Round; readonly bytes: Uint8Array; readonly trust: Trust }
  /** t PROMISEs. */
  | { readonly kind: 'certificate'; readonly messages: readonly Uint8Array[]; readonly trust: Trust }
  /** t ANSWERs. */
  | { readonly kind: 'answers'; readonly messages: readonly Uint8Array[] }
  | { readonly kind: 'alarm'; readonly context: OpenContext; readonly bytes: Uint8Array }
  /** By the member's own operator, never by the coordinator: an awaited result will not come. */
  | { readonly kind: 'write off'; readonly statement: Uint8Array }
  | { readonly kind: 'end'; readonly nowMs: number };
