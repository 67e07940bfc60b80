// What does a whole synchronous round cost a server and each of a hundred participants, training apart?

import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';
import type { RoundSize } from './round/run-of-round.ts';
import { type RoundTimes, wholeRounds } from './round/whole-rounds.ts';

const TABLE = 'server CPU ≤ 3 s with 10 % dropped; client ≤ 0.5 s beyond training';
const ROUND = 'one synchronous round, 100 participants, 1,000,000 parameters, masked';

const TARGETS = {
  server: { name: `${ROUND}, 10 dropped: server`, target: TABLE, unit: 's', bound: { atMost: 3 } },
  client: { name: `${ROUND}: client`, target: TABLE, unit: 's', bound: { atMost: 0.5 } },
} as const satisfies Record<string, Target>;

export const round: Bench = {
  name: 'round',
  question: 'What does a whole synchronous round cost a server and each of a hundred participants, training apart?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    const size: RoundSize = options.smoke
      ? { participants: 6, dropped: 1, inputs: 9, width: 10, rounds: 2 }
      : { participants: 100, dropped: 10, inputs: 999, width: 1000, rounds: 3 };
    const times = new Map<number, RoundTimes>();
    for (const dropped of [0, size.dropped]) {
      options.say(`${size.participants} participants, ${dropped} dropped, ${size.rounds} rounds`);
      const found = await wholeRounds({ ...size, dropped });
      times.set(dropped, found);
      const name = `${size.participants} participants, ${found.parameters} parameters, ${dropped} dropped`;
      for (const [at, serverSeconds] of found.serverSeconds.entries()) {
        const clientSeconds = found.clientSeconds[at] ?? null;
        const contributors = found.contributors[at] ?? null;
        results.push({ name: `${name}, round ${at + 2}`, contributors, serverSeconds, clientSeconds });
      }
      const { serverPeakMegabytes, clientPeakMegabytes } = found;
      results.push({ name: `${name}, memory of the processes`, serverPeakMegabytes, clientPeakMegabytes });
    }
    const least = (dropped: number, of: 'serverSeconds' | 'clientSeconds'): number =>
      Math.min(...(times.get(dropped)?.[of] ?? []));
    outcomes.set(TARGETS.server.name, { measured: least(size.dropped, 'serverSeconds') });
    outcomes.set(TARGETS.client.name, {
      measured: Math.max(least(0, 'clientSeconds'), least(size.dropped, 'clientSeconds')),
    });
    return composeReport({ bench: 'round', options, targets: Object.values(TARGETS), results, outcomes });
  },
};
