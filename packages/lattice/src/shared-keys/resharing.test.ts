import { beforeAll, describe, expect, it } from 'vitest';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { encryptVector, type IntegerCiphertext } from '../integers/index.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { foundEpoch, type KeyEpoch } from './epoch.ts';
import {
  collectiveSecret,
  type Founded,
  found,
  interpolate,
  reshareTogether,
  shareAmong,
  shareOf,
} from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { openIntegers, type SharedIntegerParameters, sharedCiphertext } from './integers.ts';
import { KeyShare } from './key-share.ts';
import { partialDecrypt } from './partial-decryption.ts';
import { beginReshare, dealReshare, finishReshare, reshareEpoch } from './resharing.ts';
import { activeSet, roster } from './roster.ts';

function open(
  epoch: KeyEpoch,
  shares: ReadonlyMap<number, KeyShare>,
  ciphertext: IntegerCiphertext,
  members: readonly number[],
): number[] {
  const set = activeSet(epoch.roster, members);
  const shared = sharedCiphertext(epoch, ciphertext);
  const answers = set.members.map((member) =>
    partialDecrypt(shareAmong(shares, member), new DecryptionLedger(member).authorise(epoch, shared, set)),
  );
  return [...openIntegers(epoch, ciphertext, set, answers).slice(0, 3)];
}

