// The protected half of a training: contributions as words, their sum, and the release after a cycle. The words are those of the plan's
// protection; they are added in clear, which gives the bits that it opens (packages/federation/src/release/through-sums.test.ts).

import { contribute, type KeptInTheClear } from '@sumus/federation/contribution';
import { type CheckedPlan, wordEncodingOf } from '@sumus/federation/plan';
import { type PublishedModel, release, startPublished } from '@sumus/federation/release';
import type { LocalUpdate } from '@sumus/federation/training';
import { nodePrimitives } from '@sumus/platform/node';
import { openContext } from '@sumus/secure-sum/context';
import { type Rotation, rotationOf } from '@sumus/secure-sum/encoding';
import { type Engine, wasmEngine } from '@sumus/secure-sum/engine';
import { type Support, wholeSupport } from '@sumus/secure-sum/support';

export interface ToAdd {
  readonly work: LocalUpdate;
  readonly kept: KeptInTheClear;
  readonly versionsOld: number;
  readonly randomBytes: (length: number) => Uint8Array;
}

export class Cycle {
  readonly #plan: CheckedPlan;
  readonly #engine: Engine;
  readonly #support: Support;
  readonly #members: number;
  #published: PublishedModel;
  #rotation: Rotation;
  #words: Int32Array;
  #contributors = 0;

  private constructor(plan: CheckedPlan, engine: Engine, start: { first: Float32Array; members: number }) {
    const published = startPublished(plan, start.first);
    if (published.kind !== 'model') throw new Error('no rounds');
    this.#plan = plan;
    this.#engine = engine;
    this.#support = wholeSupport(nodePrimitives(), plan.model.parameterCount);
    this.#members = start.members;
    this.#published = published;
    this.#rotation = rotationAt(plan, 0);
    this.#words = new Int32Array(wordEncodingOf(plan).words);
  }

  static async start(plan: CheckedPlan, start: { first: Float32Array; members: number }): Promise<Cycle> {
    return new Cycle(plan, await wasmEngine(), start);
  }

  get published(): PublishedModel {
    return this.#published;
  }

  /** Answers with what the participant keeps. */
  add({ work, kept, versionsOld, randomBytes }: ToAdd): KeptInTheClear {
    const made = contribute({ engine: this.#engine, primitives: nodePrimitives(), randomBytes }, this.#plan, {
      ...{ work, kept, versionsOld },
      from: this.#published,
      support: this.#support,
      rotation: this.#rotation,
    });
    if (made.kind !== 'contribution') throw new Error(`too few: ${made.found}`);
    if (made.alarming) throw new Error('words left their range: the encoding is too narrow');
    for (let i = 0; i < this.#words.length; i += 1) this.#words[i] = ((this.#words[i] ?? 0) + (made.words[i] ?? 0)) | 0;
    this.#contributors += 1;
    return made.kept;
  }

  release(): void {
    const result = release(this.#engine, this.#plan, {
      published: this.#published,
      support: this.#support,
      sums: [{ words: this.#words, contributors: this.#contributors, rotation: this.#rotation }],
      memberCount: this.#members,
    });
    if (result.kind === 'rejected' || result.published.kind !== 'model') throw new Error(JSON.stringify(result));
    this.#published = result.published;
    this.#rotation = rotationAt(this.#plan, result.published.version);
    this.#words = new Int32Array(this.#words.length);
    this.#contributors = 0;
  }
}

function rotationAt(plan: CheckedPlan, round: number): Rotation {
  const primitives = nodePrimitives();
  const hash = new Uint8Array(32).fill(1);
  const point = { projectId: 'bench', taskId: 'dssgd', round, flush: 0 };
  const context = openContext(primitives, { ...point, modelHash: hash, configHash: hash, policyHash: hash });
  return rotationOf(primitives, context, wordEncodingOf(plan).windows);
}
