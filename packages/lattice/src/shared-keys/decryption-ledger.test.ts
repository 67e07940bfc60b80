import { beforeAll, describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { addVectors, encrypt, encryptVector } from '../integers/index.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { restrict } from '../keys/restrict.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { expandUniform } from '../random/index.ts';
import { firstPrimes } from '../ring/ring.ts';
import { activeSetStatement, type SharedCiphertext } from './ciphertext.ts';
import { sharedCkksParameters } from './ckks.ts';
import { DecryptionLedger, DecryptionToken } from './decryption-ledger.ts';
import { foundEpoch } from './epoch.ts';
import { type Founded, found, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { authoriseVector, openIntegers, type SharedIntegerParameters, sharedCiphertext } from './integers.ts';
import { switchToReceiver } from './key-switching.ts';
import { partialDecrypt } from './partial-decryption.ts';
import { reshareEpoch } from './resharing.ts';
import { activeSet, roster } from './roster.ts';

describe('one answer per ciphertext, ever', () => {
  let founded: Founded & SharedIntegerParameters;
  /** Opened at the lowest level of three. */
  let wide: Founded;
  beforeAll(async () => {
    founded = await insecureFounded({ decryptions: 6 });
    const ckks = insecureCkksParameters({ degree: 64, levels: 2, scaleBits: 55, limbsPerLevel: 2, digits: 2 });
    const literal = { ckks, members: [1, 2, 3], threshold: 2, decryptions: 5, measure: 'kullbackLeibler' } as const;
    wide = found(foundEpoch(await reproducibleLattice(9), sharedCkksParameters(literal), new Uint8Array(32)));
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
    expect(() => ledger.authorise(epoch, fresh(7), set)).toThrow(
      /member 1 has answered for 6 results and is asked for 1; it answers for 6, the flooding is made for 18/,
    );
  });

  it('sets of another roster, sets without this member, and made-up sets are refused', () => {
    const { epoch } = founded;
    const other = roster([1, 2, 3, 4], 3);
    const ledger = new DecryptionLedger(1);
    expect(() => ledger.authorise(epoch, fresh(1), activeSet(other, [1, 2, 3]))).toThrow(
      /another roster: of any 3 of 1, 2, 3, 4, not of any 3 of 1, 2, 3, 4, 5/,
    );
    expect(() => ledger.authorise(epoch, fresh(1), activeSet(epoch.roster, [2, 3, 4]))).toThrow(/1 is not one of/);
    expect(() => ledger.authorise(epoch, fresh(1), { roster: epoch.roster, members: [1, 2] })).toThrow(
      /2 members answer/,
    );
    expect(ledger.results).toBe(0);
  });

  it('members that answer in disjoint sets open no more results than the flooding covers', async () => {
    const members = Array.from({ length: 20 }, (_, i) => i + 1);
    const of = await insecureFounded({ members, threshold: 2, decryptions: 1 });
    const { lattice, publicKey, integers, epoch, key } = of;
    const ledgers = new Map(members.map((member) => [member, new DecryptionLedger(member)]));
    let opened = 0;
    for (let pair = 0; pair < 10; pair++) {
      const set = activeSet(epoch.roster, [2 * pair + 1, 2 * pair + 2]);
      const ciphertext = encrypt(lattice, publicKey, integers, [pair]);
      const answers = set.members.map((member) => {
        const token = ledgers.get(member)?.authorise(epoch, sharedCiphertext(epoch, ciphertext), set);
        if (token === undefined) throw new Error(`no ledger of member ${member}`);
        return partialDecrypt(shareOf(of, member), token);
      });
      if (openIntegers(epoch, ciphertext, set, answers)[0] === pair) opened++;
    }
    expect(opened).toBe(10);
    const { flooding, answersPerMember } = key;
    expect(answersPerMember).toBe(1);
    // Member 1 answers for whatever it likes: each of the other 19 opens one result with it.
    expect(flooding.decryptions).toBe(19);
    const needed = Math.sqrt(integers.degree * flooding.decryptions) * flooding.ciphertextNoiseStddev * 2 ** 39;
    expect(2 ** flooding.stddevLog2 / needed).toBeCloseTo(1, 6);
  });

  it('a later epoch counts on: with the records of n − t + 1 old members, and not with fewer', async () => {
    const of = await insecureFounded({ decryptions: 2 });
    const { epoch, lattice, publicKey, integers } = of;
    const one = (): SharedCiphertext => sharedCiphertext(epoch, encrypt(lattice, publicKey, integers, [1]));
    const ledgers = epoch.roster.members.map((member) => new DecryptionLedger(member));
    const [spent, other] = [one(), one()];
    for (const i of [2, 3, 4]) ledgers[i].authorise(epoch, spent, activeSet(epoch.roster, [3, 4, 5]));
    const records = (of: readonly number[]): Map<number, Uint8Array> =>
      new Map(of.map((member) => [member, ledgers[member - 1].toBytes()]));
    const next = reshareEpoch(epoch, activeSet(epoch.roster, [1, 2, 3]), roster([7, 8, 9, 10], 2));
    // As many results as before: each of four members, any two of whom open, answers for as many as leaves three others the same.
    expect(next.parameters.answersPerMember).toBe(2);
    const joined = new DecryptionLedger(7);
    expect(() => joined.carryOn(epoch, records([1, 2]))).toThrow(/records of 2 members .* 3 are needed/);
    expect(() => joined.carryOn(epoch, new Map([[9, new Uint8Array(0)]]))).toThrow(/9 is not one of/);
    expect(joined.results).toBe(0);
    joined.carryOn(epoch, records([1, 2, 3]));
    expect(joined.results).toBe(1);
    const set = activeSet(next.roster, [7, 8]);
    expect(() => joined.authorise(next, spent, set)).toThrow(ProtocolViolation);
    joined.authorise(next, other, set);
    expect(() => joined.authorise(next, one(), set)).toThrow(/answers for 2/);
  });

  it('a larger group answers for fewer each, or is refused', async () => {
    const { epoch } = await insecureFounded({ decryptions: 2 });
    const dealers = activeSet(epoch.roster, [1, 2, 3]);
    // Made for 2·(5 − 3 + 1) results.
    const six = reshareEpoch(epoch, dealers, roster([1, 2, 3, 4, 5, 6], 2));
    expect(six.parameters.answersPerMember).toBe(1);
    expect(six.parameters.flooding).toBe(epoch.parameters.flooding);
    const eight = roster([1, 2, 3, 4, 5, 6, 7, 8], 2);
    expect(() => reshareEpoch(epoch, dealers, eight)).toThrow(/more than the 6 results/);
  });

  it('the same c1 over fewer primes is the same question', () => {
    const { epoch } = wide;
    const set = activeSet(epoch.roster, [1, 2]);
    const c = expandUniform(epoch.dataRing, epoch.lattice.primitives, new Uint8Array(32).fill(3), 0);
    const whole = { c0: c, c1: c };
    const { primes } = epoch.parameters.opening;
    expect(primes).toBeLessThan(epoch.dataRing.moduli.length);
    const fewer = restrict(c, firstPrimes(epoch.dataRing, primes));
    const ledger = new DecryptionLedger(1);
    ledger.authorise(epoch, whole, set);
    expect(() => ledger.authorise(epoch, { c0: fewer, c1: fewer }, set)).toThrow(/before: one answer per ciphertext/);
    expect(ledger.results).toBe(1);
    // What is signed and masked is the ciphertext with all its primes.
    const statement = (of: SharedCiphertext): string => activeSetStatement(epoch, of, set).join();
    expect(statement({ c0: fewer, c1: fewer })).not.toBe(statement(whole));
  });

  it('sets, epochs and dealers that say the same are the same, whoever made the objects', async () => {
    const { epoch, lattice, publicKey, integers } = founded;
    const again = foundEpoch(lattice, epoch.parameters, new Uint8Array(32).fill(7));
    expect(again.run).toEqual(epoch.run);
    const rebuilt = activeSet(roster([1, 2, 3, 4, 5], 3), [1, 2, 3]);
    const ciphertext = sharedCiphertext(again, encrypt(lattice, publicKey, integers, [4]));
    const token = new DecryptionLedger(1).authorise(again, ciphertext, rebuilt);
    expect(partialDecrypt(shareOf(founded, 1), token).from).toBe(1);
    expect(reshareEpoch(again, rebuilt, roster([1, 2], 2)).run).toEqual(
      reshareEpoch(epoch, activeSet(epoch.roster, [1, 2, 3]), roster([1, 2], 2)).run,
    );
    const elsewhere = { ...lattice, engine: referenceEngine() };
    const foreign = foundEpoch(elsewhere, epoch.parameters, new Uint8Array(32).fill(7));
    expect(() => new DecryptionLedger(1).authorise(foreign, ciphertext, rebuilt)).toThrow(/two engines/);
  });

  it('members are numbers', () => {
    for (const wrong of [Number.NaN, 0, 1.5, 65536]) expect(() => new DecryptionLedger(wrong)).toThrow(ParameterError);
  });

  it('records that are not records are refused', () => {
    const ledger = new DecryptionLedger(1);
    expect(() => ledger.include(new Uint8Array(32))).toThrow(MalformedMessage);
    expect(() => ledger.include(new Uint8Array(33))).toThrow(/kind 0/);
    expect(() => ledger.include(new Uint8Array(33).fill(4))).toThrow(MalformedMessage);
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
