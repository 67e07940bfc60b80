// What the owner of a run does: creates it, steers it, says who may look and who may not take part any more. Each is an event of the owner's log
// before it has an effect. A server that could vouch for participants itself would be no server to trust: a run whose plan has this server's
// own key as its owner's or its authority's is refused.

import { roundsWithinBudget, type SignedPlan, verifyPlan } from '@sumus/federation/plan';
import { publishedFromBytes } from '@sumus/federation/release';
import type { BlobName } from '@sumus/federation/run';
import {
  type CreateRun,
  createRun,
  nameObserver,
  nothing,
  type RunStatus,
  removeMember,
  revocationsBody,
  stopRun,
} from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { bytesOfHex } from '@sumus/wire/text';
import { isOffice } from '../office/office.ts';
import { readBlob } from '../run/blobs.ts';
import { CoordinatorHome, type HomeInput } from '../run/coordinator-home.ts';
import { serverPrimitives } from '../run/identity.ts';
import type { RunPlace } from '../run/run-place.ts';
import { isUploadPlace, uploadPlaceOf } from '../run/uploads.ts';
import { type Answer, done, json } from './answer.ts';
import { byOf, type Call, callerKey, type Handlers, type House, jsonOf, type RunCall } from './context.ts';
import { statusOf } from './run-status.ts';

export const ownersRoutes: Handlers<Call> = {
  createRun: (call) => create(call),
  runs: async (call) => {
    const { house } = call;
    const key = callerKey(call);
    const mine = house.runs.all().filter(({ office }) => office.state?.owner === key);
    const runs: RunStatus[] = [];
    for (const place of mine) runs.push(await statusOf(place, house.nowMs()));
    return json({ runs });
  },
};

export const ownerRoutes: Handlers<RunCall> = {
  run: async ({ place, house }) => json(await statusOf(place, house.nowMs())),
  start: async (call) => {
    const { place, house } = call;
    await jsonOf(call, nothing);
    if (!call.known.wasStarted) {
      await place.office.act(byOf(call), house.nowMs(), (state) =>
        state?.wasStarted ? undefined : { kind: 'start asked' },
      );
    }
    const { phase } = (await place.read()).state ?? {};
    if (phase?.kind === 'gathering') await taken(place, { kind: 'start' });
    return json(await statusOf(place, house.nowMs()));
  },
  stop: async (call) => {
    const { place, house } = call;
    const { reason } = await jsonOf(call, stopRun);
    // What is paused cannot end by itself: it goes on, to its end.
    if (call.known.isPaused) await place.office.act(null, house.nowMs(), () => ({ kind: 'resumed' }));
    await place.office.act(byOf(call), house.nowMs(), () => ({ kind: 'stop asked', reason }));
    await taken(place, { kind: 'stop', reason });
    return done;
  },
  pause: async (call) => {
    const { place, house } = call;
    await jsonOf(call, nothing);
    await place.office.act(byOf(call), house.nowMs(), (state) => (state?.isPaused ? undefined : { kind: 'paused' }));
    await place.rest();
    return done;
  },
  resume: async (call) => {
    const { place, house } = call;
    await jsonOf(call, nothing);
    await place.office.act(byOf(call), house.nowMs(), (state) => (state?.isPaused ? { kind: 'resumed' } : undefined));
    await place.tick();
    return done;
  },
  remove: async (call) => {
    const { place, house } = call;
    const { member, reason } = await jsonOf(call, removeMember);
    await place.office.act(byOf(call), house.nowMs(), (state) => {
      if (![...(state?.members.values() ?? [])].some(({ name }) => name === member)) {
        throw new Problem('not-found', `nobody is certified as ${member} in this run`);
      }
      return state?.removed.has(member) ? undefined : { kind: 'member removed', member, reason };
    });
    return done;
  },
  observers: async (call) => {
    const { place, house } = call;
    const { publicKey } = await jsonOf(call, nameObserver);
    await place.office.act(byOf(call), house.nowMs(), (state) =>
      state?.observers.has(publicKey) ? undefined : { kind: 'observer named', publicKey },
    );
    return done;
  },
  revoke: async (call) => {
    const { place, house } = call;
    const { list } = await jsonOf(call, revocationsBody);
    if (list === null) throw new Problem('malformed', 'list is null: there is nothing to take');
    await place.office.act(byOf(call), house.nowMs(), async (state) => {
      if (state?.revocations?.list === list) return undefined;
      await place.office.checkRevocations(list, house.nowMs());
      return { kind: 'certificates revoked', list };
    });
    return done;
  },
  revocations: async ({ known }) => json({ list: known.revocations?.list ?? null }),
};

