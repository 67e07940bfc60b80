import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { openContext } from '../context/index.ts';
import { wasmEngine } from '../engine/index.ts';
import { ParameterError } from '../errors.ts';
import { confirmEntry, nothingEntered, proposeEntry } from '../high-water/index.ts';
import { codeOf, flipped } from '../seeded-members.contract.ts';
import { decodeAliveMacs, decodeShareBody, decodeUnmaskEntries } from './bodies.ts';
import { maskRules } from './configuration.ts';
import { type DeliveredBox, type Delivery, encodeDelivery, type Voucher } from './deliveries.ts';
import { insecureParticipant } from './insecure-participant.contract.ts';
import { addPackedWords } from './key-stream.ts';
import { recoverVector, sentBy, sessionOf, tellLiving, tellVouchers } from './malicious-coordinator.contract.ts';
import { GUARDS } from './participant/guards.ts';
import { participantWith } from './participant/machine.ts';
import type { MaskedParticipant } from './participant/state.ts';
import { decodeParticipant, encodeParticipantInTheClear } from './participant/storage.ts';
import { type RoundOptions, type SimulatedProject, SimulatedRound, simulatedProject } from './simulation.contract.ts';

let world: SimulatedProject;
beforeAll(async () => {
  world = await simulatedProject(nodePrimitives(), await wasmEngine(), 40);
});

const upTo = (count: number): number[] => [...Array(count).keys()];

/** 7 members: t = 5, c = 2. */
const COMPLETE: RoundOptions = { members: 7 };
/** 40 members with 18 neighbours each: t = 10. */
const SPARSE: RoundOptions = {
  members: 40,
  configuration: { own: maskRules({ graph: 'sparse', corruptFraction: 0, dropoutFraction: 1 / 40 }) },
  floors: { corruptFraction: 0 },
};

/** A round whose vectors are masked, before anybody was asked who lives. */
async function maskedRound(options: RoundOptions): Promise<SimulatedRound> {
  const round = new SimulatedRound(world, options);
  await round.advertise();
  await round.drawBeacon();
  await round.share();
  await round.mask();
  return round;
}

/** What participants refused. */
const refusedBy = (round: SimulatedRound): unknown[] =>
  round.refusals.filter(({ by }) => by !== 'coordinator').map(({ code }) => code);

const tell = (round: SimulatedRound, member: number, delivery: Delivery): Promise<unknown> => {
  const bytes = encodeDelivery(sessionOf(round).context, delivery);
  return round.machine(member).step(round.setups[member]!, round.states[member]!, { kind: 'received', bytes });
};

describe('attack 10: neighbours that the coordinator chose', () => {
  it('are not accepted: a box of a stranger ends the round for its receiver', async () => {
    const round = new SimulatedRound(world, SPARSE);
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    const { links } = sessionOf(round);
    const stranger = upTo(40).find((index) => index !== 0 && !links.areNeighbours(0, index))!;
    const boxes = { index: stranger, box: new Uint8Array(93), seed: new Uint8Array(32), key: new Uint8Array(32) };
    await round.participate(0, {
      kind: 'received',
      bytes: encodeDelivery(sessionOf(round).context, { type: 'mask/boxes', boxes: [boxes] }),
    });
    const state = round.states[0]!;
    expect(state.phase === 'aborted' && state.reason.code).toBe('E_GRAPH');
  });
});

describe('attack 13: a message of another round', () => {
  it('is refused by participants and by the coordinator', async () => {
    const round = await maskedRound(COMPLETE);
    const other = await maskedRound({ ...COMPLETE, configuration: { vectorLength: 21 } });
    await tell(other, 0, { type: 'mask/living', living: upTo(7) });
    const bytes = encodeDelivery(sessionOf(other).context, { type: 'mask/living', living: upTo(7) });
    expect(
      await codeOf(() => round.machine(1).step(round.setups[1]!, round.states[1]!, { kind: 'received', bytes })),
    ).toBe('E_CTX');
    const wrong = other.wire.find(({ type }) => type === 'mask/masked')!;
    await round.coordinate({ kind: 'received', bytes: wrong.bytes });
    expect(round.refusals.at(-1)).toMatchObject({ by: 'coordinator', code: 'E_CTX' });
  });
});

