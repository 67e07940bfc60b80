// Where a contributor stands, and how it is stored. The only secret is the key that answers are boxed to where sums are opened to
// participants; one-time keys never outlive the step that makes them, so nothing of a vector is left to be found.

import { CanonicalReader, CanonicalWriter } from '../../canonical/index.ts';
import { SecretBytes } from '../../secret-bytes.ts';
import { contributionBytesAtMost, openingKeyBytes } from '../round/contribution.ts';
import type { OneShotParameters } from '../round/parameters.ts';
import type { OneShotRound } from '../round/round.ts';

/** X25519 and, under the hybrid suite, the seed of an X-Wing key behind it; the public keys likewise. */
export interface OpeningKey {
  readonly key: SecretBytes;
  readonly publicKey: Uint8Array;
}

interface Standing {
  /** The index of the next contribution: goes up before anything is sent, never down. */
  readonly nextIndex: number;
  readonly openingKey: OpeningKey | undefined;
}

export type ContributorState =
  | (Standing & { readonly phase: 'ready' })
  /** Sent, and not known to have arrived: the same bytes may be sent again. */
  | (Standing & { readonly phase: 'sent'; readonly contribution: Uint8Array })
  | { readonly phase: 'ended'; readonly nextIndex: number };

const PHASES = ['ready', 'sent', 'ended'] as const;
const LABEL = 'sumus/1/one-shot/contributor';

/** For storage that its owner alone reads: the opening key lies in it in the clear. Bound to the round by the context's hash. */
export function storeContributorInTheClear(round: OneShotRound, state: ContributorState): Uint8Array<ArrayBuffer> {
  const contribution = state.phase === 'sent' ? state.contribution : new Uint8Array(0);
  const openingKey = state.phase === 'ended' ? undefined : state.openingKey;
  const writer = new CanonicalWriter(256 + contribution.length)
    .name('a label', LABEL)
    .fixed('context', round.context.hash, 32)
    .u8('phase', PHASES.indexOf(state.phase))
    .u32('next index', state.nextIndex)
    .u8('has an opening key', openingKey === undefined ? 0 : 1);
  if (openingKey !== undefined) {
    openingKey.key.with((bytes) => writer.blob('opening key', bytes));
    writer.fixed('public opening key', openingKey.publicKey, openingKeyBytes(round.parameters));
  }
  return writer.blob('contribution', contribution).finish();
}

export function restoreContributor(round: OneShotRound, bytes: Uint8Array): ContributorState {
  const reader = new CanonicalReader(bytes, 'a stored contributor');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a stored contributor');
  if (reader.fixed('context', 32).some((byte, i) => byte !== round.context.hash[i])) {
    reader.refuse('E_MALFORMED', 'stored in another round');
  }
  const phase = PHASES[reader.within('phase', 1, 0, PHASES.length - 1)]!;
  const nextIndex = reader.u32('next index');
  const openingKey = reader.within('has an opening key', 1, 0, 1) === 1 ? readOpeningKey(round, reader) : undefined;
  const contribution = reader.blob('contribution', contributionBytesAtMost(round.parameters));
  reader.finish();
  switch (phase) {
    case 'ready':
      return Object.freeze({ phase, nextIndex, openingKey });
    case 'sent':
      return Object.freeze({ phase, nextIndex, openingKey, contribution });
    case 'ended':
      return Object.freeze({ phase, nextIndex });
    default:
      return phase satisfies never;
  }
}

function readOpeningKey({ parameters }: OneShotRound, reader: CanonicalReader): OpeningKey {
  const length = secretOpeningKeyBytes(parameters);
  const bytes = reader.blob('opening key', length);
  if (bytes.length !== length) reader.refuse('E_LEN', `an opening key of ${bytes.length} bytes, not ${length}`);
  const key = new SecretBytes(bytes);
  bytes.fill(0);
  return Object.freeze({ key, publicKey: reader.fixed('public opening key', openingKeyBytes(parameters)) });
}

/** X25519, and behind it the seed of X-Wing. */
export const secretOpeningKeyBytes = ({ boxes }: OneShotParameters): number => (boxes === 'hybrid' ? 64 : 32);
