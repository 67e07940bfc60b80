// The committee against a coordinator that cheats: attacks 29 to 32, 51, 53, 54 and 79 of the specification's list. Each guard is also
// taken away once, and the attack must then succeed: a test that cannot fail holds nothing.

import { wasmEngine } from '@sumus/lattice/engine';
import { type KeyShare, reconstructKeySum, sumShares } from '@sumus/lattice/one-time';
import { decodeOneTimeKeyShare } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeMessage, type SignedMessage, signMessage } from '../../messages/index.ts';
import { codeOf, enrol, flipped, freshSigner } from '../../seeded-members.contract.ts';
import { readComplaint } from '../coordinator/complaint.ts';
import { makeContribution, requestOf } from '../one-shot-driver.contract.ts';
import { LITERAL, type World, type WorldOptions, world as worldOn } from '../one-shot-world.contract.ts';
import { answerBytesAtMost, decodeAnswer } from '../round/answers.ts';
import { decodeSetCertificate, encodeSetCertificate, SIGN_BODY_BYTES } from '../round/certificate-of-set.ts';
import { decodeContribution, encodeContribution, storedHead } from '../round/contribution.ts';
import { firstModel, withModel } from '../round/models.ts';
import { MEMBER_GUARDS, type MemberGuards } from './guards.ts';
import { memberStep, memberStepWith, startMember } from './member.ts';
import { type MemberState, restoreMember, storeMemberInTheClear } from './member-state.ts';
import { extendTo } from './ramp.contract.ts';
import { openShare } from './received-shares.ts';

let world: (options?: WorldOptions) => Promise<World>;
let w: World;
let contributions: Uint8Array[];
const contributionsOf = async (of: World): Promise<Uint8Array[]> => {
  const made: Uint8Array[] = [];
  for (let i = 0; i < of.contributors.length; i++) made.push((await makeContribution(of, i)).bytes);
  return made;
};
beforeAll(async () => {
  const engine = await wasmEngine();
  world = (options) => worldOn(nodePrimitives(), engine, options);
  w = await world();
  contributions = await contributionsOf(w);
});

const without = (...guards: (keyof MemberGuards)[]) =>
  memberStepWith({
    ...MEMBER_GUARDS,
    ...Object.fromEntries(guards.map((guard) => [guard, PERMISSIVE[guard]])),
  });
/** Each guard's planted break. */
const PERMISSIVE: MemberGuards = {
  enough: () => undefined,
  unusedNullifiers: () => undefined,
  oneSetAFlush: () => undefined,
  certified: async (_, round, bytes) => {
    const { set } = decodeSetCertificate(round.committee.length, bytes);
    return set as Awaited<ReturnType<MemberGuards['certified']>>;
  },
  ownSet: (signed) => signed!,
};

const fresh = (of: World, number: number): MemberState => startMember(of.members[number - 1]!, of.start()).state;
const close = (of: World, number: number, some: readonly Uint8Array[], flush = 0) => ({
  kind: 'close' as const,
  request: requestOf(of, some, number, flush),
  models: firstModel(of.context),
});
const refusal = async (some: readonly Uint8Array[], state?: MemberState, flush = 0): Promise<unknown> =>
  codeOf(() => memberStep(w.members[0]!, state ?? fresh(w, 1), close(w, 1, some, flush)));

/** Signed message in what a step sends. */
const messageIn = (outputs: readonly unknown[]): Uint8Array =>
  (outputs as readonly { kind: string; bytes: Uint8Array }[]).find(({ kind }) => kind === 'send')!.bytes;
const signatureIn = (outputs: readonly unknown[]): SignedMessage => decodeMessage(messageIn(outputs), SIGN_BODY_BYTES);

