import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { invertModulo } from '../arithmetic/modular.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { subtract, toCoefficients, toEvaluations, toIntegers } from '../ring/operations.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import { decodeCkksCiphertext, encodeCkksCiphertext } from '../wire/ckks.ts';
import { add, multiplyByConstant } from './arithmetic.ts';
import { bed, DOUBLE, deviation, SINGLE } from './bed.contract.ts';
import { type Ciphertext, declareMagnitude, noiseBudget } from './ciphertext.ts';
import { decrypt, decryptComplex } from './decryptor.ts';
import { encodeComplex } from './encoding.ts';
import type { ComplexVector } from './encoding-blocks.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { encrypt } from './encryptor.ts';
import { coefficientStddev } from './estimate.ts';
import { multiply } from './multiply.ts';
import { decryptForRelease, floodingStddev, type ReleaseOptions } from './release.ts';
import { dropTo, rescale } from './rescale.ts';

const double = await bed(DOUBLE, 61);
const single = await bed(SINGLE, 62);
/** Room above the numbers for wide noise: a base of 60 bits under a scale of 28. */
const KULLBACK: ReleaseOptions = { releases: 1, measure: 'kullbackLeibler', statisticalBits: 40 };

/**
 * The attack of Li and Micciancio: from a ciphertext and its decryption alone, s = (m + v − c0)/c1, coefficient by coefficient of
 * the smallest modulus. Returns the candidate for the secret.
 */
function attacked({ context, c0, c1 }: Ciphertext, opened: ComplexVector): bigint[] {
  const { ring, scale } = context.level(0);
  const embedding = createEmbedding(context.lattice, ring.degree);
  const encoded = encodeComplex(embedding, ring, opened, { slots: ring.degree / 2, scale: scale.value });
  const numerator = subtract(toEvaluations(encoded), c0);
  const quotient = new Uint32Array(numerator.residues.length);
  ring.moduli.forEach(({ q }, limb) => {
    for (let i = limb * ring.degree; i < (limb + 1) * ring.degree; i++) {
      quotient[i] = Number((BigInt(numerator.residues[i]) * BigInt(invertModulo(c1.residues[i], q))) % BigInt(q));
    }
  });
  return toIntegers(toCoefficients(evaluationPolynomial(ring, quotient)));
}

const secretOf = (): bigint[] => {
  const s = single.secret.reveal();
  const { ring } = single.context.level(0);
  const residues = s.residues.subarray(0, ring.degree * ring.moduli.length);
  return toIntegers(toCoefficients(evaluationPolynomial(ring, residues)));
};

describe('an exact decryption', () => {
  const c = encrypt(single.context, single.public, single.numbers(1), { level: 0 });

  it('tells the whole secret key to whoever sees it: why decrypt is for the owner only', () => {
    expect(attacked(c, decryptComplex(single.secret, c))).toEqual(secretOf());
  });

  it('for release tells nothing: the same attack finds noise', () => {
    const released = decryptForRelease(single.secret, c, { ...KULLBACK, precisionBits: -20 });
    const found = attacked(c, released);
    expect(found.filter((x) => x >= -1n && x <= 1n).length).toBeLessThan(4);
    // Not by rounding alone either: the exact numbers, rounded as a release is, still differ from the release.
    expect(deviation(released, decryptComplex(single.secret, c))).toBeGreaterThan(released.errorStddev / 3);
  });
});

