// Attack 64 on threshold sums: a silo that encrypts more than it may, by adding a ciphertext to itself. Nobody can look into it before the
// sum is open; then there is no sum, members and coordinator say so, and the next one opens.

import { addVectors, encryptVector } from '@sumus/lattice/integers';
import { encodeEncryptedVector } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { encodeMessage, signMessage } from '../messages/index.ts';
import { codeOf } from '../seeded-members.contract.ts';
import { encodeCiphertextBody, encodeContribution } from './contributions.ts';
import { stepSumCoordinator } from './coordinator-sum.ts';
import { CIPHERTEXT, RESULT } from './kinds.ts';
import { encodeResultBody } from './results.ts';
import { resultHash } from './statements.ts';
import { decodeMember, encodeMemberInTheClear } from './stored-member.ts';
import { sumThrough } from './sum-through.contract.ts';
import {
  type Founded,
  found,
  plainSum,
  roundAt,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

/** A silo's vector, `times` times. */
async function contributionOfMore(founded: Founded, index: number, number: number, times: number): Promise<Uint8Array> {
  const { epoch, primitives, silos } = founded;
  const { certificate, signer, memberId } = silos[index]!;
  const { lattice, publicKey, parameters, hash } = epoch;
  const one = encryptVector(lattice, publicKey, parameters.lattice.integers, valuesOfSilo(founded, index));
  let vector = one;
  for (let i = 1; i < times; i++) vector = addVectors(lattice, vector, one);
  // Sent as one encryption.
  const ciphertexts = vector.ciphertexts.map((ciphertext) => ({ ...ciphertext, additions: 1 }));
  const body = encodeCiphertextBody(hash, encodeEncryptedVector(lattice, { ...vector, ciphertexts, additions: 1 }));
  const { context } = roundAt(founded, number);
  return encodeContribution(
    certificate,
    await signMessage(primitives, signer, context, { ...CIPHERTEXT, sender: memberId, body }),
  );
}

describe('attack 64: a silo that encrypts values out of range', () => {
  it('costs its sum and nothing else: everybody says that there is none, and the next sum opens', async () => {
    const founded = await found(await worldOf(nodePrimitives()));
    const alsoContributed = [await contributionOfMore(founded, 4, 1, 2)];
    const run = { round: 1, contributors: [0, 1], activeSet: [1, 2, 3, 4], alsoContributed };
    const outcome = await sumThrough(founded, founded.states, run);
    expect(outcome.result).toBeUndefined();
    expect(outcome.hub.phase).toBe('given up');
    expect(outcome.aborted).toMatchObject({ reason: { code: 'E_SUM', members: [] } });
    const ended = outcome.others.filter(({ kind }) => kind === 'abort' || kind === 'done');
    expect(ended).toHaveLength(4);
    for (const one of ended) expect(one).toMatchObject({ kind: 'abort', reason: { code: 'E_SUM' } });
    for (const state of outcome.states) {
      expect(state.phase === 'serving' && state.awaited === undefined).toBe(true);
    }
    const stored = outcome.states.map((state, i) =>
      decodeMember(founded.serving[i]!, encodeMemberInTheClear(founded.serving[i]!, state)),
    );
    const next = await sumThrough(founded, stored, { round: 2, contributors: [0, 1, 2], activeSet: [1, 2, 3, 5] });
    expect(next.result?.sum).toEqual(plainSum([0, 1, 2].map((index) => valuesOfSilo(founded, index))));
  });

  it('is not claimed by the corrupt alone, and a sum of another length is no result', async () => {
    const founded = await found(await worldOf(nodePrimitives()));
    const { primitives, silos } = founded;
    const round = roundAt(founded, 1);
    const setting = sumSetting(founded, round);
    const statement = new Uint8Array(32).fill(9);
    const asked = { statement, contributors: [], activeSet: [1, 2, 3, 4], request: new Uint8Array(0) };
    let state: Parameters<typeof stepSumCoordinator>[1] = {
      phase: 'opening',
      asked,
      received: new Map(),
      messages: new Map(),
      results: new Map(),
    };
    const said = async (index: number, sum: Int32Array): Promise<Uint8Array> => {
      const { signer, memberId: sender } = silos[index]!;
      const body = encodeResultBody({ statement, hash: resultHash(primitives, statement, sum), sum });
      return encodeMessage(await signMessage(primitives, signer, round.context, { ...RESULT, sender, body }));
    };
    const long = { kind: 'message' as const, bytes: await said(0, new Int32Array(101)) };
    expect(await codeOf(() => stepSumCoordinator(setting, state, long))).toBe('E_LEN');
    const phases: string[] = [];
    for (const index of [0, 1, 2]) {
      const bytes = await said(index, new Int32Array(0));
      ({ state } = await stepSumCoordinator(setting, state, { kind: 'message', bytes }));
      phases.push(state.phase);
    }
    expect(phases).toEqual(['opening', 'opening', 'given up']);
  });
});
