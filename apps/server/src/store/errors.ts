// What a store throws, by who must act: the caller (ParameterError), or whoever runs the machine it stands on (StoreFailure). After a
// StoreFailure of an append it is not known whether it was done: read, and see.

/** The caller asked for what cannot be stored; nothing was done. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}

/** E_IN_USE: another process has it; E_FULL: no space; E_READ_ONLY: may not write here; E_DAMAGED: not what was written; E_UNREACHABLE: it does not answer; E_VERSION: of another version. */
export type StoreFailureCode = 'E_IN_USE' | 'E_FULL' | 'E_READ_ONLY' | 'E_DAMAGED' | 'E_UNREACHABLE' | 'E_VERSION';

/** The place where things are stored does not do its part; the message says which place, and what to do about it. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  readonly code: StoreFailureCode;

  constructor(code: StoreFailureCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}
