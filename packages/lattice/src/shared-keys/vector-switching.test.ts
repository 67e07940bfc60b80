import { beforeAll, describe, expect, it } from 'vitest';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { decryptVector, type EncryptedVector, encryptVector, publicKey, secretKey } from '../integers/index.ts';
import type { PublicKey } from '../keys/public-key.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { type Founded, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { authoriseVector, openVector, partialDecryptVector, type SharedIntegerParameters } from './integers.ts';
import type { SwitchAnswer } from './key-switching.ts';
import { type ActiveSet, activeSet } from './roster.ts';
import { switchVector, switchVectorToReceiver } from './vector-switching.ts';

describe('a vector for one receiver', () => {
  let founded: Founded & SharedIntegerParameters;
  let receiverSecret: SecretKey;
  let receiver: PublicKey;
  let vector: EncryptedVector;
  let values: number[];
  let set: ActiveSet;
  let answers: SwitchAnswer[][];

  beforeAll(async () => {
    founded = await insecureFounded();
    const { lattice, epoch, integers } = founded;
    receiverSecret = secretKey(lattice, integers);
    receiver = publicKey(lattice, integers, receiverSecret);
    values = Array.from({ length: 2 * integers.valuesPerCiphertext + 3 }, (_, i) => (i % 9) - 4);
    vector = encryptVector(lattice, founded.publicKey, integers, values);
    set = activeSet(epoch.roster, [1, 2, 4]);
    answers = set.members.map((member) => {
      const tokens = authoriseVector(new DecryptionLedger(member), epoch, vector, set);
      return switchVectorToReceiver(shareOf(founded, member), tokens, receiver);
    });
  });

  it('is decrypted by the receiver whole, over several ciphertexts', () => {
    expect(vector.ciphertexts).toHaveLength(3);
    const switched = switchVector(founded.epoch, vector, set, receiver, answers);
    expect([...decryptVector(founded.lattice, receiverSecret, switched)]).toEqual(values);
  });

  it('consumes its tokens', () => {
    const tokens = authoriseVector(new DecryptionLedger(1), founded.epoch, vector, set);
    switchVectorToReceiver(shareOf(founded, 1), tokens, receiver);
    expect(() => switchVectorToReceiver(shareOf(founded, 1), tokens, receiver)).toThrow(ProtocolViolation);
    expect(() => partialDecryptVector(shareOf(founded, 1), tokens)).toThrow(ProtocolViolation);
  });

  it('is refused when an answer is missing or out of order, or the vector has another length than its ciphertexts', () => {
    const [a, b, c] = answers;
    const attempt =
      (given: readonly (readonly SwitchAnswer[])[], of: EncryptedVector = vector) =>
      () =>
        switchVector(founded.epoch, of, set, receiver, given);
    expect(attempt([a, b])).toThrow(ProtocolViolation);
    expect(attempt([a, b, c.slice(0, 2)])).toThrow(ProtocolViolation);
    expect(attempt([a, b, [...c].reverse()])).toThrow(ProtocolViolation);
    for (const length of [2.5, Number.NaN, 0, values.length + founded.integers.valuesPerCiphertext]) {
      expect(attempt(answers, { ...vector, length })).toThrow(ParameterError);
      expect(() => openVector(founded.epoch, { ...vector, length }, set, [])).toThrow(ParameterError);
    }
  });
});
