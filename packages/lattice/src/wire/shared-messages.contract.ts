// Test material: the messages of a shared key.

import { ckksContext } from '../ckks/context.ts';
import type { Lattice } from '../lattice.ts';
import type { KeyEpoch } from '../shared-keys/epoch.ts';
import { KeyShare } from '../shared-keys/key-share.ts';
import type { SwitchAnswer } from '../shared-keys/key-switching.ts';
import type { Commitment, Contribution, Dealing, PairSeed } from '../shared-keys/messages.ts';
import type { SharedKeyParameters } from '../shared-keys/parameters.ts';
import type { PartialDecryption } from '../shared-keys/partial-decryption.ts';
import type { RefreshAnswer } from '../shared-keys/refreshing.ts';
import { roster } from '../shared-keys/roster.ts';
import { bytesOf, CKKS, type MessageCase, messageCase, type Uniform } from './message-case.contract.ts';
import { dataRing, wholeRing } from './parameter-set.ts';
import * as secrets from './secrets.ts';
import * as shared from './shared-keys.ts';

/** The epoch of a shared key, as far as the codecs look at it; its scheme has digits, so that every step exists. */
export function sharedEpoch(lattice: Lattice): KeyEpoch {
  const holders = roster([1, 2, 7], 2);
  const parameters = {
    scheme: CKKS,
    roster: holders,
    opening: { primes: 4 },
    description: `test of a shared key; ${CKKS.description}`,
  } as unknown as SharedKeyParameters;
  const run = bytesOf(200);
  return {
    lattice,
    parameters,
    roster: holders,
    run,
    ring: wholeRing(lattice, CKKS),
    dataRing: dataRing(lattice, CKKS),
  };
}

export function sharedCases(lattice: Lattice, uniform: Uniform): MessageCase[] {
  const epoch = sharedEpoch(lattice);
  const { run, ring, dataRing: data } = epoch;
  const digest = bytesOf(33);
  const prefix = ckksContext(lattice, CKKS).level(1).ring;
  const sender = { run, from: 7 };
  const pairKeys = new Map([
    [1, bytesOf(10)],
    [7, bytesOf(50)],
  ]);
  return [
    messageCase<Commitment>(
      'a commitment to a share of a rotation key',
      'commitment',
      { kind: 'commitment', ...sender, step: 'rotation 5', digest },
      (value, trace) => shared.encodeCommitment(epoch, value, trace),
      (bytes) => shared.decodeCommitment(epoch, bytes),
    ),
    messageCase<Contribution>(
      'a contribution to the public key',
      'contribution',
      { kind: 'contribution', ...sender, step: 'public key', polynomials: [uniform(data, 50)] },
      (value, trace) => shared.encodeContribution(epoch, value, trace),
      (bytes) => shared.decodeContribution(epoch, bytes),
    ),
    messageCase<Contribution>(
      'a contribution to relinearisation',
      'contribution',
      {
        kind: 'contribution',
        ...sender,
        step: 'relinearisation 2',
        polynomials: [0, 1, 2, 3].map((i) => uniform(ring, 51 + i)),
      },
      (value, trace) => shared.encodeContribution(epoch, value, trace),
      (bytes) => shared.decodeContribution(epoch, bytes),
    ),
    messageCase<PartialDecryption>(
      'a partial decryption',
      'partial decryption',
      { kind: 'partial decryption', ...sender, context: digest, answer: uniform(prefix, 56) },
      (value, trace) => shared.encodePartialDecryption(epoch, value, trace),
      (bytes) => shared.decodePartialDecryption(epoch, bytes),
    ),
    messageCase<SwitchAnswer>(
      'an answer for a receiver',
      'switch answer',
      { kind: 'switch answer', ...sender, context: digest, h0: uniform(prefix, 57), h1: uniform(prefix, 58) },
      (value, trace) => shared.encodeSwitchAnswer(epoch, value, trace),
      (bytes) => shared.decodeSwitchAnswer(epoch, bytes),
    ),
    messageCase<RefreshAnswer>(
      'an answer to a refresh',
      'refresh answer',
      { kind: 'refresh answer', ...sender, context: digest, h0: uniform(prefix, 63), h1: uniform(epoch.dataRing, 64) },
      (value, trace) => shared.encodeRefreshAnswer(epoch, value, trace),
      (bytes) => shared.decodeRefreshAnswer(epoch, bytes),
    ),
    messageCase<Dealing>(
      'a dealing',
      'dealing',
      { kind: 'dealing', ...sender, to: 2, share: uniform(ring, 59) },
      (value, trace) => secrets.encodeDealingInTheClear(epoch, value, trace),
      (bytes) => secrets.decodeDealing(epoch, bytes),
    ),
    messageCase<PairSeed>(
      'a pair seed',
      'pair seed',
      { kind: 'pair seed', ...sender, to: 1, seed: bytesOf(77) },
      (value, trace) => secrets.encodePairSeedInTheClear(epoch, value, trace),
      (bytes) => secrets.decodePairSeed(epoch, bytes),
    ),
    messageCase(
      "a member's key share",
      'key share',
      new KeyShare(epoch, 2, uniform(ring, 60), pairKeys),
      (value, trace) => secrets.encodeKeyShareInTheClear(value, trace),
      (bytes) => secrets.decodeKeyShare(epoch, bytes),
    ),
  ];
}
