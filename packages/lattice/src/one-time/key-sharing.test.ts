import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { insecureOneTimeParameters, type OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { chiSquareDeviations, histogram, MOST_DEVIATIONS, varianceDeviations } from '../random/statistics.contract.ts';
import { type KeyShare, keyShare, sumShares } from './key-share.ts';
import { shareKey } from './key-sharing.ts';
import { reconstructKeySum } from './key-sum.ts';
import { OneTimeKey, oneTimeKey } from './one-time-key.ts';
import { inputPoints, lagrangeMatrix } from './packed-sharing.ts';

const lattice = await reproducibleLattice(13);

function parametersFor(members: number, corrupt: number, degree = 64): OneTimeParameters {
  return insecureOneTimeParameters({
    contributors: 20,
    wordBits: 20,
    wordsPerCoefficient: 3,
    degree,
    committee: { members, corrupt },
  });
}

const parameters = parametersFor(10, 3);
const { quorum } = parameters.committee;

/** Keys with known coefficients, their shares summed by every member. */
function deal(of: OneTimeParameters, coefficients: readonly (readonly number[])[]): KeyShare[] {
  const received = coefficients.map((c) => shareKey(lattice, new OneTimeKey(of, Int32Array.from(c))));
  return Array.from({ length: of.committee.members }, (_, i) =>
    sumShares(
      of,
      received.map((shares) => shares[i]),
    ),
  );
}

const small = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 64, maxLength: 64 });

describe('shares of one-time keys', () => {
  it('give back the sum of the keys from any quorum, and from more', () => {
    fc.assert(
      fc.property(
        fc.array(small, { minLength: 1, maxLength: 4 }),
        fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { minLength: quorum, maxLength: 10 }),
        (keys, members) => {
          const answers = deal(parameters, keys);
          const opened = reconstructKeySum(
            lattice,
            parameters,
            members.map((member) => answers[member - 1]),
          );
          expect(Array.from(opened.coefficients)).toEqual(
            keys[0].map((_, i) => keys.reduce((sum, key) => sum + key[i], 0) + 0),
          );
          expect(opened.contributions).toBe(keys.length);
        },
      ),
      { seed: 4, numRuns: 25 },
    );
  });

  it.each([
    [1, 0],
    [2, 1],
    [3, 0],
    [5, 2],
    [5, 1],
    [32, 10],
    [9, 8],
  ])('work for %i members of whom %i are corrupt', (members, corrupt) => {
    const of = parametersFor(members, corrupt);
    const key = Array.from({ length: 64 }, (_, i) => ((i * 37) % 61) - 30);
    const answers = deal(of, [key]);
    expect(answers.every(({ elements }) => elements.length === Math.ceil(64 / of.committee.packed))).toBe(true);
    const opened = reconstructKeySum(lattice, of, answers.slice(-of.committee.quorum));
    expect(Array.from(opened.coefficients)).toEqual(key);
  });

  it('are the same in both engines for the same seed', async () => {
    const seed = new Uint8Array(32).fill(9);
    const shares = [lattice, await reproducibleLattice(13, referenceEngine())].map((on) =>
      shareKey(on, oneTimeKey(on, parameters, seed), new Uint8Array(32).fill(8)),
    );
    const [one, two] = shares.map((own) => own.map(({ member, elements }) => [member, elements]));
    expect(one).toEqual(two);
  });
});

