// sumus attack membership: shadow models on the spot, each attacked by all others; and beside it what differential privacy promises of the same
// training, which no attack may beat.
import { membershipTrial } from '@sumus/attacks/membership';
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import { architecture } from '@sumus/learning/model';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { percent } from '../run-view.ts';
import { CLASSES, DIGIT, type NoiseOptions, noiseOf, picturesFrom } from './attack-options.ts';
import { formatted } from './budget-epsilon.ts';
import { asTyped } from './budget-options.ts';
import { WorkProgress } from './encrypted-progress.ts';
import { wholeOf } from './simulate-options.ts';

export interface MembershipOptions extends NoiseOptions {
  readonly data?: string;
  readonly examples: string;
  readonly models: string;
  readonly steps: string;
  readonly batch: string;
  readonly delta: string;
  readonly seed: string;
  readonly json?: true;
}

const PIXELS = DIGIT.rows * DIGIT.columns;

export async function attackMembership(options: MembershipOptions): Promise<void> {
  const seed = wholeOf('--seed', options.seed, 0);
  const count = wholeOf('--examples', options.examples, 8);
  const models = wholeOf('--models', options.models, 4);
  const steps = wholeOf('--steps', options.steps, 1);
  const batch = wholeOf('--batch', options.batch, 1);
  const noise = noiseOf(options);
  if (batch > count / 4) throw new UsageError(`--batch ${batch}: at most a quarter of ${count} examples`);
  const epsilon =
    noise === undefined
      ? undefined
      : epsilonOf(options, { noise: noise.noiseMultiplier, steps, rate: (2 * batch) / count });
  const all = await picturesFrom(options.data, seed);
  if (all.labels.length < count)
    throw new UsageError(`${count} examples are wanted, and ${all.labels.length} are there`);
  const progress = new WorkProgress(`${models} models`);
  const found = await membershipTrial({
    model: architecture({
      input: [PIXELS],
      layers: [{ kind: 'dense', units: 32 }, { kind: 'relu' }, { kind: 'dense', units: CLASSES }],
    }),
    examples: { inputs: all.inputs.slice(0, count * PIXELS), labels: all.labels.slice(0, count) },
    models,
    training: {
      steps,
      batch,
      optimiser: { kind: 'adamW', learningRate: 3e-3, weightDecay: 0 },
      ...(noise === undefined ? {} : { noise }),
    },
    seed,
    onModel: (done, of) => progress.at(done, of),
  });
  progress.done();
  if (options.json) {
    printJson({
      ...found,
      noise: noise ?? null,
      epsilon: epsilon ?? null,
      delta: epsilon === undefined ? null : Number(options.delta),
    });
    return;
  }
  printColumns([
    ['others accused', 'members found'],
    ...found.rates.map((one) => [`at most ${percent(one.falsePositiveRate)}`, percent(one.truePositiveRate)]),
  ]);
  process.stdout.write('\n');
  printColumns([
    ['area under the curve', `${found.areaUnderRates.toFixed(3)} (0.5: nothing was learnt of who took part)`],
    ['right of what was learnt from', percent(found.seenAccuracy)],
    ['right of the rest', percent(found.unseenAccuracy)],
    ['decisions', `${found.members} of members, ${found.others} of others`],
    ...(epsilon === undefined
      ? []
      : [['differential privacy', `ε = ${formatted(epsilon, 'up', 4)} at δ = ${options.delta}`]]),
  ]);
  if (epsilon !== undefined) {
    process.stdout.write(`\nAt that ε no attack finds more than e^ε times the share that it accuses falsely, and δ.\n`);
  }
}

/** Of DP-SGD by Poisson sampling, as the shadow models are trained. */
function epsilonOf(
  { delta }: MembershipOptions,
  { noise, steps, rate }: { readonly noise: number; readonly steps: number; readonly rate: number },
): number {
  if (!(Number(delta) > 0 && Number(delta) < 1)) throw new UsageError(`--delta must be in (0, 1), not ${delta}`);
  if (noise === 0) return Number.POSITIVE_INFINITY;
  return asTyped(() => {
    const frame = under({ adjacency: 'add-remove', unit: 'record' });
    const inner = frame.gaussian({ noiseMultiplier: noise });
    const step = frame.poissonSampled({ inner, samplingRate: rate });
    const answer = tightestEpsilon([frame.repetition({ inner: step, count: steps })], Number(delta));
    if (answer.kind === 'refused') throw new UsageError(`no ε: ${answer.reason}`);
    return answer.epsilon;
  });
}
