// A coordinator that breaks off: it says "failed", begins again, or hands out what it likes, in the middle of a sum. What a participant entered,
// signed, saw and spent in that sum it remembers; and it trains no model, and takes no draw, on the coordinator's word alone.

import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/utf8.ts';
import type { Plan } from '../plan/plan.ts';
import { bytesOfPublished } from '../release/published-bytes.ts';
import { decodeFrame } from '../sum/frame.ts';
import { blobName, joinFrame, readFrameToCoordinator, writeHead } from './frame.ts';
import type { CatchUp, SignedReport, ToParticipant } from './messages.ts';
import { storeParticipantInTheClear } from './participant/storage.ts';
import { type RunMemberInWorld, type RunWorld, type RunWorldOptions, runWorld } from './run-world.contract.ts';
import { liveRound } from './state.ts';

const MOST = 2 ** 26;

/** Said in the coordinator's name, whatever the coordinator of the world is doing. */
async function told(
  world: RunWorld,
  member: RunMemberInWorld,
  message: ToParticipant,
  body: Uint8Array = new Uint8Array(0),
): Promise<void> {
  const { primitives, signer } = world.coordinatorSetup;
  const head = await writeHead(primitives, signer, {
    format: 'sumus/run/1',
    run: 'run-1',
    to: member.name,
    chapter: member.state.chapter,
    number: null,
    acknowledged: member.state.next,
    message,
    body: body.length === 0 ? null : blobName(primitives, body),
  });
  await world.happen(member, { kind: 'received', bytes: joinFrame(head, body) });
}

