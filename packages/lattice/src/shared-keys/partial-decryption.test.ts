import { beforeAll, describe, expect, it } from 'vitest';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { encryptedSum, type Founded, insecureFounded, shareOf } from './founding.contract.ts';
import { authoriseVector, openVector, partialDecryptVector, type SharedIntegerParameters } from './integers.ts';
import { activeSet } from './roster.ts';

const values = [
  [1, 2, -3],
  [10, 20, -30],
  [100, 200, 32767],
];
const sums = [111, 222, 32734];

describe('a sum under a shared key', () => {
  let founded: Founded & SharedIntegerParameters;
  beforeAll(async () => {
    founded = await insecureFounded();
  });

  it('is opened by any three of five, exactly', () => {
    for (const members of [
      [1, 2, 3],
      [5, 3, 1],
      [2, 4, 5],
    ]) {
      const { sum, summands } = encryptedSum(founded, values);
      const set = activeSet(founded.epoch.roster, members);
      const answers = members.map((member) => {
        const tokens = authoriseVector(new DecryptionLedger(member), founded.epoch, sum, set, summands);
        return partialDecryptVector(shareOf(founded, member), tokens);
      });
      expect([...openVector(founded.epoch, sum, set, answers)]).toEqual(sums);
    }
  });
});
