// What the coordinator's half of a sum is started with. It holds one key, the log's.

import type { KeyAgreement, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import type { SumAgreement, SumEngines } from '../sum.ts';

/** The same for every sum of a run. */
export interface CoordinatorSumSetup extends SumAgreement {
  readonly engines: SumEngines;
  readonly primitives: PublicPrimitives;
  /** The key of `log.logKey`. */
  readonly logSigner: Signer;
  /** mask: an X25519 key that its sharing set has revealed, because its owner is gone, made ready to agree. */
  readonly revealedKey: (bytes: Uint8Array) => Promise<KeyAgreement>;
}
