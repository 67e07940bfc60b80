// Rounds of mask, whole: what a client and the server spend on one, what a client uploads, and how near the client is to what
// expanding its masks costs on this machine, measured in the same run.

import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { wasmEngine } from '@sumus/secure-sum/engine';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import { type RoundCost, type RoundSize, runMaskRound } from './mask-round.ts';

const COMPLETE = '≤ 0.25 s; ≤ 0.4 / 3 s';
const SPARSE = '≤ 0.09 s; ≤ 0.8 s';
const THOUSAND = '≤ 1.2 s arithmetic, ≤ 2.0 s with all checks';
const CHECKS = 'with hashing, signature and commitment checks: + ≤ 2.5 ms per client and 1,000,000 values';

const seconds = (atMost: number): Pick<Target, 'unit' | 'bound'> => ({ unit: 's', bound: { atMost } });

type Row =
  | 'client'
  | 'clientFirst'
  | 'server'
  | 'serverChecked'
  | 'serverDropped'
  | 'serverDroppedChecked'
  | 'sparseClient'
  | 'sparseServer'
  | 'thousandServer'
  | 'thousandChecked'
  | 'upload'
  | 'limit';

const name = 'mask, n = 100, complete graph';
const sparse = 'mask, n = 100, k = 42, 10 dropped';
const thousand = 'mask, n = 1000, k = 114, 100,000 values, 0 dropped: server';

export const MASK_TARGETS: Readonly<Record<Row, Target>> = {
  client: { name: `${name}: client`, target: COMPLETE, ...seconds(0.25) },
  clientFirst: {
    name: `${name}: client that meets all members for the first time`,
    target: COMPLETE,
    ...seconds(0.25),
  },
  server: { name: `${name}: server with 0 dropped`, target: COMPLETE, ...seconds(0.4) },
  serverChecked: { name: `${name}: server with 0 dropped, with all checks`, target: CHECKS, ...seconds(0.65) },
  serverDropped: { name: `${name}: server with 10 dropped`, target: COMPLETE, ...seconds(3) },
  serverDroppedChecked: { name: `${name}: server with 10 dropped, with all checks`, target: CHECKS, ...seconds(3.25) },
  sparseClient: { name: `${sparse}: client`, target: SPARSE, ...seconds(0.09) },
  sparseServer: { name: `${sparse}: server`, target: SPARSE, ...seconds(0.8) },
  thousandServer: { name: `${thousand}, arithmetic`, target: THOUSAND, ...seconds(1.2) },
  thousandChecked: { name: `${thousand}, with all checks`, target: THOUSAND, ...seconds(2) },
  upload: {
    name: 'upload, n = 100, everything counted: mask',
    target: '`mask` ≤ 3.0 MB',
    unit: 'MB',
    bound: { atMost: 3 },
  },
  limit: {
    name: 'mask client against the ChaCha20 expansion limit of the machine, measured in the same run',
    target: 'within 1.6 ×',
    unit: '×',
    bound: { atMost: 1.6 },
  },
};

interface Findings {
  readonly results: readonly Result[];
  readonly outcomes: readonly (readonly [string, Outcome])[];
}

const platform = (): SecretPrimitives => ({ ...nodePrimitives(), secretKeys: SecretKey });

const third = { graph: 'complete', corruptFraction: 1 / 3, dropoutFraction: 0 } as const;
const tenth = { graph: 'sparse', corruptFraction: 0.1, dropoutFraction: 0.1 } as const;

export async function maskRows(options: BenchOptions): Promise<Findings> {
  const engine = await wasmEngine();
  const { smoke } = options;
  const vectorLength = smoke ? 1000 : 1_000_000;
  const results: Result[] = [];
  const run = async (label: string, size: RoundSize): Promise<RoundCost> => {
    options.say(`${label}: ${size.members} members, ${size.vectorLength} values, ${size.dropped} dropped`);
    const cost = await runMaskRound(platform, engine, size);
    if (!cost.exact) throw new Error(`${label}: the sum is not exact`);
    results.push({
      name: label,
      neighbours: cost.neighbours,
      clientCpuMsMinimum: least(cost.clientCpuMs),
      clientCpuMsMedian: median(cost.clientCpuMs),
      newcomerCpuMs: cost.newcomerCpuMs,
      serverCpuMsMinimum: least(cost.server.map(({ cpuMs }) => cpuMs)),
      serverChecksCpuMsMinimum: least(cost.server.map(({ checkMs }) => checkMs)),
      serverRuns: cost.server.length,
      uploadBytes: cost.uploadBytes,
    });
    for (const [side, steps] of Object.entries({ client: cost.clientSteps, server: cost.serverSteps })) {
      for (const [step, times] of Object.entries(steps))
        results.push({ name: `${label} · ${side} · ${step}`, ...times });
    }
    return cost;
  };
  const members = smoke ? 6 : 100;
  const dropped = smoke ? 1 : 10;
  const whole = await run(name, { members, vectorLength, ...third, dropped: 0, serverRuns: smoke ? 1 : 4 });
  const gone = await run(`${name}, 10 dropped`, {
    members,
    vectorLength,
    ...third,
    dropped,
    serverRuns: smoke ? 2 : 3,
  });
  const few = await run(sparse, {
    members,
    vectorLength,
    ...(smoke ? third : tenth),
    dropped,
    serverRuns: smoke ? 1 : 3,
  });
  const many = await run(thousand, {
    members: smoke ? 8 : 1000,
    vectorLength: smoke ? 100 : 100_000,
    ...(smoke ? third : tenth),
    dropped: 0,
    serverRuns: smoke ? 1 : 3,
  });
  const clientMs = least([...whole.clientCpuMs, ...gone.clientCpuMs]);
  // Measured between the clients, so that a noisy minute falls on both.
  const expansions = [...whole.expansionMs, ...gone.expansionMs];
  const clients = [...whole.clientCpuMs, ...gone.clientCpuMs];
  const limitMs = least(expansions);
  results.push({
    name: 'ChaCha20 expansion limit, through the primitives and beside the heap of the whole round: 100 masks, 1,000,000 words of three bytes',
    limitMsMinimum: limitMs,
    limitMsMedian: median(expansions),
    clientOverLimitOfMinima: clientMs / limitMs,
    clientOverLimitOfMedians: median(clients) / median(expansions),
  });
  const arithmetic = (cost: RoundCost): number =>
    (least(cost.server.map(({ cpuMs }) => cpuMs)) - least(cost.server.map(({ checkMs }) => checkMs))) / 1000;
  const checked = (cost: RoundCost): number => least(cost.server.map(({ cpuMs }) => cpuMs)) / 1000;
  const measured = (row: Row, value: number): readonly [string, Outcome] => [
    MASK_TARGETS[row].name,
    { measured: value },
  ];
  return {
    results,
    outcomes: [
      measured('client', clientMs / 1000),
      measured('clientFirst', Math.min(whole.newcomerCpuMs, gone.newcomerCpuMs) / 1000),
      measured('server', arithmetic(whole)),
      measured('serverChecked', checked(whole)),
      measured('serverDropped', arithmetic(gone)),
      measured('serverDroppedChecked', checked(gone)),
      measured('sparseClient', least(few.clientCpuMs) / 1000),
      measured('sparseServer', arithmetic(few)),
      measured('thousandServer', arithmetic(many)),
      measured('thousandChecked', checked(many)),
      measured('upload', whole.uploadBytes / 1e6),
      measured('limit', clientMs / limitMs),
    ],
  };
}

const least = (values: readonly number[]): number => Math.min(...values);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
