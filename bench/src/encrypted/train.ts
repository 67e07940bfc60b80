// One encrypted training from keys to opened weights, with the time and size of each part. Keys and rows are the owner's, the run is the
// machine's; one process plays both, on one thread.

import { ckksExecutor, type Executor, evaluationKeys } from '@sumus/encrypted-learning/execute';
import {
  type CheckedRows,
  encryptRows,
  openWeights,
  planTraining,
  type Released,
  type TrainingPlan,
  type TrainingPlanLiteral,
  watchingRefresher,
} from '@sumus/encrypted-learning/training';
import { type Ciphertext, ckksContext, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';

export interface EncryptedRun {
  readonly training: TrainingPlan;
  readonly released: Released;
  readonly keySeconds: number;
  readonly encryptSeconds: number;
  /** CPU of the machine that trains, refreshes included; and by the clock. */
  readonly runSeconds: number;
  readonly wallSeconds: number;
  readonly refreshes: number;
}

export function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

type Run = (rows: CheckedRows, onSection: (section: string) => void) => Promise<EncryptedRun>;

/** Plans once for all folds of one shape; keys are made once as well. */
export class EncryptedTraining {
  readonly training: TrainingPlan;
  readonly #run: Run;

  private constructor(training: TrainingPlan, run: Run) {
    this.training = training;
    this.#run = run;
  }

  static async prepare(literal: TrainingPlanLiteral): Promise<EncryptedTraining> {
    const training = planTraining(literal);
    const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
    const context = ckksContext(lattice, training.plan.parameters);
    const secret = secretKey(context);
    const start = process.cpuUsage();
    const keys = evaluationKeys(training.plan, context, secret);
    const keySeconds = cpuSeconds(start);
    const refreshing = watchingRefresher(training, context, secret);
    return new EncryptedTraining(training, async (rows, onSection) => {
      const blocks = new Map<string, Ciphertext>();
      const encrypting = process.cpuUsage();
      for (const { name, ciphertext } of encryptRows(training, context, { secretKey: secret }, rows))
        blocks.set(name, ciphertext);
      const encryptSeconds = cpuSeconds(encrypting);
      let refreshes = 0;
      const executor: Executor<Ciphertext> = ckksExecutor(training.plan, context, keys, {
        refresher: {
          refresh: (spent, level) => {
            refreshes += 1;
            return refreshing.refresh(spent, level);
          },
        },
      });
      const running = process.cpuUsage();
      const clock = performance.now();
      let section = '';
      const outputs = await executor.run(
        {
          encrypted: (name) => {
            const block = blocks.get(name);
            if (block === undefined) throw new Error(`no block ${name}`);
            return block;
          },
        },
        {
          onProgress: (progress) => {
            if (progress.section === section) return;
            section = progress.section;
            onSection(section);
          },
        },
      );
      const runSeconds = cpuSeconds(running);
      const wallSeconds = (performance.now() - clock) / 1000;
      const released = openWeights(training, secret, outputs);
      return { training, released, keySeconds, encryptSeconds, runSeconds, wallSeconds, refreshes };
    });
  }

  run(rows: CheckedRows, onSection: (section: string) => void = () => {}): Promise<EncryptedRun> {
    return this.#run(rows, onSection);
  }
}

/** What a reader wants of a plan in one line. */
export function described({ plan, refreshBefore, packing }: TrainingPlan): Readonly<Record<string, string | number>> {
  const { parameters, cost } = plan;
  return {
    degree: parameters.degree,
    levels: parameters.topLevel,
    limbsPerLevel: parameters.limbsPerLevel,
    modulusBits: parameters.modulusBits,
    digits: parameters.digits.length,
    packing: `${packing.rowBlocks} × ${packing.columnBlocks} blocks of ${packing.rowsPerBlock} × ${packing.width}, ${packing.doubled ? 'doubled' : 'masked'}`,
    refreshBeforeIterations: refreshBefore.map((t) => t + 1).join(', ') || 'none',
    keyMegabytes: cost.keyBytes / 1e6,
    plannedPeakMegabytes: (cost.peakBytes + cost.inputBytes) / 1e6,
  };
}
