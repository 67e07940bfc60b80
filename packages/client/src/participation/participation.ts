// A participant of a run, over a network. Start here: the participant of `federation` is a machine that takes one thing after another and answers
// with what is to be kept, sent and worked on; this carries that out, in that order, and after a crash, a lost line or a restart goes on.
//
//   messages (inbox) ─┐                        ┌─ persist → storage, before anything that follows is sent
//   results (worker)  ├─→ one step at a time ──┼─ send    → outbox, one after the other, until the server has it
//   asked again, left ┘                        └─ train   → worker, where the data are
//
// Refuses to believe: another plan than the link's, another coordinator, messages that the machine refuses. It leaves where it must.

import type { Ledger } from '@sumus/federation/ledger';
import {
  type ParticipantInput,
  type ParticipantInTheClear,
  type ParticipantOutput,
  type ParticipantSetup,
  type ParticipantStep,
  stepParticipant,
} from '@sumus/federation/participant';
import type { Policy } from '@sumus/federation/policy';
import type { SumEngines } from '@sumus/federation/sum';
import type { Signer } from '@sumus/secure-sum/primitives';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { type ServerLimits, USUAL_LIMITS } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { bytesOfHex } from '@sumus/wire/text';
import { type Clock, pause } from '../clock/clock.ts';
import type { Connection } from '../connection/connection.ts';
import type { Patience } from '../connection/patience.ts';
import type { Enrolled } from '../joining/joining.ts';
import type { Pinned } from '../joining/place.ts';
import type { Storage } from '../storage/storage.ts';
import type { TrainingWorker } from '../worker/training-worker.ts';
import { Inbox } from './inbox.ts';
import { ParticipantMemory } from './memory.ts';
import { otherPlan } from './other-plan.ts';
import { Outbox } from './outbox.ts';
import type { HowItEnded, Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';
import { Whereabouts } from './whereabouts.ts';
import { WorkInHand } from './work-in-hand.ts';

export interface ParticipationSetup {
  readonly primitives: SecretPrimitives;
  /** loadSumEngines of the same primitives. */
  readonly engines: SumEngines;
  readonly clock: Clock;
  readonly storage: Storage;
  /** Signed by `signer`. */
  readonly connection: Connection;
  readonly pinned: Pinned;
  readonly signer: Signer;
  readonly member: Enrolled;
  readonly policy: Policy;
  /** Which data set is used, by the policy's name. */
  readonly dataset: string;
  readonly worker: TrainingWorker;
  readonly onProgress: (progress: Progress) => void;
  readonly messageBytesAtMost?: number | undefined;
}

const MESSAGE_BYTES_AT_MOST = 2 ** 30;
/** What was said last is given so long to arrive, once it is over. */
const LAST_WORDS_MS = 15_000;
const PATIENCE_MS = { least: 2000, most: 60_000, beforeAPlan: 10_000 } as const;

export class Participation {
  readonly #setup: ParticipationSetup;
  readonly #memory: ParticipantMemory;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #work: WorkInHand;
  readonly #whereabouts: Whereabouts;
  readonly #wakes = new Set<() => void>();
  readonly #ended: Promise<HowItEnded>;
  #end: (how: HowItEnded) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #how: HowItEnded | undefined;
  /** Nothing more is sent or heard. */
  #isClosed = false;
  #steps: Promise<void> = Promise.resolve();
  #state: ParticipantInTheClear | undefined;
  #isStored = true;
  #revocations: ParticipantSetup['revocations'];
  #limits: ServerLimits = USUAL_LIMITS;
  #heardAtMs = 0;

  constructor(setup: ParticipationSetup) {
    this.#setup = setup;
    const { connection, primitives, pinned, clock, storage, worker } = setup;
    this.#revocations = setup.member.revocations;
    this.#memory = new ParticipantMemory(storage, primitives, pinned);
    this.#ended = new Promise((resolve, reject) => {
      this.#end = (how) => {
        this.#how ??= how;
        resolve(how);
      };
      this.#fail = (error) => {
        if (error instanceof Problem) this.#end({ kind: 'turned away', code: error.code, text: error.message });
        else reject(error instanceof Error ? error : new Error(String(error)));
      };
    });
    const patience: Patience = {
      randomBytes: (length) => primitives.randomBytes(length),
      isOver: () => this.#isClosed,
      pause: (ms) => this.#pause(ms),
    };
    const shared = { connection, primitives, patience };
    const tell = (progress: Progress): void => setup.onProgress(progress);
    this.#whereabouts = new Whereabouts(tell);
    this.#outbox = new Outbox({
      ...shared,
      run: pinned.runId,
      limits: () => this.#limits,
      tell,
      onFailure: (error) => this.#fail(error),
    });
    this.#inbox = new Inbox({
      ...shared,
      clock,
      pinned,
      messageBytesAtMost: this.#messageBytesAtMost,
      revocations: () => this.#revocations,
      lastHeard: () => {
        const { chapter = 0, heard = 0 } = this.#state ?? {};
        return heard === 0 ? undefined : `${chapter}.${heard - 1}`;
      },
      onServer: ({ limits }, revocations) => {
        this.#limits = limits;
        this.#revocations = revocations;
      },
      onOpen: (isAgain) => {
        this.#outbox.begin();
        tell({ kind: 'connected', isAgain });
        void this.#happens({ kind: this.#state?.standing === 'outside' ? 'begin' : 'resume' });
      },
      onMessage: (bytes) => this.#received(bytes),
      onBroken: (error, nextTryMs) => tell({ kind: 'disconnected', why: error.message, nextTryMs }),
    });
    this.#work = new WorkInHand({
      worker,
      nowMs: () => clock.nowMs(),
      onProgress: (round, progress) => tell({ kind: 'training', round, ...progress }),
      onDone: ({ task, round }, result, ms) => {
        tell({ kind: 'trained', round, ms });
        void this.#happens({ kind: 'trained', task, result });
      },
      onFailure: (error) => this.#fail(error),
    });
  }

  /** Until the run is over, or it left, was turned away, or paused. Throws what nobody foresaw; what was stored then goes on later. */
  async run(): Promise<Outcome> {
    const { clock } = this.#setup;
    try {
      const state = await this.#memory.recall(this.#participantSetup(), clock.nowMs());
      this.#state = state;
      this.#whereabouts.tell(state);
      const already = howItEnded(state);
      if (already !== undefined) return this.#outcome(already);
      void this.#inbox.listen().catch((error: unknown) => this.#fail(error));
      void this.#askAgainLater();
      const how = await this.#ended;
      await this.#steps;
      await this.#store(this.#state);
      if (how.kind !== 'paused') await this.#lastWords();
      return this.#outcome(how);
    } finally {
      this.#close();
      // Nothing is written once this is over: the storage may be another's.
      await this.#steps;
    }
  }

  /** Says that it leaves, and for good: what it contributed stays in sums that were opened. */
  async leave(reason: string): Promise<void> {
    await this.#happens({ kind: 'leave', reason });
  }

  /** Stops where it stands, and says nothing: the same storage goes on. */
  pause(): void {
    this.#end({ kind: 'paused' });
  }

  /** Hashes of the certificates that it knows to be revoked. */
  get revoked(): ReadonlySet<string> {
    return this.#revocations.revoked;
  }

  get #messageBytesAtMost(): number {
    return this.#setup.messageBytesAtMost ?? MESSAGE_BYTES_AT_MOST;
  }

  #participantSetup(): ParticipantSetup {
    const { primitives, engines, signer, member, pinned, policy, dataset } = this.#setup;
    return {
      primitives,
      engines,
      signer,
      certificate: member.certificate,
      revocations: this.#revocations,
      projectId: pinned.projectId,
      runId: pinned.runId,
      coordinator: bytesOfHex(pinned.coordinator),
      policy,
      dataset,
      messageBytesAtMost: this.#messageBytesAtMost,
    };
  }

  // ── one step at a time ──

  #happens(input: ParticipantInput): Promise<void> {
    this.#steps = this.#steps.then(() => this.#step(input)).catch((error: unknown) => this.#fail(error));
    return this.#steps;
  }

  async #received(bytes: Uint8Array): Promise<void> {
    this.#heardAtMs = this.#setup.clock.nowMs();
    const isOffered = this.#state?.signed === undefined;
    const other = isOffered ? otherPlan(this.#setup.pinned, bytes, this.#messageBytesAtMost) : undefined;
    await this.#happens(other === undefined ? { kind: 'received', bytes } : { kind: 'leave', reason: other });
  }

  async #step(input: ParticipantInput): Promise<void> {
    const state = this.#state;
    if (state === undefined || this.#how !== undefined || this.#isClosed) return;
    let step: ParticipantStep;
    try {
      step = await stepParticipant(this.#participantSetup(), state, input, this.#setup.clock.nowMs());
    } catch (error) {
      // What is thrown was not done, and the state stands.
      if (!isRefusal(error) || input.kind !== 'received') throw error;
      this.#setup.onProgress({ kind: 'refused', by: 'participant', text: error.message });
      return;
    }
    this.#state = step.state;
    for (const output of step.outputs) await this.#carryOut(output, step.state);
    this.#whereabouts.tell(step.state);
    const how = howItEnded(step.state);
    if (how?.kind === 'declined') this.#end(how);
  }

  async #carryOut(output: ParticipantOutput, state: ParticipantInTheClear): Promise<void> {
    const tell = this.#setup.onProgress;
    switch (output.kind) {
      case 'persist':
        // Before something leaves it is stored. As long as nothing does, a crash is one before the messages that were heard since.
        this.#isStored = false;
        return;
      case 'send':
        await this.#store(state);
        return this.#outbox.post(output.type, output.bytes);
      case 'train':
        if (state.signed !== undefined) this.#work.take(output, state.signed.plan);
        return;
      case 'new model':
        return tell({ ...output, kind: 'model' });
      case 'note':
        return tell(output);
      case 'evidence':
        return tell({ kind: 'evidence', reason: output.reason, messages: output.messages });
      case 'run over': {
        const { why, text } = output;
        tell({ kind: 'over', why, text });
        return this.#end(why === null ? { kind: 'left', text } : { kind: 'run over', why, text });
      }
      default:
        return output satisfies never;
    }
  }

  async #store(state: ParticipantInTheClear | undefined): Promise<void> {
    if (this.#isStored || state === undefined) return;
    await this.#memory.keep(this.#participantSetup(), state);
    this.#isStored = true;
  }

  // ── when nothing is heard, and at the end ──

  /** Silent for so long, it asks what comes next; again and again. */
  async #askAgainLater(): Promise<void> {
    const { clock } = this.#setup;
    while (!this.#isClosed) {
      const ms = this.#patienceMs();
      await this.#pause(ms);
      if (this.#isClosed || this.#how !== undefined || this.#state?.standing === 'outside') continue;
      if (clock.nowMs() - this.#heardAtMs >= ms) await this.#happens({ kind: 'resume' });
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isClosed) return;
    const { over, wake } = pause(this.#setup.clock, ms);
    this.#wakes.add(wake);
    await over;
    this.#wakes.delete(wake);
  }

  #patienceMs(): number {
    const deadline = this.#state?.signed?.plan.deadline;
    if (deadline === undefined) return PATIENCE_MS.beforeAPlan;
    return Math.min(PATIENCE_MS.most, Math.max(PATIENCE_MS.least, (deadline.roundSeconds * 1000) / 4));
  }

  async #lastWords(): Promise<void> {
    await Promise.race([this.#outbox.empty(), this.#pause(LAST_WORDS_MS)]);
  }

  #close(): void {
    this.#isClosed = true;
    this.#inbox.close();
    this.#work.close();
    for (const wake of this.#wakes) wake();
  }

  #outcome(ended: HowItEnded): Outcome {
    const { signed, published, ledger } = this.#state ?? {};
    return Object.freeze({ ended, plan: signed, published, ledger: recordsOf(ledger) });
  }
}

const recordsOf = (ledger: Ledger | undefined): Outcome['ledger'] => ledger?.records ?? [];

/** What a stored state says about its end; the words of it were told when it came. */
function howItEnded({ standing }: ParticipantInTheClear): HowItEnded | undefined {
  if (standing === 'declined') return { kind: 'declined', text: 'This participant declined the plan.' };
  if (standing === 'left') return { kind: 'left', text: 'This participant left the run.' };
  return standing === 'over' ? { kind: 'ended before', text: 'The run is over.' } : undefined;
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && (error.name === 'ProtocolViolation' || error.name === 'MalformedMessage');
