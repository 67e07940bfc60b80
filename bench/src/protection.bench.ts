// Encrypted against clear, at full size: whole federations with the real cryptography, and the same in clear, from one seed. Every sum has to be
// the same whole numbers, and every model the same bits, so that a protection costs time and bytes and no accuracy.

import { nodePrimitives } from '@sumus/platform/node';
import { type LabelledExamples, labelledExamples } from '@sumus/simulation/examples';
import { againstClear, type Simulated } from '@sumus/simulation/federation';
import { type Digits, digits, drawn, placeOfDigits, seededBytes } from './dssgd/digits.ts';
import { CELLS, type Cell, planOf } from './protection/plans.ts';
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';

const ROW = 'integer sums bit-identical; accuracy identical';
const ROUNDS = 2;
const FULL = { participants: 30, examples: 600, tested: 2000 };
/** Of the other cells: what is compared is the same, and 30 of them take a quarter of an hour. */
const FEW = 6;

const TARGETS = {
  sums: {
    name: 'sums whose whole numbers differ from those in clear, every schedule and sharing, 109,386 parameters',
    target: ROW,
    unit: 'sums',
    bound: { atMost: 0 },
  },
  compared: { name: 'sums that were compared', target: ROW, unit: 'sums', bound: 'reported' },
  accuracy: {
    name: 'largest difference of accuracy to the same run in clear',
    target: ROW,
    unit: 'points',
    bound: { atMost: 0 },
  },
} as const satisfies Record<string, Target>;

export const protection: Bench = {
  name: 'protection',
  question: 'Does a run come to the same sums and models under its protection as in clear?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    const targets = Object.values(TARGETS);
    const [train, test] = [digits('train'), digits('t10k')];
    if (train === undefined || test === undefined) {
      for (const { name } of targets)
        outcomes.set(name, { measured: null, reason: `there is no MNIST in ${placeOfDigits}` });
      return composeReport({ bench: 'protection', options, targets, results, outcomes });
    }
    const size = options.smoke ? { participants: 4, examples: 30, tested: 100 } : FULL;
    let [different, compared, apart] = [0, 0, 0];
    for (const cell of options.smoke ? CELLS.slice(1, 2) : CELLS) {
      const participants = cell.isOfAll ? size.participants : Math.min(FEW, size.participants);
      const found = await comparedOf(cell, { ...size, participants }, { train, test });
      different += found.sums - found.alike;
      compared += found.sums;
      apart = Math.max(apart, Math.abs(found.accuracyPercent - found.accuracyInClearPercent));
      results.push({ name: cell.name, ...found });
      options.say(`${cell.name}: ${found.alike} of ${found.sums} alike, ${found.accuracyPercent.toFixed(2)} %`);
    }
    outcomes.set(TARGETS.sums.name, { measured: different });
    outcomes.set(TARGETS.compared.name, { measured: compared });
    outcomes.set(TARGETS.accuracy.name, { measured: apart });
    return composeReport({ bench: 'protection', options, targets, results, outcomes });
  },
};

interface Size {
  readonly participants: number;
  readonly examples: number;
  readonly tested: number;
}

async function comparedOf(cell: Cell, size: Size, { train, test }: { readonly train: Digits; readonly test: Digits }) {
  const { participants, examples, tested } = size;
  const parts = Array.from({ length: participants }, (_, i) =>
    labelled(`silo-${i + 1}`, drawn(train, examples, seededBytes(7, 1 + i))),
  );
  const before = process.cpuUsage();
  const { sums, sumsInClear, alike, simulated, inClear } = await againstClear({
    platform: nodePrimitives(),
    plan: planOf(cell, { participants, rounds: ROUNDS }),
    parts,
    test: labelled('test', {
      inputs: test.inputs.subarray(0, tested * 784),
      targets: test.targets.subarray(0, tested),
    }),
    seed: 7,
    tryEvery: ROUNDS,
    now: () => performance.now(),
  });
  const { user, system } = process.cpuUsage(before);
  return {
    participants,
    // A run that came to fewer sums than the other has not come to the same.
    sums: Math.max(ROUNDS, sums.length, sumsInClear.length),
    alike,
    accuracyPercent: accuracyOf(simulated),
    accuracyInClearPercent: accuracyOf(inClear),
    bytesUpEach: bytesUpEach(simulated, participants),
    bytesUpEachInClear: bytesUpEach(inClear, participants),
    cpuSeconds: (user + system) / 1e6,
  };
}

const accuracyOf = ({ teller }: Simulated): number => 100 * (teller.lastTrial().accuracy ?? Number.NaN);

const bytesUpEach = ({ teller: { rounds } }: Simulated, participants: number): number =>
  Math.round(rounds.reduce((sum, { bytesUp }) => sum + bytesUp, 0) / Math.max(1, rounds.length * participants));

const labelled = (name: string, { inputs, targets }: Digits): LabelledExamples =>
  labelledExamples({
    name,
    inputSize: 784,
    inputs,
    labels: targets,
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
  });
