// One process of the bench: a coordinator, or members, moved by its parent's messages. Counted is the processor time of this process while its
// machines compute and store; what the channel costs is not.

import { runs } from '@sumus/federation/coordinator';
import { emptyLedger } from '@sumus/federation/ledger';
import { firstWeightsOf } from '@sumus/federation/model';
import {
  outsideTheRun,
  type ParticipantInput,
  type ParticipantInTheClear,
  type ParticipantSetup,
  stepParticipant,
  storedPiecesInTheClear,
} from '@sumus/federation/participant';
import { readPlanFile, type SignedPlan } from '@sumus/federation/plan';
import { startPublished } from '@sumus/federation/release';
import { loadSumEngines } from '@sumus/federation/sum';
import { SecretKey } from '@sumus/platform/primitives';
import { decodeCertificate, noRevocations } from '@sumus/secure-sum/identity';
import { agreementOf, signerOf } from '@sumus/secure-sum/secret-primitives';
import type { FromHost, HostTimes, ToHost } from './mail.ts';
import {
  DATASET,
  MESSAGE_BYTES_AT_MOST,
  ownPrimitives,
  PROJECT,
  policyFor,
  RUN,
  STARTS_AT_MS,
} from './run-of-round.ts';

interface Host {
  happens(message: ToHost): Promise<void>;
  readonly hasEnded: boolean;
  readonly times: HostTimes;
}

const say = (message: FromHost): void => {
  process.send?.(message);
};

const primitives = ownPrimitives();
const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024;

class Meter {
  seconds = 0;

  async computing<T>(work: () => T | Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    try {
      return await work();
    } finally {
      const { user, system } = process.cpuUsage(before);
      this.seconds += (user + system) / 1e6;
    }
  }
}

function planIn(text: string): SignedPlan {
  const read = readPlanFile(text);
  if (read.kind === 'invalid' || read.file.signed === undefined) throw new RangeError('no signed plan');
  return read.file.signed;
}

async function serverHost({ plan: text, key }: Extract<ToHost, { kind: 'server' }>): Promise<Host> {
  const plan = planIn(text);
  const meter = new Meter();
  const blobs = new Map<string, Uint8Array>();
  const setup: runs.CoordinatorSetup = {
    primitives,
    engines: await loadSumEngines(primitives),
    signer: await signerOf(primitives, SecretKey.fromBytes('ed25519', key)),
    revocations: noRevocations(PROJECT),
    revealedKey: (bytes) => agreementOf(primitives, SecretKey.fromBytes('x25519', bytes)),
    roundsPaid: plan.plan.stopping.rounds,
    failuresAtMost: 1,
    readBlob: async ({ sha256 }) => blobs.get(sha256) ?? new Uint8Array(0),
    messageBytesAtMost: MESSAGE_BYTES_AT_MOST,
  };
  const first = startPublished(plan.plan, firstWeightsOf(plan.plan));
  let nowMs = STARTS_AT_MS;
  const atRelease: number[] = [];
  const contributors: number[] = [];
  let hasEnded = false;
  const carryOut = (step: runs.CoordinatorStep): runs.RunCoordinator => {
    for (const [name, bytes] of step.blobs) blobs.set(name, bytes);
    for (const event of step.events) {
      if (event.kind === 'released') {
        atRelease.push(meter.seconds);
        contributors.push(event.contributors.length);
        // Frames of rounds that are over are never looked at again.
        for (const [name, bytes] of blobs)
          if (bytes.length > 1_000_000 && name !== event.model?.sha256) blobs.delete(name);
      } else if (event.kind === 'round failed') throw new Error(`round ${event.round} failed: ${event.reason}`);
      else if (event.kind === 'run ended') hasEnded = true;
    }
    deliver(step.outputs);
    return step.coordinator;
  };
  let coordinator = carryOut(
    await meter.computing(() => runs.createRun(setup, { projectId: PROJECT, runId: RUN, plan, first }, nowMs)),
  );
  const advance = async (input: runs.CoordinatorInput): Promise<void> => {
    coordinator = carryOut(await meter.computing(() => runs.advance(setup, coordinator, input, nowMs)));
  };
  return {
    get hasEnded() {
      return hasEnded;
    },
    get times() {
      return { atRelease, contributors, peakMegabytes: peakMegabytes() };
    },
    async happens(message) {
      if (message.kind === 'frame') await advance({ kind: 'received', bytes: message.bytes });
      else if (message.kind === 'tick') {
        nowMs = message.nowMs;
        await advance({ kind: 'tick' });
      }
    },
  };
}

