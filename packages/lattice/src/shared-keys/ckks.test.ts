import { describe, expect, it } from 'vitest';
import { scaleOf } from '../ckks/ciphertext.ts';
import { encodeToBlock } from '../ckks/encoding-blocks.ts';
import { createEmbedding } from '../ckks/encoding-embedding.ts';
import { coefficientStddev } from '../ckks/estimate.ts';
import {
  add,
  type Ciphertext,
  type CkksContext,
  ckksContext,
  declareMagnitude,
  decrypt,
  dropTo,
  encode,
  encrypt,
  evaluatePolynomial,
  multiply,
  multiplyPlain,
  noiseBudget,
  publicKey,
  relinearisationKey,
  relinearise,
  rescale,
  secretKey,
  tensor,
} from '../ckks/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { relinearisationErrorFactor } from '../keys/evaluation-key.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { generatePublicKey } from '../keys/public-key.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { ckksPreset } from '../parameters/ckks-presets.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { toIntegers } from '../ring/operations.ts';
import { type CoefficientPolynomial, coefficientPolynomial } from '../ring/polynomial.ts';
import { authoriseCkks, openCkks, type SharedCkksLiteral, sharedCkksParameters, switchCkks } from './ckks.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { foundEpoch } from './epoch.ts';
import { beginRelinearisation, collectiveRelinearisationKey, continueRelinearisation } from './evaluation-keys.ts';
import { type Founded, found, phase, shareOf } from './founding.contract.ts';
import { switchToReceiver } from './key-switching.ts';
import { partialDecrypt } from './partial-decryption.ts';
import { type ActiveSet, activeSet } from './roster.ts';

const ckks = insecureCkksParameters({ degree: 64, levels: 2, scaleBits: 55, limbsPerLevel: 2, digits: 2 });
const literal: SharedCkksLiteral = {
  ckks,
  members: [1, 2, 3, 4, 5],
  threshold: 3,
  decryptions: 10,
  measure: 'kullbackLeibler',
  noiseGrowth: 4,
  magnitude: 2,
};

/** An exact encoding, as a polynomial. */
function encodeExact(context: CkksContext, level: number, values: readonly number[]): CoefficientPolynomial {
  const { ring, scale } = context.level(level);
  const embedding = createEmbedding(context.lattice, ring.degree);
  return ring.engine.memory.scope(() => {
    const block = allocateBlock(ring);
    encodeToBlock(embedding, ring, { real: values }, { slots: values.length, scale: scale.value }, block);
    return coefficientPolynomial(ring, readBlock(ring, block));
  });
}

async function foundedWith(
  choice: Partial<SharedCkksLiteral> = {},
  seed = 1,
): Promise<Founded & { precisionBits: number }> {
  const parameters = sharedCkksParameters({ ...literal, ...choice });
  const founded = found(foundEpoch(await reproducibleLattice(seed), parameters, new Uint8Array(32).fill(seed)));
  return { ...founded, precisionBits: parameters.precisionBits };
}

function open(founded: Founded, ciphertext: Ciphertext, set: ActiveSet): Float64Array {
  const answers = set.members.map((member) =>
    partialDecrypt(
      shareOf(founded, member),
      authoriseCkks(new DecryptionLedger(member), founded.epoch, ciphertext, set),
    ),
  );
  return openCkks(founded.epoch, ciphertext, set, answers);
}

const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

