// A secret key: one small polynomial s, kept in evaluation form modulo every prime it will meet. Not printable, not serialisable
// by accident; wire/ has an explicit encoding for those who store it encrypted.

import { ParameterError } from '../errors.ts';
import { type EvaluationPolynomial, wipePolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { showAs } from '../secrecy.ts';

export class SecretKey {
  readonly #polynomial: EvaluationPolynomial;
  #wiped = false;

  constructor(polynomial: EvaluationPolynomial) {
    this.#polynomial = polynomial;
  }

  /** The ring of all primes, data first, special primes after them. */
  get ring(): Ring {
    return this.#polynomial.ring;
  }

  /** For the schemes of this package: the secret itself. Refused after wipe(). */
  reveal(): EvaluationPolynomial {
    if (this.#wiped) throw new ParameterError('this secret key has been wiped');
    return this.#polynomial;
  }

  wipe(): void {
    this.#wiped = true;
    wipePolynomial(this.#polynomial);
  }

  toJSON(): never {
    throw new ParameterError('a secret key is not serialised by accident; use the explicit encoding');
  }

  toString(): string {
    return `SecretKey(N = ${this.ring.degree}, ${this.ring.moduli.length} primes)`;
  }

  static {
    showAs(SecretKey.prototype, (key) => key.toString());
  }
}
