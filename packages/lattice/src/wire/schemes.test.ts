import { describe, expect, it } from 'vitest';
import * as ckks from '../ckks/index.ts';
import { ParameterError } from '../errors.ts';
import * as integers from '../integers/index.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import * as oneTime from '../one-time/index.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { ckksPreset } from '../parameters/ckks-presets.ts';
import { primesBelow } from '../ring/primes.ts';
import { ring } from '../ring/ring.ts';
import { ENVELOPE_BYTES, kindOfMessage } from './envelope.ts';
import * as wire from './index.ts';
import { decodeSecretKey, encodeSecretKeyInTheClear } from './secrets.ts';

// Whole stories through bytes, with real parameters: what was sent decrypts, and it is as small as its bits.

const lattice = await reproducibleLattice(31);

describe('exact sums through bytes', () => {
  const parameters = integers.integerParameters({
    degree: 4096,
    primes: primesBelow(2 ** 30, 3, 4096),
    plaintext: { kind: 'lanes', valueBits: 12, signed: true },
    additions: 10,
    key: 'public',
  });
  const key = integers.secretKey(lattice, parameters);
  const values = Float64Array.from({ length: parameters.valuesPerCiphertext + 5 }, (_, i) => ((i * 37) % 4095) - 2047);

  it('from a public key that travelled, added by a server, opened by a key that was stored', () => {
    const sent = wire.encodePublicKey(lattice, parameters, integers.publicKey(lattice, parameters, key));
    const publicKey = wire.decodePublicKey(lattice, parameters, sent);
    const messages = [1, 2].map(() =>
      wire.encodeEncryptedVector(lattice, integers.encryptVector(lattice, publicKey, parameters, values)),
    );
    expect(messages.map(kindOfMessage)).toEqual(['integer vector', 'integer vector']);
    const [a, b] = messages.map((bytes) => wire.decodeEncryptedVector(lattice, parameters, bytes));
    const sum = wire.encodeEncryptedVector(lattice, integers.addVectors(lattice, a, b));
    const stored = encodeSecretKeyInTheClear(lattice, parameters, key);
    const again = decodeSecretKey(lattice, parameters, stored);
    const opened = integers.decryptVector(lattice, again, wire.decodeEncryptedVector(lattice, parameters, sum));
    expect([...opened]).toEqual([...values].map((v) => 2 * v));
    // 30 bits a residue, two bits a coefficient of the key.
    expect(sent).toHaveLength(ENVELOPE_BYTES + 32 + (4096 * 90) / 8);
    expect(messages[0]).toHaveLength(ENVELOPE_BYTES + 9 + 4 * ((4096 * 90) / 8));
    expect(stored).toHaveLength(ENVELOPE_BYTES + 1024);
  });

  it('fresh and symmetric: one polynomial and one seed for the vector', () => {
    const vector = integers.encryptVectorSymmetric(lattice, key, parameters, values);
    const bytes = wire.encodeEncryptedVector(lattice, vector);
    expect(bytes).toHaveLength(ENVELOPE_BYTES + 9 + 32 + 2 * ((4096 * 90) / 8));
    const received = wire.decodeEncryptedVector(lattice, parameters, bytes);
    expect([...integers.decryptVector(lattice, key, received)]).toEqual([...values]);
  });

  it('one ciphertext alone, also one out of the middle of a seeded vector', () => {
    const [, second] = integers.encryptVectorSymmetric(lattice, key, parameters, values).ciphertexts;
    const received = wire.decodeIntegerCiphertext(lattice, parameters, wire.encodeIntegerCiphertext(lattice, second));
    expect([...integers.decrypt(lattice, key, received)].slice(0, 5)).toEqual([...values.slice(-5)]);
    // A vector whose seeds are not in their places is sent whole.
    const turned = { parameters, length: 3, ciphertexts: [second], additions: 1 };
    const whole = wire.encodeEncryptedVector(lattice, turned);
    expect(whole).toHaveLength(ENVELOPE_BYTES + 9 + 2 * ((4096 * 90) / 8));
    expect([...integers.decryptVector(lattice, key, wire.decodeEncryptedVector(lattice, parameters, whole))]).toEqual([
      ...values.slice(-5, -2),
    ]);
  });
});

