// The application: a function from what is asked to what is answered. In this order: an address, by the one table of routes; how often this
// address asks; a signature; how often this key asks; the run; whether this key may; who leads the run; and only then a byte of the body.
// What is no address of the table is a page of the folder handed in, or nothing.

import { PROBLEMS, Problem, type ProblemCode } from '@sumus/wire/problem';
import { type Matched, matchAddress, type RouteName } from '@sumus/wire/routes';
import type { RunPlace } from '../run/run-place.ts';
import { StoreFailure } from '../store/errors.ts';
import type { Answer, Asked } from './answer.ts';
import { type BlobCall, blobRoutes, upload, uploaded } from './blob-routes.ts';
import { admitted, type CallerChecks, countedAs, verified } from './caller.ts';
import type { Call, Handlers, House, RunCall } from './context.ts';
import type { CrossOrigin } from './cross-origin.ts';
import { enrolmentRoutes } from './enrolment-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { ownerRoutes, ownersRoutes } from './owner-routes.ts';
import { passedAddress } from './pass-on.ts';
import { networkOf, type RateLimit } from './rate-limit.ts';
import type { StaticPages } from './static-pages.ts';
import { StreamLimit } from './stream-limit.ts';
import { systemRoutes } from './system-routes.ts';

export interface ApplicationOptions {
  readonly house: House;
  readonly checks: CallerChecks;
  readonly pages: StaticPages;
  readonly crossOrigin: CrossOrigin;
  /** Of an address, before anybody signed. */
  readonly byAddress: RateLimit;
  readonly byKey: RateLimit;
  readonly onMistake: (error: unknown) => void;
}

const anywhere: Handlers<Call> = { ...systemRoutes, ...ownersRoutes };
const inRun: Handlers<RunCall> = { ...ownerRoutes, ...enrolmentRoutes, ...messageRoutes, ...blobRoutes };

/** What only the process that leads a run can answer. */
const byLeader: ReadonlySet<RouteName> = new Set(['frames', 'messages', 'start', 'stop', 'pause', 'resume']);
/** What a page without a key shows, where the operator lets it. */
const PUBLIC: ReadonlySet<RouteName> = new Set(['events', 'run']);
/** These look at nothing that costs, and whoever watches a server asks them often. */
const unlimited: ReadonlySet<RouteName> = new Set(['health', 'ready', 'metrics']);

export function applicationOf(options: ApplicationOptions): (asked: Asked) => Promise<Answer> {
  const streams = new StreamLimit();
  return async (asked) => {
    try {
      return await answer(options, asked, streams);
    } catch (error) {
      return { kind: 'problem', problem: problemOf(error, options.onMistake) };
    }
  };
}

async function answer(options: ApplicationOptions, asked: Asked, streams: StreamLimit): Promise<Answer> {
  const { house, checks, byAddress, byKey } = options;
  const page = pageOf(options, asked);
  if (page !== undefined) return page;
  const preflight = options.crossOrigin.preflight(asked);
  if (preflight !== undefined) {
    const network = networkOf(asked.address);
    if (network !== undefined) byAddress.take(network, house.nowMs());
    return preflight;
  }
  const matched = matchAddress(asked.method, asked.target);
  const passed = await passedAddress(
    { signer: house.signer, primitives: checks.primitives, nowMs: house.nowMs },
    asked,
  );
  const address = networkOf(passed ?? asked.address);
  if (address !== undefined && !unlimited.has(matched.name)) byAddress.take(address, house.nowMs());
  const isPublic = house.isDashboardPublic && PUBLIC.has(matched.name);
  const caller = await verified(checks, asked, matched.route, isPublic);
  // An owner staffs a run of a thousand at once, and is on the operator's list.
  if (caller !== undefined && !house.owners.has(caller.key)) byKey.take(caller.key, house.nowMs());
  const call: Call = { house, asked: { ...asked, address: passed ?? asked.address }, matched, caller };
  const handler = anywhere[matched.name];
  if (handler !== undefined) return handler(call);
  return streams.counted(countedAs(checks, caller, address), await answerInRun(call));
}

async function answerInRun(call: Call): Promise<Answer> {
  const { house, asked, matched, caller } = call;
  const { name, route, parameters } = matched;
  const handler = inRun[name];
  if (handler === undefined) throw new Problem('not-found', 'there is nothing at this address');
  const place = await house.runs.place(parameters['run'] ?? '');
  const key = caller?.key;
  if (place.office.state === undefined) return answerBeforeRun(call, place);
  const known = place.office.known;
  const isPublic = house.isDashboardPublic && PUBLIC.has(name);
  const role = admitted(known, route, key, house.nowMs(), isPublic);
  if (byLeader.has(name)) {
    // A paused run has no coordinator: stopping it begins with resuming it.
    const isOfOffice = name === 'pause' || name === 'resume' || (name === 'stop' && known.isPaused);
    const lead = isOfOffice ? await place.leadOffice() : await place.lead();
    if (lead !== undefined && 'address' in lead) {
      return house.passOn(asked, lead.address, await bodyToPassOn(house, asked, matched, key));
    }
  }
  return handler({ ...call, place, known, role });
}

/** Before a run is created, who may create it uploads what it begins with. */
async function answerBeforeRun(call: Call, place: RunPlace): Promise<Answer> {
  const { house, caller, matched } = call;
  if (caller !== undefined && house.owners.has(caller.key)) {
    const before: BlobCall = { ...call, place, role: { kind: 'owner' }, known: undefined };
    if (matched.name === 'upload') return upload(before);
    if (matched.name === 'uploaded') return uploaded(before);
  }
  throw new Problem('not-found', 'there is no run of that name');
}

const bodyToPassOn = (
  house: House,
  asked: Asked,
  { route, name }: Matched,
  holder: string | undefined,
): Promise<Uint8Array> => {
  const atMost = route.body.kind === 'none' ? 0 : name === 'frames' ? house.limits.frameBytes : 65_536;
  return asked.method === 'GET' ? Promise.resolve(new Uint8Array(0)) : asked.body(atMost, holder);
};

function pageOf({ pages }: ApplicationOptions, { method, target, headers }: Asked): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const [path = ''] = target.split('?');
  const match = headers['if-none-match'];
  return pages.answer(path, typeof match === 'string' ? match : undefined);
}

/** By who must act; a mistake of ours is told to the log, and to nobody else. */
function problemOf(error: unknown, onMistake: (error: unknown) => void): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreFailure) {
    onMistake(error);
    const code: ProblemCode = error.code === 'E_FULL' ? 'no-space' : 'unavailable';
    return new Problem(code, PROBLEMS[code].means, { retryAfter: 5 });
  }
  if (error instanceof Error && error.name === 'MalformedMessage')
    return new Problem('malformed', error.message.slice(0, 2000));
  if (error instanceof Error && error.name === 'ProtocolViolation')
    return new Problem('refused', error.message.slice(0, 2000));
  onMistake(error);
  return new Problem('internal', 'a mistake of the server');
}