describe('decryption', () => {
  const { context, secret, public: key, numbers, relinearisation } = double;
  const a = numbers(1);
  const c = encrypt(context, key, a);

  it('of products and of every level reads what is there', () => {
    const product = multiplyByConstant(c, 0.5);
    expect(Math.abs(decrypt(secret, product)[3] - a.real[3] / 2)).toBeLessThan(1e-12);
    for (const level of [0, 1, 2, 3])
      expect(deviation(decryptComplex(secret, dropTo(c, level)), a)).toBeLessThan(1e-13);
  });

  it('is refused where the content may have wrapped around, and right as soon as it may not', () => {
    const big = encrypt(context, key, [15], { magnitude: 15 });
    const squared = multiply(big, big, relinearisation);
    expect(decrypt(secret, squared)[0]).toBeCloseTo(225, 9);
    const bottom = dropTo(squared, 0);
    expect(noiseBudget(bottom).headroomBits).toBeLessThan(0);
    expect(() => decrypt(secret, bottom)).toThrow(/magnitude 225 may wrap around at level 0/);
    // Content that is known to be small may be declared so.
    const small = declareMagnitude(dropTo(multiply(c, c, relinearisation), 0), 1);
    expect(decrypt(secret, small).length).toBe(32);
    expect(() => declareMagnitude(small, 0)).toThrow(/magnitude of 0/);
  });

  it('with another key, another parameter set, or after wipe() is no decryption', async () => {
    const other = await bed(DOUBLE, 99);
    expect(() => decrypt(other.secret, c)).toThrow(/other parameters/);
    expect(() => decrypt(single.secret, c)).toThrow(/other parameters/);
    // @ts-expect-error three parts cannot be read as two.
    expect(() => decrypt(secret, { ...c, kind: 'tensor' })).toThrow(/a ciphertext is needed here/);
    expect(() => decrypt(secret, c, { slots: 5 })).toThrow(/5 slots/);
  });
});

