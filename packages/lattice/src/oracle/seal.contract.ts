// The oracle: Microsoft SEAL through node-seal 6.0.3, CKKS with N = 8192 and primes {60, 40, 40, 60}. For tests alone; its randomness
// is its own and cannot be seeded, so bounds on what it gives are six standard deviations wide.

import { createRequire } from 'node:module';
import type { CipherText } from 'node-seal/implementation/cipher-text.js';
import type { SEALLibrary } from 'node-seal/implementation/seal.js';

export const SEAL_DEGREE = 8192;
export const SEAL_SCALE: number = 2 ** 40;

// The package's entry for Node is a CommonJS function, which its declarations (of the web entry) do not say.
const load: () => Promise<SEALLibrary> = createRequire(import.meta.url)('node-seal');

export interface Oracle {
  encrypt(values: Float64Array): CipherText;
  encryptSymmetric(values: Float64Array): CipherText;
  decrypt(ciphertext: CipherText): Float64Array;
  add(a: CipherText, b: CipherText): CipherText;
  subtract(a: CipherText, b: CipherText): CipherText;
  negate(a: CipherText): CipherText;
  addPlain(a: CipherText, values: Float64Array): CipherText;
  /** Products are relinearised and rescaled. */
  multiply(a: CipherText, b: CipherText): CipherText;
  multiplyPlain(a: CipherText, values: Float64Array): CipherText;
  rotate(a: CipherText, steps: number): CipherText;
  conjugate(a: CipherText): CipherText;
  /** Frees all that was handed out. */
  free(): void;
}

export async function sealOracle(rotations: readonly number[]): Promise<Oracle> {
  const seal = await load();
  const owned: { delete(): void }[] = [];
  const own = <Value extends { delete(): void }>(value: Value): Value => {
    owned.push(value);
    return value;
  };
  const parameters = own(seal.EncryptionParameters(seal.SchemeType.ckks));
  parameters.setPolyModulusDegree(SEAL_DEGREE);
  parameters.setCoeffModulus(own(seal.CoeffModulus.Create(SEAL_DEGREE, Int32Array.from([60, 40, 40, 60]))));
  const context = own(seal.Context(parameters, true, seal.SecurityLevel.tc128));
  const keys = own(seal.KeyGenerator(context));
  const secret = own(keys.secretKey());
  const publicKey = own(keys.createPublicKey());
  const relinearisation = own(keys.createRelinKeys());
  // SEAL's step 0 is the conjugation.
  const galois = own(keys.createGaloisKeys(Int32Array.from([...rotations, 0])));
  const encoder = own(seal.CKKSEncoder(context));
  const encryptor = own(seal.Encryptor(context, publicKey, secret));
  const decryptor = own(seal.Decryptor(context, secret));
  const evaluator = own(seal.Evaluator(context));
  const plain = own(seal.PlainText());
  const into = (work: (destination: CipherText) => void): CipherText => {
    const destination = own(seal.CipherText());
    work(destination);
    return destination;
  };
  const rescaled = (product: CipherText): CipherText => into((c) => evaluator.rescaleToNext(product, c));
  return {
    encrypt: (values) =>
      into((c) => {
        encoder.encode(values, SEAL_SCALE, plain);
        encryptor.encrypt(plain, c);
      }),
    encryptSymmetric: (values) =>
      into((c) => {
        encoder.encode(values, SEAL_SCALE, plain);
        encryptor.encryptSymmetric(plain, c);
      }),
    decrypt(ciphertext) {
      decryptor.decrypt(ciphertext, plain);
      return encoder.decode(plain);
    },
    add: (a, b) => into((c) => evaluator.add(a, b, c)),
    subtract: (a, b) => into((c) => evaluator.sub(a, b, c)),
    negate: (a) => into((c) => evaluator.negate(a, c)),
    addPlain: (a, values) =>
      into((c) => {
        encoder.encode(values, SEAL_SCALE, plain);
        evaluator.addPlain(a, plain, c);
      }),
    multiply: (a, b) =>
      rescaled(
        into((c) => {
          evaluator.multiply(a, b, c);
          evaluator.relinearize(c, relinearisation, c);
        }),
      ),
    multiplyPlain: (a, values) =>
      rescaled(
        into((c) => {
          encoder.encode(values, SEAL_SCALE, plain);
          evaluator.multiplyPlain(a, plain, c);
        }),
      ),
    rotate: (a, steps) => into((c) => evaluator.rotateVector(a, steps, galois, c)),
    conjugate: (a) => into((c) => evaluator.complexConjugate(a, galois, c)),
    free() {
      for (const value of owned.splice(0).reverse()) value.delete();
    },
  };
}
