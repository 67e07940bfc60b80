// One-shot rounds against everybody: attacks 11 to 18, 33 to 36, 57 and 58 of the specification's list, and what else a coordinator or a
// contributor can try. The committee's own refusals are in committee/member.attack.test.ts, dropouts in dropouts.attack.test.ts.

import { wasmEngine } from '@sumus/lattice/engine';
import { type KeyShare, PackedSum } from '@sumus/lattice/one-time';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { defineFloors, requireFloors } from '../floors/index.ts';
import { decodeMessage, encodeMessage, signMessage } from '../messages/index.ts';
import { codeOf, errorOf, flipped } from '../seeded-members.contract.ts';
import { memberStep, startMember } from './committee/member.ts';
import { contributorStep, startContributor } from './contributor/contributor.ts';
import { type CollectorState, collectorStep, startCollector } from './coordinator/collector.ts';
import { readComplaint } from './coordinator/complaint.ts';
import { openerStep, startOpener } from './coordinator/opener.ts';
import { makeContribution, openOwn, play, sentTo } from './one-shot-driver.contract.ts';
import {
  LITERAL,
  sumOf,
  vectorOf,
  type World,
  type WorldOptions,
  world as worldOn,
} from './one-shot-world.contract.ts';
import { answerBytesAtMost, decodeAnswer, encodeAnswer } from './round/answers.ts';
import { requireCommittee } from './round/committee.ts';
import { boxBytes, decodeContribution, encodeContribution } from './round/contribution.ts';
import { DELIVERY, OPEN_SHARE, SIGN } from './round/kinds.ts';
import { decode, openCertified } from './round/opening.ts';
import { oneShotParameters, proposalOf } from './round/parameters.ts';
import { oneShotRound } from './round/round.ts';

let world: (options?: WorldOptions) => Promise<World>;
let w: World;
beforeAll(async () => {
  const engine = await wasmEngine();
  world = (options) => worldOn(nodePrimitives(), engine, options);
  w = await world();
});

const take = (of: World, state: CollectorState, bytes: Uint8Array) =>
  collectorStep(of.coordinator, state, { kind: 'contribution', bytes });

/** Changes the elements of a share in a member's signed answer, and signs it again: the member lies. */
async function lyingAnswer(of: World, from: string, bytes: Uint8Array, change: (share: Uint8Array) => void) {
  const member = of.members.find(({ memberId }) => memberId === from)!;
  const body = decodeAnswer(of.parameters, decodeMessage(bytes, answerBytesAtMost(of.parameters)).body);
  if (body.kind !== 'share') throw new Error('not a share');
  const share = body.share.slice();
  change(share);
  const message = { ...OPEN_SHARE, sender: member.memberId, body: encodeAnswer({ ...body, share }) };
  return encodeMessage(await signMessage(of.primitives, member.signer, of.context, message));
}
/** The first element of an encoded share lies behind its frame; its lowest bit changes. */
const FIRST_ELEMENT = 44;
const lie = (share: Uint8Array): void => {
  share[FIRST_ELEMENT]! ^= 1;
};

/** A round up to the certificate, and every member's honest answer. */
async function answered(of: World, contribute = of.contributors.map((_, i) => i)) {
  let state = startCollector(of.coordinator);
  for (const index of contribute) ({ state } = await take(of, state, (await makeContribution(of, index)).bytes));
  if (state.phase === 'collecting') ({ state } = await collectorStep(of.coordinator, state, { kind: 'time is up' }));
  const opening = startOpener(of.coordinator, state);
  let opener = opening.state;
  const models = { current: 0, hashes: new Map([[0, '01'.repeat(32)]]) };
  const members = [];
  let certificate: Uint8Array | undefined;
  for (const member of of.members) {
    const [request] = sentTo(opening.outputs, DELIVERY.close, member.memberId);
    const closed = await memberStep(member, startMember(member, of.start()).state, {
      kind: 'close',
      request: request!,
      models,
    });
    members.push({ member, state: closed.state });
    const [bytes] = closed.outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
    const next = await openerStep(of.coordinator, opener, { kind: 'signature', bytes: bytes! });
    opener = next.state;
    certificate ??= sentTo(next.outputs, DELIVERY.certificate, of.members[0]!.memberId)[0];
  }
  const answers: Uint8Array[] = [];
  for (const { member, state: serving } of members) {
    const made = await memberStep(member, serving, { kind: 'certificate', certificate: certificate! });
    answers.push(made.outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []))[0]!);
  }
  return { opener, answers, certificate: certificate!, members };
}

