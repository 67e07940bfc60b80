// The table that DSSGD without protection must reach, its bounds verbatim. A row with several bounds is several targets under one text.

import type { Target } from '../report.ts';

const PAPER =
  'standalone 86–90 %; θ_u = 1 ≥ 96.5; 0.1 within 1.0 of it; 0.01 ≥ 93.5; 0.001 ≥ 86; centralised ≥ 97.5. The three schedules within 1.5 of each other';
const CYCLE =
  'θ_u = 1 ≥ 95.3; 0.1 with error feedback ≥ 95.3; 0.01 with error feedback ≥ 94.5 (one NumPy seed: 95.9 / 96.0 / 95.4)';

const percent = (bound: Target['bound']): Pick<Target, 'unit' | 'bound'> => ({ unit: '%', bound });
const points = (bound: Target['bound']): Pick<Target, 'unit' | 'bound'> => ({ unit: 'points', bound });

type Row =
  | 'standaloneAtLeast'
  | 'standaloneAtMost'
  | 'whole'
  | 'tenth'
  | 'hundredth'
  | 'thousandth'
  | 'centralised'
  | 'schedules'
  | 'cycleWhole'
  | 'cycleTenth'
  | 'cycleHundredth';

export const TARGETS: Readonly<Record<Row, Target>> = {
  standaloneAtLeast: { name: 'standalone, 600 images, at least', target: PAPER, ...percent({ atLeast: 86 }) },
  standaloneAtMost: { name: 'standalone, 600 images, at most', target: PAPER, ...percent({ atMost: 90 }) },
  whole: { name: 'round robin, release turn, θ_u = 1', target: PAPER, ...percent({ atLeast: 96.5 }) },
  tenth: { name: 'round robin, release turn, θ_u = 0.1, below θ_u = 1', target: PAPER, ...points({ atMost: 1 }) },
  hundredth: { name: 'round robin, release turn, θ_u = 0.01', target: PAPER, ...percent({ atLeast: 93.5 }) },
  thousandth: { name: 'round robin, release turn, θ_u = 0.001', target: PAPER, ...percent({ atLeast: 86 }) },
  centralised: { name: 'centralised, 60,000 images, 8 epochs', target: PAPER, ...percent({ atLeast: 97.5 }) },
  schedules: { name: 'spread of the three schedules, θ_u = 0.1', target: PAPER, ...points({ atMost: 1.5 }) },
  cycleWhole: { name: 'one-shot, release cycle, θ_u = 1', target: CYCLE, ...percent({ atLeast: 95.3 }) },
  cycleTenth: {
    name: 'one-shot, release cycle, θ_u = 0.1 with error feedback',
    target: CYCLE,
    ...percent({ atLeast: 95.3 }),
  },
  cycleHundredth: {
    name: 'one-shot, release cycle, θ_u = 0.01 with error feedback',
    target: CYCLE,
    ...percent({ atLeast: 94.5 }),
  },
};
