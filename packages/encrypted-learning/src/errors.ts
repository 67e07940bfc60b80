// Errors say who must act: the caller (ParameterError), whoever made the bytes (MalformedMessage), or the peer who broke what was
// agreed (ProtocolViolation). A release that is refused is an expected outcome and comes back as a value. Messages name values, never
// secrets.

/** The caller passed something that cannot be used; nothing was done. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}

/** Bytes or text from elsewhere do not decode; nothing of them was used. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code = 'E_MALFORMED';
}

/** A peer broke what was agreed. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  readonly code = 'E_PROTOCOL';
}
