// One training by DP-SGD through the rooms of federation: each participant's clipped step, its words with its own share of noise, the sum of
// all words (in clear: the same bits that every protection sums), and the release. Randomness is seeded, because a bench is a simulation.

import { type Contribution, contribute, NOTHING_KEPT, startOfWork } from '@sumus/federation/contribution';
import { firstWeightsOf } from '@sumus/federation/model';
import { type CheckedPlan, wordEncodingOf } from '@sumus/federation/plan';
import { type Published, release, startPublished, supportOfRelease } from '@sumus/federation/release';
import { LocalTraining, randomSourceOf } from '@sumus/federation/training';
import { wasmEngine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { openContext } from '@sumus/secure-sum/context';
import { type Rotation, rotationOf } from '@sumus/secure-sum/encoding';
import { type Engine, wasmEngine as sumEngine } from '@sumus/secure-sum/engine';
import { type Digits, seededBytes } from '../dssgd/digits.ts';
import { linear } from './plan.ts';

export interface TrainingRun {
  readonly plan: CheckedPlan;
  readonly parts: readonly Digits[];
  readonly seed: number;
  readonly featureCount: number;
  readonly onRound: (round: number, weights: () => Float32Array) => void;
}

interface Member {
  readonly training: LocalTraining;
  readonly data: Digits;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The model after all rounds. */
export async function trainPrivately({ plan, parts, seed, featureCount, onRound }: TrainingRun): Promise<Float32Array> {
  const { pieceSize } = plan.batching;
  const network = new Network(await wasmEngine(), linear(featureCount), { seed: 1, maxBatch: pieceSize });
  const engine = await sumEngine();
  const members = parts.map((data, i): Member => {
    const randomBytes = seededBytes(seed, 1 + i);
    return { training: new LocalTraining(network, plan, randomSourceOf(randomBytes)), data, randomBytes };
  });
  let published = startPublished(plan, firstWeightsOf(plan));
  for (let round = 1; round <= plan.stopping.rounds; round += 1) {
    published = oneRound(engine, plan, { published, members, round });
    const model = published;
    onRound(round, () => weightsOf(model));
  }
  return weightsOf(published);
}

function oneRound(
  engine: Engine,
  plan: CheckedPlan,
  {
    published,
    members,
    round,
  }: { readonly published: Published; readonly members: readonly Member[]; readonly round: number },
): Published {
  const rotation = rotationAt(plan, round);
  const support = supportOfRelease(nodePrimitives(), plan, { published, earlier: undefined });
  const words = new Int32Array(wordEncodingOf(plan).words);
  for (const { training, data, randomBytes } of members) {
    if (published.kind !== 'model') throw new Error('no model');
    const work = training.contribute({ ...startOfWork(plan, NOTHING_KEPT, published), data: { examples: data } });
    if (work.kind !== 'update') throw new Error(JSON.stringify(work));
    const tools = { engine, primitives: nodePrimitives(), randomBytes };
    const given = { work, kept: NOTHING_KEPT, from: published, support, rotation, versionsOld: 0 };
    addInPlace(words, requireContribution(contribute(tools, plan, given)).words);
  }
  const sums = [{ words, contributors: members.length, rotation }];
  const result = release(engine, plan, { published, support, sums, memberCount: members.length });
  if (result.kind === 'rejected') throw new Error(`${result.code}: ${result.reason}`);
  return result.published;
}

function requireContribution(made: ReturnType<typeof contribute>): Contribution {
  if (made.kind !== 'contribution') throw new Error(`too few: ${made.found}`);
  if (made.alarming) throw new Error('words left their range: the encoding is too narrow');
  return made;
}

function addInPlace(sum: Int32Array, words: Int32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = ((sum[i] ?? 0) + (words[i] ?? 0)) | 0;
}

function rotationAt(plan: CheckedPlan, round: number): Rotation {
  const primitives = nodePrimitives();
  const hash = new Uint8Array(32).fill(1);
  const point = { projectId: 'bench', taskId: 'private-linear', round, flush: 0 };
  const context = openContext(primitives, { ...point, modelHash: hash, configHash: hash, policyHash: hash });
  return rotationOf(primitives, context, wordEncodingOf(plan).windows);
}

function weightsOf(published: Published): Float32Array {
  if (published.kind !== 'model') throw new Error('no model');
  return published.server.weights;
}