describe('attacks 14 and 16: a round that was entered', () => {
  it('is not entered again, whatever context it is said to have', async () => {
    const { primitives } = world;
    const round = new SimulatedRound(world, COMPLETE);
    const entry = proposeEntry(primitives, nothingEntered(), round.open);
    const entered = confirmEntry(entry, entry.bytes);
    await round.machine(0).open(round.setups[0]!, entered);
    await expect(round.machine(0).open(round.setups[0]!, entered)).rejects.toThrow(ParameterError);
    const sameRound = openContext(primitives, { ...round.open.fields, modelHash: new Uint8Array(32).fill(9) });
    expect(await codeOf(() => proposeEntry(primitives, entry.next, sameRound))).toBe('E_REPLAY');
  });
});

describe('attack 15: phases out of order or repeated', () => {
  it('are refused, the second time with the same bytes too', async () => {
    const round = await maskedRound(COMPLETE);
    const living: Delivery = { type: 'mask/living', living: upTo(7) };
    expect(await codeOf(() => tell(round, 0, { type: 'mask/vouchers', vouchers: [] }))).toBe('E_PHASE');
    expect(await codeOf(() => tell(round, 0, { type: 'mask/boxes', boxes: [] }))).toBe('E_PHASE');
    await tellLiving(round, () => upTo(7));
    expect(await codeOf(() => tell(round, 0, living))).toBe('E_PHASE');
    expect(await codeOf(() => tell(round, 0, { type: 'mask/living', living: upTo(6) }))).toBe('E_PHASE');
    await tellVouchers(round);
    const vouchers = [...sentBy(round, 'mask/alive')].map(([index, { signature }]) => ({ index, proof: signature }));
    expect(await codeOf(() => tell(round, 0, { type: 'mask/vouchers', vouchers }))).toBe('E_PHASE');
  });

  it('do not let a second vector out under the masks of the first', async () => {
    const round = await maskedRound(COMPLETE);
    const values = round.vector(1);
    expect(
      await codeOf(() => round.machine(0).step(round.setups[0]!, round.states[0]!, { kind: 'vector', values })),
    ).toBe('E_PHASE');
  });

  it('leave an older state behind: it answers nothing more', async () => {
    const round = await maskedRound(COMPLETE);
    const before = round.states[0]!;
    await tellLiving(round, () => upTo(7));
    const bytes = encodeDelivery(sessionOf(round).context, { type: 'mask/living', living: upTo(6) });
    await expect(round.machine(0).step(round.setups[0]!, before, { kind: 'received', bytes })).rejects.toThrow(
      ParameterError,
    );
  });
});

describe('attack 17: another model or configuration for some', () => {
  it('ends before anything is shared: an advertisement holds for one context', async () => {
    const round = new SimulatedRound(world, COMPLETE);
    const { primitives } = world;
    const other = openContext(primitives, { ...round.open.fields, modelHash: new Uint8Array(32).fill(9) });
    const entry = proposeEntry(primitives, nothingEntered(), other);
    const { outputs } = await round.machine(0).open(round.setups[0]!, confirmEntry(entry, entry.bytes));
    const sent = outputs.find((output) => output.kind === 'send')!;
    await round.coordinate({ kind: 'received', bytes: sent.kind === 'send' ? sent.bytes : new Uint8Array(0) });
    expect(round.refusals.at(-1)!.code).toBe('E_CTX');
  });
});

