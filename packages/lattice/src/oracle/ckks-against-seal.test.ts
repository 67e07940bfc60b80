// The same arithmetic as SEAL's on the same numbers, and the same scale of noise where the construction is the same.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  addPlain,
  type Ciphertext,
  type CkksContext,
  ckksContext,
  conjugate,
  decrypt,
  encode,
  encrypt,
  encryptSymmetric,
  expand,
  type GaloisKeys,
  galoisKeys,
  multiply,
  multiplyPlain,
  negate,
  type PublicKey,
  publicKey,
  type RelinearisationKey,
  relinearisationKey,
  rescale,
  rotate,
  type SecretKey,
  secretKey,
  subtract,
} from '../ckks/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { ckksPreset } from '../parameters/index.ts';
import { type Oracle, SEAL_DEGREE, SEAL_SCALE, sealOracle } from './seal.contract.ts';

const SLOTS = SEAL_DEGREE / 2;
const ROTATIONS = [1, 5, -3, 1000, SLOTS / 2];

const next = seededWords(2024);
const numbers = (): Float64Array<ArrayBuffer> => Float64Array.from({ length: SLOTS }, () => (next() / 2 ** 32) * 2 - 1);
const [x, y] = [numbers(), numbers()];

let seal: Oracle;
let context: CkksContext;
let secret: SecretKey;
let key: PublicKey;
let relinearisation: RelinearisationKey;
let rotations: GaloisKeys;

beforeAll(async () => {
  seal = await sealOracle(ROTATIONS);
  context = ckksContext(await reproducibleLattice(8), ckksPreset('learn-13d'));
  secret = secretKey(context);
  key = publicKey(context, secret);
  relinearisation = relinearisationKey(context, secret);
  rotations = galoisKeys(context, secret, { rotations: ROTATIONS, conjugation: true });
});
afterAll(() => seal.free());

/** Both answers are what plain numbers give, and so is their difference. */
function expectAlike(ours: Ciphertext, theirs: Float64Array, plain: (slot: number) => number): void {
  const opened = decrypt(secret, ours);
  for (let slot = 0; slot < SLOTS; slot++) {
    // A slot's noise has a deviation of up to 2^17 at a scale of 2^55 here, 2^20 at 2^40 there (after rotations); both with room.
    expect(Math.abs(opened[slot] - plain(slot))).toBeLessThan(2 ** -33);
    expect(Math.abs(theirs[slot] - plain(slot))).toBeLessThan(2 ** -16);
  }
}

describe('CKKS and SEAL agree', () => {
  it('on encryption', () => {
    expectAlike(encrypt(context, key, x), seal.decrypt(seal.encrypt(x)), (i) => x[i]);
    expectAlike(expand(encryptSymmetric(context, secret, x)), seal.decrypt(seal.encryptSymmetric(x)), (i) => x[i]);
  });

  it('on sums, differences and negatives', () => {
    const [a, b] = [encrypt(context, key, x), encrypt(context, key, y)];
    const [c, d] = [seal.encrypt(x), seal.encrypt(y)];
    expectAlike(add(a, b), seal.decrypt(seal.add(c, d)), (i) => x[i] + y[i]);
    expectAlike(subtract(a, b), seal.decrypt(seal.subtract(c, d)), (i) => x[i] - y[i]);
    expectAlike(negate(a), seal.decrypt(seal.negate(c)), (i) => -x[i]);
    expectAlike(addPlain(a, encode(context, y)), seal.decrypt(seal.addPlain(c, y)), (i) => x[i] + y[i]);
  });

  it('on products, relinearised and rescaled', () => {
    const [a, b] = [encrypt(context, key, x), encrypt(context, key, y)];
    const [c, d] = [seal.encrypt(x), seal.encrypt(y)];
    expectAlike(multiply(a, b, relinearisation), seal.decrypt(seal.multiply(c, d)), (i) => x[i] * y[i]);
    const byPlain = rescale(multiplyPlain(a, encode(context, y)));
    expectAlike(byPlain, seal.decrypt(seal.multiplyPlain(c, y)), (i) => x[i] * y[i]);
    const cube = multiply(multiply(a, a, relinearisation), multiply(b, b, relinearisation), relinearisation);
    const theirs = seal.multiply(seal.multiply(c, c), seal.multiply(d, d));
    expectAlike(cube, seal.decrypt(theirs), (i) => x[i] ** 2 * y[i] ** 2);
  });

  it('on which way a rotation turns, and on conjugation', () => {
    const [a, c] = [encrypt(context, key, x), seal.encrypt(x)];
    for (const steps of ROTATIONS) {
      const turned = (i: number): number => x[(i + steps + SLOTS) % SLOTS];
      expectAlike(rotate(a, steps, rotations), seal.decrypt(seal.rotate(c, steps)), turned);
    }
    expectAlike(conjugate(a, rotations), seal.decrypt(seal.conjugate(c)), (i) => x[i]);
  });
});

