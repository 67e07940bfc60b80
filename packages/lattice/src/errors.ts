// Errors say who must act: the caller (ParameterError), whoever made the bytes (MalformedMessage) or the peer (ProtocolViolation). Codes
// are those of docs/architecture.md, "Errors", one vocabulary for all packages. Messages name values, never secrets.

/** The caller passed something that cannot be used; nothing was done. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}

/** Bytes from elsewhere do not decode; nothing of them was used. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code = 'E_MALFORMED';
}

/** A peer broke the rules of a protocol: a duplicated, foreign or second answer. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  readonly code = 'E_PROTOCOL';
}
