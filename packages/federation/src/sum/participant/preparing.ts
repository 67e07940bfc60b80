// Before a protocol: a participant announces its keys, sees the roster in the log, and draws the beacon with the others.
//
//   announced → (roster, in the log) committed → (commitments, in the log) revealed → (all reveals) the protocol
//
// It commits only to a roster that the log keeps and that it looked through: every certificate, every signature, nobody who may not be in
// it, itself with the keys that it announced. It reveals for one list, ever. It draws the beacon itself.

import {
  BEACON_COMMIT,
  BEACON_REVEAL,
  type Commitments,
  commitmentsEntry,
  contributorRule,
  drawBeacon,
  gatherCommitments,
  requireContributors,
} from '@sumus/secure-sum/beacon';
import {
  commitToBeacon,
  decodeContributor,
  encodeContributorInTheClear,
  revealForBeacon,
  type SecretContributor,
} from '@sumus/secure-sum/beacon/contributor';
import { MalformedMessage, ProtocolViolation } from '@sumus/secure-sum/errors';
import { abort, PERSIST, send, TO_COORDINATOR } from '@sumus/secure-sum/machine';
import {
  decodeMessage,
  encodeMessage,
  type MessageKind,
  signMessage,
  type VerifiedMessage,
  verifyMessage,
} from '@sumus/secure-sum/messages';
import { decodeAdvertisement, decodeEntry, type Roster, requireOwnEntry, vouchFor } from '@sumus/secure-sum/roster';
import { SUM_ROLES, trustAt } from '../agreement.ts';
import {
  type Drawn,
  decodePrepared,
  encodePrepared,
  entryOf,
  type Prepared,
  requireAdmitted,
  rootOf,
} from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame, numberPart, readText, textPart } from '../frame.ts';
import { decodePlace, seeInLog } from '../log-place.ts';
import type { SecretStanding } from './standing.ts';
import type { ProtocolStep, SecretProtocol, SumEnvironment } from './state.ts';

/** A protocol that has announced its keys and waits for roster and beacon. */
export interface SecretBeginning {
  /** encodeEntry: certificate and signed keys. */
  readonly entry: Uint8Array;
  begin(standing: SecretStanding, drawn: Drawn, nowMs: number): Promise<ProtocolStep>;
  wipe(): void;
  storeInTheClear(): Uint8Array;
}

type Stage =
  | { readonly at: 'announced' }
  | {
      readonly at: 'committed';
      readonly prepared: Prepared;
      readonly contributor: SecretContributor;
      readonly outgoing: Uint8Array;
    }
  | {
      readonly at: 'revealed';
      readonly prepared: Prepared;
      /** As they came: what everybody reveals for. */
      readonly commitments: readonly Uint8Array[];
      /** What was made of exactly these when each signature was checked; undefined in a state that was read back, where each is checked again. */
      readonly gathered: Commitments | undefined;
      /** Undefined where the own commitment was lost on its way: nothing to reveal. */
      readonly outgoing: Uint8Array | undefined;
    };

const BEACON_BODY_BYTES_AT_MOST = 128;
const empty = new Uint8Array(0);

/** The entry, and how much of the log its sender saw: the coordinator proves that it goes on from there. */
export const announcement = (entry: Uint8Array, { witness, view }: SecretStanding): Uint8Array =>
  encodeList(entry, numberPart(witness.last?.size ?? 0), numberPart(view?.head.size ?? 0));

