// A coordinator that says what it must not, in its own name, and members that do: the first is left with its signed words as evidence, the
// second are numbered and not used, named and given up, or not heard at all.

import { describe, expect, it } from 'vitest';
import { emptyLedger } from '../ledger/ledger.ts';
import {
  blobName,
  type HeaderToCoordinator,
  type HeaderToParticipant,
  joinFrame,
  readFrameToCoordinator,
  readFrameToParticipant,
  verifyFrame,
  writeHead,
} from './frame.ts';
import type { ToCoordinator, ToParticipant } from './messages.ts';
import { outsideTheRun } from './participant/machine.ts';
import { type RunMemberInWorld, type RunWorld, type RunWorldOptions, runWorld } from './run-world.contract.ts';

const MOST = 2 ** 26;
const options: RunWorldOptions = { members: 4, plan: { protection: 'none', rounds: 2, maximumContributors: 4 } };
const other = 'ab'.repeat(32);

type Lie = (message: ToParticipant, world: RunWorld) => ToParticipant | undefined;

/** One member is told other things than the others, signed by the coordinator. */
async function liedTo(lie: Lie, changes: RunWorldOptions = {}): Promise<{ world: RunWorld; victim: RunMemberInWorld }> {
  const world = await runWorld({ ...options, ...changes });
  const victim = world.member('silo-2');
  const { primitives, signer } = world.coordinatorSetup;
  const pending: Promise<void>[] = [];
  world.carriage = (mail) => {
    if (mail.to !== victim.name || mail.type === 'trained') return [mail];
    const { header, body } = readFrameToParticipant(mail.bytes, MOST);
    const message = lie(header.message, world);
    if (message === undefined) return [mail];
    const changed: { bytes: Uint8Array } = { bytes: mail.bytes };
    const rewritten = { ...header, message };
    pending.push(
      writeHead(primitives, signer, rewritten).then((head) => {
        changed.bytes = joinFrame(head, body);
      }),
    );
    return [{ ...mail, bytes: mail.bytes, late: pending.at(-1)?.then(() => changed.bytes) }];
  };
  await world.play({ stepMs: 300_000 });
  return { world, victim };
}

describe('a coordinator that lies to a participant', () => {
  const lies: readonly [string, RegExp, Lie][] = [
    [
      'that a round starts from another model',
      /is to start from model/,
      (message) => (message.type === 'round' ? { ...message, modelHash: other } : undefined),
    ],
    [
      'that a round starts from an older version',
      /is to start from model/,
      (message) =>
        message.type === 'round' && message.version === 1 ? { ...message, version: 1, modelHash: other } : undefined,
    ],
    [
      'that the sum makes another model',
      /makes model/,
      (message) => (message.type === 'published' ? { ...message, modelHash: other } : undefined),
    ],
    [
      'that it is not in the sum',
      /has no receipt/,
      (message) => (message.type === 'published' ? { ...message, receipt: null } : undefined),
    ],
    [
      'that others are in the sum',
      /sum of others/,
      (message) =>
        message.type === 'published' ? { ...message, contributors: [...message.contributors].slice(1) } : undefined,
    ],
    [
      'with a receipt for another sum',
      /another sum|other contribution|signature/,
      (message) =>
        message.type === 'published' && message.receipt !== null
          ? { ...message, receipt: { ...message.receipt, sum: { ...message.receipt.sum, result: other } } }
          : undefined,
    ],
    [
      'with a receipt of another contribution',
      /another contribution/,
      (message) =>
        message.type === 'published' && message.receipt !== null
          ? { ...message, receipt: { ...message.receipt, contribution: other } }
          : undefined,
    ],
    [
      'about what it committed to',
      /committed to/,
      (message) =>
        message.type === 'committed' ? { ...message, commitments: message.commitments.map(() => other) } : undefined,
    ],
    [
      'about what the others revealed',
      /not what it committed to/,
      (message) =>
        message.type === 'drawn'
          ? { ...message, values: message.values.map((value, i) => (i === 0 ? other : value)) }
          : undefined,
    ],
    [
      'about who the members are: too few',
      /demands 3|listed without/,
      (message) => (message.type === 'started' ? { ...message, members: message.members.slice(1, 3) } : undefined),
    ],
    [
      'about who the members are: one of them twice',
      /each is there once/,
      (message) =>
        message.type === 'started'
          ? { ...message, members: message.members.map((one, i) => (i === 0 ? (message.members[1] ?? one) : one)) }
          : undefined,
    ],
    [
      'about who the members are: one that nobody certified',
      /authority|canonical|certificate/,
      (message) =>
        message.type === 'started'
          ? { ...message, members: message.members.map((one, i) => (i === 0 ? `${one.slice(0, -4)}abab` : one)) }
          : undefined,
    ],
  ];

  it.each(lies)('%s is found out and left, with its own words as evidence', async (_, reason, lie) => {
    const { victim, world } = await liedTo(lie);
    expect(victim.over).toMatch(reason);
    expect(victim.state.standing).toBe('left');
    const [evidence] = victim.evidence;
    const [message = new Uint8Array(0)] = evidence?.messages ?? [];
    const { primitives, signer } = world.coordinatorSetup;
    const frame = readFrameToParticipant(message, MOST);
    await expect(verifyFrame(primitives, frame, signer.publicKey)).resolves.toEqual(frame.header.body);
    expect(victim.models.filter(({ published }) => published.kind !== 'model')).toEqual([]);
  });

  it('about nothing is believed to the end', async () => {
    const { victim } = await liedTo(() => undefined);
    expect(victim.over).toBe('2 sums were published.');
    expect(victim.evidence).toEqual([]);
  });
});

