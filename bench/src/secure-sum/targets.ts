// The table that packages/secure-sum must reach, its bounds verbatim, part by part.

import type { Target } from '../report.ts';

const ENCODING = '≤ 12 ms each';

export const ENCODING_TARGETS: Readonly<Record<'encode' | 'decode', Target>> = {
  encode: { name: 'encode 1,000,000 floats with rotation', target: ENCODING, unit: 'ms', bound: { atMost: 12 } },
  decode: { name: 'decode 1,000,000 floats with rotation', target: ENCODING, unit: 'ms', bound: { atMost: 12 } },
};
