// The whole life of a key at its real size: N = 8192, seven primes of just under 30 bits, 128-bit security, 40 statistical bits.

import { expect, it } from 'vitest';
import { addVectors, encryptVector } from '../integers/index.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { PRIME_BOUND, primesBelow } from '../ring/primes.ts';
import { certify, requireCertified } from './certification.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { foundEpoch, type KeyEpoch } from './epoch.ts';
import { found, reshareTogether, shareAmong } from './founding.contract.ts';
import { authoriseVector, openVector, partialDecryptVector, sharedIntegerParameters } from './integers.ts';
import type { KeyShare } from './key-share.ts';
import { activeSet, roster } from './roster.ts';

it('five parties found a key, add up vectors, two are absent and the sum is right; one leaves, two join, and it is right again', async () => {
  const lattice = await reproducibleLattice(11);
  const { integers, key } = sharedIntegerParameters({
    integers: {
      degree: 8192,
      primes: primesBelow(PRIME_BOUND, 7, 8192),
      plaintext: { kind: 'lanes', valueBits: 16, signed: true },
      additions: 10,
    },
    members: [1, 2, 3, 4, 5],
    threshold: 3,
    decryptions: 300,
  });
  // Lanes of 20 bits; seven fit above the flooding for 900 results: 57,344 values to a ciphertext.
  expect(integers.valuesPerCiphertext).toBe(7 * 8192);
  expect(integers.secure).toBe(true);
  const founded = found(foundEpoch(lattice, key, new Uint8Array(32).fill(5)));
  const { epoch, publicKey, shares } = founded;
  for (const secret of founded.secrets) secret.wipe();
  const ledgers = new Map(Array.from({ length: 9 }, (_, i) => [i + 1, new DecryptionLedger(i + 1)]));
  const ledgerOf = (member: number): DecryptionLedger => {
    const ledger = ledgers.get(member);
    if (ledger === undefined) throw new Error(`no ledger of ${member}`);
    return ledger;
  };

  const challenge = new Uint8Array(32).fill(6);
  const certificates = epoch.roster.members.map((member) =>
    certify(shareAmong(shares, member), ledgerOf(member), publicKey, challenge),
  );
  requireCertified(epoch, publicKey, challenge, certificates);

  const length = 60_000;
  const vectors = epoch.roster.members.map((member) =>
    Float64Array.from({ length }, (_, i) => ((i * (2 * member + 1)) % 65535) - 32767),
  );
  const expected = Float64Array.from({ length }, (_, i) => vectors.reduce((sum, vector) => sum + vector[i], 0));

  const openedBy = (at: KeyEpoch, held: ReadonlyMap<number, KeyShare>, members: readonly number[]): Float64Array => {
    const encrypted = vectors.map((vector) => encryptVector(lattice, publicKey, integers, vector));
    const [first, ...rest] = encrypted;
    const sum = rest.reduce((total, next) => addVectors(lattice, total, next), first);
    const set = activeSet(at.roster, members);
    const answers = set.members.map((member) =>
      partialDecryptVector(shareAmong(held, member), authoriseVector(ledgerOf(member), at, sum, set, encrypted)),
    );
    return openVector(at, sum, set, answers);
  };

  expect(openedBy(epoch, shares, [1, 3, 4])).toEqual(expected);

  const dealers = activeSet(epoch.roster, [1, 3, 4]);
  const later = reshareTogether(epoch, shares, dealers, roster([1, 3, 4, 8, 9], 4));
  for (const share of shares.values()) share.wipe();
  expect(openedBy(later.next, later.shares, [3, 4, 8, 9])).toEqual(expected);
});