describe('new holders for the same key', () => {
  let founded: Founded & SharedIntegerParameters;
  beforeAll(async () => {
    founded = await insecureFounded();
  });

  const encrypted = (numbers: readonly number[]): IntegerCiphertext =>
    encryptVector(founded.lattice, founded.publicKey, founded.integers, numbers).ciphertexts[0];

  it('a member leaves: the others open old and new ciphertexts, with any t of them', () => {
    const old = encrypted([1, 2, 3]);
    const dealers = activeSet(founded.epoch.roster, [1, 2, 4]);
    const { next, shares } = reshareTogether(founded.epoch, founded.shares, dealers, roster([1, 2, 3, 4], 3));
    expect(open(next, shares, old, [1, 3, 4])).toEqual([1, 2, 3]);
    expect(open(next, shares, encrypted([4, 5, 6]), [2, 3, 4])).toEqual([4, 5, 6]);
  });

  it('members join, numbers and threshold change, and so on for several epochs', () => {
    const dealers = activeSet(founded.epoch.roster, [3, 4, 5]);
    const one = reshareTogether(founded.epoch, founded.shares, dealers, roster([3, 4, 10, 11, 12, 13], 5));
    expect(open(one.next, one.shares, encrypted([7, 8, 9]), [3, 10, 11, 12, 13])).toEqual([7, 8, 9]);
    const again = activeSet(one.next.roster, [4, 10, 11, 12, 13]);
    const two = reshareTogether(one.next, one.shares, again, roster([20, 21], 2));
    expect(open(two.next, two.shares, encrypted([-7, 0, 1]), [20, 21])).toEqual([-7, 0, 1]);
    expect(one.next.run).not.toEqual(founded.epoch.run);
    expect(two.next.run).not.toEqual(one.next.run);
  });

  it("the leaver's share is useless with new ones: the secret comes from t shares of one epoch, never from a mixture", () => {
    const dealers = activeSet(founded.epoch.roster, [1, 2, 4]);
    const { shares } = reshareTogether(founded.epoch, founded.shares, dealers, roster([1, 2, 3, 4], 3));
    const secret = collectiveSecret(founded).residues;
    expect(interpolate([1, 2, 3].map((member) => shareAmong(shares, member))).residues).toEqual(secret);
    expect(interpolate([1, 2, 5].map((member) => shareOf(founded, member))).residues).toEqual(secret);
    for (const olds of [[5], [3, 5], [4, 5]]) {
      const news = [1, 2, 3, 4].filter((member) => !olds.includes(member)).slice(0, 3 - olds.length);
      const mixture = [
        ...olds.map((member) => shareOf(founded, member)),
        ...news.map((member) => shareAmong(shares, member)),
      ];
      expect(interpolate(mixture).residues).not.toEqual(secret);
    }
  });

  it('a repeated dealing is the same dealing; to another epoch it is another', () => {
    const { epoch } = founded;
    const dealers = activeSet(epoch.roster, [1, 2, 4]);
    const next = reshareEpoch(epoch, dealers, roster([1, 2, 3], 2));
    const deal = (to: KeyEpoch): Uint32Array[] =>
      dealReshare(shareOf(founded, 1), dealers, to).map(({ share }) => share.residues);
    expect(deal(next)).toEqual(deal(next));
    expect(deal(reshareEpoch(epoch, dealers, roster([1, 2, 6], 2)))[0]).not.toEqual(deal(next)[0]);
  });

  it('a new key opens nothing of the old one, and the other way round', async () => {
    const renewed = found(foundEpoch(founded.lattice, founded.key, new Uint8Array(32).fill(99)));
    const old = encrypted([1, 2, 3]);
    const [fresh] = encryptVector(founded.lattice, renewed.publicKey, founded.integers, [1, 2, 3]).ciphertexts;
    expect(() => open(renewed.epoch, renewed.shares, old, [1, 2, 3])).toThrow(ProtocolViolation);
    expect(() => open(founded.epoch, founded.shares, fresh, [1, 2, 3])).toThrow(ProtocolViolation);
    expect(open(renewed.epoch, renewed.shares, fresh, [1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('what was answered for stays answered for: the ledger goes along', () => {
    const ciphertext = encrypted([1]);
    const { epoch } = founded;
    const shared = sharedCiphertext(epoch, ciphertext);
    const ledger = new DecryptionLedger(1);
    ledger.authorise(epoch, shared, activeSet(epoch.roster, [1, 2, 3]));
    const dealers = activeSet(epoch.roster, [1, 2, 4]);
    const { next } = reshareTogether(epoch, founded.shares, dealers, roster([1, 6, 7], 2));
    const joined = new DecryptionLedger(6);
    joined.include(ledger.toBytes());
    for (const kept of [ledger, joined]) {
      expect(() => kept.authorise(next, shared, activeSet(next.roster, [1, 6]))).toThrow(ProtocolViolation);
    }
  });

  it('refuses more answers than the key has room for, dealers of another epoch, and who is no dealer or member', async () => {
    const { epoch, shares } = founded;
    const dealers = activeSet(epoch.roster, [1, 2, 4]);
    expect(() => reshareEpoch(epoch, dealers, roster([1, 2, 3, 4, 5, 6, 7], 6))).toThrow(
      /6 answers: this key has room for the flooding of 5/,
    );
    const other = await insecureFounded({ members: [1, 2, 4, 6] }, 8);
    expect(() => reshareEpoch(other.epoch, dealers, roster([1, 2], 2))).toThrow(ParameterError);
    const next = reshareEpoch(epoch, dealers, roster([1, 2], 2));
    expect(() => dealReshare(shareAmong(shares, 3), dealers, next)).toThrow(/3 is not one of the members 1, 2, 4/);
    expect(() => beginReshare(next, 4)).toThrow(ParameterError);
    const elsewhere = reshareEpoch(epoch, activeSet(epoch.roster, [1, 2, 3]), roster([1, 2], 2));
    expect(() => dealReshare(shareAmong(shares, 1), dealers, elsewhere)).toThrow(/does not follow/);
  });

  it('refuses dealings that are missing, doubled or of another resharing', () => {
    const { epoch, shares } = founded;
    const dealers = activeSet(epoch.roster, [1, 2, 4]);
    const next = reshareEpoch(epoch, dealers, roster([1, 2], 2));
    const dealings = dealers.members.flatMap((member) => dealReshare(shareAmong(shares, member), dealers, next));
    const [one, two] = [1, 2].map((member) => beginReshare(next, member));
    const mine = dealings.filter(({ to }) => to === 1);
    const seeds = two.pairSeeds;
    expect(() => finishReshare(one.state, dealers, mine.slice(1), seeds)).toThrow(/dealing of member 1 is missing/);
    expect(() => finishReshare(one.state, dealers, [...mine, mine[0]], seeds)).toThrow(/two messages/);
    expect(() => finishReshare(one.state, dealers, mine, [])).toThrow(/pair seed of member 2 is missing/);
    const again = dealers.members.flatMap((member) => dealReshare(shareAmong(shares, member), dealers, next));
    expect(again.length).toBe(6);
    expect(finishReshare(one.state, dealers, mine, seeds)).toBeInstanceOf(KeyShare);
  });
});
