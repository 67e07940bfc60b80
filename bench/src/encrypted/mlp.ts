// A network with one hidden layer (4 squares) trained on encrypted rows of edin: refreshed by an owner, and by two of the three members of a
// shared key. No row of the table asks for it; POSEIDON (NDSS 2021) is what it stands beside, on larger networks and more machines.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CheckedRows } from '@sumus/encrypted-learning/training';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions, Result } from '../report.ts';
import { fiveFolds, helrRows } from './sets.ts';

const PROGRAM = fileURLToPath(new URL('mlp-program.js', import.meta.url));

export async function mlpRows({ smoke, say }: BenchOptions): Promise<Findings> {
  const rows = helrRows('edin');
  if (rows === undefined) return { results: [], outcomes: [] };
  const [fold] = fiveFolds(rows.count, 1);
  if (fold === undefined) return { results: [], outcomes: [] };
  const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-'));
  try {
    const file = join(folder, 'rows.json');
    const train = smoke ? fold.train.subarray(0, 24) : fold.train;
    writeFileSync(file, JSON.stringify({ features: rows.columns, ...named(rows, train, fold.test) }));
    const results: Result[] = [];
    const add = async (name: string, kind: string, iterations: number): Promise<void> => {
      say(`one hidden layer, ${name}`);
      const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, kind, String(iterations), file]);
      const found: Record<string, number | string> = JSON.parse(stdout);
      results.push({ name: `edin, one hidden layer of 4 squares, ${name}`, ...found });
    };
    await add('refreshed by its owner', 'owner', smoke ? 1 : 20);
    if (!smoke) await add('refreshed by 2 of 3 members', 'members', 4);
    return { results, outcomes: [] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function named(rows: CheckedRows, train: Uint32Array, test: Uint32Array): object {
  const { features, columns } = rows;
  const row = (i: number): number[] => [...features.subarray(i * columns, (i + 1) * columns)];
  const sign = (i: number): number => (rows.labels[i] === 1 ? 1 : -1);
  return {
    train: Array.from(train, row),
    trainLabels: Array.from(train, sign),
    test: Array.from(test, row),
    testLabels: Array.from(test, sign),
  };
}