describe('attack 18: parameters below a participant’s floors', () => {
  it.each<[string, RoundOptions]>([
    [
      'a smaller corrupt fraction, and so a smaller t',
      {
        members: 30,
        configuration: { own: maskRules({ graph: 'complete', corruptFraction: 0.1, dropoutFraction: 0 }) },
        floors: { corruptFraction: 0.3 },
      },
    ],
    ['narrower words', { ...COMPLETE, floors: { minimumWordBits: 24 } }],
    ['words that wrap', { ...COMPLETE, configuration: { wordBits: 17 } }],
    ['fewer members than a sum must have', { members: 5, floors: { minimumContributors: 6 } }],
    ['a longer vector', { ...COMPLETE, floors: { maximumVectorLength: 19 } }],
  ])('are refused: %s', async (_, options) => {
    const round = await new SimulatedRound(world, options).run();
    expect(round.result).toBeUndefined();
    for (const state of round.states) expect(state?.phase === 'aborted' && state.reason.code).toBe('E_FLOOR');
    expect(round.wire.some(({ type }) => type === 'mask/share')).toBe(false);
  });

  it('are refused for two members, who would learn each other’s vector', async () => {
    const round = await new SimulatedRound(world, { members: 2, configuration: { minimumContributors: 2 } }).run();
    expect(round.states.every((state) => state?.phase === 'aborted')).toBe(true);
  });
});

describe('attacks 19 and 20: one member alive and dead', () => {
  it('is in no list: who is not listed as living is dead, and an index occurs once', async () => {
    const round = await maskedRound(COMPLETE);
    expect(await codeOf(() => tell(round, 0, { type: 'mask/living', living: [0, 1, 1, 2, 3, 4, 5] }))).toBe(
      'E_MALFORMED',
    );
    expect(await codeOf(() => tell(round, 0, { type: 'mask/living', living: [1, 0, 2, 3, 4, 5, 6] }))).toBe(
      'E_MALFORMED',
    );
  });

  it('is in no two requests: the second is refused, so no member reveals both shares', async () => {
    const round = await maskedRound(COMPLETE);
    await tellLiving(round, () => upTo(7));
    await tellVouchers(round);
    await tellLiving(round, () => upTo(6));
    await tellVouchers(round);
    for (const { body } of sentBy(round, 'mask/unmask').values()) {
      expect(decodeUnmaskEntries(body).map(({ of }) => of)).toEqual(new Array(7).fill('seed'));
    }
    expect(await recoverVector(round, 0)).toBeUndefined();
  });

  it('the planted break: participants whose storage is set back answer both, and the victim’s vector lies open', async () => {
    const round = await maskedRound(COMPLETE);
    const stored = await Promise.all(
      round.states.map((state) => encodeParticipantInTheClear(round.open, state as MaskedParticipant)),
    );
    await tellLiving(round, () => upTo(7));
    await tellVouchers(round);
    const first = [...sentBy(round, 'mask/unmask')].map(([m, { body }]) => [m, decodeUnmaskEntries(body)] as const);
    // Everybody is set back twice, and told of two others that they are gone.
    const extra = [...first];
    for (const gone of [
      [1, 2],
      [3, 4],
      [5, 6],
    ]) {
      for (const [member, bytes] of stored.entries()) {
        round.states[member] = await decodeParticipant(round.setups[member]!, round.open, bytes);
      }
      await tellLiving(round, () => upTo(7).filter((index) => !gone.includes(index)));
      await tellVouchers(round);
      extra.push(...[...sentBy(round, 'mask/unmask')].map(([m, { body }]) => [m, decodeUnmaskEntries(body)] as const));
    }
    expect(await recoverVector(round, 0, dedupe(extra))).toEqual(round.vector(0));
  });
});

/** The first share of each owner, kind and responder. */
function dedupe(
  all: readonly (readonly [number, ReturnType<typeof decodeUnmaskEntries>])[],
): (readonly [number, ReturnType<typeof decodeUnmaskEntries>])[] {
  const seen = new Set<string>();
  return all.map(([responder, entries]) => [
    responder,
    entries.filter(({ index, of }) => {
      const name = `${responder} ${index} ${of}`;
      const fresh = !seen.has(name);
      seen.add(name);
      return fresh;
    }),
  ]);
}

