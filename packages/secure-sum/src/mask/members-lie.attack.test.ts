import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/index.ts';
import { decodeMessage, encodeMessage, signMessage } from '../messages/index.ts';
import { decodeEntry } from '../roster/index.ts';
import { enrol, flipped, project } from '../seeded-members.contract.ts';
import {
  COMPLAINT,
  decodeUnmaskEntries,
  encodeComplaints,
  encodeUnmaskEntries,
  MASKED,
  UNMASK,
  type UnmaskEntry,
} from './bodies.ts';
import { type SharingLie, sharingLie } from './insecure-participant.contract.ts';
import { sentBy, sessionOf } from './malicious-coordinator.contract.ts';
import { signOf } from './session.ts';
import { type RoundOptions, type SimulatedProject, SimulatedRound, simulatedProject } from './simulation.contract.ts';

let world: SimulatedProject;
beforeAll(async () => {
  world = await simulatedProject(nodePrimitives(), await wasmEngine(), 7);
});

const upTo = (count: number): number[] => [...Array(count).keys()];
const run = (options: Partial<RoundOptions>): Promise<SimulatedRound> =>
  new SimulatedRound(world, { members: 7, ...options }).run();
const liar = (lie: SharingLie): Partial<RoundOptions> => ({
  afterStep: (member, step) => (member === 2 ? sharingLie(lie, step) : Promise.resolve(step)),
});
const blamed = (round: SimulatedRound): readonly string[] => round.evidence.flatMap(({ accused }) => accused);
const BODY_AT_MOST = 100_000;

/** The message of one member with another body, signed anew by that member. */
async function resigned(
  round: SimulatedRound,
  member: number,
  bytes: Uint8Array,
  change: (body: Uint8Array) => Uint8Array,
) {
  const { phase, type, sender, body } = decodeMessage(bytes, BODY_AT_MOST);
  const { context } = sessionOf(round);
  const { primitives, signer } = round.setups[member]!;
  return encodeMessage(await signMessage(primitives, signer, context, { phase, type, sender, body: change(body) }));
}

async function complaintOf(round: SimulatedRound, member: number, of: readonly number[]): Promise<Uint8Array> {
  const { context } = sessionOf(round);
  const { primitives, signer, certificate } = round.setups[member]!;
  const body = encodeComplaints(of.map((index) => ({ index, reason: 'box' })));
  const message = { ...COMPLAINT, sender: certificate.memberId, body };
  return encodeMessage(await signMessage(primitives, signer, context, message));
}

/** A round in which one member's message of a type is another one. */
async function runChanged(
  type: string,
  change: (body: Uint8Array) => Uint8Array,
  more: Partial<RoundOptions> = {},
): Promise<SimulatedRound> {
  const round: SimulatedRound = new SimulatedRound(world, {
    members: 7,
    ...more,
    afterStep: async (member, step) => {
      const outputs = [];
      for (const output of step.outputs) {
        const lies = member === 2 && output.kind === 'send' && output.type === type;
        outputs.push(lies ? { ...output, bytes: await resigned(round, member, output.bytes, change) } : output);
      }
      return { ...step, outputs };
    },
  });
  return round.run();
}

const changedShare = (entries: readonly UnmaskEntry[]): UnmaskEntry[] =>
  entries.map((entry) => (entry.index === 4 ? { ...entry, share: flipped(entry.share, 7) } : entry));

describe('attack 1: a message that its sender did not sign', () => {
  it('is dropped, in every flow', async () => {
    for (const type of ['mask/share', 'mask/masked', 'mask/alive', 'mask/unmask']) {
      const onUp: RoundOptions['onUp'] = (member, sent) =>
        member === 2 && sent.type === type ? flipped(sent.bytes, sent.bytes.length - 10) : sent.bytes;
      const round = await run({ onUp });
      expect(round.refusals.map(({ code }) => code)).toContain('E_SIG');
      const left = type === 'mask/share' || type === 'mask/masked' ? [0, 1, 3, 4, 5, 6] : upTo(7);
      expect([...round.result!.sum]).toEqual(round.plainSum(left));
    }
  });
});