describe('attack 11: another committee than the derived one', () => {
  it('is refused, whether it is named or put into the directory', async () => {
    const sampled = await world({ candidates: 7, literal: { committee: { ...LITERAL.committee, choice: 'sampled' } } });
    expect(sampled.round.committee).toHaveLength(4);
    const derived = sampled.round.committee.map(({ memberId }) => memberId);
    requireCommittee(sampled.round.committee, derived);
    const others = sampled.directory.committee.members.map(({ memberId }) => memberId);
    expect(await codeOf(() => requireCommittee(sampled.round.committee, others.slice(0, 4)))).toBe('E_COMMITTEE');
    expect(await codeOf(() => requireCommittee(sampled.round.committee, derived.slice(1)))).toBe('E_COMMITTEE');
    const other = await world({ seed: 2 });
    const refused = (change: object) => codeOf(() => oneShotRound(w.primitives, w.trust, { ...w.input, ...change }));
    expect(await refused({ directory: other.directory })).toBe('E_ROSTER');
    expect(await refused({ logged: other.input.logged })).toBe('E_LOG');
    expect(await refused({ beacon: other.input.beacon })).toBe('E_BEACON');
    expect(await refused({ beacon: { ...w.input.beacon, value: other.context.beacon } })).toBe('E_BEACON');
  });

  it('is another one after another beacon, and cannot be smaller than said', async () => {
    const literal = { committee: { ...LITERAL.committee, choice: 'sampled' as const } };
    const named = async (beacon: number) => {
      const one = await world({ candidates: 12, literal, beacon: new Uint8Array(32).fill(beacon) });
      return one.round.committee.map(({ memberId }) => memberId).join();
    };
    expect(new Set([await named(1), await named(2), await named(3)]).size).toBe(3);
    expect(await codeOf(() => world({ candidates: 3, literal }))).toBe('E_COMMITTEE');
    expect(await codeOf(() => world({ candidates: 5 }))).toBe('E_COMMITTEE');
  });
});

describe('attack 12: a contribution again', () => {
  it('is acknowledged when its bytes are the same and counts once; with other bytes it is equivocation', async () => {
    const { bytes } = await makeContribution(w, 0);
    const first = await take(w, startCollector(w.coordinator), bytes);
    const again = await take(w, first.state, bytes);
    expect(again.state).toBe(first.state);
    expect(again.outputs).toEqual(first.outputs);
    const other = await makeContribution(w, 0, vectorOf(w, 3));
    expect(await codeOf(() => take(w, again.state, other.bytes))).toBe('E_EQUIV');
  });
});

describe('attack 13: messages of another round', () => {
  it('are refused: contribution, signature, answer', async () => {
    const before = await world({ roundNumber: 7 });
    const { bytes } = await makeContribution(before, 0);
    // The same people in another round: their certificates hold, their context does not.
    expect(before.contributors[0]!.certificate).toEqual(w.contributors[0]!.certificate);
    expect(await codeOf(() => take(w, startCollector(w.coordinator), bytes))).toBe('E_CTX');
    const played = await answered(before);
    const here = await answered(w);
    const event = { kind: 'answer', bytes: played.answers[0]! } as const;
    expect(await codeOf(() => openerStep(w.coordinator, here.opener, event))).toBe('E_CTX');
  });
});

