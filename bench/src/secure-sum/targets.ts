// The table that packages/secure-sum must reach, its bounds verbatim, part by part.

import type { Target } from '../report.ts';

const ENCODING = '≤ 12 ms each';

export const ENCODING_TARGETS: Readonly<Record<'encode' | 'decode', Target>> = {
  encode: { name: 'encode 1,000,000 floats with rotation', target: ENCODING, unit: 'ms', bound: { atMost: 12 } },
  decode: { name: 'decode 1,000,000 floats with rotation', target: ENCODING, unit: 'ms', bound: { atMost: 12 } },
};

const ONE_SHOT = '≤ 35 ms; ≤ 0.25 ms; ≤ 30 ms';
const ONE_SHOT_UPLOAD = '`mask` ≤ 3.0 MB, `one-shot` ≤ 4.0 MB (≤ 3.1 MB at four values a coefficient)';
const ONE_SHOT_ROW =
  '`one-shot`, n = 100, any dropouts, committee of 32: client, with encoding left out but packing, key sharing and boxes counted; server per client; final';

type OneShotRow = 'client' | 'server' | 'checks' | 'final' | 'upload' | 'uploadAtFour';

export const ONE_SHOT_TARGETS: Readonly<Record<OneShotRow, Target>> = {
  client: { name: `${ONE_SHOT_ROW} · client`, target: ONE_SHOT, unit: 'ms', bound: { atMost: 35 } },
  server: { name: `${ONE_SHOT_ROW} · server per client`, target: ONE_SHOT, unit: 'ms', bound: { atMost: 0.25 } },
  checks: {
    name: '`one-shot`, server per client, added by hashing, signature and commitment checks',
    target: '+ ≤ 2.5 ms per client and 1,000,000 values',
    unit: 'ms',
    bound: { atMost: 2.5 },
  },
  final: { name: `${ONE_SHOT_ROW} · final`, target: ONE_SHOT, unit: 'ms', bound: { atMost: 30 } },
  upload: {
    name: 'upload, n = 100, everything counted: `one-shot`',
    target: ONE_SHOT_UPLOAD,
    unit: 'MB',
    bound: { atMost: 4 },
  },
  uploadAtFour: {
    name: 'upload, n = 100, everything counted: `one-shot`, four values a coefficient',
    target: ONE_SHOT_UPLOAD,
    unit: 'MB',
    bound: { atMost: 3.1 },
  },
};
