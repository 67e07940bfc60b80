// The lattice has errors of its own; what they mean here, the place where they are thrown knows.

import { MalformedMessage, ProtocolViolation, type ViolationCode } from '../errors.ts';

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Bytes that do not decode become a MalformedMessage, a peer's violation one with this code; a caller's mistake passes through. */
export function asOurs<Result>(code: ViolationCode, from: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    if (nameOf(cause) === 'MalformedMessage' && codeOf(cause) === 'E_MALFORMED') {
      throw new MalformedMessage('E_MALFORMED', `${from}: ${messageOf(cause)}`, { cause });
    }
    if (codeOf(cause) === 'E_PROTOCOL') throw new ProtocolViolation(code, `${from}: ${messageOf(cause)}`, { cause });
    throw cause;
  }
}
