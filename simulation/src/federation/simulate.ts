// A whole federation from one seed: a server, its members, a network between them and a clock that jumps. What happens comes out as it happens;
// what it came to, at the end. The same options give the same run, but for what computing took.

import { firstWeightsOf } from '@sumus/federation/model';
import { type CheckedPlan, sumsBeforeRounds, wordEncodingOf } from '@sumus/federation/plan';
import { paidRounds } from '@sumus/federation/privacy';
import { startPublished } from '@sumus/federation/release';
import type { RunEvent } from '@sumus/federation/run';
import { loadSumEngines, thresholdKeyOf } from '@sumus/federation/sum';
import { wasmEngine } from '@sumus/learning/engine';
import type { Primitives } from '@sumus/platform/primitives';
import { SecretKey } from '@sumus/platform/primitives';
import { noRevocations } from '@sumus/secure-sum/identity';
import { agreementOf } from '@sumus/secure-sum/secret-primitives';
import type { LabelledExamples } from '../examples/index.ts';
import { type Delivery, type Fault, Network, type Place } from '../faults/index.ts';
import { diceOf, type Seed, seededBytes } from '../seeds/seeded.ts';
import { VirtualTime } from '../time/virtual-time.ts';
import { Blackouts } from './blackouts.ts';
import { Crashes } from './crashes.ts';
import { DATASET, type Enrolment, enrol, PROJECT } from './enrolment.ts';
import type { Happening } from './happening.ts';
import { SimulatedMember } from './member.ts';
import { SimulatedServer } from './server.ts';
import { Teller } from './teller.ts';
import { trialOn } from './trial.ts';
import { sharedTools, type Worker, workerOf } from './worker.ts';

export interface SimulationOptions {
  readonly platform: Primitives;
  readonly plan: CheckedPlan;
  /** Of each participant. */
  readonly parts: readonly LabelledExamples[];
  /** What published models are tried on; none are where it is undefined. */
  readonly test?: LabelledExamples | undefined;
  readonly seed: Seed;
  /** With which a member goes silent in a round. */
  readonly dropChance?: number | undefined;
  readonly faults?: readonly Fault[] | undefined;
  /** Published models are tried every so many rounds, and the last one. */
  readonly tryEvery?: number | undefined;
  /** The owner ends the run after so many published models. */
  readonly stopAfter?: number | undefined;
  /** Things that may happen, messages above all; more are a run without end, and are thrown. */
  readonly momentsAtMost?: number | undefined;
  /** Real milliseconds. */
  readonly now: () => number;
  readonly watch?: ((happening: Happening) => void) | undefined;
  /** Puts something between a participant and its worker: who watches what is trained, or lies about it. */
  readonly around?: ((worker: Worker, place: number) => Worker) | undefined;
  /** Every message as it is sent, before the network does anything to it. */
  readonly overhear?: ((delivery: Delivery) => void) | undefined;
}

/** What is there when it is over: everybody's own to look at, because nobody but a simulation may. */
export interface Simulated {
  readonly enrolment: Enrolment;
  readonly server: SimulatedServer;
  readonly members: readonly SimulatedMember[];
  readonly teller: Teller;
  readonly virtualMs: number;
  readonly roundsPaid: number;
}

const LATENCY_MS = { least: 20, most: 80 } as const;
const JOINING_MS = 60_000;
const WORK_MS = { least: 1000, most: 5000 } as const;
const MESSAGE_BYTES_AT_MOST = 2 ** 30;
const FAILURES_AT_MOST = 5;
/** Things that happen; more are a run without end. */
const MOST_MOMENTS = 20_000_000;
const STARTING_MS = 1_795_000_000_000;

