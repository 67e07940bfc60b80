// Shares become what was shared again: the coordinator's half of Shamir's scheme over GF(2^8). Whoever has t shares of one owner's
// bytes has the bytes; a wrong share gives wrong bytes, so the caller compares with a commitment before it uses them.

import { ParameterError } from '../errors.ts';
import { multiply, weightsAtZero } from './galois.ts';

export interface RevealedShare {
  /** In [1, 255]. */
  readonly point: number;
  readonly share: Uint8Array;
}

export type Combiner = (shares: readonly RevealedShare[]) => Uint8Array<ArrayBuffer>;

/** Remembers weights, because on the complete graph all owners have the same responders, and tables of products. */
export function combiner(): Combiner {
  let lastPoints = '';
  let tables: readonly Uint8Array[] = [];
  const known: Uint8Array[] = [];
  return (shares) => {
    const length = shares[0]?.share.length ?? 0;
    if (shares.length === 0 || shares.some(({ share }) => share.length !== length)) {
      throw new ParameterError(`${shares.length} shares, of different lengths or none at all, give nothing`);
    }
    const points = shares.map(({ point }) => {
      if (!Number.isInteger(point) || point < 1 || point > 255)
        throw new ParameterError(`${point} is no evaluation point`);
      return point;
    });
    const name = points.join();
    if (name !== lastPoints) {
      tables = Array.from(weightsAtZero(Uint8Array.from(points)), (weight) => (known[weight] ??= timesTable(weight)));
      lastPoints = name;
    }
    const combined = new Uint8Array(length);
    shares.forEach(({ share }, i) => {
      const times = tables[i]!;
      for (let j = 0; j < length; j++) combined[j]! ^= times[share[j]!]!;
    });
    return combined;
  };
}

const timesTable = (weight: number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, value) => multiply(weight, value));
