// What is left when quotients are not enough: searches for pictures, membership of examples, and an insider. SUMUS_PART=searches|membership|
// insider runs one of them.

import { prototypeOf, runInsider } from '@sumus/attacks/insider';
import type { TrialSetting } from '@sumus/attacks/trial';
import { madeUp, mnist, type Pictures } from './attacks/pictures.ts';
import { DELTA, epsilonOf, type MembershipSetting, membershipOf } from './leaks/membership.ts';
import { search } from './leaks/searches.ts';
import { TARGETS } from './leaks/targets.ts';
import { type Bench, type BenchOptions, composeReport, type Outcome, type Result } from './report.ts';

type Measured = Map<string, Outcome>;

const PARTS = { searches, membership, insider } as const;

export const leaks: Bench = {
  name: 'leaks',
  question: 'What do searches, membership inference and an insider get, with and without protection?',
  async run(options) {
    const found = options.smoke ? { victims: madeUp(600) } : mnist();
    const outcomes: Measured = new Map();
    const results: Result[] = [];
    const wanted = process.env['SUMUS_PART'];
    for (const [name, part] of Object.entries(PARTS)) {
      if ('missing' in found || (wanted !== undefined && wanted !== name)) continue;
      results.push(...(await part(found.victims, outcomes, options)));
    }
    const reason = 'missing' in found ? found.missing : `SUMUS_PART is ${wanted}`;
    for (const { name } of Object.values(TARGETS)) {
      if (!outcomes.has(name)) outcomes.set(name, { measured: null, reason });
    }
    return composeReport({ bench: 'leaks', options, targets: Object.values(TARGETS), results, outcomes });
  },
};

const one: TrialSetting = { seen: 'update', batch: 1, participants: 1 };

async function searches(victims: Pictures, outcomes: Measured, { smoke, say }: BenchOptions): Promise<Result[]> {
  const settings: readonly (readonly [string, TrialSetting, number])[] = [
    ['batch 1', one, 12],
    ['batch 2', { ...one, batch: 2 }, 6],
    ['batch 4', { ...one, batch: 4 }, 4],
    ['batch 8', { ...one, batch: 8 }, 2],
    ['batch 100', { ...one, batch: 100 }, 1],
    ['sum of 30 participants with 8', { seen: 'sum', batch: 8, participants: 30 }, 1],
    ['sealed update of 1', { ...one, seen: 'sealed' }, 4],
    ['batch 1, clipped to 1', { ...one, noise: { clippingNorm: 1, noiseMultiplier: 0 } }, 4],
    ['batch 1, clipped to 1, noise 0.01', { ...one, noise: { clippingNorm: 1, noiseMultiplier: 0.01 } }, 4],
    ['batch 1, clipped to 1, noise 1', { ...one, noise: { clippingNorm: 1, noiseMultiplier: 1 } }, 4],
  ];
  const results: Result[] = [];
  let sealed = 0;
  for (const [attack, called] of [
    ['deepLeakage', 'deep leakage'],
    ['cosine', 'cosine'],
  ] as const) {
    for (const [name, setting, trials] of smoke ? settings.slice(0, 1) : settings) {
      const full = { attack, name: `${called}, ${name}`, setting, trials: smoke ? 1 : trials, steps: smoke ? 2 : 200 };
      const { result, recognised, meanSsim } = await search(victims, full);
      results.push(result);
      if (setting.seen === 'sealed') sealed += recognised;
      if (name === 'batch 1' && attack === 'deepLeakage') {
        outcomes.set(TARGETS.deepLeakage.name, { measured: 100 * recognised });
      }
      if (name === 'batch 1' && attack === 'cosine') outcomes.set(TARGETS.cosine.name, { measured: meanSsim });
      say(`${full.name}: SSIM ${meanSsim.toFixed(2)}, ${(100 * recognised).toFixed(0)} % recognised`);
    }
  }
  outcomes.set(TARGETS.sealed.name, { measured: 100 * sealed });
  return results;
}