describe('attacks 14 and 16: a round that was entered already', () => {
  it('does not begin again, and neither does another context of it', async () => {
    const start = w.start();
    await startContributor(w.contributors[0]!, start);
    expect(await codeOf(() => startContributor(w.contributors[0]!, start))).toBe('E_PARAMETER');
    const other = await world({ roundNumber: 2 });
    expect(await codeOf(() => startContributor(w.contributors[0]!, other.start()))).toBe('E_CTX');
    expect(await codeOf(() => startMember(w.members[0]!, other.start()))).toBe('E_CTX');
  });
});

describe('attack 15: out of order, or twice', () => {
  it('is refused by contributors', async () => {
    const contributor = w.contributors[0]!;
    const { state } = await makeContribution(w, 0);
    const model = { version: 0, hash: w.context.modelHash };
    const second = { kind: 'contribute', values: vectorOf(w, 0), model } as const;
    expect(await codeOf(() => contributorStep(contributor, state, second))).toBe('E_PHASE');
    const ended = await contributorStep(contributor, state, { kind: 'end' });
    expect(await codeOf(() => contributorStep(contributor, ended.state, second))).toBe('E_PHASE');
    // A state that was left behind answers nobody.
    expect(await codeOf(() => contributorStep(contributor, state, { kind: 'send again' }))).toBe('E_PARAMETER');
  });

  it('is refused by the coordinator: answers before a certificate, contributions after the close, openings of what is open', async () => {
    const { answers } = await answered(w);
    let state = startCollector(w.coordinator);
    expect(await codeOf(() => startOpener(w.coordinator, state))).toBe('E_PHASE');
    for (const index of [0, 1, 2]) ({ state } = await take(w, state, (await makeContribution(w, index)).bytes));
    ({ state } = await collectorStep(w.coordinator, state, { kind: 'time is up' }));
    const late = await makeContribution(w, 3);
    expect(await codeOf(() => take(w, state, late.bytes))).toBe('E_LATE');
    expect(await codeOf(() => collectorStep(w.coordinator, state, { kind: 'next flush' }))).toBe('E_PHASE');
    const { state: signing } = startOpener(w.coordinator, state);
    const early = { kind: 'answer', bytes: answers[0]! } as const;
    expect(await codeOf(() => openerStep(w.coordinator, signing, early))).toBe('E_PHASE');
  });

  it('is refused by a member that has ended', async () => {
    const member = w.members[0]!;
    const { state } = await memberStep(member, startMember(member, w.start()).state, { kind: 'end' });
    const act = () => memberStep(member, state, { kind: 'certificate', certificate: new Uint8Array(10) });
    expect(await codeOf(act)).toBe('E_PHASE');
  });
});

describe('attack 17: another model, configuration or support for one participant', () => {
  it('gives it another context: its contribution is refused, and were it added nothing would be returned', async () => {
    const elsewhere = await world({ modelHash: new Uint8Array(32).fill(99) });
    expect(elsewhere.context.hash).not.toEqual(w.context.hash);
    expect(elsewhere.round.polynomialSeed).not.toEqual(w.round.polynomialSeed);
    const { opener, answers } = await answered(w, [0, 1, 2]);
    if (opener.phase !== 'answering') throw new Error(opener.phase);
    // A coordinator without checks puts the victim's vector, made elsewhere, in place of another one.
    const { oneTime, vectorLength } = w.parameters;
    const total = new PackedSum(w.lattice, oneTime, vectorLength);
    for (const [i, of] of [w, w, elsewhere].entries()) {
      total.add(decodeContribution(w.parameters, (await makeContribution(of, i)).bytes).ciphertext);
    }
    let state: typeof opener | Awaited<ReturnType<typeof openerStep>>['state'] = { ...opener, total: total.total() };
    const outputs = [];
    for (const bytes of answers) {
      const made = await openerStep(w.coordinator, state, { kind: 'answer', bytes });
      state = made.state;
      outputs.push(...made.outputs);
    }
    expect(outputs).toEqual([]);
    const over = await openerStep(w.coordinator, state, { kind: 'time is up' });
    expect(over.outputs.map((one) => (one.kind === 'abort' ? one.reason.code : one.kind))).toEqual([
      'persist',
      'E_NOISE',
    ]);
  });
});