describe('CKKS under a shared key', () => {
  it('opens sums and rescaled products, with the error that was announced and not less', async () => {
    const founded = await foundedWith();
    const context = ckksContext(founded.lattice, ckks);
    const set = activeSet(founded.epoch.roster, [1, 3, 4]);
    const x = Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const errors: number[] = [];
    for (let round = 0; round < 30; round++) {
      const [a, b] = [encrypt(context, founded.publicKey, x), encrypt(context, founded.publicKey, x)];
      const opened = open(founded, add(a, b), set);
      errors.push(...x.map((value, i) => opened[i] - 2 * value));
    }
    // 960 values: ± 2.3 % in the deviation. Announced for five answers, three were given.
    const announced = 2 * 2 ** -founded.precisionBits * Math.sqrt(3 / 5);
    expect(Math.abs(deviation(errors) / announced - 1)).toBeLessThan(0.12);
    expect(Math.abs(deviation(errors) / (1.2 * announced) - 1)).toBeGreaterThan(0.12);
    const half = encode(context, new Array<number>(32).fill(0.5));
    const product = rescale(multiplyPlain(encrypt(context, founded.publicKey, x), half));
    const opened = open(founded, product, set);
    expect(Math.max(...x.map((value, i) => Math.abs(opened[i] - value / 2)))).toBeLessThan(8 * announced);
  });

  it('opens at N = 8192 with 128-bit security: 40 bits of divergence leave the bits it says, total variation is refused', async () => {
    const choice = {
      ckks: ckksPreset('learn-13d'),
      members: [1, 2, 3],
      threshold: 2,
      magnitude: 1,
      noiseGrowth: 3,
      level: 2,
    };
    expect(() => sharedCkksParameters({ ...literal, ...choice, measure: 'totalVariation' })).toThrow(
      /leaves -\d+\.\d bits of a result at scale 2\^55.0, 8 are wanted/,
    );
    const founded = await foundedWith(choice, 2);
    expect(founded.precisionBits).toBeGreaterThan(8);
    expect(founded.precisionBits).toBeLessThan(12);
    const context = ckksContext(founded.lattice, choice.ckks);
    const x = Array.from({ length: 4096 }, (_, i) => Math.sin(i) / 3);
    const fresh = (): Ciphertext => declareMagnitude(encrypt(context, founded.publicKey, x), 1 / 3);
    const opened = open(founded, add(add(fresh(), fresh()), fresh()), activeSet(founded.epoch.roster, [1, 3]));
    const error = deviation(x.map((value, i) => opened[i] - 3 * value));
    expect(Math.abs(-Math.log2(error) - Math.log2(3 / 2) / 2 - founded.precisionBits)).toBeLessThan(0.1);
  });

  it('decodes nothing where an answer was wrong or the ciphertext is of another key', async () => {
    const founded = await foundedWith();
    const context = ckksContext(founded.lattice, ckks);
    const { epoch } = founded;
    const set = activeSet(epoch.roster, [1, 2, 3]);
    const answersFor = (ciphertext: Ciphertext) =>
      set.members.map((member) =>
        partialDecrypt(shareOf(founded, member), authoriseCkks(new DecryptionLedger(member), epoch, ciphertext, set)),
      );
    const ciphertext = encrypt(context, founded.publicKey, [0.25]);
    const answers = answersFor(ciphertext);
    const residues = answers[1].answer.residues.slice();
    // Plausible residues, a single one of them altered.
    residues[5] ^= 1;
    const altered = answers.map((own, i) => (i === 1 ? { ...own, answer: { ...own.answer, residues } } : own));
    expect(() => openCkks(epoch, ciphertext, set, altered)).toThrow(ProtocolViolation);
    // At the last level one slot alone is in range now and then: all coefficients are looked at.
    const last = dropTo(ciphertext, 0);
    const lastAnswers = answersFor(last);
    for (let at = 0; at < 60; at++) {
      const changed = lastAnswers[0].answer.residues.slice();
      changed[0] = (changed[0] + 7_654_321 * (at + 1)) % ckks.dataPrimes[0];
      const wrong = [{ ...lastAnswers[0], answer: { ...lastAnswers[0].answer, residues: changed } }];
      expect(() => openCkks(epoch, last, set, [...wrong, ...lastAnswers.slice(1)], 1)).toThrow(ProtocolViolation);
    }
    const foreignKey = publicKey(context, secretKey(context));
    const foreign = encrypt(context, foreignKey, [0.25]);
    expect(() => openCkks(epoch, foreign, set, answersFor(foreign))).toThrow(ProtocolViolation);
  });

  it('opens a product of secure size, multiplied with a relinearisation key that all made; its noise is what was estimated, √n times', async () => {
    const choice = {
      ckks: ckksPreset('learn-13d'),
      members: [1, 2, 3],
      threshold: 2,
      level: 1,
      noiseGrowth: 3,
      magnitude: 1,
    };
    const founded = await foundedWith(choice, 3);
    const { epoch, publicKey, secrets } = founded;
    const context = ckksContext(founded.lattice, choice.ckks);
    const begun = secrets.map((secret, i) => beginRelinearisation(epoch, i + 1, secret));
    const commitments = begun.map(({ commitment }) => commitment);
    const first = begun.map((b) => b.contribution);
    const second = begun.map(({ state }) => continueRelinearisation(state, commitments, first));
    const key = collectiveRelinearisationKey(epoch, commitments, first, second);
    expect(key.parties).toBe(3);
    const x = Array.from({ length: 4096 }, (_, i) => Math.sin(i));
    const y = Array.from({ length: 4096 }, (_, i) => Math.cos(2 * i));
    const [a, b] = [encrypt(context, publicKey, x), encrypt(context, publicKey, y)];
    const product = multiply(a, b, key);
    expect(product.level).toBe(1);
    const residual = phase(founded, product.c0, product.c1);
    const scale = scaleOf(product);
    // The slots' errors, from the coefficients': by Parseval their mean square is that of the difference to the exact encoding.
    const exact = toIntegers(
      encodeExact(
        context,
        product.level,
        x.map((value, i) => value * y[i]),
      ),
    );
    const error = deviation(residual.map((c, i) => Number(c - exact[i])));
    const estimated = coefficientStddev(product.estimate, 8192, scale) * Math.sqrt(3);
    expect(error).toBeLessThan(estimated);
    // The estimate adds deviations and takes every number for 1: mean squares of one half, and sums of squares, are half of that.
    expect(error).toBeGreaterThan(estimated / 4);
    const opened = open(founded, product, activeSet(epoch.roster, [1, 3]));
    const slotError = deviation(x.map((value, i) => opened[i] - value * y[i]));
    expect(-Math.log2(slotError)).toBeGreaterThan(founded.precisionBits - 0.1);
  });

  it('counts the error of a relinearisation key that several made', async () => {
    const founded = await foundedWith();
    const context = ckksContext(founded.lattice, ckks);
    const key = relinearisationKey(context, secretKey(context));
    // Without an error of its own, so that nothing but the key's and rounding's is in the estimates.
    const estimate = { magnitude: 1, errorStddev: 0, claimed: false };
    const a: Ciphertext = { ...encrypt(context, founded.publicKey, [0.5]), estimate };
    const factor = (parties: number): number => relinearisationErrorFactor({ ...key, parties });
    expect(factor(1)).toBe(1);
    expect(factor(5)).toBeCloseTo(5 * Math.sqrt((4 / 3) * 64), 9);
    for (const variance of [
      (parties: number): number => relinearise(tensor(a, a), { ...key, parties }).estimate.errorStddev ** 2,
      (parties: number): number => multiply(a, a, { ...key, parties }).estimate.errorStddev ** 2,
      (parties: number): number => evaluatePolynomial(a, [0, 0, 1], { ...key, parties }).estimate.errorStddev ** 2,
    ]) {
      // Far more parties than there are, where the key's share of the last two is no more lost in a double's digits.
      const [one, some, many] = [variance(1), variance(1e20), variance(2e20)];
      const expected = (factor(2e20) ** 2 - 1) / (factor(1e20) ** 2 - 1);
      expect((many - one) / (some - one) / expected).toBeCloseTo(1, 1);
    }
  });

  it("asks for a member's own bound where the estimate came as bytes", async () => {
    const founded = await foundedWith();
    const context = ckksContext(founded.lattice, ckks);
    const set = activeSet(founded.epoch.roster, [1, 2, 3]);
    const one = encrypt(context, founded.publicKey, [0.25]);
    const { noiseStddev: most, collectiveFactor } = founded.epoch.parameters.opening;
    const flattering: Ciphertext = { ...one, estimate: { magnitude: 1, errorStddev: 1e-300, claimed: true } };
    const ask = (noiseStddev?: number) =>
      authoriseCkks(
        new DecryptionLedger(1),
        founded.epoch,
        flattering,
        set,
        noiseStddev === undefined ? {} : { noiseStddev },
      );
    expect(() => ask()).toThrow(/sender's claim/);
    expect(() => ask(Number.NaN)).toThrow(ParameterError);
    expect(() => ask((1.01 * most) / collectiveFactor)).toThrow(/larger noiseGrowth/);
    expect(() => ask((0.99 * most) / collectiveFactor)).not.toThrow();
  });

  it.each(['learn-13d', 'learn-14d', 'learn-15d'] as const)('of %s is refused under total variation', (preset) => {
    for (let level = 0; level <= ckksPreset(preset).topLevel; level++) {
      const choice = { ckks: ckksPreset(preset), members: [1, 2], threshold: 2, decryptions: 1, level, magnitude: 1 };
      expect(() => sharedCkksParameters({ ...choice, precisionBits: 1 })).toThrow(ParameterError);
    }
    const last = { ckks: ckksPreset(preset), members: [1, 2], threshold: 2, decryptions: 1, level: 1 };
    expect(sharedCkksParameters({ ...last, measure: 'kullbackLeibler' }).precisionBits).toBeGreaterThan(8);
  });

  it('refuses what the flooding was not made for: more noise, larger content, another kind, other parameters', async () => {
    const founded = await foundedWith({ noiseGrowth: 1.5, magnitude: 1 });
    const context = ckksContext(founded.lattice, ckks);
    const { publicKey, epoch } = founded;
    const set = activeSet(epoch.roster, [1, 2, 3]);
    const one = encrypt(context, publicKey, [0.25]);
    const ask = (ciphertext: Ciphertext) => authoriseCkks(new DecryptionLedger(1), epoch, ciphertext, set);
    expect(() => ask(one)).not.toThrow();
    expect(() => ask(declareMagnitude(add(one, one), 0.5))).toThrow(
      /noise of up to 2\^\S+ exceeds .* larger noiseGrowth/,
    );
    expect(() => ask(declareMagnitude(one, 3))).toThrow(/content of up to 2\^56.6 exceeds the 2\^55.0/);
    const product = multiplyPlain(one, encode(context, [1]));
    const disguised: unknown = product;
    expect(() => ask(Object(disguised))).toThrow(/a ciphertext is needed here, not a product/);
    const other = ckksContext(
      founded.lattice,
      insecureCkksParameters({ ...{ degree: 64, levels: 1, scaleBits: 55 }, limbsPerLevel: 2, digits: 2 }),
    );
    const secret = generateSecretKey(founded.lattice, other.layout.ring);
    const foreign = encrypt(other, generatePublicKey(founded.lattice, other.ring, secret), [0.25]);
    expect(() => ask(foreign)).toThrow(/other CKKS parameters/);
  });

  it('refuses at creation: a level there is not, magnitudes and growths that are none, too little precision', () => {
    for (const wrong of [
      { level: 3 },
      { level: 0.5 },
      { magnitude: 0 },
      { magnitude: Number.NaN },
      { noiseGrowth: 0.5 },
      { precisionBits: 40 },
    ]) {
      expect(() => sharedCkksParameters({ ...literal, ...wrong }), JSON.stringify(wrong)).toThrow(ParameterError);
    }
    expect(() => sharedCkksParameters({ ...literal, magnitude: 100 })).toThrow(/bits are needed/);
  });

  it('is handed to a receiver flooded, with an estimate that says so', async () => {
    const founded = await foundedWith();
    const { lattice, epoch, publicKey } = founded;
    const context = ckksContext(lattice, ckks);
    const secret = generateSecretKey(lattice, context.layout.ring);
    const receiver = generatePublicKey(lattice, context.ring, secret);
    const set = activeSet(epoch.roster, [2, 4, 5]);
    const x = Array.from({ length: 32 }, (_, i) => Math.cos(i));
    const errors: number[] = [];
    let announced = 0;
    for (let round = 0; round < 20; round++) {
      const ciphertext = encrypt(context, publicKey, x);
      const answers = set.members.map((member) =>
        switchToReceiver(
          shareOf(founded, member),
          authoriseCkks(new DecryptionLedger(member), epoch, ciphertext, set),
          receiver,
        ),
      );
      const switched = switchCkks(epoch, ciphertext, set, receiver, answers);
      announced = switched.estimate.errorStddev;
      const opened = decrypt(secret, switched);
      errors.push(...x.map((value, i) => opened[i] - value));
      expect(noiseBudget(switched).headroomBits).toBeGreaterThan(0);
    }
    expect(deviation(errors) / (announced * Math.sqrt(3 / 5))).toBeGreaterThan(0.88);
    expect(deviation(errors) / (announced * Math.sqrt(3 / 5))).toBeLessThan(1.12);
  });
});
