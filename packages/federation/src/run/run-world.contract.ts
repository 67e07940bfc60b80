// Test material: a whole run in one process. Members with data of their own and a small network, a coordinator with a log and blobs on a disk
// that survives it, messages that a test may drop, repeat or change, and a clock that moves when nothing else does.

import { wasmEngine } from '@sumus/learning/engine';
import { architecture as checkedArchitecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { certify, memberId, noRevocations } from '@sumus/secure-sum/identity';
import type { Evidence } from '@sumus/secure-sum/machine';
import { agreementOf, freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';
import type { LocalStatistics } from '../contribution/contribution.ts';
import { emptyLedger } from '../ledger/ledger.ts';
import { architectureData, architectureOf, firstWeightsOf } from '../model/model.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { signPlan } from '../plan/identity.ts';
import type { Plan } from '../plan/plan.ts';
import { checkedPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import type { TemplateOptions } from '../plan/template.ts';
import { CAUTIOUS_POLICY, type Policy } from '../policy/policy.ts';
import { startPublished } from '../release/published.ts';
import { loadSumEngines } from '../sum/engines.ts';
import { thresholdKeyOf } from '../sum/participant/threshold-key.ts';
import type { ThresholdKey } from '../sum/sum.ts';
import { type LocalResult, LocalTraining } from '../training/local-training.ts';
import { randomSourceOf } from '../training/own-randomness.ts';
import { advance, createRun } from './coordinator/machine.ts';
import { restoreRun } from './coordinator/restore.ts';
import type { CoordinatorInput, CoordinatorSetup, CoordinatorStep, RunCoordinator } from './coordinator/setup.ts';
import type { RunEvent } from './events.ts';
import { outsideTheRun, stepParticipant } from './participant/machine.ts';
import type {
  NewModel,
  Note,
  ParticipantInput,
  ParticipantInTheClear,
  ParticipantSetup,
  Train,
} from './participant/setup.ts';
import { agreementOf as agreementFrom } from './round-terms.ts';

export const NOW_MS = 1_795_000_000_000;
const YEAR_MS = 365 * 86_400_000;
const INPUTS = 6;
const CLASSES = 3;
const ROWS = 60;
const MESSAGE_BYTES_AT_MOST = 2 ** 26;

export interface RunWorldOptions {
  readonly members?: number;
  /** Members that say hello at the start; the others later, by name, where a test wants it. */
  readonly seed?: number;
  readonly plan?: Partial<TemplateOptions>;
  readonly change?: (plan: Plan) => Plan;
  readonly policy?: (index: number) => Partial<Policy>;
  readonly train?: (world: RunWorld, member: RunMemberInWorld, task: Train) => LocalResult | LocalStatistics;
}

export interface RunMemberInWorld {
  readonly name: string;
  readonly index: number;
  readonly setup: ParticipantSetup;
  readonly inputs: Float32Array;
  readonly targets: Uint32Array;
  readonly training: LocalTraining | undefined;
  state: ParticipantInTheClear;
  isAway: boolean;
  readonly notes: Note[];
  readonly models: NewModel[];
  readonly refused: string[];
  readonly evidence: Evidence[];
  /** Its first message. */
  hello: Uint8Array | undefined;
  over: string | undefined;
}

interface Mail {
  readonly to: string;
  readonly from: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** What arrives instead, where it has to be signed first. */
  readonly late?: Promise<Uint8Array> | undefined;
}

/** What a test does to the mail: what arrives instead. */
export type Carriage = (mail: Mail) => readonly Mail[];

export class RunWorld {
  readonly plan: CheckedPlan;
  readonly coordinatorSetup: CoordinatorSetup;
  readonly members: readonly RunMemberInWorld[];
  readonly log: RunEvent[] = [];
  readonly blobs: Map<string, Uint8Array> = new Map();
  readonly mail: Mail[] = [];
  readonly refused: string[] = [];
  readonly network: Network;
  coordinator: RunCoordinator;
  nowMs: number = NOW_MS;
  carriage: Carriage = (mail) => [mail];
  /** Called after every step of the coordinator. */
  onStep: (step: CoordinatorStep) => Promise<void> = async () => undefined;
  /** Called after every step of a member. */
  onMember: (member: RunMemberInWorld) => Promise<void> = async () => undefined;
  train: NonNullable<RunWorldOptions['train']>;

  constructor(
    parts: Pick<RunWorld, 'plan' | 'coordinatorSetup' | 'members' | 'network' | 'train'>,
    created: CoordinatorStep,
  ) {
    this.plan = parts.plan;
    this.coordinatorSetup = parts.coordinatorSetup;
    this.members = parts.members;
    this.network = parts.network;
    this.train = parts.train;
    this.coordinator = created.coordinator;
    this.#keep(created);
  }

  member(name: string): RunMemberInWorld {
    const found = this.members.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no member ${name}`);
    return found;
  }

  async coordinate(input: CoordinatorInput): Promise<void> {
    let step: CoordinatorStep;
    try {
      step = await advance(this.coordinatorSetup, this.coordinator, input, this.nowMs);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error) || error.name === 'ParameterError') throw error;
      this.refused.push(error.message);
      return;
    }
    this.#keep(step);
    await this.onStep(step);
  }

  #keep(step: CoordinatorStep): void {
    this.coordinator = step.coordinator;
    this.log.push(...step.events);
    for (const [name, bytes] of step.blobs) this.blobs.set(name, bytes);
    for (const output of step.outputs) {
      if (output.kind === 'send' && output.to.kind === 'member') {
        this.#post({ to: output.to.memberId, from: 'coordinator', type: output.type, bytes: output.bytes });
      }
    }
  }

  #post(mail: Mail): void {
    this.mail.push(...this.carriage(mail));
  }

  async happen(member: RunMemberInWorld, input: ParticipantInput): Promise<void> {
    let stepped: Awaited<ReturnType<typeof stepParticipant>>;
    try {
      stepped = await stepParticipant(member.setup, member.state, input, this.nowMs);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error) || error.name === 'ParameterError') throw error;
      member.refused.push(error.message);
      return;
    }
    member.state = stepped.state;
    await this.onMember(member);
    for (const output of stepped.outputs) {
      switch (output.kind) {
        case 'evidence':
          member.evidence.push(output);
          break;
        case 'send':
          member.hello ??= output.bytes;
          this.#post({ to: 'coordinator', from: member.name, type: output.type, bytes: output.bytes });
          break;
        case 'train':
          this.mail.push({ to: member.name, from: member.name, type: 'trained', bytes: new Uint8Array(0) });
          this.#tasks.set(member.name, [...(this.#tasks.get(member.name) ?? []), output]);
          break;
        case 'note':
          member.notes.push(output);
          break;
        case 'new model':
          member.models.push(output);
          break;
        case 'run over':
          member.over = output.text;
          break;
        default:
      }
    }
  }

  readonly #tasks: Map<string, Train[]> = new Map();

  /** Carries mail until there is none. */
  async settle(): Promise<void> {
    for (let mail = this.mail.shift(); mail !== undefined; mail = this.mail.shift()) {
      if (mail.to === 'coordinator') {
        await this.coordinate({ kind: 'received', bytes: mail.bytes });
        continue;
      }
      const member = this.member(mail.to);
      if (member.isAway || member.over !== undefined) continue;
      if (mail.type !== 'trained') {
        await this.happen(member, { kind: 'received', bytes: (await mail.late) ?? mail.bytes });
        continue;
      }
      const task = this.#tasks.get(member.name)?.shift();
      if (task === undefined) continue;
      await this.happen(member, { kind: 'trained', task: task.task, result: this.train(this, member, task) });
    }
  }

  get isOver(): boolean {
    return this.coordinator.state.phase.kind === 'ended';
  }

  /** Everybody says hello, the owner starts, and time goes by until the run is over. */
  async play({
    stepMs = 60_000,
    steps = 200,
  }: {
    readonly stepMs?: number;
    readonly steps?: number;
  } = {}): Promise<void> {
    await this.gather();
    if (this.coordinator.state.phase.kind === 'gathering') await this.coordinate({ kind: 'start' });
    await this.goOn({ stepMs, steps });
  }

  async gather(): Promise<void> {
    for (const member of this.members) if (!member.isAway) await this.happen(member, { kind: 'begin' });
    await this.settle();
  }

  async goOn({
    stepMs = 60_000,
    steps = 200,
  }: {
    readonly stepMs?: number;
    readonly steps?: number;
  } = {}): Promise<void> {
    for (let step = 0; step < steps && !this.isOver; step++) {
      await this.settle();
      if (this.isOver) break;
      if (this.coordinator.state.phase.kind === 'gathering') await this.coordinate({ kind: 'start' });
      this.nowMs += stepMs;
      await this.coordinate({ kind: 'tick' });
      for (const member of this.members) {
        if (!member.isAway && member.over === undefined) await this.happen(member, { kind: 'resume' });
      }
    }
    await this.settle();
  }

  /** What a crash of the coordinator leaves: the log and the blobs. */
  async crashCoordinator(events: readonly RunEvent[] = this.log): Promise<void> {
    this.log.length = events.length;
    const step = await restoreRun(this.coordinatorSetup, events, this.nowMs);
    this.#keep(step);
  }
}

export function seededPrimitives(seed: number): SecretPrimitives {
  const platform = nodePrimitives();
  const key = new Uint8Array(32).fill(seed);
  let calls = 0;
  return {
    ...platform,
    secretKeys: SecretKey,
    randomBytes: (length) => {
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(0, calls++, true);
      const out = new Uint8Array(length);
      platform.chacha20(key, nonce, 0, out);
      return out;
    },
  };
}

/** Rows of three classes around three points; every member has mostly one of them. */
function dataOf(index: number, seed: number): { readonly inputs: Float32Array; readonly targets: Uint32Array } {
  let word = (seed * 7919 + index * 104_729 + 1) >>> 0;
  const uniform = (): number => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    return word / 2 ** 32;
  };
  const targets = Uint32Array.from({ length: ROWS }, () =>
    uniform() < 0.5 ? index % CLASSES : Math.floor(uniform() * CLASSES),
  );
  const inputs = new Float32Array(ROWS * INPUTS);
  for (let row = 0; row < ROWS; row++) {
    for (let i = 0; i < INPUTS; i++) {
      inputs[row * INPUTS + i] = (i % CLASSES === targets[row] ? 1 : 0) + uniform() - 0.5;
    }
  }
  return { inputs, targets };
}

export const lossOf = (world: RunWorld, weights: Float32Array): number => {
  world.network.setParameters(weights);
  const losses = world.members.map((data) => world.network.losses(data, { kind: 'crossEntropy' }).meanLoss);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
};

export async function runWorld(options: RunWorldOptions = {}): Promise<RunWorld> {
  const { members: count = 3, seed = 7, change = (plan: Plan) => plan } = options;
  const primitives = seededPrimitives(seed);
  const engines = await loadSumEngines(primitives);
  const authority = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const owner = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const signer = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const architecture = architectureData(
    checkedArchitecture({ input: [INPUTS], layers: [{ kind: 'dense', units: CLASSES }] }),
  );
  const sample = samplePlan({
    name: 'small',
    architecture,
    parameterCount: (INPUTS + 1) * CLASSES,
    minimumContributors: 3,
    maximumContributors: Math.max(count, 3),
    rounds: 3,
    learningRate: 0.5,
    minimumUnits: 10,
    authority: hex(authority.publicKey),
    endsAtMs: NOW_MS + YEAR_MS,
    ...options.plan,
  });
  const plan = checkedPlan(change(sample));
  const signed = await signPlan(primitives, owner, plan);
  const [projectId, runId] = ['hospitals', 'run-1'];
  const learningEngine = await wasmEngine();
  const isOneRound = plan.exchange.schedule === 'one-round';
  const networkOf = (): Network =>
    new Network(learningEngine, architectureOf(plan), { seed: 1, maxBatch: plan.batching.pieceSize });
  const members: RunMemberInWorld[] = [];
  for (let index = 0; index < count; index++) {
    const own = seededPrimitives(seed + 1 + index);
    // Protections draw keys; what is trained, rounded and noised must not depend on how many.
    const batches = seededPrimitives(seed + 64 + index);
    const contributing = seededPrimitives(seed + 128 + index);
    const key = await signerOf(own, freshSecretKey(own, 'ed25519'));
    const name = memberId(`silo-${index + 1}`);
    const certificate = await certify(authority, {
      projectId,
      memberId: name,
      role: 'silo',
      publicKey: key.publicKey,
      notBeforeMs: NOW_MS - YEAR_MS,
      notAfterMs: NOW_MS + 2 * YEAR_MS,
      quotaClass: 'organisation',
    });
    const policy: Policy = {
      ...CAUTIOUS_POLICY,
      plansSignedBy: [hex(owner.publicKey)],
      minimumContributors: 3,
      corruptFraction: 0.3,
      minimumUnits: 10,
      countedIn: 'rows',
      protections: ['mask', 'one-shot', 'threshold', 'none'],
      budgets: [{ dataset: 'ward', unit: 'record', epsilonAtMost: null, delta: 1e-6 }],
      metrics: [{ name: 'loss', resolution: 0.001, minimumUnits: 10 }],
      ...options.policy?.(index),
    };
    const setup: ParticipantSetup = {
      primitives: own,
      engines,
      signer: key,
      certificate,
      revocations: noRevocations(projectId),
      projectId,
      runId,
      coordinator: signer.publicKey,
      policy,
      dataset: 'ward',
      messageBytesAtMost: MESSAGE_BYTES_AT_MOST,
      contributionBytes: (length) => contributing.randomBytes(length),
    };
    const training = isOneRound
      ? undefined
      : new LocalTraining(
          networkOf(),
          plan,
          randomSourceOf((length) => batches.randomBytes(length)),
        );
    members.push({
      name,
      index,
      setup,
      ...dataOf(index, seed),
      training,
      state: outsideTheRun(emptyLedger(key.publicKey)),
      isAway: false,
      notes: [],
      models: [],
      refused: [],
      evidence: [],
      hello: undefined,
      over: undefined,
    });
  }
  const blobs: { current: ReadonlyMap<string, Uint8Array> } = { current: new Map() };
  const coordinatorSetup: CoordinatorSetup = {
    primitives,
    engines,
    signer,
    revocations: noRevocations(projectId),
    revealedKey: (bytes) => agreementOf(primitives, SecretKey.fromBytes('x25519', bytes)),
    readBlob: async ({ sha256 }) => {
      const found = blobs.current.get(sha256);
      if (found === undefined) throw new Error(`no blob ${sha256}`);
      return found;
    },
    thresholdKey: plan.protection.kind === 'threshold' ? keyOf(plan, projectId, runId) : undefined,
    roundsPaid: plan.stopping.rounds,
    failuresAtMost: 3,
    messageBytesAtMost: MESSAGE_BYTES_AT_MOST,
  };
  const first = startPublished(plan, isOneRound ? undefined : firstWeightsOf(plan));
  const created = createRun(coordinatorSetup, { projectId, runId, plan: signed, first }, NOW_MS);
  const world = new RunWorld(
    { plan, coordinatorSetup, members, network: networkOf(), train: options.train ?? trained },
    created,
  );
  blobs.current = world.blobs;
  return world;
}

/** What the owner hands to the coordinator: a participant's arithmetic, of the plan alone. */
const keyOf = (plan: CheckedPlan, projectId: string, runId: string): ThresholdKey =>
  thresholdKeyOf(
    agreementFrom(
      { plan, place: { projectId, runId } },
      { coordinator: new Uint8Array(32), revocations: noRevocations(projectId), certificates: [], key: undefined },
    ),
  );

const trained: NonNullable<RunWorldOptions['train']> = (_world, { training, inputs, targets }, { work }) => {
  if (training === undefined || work.kind !== 'update') throw new Error('this plan sums statistics');
  return training.contribute({ start: work.start, drift: work.drift, data: { examples: { inputs, targets } } });
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
