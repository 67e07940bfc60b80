// npm run bench. A new bench is a file NAME.bench.ts beside this one and a line in the list below.
import { cpus } from 'node:os';
import { accounting } from './accounting.bench.ts';
import { attacks } from './attacks.bench.ts';
import { chacha20 } from './chacha20.bench.ts';
import { dataset } from './dataset.bench.ts';
import { dssgd } from './dssgd.bench.ts';
import { encrypted } from './encrypted.bench.ts';
import { runBenches } from './harness.ts';
import { lattice } from './lattice.bench.ts';
import { leaks } from './leaks.bench.ts';
import { learning } from './learning.bench.ts';
import { oneRound } from './one-round.bench.ts';
import { privateLinear } from './private-linear.bench.ts';
import { protection } from './protection.bench.ts';
import type { Bench } from './report.ts';
import { round } from './round.bench.ts';
import { secureSum } from './secure-sum.bench.ts';
import { server } from './server.bench.ts';
import { simulation } from './simulation.bench.ts';
import { web } from './web.bench.ts';

const benches: readonly Bench[] = [
  accounting,
  attacks,
  chacha20,
  dataset,
  dssgd,
  encrypted,
  lattice,
  leaks,
  learning,
  oneRound,
  privateLinear,
  protection,
  round,
  secureSum,
  server,
  simulation,
  web,
];

const machine = {
  runtime: `Node ${process.version}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model.trim() || 'unknown',
};

process.exitCode = await runBenches(benches, process.argv.slice(2), machine, {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