export function preparing(
  env: SumEnvironment,
  beginning: SecretBeginning,
  announced: Uint8Array,
  stage: Stage = { at: 'announced' },
): SecretProtocol {
  const { setup } = env;
  const { primitives, certificate } = setup;
  const next = (later: Stage): SecretProtocol => preparing(env, beginning, announced, later);
  const wrong = (what: string): never => {
    throw new ProtocolViolation('E_PHASE', `${what} where the participant has ${stage.at}`);
  };

  async function received(standing: SecretStanding, { type, body }: Frame, nowMs: number): Promise<ProtocolStep> {
    switch (type) {
      case FRAME.roster:
        return stage.at === 'announced' ? takeRoster(standing, body, nowMs) : answered(standing);
      case FRAME.commitments:
        if (stage.at === 'revealed') return answered(standing);
        return stage.at === 'committed' ? takeCommitments(standing, stage, body) : wrong('a list of commitments');
      case FRAME.reveals:
        return stage.at === 'revealed' ? takeReveals(standing, stage, body, nowMs) : wrong('reveals');
      case FRAME.opened: {
        const left = abort('E_LATE', 'the sum was opened without this participant');
        return { protocol: next(stage), standing, outputs: [PERSIST, left] };
      }
      default:
        return wrong(type);
    }
  }

  /** A question that was answered, this one or another, is not answered again: what was said then is said again. */
  const answered = (standing: SecretStanding): ProtocolStep => ({
    protocol: next(stage),
    standing,
    outputs: outgoing(),
  });

  async function takeRoster(standing: SecretStanding, body: Uint8Array, nowMs: number): Promise<ProtocolStep> {
    const prepared = decodePrepared(primitives, setup, env.open, body);
    const { roster, place } = prepared;
    requireAdmitted(setup, roster);
    const { keys } = decodeAdvertisement(decodeEntry(beginning.entry).advertisement.body);
    requireOwnEntry(roster, { memberId: certificate.memberId, keys });
    const trust = trustAt(setup, nowMs);
    for (const { index } of roster.members) await vouchFor(primitives, trust, roster, index, SUM_ROLES);
    const entry = entryOf(primitives, setup, env.open, prepared);
    const { view, logged } = await seeInLog(primitives, setup, standing.view, entry, place);
    const { state, body: commitment } = commitToBeacon(primitives, certificate.memberId, env.open, logged);
    const outgoing = await signed(BEACON_COMMIT, commitment);
    return {
      protocol: next({ at: 'committed', prepared, contributor: state, outgoing }),
      standing: Object.freeze({ ...standing, view }),
      outputs: [PERSIST, send(TO_COORDINATOR, FRAME.commitment, outgoing)],
    };
  }

  async function takeCommitments(
    standing: SecretStanding,
    { prepared, contributor }: Extract<Stage, { at: 'committed' }>,
    body: Uint8Array,
  ): Promise<ProtocolStep> {
    const [placed = empty, ...messages] = decodeList(body, 'commitments');
    const commitments = await gathered(prepared.roster, messages);
    const entry = commitmentsEntry(commitments);
    const { view, logged } = await seeInLog(primitives, setup, standing.view, entry, decodePlace(placed));
    const rule = ruleOf(prepared.roster);
    requireContributors(commitments, rule);
    const kept = messages.map((message) => message.slice());
    const listed = commitments.list.some((one) => one.memberId === certificate.memberId);
    const outgoing = listed
      ? await signed(BEACON_REVEAL, revealForBeacon(primitives, contributor, commitments, logged, rule).body)
      : undefined;
    return {
      protocol: next({ at: 'revealed', prepared, commitments: kept, gathered: commitments, outgoing }),
      standing: Object.freeze({ ...standing, view }),
      outputs: [PERSIST, ...(outgoing === undefined ? [] : [send(TO_COORDINATOR, FRAME.reveal, outgoing)])],
    };
  }

  async function takeReveals(
    standing: SecretStanding,
    { prepared, commitments, gathered: known }: Extract<Stage, { at: 'revealed' }>,
    body: Uint8Array,
    nowMs: number,
  ): Promise<ProtocolStep> {
    const { roster } = prepared;
    const list = known ?? (await gathered(roster, commitments));
    const reveals = await verified(roster, BEACON_REVEAL, decodeList(body, 'reveals'));
    const beacon = drawBeacon(primitives, list, reveals, ruleOf(roster));
    if (beacon.kind === 'aborted') throw new ProtocolViolation(beacon.code, beacon.reason);
    return beginning.begin(standing, { ...prepared, beacon }, nowMs);
  }

  /** Commitments are under the root that the log keeps, which for one-shot is that of the directory. */
  async function gathered(roster: Roster, messages: readonly Uint8Array[]): Promise<Commitments> {
    const root = rootOf(primitives, setup, roster);
    return gatherCommitments(primitives, env.open, root, await verified(roster, BEACON_COMMIT, messages));
  }

  async function verified(
    roster: Roster,
    kind: MessageKind,
    messages: readonly Uint8Array[],
  ): Promise<VerifiedMessage[]> {
    const checked: VerifiedMessage[] = [];
    for (const bytes of messages) {
      const message = decodeMessage(bytes, BEACON_BODY_BYTES_AT_MOST);
      const sender = roster.entries[roster.indexOf.get(message.sender) ?? -1]?.certificate;
      if (sender === undefined) throw new ProtocolViolation('E_ROSTER', `${message.sender} is not in the roster`);
      checked.push(await verifyMessage(primitives, message, { ...kind, context: env.open, sender }));
    }
    return checked;
  }

  const ruleOf = ({ members }: Roster) =>
    contributorRule(
      setup.floors,
      members.map(({ memberId }) => memberId),
    );

  async function signed(kind: MessageKind, body: Uint8Array): Promise<Uint8Array> {
    const message = { ...kind, sender: certificate.memberId, body };
    return encodeMessage(await signMessage(primitives, setup.signer, env.open, message));
  }

  const outgoing = () => {
    switch (stage.at) {
      case 'announced':
        return [send(TO_COORDINATOR, FRAME.entry, announced)];
      case 'committed':
        return [send(TO_COORDINATOR, FRAME.commitment, stage.outgoing)];
      case 'revealed':
        return stage.outgoing === undefined ? [] : [send(TO_COORDINATOR, FRAME.reveal, stage.outgoing)];
      default:
        return stage satisfies never;
    }
  };

  return Object.freeze<SecretProtocol>({
    kind: 'preparing',
    phase: stage.at === 'announced' ? 'gathering' : stage.at === 'committed' ? 'committing' : 'revealing',
    wantsWords: false,
    own: undefined,
    received,
    words: async () => wrong('words'),
    abstain: async () => wrong('abstaining'),
    resume: async () => outgoing(),
    end: async () => {
      beginning.wipe();
      return undefined;
    },
    storeInTheClear: () => encodeList(beginning.storeInTheClear(), announced, textPart(stage.at), ...parts(stage)),
  });
}