describe('attack 18: lowered thresholds', () => {
  it('are refused by the parameters or by the participant’s floors', async () => {
    const lowered = (change: object) => codeOf(() => oneShotParameters({ ...LITERAL, ...change }));
    expect(await lowered({ minimumContributors: 2 })).toBe('E_PARAMETER');
    expect(await lowered({ maximumContributors: 2 })).toBe('E_PARAMETER');
    expect(await lowered({ valueBits: 18 })).toBe('E_PARAMETER');
    // Point 31: five members of whom two may be corrupt are blocked by those two.
    const five = { members: 5, corrupt: 2, choice: 'fixed' as const };
    expect(await lowered({ committee: five })).toBe('E_PARAMETER');
    expect(oneShotParameters({ ...LITERAL, committee: { ...five, mayBeBlocked: true } }).oneTime.committee.quorum).toBe(
      4,
    );
    const floors = defineFloors({
      minimumContributors: 3,
      corruptFraction: 0.3,
      minimumWordBits: 16,
      maximumVectorLength: 1000,
      maximumRoundsPerDay: 10,
      minimumCommittee: 4,
      minimumBeaconContributors: 2,
    });
    const proposal = proposalOf(w.parameters);
    const refused = (change: object) => codeOf(() => requireFloors(floors, { ...proposal, ...change }, 1));
    for (const change of [
      { quorum: 2 },
      { committee: 1 },
      { corruptInCommittee: 0 },
      { minimumContributors: 1 },
      { wordBits: 8 },
    ]) {
      expect(await refused(change)).toBe('E_FLOOR');
    }
    // What was accepted is what the round has, or nothing begins.
    const start = w.start();
    const accepted = requireFloors(floors, { ...proposal, minimumContributors: 4 }, 1);
    expect(await codeOf(() => startContributor(w.contributors[0]!, { ...start, accepted }))).toBe('E_FLOOR');
  });

  it('cannot talk anybody down to boxes without X-Wing: the suite is in the context', async () => {
    const act = () => world({ literal: { boxes: 'hybrid' } });
    // No X-Wing keys at hand: the roster under that suite refuses to be made.
    expect(await codeOf(act)).toBe('E_ROSTER');
  });

  it('are in the context: other parameters than it was formed with are refused', async () => {
    const other = await world({ literal: { minimumContributors: 4 } });
    const input = { ...w.input, parameters: other.parameters };
    expect(await codeOf(() => oneShotRound(w.primitives, w.trust, input))).toBe('E_CTX');
  });
});

