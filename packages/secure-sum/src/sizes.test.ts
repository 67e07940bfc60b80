// The sizes that docs/protocol.md §9 states, and the parameters of its §6.1: what a participant sends for 1,000,000 values.

import { describe, expect, it } from 'vitest';
import { defineEncoding } from './encoding/index.ts';
import { BOX_BYTES, encodeShareBody } from './mask/bodies.ts';
import { packedBytes } from './mask/key-stream.ts';
import { completeParameters, sparseParameters } from './mask/parameters.ts';
import { answerBytesAtMost } from './one-shot/round/answers.ts';
import { contributionBytesAtMost } from './one-shot/round/contribution.ts';
import { type OneShotParameters, oneShotParameters } from './one-shot/round/parameters.ts';

const { words } = defineEncoding({
  vectorLength: 1_000_000,
  clippingNorm: 1,
  valueBits: 16,
  wordBits: 23,
  maximumContributors: 100,
});

describe('a million values', () => {
  it('are as many words when they are rotated', () => {
    expect(words).toBe(1_000_000);
  });

  it('are 2,875,000 bytes to mask, and as many shares as the sharing set has members', () => {
    expect(packedBytes(words, 23)).toBe(2_875_000);
    const shares = (sharingSet: number): number => {
      const commitment = new Uint8Array(32);
      const entries = Array.from({ length: sharingSet }, (_, i) => ({
        box: new Uint8Array(i === 0 ? 0 : BOX_BYTES),
        seed: commitment,
        key: commitment,
      }));
      return encodeShareBody({ seedCommitment: commitment, entries }).length;
    };
    expect([100, 43].map(shares)).toEqual([16_041, 6864]);
  });

  it.each<[number, number, number, OneShotParameters['boxes'], number, number]>([
    [3, 26, 19, 'x25519', 3_778_560, 3_824_808],
    [3, 26, 19, 'hybrid', 3_778_560, 3_861_864],
    [4, 19, 12, 'x25519', 2_856_960, 2_903_208],
  ])('are one contribution of one-shot: d = %i, w = %i, b = %i, boxes %s', (d, w, b, boxes, vector, whole) => {
    const parameters = oneShotParameters({
      vectorLength: words,
      maximumContributors: 100,
      minimumContributors: 64,
      wordBits: w,
      wordsPerCoefficient: d,
      valueBits: b,
      committee: { members: 32, corrupt: 10, choice: 'sampled' },
      openedTo: 'everyone',
      boxes,
    });
    expect([parameters.ciphertextBytes, contributionBytesAtMost(parameters)]).toEqual([vector, whole]);
    expect(answerBytesAtMost(parameters)).toBeLessThan(1650);
  });
});

describe('the parameters of mask', () => {
  it('are those that the document lists', () => {
    const complete = [7, 10, 100].map((members) => completeParameters(members));
    expect(complete.map(({ corrupt, threshold }) => [corrupt, threshold])).toEqual([
      [2, 5],
      [3, 7],
      [33, 67],
    ]);
    const fractions = { corruptFraction: 0.1, dropoutFraction: 0.1 };
    const sparse = [100, 1000].map((members) => sparseParameters(members, fractions));
    expect(sparse.map((one) => one && [one.neighbours, one.threshold, one.corrupt])).toEqual([
      [42, 27, 10],
      [114, 78, 40],
    ]);
  });
});