describe('attack 29: a set that must not be signed', () => {
  it('of fewer than n_min', async () => {
    expect(await refusal(contributions.slice(0, 2))).toBe('E_TOO_FEW');
    expect(await refusal([])).toBe('E_TOO_FEW');
    const { outputs } = await without('enough')(w.members[0]!, fresh(w, 1), close(w, 1, contributions.slice(0, 2)));
    expect(outputs.map(({ kind }) => kind)).toEqual(['persist', 'send']);
  });

  it('with a member twice, or out of order', async () => {
    const [a, b, c] = contributions as [Uint8Array, Uint8Array, Uint8Array];
    expect(await refusal([a, a, b])).toBe('E_DUPLICATE');
    expect(await refusal([a, c, b])).toBe('E_ROSTER');
  });

  it('with a Sybil without a certificate, or with one of another authority', async () => {
    const authority = await freshSigner(w.primitives);
    const sybil = await enrol(w.primitives, authority, 'silo-03b');
    const { head, ciphertext, boxes } = decodeContribution(w.parameters, contributions[2]!);
    const forged = encodeContribution(w.parameters, { certificate: sybil.certificate, head, ciphertext, boxes });
    expect(await refusal([contributions[0]!, contributions[1]!, forged])).toBe('E_CERT');
  });

  it('with a nullifier that was signed in an earlier flush', async () => {
    const epoch = await world({
      literal: { flushes: { contributions: 3, versionsOld: 2, contributionsEach: 1 } },
      seed: 4,
    });
    const made = await contributionsOf(epoch);
    const member = epoch.members[0]!;
    const { state } = await memberStep(member, fresh(epoch, 1), close(epoch, 1, made.slice(0, 3), 0));
    const again = close(epoch, 1, made.slice(2, 5), 1);
    expect(await codeOf(() => memberStep(member, state, again))).toBe('E_DUPLICATE');
    const { outputs } = await without('unusedNullifiers')(member, state, again);
    expect(outputs.map(({ kind }) => kind)).toEqual(['persist', 'send']);
  });
});

describe('attack 30: two different sets', () => {
  it('are not both signed, also not after a crash, and the first is signed again with the same bytes', async () => {
    const member = w.members[0]!;
    const first = await memberStep(member, fresh(w, 1), close(w, 1, contributions));
    expect(first.outputs.map(({ kind }) => kind)).toEqual(['persist', 'send']);
    const resumed = restoreMember(w.round, storeMemberInTheClear(w.round, first.state));
    for (const state of [first.state, resumed]) {
      expect(await refusal(contributions.slice(1), state)).toBe('E_EQUIV');
      const again = await memberStep(member, state, close(w, 1, contributions));
      expect(again.outputs.map(({ kind }) => kind)).toEqual(['send']);
      expect(messageIn(again.outputs)).toEqual(messageIn(first.outputs));
      expect(again.state).toBe(state);
    }
    // Neither under another number of the flush: a single sum has one.
    expect(await refusal(contributions.slice(1), resumed, 1)).toBe('E_CTX');
    const broken = await without('oneSetAFlush', 'unusedNullifiers')(
      member,
      resumed,
      close(w, 1, contributions.slice(1)),
    );
    expect(signatureIn(broken.outputs).body).not.toEqual(signatureIn(first.outputs).body);
  });

  it('are not opened without a quorum of signatures on the one that this member signed', async () => {
    const signatures: SignedMessage[] = [];
    const states: MemberState[] = [];
    for (const member of w.members) {
      const made = await memberStep(member, fresh(w, w.members.indexOf(member) + 1), {
        ...close(w, w.members.indexOf(member) + 1, contributions),
      });
      states.push(made.state);
      signatures.push(signatureIn(made.outputs));
    }
    const { set } = decodeSetCertificate(4, encodeSetCertificate(setIn(signatures[0]!), signatures));
    const open = (some: readonly SignedMessage[], state = states[0]!, of = set) =>
      memberStep(w.members[0]!, state, { kind: 'certificate', certificate: encodeSetCertificate(of, some) });
    const [a, b, c] = signatures as [SignedMessage, SignedMessage, SignedMessage];
    expect(await codeOf(() => open([]))).toBe('E_QUORUM');
    expect(await codeOf(() => open([a, b]))).toBe('E_QUORUM');
    expect(await codeOf(() => open([a, b, b]))).toBe('E_DUPLICATE');
    expect(await codeOf(() => open([a, b, { ...c, signature: b.signature }]))).toBe('E_SIG');
    expect(await codeOf(() => open([a, b, { ...c, sender: w.contributors[0]!.memberId }]))).toBe('E_COMMITTEE');
    expect(await codeOf(() => open([a, b, c], states[0], { ...set, contributions: 4 }))).toBe('E_EQUIV');
    expect(await codeOf(() => open([a, b, c], fresh(w, 1)))).toBe('E_PHASE');
    // Signed by all others, but not the set that this member signed.
    const other = await memberStep(w.members[0]!, fresh(w, 1), close(w, 1, contributions.slice(1)));
    expect(await codeOf(() => open(signatures.slice(1), other.state))).toBe('E_EQUIV');
    const { outputs } = await open([a, b, c]);
    expect(outputs.map(({ kind }) => kind)).toEqual(['send']);
    // Planted: without the guard nobody's signature is needed.
    const broken = await without('certified')(w.members[0]!, states[0]!, {
      kind: 'certificate',
      certificate: encodeSetCertificate(set, []),
    });
    expect(messageIn(broken.outputs)).toEqual(messageIn(outputs));
  });
});

