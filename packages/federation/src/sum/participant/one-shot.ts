// A participant's half of a sum under `one-shot`: it contributes with one message, and where it sits in the committee it signs one set and
// answers for it. Where sums are opened to participants, contributors open theirs from the committee's boxes. Under `asynchronous` one
// committee serves many sums, each a flush; a contribution that came too late for one is sent again for the next.

import { sameBytes } from '@sumus/secure-sum/canonical';
import { MalformedMessage, ProtocolViolation } from '@sumus/secure-sum/errors';
import { done, type Output, PERSIST, type Send, send, TO_COORDINATOR } from '@sumus/secure-sum/machine';
import { encodeMessage, signMessage } from '@sumus/secure-sum/messages';
import {
  acceptedBy,
  type Contributor,
  contributorStep,
  type OneShotRound,
  startContributor,
} from '@sumus/secure-sum/one-shot';
import { type Member, type MemberState, memberStep, startMember } from '@sumus/secure-sum/one-shot/committee';
import { DELIVERY, verifySetCertificate } from '@sumus/secure-sum/one-shot/coordinator';
import { agreementOf, type SecretKey } from '@sumus/secure-sum/secret-primitives';
import { hasEpochs, trustAt } from '../agreement.ts';
import { ABSTAIN } from '../clear-words.ts';
import type { Drawn } from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame } from '../frame.ts';
import { modelsOf, roundOf, versionAt, versionsOf } from '../one-shot-round.ts';
import { decodeOpened, type Opened, requireWords, resultOfSet, wordsOfBytes } from '../opened.ts';
import { enter } from './entering.ts';
import { claimedBySet, helping } from './helped-sets.ts';
import {
  FRESH,
  type InSum,
  readInSum,
  readServing,
  type Serving,
  writeInSum,
  writeServing,
} from './one-shot-standing.ts';
import { requireWithin } from './own-words.ts';
import type { SecretEpoch, SecretStanding } from './standing.ts';
import type { OwnOpened, ProtocolStep, SecretProtocol, SumEnvironment } from './state.ts';

const empty = new Uint8Array(0);

export async function beginOneShot(
  env: SumEnvironment,
  before: SecretStanding,
  drawn: Drawn,
  secretBoxKey: SecretKey<'x25519'>,
  nowMs: number,
): Promise<ProtocolStep> {
  const { setup, open, point } = env;
  const { primitives } = setup;
  const round = await roundOf(primitives, setup, open, point, drawn, nowMs);
  const accepted = acceptedBy(setup.floors, round);
  const contributing = enter(primitives, before, 'contribute', open);
  const { state: contributor } = await startContributor(contributorOf(env, round), {
    accepted,
    entered: contributing.entered,
  });
  const common = { drawn, round, secretBoxKey, contributor, own: undefined, ownVersion: 0 };
  if (!round.numberOf.has(setup.certificate.memberId)) {
    const protocol = oneShot(env, { ...common, member: undefined }, FRESH);
    return { protocol, standing: contributing.standing, outputs: [PERSIST] };
  }
  const opening = enter(primitives, contributing.standing, 'open', open);
  const { state: member } = startMember(await memberOf(env, round, secretBoxKey, nowMs), {
    accepted,
    entered: opening.entered,
  });
  return { protocol: oneShot(env, { ...common, member }, FRESH), standing: opening.standing, outputs: [PERSIST] };
}

const contributorOf = ({ setup }: SumEnvironment, round: OneShotRound): Contributor => {
  const { engines, primitives, certificate, signer } = setup;
  const lattice = { engine: engines.lattice.engine, primitives };
  return { lattice, primitives, round, memberId: certificate.memberId, certificate, signer };
};

async function memberOf(
  { setup }: SumEnvironment,
  round: OneShotRound,
  secretBoxKey: SecretKey<'x25519'>,
  nowMs: number,
): Promise<Member> {
  const { engines, primitives, certificate, signer } = setup;
  const lattice = { engine: engines.lattice.engine, primitives };
  const boxKey = await agreementOf(primitives, secretBoxKey);
  const trust = trustAt(setup, nowMs);
  return { lattice, primitives, round, memberId: certificate.memberId, signer, boxKey, trust };
}

/** The next sum of a committee that stands. */
export async function continueOneShot(env: SumEnvironment, epoch: SecretEpoch, nowMs: number): Promise<SecretProtocol> {
  const serving = await readServing(env, epoch.storedInTheClear, nowMs);
  const { contributor, ownVersion, round } = serving;
  const newest = modelsOf(env.setup, env.point).length - 1;
  const isTooOld = newest - ownVersion > round.parameters.flushes.versionsOld;
  if (contributor.phase !== 'sent') return oneShot(env, serving, FRESH);
  if (!isTooOld) return oneShot(env, serving, { ...FRESH, hasSpoken: true });
  // Nobody takes it any more: this participant may contribute anew.
  const { state } = await contributorStep(contributorOf(env, round), contributor, { kind: 'received' });
  return oneShot(env, { ...serving, contributor: state }, FRESH);
}

