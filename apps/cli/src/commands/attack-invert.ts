// sumus attack invert: every attack against every view that was asked for, on the same pictures; a table of how many came out, and sheets to look
// at.
import { runTrial, type TrialOutcome, type TrialSetting } from '@sumus/attacks/trial';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import {
  CLASSES,
  DIGIT,
  listOf,
  type NoiseOptions,
  noiseOf,
  ownPictures,
  type Pictures,
  picturesFrom,
  wholesOf,
} from './attack-options.ts';
import { sheetPng, writeSheet } from './attack-sheet.ts';
import { WorkProgress } from './encrypted-progress.ts';
import { wholeOf } from './simulate-options.ts';

export interface InvertOptions extends NoiseOptions {
  readonly data?: string;
  readonly attack: string;
  readonly seen: string;
  readonly batch: string;
  readonly participants: string;
  readonly units?: string;
  readonly steps: string;
  readonly attempts: string;
  readonly guesses: string;
  readonly seed: string;
  readonly out?: string;
  readonly json?: true;
}

const ATTACKS = ['quotients', 'imprint', 'deep-leakage', 'cosine'] as const;
type AttackOption = (typeof ATTACKS)[number];
const VIEWS = ['update', 'sealed', 'sum'] as const;
/** Other pictures of the same kind, from the end of the data, at most so many: what an imprinting server chooses its thresholds by. */
const MOST_KNOWN = 2000;
const IN_A_LINE = 10;

interface Done {
  readonly attack: AttackOption;
  readonly setting: TrialSetting;
  readonly outcome: TrialOutcome;
  readonly file: string | undefined;
}

export async function attackInvert(paths: readonly string[], options: InvertOptions): Promise<void> {
  const attacks = listOf('--attack', options.attack, ATTACKS);
  const settings = settingsOf(options);
  const seed = wholeOf('--seed', options.seed, 0);
  const search = {
    steps: wholeOf('--steps', options.steps, 1),
    attempts: wholeOf('--attempts', options.attempts, 1),
    mostGuesses: wholeOf('--guesses', options.guesses, 1),
  };
  const units = options.units === undefined ? undefined : wholeOf('--units', options.units, 2);
  const own = ownPictures(paths);
  const others = await picturesFrom(options.data, seed);
  const knownCount = Math.min(MOST_KNOWN, Math.floor(others.labels.length / 2));
  const known = others.inputs.slice((others.labels.length - knownCount) * DIGIT.rows * DIGIT.columns);
  const pictures = together(own, others);
  const most = pictures.labels.length - knownCount;
  const wanted = Math.max(
    ...settings.map(({ seen, batch, participants }) => batch * (seen === 'sum' ? participants : 1)),
  );
  if (wanted > most) throw new UsageError(`${wanted} pictures are wanted, and ${Math.max(most, 0)} are there`);
  const done: Done[] = [];
  for (const attack of attacks) {
    for (const setting of settings) {
      const progress = new WorkProgress(`${attack}, ${named(setting)}`);
      const outcome = await runTrial({
        attack: attack === 'deep-leakage' ? 'deepLeakage' : attack,
        setting,
        shape: DIGIT,
        classes: CLASSES,
        pictures,
        seed,
        units: units ?? (attack === 'imprint' ? 1000 : 128),
        known,
        ...search,
        onProgress: ({ attempt, step, steps }) => progress.at(attempt * steps + step, steps * search.attempts),
      });
      progress.done();
      done.push({ attack, setting, outcome, file: sheetOf(attack, setting, outcome, options.out) });
    }
  }
  if (options.json) printJson({ seed, noise: noiseOf(options) ?? null, attacks: done.map(asJson) });
  else print(done, options);
}

function settingsOf(options: InvertOptions): readonly TrialSetting[] {
  const noise = noiseOf(options);
  const participants = wholeOf('--participants', options.participants, 1);
  return listOf('--seen', options.seen, VIEWS).flatMap((seen) =>
    wholesOf('--batch', options.batch).map((batch) => ({
      seen,
      batch,
      participants: seen === 'sum' ? participants : 1,
      ...(noise === undefined ? {} : { noise }),
    })),
  );
}

function together(first: Pictures, rest: Pictures): Pictures {
  const inputs = new Float32Array(first.inputs.length + rest.inputs.length);
  inputs.set(first.inputs);
  inputs.set(rest.inputs, first.inputs.length);
  return { inputs, labels: Uint32Array.of(...first.labels, ...rest.labels) };
}

const named = ({ seen, batch, participants }: TrialSetting): string =>
  seen === 'sum' ? `sum of ${participants} × ${batch}` : `${seen} of ${batch}`;

/** Originals above what was recovered of them, ten in a line; the first hundred. */
function sheetOf(
  attack: AttackOption,
  { seen, batch, participants }: TrialSetting,
  { pictures }: TrialOutcome,
  folder: string | undefined,
): string | undefined {
  if (folder === undefined) return undefined;
  const lines: (Float32Array | undefined)[][] = [];
  for (let first = 0; first < Math.min(pictures.length, 100); first += IN_A_LINE) {
    const own = pictures.slice(first, first + IN_A_LINE);
    lines.push(
      own.map(({ truth }) => truth),
      own.map(({ found }) => found?.picture),
    );
  }
  const name = `${attack}-${seen}-${seen === 'sum' ? `${participants}x${batch}` : batch}.png`;
  return writeSheet(folder, name, sheetPng(lines, DIGIT));
}

function asJson({ attack, setting, outcome, file }: Done): unknown {
  const { pictures, exactShare, meanSsim, leakedLabels, distance } = outcome;
  return {
    attack,
    seen: setting.seen,
    batch: setting.batch,
    participants: setting.participants,
    pictures: pictures.length,
    exactShare,
    meanSsim,
    distance: distance ?? null,
    leakedLabels: [...leakedLabels],
    each: pictures.map(({ label, found, isExact }) => ({
      label,
      isExact,
      ssim: found?.ssim ?? null,
      // JSON has no infinity, which is what equal pictures have.
      psnr: found === undefined || !Number.isFinite(found.psnr) ? null : found.psnr,
    })),
    file: file ?? null,
  };
}

function print(done: readonly Done[], options: InvertOptions): void {
  const noise = noiseOf(options);
  if (noise !== undefined) {
    process.stdout.write(`gradients clipped to ${noise.clippingNorm}, noise multiplier ${noise.noiseMultiplier}\n\n`);
  }
  printColumns([
    ['attack', 'the server has', 'pictures', 'exact', 'SSIM', options.out === undefined ? '' : 'to look at'],
    ...done.map(({ attack, setting, outcome, file }) => [
      attack,
      named(setting),
      String(outcome.pictures.length),
      `${(100 * outcome.exactShare).toFixed(0)} %`,
      outcome.meanSsim.toFixed(2),
      file ?? '',
    ]),
  ]);
  process.stdout.write(
    '\nexact: within a thousandth a pixel (imprint: two). SSIM: 1 is the same picture, 0 has nothing of it.\nThat these find nothing in a view is no promise about better attacks.\n',
  );
}
