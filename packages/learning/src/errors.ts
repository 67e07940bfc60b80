// Errors say who must act: the caller (ParameterError) or whoever made the bytes (MalformedMessage).

/** The caller passed something that cannot be used; no weight was changed. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}

/** Bytes from elsewhere do not decode; nothing of them was used. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code = 'E_MALFORMED';
}
