// A private key that does not leave by accident: not by printing, not by JSON, not by cloning, not by spreading.
// The 32 bytes live in a WeakMap of this module, because debuggers and consoles do show #private fields.
// What JavaScript cannot promise stands in the README: copies inside the platform, and memory the collector has moved.

import { ParameterError } from './errors.ts';

export type SecretKeyKind = 'x25519' | 'ed25519';

interface Held {
  readonly bytes: Uint8Array;
  /** What to do on wipe(): a platform drops the handle it made from the bytes. */
  readonly forget: (() => void)[];
}

const held = new WeakMap<object, Held>();

/** A private key of X25519 (RFC 7748: the scalar before clamping) or Ed25519 (RFC 8032: the seed): 32 secret bytes. */
export class SecretKey<Kind extends SecretKeyKind = SecretKeyKind> {
  readonly kind: Kind;

  static {
    // What Node's console and util.inspect show; without it they would print the class and its fields.
    Object.defineProperty(SecretKey.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: SecretKey): string {
        return this.toString();
      },
    });
  }

  private constructor(kind: Kind) {
    this.kind = kind;
  }

  /** Copies `bytes`; the caller keeps, and should wipe, its own. Refuses anything but 32 bytes. */
  static fromBytes<Kind extends SecretKeyKind>(kind: Kind, bytes: Uint8Array): SecretKey<Kind> {
    if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]') {
      throw new ParameterError('E_TYPE', `an ${kind} key is a Uint8Array`);
    }
    if (bytes.length !== 32) throw new ParameterError('E_LEN', `an ${kind} key is 32 bytes, not ${bytes.length}`);
    const key = new SecretKey(kind);
    held.set(key, { bytes: new Uint8Array(bytes), forget: [] });
    Object.freeze(key);
    return key;
  }

  /** A copy of the 32 secret bytes, for storing and sharing on purpose. The copy is the caller's to wipe. */
  expose(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#held().bytes);
  }

  get wiped(): boolean {
    return !held.has(this);
  }

  /** Zeroes the bytes and makes every later use a ParameterError. Wiping twice is no error. */
  wipe(): void {
    const mine = held.get(this);
    if (mine === undefined) return;
    held.delete(this);
    mine.bytes.fill(0);
    for (const forget of mine.forget) forget();
  }

  /** For platforms: `forget` is called once, by wipe(). */
  onWipe(forget: () => void): void {
    this.#held().forget.push(forget);
  }

  toString(): string {
    return `SecretKey(${this.kind})`;
  }

  toJSON(): never {
    throw new ParameterError(
      'E_KEY',
      `SecretKey(${this.kind}) is not serialisable; expose() gives its bytes on purpose`,
    );
  }

  #held(): Held {
    const mine = held.get(this);
    if (mine === undefined) throw new ParameterError('E_KEY', `SecretKey(${this.kind}) was wiped`);
    return mine;
  }
}