function oneShot(env: SumEnvironment, serving: Serving, at: InSum): SecretProtocol {
  const { setup, point, id, open } = env;
  const { primitives, encoding, certificate } = setup;
  const { round, contributor, member, own, secretBoxKey } = serving;
  const { openedTo } = round.parameters;

  const next = (
    standing: SecretStanding,
    changed: Partial<Serving>,
    now: Partial<InSum>,
    ...outputs: readonly Output<OwnOpened>[]
  ): ProtocolStep => ({
    protocol: oneShot(env, { ...serving, ...changed }, { ...at, ...now }),
    standing,
    outputs: [PERSIST, ...outputs],
  });
  const sendsIn = (outputs: readonly Output<unknown>[]): readonly Send[] =>
    outputs.filter((output) => output.kind === 'send');

  async function words(
    standing: SecretStanding,
    values: Int32Array,
    version: number | undefined,
  ): Promise<ProtocolStep> {
    requireUnspoken();
    requireWithin(values, encoding);
    const models = modelsOf(setup, point);
    const model = versionAt(models, version ?? models.length - 1);
    const { state, outputs } = await contributorStep(contributorOf(env, round), contributor, {
      kind: 'contribute',
      values,
      model,
    });
    const sends = sendsIn(outputs);
    const [contribution] = sends;
    if (contribution === undefined) throw new ProtocolViolation('E_PHASE', 'nothing was contributed');
    const digest = primitives.sha256(contribution.bytes);
    return next(
      standing,
      { contributor: state, own: digest, ownVersion: model.version },
      { hasSpoken: true },
      ...sends,
    );
  }

  async function abstain(standing: SecretStanding): Promise<ProtocolStep> {
    requireUnspoken();
    const message = { ...ABSTAIN, sender: certificate.memberId, body: id };
    const bytes = encodeMessage(await signMessage(primitives, setup.signer, open, message));
    const said = send(TO_COORDINATOR, FRAME.abstain, bytes);
    return next(standing, {}, { hasSpoken: true, said: [...at.said, said] }, said);
  }

  function requireUnspoken(): void {
    if (at.hasSpoken) throw new ProtocolViolation('E_PHASE', `${certificate.memberId} has spoken in this sum`);
  }

  async function received(standing: SecretStanding, { type, body }: Frame, nowMs: number): Promise<ProtocolStep> {
    switch (type) {
      case DELIVERY.receipt: {
        if (contributor.phase !== 'sent') return { protocol: oneShot(env, serving, at), standing, outputs: [] };
        const { state } = await contributorStep(contributorOf(env, round), contributor, { kind: 'received' });
        return next(standing, { contributor: state }, {});
      }
      case DELIVERY.close:
        return sign(standing, body, nowMs);
      case DELIVERY.certificate: {
        const { state, outputs } = await memberStep(await ownMember(nowMs), serves(), {
          kind: 'certificate',
          certificate: body,
        });
        return next(standing, { member: state }, { said: [...at.said, ...sendsIn(outputs)] }, ...sendsIn(outputs));
      }
      case DELIVERY.total:
        return finish(standing, {}, { ...at, total: body.slice() });
      case DELIVERY.opening:
        return finish(standing, {}, { ...at, boxes: body.slice() });
      case FRAME.opened:
        return takeOpened(standing, decodeOpened(body));
      default:
        throw new ProtocolViolation('E_PHASE', `${type} in a sum under one-shot`);
    }
  }

  const ownMember = (nowMs: number): Promise<Member> => memberOf(env, round, secretBoxKey, nowMs);

  function serves(): MemberState {
    if (member === undefined)
      throw new ProtocolViolation('E_COMMITTEE', `${certificate.memberId} is not in the committee`);
    return member;
  }

  /** Signs the set; where shares in it are not what was committed to, it says whose, and signs nothing. */
  async function sign(before: SecretStanding, request: Uint8Array, nowMs: number): Promise<ProtocolStep> {
    const standing = helping(env, before, claimedBySet(request));
    const models = versionsOf(modelsOf(setup, point));
    const tools = await ownMember(nowMs);
    const member = serves();
    try {
      const { state, outputs } = await memberStep(tools, member, { kind: 'close', request, models });
      return next(standing, { member: state }, { said: [...at.said, ...sendsIn(outputs)] }, ...sendsIn(outputs));
    } catch (error) {
      const isOfShares =
        (error instanceof ProtocolViolation && error.code === 'E_SHARE') ||
        (error instanceof MalformedMessage && error.code === 'E_BOX');
      if (!isOfShares) throw error;
      const { state, outputs } = await memberStep(tools, member, { kind: 'review', request, models });
      return next(before, { member: state }, {}, ...sendsIn(outputs));
    }
  }

  async function takeOpened(standing: SecretStanding, opened: Opened): Promise<ProtocolStep> {
    if (openedTo === 'participants') return finish(standing, {}, { ...at, opened });
    const [certified = empty, bytes = empty] = decodeList(opened.carrier, 'a certified sum', 2);
    const set = await verifySetCertificate(primitives, round, certified);
    if (set.contributions !== opened.contributors.length || set.contributions < round.parameters.minimumContributors) {
      throw new ProtocolViolation(
        'E_TOO_FEW',
        `a certified set of ${set.contributions} for ${opened.contributors.length}`,
      );
    }
    const sum = wordsOfBytes(bytes, encoding.words);
    requireWords(primitives, id, setup, opened, sum);
    return ended(standing, {}, opened, sum);
  }

  /** Opened to participants: the list of contributors, and for who is in it its own opening. */
  async function finish(standing: SecretStanding, changed: Partial<Serving>, now: InSum): Promise<ProtocolStep> {
    const { opened, total, boxes } = now;
    const waiting = next(standing, changed, now);
    if (opened === undefined) return waiting;
    const contributed = opened.contributors.some(({ memberId }) => memberId === certificate.memberId);
    if (!contributed) return ended(standing, changed, opened, undefined);
    if (total === undefined || boxes === undefined) return waiting;
    const opening = { answers: boxes, total };
    const { outputs } = await contributorStep(contributorOf(env, round), contributor, { kind: 'opening', opening });
    const own = outputs.flatMap((output) => (output.kind === 'done' ? [output.result] : []))[0];
    if (own === undefined) return waiting;
    const { set, sum } = own;
    if (set.contributions !== opened.contributors.length) {
      throw new ProtocolViolation(
        'E_TOO_FEW',
        `a certified set of ${set.contributions} for ${opened.contributors.length}`,
      );
    }
    if (!sameBytes(resultOfSet(primitives, id, opened.contributors, set.setHash), opened.result)) {
      throw new ProtocolViolation('E_SUM', 'the set that was opened is not the one that the result names');
    }
    return ended(standing, changed, opened, sum);
  }

  async function ended(
    standing: SecretStanding,
    changed: Partial<Serving>,
    opened: Opened,
    sum: Int32Array | undefined,
  ): Promise<ProtocolStep> {
    const mine = opened.contributors.find(({ memberId }) => memberId === certificate.memberId);
    const isIn = mine !== undefined && own !== undefined && sameBytes(mine.contribution, own);
    const taken =
      isIn && contributor.phase === 'sent'
        ? (await contributorStep(contributorOf(env, round), contributor, { kind: 'received' })).state
        : contributor;
    return next(standing, { ...changed, contributor: taken }, { opened }, done({ opened, sum }));
  }

  async function wiped(): Promise<undefined> {
    await contributorStep(contributorOf(env, round), contributor, { kind: 'end' });
    if (member !== undefined) await memberStep(await ownMember(0), member, { kind: 'end' });
    secretBoxKey.wipe();
    return undefined;
  }

  return Object.freeze<SecretProtocol>({
    kind: 'one-shot',
    phase: at.hasSpoken && at.said.length > 0 ? 'agreeing' : 'contributing',
    wantsWords: !at.hasSpoken && contributor.phase === 'ready',
    own,
    received,
    words,
    abstain,
    resume: async () => {
      if (contributor.phase !== 'sent') return at.said;
      const { outputs } = await contributorStep(contributorOf(env, round), contributor, { kind: 'send again' });
      return [...sendsIn(outputs), ...at.said];
    },
    end: async () =>
      hasEpochs(setup)
        ? Object.freeze({ kind: 'one-shot', round: point.epoch, storedInTheClear: writeServing(serving) })
        : wiped(),
    storeInTheClear: () => encodeList(writeServing(serving), writeInSum(at)),
  });
}

export async function restoreOneShot(env: SumEnvironment, stored: Uint8Array, nowMs: number): Promise<SecretProtocol> {
  const [serving = empty, inSum = empty] = decodeList(stored, 'a sum under one-shot');
  return oneShot(env, await readServing(env, serving, nowMs), readInSum(inSum));
}