describe('CKKS through bytes', () => {
  it('ciphertexts and evaluation keys that travelled multiply and rotate', () => {
    const context = ckks.ckksContext(lattice, ckksPreset('learn-13s'));
    const { parameters } = context;
    const secret = ckks.secretKey(context);
    const relinearisation = wire.decodeRelinearisationKey(
      lattice,
      parameters,
      wire.encodeRelinearisationKey(lattice, parameters, ckks.relinearisationKey(context, secret)),
    );
    const galois = wire.decodeGaloisKeys(
      lattice,
      parameters,
      wire.encodeGaloisKeys(lattice, parameters, ckks.galoisKeys(context, secret, { rotations: [3, 1] })),
    );
    expect([...galois.keys()]).toEqual([5, 125]);
    const publicKey = wire.decodePublicKey(
      lattice,
      parameters,
      wire.encodePublicKey(lattice, parameters, ckks.publicKey(context, secret)),
    );
    const values = Float64Array.from({ length: parameters.slots }, (_, i) => Math.sin(i));
    const through = (ciphertext: ckks.Ciphertext | ckks.SeededCiphertext): ckks.Ciphertext =>
      wire.decodeCkksCiphertext(context, wire.encodeCkksCiphertext(ciphertext));
    const a = through(ckks.encrypt(context, publicKey, values));
    const b = through(ckks.encryptSymmetric(context, secret, values));
    const product = through(ckks.multiply(a, b, relinearisation));
    const rotated = through(ckks.rotate(product, 3, galois));
    const stored = decodeSecretKey(lattice, parameters, encodeSecretKeyInTheClear(lattice, parameters, secret));
    const result = ckks.decrypt(stored, rotated);
    for (const i of [0, 1, 1000, parameters.slots - 1]) {
      expect(result[i]).toBeCloseTo(Math.sin((i + 3) % parameters.slots) ** 2, 2);
    }
    expect(rotated.estimate).toEqual(through(rotated).estimate);
    const unscaled = ckks.relinearise(ckks.tensor(a, b), relinearisation);
    expect(() => wire.encodeCkksCiphertext(unscaled as never)).toThrow(/product does not travel/);
  });
});

describe('one-time contributions through bytes', () => {
  it('open with shares and a sum of keys that travelled', () => {
    const parameters = oneTime.oneTimeParameters({
      contributors: 100,
      wordBits: 19,
      wordsPerCoefficient: 4,
      committee: { members: 5, corrupt: 1 },
    });
    const context = new Uint8Array(32).fill(9);
    const values = Float64Array.from({ length: 20_000 }, (_, i) => (i % 4000) - 2000);
    const sum = new oneTime.OneTimeSum(lattice, parameters, values.length);
    const shares: oneTime.KeyShare[][] = [];
    for (let contributor = 0; contributor < 3; contributor++) {
      const key = oneTime.oneTimeKey(lattice, parameters);
      shares.push(
        oneTime
          .shareKey(lattice, key)
          .map((share) => wire.encodeOneTimeKeyShare(lattice, parameters, share))
          .map((bytes) => wire.decodeOneTimeKeyShare(lattice, parameters, bytes)),
      );
      const message = wire.encodeOneTimeCiphertext(lattice, oneTime.encryptOnce(lattice, { key, context, values }));
      // Two chunks of 46,080 bytes: 4096 residues of three 30-bit primes.
      expect(message).toHaveLength(ENVELOPE_BYTES + 8 + 2 * 46_080);
      sum.add(wire.decodeOneTimeCiphertext(lattice, parameters, message));
    }
    const answers = [0, 1, 2, 4].map((i) =>
      oneTime.sumShares(
        parameters,
        shares.map((of) => of[i]),
      ),
    );
    const keySum = oneTime.reconstructKeySum(lattice, parameters, answers);
    const published = wire.decodeOneTimeKeySum(
      lattice,
      parameters,
      wire.encodeOneTimeKeySum(lattice, parameters, keySum),
    );
    expect(published).toEqual(keySum);
    const total = wire.decodeOneTimeCiphertext(lattice, parameters, wire.encodeOneTimeCiphertext(lattice, sum.total()));
    expect([...oneTime.openSum(lattice, { total, context, keySum: published })]).toEqual([...values].map((v) => 3 * v));
  });
});

