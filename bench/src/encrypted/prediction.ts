// Prediction on encrypted digits: CryptoNets' packing (a batch of as many images as slots) and LoLa's (one image soon), each in a process
// of its own. The network is trained here (digits-model.ts). CryptoNets' headline is 59,000 predictions an hour on a Xeon of 2013, LoLa's
// 2.2 s on 8 cores; ours is one core's processor time.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import { digits, trainedWeights, withoutDigits } from './digits-model.ts';
import { TARGETS } from './targets.ts';

const PROGRAM = fileURLToPath(new URL('prediction-program.js', import.meta.url));

/** The targets that this part answers. */
export const PREDICTION_TARGETS: readonly Target[] = [
  TARGETS.batchArgmax,
  TARGETS.batchAccuracy,
  TARGETS.batchThroughput,
  TARGETS.batchMemory,
  TARGETS.latency,
  TARGETS.latencyMemory,
];

export async function predictionRows(options: BenchOptions): Promise<Findings> {
  const { smoke, say } = options;
  const missing = withoutDigits();
  if (missing !== undefined && !smoke) {
    return {
      results: [],
      outcomes: PREDICTION_TARGETS.map(({ name }): [string, Outcome] => [name, { measured: null, reason: missing }]),
    };
  }
  const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-'));
  try {
    const file = join(folder, 'weights');
    if (!smoke) writeFileSync(file, await trainedWeights(digits('train'), (line) => say(`the network, ${line}`)));
    const found = async (kind: string): Promise<Record<string, number | string>> => {
      say(`prediction, ${kind}`);
      const words = [PROGRAM, kind, file, ...(smoke ? ['smoke'] : [])];
      const { stdout } = await promisify(execFile)(process.execPath, words);
      return JSON.parse(stdout);
    };
    const batch = await found('batch');
    const single = await found('single');
    const encrypted = await found('single-encrypted');
    const measured = (value: string | number | undefined): Outcome => ({ measured: Number(value) });
    const results: Result[] = [
      { name: 'a batch of as many images as slots', ...batch },
      { name: 'one image', ...single },
      { name: 'one image, the weights encrypted as well', ...encrypted },
    ];
    return {
      results,
      outcomes: [
        [TARGETS.batchArgmax.name, measured(batch['same'])],
        [TARGETS.batchAccuracy.name, measured(batch['accuracy'])],
        [TARGETS.batchThroughput.name, measured(batch['predictionsPerHour'])],
        [TARGETS.batchMemory.name, measured(batch['peakGigabytes'])],
        [TARGETS.latency.name, measured(single['cpuSeconds'])],
        [TARGETS.latencyMemory.name, measured(single['peakGigabytes'])],
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
