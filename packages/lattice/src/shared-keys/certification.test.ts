import { describe, expect, it } from 'vitest';
import { ProtocolViolation } from '../errors.ts';
import { encryptVector } from '../integers/index.ts';
import { certify, requireCertified } from './certification.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { collectiveSecret, interpolate, reshareTogether, shareAmong, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { openIntegers, sharedCiphertext } from './integers.ts';
import { partialDecrypt } from './partial-decryption.ts';
import { activeSet, roster } from './roster.ts';
import { lagrangeScalars } from './shamir.ts';

describe('certification: do all shares fit?', () => {
  const challenge = new Uint8Array(32).fill(17);

  it('passes when everybody dealt rightly, also after resharing', async () => {
    const founded = await insecureFounded();
    const { epoch, publicKey, shares } = founded;
    const answers = epoch.roster.members.map((member) =>
      certify(shareAmong(shares, member), new DecryptionLedger(member), publicKey, challenge),
    );
    expect(() => requireCertified(epoch, publicKey, challenge, answers)).not.toThrow();
    expect(() => requireCertified(epoch, publicKey, challenge, answers.slice(1))).toThrow(
      /answer of member 1 is missing/,
    );
    expect(() => requireCertified(epoch, publicKey, new Uint8Array(32), answers)).toThrow(ProtocolViolation);
    const dealers = activeSet(epoch.roster, [2, 3, 5]);
    const next = reshareTogether(epoch, shares, dealers, roster([1, 2, 3, 9], 2));
    const again = next.next.roster.members.map((member) =>
      certify(shareAmong(next.shares, member), new DecryptionLedger(member), publicKey, challenge),
    );
    expect(() => requireCertified(next.next, publicKey, challenge, again)).not.toThrow();
  });

  it('fails when any one share is off by one residue, though some sets would still open', async () => {
    const founded = await insecureFounded();
    const { epoch, publicKey, shares } = founded;
    const p = shareAmong(shares, 4).reveal();
    p.residues[3] = (p.residues[3] + 1) % p.ring.moduli[0].q;
    const answers = epoch.roster.members.map((member) =>
      certify(shareAmong(shares, member), new DecryptionLedger(member), publicKey, challenge),
    );
    expect(() => requireCertified(epoch, publicKey, challenge, answers)).toThrow(/do not fit together/);
    const [ciphertext] = encryptVector(founded.lattice, publicKey, founded.integers, [1, 2, 3]).ciphertexts;
    const set = activeSet(epoch.roster, [1, 2, 3]);
    const shared = sharedCiphertext(epoch, ciphertext);
    const opened = set.members.map((member) =>
      partialDecrypt(shareAmong(shares, member), new DecryptionLedger(member).authorise(epoch, shared, set)),
    );
    expect([...openIntegers(epoch, ciphertext, set, opened).slice(0, 3)]).toEqual([1, 2, 3]);
  });

  it('fails when the errors cancel in the interpolation of all shares: the random weights see them', async () => {
    const founded = await insecureFounded();
    const { epoch, publicKey, shares } = founded;
    const { members } = epoch.roster;
    // λ_1·x + λ_2·y = 0 for x = λ_2, y = −λ_1.
    const [one, two] = [1, 2].map((member) => shareAmong(shares, member).reveal());
    const [l1, l2] = [1, 2].map((member) => lagrangeScalars(members, member, one.ring)[0].value);
    const { q } = one.ring.moduli[0];
    one.residues[9] = (one.residues[9] + l2) % q;
    two.residues[9] = (two.residues[9] + q - l1) % q;
    expect(interpolate(members.map((member) => shareAmong(shares, member))).residues).toEqual(
      collectiveSecret(founded).residues,
    );
    const answers = members.map((member) =>
      certify(shareAmong(shares, member), new DecryptionLedger(member), publicKey, challenge),
    );
    expect(() => requireCertified(epoch, publicKey, challenge, answers)).toThrow(ProtocolViolation);
  });

  it('is answered once', async () => {
    const founded = await insecureFounded();
    const ledger = new DecryptionLedger(1);
    certify(shareOf(founded, 1), ledger, founded.publicKey, challenge);
    expect(() => certify(shareOf(founded, 1), ledger, founded.publicKey, challenge)).toThrow(ProtocolViolation);
  });
});