describe('an encoder refuses', () => {
  const parameters = integers.insecureIntegerParameters({
    degree: 16,
    plaintext: { kind: 'lanes', valueBits: 8, signed: true, lanes: 1 },
    additions: 3,
    key: 'public',
  });
  const over = integers.integerRing(lattice, parameters);
  const key = integers.secretKey(lattice, parameters);
  const publicKey = integers.publicKey(lattice, parameters, key);
  const ciphertext = integers.encrypt(lattice, publicKey, parameters, [1, 2, 3]);
  const refused = (encode: () => unknown, message: RegExp): void => {
    expect(encode).toThrow(ParameterError);
    expect(encode).toThrow(message);
  };

  it('what its decoder would refuse, so that nothing goes out that cannot come in', () => {
    const { c0 } = ciphertext;
    const large = { ...c0, residues: c0.residues.slice().fill(over.moduli[0].q) };
    const foreign = { ...c0, ring: ring(lattice.engine, 32, primesBelow(2 ** 30, 2, 32)) };
    refused(() => wire.encodeIntegerCiphertext(lattice, { ...ciphertext, additions: 4 }), /4 additions/);
    refused(() => wire.encodeIntegerCiphertext(lattice, { ...ciphertext, additions: 0.5 }), /0.5/);
    refused(() => wire.encodeIntegerCiphertext(lattice, { ...ciphertext, c0: large }), /residue not below/);
    refused(() => wire.encodeIntegerCiphertext(lattice, { ...ciphertext, c0: foreign }), /another ring/);
    const c1 = { seed: new Uint8Array(32), index: 0 };
    refused(() => wire.encodeIntegerCiphertext(lattice, { ...ciphertext, c1, additions: 2 }), /seeded .* 2 additions/);
    const vector = { parameters, length: 40, ciphertexts: [ciphertext], additions: 1 };
    refused(() => wire.encodeEncryptedVector(lattice, vector), /40 values has 1 ciphertexts, not 3/);
  });

  it('a set of Galois keys in which one stands under the name of another', () => {
    const context = ckks.ckksContext(
      lattice,
      insecureCkksParameters({ degree: 16, levels: 1, scaleBits: 55, limbsPerLevel: 2, digits: 2 }),
    );
    const [key] = ckks.galoisKeys(context, ckks.secretKey(context), { rotations: [1] }).values();
    const encode = (element: number) => () =>
      wire.encodeGaloisKeys(lattice, context.parameters, new Map([[element, key]]));
    expect(encode(5)).not.toThrow();
    refused(encode(25), /kept for element 25 is one for 5/);
    // One message, twice: the set would have two spellings.
    const once = encode(5)();
    const doubled = new Uint8Array(2 * once.length - ENVELOPE_BYTES - 4);
    doubled.set(once);
    doubled[ENVELOPE_BYTES] = 2;
    doubled.set(once.subarray(ENVELOPE_BYTES + 4), once.length);
    expect(() => wire.decodeGaloisKeys(lattice, context.parameters, doubled)).toThrow(
      /element 5 stands behind that of 5/,
    );
  });

  it('keys that are not what they say', () => {
    refused(
      () => wire.encodePublicKey(lattice, parameters, { ...publicKey, seed: new Uint8Array(32) }),
      /not what its seed expands to/,
    );
    const wide = generateSecretKey(lattice, over, { kind: 'centredBinomial', eta: 21 });
    refused(() => encodeSecretKeyInTheClear(lattice, parameters, wide), /not ternary/);
    key.wipe();
    refused(() => encodeSecretKeyInTheClear(lattice, parameters, key), /wiped/);
  });
});
