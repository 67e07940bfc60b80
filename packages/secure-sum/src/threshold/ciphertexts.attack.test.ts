// Attacks 42, 43 and 44 on threshold sums: ciphertexts that are none, another's, or of another scheme; flooding that is too narrow or
// repeats.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encryptVector } from '@sumus/lattice/integers';
import type { PartialDecryption } from '@sumus/lattice/shared-keys';
import { encodeEncryptedVector } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { signMessage } from '../messages/index.ts';
import { codeOf } from '../seeded-members.contract.ts';
import { encodeCiphertextBody, encodeContribution, encodeRequest, receiveContribution } from './contributions.ts';
import * as coordinatorDoor from './coordinator.ts';
import { startSumCoordinator, stepSumCoordinator } from './coordinator-sum.ts';
import * as door from './index.ts';
import { CIPHERTEXT } from './kinds.ts';
import { contributionsTo, freshStates, opened, readBy } from './malicious-coordinator.contract.ts';
import { stepMemberBy } from './member.ts';
import { MEMBER_RULES } from './member-rules.ts';
import { insecureThresholdParameters } from './parameters.ts';
import type { Round } from './round.ts';
import { decodeSum, encodeSum } from './stored-sum.ts';
import {
  type Founded,
  found,
  LITERAL,
  roundAt,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

describe('what is encrypted and answered', () => {
  let founded: Founded;
  let round: Round;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    round = roundAt(founded, 1);
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
});
