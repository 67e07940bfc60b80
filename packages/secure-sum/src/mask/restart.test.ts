import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/index.ts';
import { runsWhole } from '../engine/seeded-words.contract.ts';
import { codeOf } from '../seeded-members.contract.ts';
import { maskRules } from './configuration.ts';
import { decodeCoordinator, encodeCoordinator, resumeCoordinator } from './coordinator/index.ts';
import { decodeParticipant, encodeParticipantInTheClear } from './participant/storage.ts';
import {
  type RoundOptions,
  type SimulatedProject,
  SimulatedRound,
  type SimulatedStep,
  simulatedProject,
} from './simulation.contract.ts';

let world: SimulatedProject;
beforeAll(async () => {
  world = await simulatedProject(nodePrimitives(), await wasmEngine(), 8);
});

const upTo = (count: number): number[] => [...Array(count).keys()];
const COMPLETE: RoundOptions = { members: 5 };
/** A ring: two neighbours each, both of them needed. */
const SPARSE: RoundOptions = {
  members: 8,
  configuration: { own: maskRules({ graph: 'sparse', corruptFraction: 0, dropoutFraction: 0 }) },
  floors: { corruptFraction: 0 },
};
const PHASES = ['advertised', 'shared', 'ready', 'masked', 'alive', 'unmasked', 'done'] as const;

/** Through storage and back. */
const restored = async ({ setup, open, state }: SimulatedStep): Promise<SimulatedStep['state']> =>
  decodeParticipant(setup, open, encodeParticipantInTheClear(open, state));

/** Crashed after it stored and before it sent: what goes on is what was stored, and it resumes. */
async function crashedBeforeSending(given: SimulatedStep): Promise<SimulatedStep> {
  const state = await restored(given);
  if (state.phase === 'done' || state.phase === 'aborted') return { ...given, state };
  const { outputs } = await given.machine.step(given.setup, state, { kind: 'resume' });
  const sent = (all: SimulatedStep['outputs']): unknown => all.filter((output) => output.kind === 'send');
  // The same bytes, whatever random numbers were drawn meanwhile.
  expect(sent(outputs)).toEqual(sent(given.outputs));
  return { ...given, state, outputs };
}

/** Crashed after it sent: it goes on from storage, and the message arrives twice. */
async function crashedAfterSending(given: SimulatedStep): Promise<SimulatedStep> {
  const resumed = await crashedBeforeSending(given);
  return { ...resumed, outputs: [...given.outputs, ...resumed.outputs.filter(({ kind }) => kind === 'send')] };
}

describe.each([
  ['on the complete graph', COMPLETE],
  ['on a sparse graph', SPARSE],
])('a participant %s', (_, options) => {
  it('that crashes after every step goes on exactly, and the sum is the same', async () => {
    for (const crash of [crashedBeforeSending, crashedAfterSending]) {
      const round = await new SimulatedRound(world, { ...options, afterStep: (__, step) => crash(step) }).run();
      expect(round.refusals).toEqual([]);
      expect([...round.result!.sum]).toEqual(round.plainSum(upTo(options.members)));
      expect(round.results.size).toBe(options.members);
    }
  });
});

describe('a participant that crashes before it stored', () => {
  it.each(PHASES)('goes on from the state before, in the phase %s too', async (phase) => {
    // Member 1 loses one step: its new state was never stored, nothing of it was sent. It is asked again.
    let lost = false;
    const before = new Map<number, SimulatedStep>();
    const round: SimulatedRound = new SimulatedRound(world, {
      ...COMPLETE,
      afterStep: async (member, step) => {
        const last = before.get(member);
        if (member === 1 && step.state.phase === phase && !lost && last !== undefined) {
          lost = true;
          return { ...last, outputs: [] };
        }
        const kept = { ...step, state: await restored(step) };
        before.set(member, { ...step, state: await restored(step) });
        return kept;
      },
    });
    await round.run();
    // Whoever loses a step and is not asked again is somebody who dropped out.
    if (round.result !== undefined) {
      expect([...round.result.sum]).toEqual(round.plainSum(round.membersAt(round.result.contributors)));
    }
    expect(lost).toBe(phase !== 'advertised');
  });
});