const setIn = ({ body }: SignedMessage) => {
  const view = new DataView(body.buffer, body.byteOffset);
  return { flush: view.getUint32(0, true), contributions: view.getUint32(4, true), setHash: body.slice(8) };
};

describe('a member that has served for long', () => {
  it('signs the same set again when a certificate in it has expired since, and no other set', async () => {
    const member = w.members[0]!;
    const first = await memberStep(member, fresh(w, 1), close(w, 1, contributions));
    const nowMs = w.people[0]!.certificate.notAfterMs + 1;
    const later = { ...member, trust: { ...member.trust, nowMs } };
    for (const state of [first.state, restoreMember(w.round, storeMemberInTheClear(w.round, first.state))]) {
      const again = await memberStep(later, state, close(w, 1, contributions));
      expect(again.state).toBe(state);
      expect(messageIn(again.outputs)).toEqual(messageIn(first.outputs));
      expect(await codeOf(() => memberStep(later, state, close(w, 1, contributions.slice(1))))).toBe('E_CERT');
    }
    expect(await codeOf(() => memberStep(later, fresh(w, 1), close(w, 1, contributions)))).toBe('E_CERT');
  });

  it('is restored after more than 65,536 flushes, and signs nothing that it could not store', async () => {
    const member = w.members[0]!;
    const { state } = await memberStep(member, fresh(w, 1), close(w, 1, contributions));
    if (state.phase !== 'serving') throw new Error('ended');
    const one = state.signed.get(0)!;
    const count = 65_537;
    const signed = new Map(
      Array.from({ length: count }, (_, flush) => [flush, { ...one, set: { ...one.set, flush } }] as const),
    );
    const resumed = restoreMember(w.round, storeMemberInTheClear(w.round, { ...state, signed }));
    expect(resumed.phase === 'serving' && resumed.signed.size).toBe(count);
    // As full as restoreMember takes it: said before anything is signed.
    const empty = { phase: 'serving', signed: new Map<number, never>(), nullifiers: new Set<string>() } as const;
    const sized = <T extends object>(of: T, size: number): T => Object.defineProperty(of, 'size', { value: size });
    for (const full of [
      { ...empty, signed: sized(new Map<number, never>(), 2 ** 20) },
      { ...empty, nullifiers: sized(new Set<string>(), 2 ** 24 - contributions.length + 1) },
    ]) {
      expect(await refusal(contributions, full)).toBe('E_EPOCH');
    }
  });
});

