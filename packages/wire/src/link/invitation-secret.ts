// The secret of an invitation: sixteen random bytes that travel in a link's fragment, which browsers do not send, and nowhere else. The server
// never sees it. It does not print or serialise; expose() gives a copy on purpose.
//
// The name keeps it from the server: no import path from there may reach a module that exports a secret (architecture.test.ts).

import { ParameterError } from '@sumus/federation/errors';

export const INVITATION_SECRET_BYTES = 16;

export class InvitationSecret {
  readonly #bytes: Uint8Array<ArrayBuffer>;

  static {
    // What Node's console and util.inspect show; without it they would print the class and its fields.
    Object.defineProperty(InvitationSecret.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: InvitationSecret): string {
        return this.toString();
      },
    });
  }

  /** Copies `bytes`. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== INVITATION_SECRET_BYTES) {
      throw new ParameterError(`the secret of an invitation has ${INVITATION_SECRET_BYTES} bytes, not ${bytes.length}`);
    }
    this.#bytes = new Uint8Array(bytes);
  }

  expose(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice();
  }

  toString(): string {
    return 'InvitationSecret(…)';
  }

  toJSON(): never {
    throw new ParameterError('the secret of an invitation is not written anywhere by accident');
  }
}
