// Every decoder of this room against bytes that are cut, longer, or changed in one bit: a typed refusal or the same value, never another error,
// and nothing that was stored by one reader is read by another.

import { describe, expect, it } from 'vitest';
import * as coordinator from './coordinator/index.ts';
import { decodeStanding as decodeCoordinatorStanding, encodeStanding } from './coordinator/standing.ts';
import { decodeFrame, decodeList, encodeFrame, encodeList, sumId } from './frame.ts';
import * as participant from './index.ts';
import { decodePlace, decodeProposedHead, encodePlace, encodeProposedHead } from './log-place.ts';
import { decodeOpened, encodeOpened } from './opened.ts';
import { decodeStanding, encodeStandingInTheClear } from './participant/standing.ts';
import { decodePoint, encodePoint } from './point.ts';
import { MASK, NOW_MS, playSum, pointAt, sumWorld } from './sum-world.contract.ts';

const names = ['MalformedMessage', 'ProtocolViolation', 'ParameterError'];

async function refusedOrRead(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): Promise<'read' | 'refused'> {
  try {
    await read(bytes);
    return 'read';
  } catch (error) {
    if (!(error instanceof Error && names.includes(error.name))) throw error;
    return 'refused';
  }
}

const world = await sumWorld({ protection: MASK, members: 4 });
const played = await playSum(world, pointAt(1));
const { primitives } = world.server;
const id = sumId(primitives, world.agreement, pointAt(2));
const { setup, standing } = world.parties[0]!;
const entered = await participant.openSum(setup, standing, pointAt(2, { models: [new Uint8Array(32)] }), NOW_MS);
const restoring = participant.storeSumInTheClear(setup, entered.state);
const started = await coordinator.startSum(world.server, world.standing, pointAt(2), NOW_MS);
const hub = coordinator.storeSum(world.server, started.state);
const left = await participant.stepSum(setup, entered.state, { kind: 'give up', reason: 'no time' }, NOW_MS);
const carried = encodeStandingInTheClear(setup, participant.standingOf(left.state));
const place = {
  head: carriedHead(),
  consistency: new Map([[1, [new Uint8Array(32)]]]),
  index: 1,
  path: [new Uint8Array(32)],
};
const opened = {
  contributors: played.result!.contributors,
  result: played.result!.result,
  carrier: new Uint8Array(40),
};

function carriedHead() {
  const view = participant.standingOf(left.state).view;
  if (view === undefined) throw new Error('nothing was seen of the log');
  return view.head;
}

const decoders: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[] = [
  ['a frame', encodeFrame(id, 'sum/words', new Uint8Array(9)), (bytes) => decodeFrame(id, bytes)],
  [
    'a list',
    encodeList(new Uint8Array(3), new Uint8Array(0), new Uint8Array(5)),
    (bytes) => decodeList(bytes, 'a list', 3),
  ],
  ['a point', encodePoint(pointAt(3, { models: [new Uint8Array(32)] })), decodePoint],
  ['a head to co-sign', encodeProposedHead(place), decodeProposedHead],
  ['a place in the log', encodePlace(place), decodePlace],
  ['an opened sum', encodeOpened(opened), decodeOpened],
  ['what a participant carries on', carried, (bytes) => decodeStanding(setup, bytes)],
  [
    'what a coordinator carries on',
    encodeStanding(world.standing),
    (bytes) => decodeCoordinatorStanding(primitives, bytes),
  ],
  ['a participant in a sum', restoring, (bytes) => participant.restoreSum(setup, bytes, NOW_MS)],
  ['a coordinator in a sum', hub, (bytes) => coordinator.restoreSum(world.server, bytes, NOW_MS)],
];

describe.each(decoders)('%s', (_, bytes, read) => {
  it('is read back', async () => {
    expect(bytes.length).toBeGreaterThan(8);
    expect(await refusedOrRead(read, bytes)).toBe('read');
  });

  it('is refused when it is cut anywhere, or has a byte more', async () => {
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let length = 0; length < bytes.length; length += step) {
      expect(await refusedOrRead(read, bytes.subarray(0, length)), `cut at ${length}`).toBe('refused');
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(await refusedOrRead(read, longer)).toBe('refused');
  });

  it('with one bit changed is refused in a typed way, or says something else that is well-formed', async () => {
    const step = Math.max(1, Math.floor(bytes.length / 80));
    for (let at = 0; at < bytes.length; at += step) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << (at % 8);
      await refusedOrRead(read, changed);
    }
  });

  it('is nothing of another kind', async () => {
    for (const [name, other] of decoders) {
      if (other !== bytes && !['a list', 'a point'].includes(name)) {
        const isPrefix = name === 'a place in the log' || name === 'a head to co-sign';
        if (!isPrefix) expect(await refusedOrRead(read, other), name).toBe('refused');
      }
    }
  });
});
