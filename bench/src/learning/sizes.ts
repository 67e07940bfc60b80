// The size of all learning kernels together, as they are embedded, and how long a fresh process waits for an engine.

import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BenchOptions, Result } from '../report.ts';
import type { Findings } from './steps.ts';
import { TARGETS } from './targets.ts';

// The modules are no public entry of the package; their files are only weighed here.
const KERNELS = new URL('../../../packages/learning/dist/kernels/', import.meta.url);

const IMPORT = `const from = performance.now();
const { wasmEngine } = await import('@sumus/learning/engine');
await import('@sumus/learning/network');
await wasmEngine();
process.stdout.write(String(performance.now() - from));`;

export async function sizeRows(options: BenchOptions): Promise<Findings> {
  options.say('sizes of the kernel modules, import time');
  const results: Result[] = [];
  let total = 0;
  for (const file of (await readdir(fileURLToPath(KERNELS))).filter((name) => name.endsWith('.wasm.js')).sort()) {
    const { wasmBase64 }: { wasmBase64: string } = await import(new URL(file, KERNELS).href);
    const sizeBytes = Buffer.from(wasmBase64, 'base64').length;
    results.push({ name: `kernel module ${file.slice(0, -'.wasm.js'.length)}`, sizeBytes });
    total += sizeBytes;
  }
  results.push({ name: 'all kernel modules', sizeBytes: total });
  const times: number[] = [];
  for (let i = 0; i < (options.smoke ? 1 : 7); i += 1) {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', IMPORT], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    times.push(Number.parseFloat(stdout));
  }
  const importMs = Math.min(...times);
  results.push({ name: 'import and instantiation in a fresh process, wall time', wallMsMinimum: importMs });
  return {
    results,
    outcomes: [
      [TARGETS.moduleSize.name, { measured: total / 1000 }],
      [TARGETS.importTime.name, { measured: importMs }],
    ],
  };
}