describe('attack 21: a list of the living that must not be answered', () => {
  it.each<[string, number[]]>([
    ['without the one who is asked', [1, 2, 3, 4, 5, 6]],
    ['with a member who shared nothing', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['shorter than t', [0, 1, 2, 3]],
    ['that is empty', []],
  ])('is refused: %s', async (_, living) => {
    const round = await maskedRound(COMPLETE);
    expect(await codeOf(() => tell(round, 0, { type: 'mask/living', living }))).toBe('E_ALIVE');
  });

  it('is refused with fewer than t living neighbours on a sparse graph', async () => {
    const round = await maskedRound(SPARSE);
    const near = sessionOf(round).links.neighboursOf(0);
    const tooFew = [0, ...near.slice(0, 9)].sort((a, b) => a - b);
    expect(await codeOf(() => tell(round, 0, { type: 'mask/living', living: tooFew }))).toBe('E_ALIVE');
    const stranger = upTo(40).find((index) => index !== 0 && !near.includes(index))!;
    const withStranger = [0, stranger, ...near].sort((a, b) => a - b);
    expect(await codeOf(() => tell(round, 0, { type: 'mask/living', living: withStranger }))).toBe('E_ALIVE');
  });
});

describe('attack 22: isolation, everybody is told that the victim’s neighbours are gone, and they are asked for its seed', () => {
  /** Each member is told that it and the victim live, and nobody else. */
  async function isolate(machine: ReturnType<typeof insecureParticipant>): Promise<Int32Array | undefined> {
    const round = await maskedRound({ ...COMPLETE, machineOf: () => machine });
    await tellLiving(round, (member) => [...new Set([0, member])]);
    await tellVouchers(round);
    return recoverVector(round, 0);
  }

  it('gets nothing of participants with their guards, nor with either of them alone', async () => {
    expect(await isolate(participantWith(GUARDS))).toBeUndefined();
    expect(await isolate(insecureParticipant('requireVouchers'))).toBeUndefined();
    expect(await isolate(insecureParticipant('requireLiving'))).toBeUndefined();
  });

  it('the planted break: gets the victim’s vector of participants without them', async () => {
    const round = await maskedRound(COMPLETE);
    expect(await isolate(insecureParticipant('requireLiving', 'requireVouchers'))).toEqual(round.vector(0));
  });

  /** On a sparse graph lists long enough for requireLiving exist: each member takes a few of the victim's neighbours for dead. */
  async function isolateSparse(
    machine: ReturnType<typeof insecureParticipant>,
  ): Promise<[SimulatedRound, Int32Array | undefined]> {
    const round = await maskedRound({ ...SPARSE, machineOf: () => machine });
    const { links, parameters } = sessionOf(round);
    const { neighbours, threshold } = parameters;
    const missing = new Map(links.neighboursOf(0).map((index) => [index, threshold]));
    const lists = new Map<number, number[]>();
    for (const member of upTo(40).filter((index) => index !== 0)) {
      const near = links.neighboursOf(member);
      const dead = near
        .filter((index) => (missing.get(index) ?? 0) > 0)
        .sort((a, b) => missing.get(b)! - missing.get(a)!)
        .slice(0, neighbours - threshold);
      for (const index of dead) missing.set(index, missing.get(index)! - 1);
      lists.set(member, [member, ...near.filter((index) => !dead.includes(index))]);
    }
    lists.set(0, [0, ...links.neighboursOf(0)]);
    // Enough members take every neighbour of the victim for dead, and every list is long enough.
    expect([...missing.values()].every((count) => count === 0)).toBe(true);
    await tellLiving(round, (member) => lists.get(member)!);
    expect(refusedBy(round)).toEqual([]);
    await tellVouchers(round);
    return [round, await recoverVector(round, 0)];
  }

  it('on a sparse graph passes every other check, and fails for lack of alive-MACs', async () => {
    const [round, recovered] = await isolateSparse(participantWith(GUARDS));
    expect(recovered).toBeUndefined();
    expect(new Set(refusedBy(round))).toEqual(new Set(['E_ALIVE']));
  });

  it('the planted break: on a sparse graph gets the victim’s vector where alive-MACs are not asked for', async () => {
    const [round, recovered] = await isolateSparse(insecureParticipant('requireVouchers'));
    expect(recovered).toEqual(round.vector(0));
  });

  it.each<[string, RoundOptions]>([
    ['signatures on the complete graph', COMPLETE],
    ['MACs on a sparse one', SPARSE],
  ])('t − 1 vouchers are refused and t are enough: %s', async (_, options) => {
    const round = await maskedRound(options);
    const { parameters, graph, links } = sessionOf(round);
    const everybody = upTo(round.setups.length);
    await tellLiving(round, (member) => (graph === 'complete' ? everybody : [member, ...links.neighboursOf(member)]));
    const vouchers: Voucher[] = [...sentBy(round, 'mask/alive')].flatMap(([index, { body, signature }]) => {
      if (graph === 'complete') return [{ index, proof: signature }];
      const mac = decodeAliveMacs(body).find((one) => one.index === 0);
      return mac === undefined ? [] : [{ index, proof: mac.mac }];
    });
    const some = (count: number): Delivery => ({ type: 'mask/vouchers', vouchers: vouchers.slice(0, count) });
    expect(await codeOf(() => tell(round, 0, some(parameters.threshold - 1)))).toBe('E_ALIVE');
    await tell(round, 0, some(parameters.threshold));
  });
});

describe('attack 23: two lists of the living', () => {
  it('get neither half enough signatures', async () => {
    const round = await maskedRound(COMPLETE);
    await tellLiving(round, (member) => (member < 4 ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 4, 5, 6]));
    await tellVouchers(round);
    expect(sentBy(round, 'mask/unmask').size).toBe(0);
    expect(round.refusals.map(({ code }) => code)).toContain('E_ALIVE');
  });
});

