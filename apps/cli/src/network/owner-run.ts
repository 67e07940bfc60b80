// One run as its owner has it: created at a server, its invitations and their answers, begun, watched, and its model at the end. Every step may be
// done again: a command that was killed does the same steps, and what was done stays done.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { passes, upload } from '@sumus/client/connection';
import { firstWeightsOf } from '@sumus/federation/model';
import { wordEncodingOf } from '@sumus/federation/plan';
import { bytesOfPublished, type Published, publishedFromBytes, startPublished } from '@sumus/federation/release';
import { type BlobName, type RunEvent, readEvent } from '@sumus/federation/run';
import { thresholdKeyOf } from '@sumus/federation/sum';
import { nodePrimitives } from '@sumus/platform/node';
import {
  enrolmentAsked,
  JSON_TYPE,
  type RunStatus,
  runStatus,
  USUAL_LIMITS,
  writeThresholdKey,
} from '@sumus/wire/bodies';
import { InvitationSecret, writeInvitationLink } from '@sumus/wire/link';
import { Problem } from '@sumus/wire/problem';
import { hexOf, jsonBytes, readJsonText } from '@sumus/wire/text';
import { answerTo } from './enrolment-desk.ts';
import { type Invitation, InvitationBook } from './invitation-book.ts';
import { logPath } from './kept-log.ts';
import type { OwnerDoor } from './owner-door.ts';
import type { OwnerFolder } from './owner-folder.ts';
import { bookPath, type RunRecord } from './run-record.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const AGAIN_MS = 1000;

export interface InvitationToMake {
  readonly member: string;
  readonly days: number;
}

export class OwnerRun {
  readonly record: RunRecord;
  readonly book: InvitationBook;
  /** Where its log is kept when it is over. */
  readonly logFile: string;
  readonly #owner: OwnerFolder;
  readonly #door: OwnerDoor;
  readonly #primitives = nodePrimitives();

  constructor(owner: OwnerFolder, record: RunRecord, door: OwnerDoor) {
    this.#owner = owner;
    this.record = record;
    this.#door = door;
    this.book = InvitationBook.open(bookPath(owner.folder, record.runId));
    this.logFile = logPath(owner.folder, record.runId);
  }