/** What the coordinator made of it; a Problem where it did not take it. */
export async function taken(place: RunPlace, input: HomeInput): Promise<void> {
  const lead = await place.lead();
  if (!('home' in lead)) throw new Problem('unavailable', 'another process leads this run', { retryAfter: 1 });
  const answer = await lead.home.take(input);
  switch (answer.kind) {
    case 'taken':
      return;
    case 'refused':
      throw new Problem(answer.code === 'E_MALFORMED' ? 'malformed' : 'refused', answer.text.slice(0, 2000));
    case 'no such blob':
      throw new Problem('not-found', 'that blob is not here, or not whole');
    case 'away':
      throw new Problem('unavailable', 'the run is being made again from its log', { retryAfter: 1 });
    default:
      return answer satisfies never;
  }
}

async function create(call: Call): Promise<Answer> {
  const { house, matched } = call;
  const key = callerKey(call);
  if (!house.owners.has(key)) throw new Problem('forbidden', 'this key is not among those that may create runs here');
  const asked = await jsonOf(call, createRun);
  const { runId, plan } = asked;
  if (isOffice(runId) || isUploadPlace(runId)) {
    throw new Problem('malformed', `a run is not named ${runId}: what lies beside runs is named like that`);
  }
  await mustBeSound(house, asked, key);
  const place = await house.runs.place(runId);
  const before = place.office.state;
  if (before === undefined) {
    const first = await firstModelOf(house, place, asked);
    const roundsPaid = roundsWithinBudget(plan.plan);
    await place.office.act(byOf(call), house.nowMs(), (state) =>
      state === undefined
        ? { kind: 'run registered', create: asked, roundsPaid, firstModelBytes: first.bytes }
        : undefined,
    );
  }
  const kept = house.runs.keep(place);
  await kept.office.refresh();
  if (JSON.stringify(kept.office.known.create) !== JSON.stringify(asked)) {
    throw new Problem('conflict', `there is a run ${runId} already, and it is another one`);
  }
  await createLog(house, kept);
  await kept.tick();
  return json(await statusOf(kept, house.nowMs()), matched.route.status);
}

/** The plan is its owner's, and neither its owner nor its authority is this server. */
async function mustBeSound(
  { coordinator }: House,
  { plan, authority, thresholdKey }: CreateRun,
  key: string,
): Promise<void> {
  const refuse = (why: string): never => {
    throw new Problem('forbidden', why);
  };
  if (plan.signedBy !== key) refuse('a run is created by the key that signed its plan');
  await verifyPlan(serverPrimitives, plan, bytesOfHex(key));
  if (key === coordinator)
    refuse("this server's own key signs no plan: whoever runs a server would own what it is trusted with");
  const { contributors, protection } = plan.plan;
  if (contributors.admission.kind === 'open') {
    if (authority !== coordinator)
      refuse(
        "where anybody is admitted, the coordinator's word is what a certificate is worth: its key is the authority",
      );
  } else {
    if (authority !== contributors.admission.authority) refuse("this is not the authority's key that the plan has");
    if (authority === coordinator)
      refuse("this server's own key vouches for nobody under a plan that admits by invitation");
  }
  if ((protection.kind === 'threshold') !== (thresholdKey !== null)) {
    throw new Problem(
      'malformed',
      'the parameters of a shared key go with the protection threshold, and with no other',
    );
  }
}

/** Uploaded before, and what a run of this plan could begin with. */
async function firstModelOf(
  { runs: { store } }: House,
  place: RunPlace,
  { runId, plan, firstModel }: CreateRun,
): Promise<BlobName> {
  const found = await place.uploads.find(plan.signedBy, firstModel);
  if (found?.state.kind !== 'complete') {
    throw new Problem('conflict', `upload the first model first: there is no blob ${firstModel} of ${runId}`);
  }
  firstOf(plan, await readBlob(store, uploadPlaceOf(runId, plan.signedBy), found.blob));
  return found.blob;
}

function firstOf({ plan }: SignedPlan, bytes: Uint8Array): ReturnType<typeof publishedFromBytes> {
  const first = publishedFromBytes(plan, bytes);
  if (first.version !== 0) throw new Problem('refused', `a run begins with version 0, not ${first.version}`);
  return first;
}

/** The first event of the run's own log; nothing where it is there. */
async function createLog({ runs: { store }, nowMs }: House, place: RunPlace): Promise<void> {
  const known = place.office.known;
  if ((await place.read()).state === undefined) {
    const { projectId, runId, plan, firstModel } = known.create;
    const name: BlobName = { sha256: firstModel, bytes: known.firstModelBytes };
    const first = firstOf(plan, await readBlob(store, uploadPlaceOf(runId, known.owner), name));
    await CoordinatorHome.create(
      { store, run: runId, setup: place.setup(known), nowMs },
      { projectId, runId, plan, first },
    );
  }
  // The run has its own, where sums are opened to everybody; else a server has no use for it.
  await place.uploads.clear(known.owner);
}
