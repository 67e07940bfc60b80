// Invitations made in this page, and the desk that answers those who come with them: the only place that has the authority's key and the
// invitations' secrets. Both are in memory alone; an owner who wants them to outlive the page uses `sumus invite`.
import { certify, encodeCertificate, memberId } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { type AnswerEnrolment, type EnrolmentAsked, enrolmentAsked, JSON_TYPE } from '@sumus/wire/bodies';
import { INVITATION_SECRET_BYTES, InvitationSecret, isEnrolmentProof, writeInvitationLink } from '@sumus/wire/link';
import { Problem } from '@sumus/wire/problem';
import { EventReader } from '@sumus/wire/stream';
import { bytesOfHex, hexOf, jsonBytes, readJsonText } from '@sumus/wire/text';
import type { RunSummary } from '../history/summary.ts';
import type { Door } from '../live/door.ts';
import { webPrimitives } from '../live/own-key.ts';

const DAY_MS = 86_400_000;
const DAYS = 7;
const PAUSE_MS = 2000;
/** What may be otherwise by asking again. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'too-many', 'too-slow']);

interface Invitation {
  readonly id: string;
  readonly member: string;
  readonly role: 'silo' | 'device';
  readonly notAfterMs: number;
  readonly secret: InvitationSecret;
  /** Whom it made a member: one key, once. */
  certified?: { readonly publicKey: string; readonly certificate: string };
}

export class InvitationDesk {
  readonly #door: Door;
  readonly #run: RunSummary;
  readonly #authority: Signer;
  readonly #invitations = new Map<string, Invitation>();
  /** Invitation and key of those whose answer the coordinator took. */
  readonly #answered = new Set<string>();

  constructor(door: Door, run: RunSummary, authority: Signer) {
    this.#door = door;
    this.#run = run;
    this.#authority = authority;
  }

  /** The link of a new invitation, registered at the coordinator without its secret. */
  async invite(member: string): Promise<string> {
    const { runId, projectId, plan, coordinator } = this.#run;
    const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));
    const role = plan.plan.contributors.population === 'devices' ? 'device' : 'silo';
    const notAfterMs = Math.min(Date.now() + DAYS * DAY_MS, plan.plan.deadline.endsAtMs);
    const id = hexOf(random(16));
    const secret = new InvitationSecret(random(INVITATION_SECRET_BYTES));
    const link = writeInvitationLink(await webPrimitives(), {
      server: new URL('.', location.href).href.replace(/\/$/, ''),
      runId,
      projectId,
      member,
      invitation: id,
      secret,
      coordinator,
      authority: hexOf(this.#authority.publicKey),
      plan: plan.id,
      owner: plan.signedBy,
      // A page is not told which certificate vouches for its server: `sumus invite` writes links that pin one.
      fingerprint: undefined,
    });
    this.#invitations.set(id, { id, member, role, notAfterMs, secret });
    await this.#door.say('invite', runId, { id, member, role, notAfterMs });
    return link;
  }

  /** Answers whoever asks, until the signal, over connections that end and are made again. `told`: what to show of it. */
  async keep(signal: AbortSignal, told: (text: string) => void): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#keepOnce(signal, told);
      } catch (cause) {
        // What a server refuses it refuses again; one that cannot be reached is asked again.
        if (signal.aborted || (cause instanceof Problem && !passing.has(cause.code))) throw cause;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #keepOnce(signal: AbortSignal, told: (text: string) => void): Promise<void> {
    const parameters = { run: this.#run.runId };
    const response = await this.#door.ask('enrolments', { parameters, query: { from: 0 }, signal });
    const reader = new EventReader();
    for await (const chunk of response.body ?? []) {
      for (const { data } of reader.read(chunk)) {
        const asked = readJsonText(enrolmentAsked, data);
        const answer = await this.#answerTo(asked);
        if (answer === undefined) continue;
        await this.#door.bytes('answerEnrolment', {
          parameters: { ...parameters, invitation: asked.invitation },
          body: jsonBytes(answer),
          type: JSON_TYPE,
        });
        this.#answered.add(`${asked.invitation} ${asked.publicKey}`);
        told(answer.kind === 'certified' ? asked.member : `${asked.member}: ${answer.reason}`);
      }
    }
  }

  /** Undefined for an invitation that was not made here, or was answered: somebody else's to answer. */
  async #answerTo({ invitation: id, publicKey: key, proof }: EnrolmentAsked): Promise<AnswerEnrolment | undefined> {
    const invitation = this.#invitations.get(id);
    if (invitation === undefined || this.#answered.has(`${id} ${key}`)) return undefined;
    const { certified } = invitation;
    // An answer that did not arrive is given again as it was; nobody else gets one.
    if (certified !== undefined) {
      return certified.publicKey === key ? { kind: 'certified', certificate: certified.certificate } : undefined;
    }
    const { projectId, runId, plan } = this.#run;
    const publicKey = bytesOfHex(key);
    const { member, role, secret, notAfterMs } = invitation;
    // Whom it is for is known here, whatever the server says.
    const claim = { projectId, runId, invitation: id, member, publicKey };
    if (!isEnrolmentProof(await webPrimitives(), secret, claim, proof)) {
      return { kind: 'refused', reason: 'The proof is not of somebody who has the link.' };
    }
    if (Date.now() > notAfterMs) return { kind: 'refused', reason: 'The time of the invitation is over.' };
    const certificate = await certify(this.#authority, {
      projectId,
      memberId: memberId(member),
      role,
      publicKey,
      notBeforeMs: Date.now() - DAY_MS,
      notAfterMs: plan.plan.deadline.endsAtMs + DAY_MS,
      quotaClass: 'invitation',
    });
    const text = hexOf(encodeCertificate(certificate));
    invitation.certified = { publicKey: key, certificate: text };
    return { kind: 'certified', certificate: text };
  }
}