describe('a stored participant', () => {
  async function stateIn(phase: (typeof PHASES)[number]): Promise<SimulatedStep> {
    let found: SimulatedStep | undefined;
    await new SimulatedRound(world, {
      ...COMPLETE,
      afterStep: async (member, step) => {
        if (member === 0 && step.state.phase === phase) found = { ...step, state: await restored(step) };
        return step;
      },
    }).run();
    return found!;
  }

  it.each(PHASES)('has one form: bytes of a restored one are the same bytes (%s)', async (phase) => {
    const given = await stateIn(phase);
    const bytes = encodeParticipantInTheClear(given.open, given.state);
    const again = await decodeParticipant(given.setup, given.open, bytes);
    expect(again.phase).toBe(phase);
    expect(encodeParticipantInTheClear(given.open, again)).toEqual(bytes);
  });

  it('is refused when it is damaged, cut short, of another round or of a stricter participant', async () => {
    const { setup, open, state } = await stateIn('alive');
    const bytes = encodeParticipantInTheClear(open, state);
    const step = runsWhole() ? 1 : 97;
    for (let length = 0; length < bytes.length; length += step) {
      expect(await codeOf(() => decodeParticipant(setup, open, bytes.slice(0, length)))).toMatch(/^E_/);
    }
    expect(await codeOf(() => decodeParticipant(setup, open, Uint8Array.of(...bytes, 0)))).toBe('E_LEN');
    const other = new SimulatedRound(world, { ...COMPLETE, configuration: { vectorLength: 21 } });
    expect(await codeOf(() => decodeParticipant(other.setups[0]!, other.open, bytes))).toBe('E_MALFORMED');
    const stricter = new SimulatedRound(world, { ...COMPLETE, floors: { minimumContributors: 6 } });
    expect(await codeOf(() => decodeParticipant(stricter.setups[0]!, open, bytes))).toBe('E_FLOOR');
  });

  it('is shorter for each secret that it does not hold any more', async () => {
    const sizes = [];
    for (const phase of ['ready', 'alive', 'unmasked', 'done'] as const) {
      const { open, state } = await stateIn(phase);
      const outgoing = 'outgoing' in state ? state.outgoing.length : 0;
      sizes.push(encodeParticipantInTheClear(open, state).length - outgoing);
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });
});

describe.each([
  ['on the complete graph', COMPLETE],
  ['on a sparse graph', SPARSE],
])('attack 50: a coordinator %s', (_, options) => {
  /** Stored and restored at every phase, before or after the members answered. */
  async function restarted(when: 'before' | 'after'): Promise<SimulatedRound> {
    const round = new SimulatedRound(world, options);
    const restart = (): void => {
      const bytes = encodeCoordinator(round.coordinatorSetup, round.open, round.coordinator);
      const again = decodeCoordinator(round.coordinatorSetup, round.open, bytes);
      expect(encodeCoordinator(round.coordinatorSetup, round.open, again)).toEqual(bytes);
      // What was delivered when the phase began is delivered again, byte by byte.
      const told = (state: typeof again): unknown => resumeCoordinator(state).outputs;
      expect(told(again)).toEqual(told(round.coordinator));
      round.coordinator = again;
    };
    const coordinate = round.coordinate.bind(round);
    round.coordinate = async (event) => {
      if (when === 'before' && event.kind !== 'received') restart();
      await coordinate(event);
      if (when === 'after' && event.kind !== 'received' && round.coordinator.phase !== 'done') restart();
    };
    return round.run();
  }

  it('that restarts before and after every phase goes on, and the sum is the same', async () => {
    for (const when of ['before', 'after'] as const) {
      const round = await restarted(when);
      expect(round.refusals).toEqual([]);
      expect([...round.result!.sum]).toEqual(round.plainSum(upTo(options.members)));
    }
  });
});

describe('a stored coordinator', () => {
  it('is refused when it is cut short, changed or of another round', async () => {
    const round = new SimulatedRound(world, COMPLETE);
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    await round.mask();
    const bytes = encodeCoordinator(round.coordinatorSetup, round.open, round.coordinator);
    const decode = (some: Uint8Array) => () => decodeCoordinator(round.coordinatorSetup, round.open, some);
    for (let length = 0; length < bytes.length; length += 211) {
      expect(await codeOf(decode(bytes.slice(0, length)))).toMatch(/^E_/);
    }
    expect(await codeOf(decode(Uint8Array.of(...bytes, 0)))).toMatch(/^E_/);
    const other = new SimulatedRound(world, { ...COMPLETE, configuration: { vectorLength: 21 } });
    expect(await codeOf(() => decodeCoordinator(other.coordinatorSetup, other.open, bytes))).toBe('E_MALFORMED');
  });

  it('still tells a repetition from a second word', async () => {
    const round = new SimulatedRound(world, COMPLETE);
    await round.advertise();
    await round.drawBeacon();
    await round.share();
    await round.mask();
    const { coordinatorSetup, open } = round;
    round.coordinator = decodeCoordinator(
      coordinatorSetup,
      open,
      encodeCoordinator(coordinatorSetup, open, round.coordinator),
    );
    const masked = round.wire.find(({ type }) => type === 'mask/masked')!;
    await round.coordinate({ kind: 'received', bytes: masked.bytes });
    expect(round.refusals).toEqual([]);
  });
});
