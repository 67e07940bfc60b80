// Test material: a little server, an owner, and members with data, keys and storage of their own; a clock that runs fast.

import { architectureData, firstWeightsOf } from '@sumus/federation/model';
import {
  type CheckedPlan,
  checkPlan,
  planTemplate,
  problemLines,
  signPlan,
  type TemplateOptions,
  wordEncodingOf,
} from '@sumus/federation/plan';
import type { Policy } from '@sumus/federation/policy';
import { startPublished } from '@sumus/federation/release';
import { loadSumEngines, type SumEngines, thresholdKeyOf } from '@sumus/federation/sum';
import type { WorkerData } from '@sumus/federation/worker';
import { wasmEngine } from '@sumus/learning/engine';
import { architecture as checkedArchitecture } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';
import { type InvitationLink, InvitationSecret } from '@sumus/wire/link';
import { hexOf } from '@sumus/wire/text';
import type { Clock } from './clock/clock.ts';
import { Connection } from './connection/connection.ts';
import { policyFor } from './consent/consent.ts';
import { enrolled, identityIn } from './joining/index.ts';
import { LittleServer, type LittleServerSetup, lineTo, type Weather } from './little-server.contract.ts';
import { Participation, type Progress } from './participation/index.ts';
import type { Storage } from './storage/storage.ts';
import { type TrainingWorker, workerHere } from './worker/index.ts';

const SPEED = 40;
const began = Date.now();

export const fastClock: Clock = {
  nowMs: () => began + (Date.now() - began) * SPEED,
  after: (ms, action) => {
    const timer = setTimeout(action, ms / SPEED);
    return () => clearTimeout(timer);
  },
};

export class MemoryStorage implements Storage {
  readonly entries = new Map<string, Uint8Array>();
  /** How many writings succeed before the power fails. */
  writesLeft: number = Number.POSITIVE_INFINITY;

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.entries.get(name)?.slice();
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    if (this.writesLeft <= 0) throw new Error('the power failed');
    this.writesLeft -= 1;
    this.entries.set(name, bytes.slice());
  }

  async remove(name: string): Promise<void> {
    this.entries.delete(name);
  }
}

const INPUTS = 6;
const CLASSES = 3;
const ROWS = 60;
type Architecture = Parameters<typeof checkedArchitecture>[0];
const architecture: Architecture = { input: [INPUTS], layers: [{ kind: 'dense', units: CLASSES }] };

export interface LittleWorldOptions {
  /** The server's: fastClock unless told apart, as who takes part by this machine's own clock must be. */
  readonly clock?: Clock;
  readonly members?: number;
  readonly plan?: Partial<TemplateOptions> | undefined;
  readonly limits?: LittleServerSetup['limits'];
  readonly architecture?: Architecture;
  readonly parameterCount?: number;
}

export class LittleWorld {
  readonly primitives: SecretPrimitives & ReturnType<typeof nodePrimitives>;
  readonly engines: SumEngines;
  readonly server: LittleServer;
  readonly links: readonly InvitationLink[];
  readonly plan: CheckedPlan;
  #ticking: NodeJS.Timeout | undefined;

  private constructor(parts: Pick<LittleWorld, 'primitives' | 'engines' | 'server' | 'links' | 'plan'>) {
    this.primitives = parts.primitives;
    this.engines = parts.engines;
    this.server = parts.server;
    this.links = parts.links;
    this.plan = parts.plan;
  }

