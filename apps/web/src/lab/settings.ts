// What the lab compares: six things that a server may have of a batch, and how long each attack is let search. The same pictures and the same
// seed in every setting, so that only the setting differs.

import type { AttackName, TrialSetting } from '@sumus/attacks/trial';

/** In the order in which they are shown. Not the room's own list, which would bring its engines to the page. */
export const attackNames: readonly AttackName[] = ['quotients', 'deepLeakage', 'cosine', 'imprint'];

export const settingNames = ['one', 'eight', 'hundred', 'sealed', 'sum', 'noise'] as const;
export type SettingName = (typeof settingNames)[number];

export const PARTICIPANTS = 10;
export const NOISE = { clippingNorm: 1, noiseMultiplier: 1 } as const;

export const settings: Readonly<Record<SettingName, TrialSetting>> = {
  one: { seen: 'update', batch: 1, participants: 1 },
  eight: { seen: 'update', batch: 8, participants: 1 },
  hundred: { seen: 'update', batch: 100, participants: 1 },
  sealed: { seen: 'sealed', batch: 1, participants: 1 },
  sum: { seen: 'sum', batch: 8, participants: PARTICIPANTS },
  noise: { seen: 'update', batch: 1, participants: 1, noise: NOISE },
};

export interface Effort {
  readonly units: number;
  readonly steps: number;
  readonly mostGuesses: number;
}

/** Seconds on a laptop; `sumus attack invert` is let search for longer. */
export const efforts: Readonly<Record<AttackName, Effort>> = {
  quotients: { units: 128, steps: 1, mostGuesses: 8 },
  imprint: { units: 1000, steps: 1, mostGuesses: 8 },
  deepLeakage: { units: 128, steps: 200, mostGuesses: 8 },
  cosine: { units: 128, steps: 400, mostGuesses: 8 },
};
