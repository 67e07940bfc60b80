// Attack 39: an encryptor that chooses its ciphertext, e1 = 2^90 instead of a small error. The sum is right, and its noise is the key.

import { encryptVector } from '@sumus/lattice/integers';
import type { PartialDecryption } from '@sumus/lattice/shared-keys';
import { encodeEncryptedVector } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeMessage, signMessage } from '../messages/index.ts';
import { codeOf } from '../seeded-members.contract.ts';
import { decodeAnswerBody, decodeAnswers } from './answers.ts';
import { encodeCiphertextBody, encodeContribution } from './contributions.ts';
import { startEncryptor, stepEncryptor } from './encryptor.ts';
import { ANSWERS_IN_THE_CLEAR, collectiveKey, keyInTheNoise, withWideError } from './insecure-members.contract.ts';
import { CIPHERTEXT } from './kinds.ts';
import { readBy } from './malicious-coordinator.contract.ts';
import { stepMemberBy } from './member.ts';
import { MEMBER_RULES } from './member-rules.ts';
import { readRequest } from './opening.ts';
import type { Round } from './round.ts';
import { decodeMember, encodeMemberInTheClear } from './stored-member.ts';
import { sumThrough } from './sum-through.contract.ts';
import { encryptorOf, type Founded, found, roundAt, sendsOf, worldOf } from './threshold-world.contract.ts';

