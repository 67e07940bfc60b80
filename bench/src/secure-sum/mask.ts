// Rounds of mask, whole: what a client and the server spend on one, what a client uploads, and how near the client is to what
// expanding its masks costs on this machine, measured in the same run. A round is recorded once (mask-record.ts); then the client and the
// server go through it, each in a process of its own (mask-replay.ts).

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { wasmEngine } from '@sumus/secure-sum/engine';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import { CHROMIUM_TARGETS, type ChromiumTimes, chromiumOutcome, maskInChromium } from './chromium.ts';
import type { ClientCost } from './mask-client.ts';
import { RECORD_FILES, recordMaskRound } from './mask-record.ts';
import { type ClientReplay, replayClient, replayServer, type ServerReplay } from './mask-replay.ts';
import type { RoundSize } from './mask-world.ts';

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

const third = { graph: 'complete', corruptFraction: 1 / 3, dropoutFraction: 0 } as const;
const tenth = { graph: 'sparse', corruptFraction: 0.1, dropoutFraction: 0.1 } as const;

interface Runs {
  /** 0: left out. */
  readonly client: number;
  readonly server: number;
  readonly chromium: number;
}

interface RoundCost {
  readonly inChromium: ChromiumTimes;
  readonly client: ClientReplay | undefined;
  readonly server: ServerReplay;
  readonly uploadBytes: number;
}

export async function maskRows(options: BenchOptions): Promise<Findings> {
  const { smoke } = options;
  const vectorLength = smoke ? 1000 : 1_000_000;
  const results: Result[] = [];
  const run = async (label: string, size: RoundSize, runs: Runs): Promise<RoundCost> => {
    options.say(`${label}: ${size.members} members, ${size.vectorLength} values, ${size.dropped} dropped`);
    const cost = await roundCost(size, runs);
    results.push(...resultsOf(label, cost));
    return cost;
  };
  const members = smoke ? 6 : 100;
  const dropped = smoke ? 1 : 10;
  const some = smoke ? { client: 1, server: 1, chromium: 0 } : { client: 6, server: 5, chromium: 0 };
  const whole = await run(name, { members, vectorLength, ...third, dropped: 0 }, { ...some, chromium: smoke ? 1 : 4 });
  const gone = await run(`${name}, 10 dropped`, { members, vectorLength, ...third, dropped }, { ...some, client: 0 });
  const few = await run(sparse, { members, vectorLength, ...(smoke ? third : tenth), dropped }, some);
  const many = await run(
    thousand,
    { members: smoke ? 8 : 1000, vectorLength: smoke ? 100 : 100_000, ...(smoke ? third : tenth), dropped: 0 },
    { ...some, client: 0 },
  );
  const [known, newcomer, sparseKnown] = [
    leastOf(whole.client?.known),
    leastOf(whole.client?.newcomer),
    leastOf(few.client?.known),
  ];
  const { expansionMs = [], bareExpansionMs = [] } = whole.client ?? {};
  // The faster of the two: whatever expands masks on this machine from Node.
  const limitMs = least([...expansionMs, ...bareExpansionMs]);
  results.push({
    name: 'mask client in Chromium: processor time of its process',
    cpuMsMinimum: typeof whole.inChromium === 'string' ? null : least(whole.inChromium),
  });
  results.push({
    name: 'ChaCha20 expansion limit: 100 masks, 1,000,000 words of three bytes',
    bareMsMinimum: least(bareExpansionMs),
    throughPrimitivesMsMinimum: least(expansionMs),
    throughPrimitivesMsMedian: median(expansionMs),
    clientOverLimitOfMedians: median(whole.client?.known.map(({ ms }) => ms) ?? []) / median(expansionMs),
    maskingOverLimit: (leastSteps(whole.client?.known ?? [])['vector'] ?? Number.NaN) / limitMs,
  });
  const measured = (row: Row, value: number): readonly [string, Outcome] => [
    MASK_TARGETS[row].name,
    { measured: value },
  ];
  return {
    results,
    outcomes: [
      measured('client', known / 1000),
      measured('clientFirst', newcomer / 1000),
      measured('server', arithmetic(whole)),
      measured('serverChecked', checked(whole)),
      measured('serverDropped', arithmetic(gone)),
      measured('serverDroppedChecked', checked(gone)),
      measured('sparseClient', sparseKnown / 1000),
      measured('sparseServer', arithmetic(few)),
      measured('thousandServer', arithmetic(many)),
      measured('thousandChecked', checked(many)),
      measured('upload', whole.uploadBytes / 1e6),
      measured('limit', known / limitMs),
      [CHROMIUM_TARGETS.mask.name, chromiumOutcome(whole.inChromium, known)],
    ],
  };
}

/** Records the round in a folder that is gone afterwards, and replays it. */
async function roundCost(size: RoundSize, runs: Runs): Promise<RoundCost> {
  const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-mask-'));
  try {
    const platform = { ...nodePrimitives(), secretKeys: SecretKey };
    const record = await recordMaskRound(platform, await wasmEngine(), size, folder);
    const { uploadBytes } = record;
    const client = runs.client === 0 ? undefined : await replayClient(folder, runs.client);
    const server = await replayServer(folder, runs.server);
    const inChromium =
      runs.chromium === 0
        ? 'this round was not replayed in Chromium'
        : await maskInChromium(record, readFileSync(join(folder, RECORD_FILES.client)), {
            samples: runs.chromium,
            unitsEach: 1,
          });
    return { client, server, inChromium, uploadBytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function resultsOf(label: string, { client, server, uploadBytes }: RoundCost): Result[] {
  const results: Result[] = [];
  if (client !== undefined) {
    results.push({
      name: `${label} · client`,
      firstRoundOfItsProcessCpuMs: client.first.ms,
      newcomerCpuMsMinimum: leastOf(client.newcomer),
      newcomerCpuMsMedian: median(client.newcomer.map(({ ms }) => ms)),
      knownCpuMsMinimum: leastOf(client.known),
      knownCpuMsMedian: median(client.known.map(({ ms }) => ms)),
      uploadBytes,
      ...leastSteps(client.known),
    });
  }
  results.push({
    name: `${label} · server`,
    cpuMsMinimum: least(server.ms),
    cpuMsMedian: median(server.ms),
    checksCpuMsMinimum: least(server.checkMs),
    firstRoundOfItsProcessCpuMs: server.ms[0] ?? null,
    ...server.steps,
  });
  return results;
}

function leastSteps(costs: readonly ClientCost[]): Record<string, number> {
  const least: { [step: string]: number } = {};
  for (const { steps } of costs) {
    for (const [step, ms] of Object.entries(steps)) least[step] = Math.min(least[step] ?? Number.POSITIVE_INFINITY, ms);
  }
  return least;
}

const checked = ({ server }: RoundCost): number => least(server.ms) / 1000;
const arithmetic = ({ server }: RoundCost): number => (least(server.ms) - least(server.checkMs)) / 1000;

const least = (values: readonly number[]): number => Math.min(...values);
const leastOf = (costs: readonly ClientCost[] = []): number => least(costs.map(({ ms }) => ms));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
