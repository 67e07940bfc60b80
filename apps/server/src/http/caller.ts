// Who asks: the signature of a request, held against the run that it is about. Nothing here is a session; a request says it all by itself.

import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { Problem } from '@sumus/wire/problem';
import { isSigned, type NonceMemory, type VerifiedRequest, verifyRequest } from '@sumus/wire/request';
import type { Asker, Route } from '@sumus/wire/routes';
import { type OfficeState, type Role, roleOf } from '../office/office-state.ts';
import type { Asked } from './answer.ts';

export interface CallerChecks {
  readonly primitives: PublicPrimitives;
  /** The coordinator's key, hexadecimal. */
  readonly server: string;
  /** Of those that have a part in anything here; and of everybody else, who can fill a memory, and it is only theirs. */
  readonly nonces: { readonly known: NonceMemory; readonly strangers: NonceMemory };
  readonly knows: (key: string) => boolean;
  readonly nowMs: () => number;
}

/** Undefined for who did not sign, where nobody has to. */
export async function verified(
  checks: CallerChecks,
  asked: Asked,
  route: Route,
  isPublic: boolean,
): Promise<VerifiedRequest | undefined> {
  const mayBeUnsigned =
    isPublic ||
    route.askers.includes('anybody') ||
    (route.askers.length === 1 && route.askers[0] === 'invited' && route.method === 'GET');
  if (mayBeUnsigned && !isSigned(asked.headers)) return undefined;
  const { method, target: path, headers } = asked;
  const { primitives, server, nonces, knows, nowMs } = checks;
  const key = headers['sumus-key'];
  const memory = typeof key === 'string' && knows(key) ? nonces.known : nonces.strangers;
  return verifyRequest(primitives, { server, method, path, headers, nowMs: nowMs() }, memory);
}

/** By whom streams are counted. Keys are made for nothing: one that has no part in anything counts as the network that it comes from. */
export const countedAs = (
  { knows }: Pick<CallerChecks, 'knows'>,
  caller: VerifiedRequest | undefined,
  network: string | undefined,
): string | undefined => (caller !== undefined && knows(caller.key) ? caller.key : network);

/** Throws unless this key may ask that of this run. */
export function admitted(
  state: OfficeState,
  route: Route,
  key: string | undefined,
  nowMs: number,
  isPublic: boolean,
): Role {
  const { askers } = route;
  const role: Role = key === undefined ? { kind: 'nobody', why: 'nobody signed' } : roleOf(state, key, nowMs);
  if (askers.includes('anybody') || isPublic) return role;
  // Whoever names an invitation that there is knows something that nobody else was told.
  if (askers.includes('invited') && askers.length === 1) return role;
  const mayBe: readonly Asker[] = role.kind === 'nobody' ? [] : [role.kind];
  if (mayBe.some((one) => askers.includes(one))) return role;
  const why = role.kind === 'nobody' ? role.why : `it is ${role.kind}`;
  throw new Problem(key === undefined ? 'unsigned' : 'forbidden', `this key may not do that: ${why}`);
}
