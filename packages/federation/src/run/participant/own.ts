// One step of a participant while it is being taken: what is gathered until it is answered with. Mutable, and nobody's but that step's.

import { send, TO_COORDINATOR } from '@sumus/secure-sum/machine';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import type { LedgerContent } from '../../ledger/content.ts';
import { appendTo } from '../../ledger/ledger.ts';
import { type VerifiedLedger, verifyLedger } from '../../ledger/verify.ts';
import type { CheckedPlan } from '../../plan/check.ts';
import type { VerifiedPlan } from '../../plan/identity.ts';
import type { Refusal } from '../../policy/refusal.ts';
import type { Reason } from '../events.ts';
import { blobName, joinFrame, writeHead } from '../frame.ts';
import type { ToCoordinator } from '../messages.ts';
import type { RunTerms } from '../round-terms.ts';
import type { OwnRound, ParticipantInTheClear, ParticipantOutput, ParticipantSetup } from './setup.ts';

export class Own {
  readonly setup: ParticipantSetup;
  readonly nowMs: number;
  readonly outputs: ParticipantOutput[] = [];
  state: ParticipantInTheClear;

  constructor(setup: ParticipantSetup, state: ParticipantInTheClear, nowMs: number) {
    this.setup = setup;
    this.state = state;
    this.nowMs = nowMs;
  }

  become(change: Partial<ParticipantInTheClear>): void {
    this.state = { ...this.state, ...change };
  }

  get name(): string {
    return this.setup.certificate.memberId;
  }

  get signed(): VerifiedPlan {
    const { signed } = this.state;
    if (signed === undefined)
      throw new ProtocolViolation('the coordinator goes on before this participant accepted a plan');
    return signed;
  }

  get plan(): CheckedPlan {
    return this.signed.plan;
  }

  get terms(): RunTerms {
    const { drawn } = this.state;
    const { projectId, runId } = this.setup;
    if (drawn?.draw === undefined) throw new ProtocolViolation('the coordinator goes on before the members drew');
    return {
      plan: this.plan,
      place: { projectId, runId },
      members: drawn.members,
      draw: drawn.draw,
    };
  }

  /** The round it takes part in. */
  get own(): OwnRound | undefined {
    return this.state.open?.own;
  }

  becomeInRound(change: Partial<OwnRound>): void {
    const { open } = this.state;
    if (open?.own === undefined) throw new ParameterError('this participant is in no round');
    this.become({ open: { ...open, own: { ...open.own, ...change } } });
  }

  /** A numbered message: sent, and kept until it is acknowledged. */
  async say(message: ToCoordinator, body: Uint8Array = nothing): Promise<void> {
    const { next, unacknowledged } = this.state;
    const bytes = await this.#frame(message, body, next);
    this.become({ next: next + 1, unacknowledged: [...unacknowledged, { number: next, type: message.type, bytes }] });
    this.outputs.push(send(TO_COORDINATOR, message.type, bytes));
  }

  /** What comes next? Said as often as needed. */
  async ask(seen: number = this.state.chapter): Promise<void> {
    const { chapter, heard: number, published, unacknowledged, standing } = this.state;
    for (const { type, bytes } of unacknowledged) this.outputs.push(send(TO_COORDINATOR, type, bytes));
    if (standing === 'outside' || standing === 'asking') return;
    const message = {
      type: 'resume',
      chapter: Math.max(0, chapter),
      number,
      version: published?.version ?? null,
    } as const;
    const draw = this.state.drawn?.draw ?? null;
    this.become({ asked: { chapter, heard: number, version: message.version, draw, seen, atMs: this.nowMs } });
    this.outputs.push(send(TO_COORDINATOR, message.type, await this.#frame(message, nothing, null)));
  }

  /**
   * One gap, one question: the answer is all that is missing, and each message of it that overtakes another shows the same gap. One of a later
   * chapter (`seen`) shows more: what nobody vouched for before, members may have reported by then.
   */
  async askOnce(seen: number = this.state.chapter): Promise<void> {
    const { chapter, heard, asked, published, drawn } = this.state;
    const isSamePlace =
      asked?.chapter === chapter &&
      asked.heard === heard &&
      asked.version === (published?.version ?? null) &&
      asked.draw === (drawn?.draw ?? null) &&
      asked.seen >= seen;
    if (!isSamePlace || this.nowMs >= asked.atMs + ASK_AGAIN_MS) await this.ask(seen);
  }

  async write(content: LedgerContent): Promise<void> {
    const { primitives, signer } = this.setup;
    this.become({ ledger: await appendTo(primitives, signer, this.state.ledger, { content, atMs: this.nowMs }) });
  }

  /** Its own records, verified again: nothing is decided on others. */
  async history(): Promise<VerifiedLedger> {
    const { owner, records } = this.state.ledger;
    const verdict = await verifyLedger(this.setup.primitives, owner, records);
    if (verdict.kind === 'intact') return verdict.ledger;
    throw new ParameterError(`this participant's ledger is damaged: ${verdict.findings[0]?.what}`);
  }

  note(text: string, refusals: readonly Refusal[] = []): void {
    this.outputs.push({ kind: 'note', text, refusals });
  }

  /** What the coordinator did wrong, with its own signature on it. */
  accuse(reason: string, message: Uint8Array): void {
    this.outputs.push({ kind: 'evidence', code: 'E_CTX', reason, accused: [], messages: [message] });
  }

  async leave(reason: string): Promise<void> {
    await this.say({ type: 'leave', reason });
    this.become({ standing: 'left', open: undefined, work: undefined });
    this.outputs.push({ kind: 'run over', why: null, text: reason });
  }

  async #frame(message: ToCoordinator, body: Uint8Array, number: number | null): Promise<Uint8Array<ArrayBuffer>> {
    const { primitives, signer, runId } = this.setup;
    const head = await writeHead(primitives, signer, {
      format: 'sumus/run/1',
      run: runId,
      from: this.name,
      number,
      message,
      body: body.length === 0 ? null : blobName(primitives, body),
    });
    return joinFrame(head, body);
  }
}

const nothing = new Uint8Array(0);

/** An answer that has not come by then is taken for lost. */
const ASK_AGAIN_MS = 2000;

/** What the coordinator may know of refusals. */
export const reasonsOf = (refusals: readonly Refusal[]): readonly Reason[] =>
  refusals.slice(0, 64).map(({ code, path, toCoordinator }) => ({ code, path, text: toCoordinator }));

/** What is written into the own ledger of them. */
export const ownWords = (refusals: readonly Refusal[]): string =>
  refusals
    .map(({ toParticipant }) => toParticipant)
    .join(' ')
    .slice(0, 2000);