describe('attack 2: a certificate for a committee', () => {
  const role = ['silo', 'silo', 'silo', 'silo', 'silo', 'device', 'committee'] as const;
  /** Silos, a device, and last a committee's member. */
  async function mixed(): Promise<SimulatedProject> {
    const { primitives } = world;
    const { authority, trust } = await project(primitives, 0);
    const members = [];
    for (const i of upTo(7)) members.push(await enrol(primitives, authority, `member-${i}`, { role: role[i]! }));
    return { ...world, trust, members };
  }

  it('is none for a vector of one’s own: the coordinator leaves it out, and silos and devices are summed', async () => {
    const round = await new SimulatedRound(await mixed(), { members: 7 }).run();
    expect(round.refusals).toMatchObject([{ by: 'coordinator', code: 'E_CERT' }]);
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(6)));
  });

  it('in a roster is refused by every participant, whoever let it in', async () => {
    const round: SimulatedRound = new SimulatedRound(await mixed(), {
      members: 7,
      onUp: (member, { bytes }) => {
        if (member !== 6 || round.coordinator.phase !== 'advertising') return bytes;
        const entry = decodeEntry(bytes);
        round.coordinator.entries.set(entry.certificate.memberId, entry);
        return undefined;
      },
    });
    await round.run();
    for (const member of upTo(6)) {
      expect(round.states[member]).toMatchObject({ phase: 'aborted', reason: { code: 'E_CERT' } });
    }
    expect(round.result).toBeUndefined();
  });
});

describe('attack 12: a message that comes again', () => {
  it('changes nothing when it says the same, and convicts its sender when it does not', async () => {
    const round = new SimulatedRound(world, { members: 7 });
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    for (let member = 0; member < 6; member++) {
      for (const bytes of round.delivered(member, 'mask/boxes'))
        await round.participate(member, { kind: 'received', bytes });
      await round.participate(member, { kind: 'vector', values: round.vector(member) });
    }
    if (round.coordinator.phase !== 'masking') throw new Error('not masking');
    const before = round.coordinator.sum.words.slice();
    const first = round.wire.find(({ type, member }) => type === 'mask/masked' && member === 3)!.bytes;
    await round.coordinate({ kind: 'received', bytes: first });
    expect(round.refusals).toEqual([]);
    expect(round.coordinator.phase === 'masking' && round.coordinator.sum.words).toEqual(before);
    const second = await resigned(round, 3, first, (body) => flipped(body, 0));
    await round.coordinate({ kind: 'received', bytes: second });
    expect(round.refusals.at(-1)!.code).toBe('E_EQUIV');
    expect(round.coordinator.phase === 'masking' && round.coordinator.sum.words).toEqual(before);
    // It goes on as if the second had never come.
    await round.mask();
    await round.confirm();
    await round.unmask();
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(7)));
  });
});

describe('attack 49: a message after its phase', () => {
  it('is late, and not added', async () => {
    const held: Uint8Array[] = [];
    const round = new SimulatedRound(world, {
      members: 7,
      onUp: (member, { type, bytes }) => {
        if (member !== 2 || type !== 'mask/masked') return bytes;
        held.push(bytes);
        return undefined;
      },
    });
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    await round.mask();
    await round.coordinate({ kind: 'received', bytes: held[0]! });
    expect(round.refusals.at(-1)!.code).toBe('E_LATE');
    await round.confirm();
    await round.unmask();
    await round.finish();
    expect([...round.result!.sum]).toEqual(round.plainSum([0, 1, 3, 4, 5, 6]));
  });
});

describe('attack 51: shares that lie on no polynomial', () => {
  it('blame their owner, whose committed shares give nothing back', async () => {
    const round = await run(liar('no polynomial'));
    expect(round.result).toBeUndefined();
    const { coordinator } = round;
    expect(coordinator.phase === 'aborted' && coordinator.reason).toMatchObject({
      code: 'E_SHARE',
      members: ['silo-03'],
    });
    expect(new Set(blamed(round))).toEqual(new Set(['silo-03']));
    // Signed messages that show it: those of the owner, and those that revealed its shares.
    expect(round.evidence.at(-1)!.messages.length).toBeGreaterThanOrEqual(6);
  });

  it('are a clean restart without their owner', async () => {
    const round = await run({ ...liar('no polynomial'), dropsAt: (member) => (member === 2 ? 0 : undefined) });
    expect([...round.result!.sum]).toEqual(round.plainSum([0, 1, 3, 4, 5, 6]));
  });
});

