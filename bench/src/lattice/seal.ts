// The peer: node-seal 6.0.3 (scalar SEAL 4.1.2 in WebAssembly), the last that loads in Node 20, through its public interface and
// on one thread. Its bytes come from this process alone: its readers are not hardened against anybody else's. Its objects live
// in its own heap and are freed by hand.

import { createRequire } from 'node:module';
import type { CipherText } from 'node-seal/implementation/cipher-text.js';
import type { CKKSEncoder } from 'node-seal/implementation/ckks-encoder.js';
import type { Context } from 'node-seal/implementation/context.js';
import type { Decryptor } from 'node-seal/implementation/decryptor.js';
import type { Encryptor } from 'node-seal/implementation/encryptor.js';
import type { Evaluator } from 'node-seal/implementation/evaluator.js';
import type { GaloisKeys } from 'node-seal/implementation/galois-keys.js';
import type { PlainText } from 'node-seal/implementation/plain-text.js';
import type { RelinKeys } from 'node-seal/implementation/relin-keys.js';
import type { SEALLibrary } from 'node-seal/implementation/seal.js';

// The package's entry for Node is a CommonJS function, which its declarations (of the web entry) do not say.
const load: () => Promise<SEALLibrary> = createRequire(import.meta.url)('node-seal');

let library: Promise<SEALLibrary> | undefined;

/** What a caller keeps for as long as it needs it, and frees once. */
interface Deletable {
  delete(): void;
}

function present<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`this chain was made without ${what}`);
  return value;
}

export interface SealChain {
  readonly degree: number;
  /** Bits of every prime of the key level, the special prime last. */
  readonly primeBits: readonly number[];
  readonly scale: number;
  /** Makes relinearisation keys and keys for these rotations. */
  readonly evaluates?: readonly number[];
}

/** CKKS in node-seal with one set of keys, and room for results, so that nothing is allocated while time is taken. */
export async function sealCkks(chain: SealChain): Promise<SealCkks> {
  library ??= load();
  return new SealCkks(await library, chain);
}

export class SealCkks {
  readonly chain: SealChain;
  readonly #owned: Deletable[] = [];
  readonly #seal: SEALLibrary;
  readonly #encoder: CKKSEncoder;
  readonly #encryptor: Encryptor;
  readonly #decryptor: Decryptor;
  readonly #evaluator: Evaluator;
  readonly #context: Context;
  readonly #relinearisation: RelinKeys | undefined;
  readonly #rotations: GaloisKeys | undefined;

  constructor(seal: SEALLibrary, chain: SealChain) {
    this.chain = chain;
    this.#seal = seal;
    const parameters = this.#own(seal.EncryptionParameters(seal.SchemeType.ckks));
    parameters.setPolyModulusDegree(chain.degree);
    const primes = this.#own(seal.CoeffModulus.Create(chain.degree, Int32Array.from(chain.primeBits)));
    parameters.setCoeffModulus(primes);
    // 128-bit security by the table of 2018, which is laxer than ours: the chains here keep the stricter one.
    this.#context = this.#own(seal.Context(parameters, true, seal.SecurityLevel.tc128));
    if (!this.#context.parametersSet()) throw new Error(`node-seal refuses the primes ${chain.primeBits.join(', ')}`);
    const keys = this.#own(seal.KeyGenerator(this.#context));
    const secret = this.#own(keys.secretKey());
    const publicKey = this.#own(keys.createPublicKey());
    this.#encoder = this.#own(seal.CKKSEncoder(this.#context));
    this.#encryptor = this.#own(seal.Encryptor(this.#context, publicKey, secret));
    this.#decryptor = this.#own(seal.Decryptor(this.#context, secret));
    this.#evaluator = this.#own(seal.Evaluator(this.#context));
    const { evaluates } = chain;
    this.#relinearisation = evaluates === undefined ? undefined : this.#own(keys.createRelinKeys());
    this.#rotations =
      evaluates === undefined ? undefined : this.#own(keys.createGaloisKeys(Int32Array.from(evaluates)));
  }

  #own<Value extends Deletable>(value: Value): Value {
    this.#owned.push(value);
    return value;
  }

  /** Frees everything this made and handed out. */
  free(): void {
    for (const value of this.#owned.splice(0).reverse()) value.delete();
  }

  /** log2 of the modulus at key level, and of the data modulus, without the special prime. SEAL's primes fill their bits. */
  get keyBits(): number {
    return this.chain.primeBits.reduce((sum, bits) => sum + bits, 0);
  }

  get dataBits(): number {
    return this.keyBits - present(this.chain.primeBits.at(-1), 'a special prime');
  }

  plaintext(): PlainText {
    return this.#own(this.#seal.PlainText());
  }

  ciphertext(): CipherText {
    return this.#own(this.#seal.CipherText());
  }

  encode(values: Float64Array, into: PlainText): void {
    this.#encoder.encode(values, this.chain.scale, into);
  }

  encrypt(plaintext: PlainText, into: CipherText): void {
    this.#encryptor.encrypt(plaintext, into);
  }

  /** Symmetric, the uniform half as a seed: exists in serialised form only, so the bytes are made as well. */
  encryptSeeded(plaintext: PlainText): Uint8Array {
    const serialisable = this.#encryptor.encryptSymmetricSerializable(plaintext);
    const bytes = serialisable.saveArray(this.#seal.ComprModeType.none);
    serialisable.delete();
    return bytes;
  }

  save(ciphertext: CipherText): Uint8Array {
    return ciphertext.saveArray(this.#seal.ComprModeType.none);
  }

  /** Reads what `save` of this very object gave. */
  load(bytes: Uint8Array, into: CipherText): void {
    into.loadArray(this.#context, bytes);
  }

  addInPlace(sum: CipherText, summand: CipherText): void {
    this.#evaluator.add(sum, summand, sum);
  }

  decrypt(ciphertext: CipherText, into: PlainText): void {
    this.#decryptor.decrypt(ciphertext, into);
  }

  decode(plaintext: PlainText): Float64Array {
    return this.#encoder.decode(plaintext);
  }

  /** multiply, relinearise, rescale; `product` is room for the intermediate results. */
  multiply(a: CipherText, b: CipherText, product: CipherText): void {
    this.#evaluator.multiply(a, b, product);
    this.#evaluator.relinearize(product, present(this.#relinearisation, 'relinearisation keys'), product);
    this.#evaluator.rescaleToNext(product, product);
  }

  rotate(a: CipherText, steps: number, into: CipherText): void {
    this.#evaluator.rotateVector(a, steps, present(this.#rotations, 'rotation keys'), into);
  }

  /** All polynomials and primes of the ciphertext out of evaluation form and back. */
  transformPair(ciphertext: CipherText): void {
    this.#evaluator.cipherTransformFromNtt(ciphertext, ciphertext);
    this.#evaluator.cipherTransformToNtt(ciphertext, ciphertext);
  }
}
