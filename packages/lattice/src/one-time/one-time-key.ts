// A one-time key: the small polynomial s under which one vector is encrypted, once. It is shared among the committee first, then
// used, and wiped by the use. Not printable, not serialisable.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { freshSeed, sampleSmall } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { showAs } from '../secrecy.ts';

export class OneTimeKey {
  readonly parameters: OneTimeParameters;
  readonly #coefficients: Int32Array<ArrayBuffer>;
  #shared = false;
  #spent = false;

  /** Takes the coefficients over: they are wiped with the key. */
  constructor(parameters: OneTimeParameters, coefficients: Int32Array<ArrayBuffer>) {
    if (coefficients.length !== parameters.degree) {
      throw new ParameterError(`${coefficients.length} coefficients for a key of degree ${parameters.degree}`);
    }
    this.parameters = parameters;
    this.#coefficients = coefficients;
  }

  /** For shareKey: once, because a second sharing doubles what a coalition above t_c sees, and before the key is used. */
  takeForSharing(): Int32Array<ArrayBuffer> {
    if (this.#spent) throw new ParameterError('this one-time key is spent: share it before it encrypts');
    if (this.#shared) throw new ParameterError('this one-time key has been shared already');
    this.#shared = true;
    return this.#coefficients;
  }

  /** For encryptOnce: the only use. The caller wipes the key when it is done, whatever happened. */
  takeForEncryption(): Int32Array<ArrayBuffer> {
    if (this.#spent) throw new ParameterError('this one-time key is spent: it encrypts once, ever');
    this.#spent = true;
    return this.#coefficients;
  }

  wipe(): void {
    this.#spent = true;
    this.#coefficients.fill(0);
  }

  toJSON(): never {
    throw new ParameterError('a one-time key is secret and is not serialised');
  }

  toString(): string {
    return `OneTimeKey(${this.#spent ? 'spent' : 'fresh'})`;
  }

  static {
    showAs(OneTimeKey.prototype, (key) => key.toString());
  }
}

/** In domain 'tern' 0 is a ciphertext's u and 1 a secret key: a seed used twice by mistake repeats nothing. */
const KEY_INDEX = 2;

/** A fresh key, s ← χ_s^N. `seed`: 32 secret bytes used for nothing else; by default fresh ones. */
export function oneTimeKey(lattice: Lattice, parameters: OneTimeParameters, seed?: Uint8Array): OneTimeKey {
  const drawn = seed ?? freshSeed(lattice.primitives);
  const stream = new RandomStream(lattice.primitives, drawn, 'tern', KEY_INDEX);
  const { memory } = lattice.engine;
  const { degree, secret } = parameters;
  try {
    return memory.secretScope(() => {
      const at = memory.allocate(4 * degree);
      sampleSmall(lattice.engine, stream, secret, at, degree);
      return new OneTimeKey(parameters, memory.i32(at, degree).slice());
    });
  } finally {
    stream.wipe();
    if (seed === undefined) drawn.fill(0);
  }
}
