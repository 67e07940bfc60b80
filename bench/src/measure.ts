// Measuring peers side by side: the same work, in the same run, interleaved round by round, so that a noisy minute falls on
// all of them. Process CPU time and wall time, median and minimum of the rounds; what is reported is ratios.

export interface Clock {
  /** Milliseconds of processor time this process has used, all its threads together. */
  cpuMs(): number;
  wallMs(): number;
}

export const processClock: Clock = {
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  wallMs: () => performance.now(),
};

export interface Contestant {
  readonly name: string;
  /** One unit of the work, equal for all contestants. */
  work(): void | Promise<void>;
}

export interface Plan {
  readonly rounds: number;
  /** A contestant repeats its work until a sample lasts at least this long, found out before the first round. */
  readonly sampleMs: number;
  readonly clock?: Clock;
}

export interface Statistic {
  readonly median: number;
  readonly minimum: number;
}

/** Times of one unit of work. */
export interface Timing {
  readonly name: string;
  readonly unitsPerSample: number;
  readonly cpuMs: Statistic;
  readonly wallMs: Statistic;
  /** Processor time of each round in order, for ratios round by round. */
  readonly cpuMsByRound: readonly number[];
}

/** A plan for a smoke run: everything once. */
export const once: Plan = { rounds: 1, sampleMs: 0 };

export async function measure(contestants: readonly Contestant[], plan: Plan): Promise<Timing[]> {
  const clock = plan.clock ?? processClock;
  if (!(plan.rounds >= 1)) throw new RangeError(`a measurement needs at least one round, not ${plan.rounds}`);
  const lanes: { one: Contestant; units: number; cpu: number[]; wall: number[] }[] = [];
  for (const one of contestants) lanes.push({ one, units: await calibrate(one, plan, clock), cpu: [], wall: [] });
  for (let round = 0; round < plan.rounds; round += 1) {
    // Who starts changes from round to round: what the first leaves behind (heat, garbage) falls on each of the others in turn.
    for (let turn = 0; turn < lanes.length; turn += 1) {
      const lane = lanes[(round + turn) % lanes.length]!;
      const sample = await timeSample(lane.one, lane.units, clock);
      lane.cpu.push(sample.cpuMs / lane.units);
      lane.wall.push(sample.wallMs / lane.units);
    }
  }
  return lanes.map(({ one, units, cpu, wall }) => ({
    name: one.name,
    unitsPerSample: units,
    cpuMs: statistic(cpu),
    wallMs: statistic(wall),
    cpuMsByRound: cpu,
  }));
}

async function timeSample(one: Contestant, units: number, clock: Clock): Promise<{ cpuMs: number; wallMs: number }> {
  const cpuBefore = clock.cpuMs();
  const wallBefore = clock.wallMs();
  for (let unit = 0; unit < units; unit += 1) {
    const pending = one.work();
    if (pending !== undefined) await pending;
  }
  return { cpuMs: clock.cpuMs() - cpuBefore, wallMs: clock.wallMs() - wallBefore };
}

/** How many units make a sample that is long enough. The samples it takes warm the code up as well. */
async function calibrate(one: Contestant, plan: Plan, clock: Clock): Promise<number> {
  let units = 1;
  while (plan.sampleMs > 0) {
    const { cpuMs, wallMs } = await timeSample(one, units, clock);
    const lasted = Math.max(cpuMs, wallMs);
    if (lasted >= plan.sampleMs) break;
    // Towards the goal in at most tenfold steps: the first runs are slow and would call for too few.
    units = Math.max(units + 1, Math.ceil(units * Math.min(10, (1.1 * plan.sampleMs) / Math.max(lasted, 1e-3))));
  }
  return units;
}

export function statistic(values: readonly number[]): Statistic {
  if (values.length === 0) throw new RangeError('a statistic of no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  const median = sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
  return { median, minimum: sorted[0]! };
}

export interface Ratio {
  /** Of the minima: the least disturbed run of each. */
  readonly ofMinima: number;
  /** Median over the rounds of the ratio within a round. */
  readonly ofRounds: number;
}

/** How many times less processor time `ours` takes than `theirs`, for one unit of the work. */
export function timesFaster(ours: Timing, theirs: Timing): Ratio {
  const byRound = ours.cpuMsByRound.map((cpuMs, round) => theirs.cpuMsByRound[round]! / cpuMs);
  return { ofMinima: theirs.cpuMs.minimum / ours.cpuMs.minimum, ofRounds: statistic(byRound).median };
}
