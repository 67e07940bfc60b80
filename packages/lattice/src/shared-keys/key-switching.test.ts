import { beforeAll, describe, expect, it } from 'vitest';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { decrypt, encryptVector, type IntegerCiphertext, NoiseAboveBound } from '../integers/index.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { generatePublicKey, type PublicKey } from '../keys/public-key.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import { subring } from '../ring/ring.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { type Founded, phase, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { type SharedIntegerParameters, sharedCiphertext, switchIntegers } from './integers.ts';
import { combineSwitch, type SwitchAnswer, switchToReceiver } from './key-switching.ts';
import { type ActiveSet, activeSet } from './roster.ts';

describe('a result for one receiver', () => {
  let founded: Founded & SharedIntegerParameters;
  let receiverSecret: SecretKey;
  let receiver: PublicKey;
  let ciphertext: IntegerCiphertext;
  let set: ActiveSet;
  let answers: SwitchAnswer[];
  beforeAll(async () => {
    founded = await insecureFounded();
    const { lattice, epoch, publicKey, integers } = founded;
    receiverSecret = generateSecretKey(lattice, epoch.ring);
    receiver = generatePublicKey(lattice, epoch.dataRing, receiverSecret);
    [ciphertext] = encryptVector(lattice, publicKey, integers, [5, -6, 7]).ciphertexts;
    set = activeSet(epoch.roster, [2, 3, 5]);
    answers = set.members.map((member) => {
      const shared = sharedCiphertext(epoch, ciphertext);
      return switchToReceiver(
        shareOf(founded, member),
        new DecryptionLedger(member).authorise(epoch, shared, set),
        receiver,
      );
    });
  });

  it('is decrypted by the receiver, as any other ciphertext', () => {
    const { epoch, lattice } = founded;
    const switched = switchIntegers(epoch, ciphertext, set, receiver, answers);
    expect([...decrypt(lattice, receiverSecret, switched).slice(0, 4)]).toEqual([5, -6, 7, 0]);
  });

  it('is closed to everybody else: another receiver, and the collective key itself', () => {
    const { epoch, lattice, integers } = founded;
    const switched = switchIntegers(epoch, ciphertext, set, receiver, answers);
    expect(() => decrypt(lattice, generateSecretKey(lattice, epoch.ring), switched)).toThrow(NoiseAboveBound);
    const { c0, c1 } = sharedCiphertext(epoch, switched);
    const bits = phase(founded, c0, c1).map((x) => Math.log2(Math.abs(Number(x))));
    expect(Math.max(...bits)).toBeGreaterThan(integers.modulusBits - 3);
  });

  it('is refused when an answer is missing, for another receiver, set, or ciphertext, or malformed', () => {
    const { epoch, lattice } = founded;
    const [a, b, c] = answers;
    const other = generatePublicKey(lattice, epoch.dataRing, receiverSecret);
    expect(() => switchIntegers(epoch, ciphertext, set, other, answers)).toThrow(/member 2 is for another ciphertext/);
    const shared = sharedCiphertext(epoch, ciphertext);
    expect(() => combineSwitch(epoch, shared, activeSet(epoch.roster, [1, 2, 3]), receiver, answers)).toThrow(
      ProtocolViolation,
    );
    expect(() => combineSwitch(epoch, shared, set, receiver, [a, b])).toThrow(/switch answer of member 5 is missing/);
    expect(() => combineSwitch(epoch, shared, set, receiver, [a, a, c])).toThrow(/two messages/);
    const { ring } = c.h1;
    const high = c.h1.residues.slice();
    high[1] = ring.moduli[0].q;
    const bad = { ...c, h1: evaluationPolynomial(ring, high) };
    expect(() => combineSwitch(epoch, shared, set, receiver, [a, b, bad])).toThrow(
      /switch answer of member 5 has a residue/,
    );
  });

  it("refuses a receiver's key over other primes, before anything is spent", () => {
    const { epoch, lattice, publicKey, integers } = founded;
    const reversed = subring(epoch.ring, [4, 3, 2, 1, 0]);
    const foreign = generatePublicKey(lattice, reversed, generateSecretKey(lattice, reversed));
    const [fresh] = encryptVector(lattice, publicKey, integers, [1]).ciphertexts;
    const token = new DecryptionLedger(2).authorise(epoch, sharedCiphertext(epoch, fresh), set);
    expect(() => switchToReceiver(shareOf(founded, 2), token, foreign)).toThrow(ParameterError);
    expect(() => switchToReceiver(shareOf(founded, 2), token, receiver)).not.toThrow();
  });
});