function parts(stage: Stage): readonly Uint8Array[] {
  switch (stage.at) {
    case 'announced':
      return [];
    case 'committed':
      return [encodePrepared(stage.prepared), encodeContributorInTheClear(stage.contributor), stage.outgoing];
    case 'revealed':
      return [encodePrepared(stage.prepared), stage.outgoing ?? empty, ...stage.commitments];
    default:
      return stage satisfies never;
  }
}

/** `beginningOf`: the protocol that announced, from what it stored. */
export async function restorePreparing(
  env: SumEnvironment,
  stored: Uint8Array,
  beginningOf: (stored: Uint8Array) => Promise<SecretBeginning>,
): Promise<SecretProtocol> {
  const [begun = empty, announced = empty, at = empty, prepared = empty, second = empty, ...rest] = decodeList(
    stored,
    'a prepared sum',
  );
  const beginning = await beginningOf(begun);
  const { primitives } = env.setup;
  const read = (): Prepared => decodePrepared(primitives, env.setup, env.open, prepared);
  const stage = ((): Stage => {
    switch (readText(at)) {
      case 'announced':
        return { at: 'announced' };
      case 'committed': {
        const contributor = decodeContributor(env.open, second);
        return { at: 'committed', prepared: read(), contributor, outgoing: copied(rest[0]) };
      }
      case 'revealed': {
        const outgoing = second.length === 0 ? undefined : copied(second);
        return { at: 'revealed', prepared: read(), commitments: rest.map(copied), gathered: undefined, outgoing };
      }
      default:
        throw new MalformedMessage('E_MALFORMED', 'a prepared sum in no stage');
    }
  })();
  return preparing(env, beginning, copied(announced), stage);
}

const copied = (bytes: Uint8Array = empty): Uint8Array => bytes.slice();
