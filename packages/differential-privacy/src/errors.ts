// What this package throws, by who must act. Expected outcomes (a budget that is exhausted, a family an accountant does not
// cover) are values, not errors. Messages name parameters and limits, never a datum and never a noise value.

/** The caller asked for something that has no answer: a δ outside (0, 1), a negative deviation, two adjacencies in one history. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}

/** Bytes or text that claim to be a serialised mechanism or history and are not. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code = 'E_MALFORMED';
}