describe('a message that somebody else wrote', () => {
  it('is not heard: another key, another run, another receiver', async () => {
    const world = await runWorld(options);
    await world.gather();
    const [one, two] = world.members;
    if (one === undefined || two === undefined) throw new Error('nobody');
    const { primitives } = world.coordinatorSetup;
    const header: HeaderToParticipant = {
      format: 'sumus/run/1',
      run: 'run-1',
      to: one.name,
      chapter: 0,
      number: null,
      acknowledged: 0,
      message: { type: 'ended', why: 'all rounds done', text: 'Go home.' },
      body: null,
    };
    const state = one.state;
    for (const [wrong, signer] of [
      [header, two.setup.signer],
      [{ ...header, run: 'run-2' }, world.coordinatorSetup.signer],
      [{ ...header, to: two.name }, world.coordinatorSetup.signer],
    ] as const) {
      await world.happen(one, { kind: 'received', bytes: await writeHead(primitives, signer, wrong) });
    }
    expect(one.refused).toHaveLength(3);
    expect(one.state).toBe(state);
  });
});

async function said(
  world: RunWorld,
  member: RunMemberInWorld,
  message: ToCoordinator,
  changes: Partial<HeaderToCoordinator> & { readonly signer?: RunMemberInWorld; readonly bytes?: Uint8Array } = {},
): Promise<void> {
  const { primitives } = world.coordinatorSetup;
  const { signer = member, bytes = new Uint8Array(0), ...header } = changes;
  const head = await writeHead(primitives, signer.setup.signer, {
    format: 'sumus/run/1',
    run: 'run-1',
    from: member.name,
    number: world.coordinator.state.members.find(({ name }) => name === member.name)?.next ?? 0,
    message,
    body: bytes.length === 0 ? null : blobName(primitives, bytes),
    ...header,
  });
  await world.coordinate({ kind: 'received', bytes: joinFrame(head, bytes) });
}

