// PyTorch beside us, where Debian's python3-torch and libopenblas0 are installed: a child process that does the same steps on the same weights and tells its
// own CPU time, round by round in turn with ours. Where it is not installed its rows say so.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import { ours } from './ours.ts';
import type { Findings } from './steps.ts';
import { TARGETS } from './targets.ts';
import { type Work, workOf } from './work.ts';

const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('../../peers/torch_steps.py', import.meta.url));

type Variant = 'plain' | 'functorch' | 'handwritten';

export async function torchRows(options: BenchOptions): Promise<Findings> {
  const found = spawnSync(PYTHON, ['-c', 'import torch'], { stdio: 'ignore' });
  if (found.status !== 0) {
    const reason = "PyTorch is not installed here (Debian's python3-torch and libopenblas0)";
    const targets = [TARGETS.mlpTorch, TARGETS.cnnTorch, TARGETS.clippedFunctorch, TARGETS.clippedTorch];
    return { results: [], outcomes: targets.map(({ name }) => [name, { measured: null, reason }]) };
  }
  const batch = options.smoke ? 2 : 64;
  const mlp = await compare(workOf('mlp', batch), options, [['plain', 'plain', TARGETS.mlpTorch]]);
  const lenet = await compare(workOf('lenet', batch), options, [
    ['plain', 'plain', TARGETS.cnnTorch],
    ['clipped', 'functorch', TARGETS.clippedFunctorch],
    ['clipped', 'handwritten', TARGETS.clippedTorch],
  ]);
  return { results: [...mlp.results, ...lenet.results], outcomes: [...mlp.outcomes, ...lenet.outcomes] };
}

async function compare(
  work: Work,
  options: BenchOptions,
  rows: readonly (readonly ['plain' | 'clipped', Variant, Target])[],
): Promise<Findings> {
  const results: Result[] = [];
  const outcomes: (readonly [string, Outcome])[] = [];
  for (const [grain, variant, target] of rows) {
    options.say(`${work.name}: PyTorch, ${variant}`);
    // Fresh weights on both sides for every row: all start from the same loss.
    const own = await ours(work, grain);
    const peer = await Peer.start(work);
    try {
      const rounds = options.smoke ? 1 : 6;
      const count = options.smoke ? 1 : work.name === 'mlp' ? 100 : 2;
      let [ownMs, peerMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let round = 0; round <= rounds; round += 1) {
        const began = process.cpuUsage();
        for (let i = 0; i < count; i += 1) await own.step();
        const used = process.cpuUsage(began);
        const theirs = await peer.steps(variant, count);
        // The first round warms up, and is where both sides must have come to the same loss.
        if (round === 0) requireSame(work, variant, await own.loss(), await peer.loss());
        if (round === 0 && !options.smoke) continue;
        ownMs = Math.min(ownMs, (used.user + used.system) / 1000 / count);
        peerMs = Math.min(peerMs, theirs);
      }
      results.push({
        name: `${work.name}: PyTorch ${peer.version}, ${variant}, beside Sumus, ${grain}`,
        cpuMsMinimum: peerMs,
        sumusCpuMsMinimum: ownMs,
        samplesPerCpuSecond: (1000 * work.batch) / peerMs,
        ratio: peerMs / ownMs,
      });
      outcomes.push([target.name, { measured: peerMs / ownMs }]);
    } finally {
      peer.stop();
    }
  }
  return { results, outcomes };
}

function requireSame(work: Work, variant: Variant, own: number, theirs: number): void {
  if (!(Math.abs(own - theirs) < 1e-3)) {
    throw new Error(`${work.name}: PyTorch ${variant} came to loss ${theirs}, Sumus to ${own}`);
  }
}

/** The child process; one request, one answer. */
class Peer {
  version = '';
  readonly #child = spawn(PYTHON, [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  readonly #answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  readonly #folder = mkdtempSync(join(tmpdir(), 'sumus torch '));

  static async start(work: Work): Promise<Peer> {
    const peer = new Peer();
    writeFileSync(join(peer.#folder, 'weights.bin'), work.weights);
    writeFileSync(join(peer.#folder, 'inputs.bin'), work.inputs);
    writeFileSync(join(peer.#folder, 'labels.bin'), work.labels);
    const { name, batch } = work;
    const answer = await peer.#ask({ kind: 'load', folder: peer.#folder, name, batch });
    if (answer['hasFastBlas'] !== true) {
      peer.stop();
      throw new Error(
        "PyTorch here stands on the reference BLAS, which is no fair peer: install Debian's libopenblas0",
      );
    }
    peer.version = String(answer['version']);
    return peer;
  }

  async steps(variant: Variant, count: number): Promise<number> {
    return Number((await this.#ask({ kind: 'steps', variant, count }))['cpuMs']);
  }

  async loss(): Promise<number> {
    return Number((await this.#ask({ kind: 'loss' }))['loss']);
  }

  stop(): void {
    this.#child.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask(request: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    const answer: unknown = done === true ? undefined : JSON.parse(value);
    if (typeof answer !== 'object' || answer === null)
      throw new Error('the PyTorch process ended; see its message above');
    return { ...answer };
  }
}
