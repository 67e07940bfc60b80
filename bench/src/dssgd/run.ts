// One training by the rooms of federation, without a network: the same schedule, contributions and releases that a run has. Randomness is seeded here, because a bench is a simulation; participants of a run use their own.

import { type KeptInTheClear, NOTHING_KEPT } from '@sumus/federation/contribution';
import {
  addClearUpload,
  countUpload,
  type DownloadStatistics,
  decayed,
  exchange,
  freshStatistics,
  mostUpdated,
} from '@sumus/federation/coordinator';
import { firstWeightsOf } from '@sumus/federation/model';
import type { CheckedPlan } from '@sumus/federation/plan';
import { afterDownload, clearUpload, selectUpdate } from '@sumus/federation/sharing';
import { LocalTraining, type LocalUpdate, randomSourceOf, randomWordsOf } from '@sumus/federation/training';
import { wasmEngine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { type Support, wholeSupport } from '@sumus/secure-sum/support';
import { Cycle } from './cycle.ts';
import { type Digits, drawn, seededBytes } from './digits.ts';
import { ARCHITECTURE, EXAMPLES, MOST_STALE } from './plans.ts';

export const SEED = 20_151_016;

export interface RunOptions {
  readonly plan: CheckedPlan;
  readonly participants: number;
  readonly rounds: number;
  readonly train: Digits;
  readonly test: Digits;
  /** Called after these rounds, and after the last. */
  readonly checkpoints: readonly number[];
  readonly onCheckpoint: (round: number, accuracyPercent: number) => void;
}

/** Accuracy of the server's model after the last round, in percent. */
export async function trained(options: RunOptions): Promise<number> {
  const { plan, rounds, checkpoints, test } = options;
  const run = await Run.start(options);
  let last = 0;
  for (let round = 1; round <= rounds; round += 1) {
    run.round();
    if (round !== rounds && !checkpoints.includes(round)) continue;
    last = accuracyOf(run.network, run.weights, test);
    options.onCheckpoint(round, last);
  }
  if (plan.stopping.rounds < rounds) throw new Error('the plan stops earlier');
  return last;
}

interface Participant {
  readonly training: LocalTraining;
  readonly data: Digits;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly randomWords: (count: number) => Uint32Array;
  local: Float32Array;
  kept: KeptInTheClear;
}

class Run {
  readonly network: Network;
  readonly #options: RunOptions;
  readonly #participants: readonly Participant[];
  readonly #support: Support;
  /** Where the plan has a protection; else uploads are in clear, as in the paper. */
  readonly #cycle: Cycle | undefined;
  readonly #random: (length: number) => Uint8Array;
  readonly #rule: ReturnType<typeof exchange.scheduleRule>;
  #schedule: ReturnType<typeof exchange.startSchedule>;
  #server: exchange.ServerModel;
  #statistics: DownloadStatistics;
  /** The models of the last versions, newest last: what somebody who started earlier had downloaded. */
  #versions: Float32Array[];

  private constructor(options: RunOptions, network: Network, cycle: Cycle | undefined) {
    const { plan, participants, train } = options;
    if (plan.exchange.schedule === 'one-round') throw new Error('no rounds');
    const first = firstWeightsOf(plan);
    this.network = network;
    this.#options = options;
    this.#support = wholeSupport(nodePrimitives(), plan.model.parameterCount);
    this.#cycle = cycle;
    this.#random = seededBytes(SEED, 0);
    this.#participants = Array.from({ length: participants }, (_, i) => {
      const bytes = seededBytes(SEED, 1 + i);
      const data = drawn(train, EXAMPLES, bytes);
      const training = new LocalTraining(network, plan, randomSourceOf(bytes));
      return {
        training,
        data,
        randomBytes: bytes,
        randomWords: randomWordsOf(bytes),
        local: first,
        kept: NOTHING_KEPT,
      };
    });
    this.#rule = exchange.scheduleRule(plan, participants);
    this.#schedule = exchange.startSchedule(this.#rule, this.#permutation);
    this.#server = exchange.startServer(plan.exchange.server, first);
    this.#statistics = freshStatistics(first.length);
    this.#versions = [first];
  }

  static async start(options: RunOptions): Promise<Run> {
    const { pieceSize } = options.plan.batching;
    const network = new Network(await wasmEngine(), ARCHITECTURE, { seed: 1, maxBatch: pieceSize });
    const start = { first: firstWeightsOf(options.plan), members: options.participants };
    const isProtected = options.plan.protection.kind !== 'none';
    return new Run(options, network, isProtected ? await Cycle.start(options.plan, start) : undefined);
  }

  get weights(): Float32Array {
    return this.#server.weights;
  }

  /** As many turns as there are participants. */
  round(): void {
    const { participants, plan } = this.#options;
    for (let turn = 0; turn < participants; turn += 1) {
      const waiting = exchange.awaited(this.#rule, this.#schedule);
      // Whoever is ready first, where nobody has a turn.
      const isFree = plan.exchange.schedule === 'asynchronous';
      const member = waiting[isFree ? this.#below(waiting.length) : 0];
      if (member === undefined) throw new Error('nobody is awaited');
      this.#turn(member, isFree ? this.#below(1 + Math.min(MOST_STALE, this.#versions.length - 1)) : 0);
    }
    this.#statistics = decayed(this.#statistics, plan.sharing.download.decay);
  }

  #turn(member: number, versionsOld: number): void {
    const { plan } = this.#options;
    const participant = this.#participants[member];
    const weights = this.#versions[this.#versions.length - 1 - versionsOld];
    if (participant === undefined || weights === undefined) throw new Error('no such member or version');
    const indices = mostUpdated(this.#statistics, plan.sharing.download);
    const start = afterDownload(participant.local, { weights, indices });
    const result = participant.training.contribute({ start, data: { examples: participant.data } });
    if (result.kind !== 'update') throw new Error(`participant ${member}: ${result.kind}`);
    participant.local = result.weights;
    this.#step({ kind: 'contributed', member, version: this.#schedule.version - versionsOld });
    if (this.#cycle === undefined) this.#addInClear(participant, result, versionsOld);
    else participant.kept = this.#cycle.add({ ...participant, work: result, versionsOld });
    if (this.#schedule.phase === 'due') this.#release();
  }

  #addInClear({ randomWords }: Participant, { update }: LocalUpdate, versionsOld: number): void {
    const { plan } = this.#options;
    const { exchange: rule, sharing, encoding } = plan;
    const aged =
      rule.schedule === 'asynchronous' ? exchange.weighted(update, exchange.staleWeight(rule, versionsOld)) : update;
    const selected = selectUpdate(
      { sharing, clippingNorm: encoding.clippingNorm },
      { update: aged, residual: undefined, support: this.#support, randomWords },
    );
    const upload = clearUpload(plan, selected.values);
    const weights = this.#server.weights.slice();
    addClearUpload(weights, upload);
    this.#server = { ...this.#server, weights };
    this.#statistics = countUpload(this.#statistics, upload.indices);
  }

  #release(): void {
    if (this.#cycle !== undefined) {
      this.#cycle.release();
      this.#server = this.#cycle.published.server;
    }
    this.#versions = [...this.#versions.slice(-MOST_STALE), this.#server.weights];
    this.#step({ kind: 'released' });
  }

  #step(event: exchange.ScheduleEvent): void {
    const step = exchange.scheduleStep(this.#rule, this.#schedule, event, this.#permutation);
    if (step.kind === 'refused') throw new Error(step.text);
    this.#schedule = step.state;
  }

  readonly #permutation: exchange.Permutation = (_, count) => {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i -= 1) {
      const other = this.#below(i + 1);
      const held = order[i] ?? 0;
      order[i] = order[other] ?? 0;
      order[other] = held;
    }
    return order;
  };

  #below(bound: number): number {
    return new DataView(this.#random(4).buffer).getUint32(0, true) % bound;
  }
}

export function accuracyOf(network: Network, weights: Float32Array, { inputs, targets }: Digits): number {
  network.setParameters(weights);
  const outputs = network.predict(inputs);
  let right = 0;
  targets.forEach((label, i) => {
    const row = outputs.subarray(i * 10, (i + 1) * 10);
    if (row.indexOf(Math.max(...row)) === label) right += 1;
  });
  return (100 * right) / targets.length;
}