describe('reconstruction refuses', () => {
  const answers = deal(parameters, [Array.from({ length: 64 }, (_, i) => (i % 9) - 4)]);
  const altered = (at: number, change: Partial<KeyShare>): KeyShare[] =>
    answers.map((answer, i) => (i === at ? { ...answer, elements: answer.elements, ...change } : answer));
  const wrongElements = (at: number, by = 1): KeyShare[] => {
    const elements = answers[at].elements.slice();
    elements[3] = (elements[3] + by) % parameters.shareModulus;
    return altered(at, { elements });
  };

  it('fewer answers than the quorum', () => {
    expect(() => reconstructKeySum(lattice, parameters, answers.slice(0, quorum - 1))).toThrow(
      /6 answers; a quorum is 7 of 10/,
    );
    expect(() => reconstructKeySum(lattice, parameters, [])).toThrow(ParameterError);
  });

  it('duplicated and foreign members', () => {
    expect(() => reconstructKeySum(lattice, parameters, [...answers, answers[2]])).toThrow(/member 3 answers twice/);
    for (const member of [0, 11, -1, 1.5, parameters.shareModulus - 1, NaN]) {
      expect(() => reconstructKeySum(lattice, parameters, altered(0, { member }))).toThrow(ProtocolViolation);
    }
  });

  it('shares of wrong length or outside the field, and answers for different sets', () => {
    expect(() => reconstructKeySum(lattice, parameters, altered(1, { elements: new Uint32Array(3) }))).toThrow(
      /3 elements/,
    );
    const elements = answers[1].elements.slice();
    elements[0] = parameters.shareModulus;
    expect(() => reconstructKeySum(lattice, parameters, altered(1, { elements }))).toThrow(/outside the field/);
    expect(() => reconstructKeySum(lattice, parameters, altered(1, { contributions: 2 }))).toThrow(
      /do not belong together/,
    );
    expect(() => reconstructKeySum(lattice, parameters, altered(1, { contributions: 21 }))).toThrow(ProtocolViolation);
  });

  it('any single wrong answer when there is one more than the quorum, wherever it stands', () => {
    for (let at = 0; at < quorum + 1; at++) {
      const given = wrongElements(at).slice(0, quorum + 1);
      expect(() => reconstructKeySum(lattice, parameters, given)).toThrow(/do not lie on one polynomial/);
    }
    expect(() => reconstructKeySum(lattice, parameters, wrongElements(8))).toThrow(ProtocolViolation);
  });

  it('a wrong answer among a bare quorum, by the range of the keys', () => {
    // Detected with overwhelming probability only: opening looks at the noise as well (one-time-sum.test.ts).
    expect(() => reconstructKeySum(lattice, parameters, wrongElements(0).slice(0, quorum))).toThrow(/is beyond ±/);
  });

  it('a key whose coefficients no honest contributor draws', () => {
    const key = new Array<number>(64).fill(0);
    key[5] = 73;
    expect(() => reconstructKeySum(lattice, parameters, deal(parameters, [key]))).toThrow(
      /coefficient 5 of the sum of 1 keys is beyond ±72/,
    );
    key[5] = -72;
    expect(reconstructKeySum(lattice, parameters, deal(parameters, [key])).coefficients[5]).toBe(-72);
  });

  it('sums of nothing, of different members, of too many keys', () => {
    expect(() => sumShares(parameters, [])).toThrow(ParameterError);
    expect(() => sumShares(parameters, [answers[0], answers[1]])).toThrow(/members 1 and 2 do not add up/);
    const many = Array.from({ length: 21 }, (_, u) => {
      const elements = answers[0].elements.map((element) => (element + u) % parameters.shareModulus);
      return keyShare({ member: answers[0].member, elements, contributions: answers[0].contributions });
    });
    expect(() => sumShares(parameters, many)).toThrow(/shares of 21 keys; the parameters allow 20/);
    expect(sumShares(parameters, many.slice(1)).contributions).toBe(20);
  });

  it('one share twice, also as a copy: the sum would open and count a contributor double', () => {
    const [one, two] = [1, 2].map((u) => {
      const elements = answers[0].elements.map((element) => (element + u) % parameters.shareModulus);
      return keyShare({ member: answers[0].member, elements, contributions: 1 });
    });
    const copy = keyShare({ member: one.member, elements: one.elements.slice(), contributions: 1 });
    expect(() => sumShares(parameters, [one, two, one])).toThrow(/count one share twice/);
    expect(() => sumShares(parameters, [one, two, copy])).toThrow(ProtocolViolation);
    expect(sumShares(parameters, [one, two]).contributions).toBe(2);
    // Unless the caller knows them to be two contributors'.
    const both = sumShares(parameters, [one, copy], { mayRepeat: true });
    expect(both.contributions).toBe(2);
    expect(both.elements).toEqual(one.elements.map((x) => (2 * x) % parameters.shareModulus));
  });
});

