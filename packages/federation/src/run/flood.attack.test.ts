// A member that says what is allowed, again and again, each time under the next number: none of it stops the coordinator, and after a while
// neither its log nor its ledger grows by it.

import { describe, expect, it } from 'vitest';
import { type HeaderToCoordinator, joinFrame, readFrameToCoordinator, writeHead } from './frame.ts';
import type { ToCoordinator } from './messages.ts';
import { type RunMemberInWorld, type RunWorld, runWorld } from './run-world.contract.ts';

async function said(
  world: RunWorld,
  member: RunMemberInWorld,
  message: ToCoordinator,
  body: HeaderToCoordinator['body'] = null,
  bytes: Uint8Array = new Uint8Array(0),
): Promise<void> {
  const head = await writeHead(world.coordinatorSetup.primitives, member.setup.signer, {
    format: 'sumus/run/1',
    run: 'run-1',
    from: member.name,
    number: world.coordinator.state.members.find(({ name }) => name === member.name)?.next ?? 0,
    message,
    body,
  });
  await world.coordinate({ kind: 'received', bytes: joinFrame(head, bytes) });
}

const kindsOf = (world: RunWorld, kind: string): number => world.log.filter((event) => event.kind === kind).length;

describe('a member that floods the coordinator', () => {
  const options = { members: 4, plan: { protection: 'none', rounds: 2, maximumContributors: 4 } } as const;

  it('says hello once; the second is of no use, and no error', async () => {
    const world = await runWorld(options);
    const [one] = world.members;
    if (one === undefined) throw new Error('nobody');
    await world.happen(one, { kind: 'begin' });
    await world.settle();
    const { header } = readFrameToCoordinator(one.hello ?? new Uint8Array(0), 2 ** 20);
    await said(world, one, header.message);
    expect(kindsOf(world, 'member joined')).toBe(1);
    expect(world.log.at(-1)).toMatchObject({ kind: 'message ignored' });
  });

  it('before it accepted a plan too, is given up', async () => {
    const world = await runWorld(options);
    const nuisance = world.member('silo-4');
    world.carriage = (mail) => (mail.type === 'accept' ? [] : [mail]);
    await world.happen(nuisance, { kind: 'begin' });
    await world.settle();
    const commitment = 'ab'.repeat(32);
    for (let times = 0; times < 1002; times++) await said(world, nuisance, { type: 'commit', commitment });
    expect(kindsOf(world, 'message ignored')).toBe(1000);
    expect(world.log.at(-1)).toMatchObject({ kind: 'member left', member: 'silo-4' });
  });

  it('sits out of a round that awaits it once, and reports a model once', async () => {
    const world = await runWorld(options);
    const nuisance = world.member('silo-4');
    world.carriage = (mail) => (mail.from === nuisance.name && mail.type === 'sum' ? [] : [mail]);
    let lied = 0;
    world.onStep = async ({ events }) => {
      if (lied > 0 || !events.some(({ kind }) => kind === 'round opened')) return;
      lied += 1;
      const reasons = [{ code: 'E', path: '', text: 'x'.repeat(2000) }];
      for (let times = 0; times < 5; times++) await said(world, nuisance, { type: 'sit out', round: 0, reasons });
      for (let times = 0; times < 5; times++) {
        await said(world, nuisance, { type: 'report', version: times, modelHash: 'ab'.repeat(32) });
      }
    };
    await world.gather();
    await world.goOn({ steps: 1 });
    expect(kindsOf(world, 'member sat out')).toBe(1);
    expect(kindsOf(world, 'release reported')).toBeLessThanOrEqual(1 + 4 * world.coordinator.state.releases.length);
    expect(kindsOf(world, 'message ignored')).toBeGreaterThanOrEqual(8);
  });

  it('with frames that its protocol takes without end is not listened to any more in that round', async () => {
    const world = await runWorld({ ...options, plan: { ...options.plan, protection: 'mask' } });
    const nuisance = world.member('silo-4');
    let frame: { readonly header: HeaderToCoordinator; readonly body: Uint8Array } | undefined;
    world.carriage = (mail) => {
      if (mail.from === nuisance.name && mail.type === 'sum') frame ??= readFrameToCoordinator(mail.bytes, 2 ** 26);
      return mail.from === nuisance.name && mail.type === 'sum' ? [] : [mail];
    };
    await world.gather();
    if (frame === undefined) throw new Error('no round was opened');
    const { header, body } = frame;
    for (let times = 0; times < 300; times++) await said(world, nuisance, header.message, header.body, body.slice());
    expect(kindsOf(world, 'message ignored')).toBeGreaterThanOrEqual(44);
  });
});