export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const { platform, parts, seed, faults = [], now, watch = () => undefined, overhear } = options;
  const { around = (worker) => worker } = options;
  const roundsPaid = paidRounds(options.plan);
  const sumsBefore = sumsBeforeRounds(options.plan);
  const windowMs = options.plan.deadline.roundSeconds * 1000;
  const time = new VirtualTime(Math.min(STARTING_MS, options.plan.deadline.endsAtMs - 1000 * windowMs));
  const dice = diceOf(seededBytes(platform, seed, 'simulation'));
  const names = parts.map(({ name }) => name);
  const enrolment = await enrol({ platform, plan: options.plan, names, seed, nowMs: time.nowMs });
  const { plan } = enrolment.plan;
  const engines = await loadSumEngines(platform);
  const engine = await wasmEngine();
  const tools = sharedTools(engine, platform, plan, parts[0]?.inputSize ?? 0);
  const blackouts = new Blackouts(options.dropChance ?? 0, dice);
  const revocations = noRevocations(PROJECT);
  const runId = 'run-1';

  const network = new Network({
    time,
    dice,
    latencyMs: LATENCY_MS,
    troubles: faults.flatMap((fault) => (fault.kind === 'message' || fault.kind === 'lie' ? [fault] : [])),
    passes: (from, to) => blackouts.passes(from, to),
    deliver: ({ to, bytes }) =>
      to === 'server' ? server.happens({ kind: 'received', bytes }) : members[to]?.happens({ kind: 'received', bytes }),
  });
  const send = (delivery: Delivery): void => {
    overhear?.(delivery);
    network.send(delivery);
  };
  const onFault = (text: string): void => watch({ kind: 'fault', virtualMs: time.nowMs, text });

  const server = new SimulatedServer({
    time,
    windowMs,
    now,
    onFault,
    crashes: new Crashes('server', faults),
    setup: (readBlob) => ({
      primitives: platform,
      engines,
      signer: enrolment.server,
      revocations,
      revealedKey: (bytes) => agreementOf({ ...platform, secretKeys: SecretKey }, SecretKey.fromBytes('x25519', bytes)),
      // The owner's command computes it beside the first weights: a coordinator cannot.
      thresholdKey:
        plan.protection.kind === 'threshold' ? thresholdKeyOf({ plan, encoding: wordEncodingOf(plan) }) : undefined,
      roundsPaid,
      failuresAtMost: FAILURES_AT_MOST,
      readBlob,
      messageBytesAtMost: MESSAGE_BYTES_AT_MOST,
    }),
    run: {
      projectId: PROJECT,
      runId,
      plan: enrolment.plan,
      first: startPublished(plan, plan.exchange.schedule === 'one-round' ? undefined : firstWeightsOf(plan)),
    },
    send: ({ to, bytes }) => {
      for (const place of placesOf(to)) send({ from: 'server', to: place, bytes });
    },
    onEvent: (event) => onEvent(event),
  });
  const placesOf = (
    to: Parameters<ConstructorParameters<typeof SimulatedServer>[0]['send']>[0]['to'],
  ): readonly Place[] => {
    if (to.kind === 'coordinator') return [];
    if (to.kind === 'everybody') return names.map((_, place) => place);
    const place = names.indexOf(to.memberId);
    return place < 0 ? [] : [place];
  };

  const members = enrolment.members.map(({ name, signer, certificate, primitives }, place) => {
    const part = parts[place];
    if (part === undefined) throw new RangeError('a member without examples');
    return new SimulatedMember({
      name,
      time,
      now,
      onFault,
      crashes: new Crashes(place, faults),
      setup: {
        primitives,
        engines,
        signer,
        certificate,
        revocations,
        projectId: PROJECT,
        runId,
        coordinator: enrolment.server.publicKey,
        policy: enrolment.policy,
        dataset: DATASET,
        messageBytesAtMost: MESSAGE_BYTES_AT_MOST,
        // Apart from keys: the same words are summed under every protection.
        contributionBytes: seededBytes(platform, seed, `contributions of ${name}`),
      },
      worker: around(workerOf(tools, plan, part, seededBytes(platform, seed, `batches of ${name}`)), place),
      patienceMs: windowMs / 4,
      workMs: () => WORK_MS.least + dice.below(WORK_MS.most - WORK_MS.least),
      send: (bytes) => send({ from: place, to: 'server', bytes }),
      onOutput: (output) => teller.heard(name, output),
      onTrained: (round, seconds) => teller.trained(name, round, seconds),
    });
  });

  const teller = new Teller({
    plan,
    planId: enrolment.plan.id,
    seed,
    server,
    members,
    network,
    rounds: sumsBefore + Math.min(roundsPaid, plan.stopping.rounds, options.stopAfter ?? Number.POSITIVE_INFINITY),
    examples: parts.map(({ count }) => count),
    test: options.test,
    trial: options.test === undefined ? undefined : trialOn(tools, plan, options.test),
    tryEvery: options.tryEvery ?? 1,
    time,
    now,
    watch,
  });

  async function onEvent(event: RunEvent): Promise<void> {
    if (event.kind === 'round opened') {
      blackouts.begin(event.members.map((name) => names.indexOf(name)));
    } else if (event.kind === 'released' || event.kind === 'round failed') blackouts.end();
    teller.happened(event);
    if (event.kind === 'released' && event.version - sumsBefore === options.stopAfter) {
      time.after(0, () => server.happens({ kind: 'stop', reason: 'The owner has seen enough.' }));
    }
  }

  teller.began();
  time.after(0, () => server.begin());
  for (const member of members) time.after(1, () => member.begin());
  const startLater = (): void => {
    time.after(JOINING_MS, async () => {
      const { phase } = server.coordinator?.state ?? {};
      if (phase !== undefined && phase.kind !== 'gathering') return;
      if (time.nowMs > beganAtMs + 20 * JOINING_MS) {
        await server.happens({ kind: 'stop', reason: 'Too few members joined.' });
        return;
      }
      await server.happens({ kind: 'start' });
      startLater();
    });
  };
  const beganAtMs = time.nowMs;
  startLater();
  let endedAtMs: number | undefined;
  await time.run({
    atMost: options.momentsAtMost ?? MOST_MOMENTS,
    isOver: () => {
      if (!server.hasEnded || !server.isUp) return false;
      endedAtMs ??= time.nowMs;
      // Who cannot be reached for so long does not hear of the end.
      return members.every(({ isDone }) => isDone) || time.nowMs > endedAtMs + 4 * windowMs;
    },
  });
  return { enrolment, server, members, teller, virtualMs: time.nowMs - beganAtMs, roundsPaid };
}
