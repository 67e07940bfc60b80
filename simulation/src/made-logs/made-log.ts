// The event log of a run as large as somebody wants, from one seed and in seconds: nobody trains and nothing is summed, but every event is one
// that readers take, in the order in which a one-shot run has them, with a plan that is signed, certificates, and a ledger that verifies.
// What readers of logs are tried on when a simulation of that size would take hours. Losses and accuracies are made up, and the
// plan's purpose says so.

import { appendTo, emptyLedger, type Ledger, publishSum } from '@sumus/federation/ledger';
import { architectureData } from '@sumus/federation/model';
import { type CheckedPlan, checkPlan, type Plan, planTemplate, problemLines } from '@sumus/federation/plan';
import { eventLine, type Released, type RunEvent } from '@sumus/federation/run';
import { parameterCount, zoo } from '@sumus/learning/model';
import type { Primitives } from '@sumus/platform/primitives';
import { encodeCertificate } from '@sumus/secure-sum/identity';
import { type Enrolment, enrol, PROJECT } from '../federation/enrolment.ts';
import { type Dice, diceOf, type RandomBytes, type Seed, seededBytes } from '../seeds/seeded.ts';

export interface MadeLogOptions {
  readonly platform: Primitives;
  readonly seed: Seed;
  readonly participants: number;
  readonly rounds: number;
  /** With which a member is not in a round's sum. */
  readonly dropChance?: number;
  /** With which a round comes to nothing. */
  readonly failChance?: number;
  /** ε of the whole run; null: none is promised. */
  readonly epsilon?: number | null;
  /** Blobs that releases and frames name, by round: made up where undefined. */
  readonly sum?: Released['sum'];
}

const START_MS = 1_795_000_000_000;
const HASH_BYTES = 32;
const HASHES_AT_ONCE = 1024;
const SEALED_BYTES = 31_880;

type Frames = { readonly round: number; readonly phase: string; readonly bytes: number; readonly version?: number };

/** Its lines, some thousand at a time, each with its newline. */
export async function* madeLog(options: MadeLogOptions): AsyncGenerator<string> {
  const writer = await Writer.of(options);
  yield* writer.lines();
}

class Writer {
  readonly #options: MadeLogOptions;
  readonly #enrolment: Enrolment;
  readonly #random: RandomBytes;
  readonly #dice: Dice;
  readonly #next: number[];
  #ledger: Ledger;
  #atMs = START_MS;
  #text: string[] = [];
  #digits = '';
  #digitsAt = 0;
  #state = 0;

  static async of(options: MadeLogOptions): Promise<Writer> {
    const { platform, seed, participants } = options;
    const digits = String(participants).length;
    const names = Array.from({ length: participants }, (_, at) => `clinic-${String(at + 1).padStart(digits, '0')}`);
    const plan = planOf(options);
    return new Writer(options, await enrol({ platform, plan, names, seed, nowMs: START_MS }));
  }

  private constructor(options: MadeLogOptions, enrolment: Enrolment) {
    this.#options = options;
    this.#enrolment = enrolment;
    this.#random = seededBytes(options.platform, options.seed, 'made log');
    this.#dice = diceOf(this.#random);
    this.#state = this.#dice.below(2 ** 32);
    this.#next = enrolment.members.map(() => 0);
    this.#ledger = emptyLedger(enrolment.server.publicKey);
  }