describe('attack 33: a member answers with a wrong sum', () => {
  it('that is among exactly a quorum: nothing is returned until more answer, and then the liar is flagged', async () => {
    const big = await world({ literal: { committee: { ...LITERAL.committee, members: 10, corrupt: 3 } }, seed: 9 });
    const { opener, answers } = await answered(big);
    const wrong = await lyingAnswer(big, big.members[2]!.memberId, answers[2]!, lie);
    let state = opener;
    const seen: string[] = [];
    for (const [i, honest] of answers.entries()) {
      if (state.phase !== 'answering') break;
      const made = await openerStep(big.coordinator, state, { kind: 'answer', bytes: i === 2 ? wrong : honest });
      state = made.state;
      for (const output of made.outputs) {
        seen.push(output.kind);
        if (output.kind === 'done') {
          expect(output.result.sum).toEqual(sumOf([0, 1, 2, 3, 4].map((k) => vectorOf(big, k))));
          expect(output.result.flagged).toEqual([big.members[2]!.memberId]);
        }
      }
    }
    // Seven are a quorum; nine locate one wrong answer (point 32), eight only detect it.
    expect(seen).toEqual(['persist', 'done']);
    expect(state.phase).toBe('done');
  });

  it('with more liars than can be located: detected, not located, and nothing is returned', async () => {
    const big = await world({ literal: { committee: { ...LITERAL.committee, members: 10, corrupt: 3 } }, seed: 10 });
    const { opener, answers } = await answered(big);
    let state = opener;
    const outputs = [];
    for (const [i, honest] of answers.entries()) {
      const bytes = i < 3 ? await lyingAnswer(big, big.members[i]!.memberId, honest, lie) : honest;
      const made = await openerStep(big.coordinator, state, { kind: 'answer', bytes });
      state = made.state;
      outputs.push(...made.outputs);
    }
    expect(outputs).toEqual([]);
    const over = await openerStep(big.coordinator, state, { kind: 'time is up' });
    const aborts = over.outputs.flatMap((output) => (output.kind === 'abort' ? [output.reason] : []));
    expect(aborts.map(({ code }) => code)).toEqual(['E_SHARE']);
    expect(aborts[0]!.reason).toMatch(/detected, not located/);
  });

  it('by a sum of keys that is off by one in one coefficient: the residual noise shows it, the range check does not', async () => {
    const { opener, answers } = await answered(w);
    if (opener.phase !== 'answering') throw new Error(opener.phase);
    const shares: KeyShare[] = [];
    let state: Awaited<ReturnType<typeof openerStep>>['state'] = opener;
    for (const bytes of answers.slice(0, 2)) {
      state = (await openerStep(w.coordinator, state, { kind: 'answer', bytes })).state;
    }
    if (state.phase !== 'answering') throw new Error(state.phase);
    shares.push(...state.shares.values());
    const last = await openerStep(w.coordinator, state, { kind: 'answer', bytes: answers[2]! });
    const [result] = last.outputs.flatMap((output) => (output.kind === 'done' ? [output.result] : []));
    const { keySum } = result!;
    expect(decode(w.lattice, w.round, opener.total, keySum)).toEqual(result!.sum);
    for (const off of [1, -1, 2]) {
      const coefficients = keySum.coefficients.slice();
      coefficients[5]! += off;
      const act = () => decode(w.lattice, w.round, opener.total, { ...keySum, coefficients });
      expect(await codeOf(act)).toBe('E_NOISE');
    }
    expect(await codeOf(() => openCertified(w.lattice, w.round, opener.total, shares))).toBe('E_QUORUM');
  });

  it('to one participant alone, by a box that does not open: the others’ answers open the sum, and the liar is named', async () => {
    const p = await world({ literal: { openedTo: 'participants' } });
    const liar = p.members[0]!;
    const played = await play(p, {
      tamper: async (type, from, bytes) => {
        if (type !== OPEN_SHARE.type || from !== liar.memberId) return bytes;
        const body = decodeAnswer(p.parameters, decodeMessage(bytes, answerBytesAtMost(p.parameters)).body);
        if (body.kind !== 'boxes') throw new Error('not boxes');
        const [first, ...rest] = body.boxes;
        const boxes = [{ reader: first!.reader, box: flipped(first!.box, 50) }, ...rest];
        const message = { ...OPEN_SHARE, sender: liar.memberId, body: encodeAnswer({ ...body, boxes }) };
        return encodeMessage(await signMessage(p.primitives, liar.signer, p.context, message));
      },
    });
    const sum = sumOf([0, 1, 2, 3, 4].map((i) => vectorOf(p, i)));
    const everyone = (index: number) => openOwn(p, played, index);
    expect((await everyone(1)).sum).toEqual(sum);
    // Three are a quorum, the liar among them: the victim waits for the fourth.
    expect(await codeOf(() => openOwn(p, played, 0, 0))).toBe('E_QUORUM');
    const opened = await everyone(0);
    expect(opened.sum).toEqual(sum);
    expect(opened.flagged).toEqual([liar.memberId]);
  });

  it('twice, differently: equivocation', async () => {
    const { opener, answers } = await answered(w);
    const first = await openerStep(w.coordinator, opener, { kind: 'answer', bytes: answers[0]! });
    const wrong = await lyingAnswer(w, w.members[0]!.memberId, answers[0]!, lie);
    const again = await openerStep(w.coordinator, first.state, { kind: 'answer', bytes: answers[0]! });
    expect(again.state).toBe(first.state);
    expect(await codeOf(() => openerStep(w.coordinator, again.state, { kind: 'answer', bytes: wrong }))).toBe(
      'E_EQUIV',
    );
  });
});

