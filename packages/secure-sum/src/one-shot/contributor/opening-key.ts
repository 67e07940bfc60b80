// The key that the committee's answers are boxed to, where sums are opened to participants. Secret.

import { type SecretHybridKey, secretHybridKey } from '../../boxes/index.ts';
import { ParameterError } from '../../errors.ts';
import { type KeyAgreement, PUBLIC_KEY_BYTES } from '../../primitives.ts';
import { SecretBytes } from '../../secret-bytes.ts';
import { agreementOf, freshSecretBytes, type SecretKey } from '../../secret-primitives.ts';
import { openingKeyBytes } from '../round/contribution.ts';
import type { OneShotParameters } from '../round/parameters.ts';
import { type OpeningKey, secretOpeningKeyBytes } from './contributor-state.ts';
import type { ContributorTools } from './tools.ts';

export async function freshOpeningKey(tools: ContributorTools, parameters: OneShotParameters): Promise<OpeningKey> {
  const bytes = freshSecretBytes(tools.primitives, secretOpeningKeyBytes(parameters));
  const key = new SecretBytes(bytes);
  bytes.fill(0);
  const publicKey = new Uint8Array(openingKeyBytes(parameters));
  const held = await holdOpeningKey(tools, key);
  publicKey.set(held.key.publicKey);
  if (held.hybridKey !== undefined) publicKey.set(held.hybridKey.publicKey, PUBLIC_KEY_BYTES);
  held.wipe();
  return Object.freeze({ key, publicKey });
}

export interface HeldOpeningKey {
  readonly key: KeyAgreement;
  readonly hybridKey: SecretHybridKey | undefined;
  wipe(): void;
}

/** For as long as boxes are opened. */
export async function holdOpeningKey(
  { primitives, postQuantum }: ContributorTools,
  secret: SecretBytes,
): Promise<HeldOpeningKey> {
  const bytes = secret.exposeInTheClear();
  try {
    const own: SecretKey<'x25519'> = primitives.secretKeys.fromBytes('x25519', bytes.subarray(0, 32));
    const key = await agreementOf(primitives, own);
    if (bytes.length === 32) return { key, hybridKey: undefined, wipe: () => own.wipe() };
    if (postQuantum === undefined) throw new ParameterError('the suite of this round needs post-quantum primitives');
    const hybridKey = await secretHybridKey(primitives, postQuantum, bytes.subarray(32));
    return {
      key,
      hybridKey,
      wipe: () => {
        own.wipe();
        hybridKey.wipe();
      },
    };
  } finally {
    bytes.fill(0);
  }
}