describe('attack 31: equivocation along the ramp of packed sharing', () => {
  const literal = { maximumContributors: 4, committee: { ...LITERAL.committee, members: 32, corrupt: 10 } };
  /** Members 1 to 10 are corrupt and sign anything; 11 to 22 are asked for U, 23 to 32 for U without its last contributor. */
  const corrupt = Array.from({ length: 10 }, (_, i) => i + 1);
  const forU = Array.from({ length: 12 }, (_, i) => i + 11);
  const forLess = Array.from({ length: 10 }, (_, i) => i + 23);
  let big: World;
  let made: Uint8Array[];
  beforeAll(async () => {
    big = await world({ contributors: 4, literal, seed: 6 });
    made = await contributionsOf(big);
  });

  it('gets a certificate for one set at most, and no answer for the other', async () => {
    const all = await sign(memberStep, [...corrupt, ...forU], made);
    const less = await sign(memberStep, [...forLess], made.slice(0, 3));
    const liars = await sign(without('oneSetAFlush', 'unusedNullifiers'), corrupt, made.slice(0, 3), all.states);
    expect(all.signatures).toHaveLength(22);
    const certificate = encodeSetCertificate(setIn(less.signatures[0]!), [...less.signatures, ...liars.signatures]);
    for (const number of forLess) {
      const member = big.members[number - 1]!;
      expect(
        await codeOf(() => memberStep(member, less.states.get(number)!, { kind: 'certificate', certificate })),
      ).toBe('E_QUORUM');
    }
  });

  it('would open twenty evaluations of the victim’s key polynomials where members answer without a certificate', async () => {
    const lax = without('certified');
    const all = await sign(memberStep, forU, made);
    const less = await sign(memberStep, forLess, made.slice(0, 3));
    const answersToU = await answers(lax, forU, all);
    const answersToLess = await answers(lax, forLess, less);
    const { oneTime } = big.parameters;
    const victim = storedHead(big.primitives, big.round, decodeContribution(big.parameters, made[3]!));
    const victimShare = async (number: number): Promise<KeyShare> =>
      openShare(big.members[number - 1]!, victim, decodeContribution(big.parameters, made[3]!).boxes[number - 1]!);
    // What the coalition knows of U: 12 answers and the 10 shares of its own members; that is a quorum of 22.
    const own = await Promise.all(corrupt.map((number) => sharesOf(number)));
    const sumU = [...own.map((shares) => sumShares(oneTime, shares)), ...answersToU];
    expect(() => reconstructKeySum(big.lattice, oneTime, sumU)).not.toThrow();
    // And so it can compute everybody's answer to U: interpolated at one of the others' points, minus that member's answer to the smaller
    // set, it is the victim's share at that point.
    for (const answer of answersToLess.slice(0, 3)) {
      const atU = extendTo(oneTime, sumU, answer.member);
      const p = oneTime.shareModulus;
      const leaked = atU.map((element, b) => (element + p - answer.elements[b]!) % p);
      expect(Uint32Array.from(leaked)).toEqual((await victimShare(answer.member)).elements);
    }
  });

  async function sharesOf(number: number): Promise<KeyShare[]> {
    const shares: KeyShare[] = [];
    for (const bytes of made) {
      const { certificate, head, boxes } = decodeContribution(big.parameters, bytes);
      const verified = storedHead(big.primitives, big.round, { certificate, head });
      shares.push(await openShare(big.members[number - 1]!, verified, boxes[number - 1]!));
    }
    return shares;
  }

  async function sign(
    stepping: typeof memberStep,
    numbers: readonly number[],
    some: readonly Uint8Array[],
    from?: ReadonlyMap<number, MemberState>,
  ) {
    const states = new Map<number, MemberState>();
    const signatures: SignedMessage[] = [];
    for (const number of numbers) {
      const state = from?.get(number) ?? fresh(big, number);
      const made = await stepping(big.members[number - 1]!, state, close(big, number, some));
      states.set(number, made.state);
      signatures.push(signatureIn(made.outputs));
    }
    return { states, signatures };
  }

  async function answers(
    stepping: typeof memberStep,
    numbers: readonly number[],
    { states, signatures }: Awaited<ReturnType<typeof sign>>,
  ): Promise<KeyShare[]> {
    const certificate = encodeSetCertificate(setIn(signatures[0]!), []);
    const shares: KeyShare[] = [];
    for (const number of numbers) {
      const { outputs } = await stepping(big.members[number - 1]!, states.get(number)!, {
        kind: 'certificate',
        certificate,
      });
      const message = decodeMessage(messageIn(outputs), answerBytesAtMost(big.parameters));
      const body = decodeAnswer(big.parameters, message.body);
      if (body.kind !== 'share') throw new Error('not a share');
      shares.push(decodeOneTimeKeyShare(big.lattice, big.parameters.oneTime, body.share));
    }
    return shares;
  }
});

describe('attack 32: a set of a single contributor', () => {
  it('is refused by every member', async () => {
    for (const number of [1, 2, 3, 4]) {
      const act = () =>
        memberStep(w.members[number - 1]!, fresh(w, number), close(w, number, contributions.slice(0, 1)));
      expect(await codeOf(act)).toBe('E_TOO_FEW');
    }
  });
});