describe('attack 34: too few members', () => {
  it('give no result, and the same set may be asked again: the same bytes come back', async () => {
    const { opener, answers, certificate, members } = await answered(w);
    let state = opener;
    for (const bytes of answers.slice(0, 2)) {
      const made = await openerStep(w.coordinator, state, { kind: 'answer', bytes });
      expect(made.outputs).toEqual([]);
      state = made.state;
    }
    const asked = await openerStep(w.coordinator, state, { kind: 'ask again' });
    expect(asked.outputs).toHaveLength(2);
    for (const [i, { member, state: serving }] of members.entries()) {
      const again = await memberStep(member, serving, { kind: 'certificate', certificate });
      expect(again.outputs.map((output) => (output.kind === 'send' ? output.bytes : undefined))).toEqual([answers[i]]);
    }
    const over = await openerStep(w.coordinator, asked.state, { kind: 'time is up' });
    expect(over.outputs.map((one) => (one.kind === 'abort' ? one.reason.code : one.kind))).toEqual([
      'persist',
      'E_QUORUM',
    ]);
  });
});

describe('attack 35: weights', () => {
  it('cannot be given: a contribution counts once, and no field says otherwise', async () => {
    const { bytes } = await makeContribution(w, 0);
    const first = await take(w, startCollector(w.coordinator), bytes);
    expect((await take(w, first.state, bytes)).state).toBe(first.state);
    const weighted = new Uint8Array(bytes.length + 4);
    weighted.set(bytes);
    expect(await codeOf(() => take(w, startCollector(w.coordinator), weighted))).toBe('E_LEN');
  });

  it('that a coordinator applies to a ciphertext make the sum undecodable', async () => {
    const { opener, answers } = await answered(w, [0, 1, 2]);
    if (opener.phase !== 'answering') throw new Error(opener.phase);
    // The total with one contribution counted twice, under the certificate of the honest set.
    const { oneTime, vectorLength } = w.parameters;
    const total = new PackedSum(w.lattice, oneTime, vectorLength, opener.total);
    const { ciphertext } = decodeContribution(w.parameters, (await makeContribution(w, 0)).bytes);
    total.add(ciphertext);
    let state: Awaited<ReturnType<typeof openerStep>>['state'] = {
      ...opener,
      total: { ...total.total(), contributions: 3 },
    };
    for (const bytes of answers) state = (await openerStep(w.coordinator, state, { kind: 'answer', bytes })).state;
    const over = await openerStep(w.coordinator, state, { kind: 'time is up' });
    expect(over.outputs.map((one) => (one.kind === 'abort' ? one.reason.code : one.kind))).toEqual([
      'persist',
      'E_NOISE',
    ]);
  });
});

describe('attack 36: public polynomials that do not follow from the context', () => {
  it('cannot be handed in: everybody derives them, and another context has others', async () => {
    const other = await world({ beacon: new Uint8Array(32).fill(9) });
    expect(other.round.polynomialSeed).not.toEqual(w.round.polynomialSeed);
    const { round } = await world();
    expect(round.polynomialSeed).toEqual(w.round.polynomialSeed);
    // No message has a field for them.
    const { certificate, head, ciphertext, boxes } = decodeContribution(
      w.parameters,
      (await makeContribution(w, 0)).bytes,
    );
    expect(Object.keys({ certificate, head, ciphertext, boxes })).toHaveLength(4);
  });
});

