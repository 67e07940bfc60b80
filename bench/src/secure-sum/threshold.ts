// Sums that are opened later, by t of n silos: what founding a key, contributing and opening cost. No bound stands in the table.

import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { SEMI_HONEST } from '@sumus/secure-sum/threshold';
import type { Findings, Rows } from '../lattice/row.ts';
import type { Target } from '../report.ts';
import { NOW_MS, thresholdRound } from './threshold-round.ts';

const NAME = '`threshold`, 4 of 5 silos, 1,000,000 values';
const reported = (what: string, unit: string): Target => ({
  name: `${NAME}: ${what}`,
  target: 'reported',
  unit,
  bound: 'reported',
});

type Row = 'founding' | 'contributor' | 'upload' | 'server' | 'opening';

export const THRESHOLD_TARGETS: Readonly<Record<Row, Target>> = {
  founding: reported('founding a key, a member', 'ms'),
  contributor: reported('contributor', 'ms'),
  upload: reported('upload of a contributor', 'MB'),
  server: reported('coordinator, a contribution', 'ms'),
  opening: reported('opening a sum of five, a member', 'ms'),
};

export const thresholdRows: Rows = async (options): Promise<Findings> => {
  const vectorLength = options.smoke ? 1000 : 1_000_000;
  options.say(`five silos found a key; ${vectorLength} values of each are summed and opened by four`);
  const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
  const cost = await thresholdRound(
    { engine: await wasmEngine(), primitives },
    {
      trust: SEMI_HONEST,
      members: 5,
      threshold: 4,
      corruptMembers: 2,
      minimumContributors: 3,
      maximumContributors: 10,
      vectorLength,
      valueBits: 16,
      sums: 100,
      endsAtMs: NOW_MS + 3_600_000,
    },
  );
  if (!cost.exact) throw new Error('the sum is not exact');
  const { contributorMs, ...others } = cost;
  const fastest = Math.min(...contributorMs);
  return {
    results: [{ name: NAME, contributorMsMinimum: fastest, ...others }],
    outcomes: [
      [THRESHOLD_TARGETS.founding.name, { measured: cost.foundingMsPerMember }],
      [THRESHOLD_TARGETS.contributor.name, { measured: fastest }],
      [THRESHOLD_TARGETS.upload.name, { measured: cost.contributionBytes / 1e6 }],
      [THRESHOLD_TARGETS.server.name, { measured: cost.coordinatorMsPerContribution }],
      [THRESHOLD_TARGETS.opening.name, { measured: cost.openingMsPerMember }],
    ],
  };
};
