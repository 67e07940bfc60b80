// From a link to a certificate. First the plan is fetched and held against the link: its hash, its owner's signature, the authority that it
// counts on. Then, and only if whoever joins still wants to, the own key is named with a proof that the link is had; the owner's command answers
// with a certificate, which is held against the link again. What a server says is believed nowhere.

import { MalformedMessage, ProtocolViolation } from '@sumus/federation/errors';
import { type VerifiedPlan, verifyPlan } from '@sumus/federation/plan';
import {
  type Certificate,
  decodeCertificate,
  decodeRevocationList,
  encodeCertificate,
  noRevocations,
  type Revocations,
  verifyCertificate,
  verifyRevocations,
} from '@sumus/secure-sum/identity';
import type { PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { type EnrolmentState, enrolmentState, invitationDetails, type MemberRole } from '@sumus/wire/bodies';
import { enrolmentProof, type InvitationLink } from '@sumus/wire/link';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import { type Clock, pause } from '../clock/clock.ts';
import type { Connection } from '../connection/connection.ts';
import type { Storage } from '../storage/storage.ts';
import { type Pinned, placeOf } from './place.ts';

/** What a link is for, checked. */
export interface Invited {
  readonly plan: VerifiedPlan;
  readonly role: MemberRole;
  readonly notAfterMs: number;
  /** Somebody has used it: this participant, or another. */
  readonly isSpent: boolean;
}

/** Asks what an invitation is for. Nothing is said but its number. */
export async function lookAt(connection: Connection, primitives: PublicPrimitives, link: Pinned): Promise<Invited> {
  const parameters = { run: link.runId, invitation: link.invitation };
  const details = await connection.ask(invitationDetails, 'invitation', { parameters });
  const refuse = (what: string): never => {
    throw new ProtocolViolation(`the server tells of ${what} than the invitation`);
  };
  if (details.id !== link.invitation || details.member !== link.member) refuse('another member');
  if (details.projectId !== link.projectId) refuse('another project');
  if (details.plan.id !== link.plan) refuse('another plan');
  const plan = await verifyPlan(primitives, details.plan, bytesOfHex(link.owner));
  const { admission } = plan.plan.contributors;
  if (admission.kind === 'invitation' && admission.authority !== link.authority) {
    refuse('a plan that counts on another authority');
  }
  const { role, notAfterMs, isSpent } = details;
  return Object.freeze({ plan, role, notAfterMs, isSpent });
}

/** A member of the run, as far as everybody else is concerned. */
export interface Enrolled {
  readonly certificate: Certificate;
  readonly revocations: Revocations;
}

export interface EnrolmentSetup {
  readonly connection: Connection;
  readonly primitives: PublicPrimitives;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly signer: Signer;
  readonly link: InvitationLink;
  /** Called once, when the owner has to answer first. */
  readonly onWaiting?: (() => void) | undefined;
  readonly isOver?: (() => boolean) | undefined;
}

/** The owner's command does not want this participant, or somebody else used the invitation. */
export class EnrolmentRefused extends Error {
  override readonly name = 'EnrolmentRefused';
  readonly code = 'E_ENROLMENT_REFUSED';
}

const FIRST_LOOK_MS = 200;
const LONGEST_LOOK_MS = 5000;

/** The certificate that is stored, or a new one: asks, waits for the owner's command, checks, stores. */
export async function enrolled(setup: EnrolmentSetup): Promise<Enrolled> {
  const { connection, primitives, clock, storage, signer, link } = setup;
  const name = `certificate-${placeOf(primitives, link)}`;
  const stored = await storage.read(name);
  if (stored !== undefined) return accepted(setup, decodeCertificate(stored), undefined);
  const { projectId, runId, invitation, member } = link;
  const { publicKey } = signer;
  const proof = enrolmentProof(primitives, link.secret, { projectId, runId, invitation, member, publicKey });
  await connection.tellJson('enrol', { run: runId }, { invitation, publicKey: hexOf(publicKey), proof });
  let waitMs = FIRST_LOOK_MS;
  for (let isFirst = true; ; isFirst = false) {
    const state: EnrolmentState = await connection.ask(enrolmentState, 'enrolment', {
      parameters: { run: runId, invitation },
    });
    if (state.kind === 'refused') throw new EnrolmentRefused(`the owner refuses: ${state.reason}`);
    if (state.kind === 'certified') {
      const certificate = decodeCertificate(bytesOfHex(state.certificate));
      const member = await accepted(setup, certificate, state.revocations ?? undefined);
      await storage.write(name, encodeCertificate(certificate));
      return member;
    }
    if (isFirst) setup.onWaiting?.();
    if (setup.isOver?.() === true) throw new EnrolmentRefused('nobody answered, and it was not waited for any longer');
    await pause(clock, waitMs).over;
    waitMs = Math.min(LONGEST_LOOK_MS, 1.5 * waitMs);
  }
}

async function accepted(
  { primitives, clock, signer, link }: EnrolmentSetup,
  certificate: Certificate,
  list: string | undefined,
): Promise<Enrolled> {
  const { projectId, member } = link;
  const authority = bytesOfHex(link.authority);
  const nowMs = clock.nowMs();
  const none = noRevocations(projectId);
  const revocations =
    list === undefined
      ? none
      : await newerRevocations(primitives, { authority: link.authority, before: none, nowMs }, list);
  await verifyCertificate(primitives, { authority, projectId, nowMs, revocations }, certificate);
  if (certificate.memberId !== member) {
    throw new MalformedMessage(`a certificate for ${certificate.memberId}, and the invitation is for ${member}`);
  }
  if (!primitives.timingSafeEqual(certificate.publicKey, signer.publicKey)) {
    throw new MalformedMessage('a certificate for another key than this participant has');
  }
  return Object.freeze({ certificate, revocations });
}

/** Lists are issued when something is revoked, not by the clock: their age says nothing, and they never get shorter. */
const MAXIMUM_AGE_MS = 2 ** 52;

/** A list from the server, where it is a later one of the authority; throws where it is anything else. */
export function newerRevocations(
  primitives: PublicPrimitives,
  { authority, before, nowMs }: { readonly authority: string; readonly before: Revocations; readonly nowMs: number },
  list: string,
): Promise<Revocations> {
  const trust = { authority: bytesOfHex(authority), nowMs, maximumAgeMs: MAXIMUM_AGE_MS, before };
  return verifyRevocations(primitives, trust, decodeRevocationList(bytesOfHex(list)));
}