  async *lines(): AsyncGenerator<string> {
    this.#begin();
    yield this.#taken();
    let version = 0;
    for (let round = 0; round < this.#options.rounds; round++) {
      version += await this.#round(round, version);
      yield this.#taken();
    }
    this.#write({
      kind: 'run ended',
      atMs: this.#later(50),
      why: 'all rounds done',
      text: `${version} sums were published.`,
    });
    yield this.#taken();
  }

  #begin(): void {
    const { plan, server, members } = this.#enrolment;
    const names = members.map(({ name }) => name);
    this.#write({
      kind: 'run created',
      atMs: this.#atMs,
      runId: 'made-up',
      projectId: PROJECT,
      plan,
      coordinator: hex(server.publicKey),
      modelHash: this.#hash(),
      model: { sha256: this.#hash(), bytes: 4 * plan.plan.model.parameterCount },
    });
    members.forEach(({ certificate }, at) => {
      this.#write({ kind: 'member joined', ...this.#caused(at, 20), certificate: hex(encodeCertificate(certificate)) });
    });
    members.forEach((_, at) => {
      this.#write({ kind: 'plan accepted by member', ...this.#caused(at, 5) });
    });
    this.#write({ kind: 'run started', atMs: this.#later(1000), members: names });
    members.forEach((_, at) => {
      this.#write({ kind: 'draw committed', ...this.#caused(at, 5), commitment: this.#hash() });
    });
    members.forEach((_, at) => {
      this.#write({ kind: 'draw revealed', ...this.#caused(at, 5), value: this.#hash() });
    });
    this.#write({ kind: 'order drawn', atMs: this.#later(5), value: this.#hash() });
  }

  /** How many models came out of it. */
  async #round(round: number, version: number): Promise<number> {
    const { dropChance = 0.05, failChance = 0 } = this.#options;
    const { members } = this.#enrolment;
    const all = members.map((_, at) => at);
    const isFailing = this.#dice.chance(failChance);
    this.#write({
      kind: 'round opened',
      atMs: this.#later(100),
      round,
      version,
      modelHash: this.#hash(),
      supportHash: this.#hash(),
      epoch: round,
      members: members.map(({ name }) => name),
      phase: 'gathering',
    });
    const silent = new Set(all.filter(() => this.#dice.chance(dropChance / 2)));
    const here = all.filter((at) => !silent.has(at));
    const why = silent.size === 0 ? 'everybody answered' : 'time is up';
    this.#frames(here, { round, phase: 'gathering', bytes: 494 });
    this.#write({
      kind: 'phase closed',
      atMs: this.#later(50),
      round,
      phase: 'gathering',
      next: 'logging the roster',
      why,
    });
    this.#frames(here, { round, phase: 'logging the roster', bytes: 210 }, 'committing');
    this.#frames(here, { round, phase: 'committing', bytes: 250 }, 'revealing');
    this.#frames(here, { round, phase: 'revealing', bytes: 250 }, 'contributing');
    const sealing = here.filter(() => !this.#dice.chance(dropChance / 2));
    this.#frames(sealing, { round, phase: 'contributing', bytes: SEALED_BYTES, version });
    this.#write({
      kind: 'phase closed',
      atMs: this.#later(50),
      round,
      phase: 'contributing',
      next: 'agreeing',
      why: sealing.length === here.length ? 'everybody answered' : 'time is up',
    });
    if (isFailing) {
      await this.#failed(round, sealing.slice(0, 1));
      return 0;
    }
    this.#frames(sealing.slice(0, 8), { round, phase: 'agreeing', bytes: 900 }, 'opening');
    this.#frames(sealing.slice(0, 4), { round, phase: 'opening', bytes: 5200 }, 'done');
    await this.#released(round, version, sealing);
    return 1;
  }

  async #released(round: number, version: number, sealing: readonly number[]): Promise<void> {
    const { platform, sum: known } = this.#options;
    const { plan, server, members } = this.#enrolment;
    const contributors = sealing.map((at) => members[at]?.name ?? '');
    const contributions = contributors.map(() => this.#hash());
    const result = this.#hash();
    const atMs = this.#later(200);
    const parts = contributors.map((member, at) => ({ member, contribution: contributions[at] ?? '' }));
    const { sum: published } = await publishSum(platform, server, {
      plan: plan.id,
      round,
      result,
      contributors: parts,
    });
    const { contributorsRoot } = published;
    const content = {
      kind: 'sum published',
      plan: plan.id,
      round,
      result,
      contributors: contributors.length,
      contributorsRoot,
    } as const;
    this.#ledger = await appendTo(platform, server, this.#ledger, { content, atMs });
    const record = this.#ledger.records.at(-1);
    if (record === undefined) throw new RangeError('a ledger that took a record has one');
    const shown = plan.plan.metrics.map(({ name, resolution, minimumUnits }) => ({
      name,
      value: resolution * Math.round(this.#metric(name, version) / resolution),
      contributors: contributors.length,
      unitsAtLeast: contributors.length * minimumUnits,
    }));
    const bytes = 4 * plan.plan.model.parameterCount;
    this.#write({
      kind: 'released',
      atMs,
      round,
      version: version + 1,
      modelHash: this.#hash(),
      sum: known === undefined ? { sha256: this.#hash(), bytes } : known,
      model: { sha256: this.#hash(), bytes },
      contributors,
      contributions,
      published,
      record,
      standing: { sha256: this.#hash(), bytes: 2400 },
      metrics: shown,
    });
  }

  async #failed(round: number, named: readonly number[]): Promise<void> {
    const { platform } = this.#options;
    const { plan, server, members } = this.#enrolment;
    const atMs = this.#later(200);
    const reason = 'Too few members answered in time to open the sum.';
    const content = { kind: 'refused', plan: plan.id, round, code: 'too-few', reason } as const;
    this.#ledger = await appendTo(platform, server, this.#ledger, { content, atMs });
    const record = this.#ledger.records.at(-1);
    if (record === undefined) throw new RangeError('a ledger that took a record has one');
    const standing = { sha256: this.#hash(), bytes: 2400 };
    const accused = named.map((at) => members[at]?.name ?? '');
    this.#write({ kind: 'round failed', atMs, round, code: 'too-few', reason, members: accused, record, standing });
  }

  #metric(name: string, version: number): number {
    const wobble = (this.#dice.below(2001) - 1000) / 1000;
    const done = 1 - Math.exp(-(version + 1) / (this.#options.rounds / 5 + 1));
    if (name === 'accuracy') return Math.min(1, 0.1 + 0.86 * done + 0.01 * wobble);
    return name === 'loss' ? Math.max(0, 2.3 - 2.1 * done + 0.03 * wobble) : 64;
  }

  /** One frame of each, in another order every time; the last one moves the sum on where that is said. */
  #frames(members: readonly number[], frames: Frames, next?: string): void {
    const order = [...members];
    for (let at = order.length - 1; at > 0; at--) {
      const other = this.#below(at + 1);
      [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
    }
    order.forEach((member, at) => {
      const isLast = next !== undefined && at === order.length - 1;
      this.#frame(member, isLast ? { ...frames, phase: next } : frames);
    });
  }

  /** As eventLine writes it, which the test holds it to: written out, because there are millions. */
  #frame(at: number, { round, phase, version, bytes }: Frames): void {
    const contributes = version === undefined ? 'null' : `{"version":${version}}`;
    const [name, number, atMs] = [this.#enrolment.members[at]?.name, this.#next[at] ?? 0, this.#later(3)];
    this.#next[at] = number + 1;
    this.#text.push(
      `{"atMs":${atMs},"cause":{"member":"${name}","number":${number}},"contributes":${contributes},"frame":{"bytes":${bytes},"sha256":"${this.#hash()}"},"kind":"frame taken","phase":"${phase}","round":${round}}\n`,
    );
  }

  #caused(at: number, withinMs: number): { readonly atMs: number; readonly cause: { member: string; number: number } } {
    const number = this.#next[at] ?? 0;
    this.#next[at] = number + 1;
    return { atMs: this.#later(withinMs), cause: { member: this.#enrolment.members[at]?.name ?? '', number } };
  }

  #write(event: RunEvent): void {
    this.#text.push(`${eventLine(event)}\n`);
  }

  #taken(): string {
    const text = this.#text.join('');
    this.#text = [];
    return text;
  }

  #later(withinMs: number): number {
    this.#atMs += this.#below(withinMs);
    return this.#atMs;
  }

  /** Quick and even enough for times and orders (mulberry32); whatever is counted is drawn by the dice. */
  #below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) % bound;
  }

  /** 64 digits of the seed's stream, which is written out as digits a good many at a time: there are millions of hashes. */
  #hash(): string {
    if (this.#digitsAt >= this.#digits.length) {
      this.#digits = hex(this.#random(HASHES_AT_ONCE * HASH_BYTES));
      this.#digitsAt = 0;
    }
    this.#digitsAt += 2 * HASH_BYTES;
    return this.#digits.slice(this.#digitsAt - 2 * HASH_BYTES, this.#digitsAt);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function planOf({ participants, rounds, epsilon = null }: MadeLogOptions): CheckedPlan {
  const model = zoo('logistic');
  const minimum = Math.max(4, Math.floor(participants / 2));
  const base = planTemplate({
    name: 'made-up',
    purpose: 'A log that was made to be read: nobody trained.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'one-shot',
    reason: 'nobody trained, so there is nothing to hide',
    minimumContributors: minimum,
    maximumContributors: participants,
    rounds,
    epsilon,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 64,
    learningRate: 0.5,
    minimumUnits: 64,
    authority: '00'.repeat(HASH_BYTES),
    endsAtMs: START_MS + 10 ** 11,
  });
  const plan: Plan = {
    ...base,
    metrics: [
      { name: 'loss', resolution: 0.001, minimumUnits: 64 },
      { name: 'accuracy', resolution: 0.001, minimumUnits: 64 },
    ],
    deadline: { ...base.deadline, roundSeconds: 120 },
  };
  const check = checkPlan(plan);
  if (check.kind === 'invalid') throw new RangeError(problemLines(check.problems).join('; '));
  return check.plan;
}
