// A secret key: one small polynomial s, kept in evaluation form modulo every prime it will meet. Not printable, not serialisable
// by accident; wire/ has an explicit encoding for those who store it encrypted.

import { ParameterError } from '../errors.ts';
import { loadBlock, multiplyScalarBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial, wipePolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { showAs } from '../secrecy.ts';

export class SecretKey {
  readonly #polynomial: EvaluationPolynomial;
  #lifted: EvaluationPolynomial | undefined;
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

  /** s·2^32, the form that kernels multiply by fastest (kernels/residues.ts); made at the first use and kept. */
  revealLifted(): EvaluationPolynomial {
    const s = this.reveal();
    this.#lifted ??= lifted(s);
    return this.#lifted;
  }

  wipe(): void {
    this.#wiped = true;
    wipePolynomial(this.#polynomial);
    this.wipeLifted();
  }

  /** For holders of a polynomial that is wiped elsewhere: overwrites what this object derived from it. */
  wipeLifted(): void {
    if (this.#lifted !== undefined) wipePolynomial(this.#lifted);
    this.#lifted = undefined;
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

function lifted(s: EvaluationPolynomial): EvaluationPolynomial {
  const { ring } = s;
  return ring.engine.memory.secretScope(() => {
    const at = loadBlock(s);
    const factors = ring.moduli.map((m) => ({ value: m.wordResidue, quotient: m.wordResidueQuotient }));
    multiplyScalarBlock(ring, at, at, factors);
    return evaluationPolynomial(ring, readBlock(ring, at));
  });
}