describe('attack 24: forged and reflected alive-MACs', () => {
  it('count for nothing', async () => {
    const round = await maskedRound(SPARSE);
    const { links } = sessionOf(round);
    await tellLiving(round, (member) => [member, ...links.neighboursOf(member)]);
    const alive = sentBy(round, 'mask/alive');
    const macOf = (from: number, about: number): Uint8Array =>
      decodeAliveMacs(alive.get(from)!.body).find(({ index }) => index === about)!.mac;
    const near = links.neighboursOf(0);
    const tryWith = (proofOf: (index: number) => Uint8Array): Promise<unknown> =>
      codeOf(() =>
        tell(round, 0, { type: 'mask/vouchers', vouchers: near.map((index) => ({ index, proof: proofOf(index) })) }),
      );
    expect(await tryWith((index) => macOf(0, index)), 'its own, returned').toBe('E_ALIVE');
    const common = (index: number): number => near.find((one) => one !== index && links.areNeighbours(index, one))!;
    expect(await tryWith((index) => macOf(index, common(index))), 'about another').toBe('E_ALIVE');
    expect(await tryWith((index) => flipped(macOf(index, 0), 3)), 'one bit changed').toBe('E_ALIVE');
    expect(await tryWith((index) => macOf(near[(near.indexOf(index) + 1) % near.length]!, 0)), 'of another').toBe(
      'E_ALIVE',
    );
    const [first, second] = near;
    const twice = [first!, first!, second!].map((index) => ({ index, proof: macOf(index, 0) }));
    expect(await codeOf(() => tell(round, 0, { type: 'mask/vouchers', vouchers: twice })), 'one twice').toBe(
      'E_MALFORMED',
    );
    await tell(round, 0, { type: 'mask/vouchers', vouchers: near.map((index) => ({ index, proof: macOf(index, 0) })) });
  });
});

const changedAt = (boxes: readonly DeliveredBox[], place: number, part: Partial<DeliveredBox>): DeliveredBox[] =>
  boxes.map((one, i) => (i === place ? { ...one, ...part } : one));