describe('decryption for release', () => {
  const { context, secret, public: key } = single;

  it('adds the noise that it says, no less and no more', () => {
    const a = single.numbers(5);
    const c = encrypt(context, key, a, { level: 0 });
    const options = { ...KULLBACK, precisionBits: -20 };
    const flood = floodingStddev(c, options);
    // σ_flood = √(N/2)·σ_v·2^20, by the rule.
    const own = coefficientStddev(c.estimate, 64, context.level(0).scale.value);
    expect(flood / (Math.sqrt(32) * own * 2 ** 20)).toBeCloseTo(1, 12);
    const expectedSlot = (flood * Math.sqrt(32)) / context.level(0).scale.value;
    // 64 releases, 64 numbers each: the deviation is known to 1.1 %; 12 % is beyond 1e-6.
    let squares = 0;
    for (let i = 0; i < 64; i++) squares += deviation(decryptForRelease(secret, c, options), a) ** 2;
    const measured = Math.sqrt(squares / 64);
    expect(Math.abs(measured / expectedSlot - 1)).toBeLessThan(0.12);
    const released = decryptForRelease(secret, c, options);
    expect(released.floodingStddev / flood).toBeCloseTo(1, 9);
    expect(released.errorStddev / expectedSlot).toBeCloseTo(1, 3);
    expect(released.precisionBits).toBeCloseTo(-Math.log2(expectedSlot), 2);
  });

  it('sizes it by releases, bits, measure and the noise it is told', () => {
    const c = encrypt(context, key, [0.5]);
    const at = (change: Partial<ReleaseOptions>): number => floodingStddev(c, { ...KULLBACK, ...change });
    expect(at({ releases: 400 }) / at({})).toBeCloseTo(20, 9);
    expect(at({ statisticalBits: 64 }) / at({})).toBeCloseTo(2 ** 12, 6);
    expect(at({ measure: 'totalVariation' }) / at({})).toBeCloseTo(2 ** 19 * Math.SQRT2, 3);
    const noisy = 2 ** 20;
    expect(at({ noiseStddev: noisy }) / (Math.sqrt(32) * noisy * 2 ** 20)).toBeCloseTo(1, 9);
  });

  it('is never less than the ciphertext and every fresh encryption call for, whatever it is told', () => {
    const c = encrypt(context, key, [0.5]);
    const own = floodingStddev(c, KULLBACK);
    expect(floodingStddev(c, { ...KULLBACK, noiseStddev: 2 ** -60 })).toBe(own);
    // An estimate below what a fresh ciphertext has cannot be: σ = √10.5 counts.
    const flattering: Ciphertext = { ...c, estimate: { magnitude: 1, errorStddev: 1e-300, claimed: false } };
    expect(floodingStddev(flattering, KULLBACK) / (Math.sqrt(32 * 10.5) * 2 ** 20)).toBeCloseTo(1, 9);
  });

  it('believes no estimate that came with the bytes, nor one computed from it', () => {
    const sent = decodeCkksCiphertext(context, encodeCkksCiphertext(encrypt(context, key, [0.5])));
    const computed = add(encrypt(context, key, [0.25]), sent);
    for (const claimed of [sent, computed, rescale(multiplyByConstant(sent, 2))]) {
      expect(() => decryptForRelease(secret, claimed, { ...KULLBACK, precisionBits: -40 })).toThrow(/sender's claim/);
    }
    const own = coefficientStddev(computed.estimate, 64, context.level(computed.level).scale.value);
    const bounded = { ...KULLBACK, precisionBits: -40, noiseStddev: own };
    const { floodingStddev: flood } = decryptForRelease(secret, dropTo(sent, 0), bounded);
    expect(flood).toBeGreaterThanOrEqual(Math.sqrt(32) * own * 2 ** 20 * (1 - 1e-9));
  });

  it('rounds to what is left, so that no low bit of the noise-free number survives', () => {
    const c = encrypt(context, key, [0.5], { level: 0 });
    const released = decryptForRelease(secret, c, { ...KULLBACK, precisionBits: -20 });
    const step = 2 ** Math.floor(Math.log2(released.errorStddev / 8));
    for (const x of [...released.real, ...released.imaginary]) expect(Number.isInteger(x / step)).toBe(true);
  });

  it('is different every time', () => {
    const c = encrypt(context, key, [0.5], { level: 0 });
    const options = { ...KULLBACK, precisionBits: -20 };
    expect(decryptForRelease(secret, c, options).real).not.toEqual(decryptForRelease(secret, c, options).real);
  });

  it('is refused, with what would be left, rather than weakened', () => {
    const c = encrypt(context, key, [0.5]);
    expect(() => decryptForRelease(secret, c, { releases: 1 })).toThrow(
      /leaves -\d+\.\d bits of precision, 1 are asked/,
    );
    expect(() => decryptForRelease(secret, c, { ...KULLBACK, precisionBits: 20 })).toThrow(/20 are asked/);
    expect(() => decryptForRelease(secret, c, { ...KULLBACK, releases: 0 })).toThrow(/releases 0/);
    expect(() => decryptForRelease(secret, c, { ...KULLBACK, releases: 1.5 })).toThrow(/releases 1.5/);
    expect(() => decryptForRelease(secret, c, { releases: 1, statisticalBits: 20 })).toThrow(/\[40, 64\]/);
    expect(() => decryptForRelease(secret, c, { releases: 1, statisticalBits: 65 })).toThrow(/\[40, 64\]/);
    expect(() => decryptForRelease(secret, c, { ...KULLBACK, noiseStddev: 0 })).toThrow(/noiseStddev 0/);
    // @ts-expect-error how many releases there will be is not to be guessed.
    expect(() => decryptForRelease(secret, c, {})).toThrow(/releases undefined/);
    // @ts-expect-error a product is rescaled first.
    expect(() => decryptForRelease(secret, multiplyByConstant(c, 1), KULLBACK)).toThrow(/a ciphertext is needed/);
  });

  it('leaves a fresh D55 ciphertext 20 bits at this small degree by Kullback–Leibler, for real', () => {
    const a = double.numbers(3);
    const c = encrypt(double.context, double.public, a);
    const released = decryptForRelease(double.secret, c, { ...KULLBACK, precisionBits: 20 });
    expect(released.precisionBits).toBeGreaterThan(20);
    expect(deviation(released, a)).toBeLessThan(1.4 * released.errorStddev);
  });
});

describe('what prints', () => {
  it('of a context, a ciphertext or a bed of keys shows no secret', () => {
    const s = secretOf();
    const c = encrypt(single.context, single.public, [0.123456]);
    const words = [...single.secret.reveal().residues.subarray(0, 8)];
    for (const text of [inspect(single, { depth: 9 }), inspect(c, { depth: 9 }), String(single.context)]) {
      expect(text).not.toContain('0.123456');
      for (const word of words) expect(text).not.toContain(` ${word},`);
    }
    expect(s.length).toBe(64);
    expect(String(single.context)).toContain('INSECURE');
    expect(inspect(insecureCkksParameters(SINGLE))).toContain('INSECURE');
  });
});