async function membership(victims: Pictures, outcomes: Measured, { smoke, say }: BenchOptions): Promise<Result[]> {
  const few: MembershipSetting = smoke
    ? { examples: 40, models: 4, steps: 2, batch: 5, noiseMultiplier: undefined }
    : { examples: 400, models: 32, steps: 200, batch: 20, noiseMultiplier: undefined };
  const many: MembershipSetting = { ...few, examples: 4000, models: 16, steps: 100, batch: 200 };
  const settings = smoke
    ? [few, { ...few, noiseMultiplier: 1 }]
    : [few, { ...few, noiseMultiplier: 1 }, { ...few, noiseMultiplier: 4 }, many, { ...many, noiseMultiplier: 1 }];
  const results: Result[] = [];
  let beyond = Number.NEGATIVE_INFINITY;
  for (const setting of settings) {
    const found = await membershipOf(victims, setting);
    const epsilon = epsilonOf(setting);
    for (const { truePositiveRate, falsePositiveRate } of found.rates) {
      if (!Number.isFinite(epsilon)) continue;
      // Three deviations of a share of so many decisions, as if they were independent.
      const deviation = Math.sqrt((truePositiveRate * (1 - truePositiveRate)) / found.members);
      const most = Math.exp(epsilon) * falsePositiveRate + DELTA;
      beyond = Math.max(beyond, truePositiveRate - 3 * deviation - most);
    }
    const at = (rate: number): number =>
      100 * (found.rates.find(({ falsePositiveRate }) => falsePositiveRate === rate)?.truePositiveRate ?? 0);
    if (setting === few) outcomes.set(TARGETS.plainMembership.name, { measured: at(0.01) });
    const noise = setting.noiseMultiplier === undefined ? 'no noise' : `DP-SGD, noise ${setting.noiseMultiplier}`;
    results.push({
      name: `membership, ${setting.examples / 2} of ${setting.examples} digits, ${noise}`,
      epsilon: Number.isFinite(epsilon) ? epsilon : null,
      foundAt01Percent: at(0.001),
      foundAt1Percent: at(0.01),
      foundAt10Percent: at(0.1),
      areaUnderRates: found.areaUnderRates,
      accuracySeen: found.seenAccuracy,
      accuracyUnseen: found.unseenAccuracy,
      decisions: found.members + found.others,
    });
    say(`membership of ${setting.examples}, ${noise}: ${at(0.01).toFixed(1)} % found at 1 %`);
  }
  outcomes.set(TARGETS.noisyMembership.name, { measured: 100 * Math.max(beyond, 0) });
  return results;
}

async function insider(victims: Pictures, outcomes: Measured, { smoke, say }: BenchOptions): Promise<Result[]> {
  const size = victims.inputs.length / victims.targets.length;
  const used = Math.min(6000, victims.targets.length);
  const pictures = { inputs: victims.inputs.slice(0, used * size), labels: victims.targets.slice(0, used) };
  const frame = { shape: { rows: 28, columns: 28, channels: 1 }, classes: 10 } as const;
  const noise = { clippingNorm: 1, noiseMultiplier: 1 };
  const results: Result[] = [];
  for (const protection of ['masks', 'masks and noise'] as const) {
    let [drawn, likeness, targetAccuracy, otherAccuracy] = [0, 0, 0, 0];
    const targets = smoke ? [3] : [0, 1, 3, 5, 8];
    for (const target of targets) {
      const outcome = await runInsider({
        pictures,
        ...frame,
        target,
        decoy: 9,
        participants: 5,
        examples: smoke ? 10 : 60,
        rounds: smoke ? 2 : 60,
        protection: 'masks',
        ...(protection === 'masks' ? {} : { noise }),
        seed: 1,
      });
      const { nearestClass, correlations } = prototypeOf(outcome.prototype, pictures, frame);
      if (nearestClass === target) drawn += 1;
      likeness += (correlations[target] ?? 0) / targets.length;
      targetAccuracy += outcome.targetAccuracy / targets.length;
      otherAccuracy += outcome.otherAccuracy / targets.length;
      say(`insider after ${target}, ${protection}: most like ${nearestClass}`);
    }
    results.push({
      name: `insider, 5 participants, 60 rounds, ${protection}`,
      classes: targets.length,
      drawn,
      meanCorrelation: likeness,
      targetAccuracy,
      otherAccuracy,
    });
    const { name } = protection === 'masks' ? TARGETS.insider : TARGETS.noisyInsider;
    outcomes.set(name, { measured: drawn });
  }
  return results;
}
