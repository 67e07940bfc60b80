// Errors say who must act. An attack that finds nothing is no error: its answer is empty.

/** The caller passed something that cannot be used. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}