  static async make(options: LittleWorldOptions = {}): Promise<LittleWorld> {
    const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
    const engines = await loadSumEngines(primitives);
    const identity = (): Promise<Signer> => signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
    const [owner, authority, signer] = await Promise.all([identity(), identity(), identity()]);
    const members = options.members ?? 3;
    const model = checkedArchitecture(options.architecture ?? architecture);
    const read = checkPlan(
      planTemplate({
        name: 'wards',
        purpose: 'Three wards learn together.',
        architecture: architectureData(model),
        parameterCount: options.parameterCount ?? (INPUTS + 1) * CLASSES,
        loss: 'crossEntropy',
        firstWeightsSeed: 7,
        schedule: 'synchronous',
        protection: 'mask',
        reason: 'numbers of a test, which nobody minds',
        minimumContributors: 3,
        maximumContributors: Math.max(3, members),
        rounds: 3,
        epsilon: null,
        delta: 1e-6,
        unit: 'record',
        uploadFraction: 1,
        batchSize: 10,
        learningRate: 0.5,
        minimumUnits: 10,
        authority: hexOf(authority.publicKey),
        endsAtMs: began + 365 * 86_400_000,
        ...options.plan,
      }),
    );
    if (read.kind === 'invalid') throw new Error(problemLines(read.problems).join('\n'));
    const { plan } = read;
    const signed = await signPlan(primitives, owner, plan);
    const server = new LittleServer({
      primitives,
      engines,
      clock: options.clock ?? fastClock,
      signer,
      authority,
      projectId: 'wards',
      runId: 'run-1',
      plan: signed,
      first: startPublished(plan, plan.exchange.schedule === 'one-round' ? undefined : firstWeightsOf(plan)),
      roundsPaid: plan.stopping.rounds,
      thresholdKey:
        plan.protection.kind === 'threshold' ? thresholdKeyOf({ plan, encoding: wordEncodingOf(plan) }) : undefined,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    const links = Array.from(
      { length: members },
      (_, i): InvitationLink => ({
        server: 'http://127.0.0.1:1',
        runId: 'run-1',
        projectId: 'wards',
        member: `ward-${i + 1}`,
        invitation: hexOf(primitives.randomBytes(16)),
        secret: new InvitationSecret(primitives.randomBytes(16)),
        coordinator: hexOf(signer.publicKey),
        authority: hexOf(authority.publicKey),
        plan: signed.id,
        owner: hexOf(owner.publicKey),
        fingerprint: undefined,
      }),
    );
    for (const link of links) server.invitations.set(link.invitation, link);
    await server.begin();
    return new LittleWorld({ primitives, engines, server, links, plan });
  }

  /** The owner begins once everybody accepted; time goes by. */
  start(members: number = this.links.length): void {
    this.#ticking = setInterval(() => {
      const { state } = this.server;
      if (state === undefined || this.server.hasEnded) return;
      const accepted = state.members.filter(({ standing }) => standing === 'accepted').length;
      const isReady = state.phase.kind === 'gathering' && accepted >= members;
      void this.server.happens({ kind: isReady ? 'start' : 'tick' }).catch(() => undefined);
    }, 10);
  }

  stop(): void {
    clearInterval(this.#ticking);
  }

  link(place: number): InvitationLink {
    const link = this.links[place];
    if (link === undefined) throw new RangeError(`no member ${place}`);
    return link;
  }

  async connection(
    storage: Storage,
    weather?: Weather,
  ): Promise<{ readonly connection: Connection; readonly signer: Signer }> {
    const { primitives, server } = this;
    const signer = await identityIn(storage, primitives);
    const transport = lineTo(server, weather);
    return {
      signer,
      connection: new Connection({ transport, primitives, clock: fastClock, signer, server: server.key }),
    };
  }

  /** A member with data of its own, enrolled. */
  async member(
    place: number,
    options: {
      readonly storage?: Storage;
      readonly weather?: Weather;
      readonly worker?: TrainingWorker;
      readonly onProgress?: (progress: Progress) => void;
      readonly policy?: Partial<Policy>;
      /** What is pinned otherwise than its invitation says. */
      readonly pinned?: Partial<InvitationLink>;
    } = {},
  ): Promise<Participation> {
    const { primitives, engines, server } = this;
    const storage = options.storage ?? new MemoryStorage();
    const link = this.link(place);
    const { connection: fine, signer } = await this.connection(storage);
    const member = await enrolled({ connection: fine, primitives, clock: fastClock, storage, signer, link });
    const { connection } = await this.connection(storage, options.weather);
    return new Participation({
      primitives,
      engines,
      clock: fastClock,
      storage,
      connection,
      pinned: { ...link, ...options.pinned },
      signer,
      member,
      policy: { ...policyFor(server.setup.plan, 'ward'), ...options.policy },
      dataset: 'ward',
      worker: options.worker ?? (await this.worker(place)),
      onProgress: options.onProgress ?? (() => undefined),
    });
  }

  data(place: number): WorkerData {
    const inputSize = this.plan.model.architecture.input[0] ?? INPUTS;
    return {
      inputs: Float32Array.from({ length: ROWS * inputSize }, (_, i) => Math.sin(i * (place + 2)) * 2),
      labels: Uint32Array.from({ length: ROWS }, (_, i) => (i * (place + 1)) % CLASSES),
      inputSize,
    };
  }

  async worker(place: number): Promise<TrainingWorker> {
    const { primitives } = this;
    const tools = { engine: await wasmEngine(), platform: primitives };
    return workerHere(tools, this.data(place), (length) => primitives.randomBytes(length));
  }
}