describe('attack 52: secrets that are not those that were bound', () => {
  it('a seed that is not the committed one blames its owner', async () => {
    const round = await run(liar('other seed'));
    expect(round.coordinator.phase === 'aborted' && round.coordinator.reason.members).toEqual(['silo-03']);
  });

  it('a key that is not the advertised one blames its owner, when it vanished', async () => {
    const round = await run({ ...liar('other key'), dropsAt: (member) => (member === 2 ? 2 : undefined) });
    expect(round.coordinator.phase === 'aborted' && round.coordinator.reason.members).toEqual(['silo-03']);
    // Nobody asks for the key of a member who stayed.
    const stayed = await run(liar('other key'));
    expect([...stayed.result!.sum]).toEqual(stayed.plainSum(upTo(7)));
  });

  it.each<[SharingLie, string]>([
    ['other commitments', 'seed share'],
    ['other point', 'point'],
    ['closed boxes', 'box'],
  ])('attacks 52 and 53: %s are noticed by who receives them, before anything is masked', async (lie) => {
    const round = await run(liar(lie));
    // Six of seven complain and leave, which is more than the round bears; the one they name comes first.
    expect(round.coordinator.phase === 'aborted' && round.coordinator.reason.members[0]).toBe('silo-03');
    expect(sentBy(round, 'mask/complaint').size).toBe(6);
    expect(sentBy(round, 'mask/masked').size).toBe(1);
  });

  it('a liar that complains of everybody frames nobody: it is missing itself, and those who really are', async () => {
    const round: SimulatedRound = new SimulatedRound(world, {
      members: 7,
      dropsAt: (member) => (member > 4 ? 2 : undefined),
      afterStep: async (member, step) => {
        const outputs = [];
        for (const output of step.outputs) {
          const lies = member === 2 && output.kind === 'send' && output.type === MASKED.type;
          outputs.push(lies ? { ...output, bytes: await complaintOf(round, member, [0, 1, 3, 4, 5, 6]) } : output);
        }
        return { ...step, outputs };
      },
    });
    await round.run();
    expect(round.coordinator.phase === 'aborted' && round.coordinator.reason.members).toEqual([
      'silo-03',
      'silo-06',
      'silo-07',
    ]);
  });

  it('attack 54: too few entries are refused, and the round goes on without', async () => {
    const round = await run(liar('too few'));
    expect(round.refusals.map(({ code }) => code)).toContain('E_LEN');
    expect([...round.result!.sum]).toEqual(round.plainSum([0, 1, 3, 4, 5, 6]));
  });
});

describe('attacks 51 and 52: a member that reveals another share than it got', () => {
  it('is named, and the sum is opened with the shares of the others', async () => {
    const round = await runChanged(UNMASK.type, (body) => encodeUnmaskEntries(changedShare(decodeUnmaskEntries(body))));
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(7)));
    expect(blamed(round)).toEqual(['silo-03']);
    expect(round.evidence[0]!.messages.length).toBeGreaterThan(0);
  });

  it('attack 56: stops the round when no t others are left, and no wrong secret is ever used', async () => {
    const dropsAt = (member: number): number | undefined => (member > 4 ? 4 : undefined);
    const round = await runChanged(
      UNMASK.type,
      (body) => encodeUnmaskEntries(changedShare(decodeUnmaskEntries(body))),
      { dropsAt },
    );
    expect(round.result).toBeUndefined();
    expect(round.coordinator.phase === 'aborted' && round.coordinator.reason.code).toBe('E_TOO_FEW');
    expect(blamed(round)).toEqual(['silo-03']);
  });
});