const oneShot = (plan: Plan): Plan => ({
  ...plan,
  protection: { kind: 'one-shot', committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
});

const threshold = (plan: Plan): Plan => ({
  ...plan,
  contributors: { ...plan.contributors, population: 'silos' },
  protection: {
    kind: 'threshold',
    members: 4,
    threshold: 3,
    corruptMembers: 1,
    trust: 'participants follow the protocol',
  },
});

const four = { members: 4, plan: { protection: 'none', rounds: 3, maximumContributors: 4 } } as const;

/** Plays until the victim says such a word in a sum of such a round; answers the word, as it went over the wire. */
async function until(world: RunWorld, victim: RunMemberInWorld, type: string, round: number): Promise<Uint8Array> {
  let said: Uint8Array | undefined;
  world.carriage = (mail) => {
    if (said !== undefined) return [];
    if (mail.from !== victim.name || mail.type !== 'sum') return [mail];
    const { header, body } = readFrameToCoordinator(mail.bytes, MOST);
    const open = victim.state.open;
    if (header.message.type !== 'sum' || header.message.round !== round || open?.own === undefined) return [mail];
    const frame = decodeFrame(body.subarray(HEAD, HEAD + 32), body);
    if (frame.type !== type) return [mail];
    said = frame.body.slice();
    return [];
  };
  await world.play({ steps: 3 });
  if (said === undefined) throw new Error(`${victim.name} never said ${type} in round ${round}`);
  return said;
}

/** The label of a frame, before the name of its sum. */
const HEAD = 4 + 'sumus/1/sum'.length;

const holds = (member: RunMemberInWorld, bytes: Uint8Array): boolean =>
  Buffer.from(storeParticipantInTheClear(member.setup, member.state)).includes(Buffer.from(bytes));

describe('a sum that is broken off', () => {
  const kinds: readonly [string, RunWorldOptions, string][] = [
    [
      'one-shot, whenever ready',
      { ...four, plan: { ...four.plan, schedule: 'asynchronous' }, change: oneShot },
      'one-shot/sign',
    ],
    ['threshold', { ...four, change: threshold }, 'threshold/promise'],
  ];
  it.each(kinds)('is not forgotten by who spoke for it: under %s', async (_, options, type) => {
    const world = await runWorld(options);
    const victim = world.member('silo-2');
    const signed = await until(world, victim, type, 1);
    const before = victim.state.sums?.standing.epoch?.storedInTheClear;
    expect(before).toBeDefined();
    await told(world, victim, { type: 'failed', round: 1, code: 'E_TOO_FEW', reason: 'So the coordinator says.' });
    expect(victim.state.open).toBeUndefined();
    expect(victim.state.standing).toBe('accepted');
    expect(victim.state.sums?.standing.epoch?.storedInTheClear).not.toEqual(before);
    // One-shot keeps the signature as it was said; threshold what was promised.
    if (type === 'one-shot/sign') expect(holds(victim, signed)).toBe(true);
  });

  it.each(
    kinds.map(
      ([name, options, type]) => [name, options, type === 'one-shot/sign' ? 'one-shot/open-share' : type] as const,
    ),
  )('is followed by one of a committee or key of its own: under %s', async (_, options, type) => {
    // All four each time: a set that differs by few from one that was answered for is answered by nobody.
    const world = await runWorld({ ...options, plan: { ...options.plan, minimumContributors: 4 } });
    world.carriage = (mail) => {
      if (mail.type !== 'sum' || mail.to !== 'coordinator') return [mail];
      const { header, body } = readFrameToCoordinator(mail.bytes, MOST);
      const isThen = header.message.type === 'sum' && liveRound(world.coordinator.state)?.round === 1;
      return isThen && decodeFrame(body.subarray(HEAD, HEAD + 32), body).type === type ? [] : [mail];
    };
    await world.play({ stepMs: 300_000 });
    expect(world.log.filter(({ kind }) => kind === 'round failed')).toHaveLength(1);
    expect(world.coordinator.state.phase).toMatchObject({ why: 'all rounds done' });
    for (const { models } of world.members) expect(models.at(-1)?.published).toEqual(world.coordinator.published);
  });

  it('is entered, spent and witnessed also where everybody is told to begin anew', async () => {
    const world = await runWorld({ ...four, plan: { ...four.plan, protection: 'mask' } });
    const victim = world.member('silo-2');
    await until(world, victim, 'mask/masked', 1);
    const standing = victim.state.open?.own?.sum.standing;
    expect(standing?.budget.enteredAtMs).toHaveLength(2);
    const members = world.coordinator.state.members.map(({ certificate }) => certificate);
    await told(world, victim, { type: 'started', members });
    expect(victim.state.open).toBeUndefined();
    expect(victim.state.standing).toBe('accepted');
    const { budget, marks, witness } = victim.state.sums?.standing ?? {};
    expect({ budget, marks, witness }).toEqual({
      budget: standing?.budget,
      marks: standing?.marks,
      witness: standing?.witness,
    });
  });
});

describe('a model, or a draw, that the coordinator hands out', () => {
  const options: RunWorldOptions = { ...four, plan: { ...four.plan, protection: 'mask' } };

  /** What an honest coordinator would say to who was away, but the model: all zero, as many releases on as it likes. */
  async function imprint(world: RunWorld, victim: RunMemberInWorld): Promise<{ message: CatchUp; body: Uint8Array }> {
    const { published, drawn } = victim.state;
    if (published?.kind !== 'model' || drawn === undefined) throw new Error('nothing was published yet');
    const zero = { ...published.server, weights: new Float32Array(published.server.weights.length) };
    const body = bytesOfPublished({ ...published, version: published.version + 1, server: zero });
    const modelHash = hexOf(world.coordinatorSetup.primitives.sha256(body));
    const values = world.coordinator.state.roster.map(
      (name) => world.coordinator.state.members.find((one) => one.name === name)?.revealed ?? '',
    );
    const version = published.version + 1;
    return {
      message: { type: 'catch up', version, modelHash, members: drawn.certificates, values, reports: [] },
      body,
    };
  }

  /** A report of that model as this member would sign it. */
  async function vouched(
    world: RunWorld,
    member: RunMemberInWorld,
    { version, modelHash }: CatchUp,
  ): Promise<SignedReport> {
    const head = await writeHead(world.coordinatorSetup.primitives, member.setup.signer, {
      format: 'sumus/run/1',
      run: 'run-1',
      from: member.name,
      number: 99,
      message: { type: 'report', version, modelHash },
      body: null,
    });
    return { member: member.name, number: 99, signature: hexOf(readFrameToCoordinator(head, MOST).signature) };
  }

  it('is not trained, unless more members than may be corrupt say, signed, that they came to it', async () => {
    const world = await runWorld(options);
    const victim = world.member('silo-2');
    await until(world, victim, 'mask/masked', 1);
    const mine = victim.state.published;
    const { message, body } = await imprint(world, victim);
    await told(world, victim, message, body);
    expect(victim.state.published).toBe(mine);
    const [one, , three, four] = world.members;
    if (one === undefined || three === undefined || four === undefined) throw new Error('nobody');
    // Of four members one may be corrupt: it may say so as often as it likes, and in its own name alone.
    const corrupt = await vouched(world, one, message);
    const own = await vouched(world, victim, message);
    await told(
      world,
      victim,
      { ...message, reports: [corrupt, corrupt, own, { ...corrupt, member: three.name }] },
      body,
    );
    expect(victim.state.published).toBe(mine);
    expect(victim.notes.at(-1)?.text).toMatch(/vouched for by 1 members, and 1 may be corrupt/);
    await told(world, victim, { ...message, reports: [corrupt, await vouched(world, four, message)] }, body);
    expect(victim.state.published?.version).toBe(2);
  });

  it('is not taken with values that its members did not commit to', async () => {
    const world = await runWorld(options);
    const victim = world.member('silo-2');
    await until(world, victim, 'mask/masked', 1);
    const drawn = victim.state.drawn?.draw;
    const { message, body } = await imprint(world, victim);
    const values = message.values.map((value, i) => (i === 0 ? 'ab'.repeat(32) : value));
    await told(world, victim, { ...message, values }, body);
    expect(drawn).toBeDefined();
    expect(victim.state.drawn?.draw).toBe(drawn);
    expect(victim.state.standing).toBe('accepted');
  });
});
