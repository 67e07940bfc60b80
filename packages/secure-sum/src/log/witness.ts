// A witness co-signs the heads of a log, each only when it continues the last one it signed. Its state is that last head; whoever
// drives it stores the next state before the signature leaves, or a restart could sign a second history.

import { CanonicalReader, CanonicalWriter, hexOf, type MemberId } from '../canonical/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { PUBLIC_KEY_BYTES, type PublicPrimitives, type Signer } from '../primitives.ts';
import { isConsistent } from './merkle-proofs.ts';
import {
  type Cosignature,
  cosignedBytes,
  decodeTreeHead,
  encodeTreeHead,
  headBytes,
  type SignedTreeHead,
  TREE_HEAD_BYTES_AT_MOST,
} from './tree-head.ts';

const LABEL = 'sumus/1/witness-state';

export interface WitnessState {
  readonly memberId: MemberId;
  readonly logKey: Uint8Array;
  /** The last head it signed; undefined before the first. */
  readonly last: SignedTreeHead | undefined;
}

export interface WitnessStep {
  /** To be stored before `cosign` is called. */
  readonly state: WitnessState;
  /** Makes the signature: deterministic, so after a crash the same head may be asked for again. */
  readonly cosign: (signer: Signer) => Promise<Cosignature>;
}

export async function witnessHead(
  primitives: PublicPrimitives,
  state: WitnessState,
  head: SignedTreeHead,
  consistency: readonly Uint8Array[],
): Promise<WitnessStep> {
  const { memberId, logKey, last } = state;
  if (hexOf(head.logKey) !== hexOf(logKey)) throw new ProtocolViolation('E_LOG', 'a head of another log');
  if (!(await primitives.ed25519.verify(logKey, headBytes(head), head.signature))) {
    throw new ProtocolViolation('E_LOG', `the head of size ${head.size} is not signed by its log`);
  }
  if (last !== undefined) {
    if (head.size === last.size && hexOf(head.root) !== hexOf(last.root)) {
      throw new ProtocolViolation('E_SPLIT', `the log signed two roots for size ${head.size}`, {
        evidence: [encodeTreeHead(last), encodeTreeHead(head)],
      });
    }
    // Which is false of a shorter head, too.
    if (!isConsistent(primitives, { earlier: last, later: head, path: consistency })) {
      throw new ProtocolViolation(
        'E_LOG',
        `size ${head.size} is not shown to continue size ${last.size}, which was signed`,
      );
    }
  }
  return {
    state: Object.freeze({ memberId, logKey, last: head }),
    cosign: async (signer) => ({ witness: memberId, signature: await signer.sign(cosignedBytes(head, memberId)) }),
  };
}

/** Public, for storing. */
export function encodeWitness({ memberId: witness, logKey, last }: WitnessState): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter()
    .name('a label', LABEL)
    .name('witness', witness)
    .fixed('log', logKey, PUBLIC_KEY_BYTES)
    .blob('last', last === undefined ? new Uint8Array(0) : encodeTreeHead(last))
    .finish();
}

export function decodeWitness(bytes: Uint8Array): WitnessState {
  const reader = new CanonicalReader(bytes, 'the state of a witness');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not the state of a witness');
  const memberId = reader.member('witness');
  const logKey = reader.fixed('log', PUBLIC_KEY_BYTES);
  const last = reader.blob('last', TREE_HEAD_BYTES_AT_MOST);
  reader.finish();
  return Object.freeze({ memberId, logKey, last: last.length === 0 ? undefined : decodeTreeHead(last) });
}