describe('a coalition of t_c members', () => {
  const of = parametersFor(5, 2, 4096);
  const zero = new Int32Array(4096);
  const extreme = Int32Array.from({ length: 4096 }, (_, i) => (i % 2 === 0 ? 40 : -40));
  const CELLS = 64;

  /** How far the elements, and their sum with small weights, are from uniform over the field. */
  function deviations(shares: readonly KeyShare[]): number {
    const p = of.shareModulus;
    const uniform = new Array<number>(CELLS).fill(1 / CELLS);
    const cell = (x: number): number => Math.floor((x * CELLS) / p);
    const views = [
      ...shares.map(({ elements }) => Array.from(elements, cell)),
      Array.from(shares[0].elements, (x, b) => cell((x + 2 * shares[1].elements[b]) % p)),
      Array.from(shares[0].elements, (x, b) => cell((x + p - shares[1].elements[b]) % p)),
    ];
    return Math.max(...views.map((view) => Math.abs(chiSquareDeviations(histogram(view, 0, CELLS - 1), uniform))));
  }

  it('sees uniform field elements whatever the key is, to a test that sees a sharing without randomness', () => {
    for (const coefficients of [zero, extreme]) {
      const shares = shareKey(lattice, new OneTimeKey(of, coefficients.slice()));
      expect(deviations([shares[0], shares[1]])).toBeLessThan(MOST_DEVIATIONS);
      expect(deviations([shares[2], shares[4]])).toBeLessThan(MOST_DEVIATIONS);
    }
    // Planted: random values that are small (a broken sampler), so that shares are the secrets' own combinations and little else.
    const weak = {
      ...lattice,
      primitives: {
        ...lattice.primitives,
        chacha20: (_k: Uint8Array, _n: Uint8Array, _c: number, out: Uint8Array) => void out.fill(0),
      },
    };
    const leaking = shareKey(weak, new OneTimeKey(of, extreme.slice()));
    expect(deviations([leaking[0], leaking[1]])).toBeGreaterThan(MOST_DEVIATIONS);
  });

  it('meets t_c uniform random values behind its shares, each of them, even if it knows the key', () => {
    // Its t_c shares and the ρ secrets determine the polynomial, hence the random values: here they are, block by block.
    const p = of.shareModulus;
    const { packed, quorum: needed, blocks } = of.committee;
    const inputs = inputPoints(of);
    const uniform = new Array<number>(CELLS).fill(1 / CELLS);
    for (const coalition of [
      [1, 2],
      [3, 5],
    ]) {
      const shares = shareKey(lattice, new OneTimeKey(of, zero.slice()));
      const matrix = lagrangeMatrix([...inputs.slice(0, packed), ...coalition], inputs.slice(packed), p);
      expect(matrix).toHaveLength(needed - packed);
      for (const weights of matrix) {
        const cells = Array.from({ length: blocks }, (_, b) => {
          const value = coalition.reduce(
            (sum, member, i) => sum + BigInt(weights[packed + i]) * BigInt(shares[member - 1].elements[b]),
            0n,
          );
          return Number(((value % BigInt(p)) * BigInt(CELLS)) / BigInt(p));
        });
        expect(Math.abs(chiSquareDeviations(histogram(cells, 0, CELLS - 1), uniform))).toBeLessThan(MOST_DEVIATIONS);
      }
    }
  });

  it('sees different shares of the same key each time', () => {
    const first = shareKey(lattice, new OneTimeKey(of, extreme.slice()));
    const second = shareKey(lattice, new OneTimeKey(of, extreme.slice()));
    expect(first[0].elements).not.toEqual(second[0].elements);
  });
});

describe('a one-time key', () => {
  it('is drawn from the discrete Gaussian of 4.5, and not of 1.2 times as much', () => {
    const drawn: number[] = [];
    const of = parametersFor(1, 0, 4096);
    for (let run = 0; run < 4; run++) {
      drawn.push(...reconstructKeySum(lattice, of, shareKey(lattice, oneTimeKey(lattice, of))).coefficients);
    }
    expect(Math.abs(varianceDeviations(drawn, 4.5))).toBeLessThan(MOST_DEVIATIONS);
    expect(varianceDeviations(drawn, 4.5 / 1.2)).toBeGreaterThan(MOST_DEVIATIONS);
    expect(varianceDeviations(drawn, 4.5 * 1.2)).toBeLessThan(-MOST_DEVIATIONS);
  });

  it('is shared once', () => {
    const key = oneTimeKey(lattice, parameters);
    expect(() => shareKey(lattice, key, new Uint8Array(31))).toThrow(/not 31/);
    shareKey(lattice, key);
    expect(() => shareKey(lattice, key)).toThrow(/shared already/);
  });

  it('is handed out for encryption once, whatever becomes of it', () => {
    const key = oneTimeKey(lattice, parameters);
    key.takeForEncryption();
    expect(() => key.takeForEncryption()).toThrow(/once, ever/);
  });

  it('is not printed, not serialised, and gone after wipe', () => {
    const coefficients = new Int32Array(64).fill(21);
    const key = new OneTimeKey(parameters, coefficients);
    expect(inspect(key)).toBe('OneTimeKey(fresh)');
    expect(`${key}`).not.toContain('21');
    expect(() => JSON.stringify({ key })).toThrow(ParameterError);
    key.wipe();
    expect(coefficients.every((c) => c === 0)).toBe(true);
    expect(inspect(key)).toBe('OneTimeKey(spent)');
    expect(() => shareKey(lattice, key)).toThrow(/spent/);
    expect(() => new OneTimeKey(parameters, new Int32Array(63))).toThrow(ParameterError);
  });
});