describe('attacks 57 and 58: vectors and boxes of wrong length or range', () => {
  const spoilt = async (change: (parts: { ciphertext: Uint8Array; boxes: readonly Uint8Array[] }) => object) => {
    const { certificate, head, ciphertext, boxes } = decodeContribution(
      w.parameters,
      (await makeContribution(w, 1)).bytes,
    );
    const parts = { certificate, head, ciphertext, boxes, ...change({ ciphertext, boxes }) };
    return codeOf(() => take(w, startCollector(w.coordinator), encodeContribution(w.parameters, parts)));
  };

  it('are refused', async () => {
    expect(await spoilt(({ ciphertext }) => ({ ciphertext: ciphertext.subarray(1) }))).toBe('E_LEN');
    expect(await spoilt(({ ciphertext }) => ({ ciphertext: new Uint8Array(ciphertext.length + 1) }))).toBe('E_LEN');
    expect(await spoilt(({ ciphertext }) => ({ ciphertext: flipped(ciphertext, 5) }))).toBe('E_SIG');
    expect(await spoilt(({ boxes }) => ({ boxes: boxes.slice(1) }))).toBe('E_RANGE');
    expect(await spoilt(({ boxes }) => ({ boxes: [...boxes, boxes[0]] }))).toBe('E_RANGE');
    expect(await spoilt(({ boxes }) => ({ boxes: boxes.map((box) => box.subarray(1)) }))).toBe('E_LEN');
  });

  it('are refused where the signature holds: residues at or above their prime, and the sum stays what it was', async () => {
    const state = startCollector(w.coordinator);
    const { bytes } = await makeContribution(w, 2);
    const { state: one } = await take(w, state, bytes);
    if (one.phase !== 'collecting') throw new Error(one.phase);
    const before = one.total.total();
    const { certificate, head, ciphertext, boxes } = decodeContribution(
      w.parameters,
      (await makeContribution(w, 3)).bytes,
    );
    const high = ciphertext.slice().fill(255, 0, 16);
    const body = head.body.slice();
    const at = findHash(body, w.primitives.sha256(ciphertext));
    body.set(w.primitives.sha256(high), at);
    const contributor = w.contributors[3]!;
    const signed = await signMessage(w.primitives, contributor.signer, w.context, { ...head, body });
    const hostile = encodeContribution(w.parameters, { certificate, head: signed, ciphertext: high, boxes });
    const error = await errorOf(() => take(w, one, hostile));
    expect(error.code).toBe('E_RANGE');
    expect(one.total.total()).toEqual(before);
    // And the state is as good as before.
    const { state: two } = await take(w, one, (await makeContribution(w, 4)).bytes);
    expect(two.phase).toBe('collecting');
  });

  it('cost nothing before they are refused, however long they claim to be', async () => {
    const claim = new Uint8Array(64);
    claim.fill(255);
    expect(await codeOf(() => take(w, startCollector(w.coordinator), claim))).toBe('E_LEN');
    expect(boxBytes(w.parameters)).toBe(
      decodeContribution(w.parameters, (await makeContribution(w, 0)).bytes).boxes[0]!.length,
    );
  });

  it('of the contributor itself are refused before a key is made', async () => {
    const contributor = w.contributors[0]!;
    const model = { version: 0, hash: w.context.modelHash };
    const { state } = await startContributor(contributor, w.start());
    const contribute = (values: Int32Array) =>
      contributorStep(contributor, state, { kind: 'contribute', values, model });
    expect(await codeOf(() => contribute(new Int32Array(149)))).toBe('E_PARAMETER');
    const { highest } = w.parameters.oneTime;
    expect(await codeOf(() => contribute(new Int32Array(150).fill(highest + 1)))).toBe('E_PARAMETER');
    expect(await codeOf(() => contribute(new Int32Array(150).fill(-highest - 1)))).toBe('E_PARAMETER');
    // Nothing of the state was used up.
    expect((await contribute(new Int32Array(150).fill(highest))).state.phase).toBe('sent');
  });
});

