// Errors say who must act: the caller (ParameterError) or whoever made the bytes (MalformedMessage). Messages name values,
// never secrets.

/** The caller passed something that cannot be used; nothing was done. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'PARAMETER';
}

/** Bytes from elsewhere do not decode; nothing of them was used. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code = 'MALFORMED';
}

/** A peer broke the rules of a protocol: a duplicated, foreign or second answer. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  readonly code = 'PROTOCOL';
}
