// What a coordinator of mask is started with, what happens to it, and what it ends with. It holds no key of its own.

import type { Beacon } from '../../beacon/index.ts';
import type { RoundConfiguration } from '../../context/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { Trust } from '../../identity/index.ts';
import type { Step } from '../../machine/outputs.ts';
import type { KeyAgreement, PublicPrimitives } from '../../primitives.ts';
import type { CoordinatorResult, CoordinatorState } from './state.ts';

export interface CoordinatorSetup {
  readonly engine: Engine;
  readonly primitives: PublicPrimitives;
  readonly configuration: RoundConfiguration;
  readonly trust: Trust;
  /** An X25519 key that its sharing set has revealed, because its owner is gone: 32 bytes, made ready to agree. */
  readonly revealedKey: (bytes: Uint8Array) => Promise<KeyAgreement>;
}

export type CoordinatorEvent =
  /** Bytes from a member. */
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /** The phase is over: everybody answered (everybodyAnswered), or its time is up. */
  | { readonly kind: 'close' }
  /** The roster is in the log, and the beacon was drawn for it. */
  | { readonly kind: 'beacon'; readonly beacon: Beacon };

export type CoordinatorStep = Step<CoordinatorState, CoordinatorResult>;
