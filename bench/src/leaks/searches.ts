// What searches recover of pictures: deep leakage on a smooth network, cosine with total variation on a ReLU network, against the batch's size
// and against what hides the gradient. Every trial has other pictures, other first weights and another start.

import { type AttackName, runTrial, type TrialSetting } from '@sumus/attacks/trial';
import { batchOf, type Pictures, seededWords } from '../attacks/pictures.ts';
import type { Result } from '../report.ts';

const SHAPE = { rows: 28, columns: 28, channels: 1 } as const;
/** Nobody would doubt what the picture shows. */
const RECOGNISED = 0.9;

export interface Searched {
  readonly attack: AttackName;
  readonly name: string;
  readonly setting: TrialSetting;
  readonly trials: number;
  readonly steps: number;
}

export interface Recovered {
  readonly result: Result;
  /** Shares of pictures. */
  readonly recognised: number;
  readonly meanSsim: number;
}

export async function search(
  victims: Pictures,
  { attack, name, setting, trials, steps }: Searched,
): Promise<Recovered> {
  const words = seededWords(31, setting.batch);
  const count = setting.seen === 'sum' ? setting.batch * setting.participants : setting.batch;
  let [ssim, recognised, exact, seconds] = [0, 0, 0, 0];
  for (let trial = 0; trial < trials; trial += 1) {
    const { inputs, targets } = batchOf(victims, count, words);
    const before = process.cpuUsage();
    const { pictures, meanSsim, exactShare } = await runTrial({
      attack,
      setting,
      shape: SHAPE,
      classes: 10,
      pictures: { inputs, labels: targets },
      seed: trial,
      steps,
    });
    const { user, system } = process.cpuUsage(before);
    seconds += (user + system) / 1e6;
    ssim += meanSsim / trials;
    exact += exactShare / trials;
    recognised += pictures.filter(({ found }) => (found?.ssim ?? 0) >= RECOGNISED).length / (count * trials);
  }
  const result: Result = {
    name,
    pictures: trials * count,
    meanSsim: ssim,
    recognisedPercent: 100 * recognised,
    exactPercent: 100 * exact,
    secondsPerTrial: seconds / trials,
  };
  return { result, recognised, meanSsim: ssim };
}
