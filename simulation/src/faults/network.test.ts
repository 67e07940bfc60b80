import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { diceOf, seededBytes } from '../seeds/seeded.ts';
import { VirtualTime } from '../time/virtual-time.ts';
import { drawFaults } from './draw.ts';
import { type Fault, faultText, type Lie, type MessageFault, type MessageTrouble } from './fault.ts';
import { Network } from './network.ts';

const shape = { participants: 6, serverSteps: 150, participantSteps: 32, messages: 30, phaseMs: 60_000 };
const drawn = (seed: number) => drawFaults(seed, shape, seededBytes(nodePrimitives(), seed, 'faults'));

async function carried(troubles: readonly (MessageFault | Lie)[], messages = 4) {
  const time = new VirtualTime(0);
  const arrived: { atMs: number; from: unknown; bytes: readonly number[] }[] = [];
  const network = new Network({
    time,
    dice: diceOf(seededBytes(nodePrimitives(), 1, 'network')),
    latencyMs: { least: 10, most: 50 },
    troubles,
    deliver: ({ from, bytes }) => void arrived.push({ atMs: time.nowMs, from, bytes: [...bytes] }),
  });
  network.send({ from: 1, to: 'server', bytes: Uint8Array.of(99, 99, 99, 99) });
  for (let i = 0; i < messages; i++) network.send({ from: 0, to: 'server', bytes: Uint8Array.of(i, 1, 2, 3) });
  await time.run({ atMost: 100 });
  return { arrived: arrived.filter(({ from }) => from === 0), network };
}

const with0 = (what: MessageTrouble, nth = 1): MessageFault => ({ kind: 'message', from: 0, to: 'server', nth, what });
const firsts = ({ arrived }: Awaited<ReturnType<typeof carried>>): readonly number[] =>
  arrived.map(({ bytes }) => bytes[0] ?? -1);

describe('the network of a simulation', () => {
  it('carries everything on a link in its order, in time that passes', async () => {
    const { arrived, network } = await carried([]);
    expect(arrived.map(({ bytes }) => bytes)).toEqual([0, 1, 2, 3].map((i) => [i, 1, 2, 3]));
    expect(Math.min(...arrived.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(10);
    expect(network.traffic).toEqual({ up: { messages: 5, bytes: 20 }, down: { messages: 0, bytes: 0 } });
  });

  it('loses, delays, repeats, cuts and bends exactly the message that a fault names', async () => {
    expect(firsts(await carried([with0({ kind: 'lost' })]))).toEqual([0, 2, 3]);
    expect(firsts(await carried([with0({ kind: 'late', byMs: 100 })]))).toEqual([0, 2, 3, 1]);
    expect(firsts(await carried([with0({ kind: 'twice', againAfterMs: 100 })]))).toEqual([0, 1, 2, 3, 1]);
    const cut = await carried([with0({ kind: 'cut', share: 0.5 })]);
    expect(cut.arrived.map(({ bytes }) => bytes.length)).toEqual([4, 2, 4, 4]);
    const bent = await carried([with0({ kind: 'bent', at: 0.5 })]);
    expect(bent.arrived.map(({ bytes }) => bytes)).toEqual([
      [0, 1, 2, 3],
      [1, 1, 3, 3],
      [2, 1, 2, 3],
      [3, 1, 2, 3],
    ]);
  });

  it('carries what a liar says in place of the truth', async () => {
    const lie = (what: Lie['what']): Lie => ({ kind: 'lie', who: 0, to: 'server', nth: 2, what });
    expect(firsts(await carried([lie('what it sent before')]))).toEqual([0, 1, 1, 3]);
    expect(firsts(await carried([lie('what another sent')]))).toEqual([0, 1, 99, 3]);
    const { arrived } = await carried([lie('noise')]);
    expect(arrived[2]?.bytes).toHaveLength(4);
    expect(arrived[2]?.bytes).not.toEqual([2, 1, 2, 3]);
  });
});

describe('schedules of faults', () => {
  it('follow from their seed', () => {
    for (const seed of [0, 1, 5, 17]) expect(drawn(seed)).toEqual(drawn(seed));
    expect(new Set(Array.from({ length: 200 }, (_, seed) => JSON.stringify(drawn(seed).faults))).size).toBe(200);
  });

  it('are data: a schedule is the same after JSON, and has a line for people', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { faults } = drawn(seed);
      expect(JSON.parse(JSON.stringify(faults))).toEqual(faults);
      for (const fault of faults) expect(faultText(fault)).toMatch(/^[a-z].{8,}/);
    }
  });

  it('crash the server in every step, and some participant in every step, in each half of 200 seeds, and do every kind of harm', () => {
    const all: readonly Fault[] = Array.from({ length: 200 }, (_, seed) => drawn(seed).faults).flat();
    for (const half of [0, 1]) {
      const firsts = Array.from({ length: 200 }, (_, seed) => seed)
        .filter((seed) => Math.floor(seed / 6) % 2 === half && seed % 6 !== 5)
        .flatMap((seed) => drawn(seed).faults.slice(0, seed % 2 === 0 ? 4 : 1))
        .flatMap((fault) => (fault.kind === 'crash' ? [fault] : []));
      for (const [isServer, count] of [
        [true, shape.serverSteps],
        [false, shape.participantSteps],
      ] as const) {
        const steps = new Set(firsts.filter(({ who }) => (who === 'server') === isServer).map(({ step }) => step));
        for (let step = 0; step < count; step += 1) expect(steps).toContain(step);
      }
    }
    const kinds = new Set(all.map((fault) => (fault.kind === 'message' ? fault.what.kind : fault.kind)));
    expect([...kinds].sort()).toEqual(['bent', 'crash', 'cut', 'departure', 'late', 'lie', 'lost', 'twice']);
  });
});