describe('attacks 51, 53 and 54: shares that are not what was committed to', () => {
  const spoil = (change: (boxes: Uint8Array[]) => void): Uint8Array => {
    const { certificate, head, ciphertext, boxes } = decodeContribution(w.parameters, contributions[0]!);
    const changed = boxes.map((box) => box.slice());
    change(changed);
    return encodeContribution(w.parameters, { certificate, head, ciphertext, boxes: changed });
  };

  it('are refused: a flipped bit, another member’s box, another contributor’s box', async () => {
    const changed = spoil((boxes) => {
      boxes[0] = flipped(boxes[0]!, 40);
    });
    const swapped = spoil((boxes) => void boxes.reverse());
    const foreign = spoil((boxes) => {
      boxes[0] = decodeContribution(w.parameters, contributions[1]!).boxes[0]!.slice();
    });
    for (const bad of [changed, swapped, foreign]) {
      expect(await refusal([bad, ...contributions.slice(1)])).toBe('E_BOX');
    }
  });

  it('are refused where the contributor itself signed another commitment', async () => {
    const { certificate, head, ciphertext, boxes } = decodeContribution(w.parameters, contributions[0]!);
    // Commitments stand last, in the order of the members.
    const body = flipped(head.body, head.body.length - 4 * 32);
    const signed = await signMessage(w.primitives, w.contributors[0]!.signer, w.context, { ...head, body });
    const bad = encodeContribution(w.parameters, { certificate, head: signed, ciphertext, boxes });
    expect(await refusal([bad, ...contributions.slice(1)])).toBe('E_SHARE');
    // The others have nothing to complain about.
    const second = await memberStep(w.members[1]!, fresh(w, 2), close(w, 2, [bad, ...contributions.slice(1)]));
    expect(second.outputs).toHaveLength(2);
  });

  it('are named in a review, before anything is signed, and nothing is signed by it', async () => {
    const bad = spoil((boxes) => {
      boxes[0] = flipped(boxes[0]!, 40);
    });
    const state = fresh(w, 1);
    const { request, models } = close(w, 1, [bad, ...contributions.slice(1)]);
    const reviewed = await memberStep(w.members[0]!, state, { kind: 'review', request, models });
    expect(reviewed.state).toBe(state);
    const complaint = await readComplaint(w.coordinator, messageIn(reviewed.outputs));
    expect(complaint.contributors).toEqual([w.contributors[0]!.memberId]);
    expect(complaint.member).toBe(w.members[0]!.memberId);
  });
});

describe('attack 79: asynchronous contributions', () => {
  const literal = { flushes: { contributions: 3, versionsOld: 2, contributionsEach: 1 } };

  it('made on a model that is more than V versions old are refused, and so is a model that is not the logged one', async () => {
    const epoch = await world({ literal, seed: 7 });
    const made = await contributionsOf(epoch);
    let models = firstModel(epoch.context);
    const request = requestOf(epoch, made.slice(0, 3), 1);
    const member = epoch.members[0]!;
    for (let version = 1; version <= 3; version++) {
      models = withModel(models, { version, hash: new Uint8Array(32).fill(50 + version) });
    }
    expect(await codeOf(() => memberStep(member, fresh(epoch, 1), { kind: 'close', request, models }))).toBe('E_CTX');
    const elsewhere = { current: 0, hashes: new Map([[0, 'ab'.repeat(32)]]) };
    const other = { kind: 'close', request, models: elsewhere } as const;
    expect(await codeOf(() => memberStep(member, fresh(epoch, 1), other))).toBe('E_CTX');
  });

  it('are signed in one flush and refused in every later one, also after a crash', async () => {
    const epoch = await world({ literal, seed: 8, contributors: 6 });
    const made = await contributionsOf(epoch);
    const member = epoch.members[0]!;
    const first = await memberStep(member, fresh(epoch, 1), close(epoch, 1, made.slice(0, 3), 0));
    const resumed = restoreMember(epoch.round, storeMemberInTheClear(epoch.round, first.state));
    for (const flush of [1, 2, 4_000_000_000]) {
      const mixed = close(epoch, 1, [made[0]!, ...made.slice(4)], flush);
      expect(await codeOf(() => memberStep(member, resumed, mixed))).toBe('E_DUPLICATE');
    }
    const second = await memberStep(member, resumed, close(epoch, 1, made.slice(3), 1));
    expect(second.outputs.map(({ kind }) => kind)).toEqual(['persist', 'send']);
  });
});