  get #run(): { readonly run: string } {
    return { run: this.record.runId };
  }

  /** The first model goes first: a run begins with what everybody can compute, and the server cannot. */
  async create(): Promise<RunStatus> {
    const { runId, projectId, plan: signed } = this.record;
    const { plan } = signed;
    const first = startPublished(plan, plan.exchange.schedule === 'one-round' ? undefined : firstWeightsOf(plan));
    const firstModel = await this.#upload(bytesOfPublished(first));
    const thresholdKey =
      plan.protection.kind === 'threshold'
        ? writeThresholdKey(thresholdKeyOf({ plan, encoding: wordEncodingOf(plan) }))
        : null;
    const authority = hexOf(this.#owner.authority.publicKey);
    const body = jsonBytes({ runId, projectId, plan: signed, authority, thresholdKey, firstModel });
    return this.#door.json(runStatus, 'createRun', { body, type: JSON_TYPE });
  }

  async #upload(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await upload(this.#door.connection, {
      run: this.record.runId,
      name: { sha256, bytes: bytes.length },
      bytes,
      pieceBytes: USUAL_LIMITS.pieceBytes,
      tell: () => undefined,
    });
    return sha256;
  }

  status(): Promise<RunStatus> {
    return this.#door.json(runStatus, 'run', { parameters: this.#run });
  }

  // ── invitations ──

  /** In the book first: an invitation that the server does not know is registered again. */
  async invite({ member, days }: InvitationToMake): Promise<Invitation> {
    const { plan } = this.record.plan;
    const invitation = this.book.invite({
      id: hexOf(Uint8Array.from(randomBytes(16))),
      member,
      role: plan.contributors.population === 'devices' ? 'device' : 'silo',
      notAfterMs: Math.min(Date.now() + days * DAY_MS, plan.deadline.endsAtMs),
      secret: new InvitationSecret(Uint8Array.from(randomBytes(16))),
    });
    await this.register(invitation);
    return invitation;
  }

  async register({ id, member, role, notAfterMs }: Invitation): Promise<void> {
    await this.#door.say('invite', this.#run, { id, member, role, notAfterMs });
  }

  linkOf({ id, member, secret }: Invitation): string {
    const { runId, projectId, server, plan } = this.record;
    return writeInvitationLink(this.#primitives, {
      server: server.url,
      runId,
      projectId,
      member,
      invitation: id,
      secret,
      coordinator: server.coordinator,
      authority: hexOf(this.#owner.authority.publicKey),
      plan: plan.id,
      owner: plan.signedBy,
      fingerprint: server.fingerprint,
    });
  }

  /** Answers whoever asks, until the signal; `answered` hears of it. A connection that breaks is made again. */
  async keepDesk(signal: AbortSignal, answered: (text: string) => void): Promise<void> {
    await this.#following('enrolments', signal, async ({ data }) => {
      const asked = readJsonText(enrolmentAsked, data);
      const { projectId, runId, plan } = this.record;
      const answer = await answerTo(asked, Date.now(), {
        primitives: this.#primitives,
        authority: this.#owner.authority,
        book: this.book,
        projectId,
        runId,
        certifiedUntilMs: plan.plan.deadline.endsAtMs + DAY_MS,
      });
      if (answer === undefined) return false;
      try {
        await this.#door.say('answerEnrolment', { ...this.#run, invitation: asked.invitation }, answer);
      } catch (error) {
        // It was answered before: once is what was wanted.
        if (error instanceof Problem && (error.code === 'conflict' || error.code === 'spent')) return false;
        throw error;
      }
      const member = this.book.find(asked.invitation)?.member ?? asked.member;
      answered(answer.kind === 'certified' ? `${member} is a member` : `${member} is refused: ${answer.reason}`);
      return false;
    });
  }

  // ── the run ──

  start(): Promise<RunStatus> {
    const question = { parameters: this.#run, body: jsonBytes({}), type: JSON_TYPE };
    return this.#door.json(runStatus, 'start', question);
  }

  stop(reason: string): Promise<void> {
    return this.#door.say('stop', this.#run, { reason });
  }

  /** The authority's list, hexadecimal. */
  publishRevocations(list: string): Promise<void> {
    return this.#door.say('revoke', this.#run, { list });
  }

  /** For the rest of the run. */
  remove(member: string, reason: string): Promise<void> {
    return this.#door.say('remove', this.#run, { member, reason });
  }

  /** Who may read the run's events. */
  nameObserver(publicKey: string): Promise<void> {
    return this.#door.say('observers', this.#run, { publicKey });
  }

  /**
   * Every event from the first on, until the run is over or the signal. `place`: in the log; what was not taken in for a reason that passes is
   * told again.
   */
  async watch(signal: AbortSignal, happened: (event: RunEvent, place: number) => void | Promise<void>): Promise<void> {
    await this.#following('events', signal, async ({ data, id }) => {
      const event = readEvent(data);
      await happened(event, Number(id));
      return event.kind === 'run ended';
    });
  }

  /** What a released event names. */
  async model(name: BlobName): Promise<Published> {
    const bytes = await this.#door.bytes('blob', { parameters: { ...this.#run, sha256: name.sha256 } });
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== name.sha256) throw new Problem('wrong-hash', `the server sent ${found} for the model ${name.sha256}`);
    return publishedFromBytes(this.record.plan.plan, bytes);
  }

  async #following(
    route: 'enrolments' | 'events',
    signal: AbortSignal,
    take: (event: { readonly data: string; readonly id: string | undefined }) => Promise<boolean>,
  ): Promise<void> {
    let lastEventId: string | undefined;
    while (!signal.aborted) {
      try {
        for await (const event of this.#door.events(route, { parameters: this.#run, lastEventId, signal })) {
          if (await take(event)) return;
          lastEventId = event.id ?? lastEventId;
        }
      } catch (error) {
        if (signal.aborted) return;
        // Who may not ask, or what is not there, stays so; a server that is away comes back.
        if (!passes(error)) throw error;
      }
      await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
