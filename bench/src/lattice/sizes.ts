// The size of all lattice kernels together, as they are embedded.

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Result } from '../report.ts';
import type { Findings, Rows } from './row.ts';
import { TARGETS } from './targets.ts';

// The modules are no public entry of the package; their files are only weighed here.
const KERNELS = new URL('../../../packages/lattice/dist/kernels/', import.meta.url);

export const sizeRows: Rows = async (options): Promise<Findings> => {
  options.say('sizes of the kernel modules');
  const results: Result[] = [];
  let total = 0;
  for (const file of (await readdir(fileURLToPath(KERNELS))).filter((name) => name.endsWith('.wasm.js')).sort()) {
    const { wasmBase64 }: { wasmBase64: string } = await import(new URL(file, KERNELS).href);
    const sizeBytes = Buffer.from(wasmBase64, 'base64').length;
    results.push({ name: `kernel module ${file.slice(0, -'.wasm.js'.length)}`, sizeBytes });
    total += sizeBytes;
  }
  results.push({ name: 'all kernel modules', sizeBytes: total });
  return { results, outcomes: [[TARGETS.moduleSize.name, { measured: total / 1000 }]] };
};