describe('attack 39: an encryptor that chooses its ciphertext', () => {
  let founded: Founded;
  let round: Round;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    round = roundAt(founded, 1);
    // All worlds here have one seed: the attacker's "fresh" bytes must not be those of the silos it attacks.
    for (let i = 0; i < 1000; i++) founded.primitives.randomBytes(1);
  });

  /** A silo that chooses its ciphertext: zeros, and 2^90 in c1. */
  async function hostileContribution(index: number, in_: Round): Promise<Uint8Array> {
    const { epoch, primitives, silos } = founded;
    const { certificate, signer, memberId } = silos[index]!;
    const zeros = new Int32Array(founded.parameters.proposal.vectorLength);
    const vector = encryptVector(epoch.lattice, epoch.publicKey, epoch.parameters.lattice.integers, zeros);
    const body = encodeCiphertextBody(epoch.hash, encodeEncryptedVector(epoch.lattice, withWideError(vector, 90)));
    const message = await signMessage(primitives, signer, in_.context, { ...CIPHERTEXT, sender: memberId, body });
    return encodeContribution(certificate, message);
  }

  it('lets the coordinator read everybody’s key, in a build without sealed answers', async () => {
    // Wiping is for good: a founding of its own.
    const own = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    const key = collectiveKey(own.foundings.slice(0, 4).map(({ share }) => share));
    const hostile = await hostileContribution(4, round);
    const run = { round: 1, contributors: [0, 1], activeSet: [1, 2, 3, 4], alsoContributed: [hostile] };
    const outcome = await sumThrough(own, own.states, { ...run, rules: ANSWERS_IN_THE_CLEAR });
    const { request } = 'asked' in outcome.hub ? outcome.hub.asked : { request: new Uint8Array(0) };
    const { epoch, trust, primitives } = own;
    const opening = await readRequest(primitives, { epoch, trust, context: round.context }, request);
    const answers = outcome.seen
      .filter(({ type }) => type === 'threshold/answer')
      .map(({ bytes }) => decodeMessage(bytes, 1 << 26))
      .map(({ sender, body }) =>
        decodeAnswers(epoch.key, epoch.circle.byName.get(sender)!.number, decodeAnswerBody(body).sealed),
      );
    expect(answers).toHaveLength(4);
    expect(keyInTheNoise(opening, answers, 90).residues).toEqual(key.residues);
  });

  it('against ours: the coordinator reads nothing, the alarm burns the epoch, and nobody answers or encrypts any more', async () => {
    const own = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    const { epoch } = own;
    const hostile = await hostileContribution(4, round);
    const run = { round: 1, contributors: [0, 1], activeSet: [1, 2, 3, 4], alsoContributed: [hostile] };
    expect(epoch.hash).toEqual(founded.epoch.hash);
    const outcome = await sumThrough(own, own.states, run);
    for (const { bytes, type } of outcome.seen) {
      if (type !== 'threshold/answer') continue;
      const { sender, body } = decodeMessage(bytes, 1 << 26);
      const { sealed } = decodeAnswerBody(body);
      const number = epoch.circle.byName.get(sender)!.number;
      expect(await codeOf(() => decodeAnswers(epoch.key, number, sealed))).toMatch(/^E_/);
    }
    expect(outcome.result).toBeUndefined();
    const evidence = outcome.others.find(({ kind }) => kind === 'evidence');
    expect(evidence).toMatchObject({ code: 'E_NOISE' });
    expect(outcome.states.slice(0, 4).map(({ phase }) => phase)).toEqual(['burnt', 'burnt', 'burnt', 'burnt']);
    const alarm = outcome.seen.find(({ type }) => type === 'threshold/alarm')!;
    const heard = { kind: 'alarm' as const, context: round.context, bytes: alarm.bytes };
    const fifth = await stepMemberBy(MEMBER_RULES, own.serving[4]!, own.states[4]!, heard);
    expect(fifth.state.phase).toBe('burnt');
    // Who raised it is known to whoever heard it.
    const { sender } = decodeMessage(alarm.bytes, 1 << 26);
    expect(fifth.outputs.at(-1)).toMatchObject({ kind: 'evidence', code: 'E_NOISE', messages: [alarm.bytes] });
    expect(fifth.outputs.at(-1)).toMatchObject({ reason: expect.stringContaining(sender) });
    const restored = decodeMember(own.serving[4]!, encodeMemberInTheClear(own.serving[4]!, fifth.state));
    const request = { kind: 'request' as const, round, bytes: new Uint8Array(0), trust: own.trust };
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, own.serving[4]!, restored, request))).toBe('E_EPOCH');
    const stopped = await stepEncryptor(encryptorOf(own, 0), startEncryptor(), heard);
    expect(stopped.outputs.at(-1)).toMatchObject({ kind: 'evidence', messages: [alarm.bytes] });
    expect(await codeOf(() => stepEncryptor(encryptorOf(own, 0), stopped.state, { kind: 'again' }))).toBe('E_EPOCH');
    expect(() => own.foundings[0]!.share.reveal()).toThrow('wiped');
  });

  it('the known limit: a corrupt member of the set reads the key from the same opening', async () => {
    const own = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    const key = collectiveKey(own.foundings.slice(0, 4).map(({ share }) => share));
    const hostile = await hostileContribution(4, round);
    const run = { round: 1, contributors: [0, 1], activeSet: [1, 2, 3, 4], alsoContributed: [hostile] };
    const outcome = await sumThrough(own, own.states, run);
    const { request } = 'asked' in outcome.hub ? outcome.hub.asked : { request: new Uint8Array(0) };
    const { epoch, trust, primitives } = own;
    const opening = await readRequest(primitives, { epoch, trust, context: round.context }, request);
    const answers: PartialDecryption[][] = [];
    for (const { bytes, type } of outcome.seen) {
      const from = epoch.circle.byName.get(decodeMessage(bytes, 1 << 26).sender)!.number;
      if (type === 'threshold/answer' && from !== 3) answers.push(await readBy(own, 3, from, bytes));
    }
    // Its own answer it has anyway; the test takes it from the insecure build's arithmetic: any answer of member 3 to this set.
    expect(answers).toHaveLength(3);
    const rules = { ...MEMBER_RULES, sealed: false };
    const alone = await stepMemberBy(rules, founded.serving[2]!, founded.states[2]!, {
      kind: 'request',
      round,
      bytes: request,
      trust,
    });
    const promises = outcome.seen.filter(({ type }) => type === 'threshold/promise').map(({ bytes }) => bytes);
    const answered = await stepMemberBy(rules, founded.serving[2]!, alone.state, {
      kind: 'certificate',
      messages: promises,
      trust,
    });
    const body = decodeAnswerBody(decodeMessage(sendsOf(answered.outputs)[0]!.bytes, 1 << 26).body);
    answers.push(decodeAnswers(epoch.key, 3, body.sealed));
    expect(keyInTheNoise(opening, answers, 90).residues).toEqual(key.residues);
  });
});