describe('attacks 53 and 54: lists of shares of a wrong form', () => {
  it.each<[string, (entries: readonly UnmaskEntry[]) => UnmaskEntry[], string]>([
    ['none', () => [], 'E_SHARE'],
    ['one too few', (entries) => entries.slice(1), 'E_SHARE'],
    ['one twice', (entries) => [entries[0]!, ...entries], 'E_MALFORMED'],
    [
      'of the key of one who lives',
      (entries) => entries.map((one) => (one.index === 5 ? { ...one, of: 'key' } : one)),
      'E_SHARE',
    ],
    ['of a member who is none', (entries) => [...entries.slice(0, 6), { ...entries[6]!, index: 9 }], 'E_SHARE'],
  ])('are refused: %s', async (_, change, code) => {
    const round = await runChanged(UNMASK.type, (body) => encodeUnmaskEntries(change(decodeUnmaskEntries(body))));
    expect(round.refusals.map((one) => one.code)).toEqual([code]);
    expect([...round.result!.sum]).toEqual(round.plainSum(upTo(7)));
  });

  it('attack 54: a million entries are refused before they are read', async () => {
    const round = await runChanged(UNMASK.type, () => {
      const body = new Uint8Array(100);
      new DataView(body.buffer).setUint32(0, 1_000_000, true);
      return body;
    });
    expect(round.refusals.map(({ code }) => code)).toEqual(['E_RANGE']);
  });
});

describe('attack 57: masked vectors of a wrong form', () => {
  it.each<[string, (body: Uint8Array) => Uint8Array, string]>([
    ['one byte too few', (body) => body.slice(1), 'E_LEN'],
    ['one byte too many', (body) => Uint8Array.of(...body, 0), 'E_LEN'],
    ['empty', () => new Uint8Array(0), 'E_LEN'],
    ['bits behind the last word', (body) => flipped(body, body.length - 1, 7), 'E_RANGE'],
  ])('are refused, and their sender counts as gone: %s', async (_, change, code) => {
    const round = await runChanged(MASKED.type, change);
    expect(round.refusals.map((one) => one.code)).toContain(code);
    expect([...round.result!.sum]).toEqual(round.plainSum([0, 1, 3, 4, 5, 6]));
  });

  it('attack 58: one that is much too long is refused before it is copied', async () => {
    const round = new SimulatedRound(world, { members: 7 });
    await round.advertise();
    await round.drawBeacon();
    await round.coordinate({ kind: 'received', bytes: new Uint8Array(10_000_000) });
    expect(round.refusals.at(-1)!.code).toBe('E_MALFORMED');
  });
});

describe('attack 70: the sign of a pair’s mask', () => {
  it('is opposite at its two ends, by index and not by the order of texts', () => {
    for (let u = 0; u < 12; u++)
      for (let v = 0; v < 12; v++) if (u !== v) expect(signOf(u, v)).toBe(signOf(v, u) === 1 ? -1 : 1);
    expect(signOf(2, 10)).toBe(1);
    expect('2' < '10').toBe(false);
  });
});

describe('attack 73: secrets', () => {
  it('are wiped when they are not needed any more', async () => {
    const round = new SimulatedRound(world, { members: 7 });
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    const [shared] = round.states;
    if (shared?.phase !== 'shared') throw new Error('not shared');
    const { secretMaskKey, secretSeed, secretBoxKey, secretOwnShare } = shared;
    await round.mask();
    expect([secretMaskKey.wiped, secretSeed.wiped, secretBoxKey.wiped]).toEqual([true, true, false]);
    const masked = round.states[0];
    if (masked?.phase !== 'masked') throw new Error('not masked');
    await round.confirm();
    await round.unmask();
    expect([secretBoxKey.wiped, secretOwnShare.wiped]).toEqual([true, true]);
    for (const { seedShare, keyShare } of masked.secretHoldings.values()) {
      expect([seedShare.wiped, keyShare.wiped]).toEqual([true, true]);
    }
  });

  it('are wiped by who gives up, and by who leaves', async () => {
    const round = new SimulatedRound(world, { members: 7 });
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    const [shared] = round.states;
    if (shared?.phase !== 'shared') throw new Error('not shared');
    await round.participate(0, { kind: 'give up', reason: 'no answer for a minute' });
    const { secretMaskKey, secretSeed, secretBoxKey, secretOwnShare } = shared;
    expect([secretMaskKey, secretSeed, secretBoxKey, secretOwnShare].map(({ wiped }) => wiped)).toEqual(
      new Array(4).fill(true),
    );
  });

  it('do not stand in any state as JSON or in any refusal', async () => {
    const round = new SimulatedRound(world, { members: 7 });
    await round.advertise();
    expect(() => JSON.stringify(round.states[0])).toThrow();
  });
});