describe('the noise of CKKS', () => {
  const zeros = new Float64Array(SLOTS);
  /** Standard deviation of what decrypts beside zeros, in units of the scale's inverse, over many ciphertexts. */
  const deviation = (samples: readonly Float64Array[], scale: number): number => {
    const squares = samples.reduce((total, sample) => total + sample.reduce((sum, e) => sum + e * e, 0), 0);
    return Math.sqrt(squares / (samples.length * SLOTS)) * scale;
  };
  const REPEATS = 8;
  const repeat = (make: () => Float64Array): Float64Array[] => Array.from({ length: REPEATS }, make);
  // A deviation from 8·4096 numbers is known to 0.4 %; a public key's own errors, drawn once, add 1 %: 6 % is six of them.
  const TOLERANCE = 0.06;
  const expectNear = (measured: number, expected: number): void => {
    expect(measured / expected).toBeGreaterThan(1 - TOLERANCE);
    expect(measured / expected).toBeLessThan(1 + TOLERANCE);
  };
  const sigma = Math.sqrt(10.5);
  const perSlot = Math.sqrt(SEAL_DEGREE / 2);
  const scaleAt = (level: number): number => context.level(level).scale.value;

  it('of a symmetric ciphertext is SEAL’s: one error of deviation √10.5 per coefficient', () => {
    const ours = repeat(() => decrypt(secret, expand(encryptSymmetric(context, secret, zeros))));
    const theirs = repeat(() => seal.decrypt(seal.encryptSymmetric(zeros)));
    const [a, b] = [deviation(ours, scaleAt(context.parameters.topLevel)), deviation(theirs, SEAL_SCALE)];
    expectNear(a, sigma * perSlot);
    expectNear(b, sigma * perSlot);
    expectNear(a, b);
  });

  it('after a product and its rescaling is SEAL’s: the rounding of c0 + c1·s', () => {
    const [a, c] = [encrypt(context, key, zeros), seal.encrypt(zeros)];
    // Products of zeros: neither factor's noise survives the rescaling, only its own rounding does.
    const ours = repeat(() => decrypt(secret, multiply(a, encrypt(context, key, zeros), relinearisation)));
    const theirs = repeat(() => seal.decrypt(seal.multiply(c, seal.encrypt(zeros))));
    const rounding = Math.sqrt(SEAL_DEGREE / 18 + 1 / 12) * perSlot;
    const below = context.parameters.topLevel - 1;
    const [measured, peer] = [deviation(ours, scaleAt(below)), deviation(theirs, SEAL_SCALE)];
    expectNear(measured, rounding);
    expectNear(peer, rounding);
    expectNear(measured, peer);
  });

  it('of a public-key ciphertext is σ√(4N/3 + 1), where SEAL pays a special prime to leave rounding only', () => {
    const ours = repeat(() => decrypt(secret, encrypt(context, key, zeros)));
    const theirs = repeat(() => seal.decrypt(seal.encrypt(zeros)));
    const own = sigma * Math.sqrt((4 * SEAL_DEGREE) / 3 + 1) * perSlot;
    expectNear(deviation(ours, scaleAt(context.parameters.topLevel)), own);
    expectNear(deviation(theirs, SEAL_SCALE), Math.sqrt(SEAL_DEGREE / 18 + 1 / 12) * perSlot);
  });

  it('would be found out if it were a fifth larger', () => {
    expect(1.2).toBeGreaterThan(1 + TOLERANCE);
    const ours = repeat(() => decrypt(secret, expand(encryptSymmetric(context, secret, zeros))));
    const larger = ours.map((sample) => sample.map((e) => 1.2 * e));
    expect(() => expectNear(deviation(larger, scaleAt(context.parameters.topLevel)), sigma * perSlot)).toThrow();
  });
});
