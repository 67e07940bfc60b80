// A run from its plan: signed with the owner's key, its first model uploaded, and registered at the coordinator. The first weights follow from the
// plan; everybody computes the same, and the server has no network to compute them with.
import { firstWeightsOf } from '@sumus/federation/model';
import { type CheckedPlan, signPlan, wordEncodingOf } from '@sumus/federation/plan';
import { bytesOfPublished, startPublished } from '@sumus/federation/release';
import type { Signer } from '@sumus/secure-sum/primitives';
import { BYTES_TYPE, blobState, JSON_TYPE, runStatus, writeThresholdKey } from '@sumus/wire/bodies';
import { hexOf, jsonBytes } from '@sumus/wire/text';
import type { Door } from '../live/door.ts';
import { webPrimitives } from '../live/own-key.ts';

export interface RunToCreate {
  readonly runId: string;
  readonly projectId: string;
  readonly plan: CheckedPlan;
  readonly owner: Signer;
  readonly authority: Signer;
}

export async function createRunAt(
  door: Door,
  { runId, projectId, plan, owner, authority }: RunToCreate,
): Promise<void> {
  const primitives = await webPrimitives();
  const signed = await signPlan(primitives, owner, plan);
  const first = startPublished(plan, plan.exchange.schedule === 'one-round' ? undefined : firstWeightsOf(plan));
  const firstModel = await upload(door, runId, bytesOfPublished(first));
  const thresholdKey = plan.protection.kind === 'threshold' ? await thresholdKeyText(plan) : null;
  const body = jsonBytes({
    runId,
    projectId,
    plan: signed,
    authority: hexOf(authority.publicKey),
    thresholdKey,
    firstModel,
  });
  await door.json(runStatus, 'createRun', { body, type: JSON_TYPE });
}

async function thresholdKeyText(plan: CheckedPlan): Promise<object> {
  const { thresholdKeyOf } = await import('@sumus/federation/sum');
  return writeThresholdKey(thresholdKeyOf({ plan, encoding: wordEncodingOf(plan) }));
}

async function upload(door: Door, run: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const sha256 = hexOf((await webPrimitives()).sha256(bytes));
  const parameters = { run, sha256 };
  for (let received = 0; ; ) {
    const body = bytes.slice(received, received + door.info.limits.pieceBytes);
    const query = { bytes: bytes.length, offset: received };
    const state = await door.json(blobState, 'upload', { parameters, query, body, type: BYTES_TYPE });
    if (state.isComplete) return sha256;
    // A server that takes nothing would be asked for ever.
    if (state.received <= received) throw new RangeError('the coordinator took nothing of the first model');
    received = state.received;
  }
}