describe('a member that lies to the coordinator', () => {
  it('in the name of another, without a certificate, of another run or out of its order is not heard', async () => {
    const world = await runWorld(options);
    const [one, two, three] = world.members;
    if (one === undefined || two === undefined || three === undefined) throw new Error('nobody');
    await world.happen(one, { kind: 'begin' });
    await world.settle();
    world.carriage = () => [];
    await world.happen(three, { kind: 'begin' });
    const events = world.log.length;
    const leave = { type: 'leave', reason: 'Somebody says so.' } as const;
    await said(world, one, leave, { signer: two });
    await said(world, two, leave);
    await said(world, one, leave, { run: 'run-2' });
    await said(world, one, leave, { number: 7 });
    await said(world, one, leave, { number: null });
    const hello = readFrameToCoordinator(three.hello ?? new Uint8Array(0), MOST);
    expect(hello.header.message.type).toBe('hello');
    await said(world, two, hello.header.message);
    expect(world.refused).toHaveLength(6);
    expect(world.log).toHaveLength(events);
  });

  it('with garbage for a sum, or late, is numbered and not used', async () => {
    const world = await runWorld(options);
    const [one] = world.members;
    if (one === undefined) throw new Error('nobody');
    let lied = 0;
    world.onStep = async ({ events }) => {
      if (lied > 0 || !events.some(({ kind }) => kind === 'round opened')) return;
      lied += 1;
      await said(world, one, { type: 'sum', round: 0, version: 0 }, { bytes: Uint8Array.of(1, 2, 3) });
      await said(world, one, { type: 'sum', round: 9, version: 0 }, { bytes: Uint8Array.of(1, 2, 3) });
    };
    await world.play();
    const ignored = world.log.filter(({ kind }) => kind === 'message ignored');
    expect(ignored.length).toBeGreaterThanOrEqual(2);
    // Its numbers were used up by somebody with its key: it is as gone, and the others go on.
    expect(world.coordinator.state.phase).toMatchObject({ kind: 'ended', why: 'all rounds done' });
  });

  it('that sends a thousand messages of no use is given up', async () => {
    const world = await runWorld(options);
    const nuisance = world.member('silo-4');
    await world.happen(nuisance, { kind: 'begin' });
    await world.settle();
    for (let times = 0; times < 1001; times++) await said(world, nuisance, { type: 'accept' });
    expect(world.log.filter(({ kind }) => kind === 'message ignored')).toHaveLength(1000);
    expect(world.log.at(-1)).toMatchObject({ kind: 'member left', member: nuisance.name });
    await said(world, nuisance, { type: 'accept' });
    expect(world.refused.at(-1)).toMatch(/takes no part any more/);
  });

  it('that reveals another value than it committed to is given up, and the others draw anew', async () => {
    const world = await runWorld(options);
    const liar = world.member('silo-3');
    world.carriage = (mail) => (mail.from === liar.name && mail.type === 'reveal' ? [] : [mail]);
    let lied = false;
    world.onStep = async ({ coordinator }) => {
      const { phase } = coordinator.state;
      if (lied || phase.kind !== 'drawing' || phase.step !== 'revealing') return;
      lied = true;
      await said(world, liar, { type: 'reveal', value: other });
    };
    await world.play();
    expect(world.coordinator.state.roster).toEqual(['silo-1', 'silo-2', 'silo-4']);
    expect(world.log.find(({ kind }) => kind === 'member left')).toMatchObject({ member: 'silo-3' });
    expect(world.coordinator.state.phase).toMatchObject({ why: 'all rounds done' });
  });

  it('that came to another model than the others is given up', async () => {
    const world = await runWorld(options);
    const liar = world.member('silo-3');
    world.carriage = (mail) => (mail.from === liar.name && mail.type === 'report' ? [] : [mail]);
    let lied = false;
    world.onStep = async ({ events }) => {
      if (lied || !events.some(({ kind }) => kind === 'released')) return;
      lied = true;
      await said(world, liar, { type: 'report', version: 1, modelHash: other });
    };
    await world.play();
    expect(world.log.find(({ kind }) => kind === 'member left')).toMatchObject({
      member: 'silo-3',
      reason: 'it came to another model than the others',
    });
    expect(world.coordinator.state.releases.map(({ contributors }) => contributors.length)).toEqual([4, 3]);
  });
});

describe('a participant that is outside', () => {
  it('takes an offer of the run that it was invited to alone', async () => {
    const { victim } = await liedTo((message) =>
      message.type === 'offer' ? { ...message, runId: 'run-9' } : undefined,
    );
    expect(victim.over).toMatch(/this invitation is for/);
    expect(outsideTheRun(emptyLedger(victim.setup.signer.publicKey)).standing).toBe('outside');
  });
});
