// How strangers become members, carried and not decided: invitations are registered, whoever has the link asks, and the owner's command answers.
// The first who asks under an invitation is the one who asked; the same again changes nothing.

import { certify, encodeCertificate, memberId } from '@sumus/secure-sum/identity';
import {
  answerEnrolment,
  type EnrolmentAsked,
  type EnrolmentState,
  enrol,
  registerInvitation,
} from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { eventText } from '@sumus/wire/stream';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import type { AskedFor, Invitation, OfficeState } from '../office/office-state.ts';
import type { RunPlace } from '../run/run-place.ts';
import { done, json } from './answer.ts';
import { changes } from './changes.ts';
import { byOf, callerKey, fromOf, type Handlers, type House, jsonOf, type RunCall } from './context.ts';

const INVITATIONS_AT_MOST = 65_536;

export const enrolmentRoutes: Handlers<RunCall> = {
  invite: async (call) => {
    const { place, house } = call;
    const invitation = await jsonOf(call, registerInvitation);
    await place.office.act(byOf(call), house.nowMs(), (state) => {
      const before = state?.invitations.get(invitation.id);
      if (before === undefined) {
        if ((state?.invitations.size ?? 0) >= INVITATIONS_AT_MOST)
          throw new Problem('too-many', 'this run has too many invitations');
        return { kind: 'invitation registered', invitation };
      }
      const { id, member, role, notAfterMs } = before;
      if (JSON.stringify({ id, member, role, notAfterMs }) !== JSON.stringify(invitation)) {
        throw new Problem('conflict', 'another invitation has that id');
      }
      return undefined;
    });
    return done;
  },

  invitation: async ({ known, matched, house }) => {
    const { id, member, role, notAfterMs, asked } = invitationOf(known, matched.parameters['invitation']);
    const { projectId, plan } = known.create;
    const isSpent = asked !== undefined || notAfterMs < house.nowMs();
    return json({ id, member, role, notAfterMs, projectId, plan, isSpent });
  },

  enrol: async (call) => {
    const { place, house } = call;
    const asked = await jsonOf(call, enrol);
    if (asked.publicKey !== callerKey(call))
      throw new Problem('forbidden', 'whoever asks signs with the key that is to be certified');
    if (asked.publicKey === house.coordinator) throw new Problem('forbidden', "a server's key is no participant's");
    await place.office.act(byOf(call), house.nowMs(), (state) => {
      const invitation = invitationOf(state, asked.invitation);
      if (invitation.asked !== undefined) {
        const { invitation: id, publicKey, proof } = invitation.asked;
        if (
          JSON.stringify({ id, publicKey, proof }) ===
          JSON.stringify({ id: asked.invitation, publicKey: asked.publicKey, proof: asked.proof })
        )
          return undefined;
        throw new Problem('spent', 'somebody has used this invitation');
      }
      if (invitation.notAfterMs < house.nowMs()) throw new Problem('spent', 'the time of this invitation is over');
      if (state?.members.has(asked.publicKey))
        throw new Problem('conflict', 'this key is certified in this run already');
      return { kind: 'enrolment asked', enrol: asked };
    });
    await answerWhereAnybodyIs(house, place, asked.invitation);
    return done;
  },

  enrolments: async (call) => {
    const { place, house, asked } = call;
    let next = fromOf(call);
    const events = async function* (): AsyncGenerator<string> {
      for await (const _ of changes(house, (listener) => place.office.onChange(listener), asked.signal)) {
        if (house.runs.isShared) await place.office.refresh();
        const known = place.office.known;
        for (; next < known.asked.length; next += 1) {
          const one = known.asked[next];
          if (one !== undefined)
            yield eventText({ id: String(next), event: 'message', data: JSON.stringify(askedOf(known, one)) });
        }
      }
    };
    return { kind: 'events', events: events() };
  },

  enrolment: async (call) => {
    const { known, matched, role } = call;
    const { asked, answer } = invitationOf(known, matched.parameters['invitation']);
    if (role.kind !== 'owner' && asked?.publicKey !== callerKey(call)) {
      throw new Problem('forbidden', 'only the key that asked under this invitation is told');
    }
    if (asked === undefined) throw new Problem('not-found', 'nobody asked under this invitation');
    const state: EnrolmentState =
      answer === undefined
        ? { kind: 'waiting' }
        : answer.kind === 'refused'
          ? answer
          : { kind: 'certified', certificate: answer.certificate, revocations: known.revocations?.list ?? null };
    return json(state);
  },

  answerEnrolment: async (call) => {
    const { place, house, matched } = call;
    const answer = await jsonOf(call, answerEnrolment);
    const invitation = matched.parameters['invitation'] ?? '';
    await place.office.act(byOf(call), house.nowMs(), async (state) => {
      const before = invitationOf(state, invitation).answer;
      if (before !== undefined) {
        if (JSON.stringify(before) === JSON.stringify(answer)) return undefined;
        throw new Problem('conflict', 'this enrolment was answered differently before');
      }
      await place.office.checkAnswer(invitation, answer, house.nowMs());
      return { kind: 'enrolment answered', invitation, answer };
    });
    return done;
  },
};

function invitationOf(state: OfficeState | undefined, id: string | undefined): Invitation {
  const found = state?.invitations.get(id ?? '');
  if (found === undefined) throw new Problem('not-found', 'there is no such invitation');
  return found;
}

function askedOf({ invitations }: OfficeState, { invitation, publicKey, proof, atMs }: AskedFor): EnrolmentAsked {
  const found = invitations.get(invitation);
  if (found === undefined) throw new RangeError('an enrolment without its invitation');
  const { member, role, notAfterMs } = found;
  return { invitation, publicKey, proof, member, role, notAfterMs, atMs };
}

/** Under a plan that admits anybody, the coordinator's own word is what a certificate is worth, and participants are told so. */
async function answerWhereAnybodyIs({ signer, nowMs }: House, place: RunPlace, id: string): Promise<void> {
  const { create, invitations } = place.office.known;
  const { plan } = create.plan;
  const invitation = invitations.get(id);
  if (plan.contributors.admission.kind !== 'open' || invitation?.asked === undefined || invitation.answer !== undefined)
    return;
  const certificate = await certify(signer, {
    projectId: create.projectId,
    memberId: memberId(invitation.member),
    role: invitation.role,
    publicKey: bytesOfHex(invitation.asked.publicKey),
    notBeforeMs: nowMs() - 60_000,
    notAfterMs: plan.deadline.endsAtMs,
    quotaClass: 'open',
  });
  const answer = { kind: 'certified', certificate: hexOf(encodeCertificate(certificate)) } as const;
  await place.office.act(null, nowMs(), async (state) => {
    if (state?.invitations.get(id)?.answer !== undefined) return undefined;
    await place.office.checkAnswer(id, answer, nowMs());
    return { kind: 'enrolment answered', invitation: id, answer };
  });
}
