// Secret bytes that a state must carry (a seed, a share, a contribution to the beacon): they do not print, clone or serialise by
// accident. exposeInTheClear() is for sending on purpose and for storing a state where its owner alone reads it.

import { ParameterError } from './errors.ts';

// Not on the object: consoles show even private fields.
const held = new WeakMap<SecretBytes, Uint8Array>();

export class SecretBytes {
  readonly length: number;

  static {
    Object.defineProperty(SecretBytes.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: SecretBytes): string {
        return this.toString();
      },
    });
  }

  /** Copies `bytes`; the caller wipes its own. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    held.set(this, bytes.slice());
    Object.freeze(this);
  }

  get wiped(): boolean {
    return !held.has(this);
  }

  /** A copy, the caller's to wipe. */
  exposeInTheClear(): Uint8Array<ArrayBuffer> {
    const bytes = held.get(this);
    if (bytes === undefined) throw new ParameterError(`${this.toString()} was wiped`);
    return new Uint8Array(bytes);
  }

  /** What `use` makes of the bytes, without a copy; it must not keep them. */
  with<T>(use: (bytes: Uint8Array) => T): T {
    const bytes = held.get(this);
    if (bytes === undefined) throw new ParameterError(`${this.toString()} was wiped`);
    return use(bytes);
  }

  /** Overwrites the bytes and makes every later use a ParameterError. Wiping twice is no error. */
  wipe(): void {
    held.get(this)?.fill(0);
    held.delete(this);
  }

  toString(): string {
    return `SecretBytes(${this.length})`;
  }

  toJSON(): never {
    throw new ParameterError(`${this.toString()} is not serialised by accident`);
  }
}
