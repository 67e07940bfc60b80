import { beforeAll, describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { encryptSymmetric, encryptVector, multiplyVectorByScalar } from '../integers/index.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import { subring } from '../ring/ring.ts';
import { requireCiphertext, type SharedCiphertext } from './ciphertext.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { encryptedSum, type Founded, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import {
  authoriseVector,
  openIntegers,
  openVector,
  partialDecryptVector,
  type SharedIntegerParameters,
  sharedCiphertext,
} from './integers.ts';
import { combineAnswers, type PartialDecryption, partialDecrypt } from './partial-decryption.ts';
import { type ActiveSet, activeSet } from './roster.ts';

const values = [
  [1, 2, -3],
  [10, 20, -30],
  [100, 200, 32767],
];
const sums = [111, 222, 32734];

describe('a sum under a shared key', () => {
  let founded: Founded & SharedIntegerParameters;
  let ciphertext: SharedCiphertext;
  let set: ActiveSet;
  let answers: PartialDecryption[];
  beforeAll(async () => {
    founded = await insecureFounded();
    const { epoch, lattice, publicKey, integers } = founded;
    [ciphertext] = encryptVector(lattice, publicKey, integers, [7, -7]).ciphertexts.map((c) =>
      sharedCiphertext(epoch, c),
    );
    set = activeSet(epoch.roster, [1, 2, 5]);
    answers = answersTo(ciphertext, set);
  });

  function answersTo(to: SharedCiphertext, of: ActiveSet): PartialDecryption[] {
    return of.members.map((member) =>
      partialDecrypt(shareOf(founded, member), new DecryptionLedger(member).authorise(founded.epoch, to, of)),
    );
  }

  it('is opened by any three of five, exactly', () => {
    for (const members of [
      [1, 2, 3],
      [5, 3, 1],
      [2, 4, 5],
      [1, 3, 4],
    ]) {
      const { sum, summands } = encryptedSum(founded, values);
      const active = activeSet(founded.epoch.roster, members);
      const opened = active.members.map((member) => {
        const tokens = authoriseVector(new DecryptionLedger(member), founded.epoch, sum, active, summands);
        return partialDecryptVector(shareOf(founded, member), tokens);
      });
      expect([...openVector(founded.epoch, sum, active, opened)]).toEqual(sums);
    }
  });

  it('is opened over several ciphertexts, and after multiplication by a scalar', () => {
    const { lattice, epoch, integers, publicKey } = founded;
    const long = Array.from({ length: 3 * integers.valuesPerCiphertext - 5 }, (_, i) => (i % 1000) - 500);
    const vector = multiplyVectorByScalar(lattice, encryptVector(lattice, publicKey, integers, long), -3);
    const opened = set.members.map((member) =>
      partialDecryptVector(shareOf(founded, member), authoriseVector(new DecryptionLedger(member), epoch, vector, set)),
    );
    expect([...openVector(epoch, vector, set, opened)]).toEqual(long.map((x) => -3 * x));
  });

  it('is not opened by answers that are missing, doubled, foreign, of another run, set or ciphertext', () => {
    const { epoch, lattice, publicKey, integers } = founded;
    const [a, b, c] = answers;
    const other = answersTo(ciphertext, activeSet(epoch.roster, [1, 2, 3]));
    const [second] = encryptVector(lattice, publicKey, integers, [7, -7]).ciphertexts;
    const elsewhere = answersTo(sharedCiphertext(epoch, second), set);
    const wrong: [PartialDecryption[], RegExp][] = [
      [[a, b], /answer of member 5 is missing/],
      [[a, b, b], /member 2 sent two messages/],
      [[a, b, { ...c, from: 4 }], /from 4, who is no member/],
      [[a, b, { ...c, run: new Uint8Array(32) }], /member 5 belongs to another run/],
      [[other[0], b, c], /member 1 is for another ciphertext or another set/],
      [[a, elsewhere[1], c], /member 2 is for another ciphertext or another set/],
    ];
    for (const [messages, complaint] of wrong) {
      expect(() => combineAnswers(epoch, ciphertext, set, messages)).toThrow(complaint);
      expect(() => combineAnswers(epoch, ciphertext, set, messages)).toThrow(ProtocolViolation);
    }
  });

  it('is not opened by answers of the wrong shape or range', () => {
    const { epoch } = founded;
    const [a, b, c] = answers;
    const { ring, residues } = c.answer;
    const large = residues.slice();
    large[large.length - 1] = ring.moduli[ring.moduli.length - 1].q;
    const small = subring(ring, [0, 1]);
    for (const answer of [
      evaluationPolynomial(ring, large),
      evaluationPolynomial(ring, residues.slice(1)),
      evaluationPolynomial(small, residues.slice(0, 2 * ring.degree)),
    ]) {
      expect(() => combineAnswers(epoch, ciphertext, set, [a, b, { ...c, answer }])).toThrow(/answer of member 5/);
    }
  });

  it('is never silently wrong: one changed residue of one answer, or an answer with another share, and nothing is decoded', () => {
    const { epoch, integers } = founded;
    const of = { parameters: integers, ...ciphertext, additions: 1 };
    expect([...openIntegers(epoch, of, set, answers).slice(0, 3)]).toEqual([7, -7, 0]);
    const [a, b, c] = answers;
    const { ring, residues } = b.answer;
    const other = residues.slice();
    other[17] = (other[17] + 1) % ring.moduli[0].q;
    const changed = { ...b, answer: evaluationPolynomial(ring, other) };
    expect(() => openIntegers(epoch, of, set, [a, changed, c])).toThrow(ProtocolViolation);
    const wrongShare = { ...b, answer: a.answer };
    expect(() => openIntegers(epoch, of, set, [a, wrongShare, c])).toThrow(ProtocolViolation);
  });

  it('shows nothing in an answer on its own: it is uniform modulo every prime', () => {
    // 5 primes, 64 coefficients, three answers: buckets against uniform, chi squared with 15 degrees of freedom below 63 (1e-6).
    const counts = new Array<number>(16).fill(0);
    for (const { answer } of answers) {
      answer.residues.forEach((x, i) => {
        counts[Math.floor((16 * x) / answer.ring.moduli[Math.floor(i / answer.ring.degree)].q)] += 1;
      });
    }
    const expected = counts.reduce((x, y) => x + y, 0) / 16;
    expect(counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(63);
  });

  it('refuses ciphertexts that are none: another ring, residues out of range, c1 = 0, another key kind, other parameters', async () => {
    const { epoch, lattice, integers } = founded;
    const { c0, c1 } = ciphertext;
    const { ring } = c1;
    const zero = evaluationPolynomial(ring, new Uint32Array(c1.residues.length));
    expect(() => requireCiphertext(epoch, { c0, c1: zero })).toThrow(MalformedMessage);
    const high = c1.residues.slice();
    high[0] = ring.moduli[0].q;
    expect(() => requireCiphertext(epoch, { c0, c1: evaluationPolynomial(ring, high) })).toThrow(MalformedMessage);
    expect(() => requireCiphertext(epoch, { c0: evaluationPolynomial(ring, c0.residues.slice(1)), c1 })).toThrow(
      MalformedMessage,
    );
    const smaller = subring(ring, [0, 1]);
    const cut = evaluationPolynomial(smaller, c1.residues.slice(0, 2 * ring.degree));
    expect(() => requireCiphertext(epoch, { c0: cut, c1 })).toThrow(
      /a ring with primes .* where one with .* is expected/,
    );
    expect(() => requireCiphertext(epoch, { c0: cut, c1: cut })).toThrow(/has 2 primes left, the flooding needs 5/);
    const lastFirst = subring(ring, [4, 0]);
    const moved = evaluationPolynomial(lastFirst, new Uint32Array(2 * ring.degree).fill(1));
    expect(() => requireCiphertext(epoch, { c0: moved, c1: moved })).toThrow(ParameterError);
    const seeded = encryptSymmetric(lattice, generateSecretKey(lattice, ring), integers, [1]);
    expect(() => sharedCiphertext(epoch, seeded)).toThrow(/seeded/);
    const other = await insecureFounded({ additions: 9 });
    const [foreign] = encryptVector(other.lattice, other.publicKey, other.integers, [1]).ciphertexts;
    expect(() => sharedCiphertext(epoch, foreign)).toThrow(/parameters are not the key's/);
  });
});