describe('attacks 25 and 26: boxes that were changed or held back', () => {
  async function withBoxes(
    change: (delivery: Extract<Delivery, { type: 'mask/boxes' }>) => Delivery,
    more: Partial<RoundOptions> = {},
  ): Promise<SimulatedRound> {
    const round = new SimulatedRound(world, { ...COMPLETE, ...more });
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    const shares = sentBy(round, 'mask/share');
    const { links, context } = sessionOf(round);
    const boxes = links.neighboursOf(0).map((owner) => {
      const entry = decodeShareBody(shares.get(owner)!.body, 7, owner).entryAt(links.pointOf(owner, 0) - 1);
      return { index: owner, ...entry };
    });
    await round.participate(0, {
      kind: 'received',
      bytes: encodeDelivery(context, change({ type: 'mask/boxes', boxes })),
    });
    return round;
  }

  it('are told from good ones', async () => {
    const round = await withBoxes((delivery) => delivery);
    expect(round.states[0]!.phase).toBe('ready');
  });

  it.each<[string, (boxes: readonly DeliveredBox[]) => DeliveredBox[]]>([
    ['a bit flipped', (boxes) => changedAt(boxes, 2, { box: flipped(boxes[2]!.box, 50) })],
    ['two exchanged', (boxes) => changedAt(changedAt(boxes, 0, { box: boxes[1]!.box }), 1, { box: boxes[0]!.box })],
    ['a commitment changed', (boxes) => changedAt(boxes, 3, { key: flipped(boxes[3]!.key, 0) })],
  ])('are refused with a complaint: %s', async (_, change) => {
    const round = await withBoxes(({ boxes }) => ({ type: 'mask/boxes', boxes: change(boxes) }));
    const state = round.states[0]!;
    expect(state.phase === 'aborted' && state.reason.code).toBe('E_SHARE');
    expect(sentBy(round, 'mask/complaint').has(0)).toBe(true);
  });

  it('the planted break: without the guard a participant masks for so few that nobody could unmask it', async () => {
    const machineOf = (): ReturnType<typeof insecureParticipant> => insecureParticipant('requireSharers');
    const round = await withBoxes(({ boxes }) => ({ type: 'mask/boxes', boxes: boxes.slice(0, 1) }), { machineOf });
    expect(round.states[0]!.phase).toBe('ready');
  });

  it('fewer than t of them end the round for their receiver', async () => {
    const round = await withBoxes(({ boxes }) => ({ type: 'mask/boxes', boxes: boxes.slice(0, 3) }));
    const state = round.states[0]!;
    expect(state.phase === 'aborted' && state.reason.code).toBe('E_TOO_FEW');
    expect((await withBoxes(({ boxes }) => ({ type: 'mask/boxes', boxes: boxes.slice(0, 4) }))).states[0]!.phase).toBe(
      'ready',
    );
  });
});

describe('attacks 27 and 28: a masked vector withheld after it was acknowledged, or exchanged', () => {
  it.each<[string, (sum: Uint32Array, body: Uint32Array) => void]>([
    [
      'withheld',
      (sum, y) => {
        for (let i = 0; i < sum.length; i++) sum[i]! -= y[i]!;
      },
    ],
    [
      'exchanged',
      (sum) => {
        for (let i = 0; i < sum.length; i++) sum[i]! += 2654435761 * (i + 1);
      },
    ],
  ])('%s: nothing is returned, because what is opened is no sum', async (_, change) => {
    const round = await maskedRound(COMPLETE);
    const y = new Uint32Array(20);
    addPackedWords(world.engine, y, sentBy(round, 'mask/masked').get(3)!.body, 23);
    const confirming = round.coordinator;
    if (confirming.phase !== 'confirming') throw new Error('no sum');
    change(confirming.sum.words, y);
    await round.confirm();
    await round.unmask();
    expect(round.result).toBeUndefined();
    expect(round.coordinator).toMatchObject({ phase: 'aborted', reason: { code: 'E_SUM' } });
  });

  it('a participant returns no such sum either, nor one of too few', async () => {
    const round = await maskedRound(COMPLETE);
    const packed = new Uint8Array(Math.ceil((20 * 23) / 8));
    packed[2] = 0x3f;
    const result = { type: 'mask/result', contributors: upTo(7), revealedDigest: new Uint8Array(32), packed } as const;
    expect(await codeOf(() => tell(round, 0, result))).toBe('E_SUM');
    const alone = { ...result, packed: new Uint8Array(packed.length), contributors: [0, 1] };
    expect(await codeOf(() => tell(round, 0, alone))).toBe('E_TOO_FEW');
  });
});
