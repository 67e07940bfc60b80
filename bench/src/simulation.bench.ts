// Whole federations in one process: whether 200 schedules of faults come out well, and what a round of one costs, phase by phase.

import { nodePrimitives } from '@sumus/platform/node';
import { type Played, play, playedText } from '@sumus/simulation/replay';
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';

const FAULTS =
  'every one ends in the right sum or a clean abort; none leaks; a failing seed is replayable by one command';
const SCHEDULES = 200;

const TARGETS = {
  well: {
    name: 'seeded fault schedules that end in the right sums or a clean abort, with nothing leaked',
    target: FAULTS,
    unit: 'schedules',
    bound: { atLeast: SCHEDULES },
  },
  sums: { name: 'of these, that came to all their sums', target: FAULTS, unit: 'schedules', bound: 'reported' },
} as const satisfies Record<string, Target>;

export const simulation: Bench = {
  name: 'simulation',
  question: 'What comes of federations in which servers and participants crash, lie and lose messages?',
  async run(options) {
    const platform = nodePrimitives();
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    const before = process.cpuUsage();
    const count = options.smoke ? 2 : SCHEDULES;
    const ends = new Map<string, number>();
    let [well, whole] = [0, 0];
    for (let seed = 0; seed < count; seed += 1) {
      const played = await play(platform, seed);
      const { verdict, protection } = played;
      if (verdict.problems.length === 0) well += 1;
      else for (const line of playedText(played)) options.say(line);
      if (verdict.outcome === 'right sums') whole += 1;
      const end = `${protection}, ${verdict.outcome}, ${verdict.end}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      if (seed % 20 === 19) options.say(`${seed + 1} schedules, ${well} came out well`);
    }
    for (const [name, schedules] of ends) results.push({ name, schedules });
    results.push({ name: 'all schedules', schedules: count, cpuSeconds: cpuSecondsSince(before) });
    for (const protection of ['none', 'mask', 'one-shot'] as const) {
      const began = process.cpuUsage();
      const played = await play(platform, 1, { protection, faults: [] });
      results.push({
        name: `no faults, ${protection}, 6 participants, 84 parameters, 2 rounds, with verdict`,
        cpuSeconds: cpuSecondsSince(began),
        ...sizesOf(played),
      });
    }
    outcomes.set(TARGETS.well.name, { measured: well });
    outcomes.set(TARGETS.sums.name, { measured: whole });
    return composeReport({ bench: 'simulation', options, targets: Object.values(TARGETS), results, outcomes });
  },
};

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function sizesOf({ simulated }: Played): Omit<Result, 'name'> {
  const { rounds } = simulated.teller;
  const bytes = (of: 'bytesUp' | 'bytesDown'): number => rounds.reduce((sum, round) => sum + round[of], 0);
  return {
    events: simulated.server.disk.events.length,
    serverSteps: simulated.server.steps,
    participantSteps: simulated.members[0]?.steps ?? 0,
    bytesUp: bytes('bytesUp'),
    bytesDown: bytes('bytesDown'),
  };
}
