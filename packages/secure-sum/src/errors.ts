// Errors say who must act: the caller (ParameterError), whoever made the bytes (MalformedMessage), or the peer who broke the
// protocol (ProtocolViolation). A round that ends without a sum is no error but a value (RoundAborted). Codes are those of the
// attack list that the tests are named after; messages name values, never secrets. A rejected input leaves no partial state.

/** The caller passed something that cannot be used; nothing was done. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code = 'E_PARAMETER';
}

export type MalformedCode =
  /** a length that is not the one expected, or bytes left over */
  | 'E_LEN'
  /** a number outside its range */
  | 'E_RANGE'
  /** a form that is not the canonical one: unsorted, an unknown tag, a character that names may not have */
  | 'E_MALFORMED'
  /** a public key of a wrong length or in a form that is not canonical */
  | 'E_KEY'
  /** a public key that makes the shared secret known to everybody */
  | 'E_LOWORDER'
  /** a box that was not sealed for this receiver, by this sender, in this context, for this purpose */
  | 'E_BOX';

/** Bytes from elsewhere do not decode; nothing of them was used. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code: MalformedCode;

  constructor(code: MalformedCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export type ViolationCode =
  /** unsigned, or the signature does not verify */
  | 'E_SIG'
  /** a certificate that is foreign, expired, not yet valid, revoked, or of another role */
  | 'E_CERT'
  /** a key that two members claim, or that one member uses twice */
  | 'E_DUPKEY'
  /** one member, or one index, twice */
  | 'E_DUPLICATE'
  /** a message of another round, task, project, suite or configuration */
  | 'E_CTX'
  /** two different messages where one is allowed */
  | 'E_EQUIV'
  /** out of order, or repeated */
  | 'E_PHASE'
  /** arrived after its phase closed */
  | 'E_LATE'
  /** a proposal below what this participant accepts */
  | 'E_FLOOR'
  /** a round at or below the highest one entered */
  | 'E_REPLAY'
  /** the roster does not say of this participant what it said itself */
  | 'E_ROSTER'
  /** a proof of inclusion or consistency is missing or wrong, or too few witnesses signed */
  | 'E_LOG'
  /** the log shows different histories to different readers */
  | 'E_SPLIT'
  /** a commitment or reveal of the beacon that does not fit */
  | 'E_BEACON'
  /** neighbours that are not the derived ones */
  | 'E_GRAPH'
  /** a committee that is not the derived one */
  | 'E_COMMITTEE'
  /** a share that contradicts its commitment, index or owner */
  | 'E_SHARE'
  /** a list of the living or the dead that must not be answered */
  | 'E_ALIVE'
  /** fewer answers than are needed */
  | 'E_QUORUM'
  /** fewer participants than are needed */
  | 'E_TOO_FEW'
  /** what was opened is no sum of values in their range: a vector was withheld, exchanged or made under another context */
  | 'E_SUM'
  /** a ciphertext that was answered for before, or that two sums share */
  | 'E_SPENT'
  /** a result whose noise is larger than honest noise can be */
  | 'E_NOISE'
  /** a key epoch that is over, burnt, or not certified */
  | 'E_EPOCH';

/** A peer broke the rules of the protocol. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  readonly code: ViolationCode;
  /** What convinces a third party: encoded signed messages, or nothing when the violation cannot be pinned on a signature. */
  readonly evidence: readonly Uint8Array[];

  constructor(
    code: ViolationCode,
    message: string,
    options?: { readonly cause?: unknown; readonly evidence?: readonly Uint8Array[] },
  ) {
    super(message, options);
    this.code = code;
    this.evidence = Object.freeze([...(options?.evidence ?? [])]);
  }
}

/** A round that ends without a sum: expected, a value. */
export interface RoundAborted {
  readonly kind: 'aborted';
  readonly code: ViolationCode;
  readonly reason: string;
  /** Members who are to blame or missing, as far as that is known. */
  readonly members: readonly string[];
}
