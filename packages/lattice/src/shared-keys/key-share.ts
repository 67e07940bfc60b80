// One member's share of the secret key: the value of the joint sharing polynomial at its number, and for every other member the
// key from which the two derive masks that cancel. Secret; not printable, not serialisable by accident.

import { ParameterError } from '../errors.ts';
import { type EvaluationPolynomial, wipePolynomial } from '../ring/polynomial.ts';
import { showAs } from '../secrecy.ts';
import type { KeyEpoch } from './epoch.ts';

export class KeyShare {
  readonly epoch: KeyEpoch;
  readonly member: number;
  readonly #polynomial: EvaluationPolynomial;
  readonly #pairKeys: ReadonlyMap<number, Uint8Array>;
  #wiped = false;

  constructor(
    epoch: KeyEpoch,
    member: number,
    polynomial: EvaluationPolynomial,
    pairKeys: ReadonlyMap<number, Uint8Array>,
  ) {
    this.epoch = epoch;
    this.member = member;
    this.#polynomial = polynomial;
    this.#pairKeys = pairKeys;
  }

  /** For the protocols of this room and the wire: the value itself, over all primes. Refused after wipe(). */
  reveal(): EvaluationPolynomial {
    this.#refuseWiped();
    return this.#polynomial;
  }

  /** The 32-byte secret shared with one other member. */
  revealPairKey(other: number): Uint8Array {
    this.#refuseWiped();
    const key = this.#pairKeys.get(other);
    if (key === undefined) throw new ParameterError(`member ${this.member} shares no key with ${other}`);
    return key;
  }

  wipe(): void {
    this.#wiped = true;
    wipePolynomial(this.#polynomial);
    for (const key of this.#pairKeys.values()) key.fill(0);
  }

  #refuseWiped(): void {
    if (this.#wiped) throw new ParameterError('this key share has been wiped');
  }

  toJSON(): never {
    throw new ParameterError('a key share is not serialised by accident; use the explicit encoding');
  }

  toString(): string {
    const { members, threshold } = this.epoch.roster;
    return `KeyShare(member ${this.member}, ${threshold} of ${members.length})`;
  }

  static {
    showAs(KeyShare.prototype, (share) => share.toString());
  }
}
