// What the primitives throw, by who must act: the caller, the peer whose bytes these are, or whoever runs the platform.
// Messages name lengths, limits and kinds; never a key, a plaintext or a tag. Codes are those of docs/architecture.md, "Errors".

/** The caller asked for what has no answer: something that is no Uint8Array, a wrong length, a number out of range, a key of another kind or wiped. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code: 'E_TYPE' | 'E_LEN' | 'E_RANGE' | 'E_KEY';

  constructor(code: ParameterError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A peer's bytes are not what they claim: a public key of a wrong length, or one that would make the shared secret known. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code: 'E_KEY' | 'E_LOWORDER';

  constructor(code: MalformedMessage['code'], message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The platform lacks what is needed (an insecure page has no WebCrypto; an old browser no X25519 or Ed25519). */
export class UnsupportedPlatform extends Error {
  override readonly name = 'UnsupportedPlatform';
  readonly code = 'E_PLATFORM';

  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
  }
}
