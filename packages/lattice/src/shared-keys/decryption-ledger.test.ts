import { beforeAll, describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { addVectors, encryptVector } from '../integers/index.ts';
import { activeSetStatement, type SharedCiphertext } from './ciphertext.ts';
import { DecryptionLedger, DecryptionToken } from './decryption-ledger.ts';
import { type Founded, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { authoriseVector, type SharedIntegerParameters, sharedCiphertext } from './integers.ts';
import { switchToReceiver } from './key-switching.ts';
import { partialDecrypt } from './partial-decryption.ts';
import { activeSet } from './roster.ts';

describe('one answer per ciphertext, ever', () => {
  let founded: Founded & SharedIntegerParameters;
  beforeAll(async () => {
    founded = await insecureFounded({ decryptions: 6 });
  });

  const fresh = (...numbers: number[]): SharedCiphertext => {
    const { lattice, publicKey, integers, epoch } = founded;
    const [ciphertext] = encryptVector(lattice, publicKey, integers, numbers).ciphertexts;
    return sharedCiphertext(epoch, ciphertext);
  };

  it('a token is used once, by the member it was issued to, in its epoch, for what it is for', async () => {
    const { epoch } = founded;
    const set = activeSet(epoch.roster, [1, 2, 3]);
    const token = new DecryptionLedger(1).authorise(epoch, fresh(1), set);
    expect(() => partialDecrypt(shareOf(founded, 2), token)).toThrow(/issued to member 1, the share is member 2's/);
    partialDecrypt(shareOf(founded, 1), token);
    expect(() => partialDecrypt(shareOf(founded, 1), token)).toThrow(ProtocolViolation);
    expect(() => switchToReceiver(shareOf(founded, 1), token, founded.publicKey)).toThrow(ProtocolViolation);
    const other = await insecureFounded({ decryptions: 6 }, 8);
    const foreign = new DecryptionLedger(1).authorise(epoch, fresh(1), set);
    expect(() => partialDecrypt(shareOf(other, 1), foreign)).toThrow(/another epoch/);
    const certifying = new DecryptionLedger(1).authoriseCertification(epoch, fresh(1));
    expect(() => partialDecrypt(shareOf(founded, 1), certifying)).toThrow(/is for certification/);
    expect(() => JSON.stringify(token)).toThrow(ParameterError);
    // Nobody makes a token by hand.
    const forge = (): unknown => Reflect.construct(DecryptionToken, [Symbol('decryption ledger'), token]);
    expect(forge).toThrow(ParameterError);
  });

  it('a second request is refused: the same set, another set, switching, a certification; also after a restart', () => {
    const { epoch } = founded;
    const ciphertext = fresh(1);
    const ledger = new DecryptionLedger(1);
    const { record } = ledger.authorise(epoch, ciphertext, activeSet(epoch.roster, [1, 2, 3]));
    const restarted = new DecryptionLedger(1);
    restarted.include(record);
    for (const kept of [ledger, restarted]) {
      for (const members of [
        [1, 2, 3],
        [1, 4, 5],
      ]) {
        expect(() => kept.authorise(epoch, ciphertext, activeSet(epoch.roster, members))).toThrow(
          /answered for ciphertext [0-9a-f]{16}… before/,
        );
      }
      expect(() => kept.authoriseCertification(epoch, ciphertext)).toThrow(ProtocolViolation);
      // The answer depends on c1 alone: another c0 is the same question.
      const disguised = { c0: fresh(2).c0, c1: ciphertext.c1 };
      expect(() => kept.authorise(epoch, disguised, activeSet(epoch.roster, [1, 2, 3]))).toThrow(ProtocolViolation);
      expect(kept.results).toBe(1);
    }
    expect(restarted.toBytes()).toEqual(ledger.toBytes());
  });

  it('sums that overlap are refused, and sums that are not what they are said to be', () => {
    const { lattice, publicKey, integers, epoch } = founded;
    const [a, b, c] = [1, 2, 3].map((x) => encryptVector(lattice, publicKey, integers, [x]));
    const set = activeSet(epoch.roster, [1, 2, 3]);
    const ledger = new DecryptionLedger(1);
    authoriseVector(ledger, epoch, addVectors(lattice, a, b), set, [a, b]);
    const before = ledger.toBytes();
    expect(() => authoriseVector(ledger, epoch, addVectors(lattice, b, c), set, [b, c])).toThrow(ProtocolViolation);
    expect(() => authoriseVector(ledger, epoch, a, set)).toThrow(ProtocolViolation);
    expect(() => authoriseVector(ledger, epoch, addVectors(lattice, c, c), set, [c, c])).toThrow(/in the sum twice/);
    expect(() => authoriseVector(ledger, epoch, addVectors(lattice, a, c), set, [c])).toThrow(/not the sum/);
    expect(() => authoriseVector(ledger, epoch, addVectors(lattice, a, b), set, [a, b])).toThrow(ProtocolViolation);
    expect(ledger.toBytes()).toEqual(before);
    authoriseVector(ledger, epoch, c, set, [c]);
    expect(ledger.results).toBe(2);
  });

  it('a vector is authorised whole or not at all', () => {
    const { lattice, publicKey, integers, epoch } = founded;
    const long = new Array<number>(2 * integers.valuesPerCiphertext).fill(5);
    const vector = encryptVector(lattice, publicKey, integers, long);
    const set = activeSet(epoch.roster, [1, 2, 3]);
    const ledger = new DecryptionLedger(2);
    ledger.authorise(epoch, sharedCiphertext(epoch, vector.ciphertexts[1]), set);
    const before = ledger.toBytes();
    expect(() => authoriseVector(ledger, epoch, vector, set)).toThrow(ProtocolViolation);
    expect(ledger.toBytes()).toEqual(before);
    const twice = { ...vector, ciphertexts: [vector.ciphertexts[0], vector.ciphertexts[0]] };
    expect(() => authoriseVector(ledger, epoch, twice, set)).toThrow(ProtocolViolation);
    expect(ledger.toBytes()).toEqual(before);
    const other = encryptVector(lattice, publicKey, integers, long);
    const { tokens, record } = authoriseVector(ledger, epoch, other, set);
    expect(tokens.length).toBe(2);
    expect(record.length).toBe(66);
  });

  it('a key opens as many results as its flooding is made for, over restarts, and no more', () => {
    const { epoch } = founded;
    const set = activeSet(epoch.roster, [1, 2, 3]);
    let ledger = new DecryptionLedger(1);
    for (let i = 0; i < 6; i++) {
      ledger.authorise(epoch, fresh(i), set);
      const next = new DecryptionLedger(1);
      next.include(ledger.toBytes());
      ledger = next;
    }
    expect(() => ledger.authorise(epoch, fresh(7), set)).toThrow(/has opened 6 results/);
  });

  it('sets of another epoch, sets without this member, and made-up sets are refused', async () => {
    const { epoch } = founded;
    const other = await insecureFounded({ decryptions: 6 }, 8);
    const ledger = new DecryptionLedger(1);
    expect(() => ledger.authorise(epoch, fresh(1), activeSet(other.epoch.roster, [1, 2, 3]))).toThrow(/another epoch/);
    expect(() => ledger.authorise(epoch, fresh(1), activeSet(epoch.roster, [2, 3, 4]))).toThrow(/1 is not one of/);
    expect(() => ledger.authorise(epoch, fresh(1), { roster: epoch.roster, members: [1, 2] })).toThrow(
      /2 members answer/,
    );
    expect(ledger.results).toBe(0);
  });

  it('records that are not records are refused', () => {
    const ledger = new DecryptionLedger(1);
    expect(() => ledger.include(new Uint8Array(32))).toThrow(MalformedMessage);
    expect(() => ledger.include(new Uint8Array(33))).toThrow(/kind 0/);
    expect(() => ledger.include(new Uint8Array(33).fill(3))).toThrow(MalformedMessage);
    ledger.include(new Uint8Array(0));
    expect(ledger.toBytes().length).toBe(0);
  });

  it('what members sign before answering names key, ciphertext and set', () => {
    const { epoch } = founded;
    const [one, two] = [fresh(1), fresh(1)];
    const statements = [
      activeSetStatement(epoch, one, activeSet(epoch.roster, [1, 2, 3])),
      activeSetStatement(epoch, one, activeSet(epoch.roster, [1, 2, 4])),
      activeSetStatement(epoch, two, activeSet(epoch.roster, [1, 2, 3])),
    ].map((bytes) => bytes.join());
    expect(new Set(statements).size).toBe(3);
  });
});
