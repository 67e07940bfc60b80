// What every handler has: the request, who asks, the run that it is about, and the house that it stands in.

import type { Signer } from '@sumus/secure-sum/primitives';
import type { ServerLimits } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { requireBody, type VerifiedRequest } from '@sumus/wire/request';
import type { BodyShape, Matched, RouteName } from '@sumus/wire/routes';
import type { Shape } from '@sumus/wire/shape';
import { readJson } from '@sumus/wire/text';
import type { ByRequest } from '../office/office-events.ts';
import type { OfficeState, Role } from '../office/office-state.ts';
import { serverPrimitives } from '../run/identity.ts';
import type { RunPlace } from '../run/run-place.ts';
import type { Runs } from '../run/runs.ts';
import type { Answer, Asked } from './answer.ts';
import type { Metrics } from './metrics.ts';
import type { PassOn } from './pass-on.ts';

export interface House {
  readonly runs: Runs;
  readonly signer: Signer;
  /** The signer's key, hexadecimal. */
  readonly coordinator: string;
  readonly version: string;
  readonly limits: ServerLimits;
  /** Keys that may create runs. */
  readonly owners: ReadonlySet<string>;
  /** Whether anybody may read events, without a key. */
  readonly isDashboardPublic: boolean;
  readonly nowMs: () => number;
  readonly metrics: Metrics;
  readonly passOn: PassOn;
  readonly openApi: () => string;
  /** Whether requests can be answered as they should be; else why not. */
  readonly isReady: () => Promise<string | undefined>;
}

export interface Call {
  readonly house: House;
  readonly asked: Asked;
  readonly matched: Matched;
  readonly caller: VerifiedRequest | undefined;
}

export interface RunCall extends Call {
  readonly place: RunPlace;
  readonly known: OfficeState;
  readonly role: Role;
}

export type Handler = (call: Call) => Promise<Answer> | Answer;
export type RunHandler = (call: RunCall) => Promise<Answer>;
export type Handlers<Of extends Call> = Partial<Readonly<Record<RouteName, (call: Of) => Promise<Answer> | Answer>>>;

/** Of everything but plans and lists. */
const SMALL_JSON_BYTES = 65_536;
const LARGE_JSON_BYTES = 2 ** 22;
/** Where whoever knows the run's name may ask: all connections there are, each with a body that drips, hold a part of the budget. */
const STRANGERS_JSON_BYTES = 1024;

/** The body, which is the one that was signed for. */
export async function bodyOf({ asked, caller }: Call, bytesAtMost: number): Promise<Uint8Array> {
  const body = await asked.body(bytesAtMost, caller?.key);
  if (caller !== undefined) await requireBody(serverPrimitives, caller, body);
  return body;
}

/** As its shape has it. Throws a Problem, or what the shape says of it. */
export async function jsonOf<T extends object>(call: Call, shape: Shape<T>): Promise<T> {
  const { route } = call.matched;
  // A route's shape is the one that its handler reads: the table says so for clients and for the document.
  const isTheRoutes: BodyShape | undefined = route.body.kind === 'json' ? route.body.shape : undefined;
  if (isTheRoutes !== shape) throw new RangeError(`${route.path} is not asked with that`);
  requireType(call, ['application/json']);
  return readJson(shape, await bodyOf(call, jsonBytesOf(call.matched)));
}

function jsonBytesOf({ name, route }: Matched): number {
  if (route.askers.includes('invited')) return STRANGERS_JSON_BYTES;
  return name === 'createRun' || name === 'revoke' ? LARGE_JSON_BYTES : SMALL_JSON_BYTES;
}

/** Throws unless the body is said to be of one of these kinds; answers which. */
export function requireType({ asked }: Call, types: readonly string[]): string {
  const [type = ''] = String(asked.headers['content-type'] ?? '').split(';');
  if (!types.includes(type.trim())) throw new Problem('media-type', `a body of ${types.join(' or ')} is taken here`);
  return type.trim();
}

export const byOf = ({ caller }: Call): ByRequest | null =>
  caller === undefined ? null : { key: caller.key, nonce: caller.nonce };

/** Of a run's owner, in a route that only owners may ask. */
export function callerKey({ caller }: Call): string {
  if (caller === undefined) throw new Problem('unsigned', 'sign the request');
  return caller.key;
}

/** As the reader of a stream says it: the header counts before the query. */
export function fromOf({ asked, matched }: Call): number {
  const last = asked.headers['last-event-id'];
  if (typeof last === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(last)) return Number(last) + 1;
  return Number(matched.query['from'] ?? '0');
}
