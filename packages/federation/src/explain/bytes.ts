// What a round costs each participant on the wire, by secure-sum's own formulas: the vector exactly, the handshake of mask by the sizes of
// its keys and boxes, everything else as said. Certificates, envelopes and HTTP are not counted where a formula leaves them out.

import { BOX_OVERHEAD_BYTES } from '@sumus/secure-sum/boxes';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '@sumus/secure-sum/primitives';
import { SEMI_HONEST, thresholdParameters } from '@sumus/secure-sum/threshold';
import { sumsInPlan } from '../plan/column-sums.ts';
import type { Plan } from '../plan/plan.ts';
import { contributionsInSum, maskParametersOf, oneShotBytesOf, vectorLengthOf, wordEncodingOf } from '../plan/sums.ts';

export interface RoundBytes {
  /** Of the vector (or its ciphertext) alone, up. */
  readonly vector: number;
  /** Everything up, at most. */
  readonly up: number;
  /** The parameters that are taken over, down. */
  readonly down: number;
  /** By which formula `vector` was computed. */
  readonly by: string;
}

/** Two shares of 33 bytes, of a key and of a seed. */
const MASK_SHARES_BYTES = 2 * 33;

export function bytesOfRound(plan: Plan): RoundBytes {
  const { protection, sharing, model, exchange, deadline, encoding } = plan;
  const down = exchange.schedule === 'one-round' ? 0 : 4 * Math.ceil(sharing.download.fraction * model.parameterCount);
  const words = wordEncodingOf(plan);
  const packed = Math.ceil((words.words * words.wordBits) / 8);
  const { fewest, most } = contributionsInSum(plan);
  switch (protection.kind) {
    case 'mask': {
      const { neighbours } = maskParametersOf(plan, most);
      const handshake =
        2 * PUBLIC_KEY_BYTES +
        neighbours * (MASK_SHARES_BYTES + BOX_OVERHEAD_BYTES) +
        neighbours * MASK_SHARES_BYTES +
        4 * SIGNATURE_BYTES;
      return { vector: packed, up: packed + handshake, down, by: `${words.words} words of ${words.wordBits} bits` };
    }
    case 'one-shot': {
      const all = oneShotBytesOf(plan);
      return {
        vector: all,
        up: all,
        down,
        by: `${words.words} words of ${words.wordBits} bits in one-time ciphertexts, with ${protection.committee.members} boxes`,
      };
    }
    case 'threshold': {
      const { ciphertextsPerVector, lattice } = thresholdParameters({
        trust: SEMI_HONEST,
        members: protection.members,
        threshold: protection.threshold,
        corruptMembers: protection.corruptMembers,
        minimumContributors: fewest,
        maximumContributors: most,
        vectorLength: words.words,
        valueBits: encoding.valueBits,
        sums: sumsInPlan(plan),
        endsAtMs: deadline.endsAtMs,
      });
      const vector = Math.ceil((ciphertextsPerVector * 2 * lattice.integers.polynomialBits) / 8);
      return {
        vector,
        up: vector,
        down,
        by: `${ciphertextsPerVector} ciphertexts of degree ${lattice.integers.degree}`,
      };
    }
    case 'none': {
      if (sharing.support.kind !== 'own') {
        return { vector: packed, up: packed, down, by: `${words.words} words of ${words.wordBits} bits in clear` };
      }
      // A list of pairs: which parameter, and its word.
      const pairs = Math.ceil(sharing.upload.fraction * vectorLengthOf(plan));
      const listed = pairs * (4 + Math.ceil(encoding.valueBits / 8));
      return { vector: listed, up: listed, down, by: `${pairs} pairs of index and value in clear` };
    }
    default:
      return protection satisfies never;
  }
}
