// sumus attack insider: a run with an insider in it, on this machine; what the insider makes of the model that everybody gets, as a sheet and as a
// number.
import { type InsiderOutcome, prototypeOf, runInsider } from '@sumus/attacks/insider';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { percent } from '../run-view.ts';
import { CLASSES, DIGIT, type NoiseOptions, noiseOf, picturesFrom } from './attack-options.ts';
import { sheetPng, writeSheet } from './attack-sheet.ts';
import { WorkProgress } from './encrypted-progress.ts';
import { wholeOf } from './simulate-options.ts';

export interface InsiderOptions extends NoiseOptions {
  readonly data?: string;
  readonly target: string;
  readonly decoy: string;
  readonly participants: string;
  readonly examples: string;
  readonly rounds: string;
  readonly protection: 'masks' | 'none';
  readonly seed: string;
  readonly out?: string;
  readonly json?: true;
}

const PIXELS = DIGIT.rows * DIGIT.columns;
const IN_A_LINE = 8;

export async function attackInsider(options: InsiderOptions): Promise<void> {
  const seed = wholeOf('--seed', options.seed, 0);
  const [target, decoy] = [classOf('--target', options.target), classOf('--decoy', options.decoy)];
  if (target === decoy) throw new UsageError(`--target and --decoy are two classes, not both ${target}`);
  const participants = wholeOf('--participants', options.participants, 3);
  const examples = wholeOf('--examples', options.examples, 1);
  const noise = noiseOf(options);
  const pictures = await picturesFrom(options.data, seed);
  const held = (isTarget: boolean): number =>
    pictures.labels.filter((label) => (label === target) === isTarget && label !== decoy).length;
  if (held(true) < examples || held(false) < (participants - 2) * examples) {
    throw new UsageError(`there are too few pictures for ${participants} participants with ${examples} each`);
  }
  const progress = new WorkProgress('rounds');
  const outcome = await runInsider({
    pictures,
    shape: DIGIT,
    classes: CLASSES,
    target,
    decoy,
    participants,
    examples,
    rounds: wholeOf('--rounds', options.rounds, 1),
    protection: options.protection,
    ...(noise === undefined ? {} : { noise }),
    seed,
    onRound: ({ round, rounds }) => progress.at(round, rounds),
  });
  progress.done();
  const { nearestClass, correlations } = prototypeOf(outcome.prototype, pictures, { shape: DIGIT, classes: CLASSES });
  const likeness = correlations[target] ?? 0;
  const { targetAccuracy, otherAccuracy } = outcome;
  const file = options.out === undefined ? undefined : sheet(outcome, target, pictures, options.out);
  if (options.json) {
    printJson({
      target,
      nearestClass,
      correlations: [...correlations],
      targetAccuracy,
      otherAccuracy,
      protection: options.protection,
      noise: noise ?? null,
      file: file ?? null,
    });
    return;
  }
  const like = likeness.toFixed(2);
  printColumns([
    [
      'the insider has pictures',
      `most like class ${nearestClass}; correlation with the mean picture of class ${target}: ${like}`,
    ],
    ['the model is right', `of the victim's class ${percent(targetAccuracy)}, of the others ${percent(otherAccuracy)}`],
    ['updates on their way', options.protection === 'masks' ? 'masked: only their sum was opened' : 'in clear'],
    ...(file === undefined
      ? []
      : [['to look at', `${file}: above real ones, below the mean of what the insider made and some of it`]]),
  ]);
  process.stdout.write(
    '\nThe insider is a participant: it needs the model and nothing else, so masks change nothing. What limits it is noise on what each participant\ncontributes as a whole, or a model that is handed to fewer.\n',
  );
}

function classOf(flag: string, text: string): number {
  const label = wholeOf(flag, text, 0);
  if (label >= CLASSES) throw new UsageError(`${flag} is a class from 0 to ${CLASSES - 1}, not ${text}`);
  return label;
}

/** A line of real pictures of the class, for comparison; then the mean of what the insider made, and pictures that it made last. */
function sheet(
  { prototype, samples }: InsiderOutcome,
  target: number,
  { inputs, labels }: { readonly inputs: Float32Array; readonly labels: Uint32Array },
  folder: string,
): string {
  const at = (values: Float32Array, place: number): Float32Array =>
    values.subarray(place * PIXELS, (place + 1) * PIXELS);
  const places = [...labels.keys()].filter((place) => labels[place] === target).slice(0, IN_A_LINE);
  const made = Array.from({ length: IN_A_LINE - 1 }, (_, place) => at(samples, place));
  const lines = [places.map((place) => at(inputs, place)), [prototype, ...made]];
  return writeSheet(folder, `insider-${target}.png`, sheetPng(lines, DIGIT));
}
