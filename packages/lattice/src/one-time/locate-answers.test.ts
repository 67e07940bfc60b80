import { describe, expect, it } from 'vitest';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { insecureOneTimeParameters } from '../parameters/one-time-parameters.ts';
import { type KeyShare, keyShare } from './key-share.ts';
import { shareKey } from './key-sharing.ts';
import { locateWrongAnswers } from './locate-answers.ts';
import { oneTimeKey } from './one-time-key.ts';

const lattice = await reproducibleLattice(5);
const parameters = insecureOneTimeParameters({
  contributors: 4,
  wordBits: 20,
  wordsPerCoefficient: 3,
  degree: 64,
  committee: { members: 32, corrupt: 10 },
});
const answers = shareKey(lattice, oneTimeKey(lattice, parameters));
const next = seededWords(31);

/** One element of the share is off. */
const spoilt = (answer: KeyShare): KeyShare => {
  const elements = answer.elements.slice();
  const b = next() % elements.length;
  elements[b] = (elements[b] + 1 + (next() % 1000)) % parameters.shareModulus;
  return keyShare({ ...answer, elements });
};
const withWrong = (wrong: readonly number[], among: readonly KeyShare[] = answers): KeyShare[] =>
  among.map((answer) => (wrong.includes(answer.member) ? spoilt(answer) : answer));

describe('wrong answers of a committee of 32 with a quorum of 22', () => {
  it.each([[[]], [[1]], [[32]], [[3, 17]], [[2, 5, 9, 31, 32]]])('are located: %j', (wrong) => {
    expect(locateWrongAnswers(lattice, parameters, withWrong(wrong))).toEqual(wrong);
  });

  it('are detected and not located when there are six to ten of them', () => {
    for (const count of [6, 7, 10]) {
      const wrong = Array.from({ length: count }, (_, i) => 3 * i + 1);
      expect(locateWrongAnswers(lattice, parameters, withWrong(wrong))).toBeUndefined();
    }
  });

  it('are located among fewer answers only as far as there are two more than a quorum for each', () => {
    const among = answers.slice(5, 29);
    expect(among).toHaveLength(24);
    expect(locateWrongAnswers(lattice, parameters, withWrong([10], among))).toEqual([10]);
    expect(locateWrongAnswers(lattice, parameters, withWrong([10, 11], among))).toBeUndefined();
    const oneMore = answers.slice(0, 23);
    expect(locateWrongAnswers(lattice, parameters, withWrong([10], oneMore))).toBeUndefined();
    expect(locateWrongAnswers(lattice, parameters, oneMore)).toEqual([]);
  });

  it('cannot even be detected among exactly a quorum', () => {
    expect(locateWrongAnswers(lattice, parameters, withWrong([10], answers.slice(0, 22)))).toEqual([]);
    expect(() => locateWrongAnswers(lattice, parameters, answers.slice(0, 21))).toThrow(ParameterError);
  });
});
