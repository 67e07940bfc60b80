// A whole round of mask in one process, for measuring: everybody is here, each does what it would do at home, and the processor time of
// clients and of the server is kept apart. Nothing is left out but the transport, the log's proofs and the drawing of the beacon.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Beacon, rosterEntry } from '@sumus/secure-sum/beacon';
import { configurationHash, type OpenContext, openContext, type RoundConfiguration } from '@sumus/secure-sum/context';
import type { Engine } from '@sumus/secure-sum/engine';
import { defineFloors } from '@sumus/secure-sum/floors';
import { confirmEntry, nothingEntered, proposeEntry } from '@sumus/secure-sum/high-water';
import { certify, memberId, noRevocations, type Trust } from '@sumus/secure-sum/identity';
import {
  cosignedBytes,
  encodeEntry,
  type LoggedEntry,
  openLogView,
  proveInclusion,
  requireLogged,
  signTreeHead,
  treeOf,
  withCosignatures,
} from '@sumus/secure-sum/log';
import type { Output } from '@sumus/secure-sum/machine';
import {
  maskParticipant,
  maskRules,
  type ParticipantEvent,
  type ParticipantSetup,
  type SecretParticipant,
} from '@sumus/secure-sum/mask';
import {
  type CoordinatorEvent,
  type CoordinatorSetup,
  type CoordinatorState,
  startCoordinator,
  stepCoordinator,
} from '@sumus/secure-sum/mask/coordinator';
import type { PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { decodeRoster } from '@sumus/secure-sum/roster';
import { agreementOf, freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';
import { processClock } from '../measure.ts';

export interface RoundSize {
  readonly members: number;
  readonly vectorLength: number;
  readonly graph: 'complete' | 'sparse';
  readonly corruptFraction: number;
  readonly dropoutFraction: number;
  /** Members who vanish after they shared. */
  readonly dropped: number;
  /** How often the server goes through the same round, told the same; 1 and more. */
  readonly serverRuns: number;
}

export interface RoundCost {
  /** Processor time of each step of the clients that stayed and of the server: how often, least, median, all together. */
  readonly clientSteps: Readonly<Record<string, StepTimes>>;
  readonly serverSteps: Readonly<Record<string, StepTimes>>;
  /** Expanding the streams of one client's masks and doing nothing with them, measured between clients. */
  readonly expansionMs: readonly number[];
  /** Processor time of each client that stayed, all its steps. */
  readonly clientCpuMs: readonly number[];
  /** Of the client whose primitives had seen nobody before; others ran the same code before it. */
  readonly newcomerCpuMs: number;
  /** Of each time the server went through the round; it had met nobody before. */
  readonly server: readonly ServerCost[];
  /** Of one client. */
  readonly uploadBytes: number;
  readonly neighbours: number;
  readonly exact: boolean;
}

export interface ServerCost {
  /** The whole round, with nothing measured inside. */
  readonly cpuMs: number;
  /** In hashes and signatures, when the same round is gone through once more with a clock around each, less what the clock takes. */
  readonly checkMs: number;
}

export interface StepTimes {
  readonly count: number;
  readonly leastMs: number;
  readonly medianMs: number;
  readonly totalMs: number;
}

type CoordinatorOutput = Output<{ readonly sum: Int32Array; readonly contributors: readonly number[] }>;

class Stopwatch {
  readonly #times = new Map<string, number[]>();

  add(step: string, ms: number): void {
    const times = this.#times.get(step);
    if (times === undefined) this.#times.set(step, [ms]);
    else times.push(ms);
  }

  summary(): Record<string, StepTimes> {
    return Object.fromEntries([...this.#times].map(([step, times]) => [step, summaryOf(times)]));
  }
}

function summaryOf(times: readonly number[]): StepTimes {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    count: times.length,
    leastMs: sorted[0] ?? 0,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    totalMs: times.reduce((sum, ms) => sum + ms, 0),
  };
}

const NOW_MS = 1_795_000_000_000;
const WORD_BITS = 23;
const VALUE_BITS = 16;

/** In the middle, among those who stay. */
const newcomerOf = ({ members }: RoundSize): number => Math.floor(members / 2);

const configurationOf = (size: RoundSize): RoundConfiguration => ({
  protocol: 'mask',
  vectorLength: size.vectorLength,
  wordBits: size.members > 127 ? 26 : WORD_BITS,
  valueBits: VALUE_BITS,
  clippingNorm: 1,
  quantiserScale: 32_767,
  rotation: 'none',
  supportHash: new Uint8Array(32),
  minimumContributors: 3,
  phaseTimeoutsMs: [30_000, 30_000, 600_000, 30_000, 30_000],
  noise: 'none',
  own: maskRules(size),
});

interface Member {
  readonly setup: ParticipantSetup;
  state: SecretParticipant | undefined;
  cpuMs: number;
  bytes: number;
  readonly inbox: Uint8Array[];
}

/** Small and different for each member; the sum is known. */
const valueAt = (member: number, i: number): number => ((member * 31 + i * 7) % 65_535) - 32_767;

export async function runMaskRound(
  platform: () => SecretPrimitives,
  engine: Engine,
  size: RoundSize,
): Promise<RoundCost> {
  const known = platform();
  const authority = await signerOf(known, freshSecretKey(known, 'ed25519'));
  const trust: Trust = {
    authority: authority.publicKey,
    projectId: 'bench',
    nowMs: NOW_MS,
    revocations: noRevocations('bench'),
  };
  const configuration = configurationOf(size);
  const members: Member[] = [];
  for (let i = 0; i < size.members; i += 1) {
    const primitives = i === newcomerOf(size) ? platform() : known;
    const signer = await signerOf(known, freshSecretKey(known, 'ed25519'));
    const certificate = await certifiedBy(authority, signer, i);
    const floors = defineFloors({
      minimumContributors: 3,
      corruptFraction: size.corruptFraction,
      minimumWordBits: 16,
      maximumVectorLength: 10_000_000,
      maximumRoundsPerDay: 100,
      minimumCommittee: 3,
      minimumBeaconContributors: 2,
    });
    members.push({
      setup: { engine, primitives, signer, certificate, configuration, floors, trust },
      state: undefined,
      cpuMs: 0,
      bytes: 0,
      inbox: [],
    });
  }
  const open = openContext(known, {
    projectId: 'bench',
    taskId: 'mask',
    round: 1,
    flush: 0,
    modelHash: new Uint8Array(32),
    configHash: configurationHash(known, configuration),
    policyHash: new Uint8Array(32),
  });
  return new Round(members, open, engine, known, size).run(platform);
}

const certifiedBy = (authority: Signer, signer: Signer, i: number): ReturnType<typeof certify> =>
  certify(authority, {
    projectId: 'bench',
    memberId: memberId(`silo-${String(i).padStart(5, '0')}`),
    role: 'silo',
    publicKey: signer.publicKey,
    notBeforeMs: 0,
    notAfterMs: 2 * NOW_MS,
    quotaClass: 'organisation',
  });

class Round {
  readonly #members: readonly Member[];
  readonly #open: OpenContext;
  readonly #engine: Engine;
  readonly #primitives: SecretPrimitives;
  readonly #size: RoundSize;
  readonly #setup: CoordinatorSetup;
  /** All that the server was told, for going through it again. */
  readonly #told: CoordinatorEvent[] = [];
  #coordinator: CoordinatorState;
  readonly #clientWatch = new Stopwatch();
  #serverWatch = new Stopwatch();
  readonly #expansions: number[] = [];
  #checkMs = 0;
  #roster: Uint8Array = new Uint8Array(0);
  #sum: Int32Array | undefined;
  #contributors: readonly number[] = [];

  constructor(
    members: readonly Member[],
    open: OpenContext,
    engine: Engine,
    primitives: SecretPrimitives,
    size: RoundSize,
  ) {
    this.#members = members;
    this.#open = open;
    this.#primitives = primitives;
    this.#size = size;
    this.#engine = engine;
    this.#setup = this.#setupOf(primitives, primitives);
    this.#coordinator = startCoordinator(this.#setup, open).state;
  }

  #setupOf(primitives: SecretPrimitives, counted: PublicPrimitives): CoordinatorSetup {
    const { configuration, trust } = this.#members[0]!.setup;
    return {
      engine: this.#engine,
      primitives: counted,
      configuration,
      trust,
      revealedKey: (bytes) => agreementOf(primitives, primitives.secretKeys.fromBytes('x25519', bytes)),
    };
  }

  async run(platform: () => SecretPrimitives): Promise<RoundCost> {
    for (const [i, member] of this.#members.entries()) {
      const entry = proposeEntry(this.#primitives, nothingEntered(), this.#open);
      await this.#client(i, 'open', () => maskParticipant.open(member.setup, confirmEntry(entry, entry.bytes)));
    }
    await this.#server({ kind: 'close' });
    const { event, beacon } = await this.#logged();
    await this.#server({ kind: 'beacon', beacon });
    await this.#all(() => event);
    await this.#server({ kind: 'close' });
    const staying = this.#members.length - this.#size.dropped;
    await this.#deliver(staying);
    for (let i = 0; i < staying; i += 1) {
      const { vectorLength } = this.#size;
      const values = Int32Array.from({ length: vectorLength }, (_, j) => valueAt(i, j));
      if (i % 5 === 0) this.#expand();
      await this.#step(i, { kind: 'vector', values });
    }
    for (const _ of ['masking', 'confirming', 'unmasking']) {
      await this.#server({ kind: 'close' });
      await this.#deliver(staying);
    }
    const newcomer = newcomerOf(this.#size);
    const clients = this.#members.slice(0, staying).filter((_, i) => i !== newcomer);
    const exact = this.#isExact(staying);
    // A server does not hold what its clients hold, and does not collect it.
    for (const member of this.#members) {
      member.state = undefined;
      member.inbox.length = 0;
    }
    const server: ServerCost[] = [];
    this.#serverWatch = new Stopwatch();
    for (let run = 0; run < this.#size.serverRuns; run += 1) {
      const cpuMs = await this.#serverAgain(platform());
      server.push({ cpuMs, checkMs: await this.#checksAgain(platform()) });
    }
    return {
      clientSteps: this.#clientWatch.summary(),
      serverSteps: this.#serverWatch.summary(),
      expansionMs: this.#expansions,
      clientCpuMs: clients.map(({ cpuMs }) => cpuMs),
      newcomerCpuMs: this.#members[newcomer]!.cpuMs,
      server,
      uploadBytes: this.#members[0]!.bytes,
      neighbours: this.#coordinator.phase === 'done' ? this.#neighbours : 0,
      exact: exact && this.#isExact(staying),
    };
  }

  #neighbours = 0;

  /** What a client cannot do without: its masks' streams, in pieces of 64 KiB. */
  #expand(): void {
    const { vectorLength } = this.#size;
    const { wordBits } = this.#setup.configuration;
    const bytes = Math.ceil(wordBits / 8) * vectorLength;
    const key = new Uint8Array(32);
    const nonce = new Uint8Array(12);
    const out = new Uint8Array(65_536);
    const before = processClock.cpuMs();
    for (let mask = 0; mask <= this.#neighbours; mask += 1) {
      key[0] = mask;
      for (let at = 0; at < bytes; at += out.length) {
        this.#primitives.chacha20(key, nonce, at / 64, out.subarray(0, Math.min(out.length, bytes - at)));
      }
    }
    this.#expansions.push(processClock.cpuMs() - before);
  }

  #isExact(staying: number): boolean {
    if (this.#sum === undefined || this.#contributors.length !== staying) return false;
    // Every 997th value: all of them would take longer than the round.
    for (let j = 0; j < this.#sum.length; j += 997) {
      let expected = 0;
      for (let i = 0; i < staying; i += 1) expected += valueAt(i, j);
      if (this.#sum[j] !== expected) return false;
    }
    return true;
  }

  async #logged(): Promise<{ readonly event: ParticipantEvent; readonly beacon: Beacon }> {
    const primitives = this.#primitives;
    const roster = decodeRoster(primitives, this.#open, 2, this.#roster);
    const entry = rosterEntry(this.#open, roster.root);
    const log = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
    const tree = treeOf(primitives, [encodeEntry(entry)]);
    const head = await signTreeHead(primitives, log, tree, NOW_MS);
    const witness = { memberId: memberId('witness'), publicKey: log.publicKey };
    const signature = await log.sign(cosignedBytes(head, witness.memberId));
    const view = await openLogView(
      primitives,
      { logKey: log.publicKey, witnesses: [witness] },
      withCosignatures(head, [{ witness: witness.memberId, signature }]),
    );
    const logged: LoggedEntry = requireLogged(primitives, view, entry, {
      index: 0,
      path: proveInclusion(primitives, tree, 0),
    });
    const value = primitives.randomBytes(32);
    const beacon: Beacon = { kind: 'beacon', value, rosterRoot: roster.root, commitmentsHash: new Uint8Array(32) };
    return { event: { kind: 'roster', roster, logged, beacon }, beacon };
  }

  async #all(event: () => ParticipantEvent): Promise<void> {
    for (let i = 0; i < this.#members.length; i += 1) await this.#step(i, event());
  }

  async #deliver(staying: number): Promise<void> {
    for (let i = 0; i < staying; i += 1) {
      const waiting = this.#members[i]!.inbox.splice(0);
      for (const bytes of waiting) await this.#step(i, { kind: 'received', bytes });
    }
  }

  #step(i: number, event: ParticipantEvent): Promise<void> {
    const { setup, state } = this.#members[i]!;
    if (state === undefined) throw new Error(`member ${i} has no state`);
    const what = event.kind === 'received' ? `received while ${state.phase}` : event.kind;
    return this.#client(i, what, () => maskParticipant.step(setup, state, event));
  }

  async #client(i: number, what: string, act: () => ReturnType<typeof maskParticipant.step>): Promise<void> {
    const member = this.#members[i]!;
    const before = processClock.cpuMs();
    const { state, outputs } = await act();
    const ms = processClock.cpuMs() - before;
    member.cpuMs += ms;
    if (i !== newcomerOf(this.#size)) this.#clientWatch.add(what, ms);
    member.state = state;
    for (const output of outputs) {
      if (output.kind === 'abort') throw new Error(`member ${i} left: ${output.reason.reason}`);
      if (output.kind !== 'send') continue;
      member.bytes += output.bytes.length;
      await this.#server({ kind: 'received', bytes: output.bytes });
    }
  }

  /** The whole round at a server that has met nobody, from what this one was told: its processor time. */
  async #serverAgain(primitives: SecretPrimitives): Promise<number> {
    const setup = this.#setupOf(primitives, primitives);
    this.#sum = undefined;
    collectGarbage();
    const before = processClock.cpuMs();
    let { state } = startCoordinator(setup, this.#open);
    for (const event of this.#told) {
      const next = await stepCoordinator(setup, state, event);
      state = next.state;
      for (const output of next.outputs) this.#keepResult(output);
    }
    return processClock.cpuMs() - before;
  }

  /** The same with a clock around each step and each check: processor time in checks. */
  async #checksAgain(primitives: SecretPrimitives): Promise<number> {
    const setup = this.#setupOf(primitives, this.#counting(primitives));
    this.#checkMs = 0;
    collectGarbage();
    this.#coordinator = startCoordinator(setup, this.#open).state;
    for (const event of this.#told) for (const output of await this.#timed(setup, event)) this.#keepResult(output);
    return this.#checkMs;
  }

  async #server(event: CoordinatorEvent): Promise<void> {
    this.#told.push(event);
    for (const output of await this.#timed(this.#setup, event)) this.#route(output);
  }

  async #timed(setup: CoordinatorSetup, event: CoordinatorEvent): Promise<readonly CoordinatorOutput[]> {
    const before = processClock.cpuMs();
    const { state, outputs } = await stepCoordinator(setup, this.#coordinator, event);
    const ms = processClock.cpuMs() - before;
    this.#serverWatch.add(`${event.kind} while ${this.#coordinator.phase}`, ms);
    this.#coordinator = state;
    if ('session' in state) this.#neighbours = state.session.parameters.neighbours;
    return outputs;
  }

  #keepResult(output: CoordinatorOutput): void {
    if (output.kind === 'abort') throw new Error(`the round was aborted: ${output.reason.reason}`);
    if (output.kind === 'done') {
      this.#sum = output.result.sum;
      this.#contributors = output.result.contributors;
    }
  }

  #route(output: CoordinatorOutput): void {
    this.#keepResult(output);
    if (output.kind !== 'send') return;
    if (output.type === 'mask/roster') {
      this.#roster = output.bytes;
      return;
    }
    const { to } = output;
    for (const { setup, inbox } of this.#members) {
      if (to.kind === 'everybody' || (to.kind === 'member' && to.memberId === setup.certificate.memberId)) {
        inbox.push(output.bytes);
      }
    }
  }

  /** The same primitives, with the time of checks written down. */
  #counting(primitives: SecretPrimitives): PublicPrimitives {
    const clockMs = costOfClock();
    const add = (before: number): void => {
      this.#checkMs += processClock.cpuMs() - before - clockMs;
    };
    return {
      ...primitives,
      sha256: (...chunks) => {
        const before = processClock.cpuMs();
        const hash = primitives.sha256(...chunks);
        add(before);
        return hash;
      },
      ed25519: {
        verify: async (...input) => {
          const before = processClock.cpuMs();
          const valid = await primitives.ed25519.verify(...input);
          add(before);
          return valid;
        },
      },
    };
  }
}

/** So that a measurement does not begin with what others left behind. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

/** What reading the clock twice adds to what is between, in the mean. */
function costOfClock(): number {
  const readings = 2000;
  let totalMs = 0;
  for (let i = 0; i < readings; i += 1) {
    const before = processClock.cpuMs();
    totalMs += processClock.cpuMs() - before;
  }
  return totalMs / readings;
}