/** Messages that share a body go together. */
function deliver(outputs: readonly runs.CoordinatorOutput[]): void {
  const byBody = new Map<Uint8Array, { to: string; head: Uint8Array }[]>();
  for (const output of outputs) {
    if (output.kind !== 'send' || output.to.kind !== 'member') continue;
    const heads = byBody.get(output.body) ?? [];
    heads.push({ to: output.to.memberId, head: output.head });
    byBody.set(output.body, heads);
  }
  for (const [body, heads] of byBody) say({ kind: 'delivery', heads, body });
}

interface Member {
  readonly setup: ParticipantSetup;
  readonly passes: boolean;
  state: ParticipantInTheClear;
}

async function membersHost(message: Extract<ToHost, { kind: 'members' }>): Promise<Host> {
  const signed = planIn(message.plan);
  const engines = await loadSumEngines(primitives);
  const meter = new Meter();
  const atRelease: number[] = [];
  const parameters = signed.plan.model.parameterCount;
  const update = Float32Array.from({ length: parameters }, (_, at) => ((at % 200) - 100) * 1e-6);
  const weights = new Float32Array(parameters);
  let nowMs = STARTS_AT_MS;
  let over = 0;
  const members = new Map<string, Member>();
  for (const { name, key, certificate, passes } of message.members) {
    const signer = await signerOf(primitives, SecretKey.fromBytes('ed25519', key));
    const setup: ParticipantSetup = {
      primitives,
      engines,
      signer,
      certificate: decodeCertificate(certificate),
      revocations: noRevocations(PROJECT),
      projectId: PROJECT,
      runId: RUN,
      coordinator: message.coordinator,
      policy: policyFor(signed),
      dataset: DATASET,
      messageBytesAtMost: MESSAGE_BYTES_AT_MOST,
    };
    members.set(name, { setup, passes, state: outsideTheRun(emptyLedger(signer.publicKey)) });
  }
  const step = async (member: Member, input: ParticipantInput): Promise<void> => {
    const { setup, passes } = member;
    const stepped = await meter.computing(async () => {
      const made = await stepParticipant(setup, member.state, input, nowMs);
      if (made.outputs.some(({ kind }) => kind === 'persist')) storedPiecesInTheClear(setup, made.state);
      return made;
    });
    member.state = stepped.state;
    for (const output of stepped.outputs) {
      if (output.kind === 'send') say({ kind: 'frame', bytes: output.bytes });
      else if (output.kind === 'new model') atRelease.push(meter.seconds);
      else if (output.kind === 'run over') over += 1;
      else if (output.kind === 'train') trained.push([member, output.task, passes]);
    }
  };
  /** Training ends when nobody has anything else to say. */
  const trained: [Member, number, boolean][] = [];
  return {
    get hasEnded() {
      return over === members.size;
    },
    get times() {
      return { atRelease, contributors: [], peakMegabytes: peakMegabytes() };
    },
    async happens(to) {
      if (to.kind === 'begin') for (const member of members.values()) await step(member, { kind: 'begin' });
      else if (to.kind === 'delivery') {
        for (const { to: name, head } of to.heads) {
          const member = members.get(name);
          if (member !== undefined) await step(member, { kind: 'received', bytes: Buffer.concat([head, to.body]) });
        }
      } else if (to.kind === 'tick') {
        nowMs = to.nowMs;
        for (const [member, task, passes] of trained.splice(0)) {
          const result = passes
            ? ({ kind: 'not finite', what: 'the loss' } as const)
            : ({
                kind: 'update',
                update,
                weights,
                steps: 1,
                examples: 1,
                units: 1,
                meanLoss: 1,
                accuracy: undefined,
              } as const);
          await step(member, { kind: 'trained', task, result });
        }
      }
    },
  };
}

let host: Promise<Host> | undefined;
let queue: Promise<void> = Promise.resolve();

async function take(message: ToHost): Promise<void> {
  try {
    if (message.kind === 'server') host = serverHost(message);
    else if (message.kind === 'members') host = membersHost(message);
    const ours = await host;
    if (ours === undefined) throw new Error('a message before the first');
    if (message.kind === 'finish') say({ kind: 'finished', times: ours.times });
    else {
      await ours.happens(message);
      say({ kind: 'done', hasEnded: ours.hasEnded });
    }
  } catch (error) {
    say({ kind: 'failed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on('message', (message: ToHost) => {
  queue = queue.then(() => take(message));
});
process.on('disconnect', () => process.exit());
