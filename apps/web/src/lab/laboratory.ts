// One question of the lab, answered by the attacks of packages/attacks as they are: the same code that their tests hold to recovering digits.
// Everything follows from the question; nothing is kept between two.

import { prototypeOf, runInsider } from '@sumus/attacks/insider';
import { membershipTrial } from '@sumus/attacks/membership';
import { runTrial } from '@sumus/attacks/trial';
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import { architecture } from '@sumus/learning/model';
import { CLASSES, DIGIT_SIDE, type Digits } from '../digits/digits.ts';
import type { InsiderShown, LabAnswer, LabRequest, MembershipShown, ShownPair, TrialShown } from './lab-messages.ts';
import { efforts, NOISE, settings } from './settings.ts';

const PIXELS = DIGIT_SIDE * DIGIT_SIDE;
const SHAPE = { rows: DIGIT_SIDE, columns: DIGIT_SIDE, channels: 1 } as const;
const SHOWN = 8;
/** From the end, never a victim's: what an imprinting server knows of digits. */
const KNOWN = 1500;

const MEMBERSHIP = { examples: 200, models: 16, steps: 100, batch: 32, seed: 1, delta: 1e-5 } as const;
const INSIDER = { participants: 5, examples: 100, rounds: 60, decoy: 9, seed: 1 } as const;

type Progress = (share: number) => void;

export class Laboratory {
  readonly #digits: Digits;

  constructor(digits: Digits) {
    this.#digits = digits;
  }

  answer(request: LabRequest, onProgress: Progress): Promise<LabAnswer> {
    switch (request.kind) {
      case 'digits':
        return Promise.resolve({ kind: 'digits', first: this.#pictures(Array.from({ length: SHOWN }, (_, i) => i)) });
      case 'trial':
        return this.#trial(request, onProgress);
      case 'membership':
        return this.#membership(request.noise, onProgress);
      case 'insider':
        return this.#insider(request, onProgress);
      default:
        return request satisfies never;
    }
  }

  async #trial(
    { attack, setting, seed, own }: Extract<LabRequest, { kind: 'trial' }>,
    onProgress: Progress,
  ): Promise<TrialShown> {
    const { inputs, labels, count } = this.#digits;
    const victims = {
      inputs: inputs.slice(0, (count - KNOWN) * PIXELS),
      labels: labels.slice(0, count - KNOWN),
    };
    if (own !== null) {
      if (own.length !== PIXELS) throw new RangeError(`a picture of ${own.length} numbers, not ${PIXELS}`);
      victims.inputs.set(own);
    }
    const outcome = await runTrial({
      attack,
      setting: settings[setting],
      shape: SHAPE,
      classes: CLASSES,
      pictures: victims,
      known: inputs.slice((count - KNOWN) * PIXELS),
      seed,
      ...efforts[attack],
      onProgress: ({ step, steps }) => onProgress(step / steps),
    });
    const pairs = outcome.pictures.slice(0, SHOWN).map(
      ({ truth, found, isExact }): ShownPair => ({
        truth,
        found: found?.picture,
        ssim: found?.ssim ?? 0,
        isExact,
      }),
    );
    const { exactShare, meanSsim, pictures } = outcome;
    return { kind: 'trial', pictures: pictures.length, exactShare, meanSsim, pairs };
  }

  async #membership(noise: boolean, onProgress: Progress): Promise<MembershipShown> {
    const { examples, models, steps, batch, seed, delta } = MEMBERSHIP;
    const found = await membershipTrial({
      model: architecture({
        input: [PIXELS],
        layers: [{ kind: 'dense', units: 32 }, { kind: 'relu' }, { kind: 'dense', units: CLASSES }],
      }),
      examples: {
        inputs: this.#digits.inputs.slice(0, examples * PIXELS),
        labels: this.#digits.labels.slice(0, examples),
      },
      models,
      training: {
        steps,
        batch,
        optimiser: { kind: 'adamW', learningRate: 3e-3, weightDecay: 0 },
        ...(noise ? { noise: NOISE } : {}),
      },
      seed,
      onModel: (done, of) => onProgress(done / of),
    });
    const { rates, areaUnderRates, seenAccuracy, unseenAccuracy } = found;
    const epsilon = noise ? epsilonOf({ steps, rate: (2 * batch) / examples }, delta) : undefined;
    return { kind: 'membership', rates, areaUnderRates, seenAccuracy, unseenAccuracy, epsilon, delta };
  }

  async #insider(
    { noise, target }: Extract<LabRequest, { kind: 'insider' }>,
    onProgress: Progress,
  ): Promise<InsiderShown> {
    const outcome = await runInsider({
      ...INSIDER,
      pictures: this.#digits,
      shape: SHAPE,
      classes: CLASSES,
      target,
      protection: 'masks',
      ...(noise ? { noise: NOISE } : {}),
      onRound: ({ round, rounds }) => onProgress(round / rounds),
    });
    const { nearestClass, correlations } = prototypeOf(outcome.samples, this.#digits, {
      shape: SHAPE,
      classes: CLASSES,
    });
    const places = [...this.#digits.labels.keys()].filter((place) => this.#digits.labels[place] === target);
    const { samples, targetAccuracy, otherAccuracy } = outcome;
    return {
      kind: 'insider',
      real: this.#pictures(places.slice(0, SHOWN)),
      made: Array.from({ length: SHOWN }, (_, i) => samples.slice(i * PIXELS, (i + 1) * PIXELS)),
      nearestClass,
      correlation: correlations[target] ?? 0,
      targetAccuracy,
      otherAccuracy,
    };
  }

  #pictures(places: readonly number[]): readonly Float32Array<ArrayBuffer>[] {
    return places.map((place) => this.#digits.inputs.slice(place * PIXELS, (place + 1) * PIXELS));
  }
}

/** Of DP-SGD by Poisson sampling, as the shadow models are trained; rounded up by who shows it. */
function epsilonOf(
  { steps, rate }: { readonly steps: number; readonly rate: number },
  delta: number,
): number | undefined {
  const frame = under({ adjacency: 'add-remove', unit: 'record' });
  const inner = frame.gaussian({ noiseMultiplier: NOISE.noiseMultiplier });
  const step = frame.poissonSampled({ inner, samplingRate: rate });
  const answer = tightestEpsilon([frame.repetition({ inner: step, count: steps })], delta);
  return answer.kind === 'refused' ? undefined : answer.epsilon;
}
