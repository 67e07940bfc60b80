// Attacks 1, 2, 9, 12, 13, 16, 18 and 40 on threshold sums: who founds a key, who contributes, to which round and epoch, and with which
// parameters. A stranger, a replay, or a key that was shown to one participant alone is refused.

import { decodeContribution, encodeContribution as encodeSummand } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateHash } from '../identity/index.ts';
import { decodeMessage, encodeMessage, signMessage } from '../messages/index.ts';
import { codeOf, enrol, errorOf, flipped, freshSigner, NOW_MS, PROJECT } from '../seeded-members.contract.ts';
import { circleOf } from './circle.ts';
import { encodeContribution, encodeRequest } from './contributions.ts';
import { startSumCoordinator, stepSumCoordinator } from './coordinator-sum.ts';
import { epochEntry, verifyEpoch } from './epoch.ts';
import { beginFounding } from './founding.ts';
import { decodeRevealBody, encodeRevealBody } from './founding-bodies.ts';
import { CIPHERTEXT, REVEAL } from './kinds.ts';
import { contributionsTo } from './malicious-coordinator.contract.ts';
import { beginServing, stepMemberBy } from './member.ts';
import { MEMBER_RULES } from './member-rules.ts';
import { insecureThresholdParameters } from './parameters.ts';
import type { Round } from './round.ts';
import {
  accepted,
  contributionOf,
  enteredAt,
  type Founded,
  found,
  LITERAL,
  loggedBy,
  roundAt,
  startOf,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

describe('who takes part, in what', () => {
  let founded: Founded;
  let round: Round;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    round = roundAt(founded, 1);
  });

  it('attack 40: a summand of the key chosen after the others were seen is not the one that was committed to', async () => {
    const world = await worldOf(nodePrimitives());
    const rogue = world.members[4]!;
    const founding = found(
      world,
      (state) => state,
      async (sent, from) => {
        if (from !== rogue || sent.type !== REVEAL.type) return sent;
        const { contextHash, ...message } = decodeMessage(sent.bytes, 1 << 22);
        expect(contextHash).toEqual(world.setting.circle.context.hash);
        const body = decodeRevealBody(message.body);
        const { keyEpoch } = await import('./epoch.ts');
        const epoch = keyEpoch(world.primitives, world.setting);
        const summand = decodeContribution(epoch, body.contribution);
        const [polynomial] = summand.polynomials;
        const residues = polynomial!.residues.slice();
        residues[0] = residues[0]! ^ 1;
        const chosen = { ...summand, polynomials: [{ ...polynomial!, residues }] };
        const changed = encodeRevealBody({ ...body, contribution: encodeSummand(epoch, chosen) });
        const { signer, memberId, setting } = { ...rogue, setting: world.setting };
        const signed = await signMessage(world.primitives, signer, setting.circle.context, {
          ...REVEAL,
          sender: memberId,
          body: changed,
        });
        return { ...sent, bytes: encodeMessage(signed) };
      },
    );
    const error = await errorOf(() => founding);
    expect(error).toMatchObject({ code: 'E_SHARE' });
    expect(error.message).toContain('committed');
  });

  it('attacks 1, 2, 13: unsigned, foreign, revoked, of another role, of another round', async () => {
    const { primitives, trust, silos } = founded;
    const good = await contributionsTo(founded, round, [0, 1, 2]);
    const asked = (third: Uint8Array, over: Partial<typeof trust> = {}): Promise<unknown> => {
      const bytes = encodeRequest([1, 2, 3, 4], [good[0]!, good[1]!, third]);
      const event = { kind: 'request' as const, round, bytes, trust: { ...trust, ...over } };
      return codeOf(() => stepMemberBy(MEMBER_RULES, founded.serving[0]!, founded.states[0]!, event));
    };
    expect(await asked(flipped(good[2]!, good[2]!.length - 1))).toBe('E_SIG');
    const revoked = new Set([Buffer.from(certificateHash(primitives, silos[2]!.certificate)).toString('hex')]);
    expect(await asked(good[2]!, { revocations: { ...trust.revocations, revoked } })).toBe('E_CERT');
    expect(await asked(good[2]!, { nowMs: NOW_MS + 1, authority: new Uint8Array(32) })).toBe('E_CERT');
    const [elsewhere] = await contributionsTo(founded, roundAt(founded, 2), [2]);
    expect(await asked(elsewhere!)).toBe('E_CTX');
    // A device that the same authority certified.
    const authority = await freshSigner(primitives);
    const device = await enrol(primitives, authority, 'tablet-1', { role: 'device' });
    const message = await signMessage(primitives, device.signer, round.context, {
      ...CIPHERTEXT,
      sender: device.memberId,
      body: new Uint8Array(40),
    });
    const before = { ...trust, authority: authority.publicKey };
    const setting = sumSetting(founded, round);
    const contribution = encodeContribution(device.certificate, message);
    expect(
      await codeOf(() =>
        stepSumCoordinator(setting, startSumCoordinator(), {
          kind: 'contribution',
          bytes: contribution,
          trust: before,
        }),
      ),
    ).toBe('E_CERT');
  });

  it('attack 2: a member of the key that is no silo is refused when the circle is made', async () => {
    const world = await worldOf(nodePrimitives());
    const { circle } = world.setting;
    const trust = { ...world.trust, projectId: PROJECT };
    const { advertise, rosterOf } = await import('../roster/index.ts');
    const { wholeContext } = await import('../context/index.ts');
    const authority = await freshSigner(world.primitives);
    const entries = [];
    for (const name of ['a', 'b', 'c']) {
      const role = name === 'c' ? ('device' as const) : ('silo' as const);
      const member = await enrol(world.primitives, authority, name, { role });
      const keys = [circle.members[entries.length]!.keys[0]!];
      const advertisement = await advertise(world.primitives, member.signer, circle.context.open, {
        certificate: member.certificate,
        keys,
      });
      entries.push({ certificate: member.certificate, advertisement });
    }
    const roster = rosterOf(world.primitives, circle.context.open, 1, entries);
    const beacon = new Uint8Array(32);
    const context = wholeContext(world.primitives, circle.context.open, { rosterRoot: roster.root, beacon });
    const made = circleOf(world.primitives, { ...trust, authority: authority.publicKey }, { context, roster });
    expect(await codeOf(() => made)).toBe('E_CERT');
  });

  it('attack 12: a second, different contribution of one silo is equivocation; the same one again changes nothing', async () => {
    const { trust } = founded;
    const setting = sumSetting(founded, round);
    const [one] = await contributionsTo(founded, round, [0]);
    const [other] = await contributionsTo(founded, round, [0]);
    const first = await stepSumCoordinator(setting, startSumCoordinator(), {
      kind: 'contribution',
      bytes: one!,
      trust,
    });
    const again = await stepSumCoordinator(setting, first.state, { kind: 'contribution', bytes: one!, trust });
    expect(again.state).toBe(first.state);
    const second = stepSumCoordinator(setting, first.state, { kind: 'contribution', bytes: other!, trust });
    expect(await codeOf(() => second)).toBe('E_EQUIV');
  });

  it('attack 18: fewer contributions than the floor, an epoch with other parameters than accepted, are refused', async () => {
    const contributions = await contributionsTo(founded, round, [0, 1]);
    const event = {
      kind: 'request' as const,
      round,
      bytes: encodeRequest([1, 2, 3, 4], contributions),
      trust: founded.trust,
    };
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, founded.serving[0]!, founded.states[0]!, event))).toBe(
      'E_TOO_FEW',
    );
    const other = { ...founded, parameters: insecureThresholdParameters({ ...LITERAL, lanes: 1, threshold: 5 }) };
    expect(await codeOf(() => contributionOf(other, 0, round, valuesOfSilo(founded, 0)))).toBe('E_FLOOR');
  });

  it('an epoch that one member did not sign, or signed otherwise, is none', async () => {
    const { primitives, setting, certificate } = founded;
    const { signatures } = certificate;
    const missing = { ...certificate, signatures: signatures.slice(1) };
    expect(await codeOf(() => verifyEpoch(primitives, setting, missing))).toBe('E_QUORUM');
    const doubled = { ...certificate, signatures: [...signatures.slice(1), signatures[1]!] };
    expect(await codeOf(() => verifyEpoch(primitives, setting, doubled))).toBe('E_DUPLICATE');
    const publicKey = flipped(certificate.publicKey, certificate.publicKey.length - 40);
    expect(await codeOf(() => verifyEpoch(primitives, setting, { ...certificate, publicKey }))).toBe('E_EPOCH');
  });

  it('attacks 16, 18: a founding is entered once, with the parameters that were accepted and configured', async () => {
    const world = await worldOf(nodePrimitives());
    const [member] = world.members;
    const start = startOf(world);
    const elsewhere = enteredAt(world, roundAt(founded, 9).context);
    expect(await codeOf(() => beginFounding(member!, { ...start, entered: elsewhere }))).toBe('E_PARAMETER');
    const floor = accepted({ ...world, parameters: insecureThresholdParameters({ ...LITERAL, threshold: 5 }) });
    expect(await codeOf(() => beginFounding(member!, { ...start, accepted: floor }))).toBe('E_FLOOR');
    const configuration = { ...start.configuration, own: { ...start.configuration.own, sums: 5 } };
    expect(await codeOf(() => beginFounding(member!, { ...start, configuration }))).toBe('E_CTX');
  });

  it('attack 9: an epoch, or its roster, that is not in the log is not taken', async () => {
    const { epoch, foundings, rosterLogged, primitives, logKey, serving, states, trust, silos } = founded;
    expect(await codeOf(() => beginServing(foundings[0]!, epoch, rosterLogged))).toBe('E_LOG');
    const shown = { ...founded, logged: rosterLogged };
    expect(await codeOf(() => contributionOf(shown, 0, round, valuesOfSilo(founded, 0)))).toBe('E_LOG');
    const start = startOf(founded);
    const logged = await loggedBy(primitives, logKey, epochEntry(epoch));
    expect(await codeOf(() => beginFounding(founded.members[0]!, { ...start, logged }))).toBe('E_LOG');
    const beacon = { ...start.beacon, value: new Uint8Array(32) };
    expect(await codeOf(() => beginFounding(founded.members[0]!, { ...start, beacon }))).toBe('E_BEACON');
    // A member whose certificate was revoked after the founding opens no more, and nobody with it (attack 2).
    const revoked = new Set([Buffer.from(certificateHash(primitives, silos[4]!.certificate)).toString('hex')]);
    const bytes = encodeRequest([1, 2, 3, 5], await contributionsTo(founded, round, [0, 1, 2]));
    const later = { ...trust, revocations: { ...trust.revocations, revoked } };
    const request = { kind: 'request' as const, round, bytes, trust: later };
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, serving[0]!, states[0]!, request))).toBe('E_CERT');
  });
});
