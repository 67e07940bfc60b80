// One schedule of faults, from its seed to its verdict. Seeds take turns with what protects the sums.

import type { Primitives } from '@sumus/platform/primitives';
import { wasmEngine } from '@sumus/secure-sum/engine';
import { drawFaults, type Fault, type FaultSchedule, type FaultShape, faultText } from '../faults/index.ts';
import type { Happening } from '../federation/happening.ts';
import { type Simulated, type SimulationOptions, simulate } from '../federation/simulate.ts';
import { seededBytes } from '../seeds/seeded.ts';
import { leaksIn, type Outside } from './leak.ts';
import { MEMBERS, type Protected, ROUND_SECONDS, smallData, smallPlan } from './small-world.ts';
import { Updates } from './updates.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** About what a run of the small world has, without faults. */
export const SHAPE: FaultShape = {
  participants: MEMBERS,
  serverSteps: 150,
  participantSteps: 32,
  messages: 30,
  phaseMs: ROUND_SECONDS * 1000,
};

export interface Played {
  readonly schedule: FaultSchedule;
  readonly protection: Protected;
  readonly verdict: Verdict;
  readonly simulated: Simulated;
}

const PROTECTIONS: readonly Protected[] = ['mask', 'one-shot'];

export const protectionOf = (seed: number): Protected =>
  PROTECTIONS[Math.floor(seed / 6) % PROTECTIONS.length] ?? 'mask';

export const scheduleOf = (platform: Primitives, seed: number): FaultSchedule =>
  drawFaults(seed, SHAPE, seededBytes(platform, seed, 'faults'));

/** Ten times what a bad run of the small world has: more is a storm of messages. */
const MOST_MOMENTS = 20_000;

export interface PlayOptions {
  readonly protection?: Protected;
  readonly faults?: readonly Fault[];
  readonly watch?: (happening: Happening) => void;
  readonly around?: NonNullable<SimulationOptions['around']>;
}

export async function play(platform: Primitives, seed: number, options: PlayOptions = {}): Promise<Played> {
  const protection = options.protection ?? protectionOf(seed);
  const faults = options.faults ?? scheduleOf(platform, seed).faults;
  const plan = smallPlan(protection);
  const parts = smallData(platform, seed);
  const updates = new Updates(parts.map(({ name }) => name));
  const outside: Outside[] = [];
  const lying = options.around ?? ((worker) => worker);
  const simulated = await simulate({
    platform,
    plan,
    parts,
    seed,
    faults,
    momentsAtMost: MOST_MOMENTS,
    now: () => 0,
    watch: options.watch,
    // What is known of a worker is what it did; what a liar makes of it is another matter.
    around: (worker, place) => lying(updates.around(worker, place), place),
    overhear: ({ from, to, bytes }) => outside.push({ where: `a message from ${from} to ${to}`, bytes: bytes.slice() }),
  });
  const verdict = await verdictOf(platform, simulated, updates);
  const leaks = leaksIn({ platform, engine: await wasmEngine(), seed }, simulated, updates, outside);
  const problems = [...verdict.problems, ...leaks];
  return { schedule: { seed, faults }, protection, verdict: { ...verdict, problems }, simulated };
}

/** For people: what was played and what came of it. */
export function playedText({ schedule, protection, verdict, simulated }: Played): readonly string[] {
  const { seed, faults } = schedule;
  const { outcome, sums, end, problems } = verdict;
  return [
    `seed ${seed}, ${protection}, ${Math.round(simulated.virtualMs / 1000)} s by the simulated clock`,
    ...faults.map((fault) => `  fault: ${faultText(fault)}`),
    `  ${outcome}: ${sums} sums, the run ended with "${end}"`,
    ...problems.map((problem) => `  PROBLEM: ${problem}`),
  ];
}
