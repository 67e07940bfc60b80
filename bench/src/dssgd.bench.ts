// Distributed selective SGD on MNIST: what a run reaches whose participants upload little of each update. Every row of the table in
// dssgd/targets.ts. The cycle's rows are under one-shot; the words of its contributions are added in clear: the mean is the same to the bit.

import { trainedAlone } from './dssgd/alone.ts';
import { type Digits, digits, drawn, placeOfDigits, seededBytes } from './dssgd/digits.ts';
import { EXAMPLES, PARTICIPANTS, planOf, type Variant } from './dssgd/plans.ts';
import { SEED, trained } from './dssgd/run.ts';
import { TARGETS } from './dssgd/targets.ts';
import { type Bench, type BenchOptions, composeReport, type Outcome, type Result, type Target } from './report.ts';

const ROUNDS = 60;

interface Training extends Pick<Variant, 'schedule' | 'uploadFraction' | 'release'> {
  readonly target?: Target;
}

const TURNS: readonly Training[] = [
  { schedule: 'round-robin', uploadFraction: 1, release: 'turn', target: TARGETS.whole },
  { schedule: 'round-robin', uploadFraction: 0.1, release: 'turn' },
  { schedule: 'round-robin', uploadFraction: 0.01, release: 'turn', target: TARGETS.hundredth },
  { schedule: 'round-robin', uploadFraction: 0.001, release: 'turn', target: TARGETS.thousandth },
  { schedule: 'random-order', uploadFraction: 0.1, release: 'turn' },
  { schedule: 'asynchronous', uploadFraction: 0.1, release: 'turn' },
  { schedule: 'round-robin', uploadFraction: 1, release: 'cycle', target: TARGETS.cycleWhole },
  { schedule: 'round-robin', uploadFraction: 0.1, release: 'cycle', target: TARGETS.cycleTenth },
  { schedule: 'round-robin', uploadFraction: 0.01, release: 'cycle', target: TARGETS.cycleHundredth },
];

export const dssgd: Bench = {
  name: 'dssgd',
  question: 'How much accuracy is left on MNIST when 30 participants upload 10, 1 or 0.1 % of each update?',
  async run(options) {
    const targets = Object.values(TARGETS);
    const found = { train: digits('train'), test: digits('t10k') };
    if (!options.smoke && (found.train === undefined || found.test === undefined)) {
      const reason = `there is no MNIST in ${placeOfDigits}`;
      const outcomes = new Map(targets.map(({ name }): [string, Outcome] => [name, { measured: null, reason }]));
      return composeReport({ bench: 'dssgd', options, targets, results: [], outcomes });
    }
    const sets = { train: found.train ?? noise(2000), test: found.test ?? noise(200) };
    const { results, outcomes } = await measured(options, sets);
    return composeReport({ bench: 'dssgd', options, targets, results, outcomes });
  },
};

async function measured(
  options: BenchOptions,
  { train, test }: { readonly train: Digits; readonly test: Digits },
): Promise<{ readonly results: readonly Result[]; readonly outcomes: ReadonlyMap<string, Outcome> }> {
  const participants = options.smoke ? 3 : PARTICIPANTS;
  const rounds = options.smoke ? 1 : ROUNDS;
  const results: Result[] = [];
  const outcomes = new Map<string, Outcome>();
  const reached = new Map<string, number>();
  for (const training of TURNS) {
    const name = nameOf(training);
    const before = process.cpuUsage();
    const plan = planOf({ ...training, participants, rounds });
    const accuracy = await trained({
      plan,
      participants,
      rounds,
      train,
      test,
      checkpoints: [10, 30],
      onCheckpoint: (round, percent) => options.say(`${name}: round ${round}, ${percent.toFixed(2)} %`),
    });
    reached.set(name, accuracy);
    results.push({ name, accuracyPercent: accuracy, rounds, participants, cpuSeconds: cpuSeconds(before) });
    if (training.target !== undefined) outcomes.set(training.target.name, { measured: accuracy });
  }
  const tenth = TURNS.filter(({ uploadFraction, release }) => uploadFraction === 0.1 && release === 'turn');
  const schedules = tenth.map((training) => reached.get(nameOf(training)) ?? Number.NaN);
  const [whole, oneTenth] = TURNS.map((training) => reached.get(nameOf(training)) ?? Number.NaN);
  outcomes.set(TARGETS.tenth.name, { measured: (whole ?? Number.NaN) - (oneTenth ?? Number.NaN) });
  outcomes.set(TARGETS.schedules.name, { measured: Math.max(...schedules) - Math.min(...schedules) });
  await alone(options, { train, test }, { results, outcomes });
  return { results, outcomes };
}

async function alone(
  options: BenchOptions,
  { train, test }: { readonly train: Digits; readonly test: Digits },
  { results, outcomes }: { readonly results: Result[]; readonly outcomes: Map<string, Outcome> },
): Promise<void> {
  const epochs = options.smoke ? { own: 1, all: 1 } : { own: 40, all: 8 };
  const standalone: number[] = [];
  for (let i = 0; i < (options.smoke ? 1 : 3); i += 1) {
    const data = drawn(train, EXAMPLES, seededBytes(SEED, 1 + i));
    standalone.push(await trainedAlone(data, test, { epochs: epochs.own, seed: 1 + i }));
  }
  const mean = standalone.reduce((sum, value) => sum + value, 0) / standalone.length;
  results.push({ name: `standalone, ${standalone.length} participants`, accuracyPercent: mean, epochs: epochs.own });
  outcomes.set(TARGETS.standaloneAtLeast.name, { measured: mean });
  outcomes.set(TARGETS.standaloneAtMost.name, { measured: mean });
  const all = options.smoke ? drawn(train, EXAMPLES, seededBytes(SEED, 1)) : train;
  const before = process.cpuUsage();
  const centralised = await trainedAlone(all, test, { epochs: epochs.all, seed: 1 });
  options.say(`centralised: ${centralised.toFixed(2)} %`);
  results.push({
    name: 'centralised',
    accuracyPercent: centralised,
    epochs: epochs.all,
    cpuSeconds: cpuSeconds(before),
  });
  outcomes.set(TARGETS.centralised.name, { measured: centralised });
}

const nameOf = ({ schedule, uploadFraction, release }: Training): string =>
  `${schedule}, release ${release}, θ_u = ${uploadFraction}`;

function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** For a smoke run where there are no digits. */
function noise(count: number): Digits {
  const inputs = Float32Array.from({ length: count * 784 }, (_, i) => ((i * 7919) % 256) / 255);
  return { inputs, targets: Uint32Array.from({ length: count }, (_, i) => i % 10) };
}