const findHash = (bytes: Uint8Array, hash: Uint8Array): number => {
  for (let at = 0; at + 32 <= bytes.length; at++) if (hash.every((byte, i) => bytes[at + i] === byte)) return at;
  throw new Error('no such hash');
};

describe('attack 51: a contributor whose shares are bad', () => {
  it('is named in a review before anybody signs, taken out with the bytes of its contribution, and the rest is opened', async () => {
    let state = startCollector(w.coordinator);
    const bytesOf: Uint8Array[] = [];
    for (const index of [0, 1, 2, 3]) {
      const { bytes } = await makeContribution(w, index);
      const { certificate, head, ciphertext, boxes } = decodeContribution(w.parameters, bytes);
      const changed = boxes.map((box, i) => (index === 2 && i === 1 ? flipped(box, 60) : box));
      const sent = encodeContribution(w.parameters, { certificate, head, ciphertext, boxes: changed });
      bytesOf.push(sent);
      ({ state } = await take(w, state, sent));
    }
    const review = await collectorStep(w.coordinator, state, { kind: 'review' });
    const models = { current: 0, hashes: new Map([[0, '01'.repeat(32)]]) };
    const complaints = [];
    for (const member of w.members) {
      const [request] = sentTo(review.outputs, DELIVERY.review, member.memberId);
      const serving = startMember(member, w.start()).state;
      const { outputs } = await memberStep(member, serving, { kind: 'review', request: request!, models });
      const [bytes] = outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
      complaints.push(await readComplaint(w.coordinator, bytes!));
    }
    expect(complaints.map(({ contributors }) => contributors)).toEqual([[], [w.contributors[2]!.memberId], [], []]);
    const exclude = (contribution: Uint8Array) =>
      collectorStep(w.coordinator, state, { kind: 'exclude', contribution });
    expect(await codeOf(async () => exclude((await makeContribution(w, 4)).bytes))).toBe('E_PHASE');
    ({ state } = await exclude(bytesOf[2]!));
    // What was taken out does not come back in other bytes.
    expect(await codeOf(async () => take(w, state, (await makeContribution(w, 2)).bytes))).toBe('E_EQUIV');
    const { result } = await play(w, { contribute: [0, 1, 3], contributions: [0, 1, 3].map((i) => bytesOf[i]!) });
    const { state: closed } = await collectorStep(w.coordinator, state, { kind: 'time is up' });
    if (closed.phase !== 'closed') throw new Error(closed.phase);
    expect(decode(w.lattice, w.round, closed.total.total(), result!.keySum)).toEqual(result!.sum);
  });
});

describe('signatures of members', () => {
  it('on another set than the closed one convict the member', async () => {
    const { refused } = await play(w, {
      contribute: [0, 1, 2],
      tamper: (type, from, bytes) =>
        type === SIGN.type && from === w.members[0]!.memberId ? flipped(bytes, 90) : bytes,
    });
    expect(refused.length).toBeGreaterThan(0);
    const other = await answered(w, [0, 1, 2]);
    const more = await answered(w, [0, 1, 2, 3]);
    if (more.opener.phase !== 'answering' || other.opener.phase !== 'answering') throw new Error('not answering');
    const foreign = encodeMessage([...other.opener.signatures.values()][0]!);
    const error = await errorOf(() => openerStep(w.coordinator, more.opener, { kind: 'signature', bytes: foreign }));
    expect(error.code).toBe('E_EQUIV');
    expect(error.evidence).toEqual([foreign]);
  });
});
