// Attacks 37 to 44 of the specification, and those of the common list that touch threshold sums. Where a rule is what stands in the
// way, the same attack is run against a build without the rule, and succeeds.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encryptVector } from '@sumus/lattice/integers';
import type { PartialDecryption } from '@sumus/lattice/shared-keys';
import { decodeContribution, encodeEncryptedVector, encodeContribution as encodeSummand } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateHash } from '../identity/index.ts';
import type { Output } from '../machine/outputs.ts';
import { decodeMessage, encodeMessage, signMessage } from '../messages/index.ts';
import { codeOf, enrol, errorOf, flipped, freshSigner, NOW_MS, PROJECT } from '../seeded-members.contract.ts';
import { circleOf } from './circle.ts';
import { encodeCiphertextBody, encodeContribution, encodeRequest, receiveContribution } from './contributions.ts';
import * as coordinatorDoor from './coordinator.ts';
import { startSumCoordinator, stepSumCoordinator } from './coordinator-sum.ts';
import { epochEntry, verifyEpoch } from './epoch.ts';
import { beginFounding } from './founding.ts';
import { decodeRevealBody, encodeRevealBody } from './founding-bodies.ts';
import * as door from './index.ts';
import { WITHOUT_LEDGER } from './insecure-members.contract.ts';
import { CIPHERTEXT, RESULT, REVEAL } from './kinds.ts';
import { contributionsTo, freshStates, opened, readBy } from './malicious-coordinator.contract.ts';
import { beginServing, stepMemberBy } from './member.ts';
import { MEMBER_RULES } from './member-rules.ts';
import type { MemberState } from './member-state.ts';
import { insecureThresholdParameters } from './parameters.ts';
import { encodeResultBody } from './results.ts';
import type { Round } from './round.ts';
import { resultHash } from './statements.ts';
import { decodeSum, encodeSum } from './stored-sum.ts';
import { sumThrough } from './sum-through.contract.ts';
import {
  accepted,
  contributionOf,
  enteredAt,
  type Founded,
  found,
  LITERAL,
  loggedBy,
  plainSum,
  roundAt,
  sendsOf,
  startOf,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

describe('with five silos', () => {
  let founded: Founded;
  let round: Round;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    round = roundAt(founded, 1);
  });

  it('attack 38: sums that overlap give away a single silo, in a build without the ledger; ours refuses the second', async () => {
    const contributions = await contributionsTo(founded, round, [0, 1, 2, 3]);
    const [three, four] = [
      { round, contributions: contributions.slice(0, 3), activeSet: [1, 2, 3, 4] },
      { round, contributions, activeSet: [1, 2, 3, 4] },
    ];
    const insecure = freshStates(founded);
    const few = (await opened(founded, WITHOUT_LEDGER, insecure, three)).sum;
    const many = (await opened(founded, WITHOUT_LEDGER, insecure, four)).sum;
    expect(many.map((x, i) => x - few[i]!)).toEqual(valuesOfSilo(founded, 3));
    const ours = freshStates(founded);
    await opened(founded, MEMBER_RULES, ours, three);
    expect(await codeOf(() => opened(founded, MEMBER_RULES, ours, four))).toBe('E_SPENT');
    // Nor in another round: a contribution is signed for its own.
    expect(await codeOf(() => opened(founded, MEMBER_RULES, ours, { ...four, round: roundAt(founded, 2) }))).toBe(
      'E_CTX',
    );
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

  it.each<[string, readonly number[]]>([
    ['fewer than t', [1, 2, 3]],
    ['more than t', [1, 2, 3, 4, 5]],
    ['one twice', [1, 2, 3, 3]],
    ['the point of the secret', [0, 1, 2, 3]],
    ['a stranger', [1, 2, 3, 9]],
    ['not in order', [1, 3, 2, 4]],
    ['nobody', []],
  ])('attack 41: an active set with %s is refused', async (_, activeSet) => {
    const contributions = await contributionsTo(founded, round, [0, 1, 2]);
    const event = {
      kind: 'request' as const,
      round,
      bytes: encodeRequest(activeSet, contributions),
      trust: founded.trust,
    };
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, founded.serving[0]!, founded.states[0]!, event))).toBe(
      'E_COMMITTEE',
    );
  });

  it('attack 41: an answer to another opening, with the coefficient of its set, is refused', async () => {
    const [first, second] = [
      await contributionsTo(founded, round, [0, 1, 2]),
      await contributionsTo(founded, roundAt(founded, 2), [0, 1, 2]),
    ];
    const states = freshStates(founded);
    const one = await opened(founded, MEMBER_RULES, states, { round, contributions: first, activeSet: [1, 2, 3, 4] });
    const later = { round: roundAt(founded, 2), contributions: second, activeSet: [1, 2, 3, 5] };
    const two = await opened(founded, MEMBER_RULES, states, later);
    const mixed = [one.answers.get(1)!, one.answers.get(2)!, one.answers.get(4)!, two.answers.get(1)!];
    const again = freshStates(founded);
    const bytes = encodeRequest([1, 2, 3, 4], first);
    const asked = await stepMemberBy(MEMBER_RULES, founded.serving[2]!, again.get(3)!, {
      kind: 'request',
      round,
      bytes,
      trust: founded.trust,
    });
    expect(
      await codeOf(() =>
        stepMemberBy(MEMBER_RULES, founded.serving[2]!, asked.state, { kind: 'answers', messages: mixed }),
      ),
    ).toMatch(/^E_(CTX|PHASE|DUPLICATE)$/);
  });

  /** A contribution with another vector in it, properly signed. */
  async function contributionWith(vector: Uint8Array, index = 2): Promise<Uint8Array> {
    const { epoch, primitives, silos } = founded;
    const { certificate, signer, memberId } = silos[index]!;
    const body = encodeCiphertextBody(epoch.hash, vector);
    const message = await signMessage(primitives, signer, round.context, { ...CIPHERTEXT, sender: memberId, body });
    return encodeContribution(certificate, message);
  }

  const refusal = async (vector: Uint8Array): Promise<unknown> => {
    const contributions = [...(await contributionsTo(founded, round, [0, 1])), await contributionWith(vector)];
    const event = {
      kind: 'request' as const,
      round,
      bytes: encodeRequest([1, 2, 3, 4], contributions),
      trust: founded.trust,
    };
    return codeOf(() => stepMemberBy(MEMBER_RULES, founded.serving[0]!, founded.states[0]!, event));
  };

  it('attack 42: residues that are not reduced, another level, another N, c1 = 0, another length are refused', async () => {
    const { epoch } = founded;
    const { integers } = epoch.parameters.lattice;
    const values = valuesOfSilo(founded, 2);
    const vector = encryptVector(epoch.lattice, epoch.publicKey, integers, values);
    const good = encodeEncryptedVector(epoch.lattice, vector);
    const ones = good.slice();
    // The last residues of the last polynomial: all bits one, far above every prime.
    ones.fill(255, ones.length - 64);
    expect(await refusal(ones)).toBe('E_MALFORMED');
    const [first] = vector.ciphertexts;
    const { c0, c1 } = first!;
    if ('seed' in c1) throw new Error('a seeded ciphertext');
    const nothing = { ...c1, residues: new Uint32Array(c1.residues.length) };
    const empty = { ...vector, ciphertexts: vector.ciphertexts.map((one) => ({ ...one, c1: nothing })) };
    expect(c0.residues).toHaveLength(c1.residues.length);
    expect(await refusal(encodeEncryptedVector(epoch.lattice, empty))).toBe('E_RANGE');
    for (const change of [{ primeCount: 6 }, { degree: 128 }]) {
      const other = insecureThresholdParameters({ ...LITERAL, lanes: 1, primeCount: 7, ...change }).lattice;
      const world = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7, ...change }));
      const { lattice, publicKey } = world.epoch;
      const foreign = encryptVector(lattice, publicKey, other.integers, values);
      expect(await refusal(encodeEncryptedVector(lattice, foreign))).toBe('E_MALFORMED');
    }
    const short = encryptVector(epoch.lattice, epoch.publicKey, integers, values.slice(1));
    expect(await refusal(encodeEncryptedVector(epoch.lattice, short))).toBe('E_LEN');
    expect(await refusal(good.subarray(0, good.length - 1))).toBe('E_MALFORMED');
  });

  it('attack 43: parameters without room for the flooding do not come to be; half the modulus is above the noise of every result', () => {
    const { integers, key } = founded.parameters.lattice;
    const half = integers.modulusBits - 1 - integers.plaintextBits;
    expect(key.flooding.resultNoiseBoundLog2).toBeLessThan(half);
    expect(key.flooding.tailFactor).toBeGreaterThanOrEqual(14.7);
    expect(() => insecureThresholdParameters({ ...LITERAL, primeCount: 2 })).toThrow();
    expect(() => insecureThresholdParameters({ ...LITERAL, statisticalBits: 39 })).toThrow('39');
  });

  it('attack 43: the flooding is never the same twice, whatever the seed of anything', async () => {
    const contributions = await contributionsTo(founded, round, [0, 1, 2]);
    const read = async (): Promise<PartialDecryption> => {
      const request = { round, contributions, activeSet: [1, 2, 3, 4] };
      const { answers } = await opened(founded, MEMBER_RULES, freshStates(founded), request);
      return (await readBy(founded, 2, 1, answers.get(1)!))[0]!;
    };
    const [one, other] = [await read(), await read()];
    expect(one.context).toEqual(other.context);
    const differing = one.answer.residues.filter((x, i) => x !== other.answer.residues[i]).length;
    expect(differing).toBeGreaterThan(0.99 * one.answer.residues.length);
  });

  it('attack 44: there is no CKKS in the opening of sums: not by name, not by import, not as bytes', async () => {
    const names = [...Object.keys(door), ...Object.keys(coordinatorDoor)];
    expect(names.filter((name) => /ckks/i.test(name))).toEqual([]);
    const sources = readdirSync(import.meta.dirname).filter((file) => !/\.(test|contract)\.ts$/.test(file));
    const importing = sources.filter((file) => /ckks/i.test(readFileSync(join(import.meta.dirname, file), 'utf8')));
    expect(importing).toEqual([]);
    const { epoch } = founded;
    const vector = encryptVector(
      epoch.lattice,
      epoch.publicKey,
      epoch.parameters.lattice.integers,
      valuesOfSilo(founded, 2),
    );
    const bytes = encodeEncryptedVector(epoch.lattice, vector);
    // 'SUML', version, kind: 18 is a CKKS ciphertext.
    bytes[5] = 18;
    expect(await refusal(bytes)).toBe('E_MALFORMED');
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

  it('a set that stalls costs its ciphertexts; a member promises nothing else before it has seen the result or its operator gave it up', async () => {
    const stalled = await sumThrough(founded, founded.states, {
      round: 1,
      contributors: [0, 1, 2],
      activeSet: [1, 2, 3, 4],
      deaf: (type, number) => type === 'threshold/certified-set' && number === 3,
    });
    expect(stalled.result).toBeUndefined();
    const next = { round: 2, contributors: [0, 1, 2], activeSet: [1, 2, 3, 5] };
    expect(await codeOf(() => sumThrough(founded, stalled.states, next))).toBe('E_PHASE');
    const states: MemberState[] = [];
    for (const [i, state] of stalled.states.entries()) {
      if (state.phase !== 'serving' || state.awaited === undefined) states.push(state);
      else {
        const statement = Uint8Array.from(Buffer.from(state.awaited, 'hex'));
        states.push(
          (await stepMemberBy(MEMBER_RULES, founded.serving[i]!, state, { kind: 'write off', statement })).state,
        );
      }
    }
    const { result } = await sumThrough(founded, states, next);
    expect(result?.sum).toEqual(plainSum([0, 1, 2].map((index) => valuesOfSilo(founded, index))));
  });

  it('a member answers for one statement at a time, whatever it has promised before', async () => {
    const states = freshStates(founded);
    const { trust, serving } = founded;
    const certificates: Uint8Array[][] = [];
    for (const number of [1, 2]) {
      const in_ = roundAt(founded, number);
      const bytes = encodeRequest([1, 2, 3, 4], await contributionsTo(founded, in_, [0, 1, 2]));
      const promises: Uint8Array[] = [];
      for (const member of [1, 2, 3, 4]) {
        const event = { kind: 'request' as const, round: in_, bytes, trust };
        const next = await stepMemberBy(MEMBER_RULES, serving[member - 1]!, states.get(member)!, event);
        states.set(member, next.state);
        promises.push(sendsOf(next.outputs)[0]!.bytes);
      }
      certificates.push(promises);
    }
    const [first, second] = certificates.map((messages) => ({ kind: 'certificate' as const, messages, trust }));
    const answered = await stepMemberBy(MEMBER_RULES, serving[0]!, states.get(1)!, first!);
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, serving[0]!, answered.state, second!))).toBe('E_PHASE');
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

  it('a ciphertext that is none is refused by the coordinator, so that one silo does not spoil a sum', async () => {
    const { epoch, trust } = founded;
    const good = await contributionsTo(founded, round, [0]);
    const setting = sumSetting(founded, round);
    const short = encryptVector(epoch.lattice, epoch.publicKey, epoch.parameters.lattice.integers, Int32Array.of(1));
    const bytes = await contributionWith(encodeEncryptedVector(epoch.lattice, short));
    const { state } = await stepSumCoordinator(setting, startSumCoordinator(), {
      kind: 'contribution',
      bytes: good[0]!,
      trust,
    });
    expect(await codeOf(() => stepSumCoordinator(setting, state, { kind: 'contribution', bytes, trust }))).toBe(
      'E_LEN',
    );
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

  it('a silo that sends another’s ciphertext as its own is refused, by the coordinator and by members', async () => {
    const { trust, primitives, silos, serving, states } = founded;
    const [first, second] = await contributionsTo(founded, round, [0, 1]);
    const { message } = await receiveContribution(primitives, trust, round.context, first!);
    const { certificate, signer, memberId } = silos[2]!;
    const again = await signMessage(primitives, signer, round.context, {
      ...CIPHERTEXT,
      sender: memberId,
      body: message.body,
    });
    const copy = encodeContribution(certificate, again);
    const setting = sumSetting(founded, round);
    const { state } = await stepSumCoordinator(setting, startSumCoordinator(), {
      kind: 'contribution',
      bytes: first!,
      trust,
    });
    const event = { kind: 'contribution' as const, bytes: copy, trust };
    expect(await codeOf(() => stepSumCoordinator(setting, state, event))).toBe('E_DUPLICATE');
    const restored = await decodeSum(setting, trust, encodeSum(state));
    expect(await codeOf(() => stepSumCoordinator(setting, restored, event))).toBe('E_DUPLICATE');
    const request = {
      kind: 'request' as const,
      round,
      bytes: encodeRequest([1, 2, 3, 4], [first!, second!, copy]),
      trust,
    };
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, serving[0]!, states[0]!, request))).toBe('E_SPENT');
  });

  it('a coordinator takes no sum that only the corrupt signed, and shows two that differ', async () => {
    const { result, hub, seen } = await sumThrough(founded, founded.states, {
      round: 1,
      contributors: [0, 1, 2],
      activeSet: [1, 2, 3, 4],
    });
    expect(hub.phase).toBe('opened');
    expect(result?.contributors).toEqual(['silo-01', 'silo-02', 'silo-03']);
    // The same round again, up to the results: one member signs another sum, so that neither sum has more signatures than there may be corrupt members.
    const { primitives, silos } = founded;
    const setting = sumSetting(founded, round);
    let state = startSumCoordinator();
    const lie = result!.sum.slice();
    lie[0] = lie[0]! + 1;
    const { statement } = result!;
    const { memberId, signer } = silos[0]!;
    const body = encodeResultBody({ statement, hash: resultHash(primitives, statement, lie), sum: lie });
    const lying = await signMessage(primitives, signer, round.context, { ...RESULT, sender: memberId, body });
    const ofResults = seen.filter(({ type }) => type === RESULT.type).map(({ bytes }) => bytes);
    expect(ofResults).toHaveLength(4);
    const asked = {
      statement,
      contributors: result!.contributors,
      activeSet: [1, 2, 3, 4],
      request: new Uint8Array(0),
    };
    state = { phase: 'opening', asked, received: new Map(), messages: new Map(), results: new Map() };
    const outputs: Output<unknown>[] = [];
    for (const bytes of [encodeMessage(lying), ofResults[1]!, ofResults[2]!]) {
      const next = await stepSumCoordinator(setting, state, { kind: 'message', bytes });
      ({ state } = next);
      outputs.push(...next.outputs);
    }
    // c = 2: two honest signatures are not enough where three could be needed; the difference is shown.
    expect(state.phase).toBe('opening');
    expect(outputs.filter(({ kind }) => kind === 'evidence').length).toBeGreaterThan(0);
    const stalled = await stepSumCoordinator(setting, state, { kind: 'timeout' });
    expect(stalled.state.phase).toBe('given up');
  });
});
