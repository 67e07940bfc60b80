// Attack 64 on threshold sums: a silo that encrypts more than it may, by adding a ciphertext to itself. Nobody can look into it before the
// sum is open; then there is no sum, members and coordinator say so, and the next one opens.

import { addVectors, type EncryptedVector, encryptVector } from '@sumus/lattice/integers';
import { decodeEncryptedVector, encodeEncryptedVector } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import type { OpenContext } from '../context/index.ts';
import { encodeMessage, signMessage } from '../messages/index.ts';
import { codeOf } from '../seeded-members.contract.ts';
import {
  decodeCiphertextBody,
  encodeCiphertextBody,
  encodeContribution,
  receiveContribution,
} from './contributions.ts';
import { stepSumCoordinator } from './coordinator-sum.ts';
import { CIPHERTEXT, RESULT } from './kinds.ts';
import { contributionsTo } from './malicious-coordinator.contract.ts';
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

/** A vector that nobody encrypted, as a silo's own. */
async function contributionOf(
  { epoch: { lattice, hash }, ...founded }: Founded,
  index: number,
  context: OpenContext,
  vector: EncryptedVector,
): Promise<Uint8Array> {
  const { certificate, signer, memberId } = founded.silos[index]!;
  // Sent as one encryption.
  const ciphertexts = vector.ciphertexts.map((ciphertext) => ({ ...ciphertext, additions: 1 }));
  const body = encodeCiphertextBody(hash, encodeEncryptedVector(lattice, { ...vector, ciphertexts, additions: 1 }));
  const said = { ...CIPHERTEXT, sender: memberId, body };
  return encodeContribution(certificate, await signMessage(founded.primitives, signer, context, said));
}

/** A silo's vector, `times` times. */
function contributionOfMore(founded: Founded, index: number, number: number, times: number): Promise<Uint8Array> {
  const { lattice, publicKey, parameters } = founded.epoch;
  const one = encryptVector(lattice, publicKey, parameters.lattice.integers, valuesOfSilo(founded, index));
  let vector = one;
  for (let i = 1; i < times; i++) vector = addVectors(lattice, vector, one);
  return contributionOf(founded, index, roundAt(founded, number).context, vector);
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

  it('the known limit: whom the coordinator shows another’s ciphertext adds it to its own, within the range, and nobody notices', async () => {
    const founded = await found(await worldOf(nodePrimitives()));
    const { epoch, primitives, trust } = founded;
    const { lattice, publicKey, parameters } = epoch;
    const { context } = roundAt(founded, 1);
    const [victim, third] = await contributionsTo(founded, roundAt(founded, 1), [0, 1]);
    const { message } = await receiveContribution(primitives, trust, context, victim!);
    const shown = decodeEncryptedVector(
      lattice,
      parameters.lattice.integers,
      decodeCiphertextBody(message.body).vector,
    );
    const zeros = encryptVector(lattice, publicKey, parameters.lattice.integers, new Int32Array(100));
    const copy = await contributionOf(founded, 4, context, addVectors(lattice, shown, zeros));
    const run = { round: 1, contributors: [], activeSet: [1, 2, 3, 4], alsoContributed: [victim!, third!, copy] };
    const { result } = await sumThrough(founded, founded.states, run);
    const [one, other] = [valuesOfSilo(founded, 0), valuesOfSilo(founded, 1)];
    expect(result?.sum).toEqual(plainSum([one, one, other]));
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
