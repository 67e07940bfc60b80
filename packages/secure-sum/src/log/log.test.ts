import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { memberId } from '../canonical/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import type { Signer } from '../primitives.ts';
import { codeOf, errorOf, flipped, freshSigner, NOW_MS, seededPrimitives } from '../seeded-members.contract.ts';
import {
  advanceLogView,
  decodeEntry,
  decodeTreeHead,
  decodeWitness,
  encodeEntry,
  encodeTreeHead,
  encodeWitness,
  type LogEntry,
  type LogTrust,
  openLogView,
  proveConsistency,
  proveInclusion,
  requireLogged,
  type SignedTreeHead,
  signTreeHead,
  treeOf,
  verifyTreeHead,
  type WitnessState,
  withCosignatures,
  witnessHead,
  witnessQuorum,
} from './index.ts';

const primitives = seededPrimitives(nodePrimitives(), 4);
const WITNESSES = 4;
let log: Signer;
let trust: LogTrust;
let witnesses: Signer[];

const entryOf = (i: number): LogEntry => ({
  kind: i % 2 === 0 ? 'roster' : 'result',
  contextHash: new Uint8Array(32).fill(i),
  content: new Uint8Array(32).fill(i + 1),
});
const entries = Array.from({ length: 12 }, (_, i) => entryOf(i));
const tree = treeOf(primitives, entries.map(encodeEntry));
/** A second history: one entry in the middle is another. */
const forked = treeOf(
  primitives,
  entries.map((entry, i) => encodeEntry(i === 4 ? entryOf(100) : entry)),
);
const sized = (whole: typeof tree, size: number): typeof tree =>
  treeOf(
    primitives,
    (whole === tree ? entries : entries.map((e, i) => (i === 4 ? entryOf(100) : e))).slice(0, size).map(encodeEntry),
  );

beforeAll(async () => {
  log = await freshSigner(primitives);
  witnesses = [];
  for (let i = 0; i < WITNESSES; i++) witnesses.push(await freshSigner(primitives));
  trust = {
    logKey: log.publicKey,
    witnesses: witnesses.map((signer, i) => ({ memberId: memberId(`witness-${i}`), publicKey: signer.publicKey })),
  };
});

const stateOf = (i: number): WitnessState => ({
  memberId: memberId(`witness-${i}`),
  logKey: log.publicKey,
  last: undefined,
});

/** A head with the co-signatures of witnesses who had seen nothing before. */
async function headOf(
  whole: typeof tree,
  size: number,
  agreeing: readonly number[] = [0, 1, 2],
): Promise<SignedTreeHead> {
  const head = await signTreeHead(primitives, log, sized(whole, size), NOW_MS + size);
  const signatures = [];
  for (const i of agreeing) {
    const step = await witnessHead(primitives, stateOf(i), head, []);
    signatures.push(await step.cosign(witnesses[i]!));
  }
  return withCosignatures(head, signatures);
}

describe('a tree head', () => {
  it('holds with two thirds of the witnesses, rounded up, and travels', async () => {
    expect([1, 2, 3, 4, 5, 6, 100].map(witnessQuorum)).toEqual([1, 2, 2, 3, 4, 4, 67]);
    const head = await headOf(tree, 5);
    const arrived = decodeTreeHead(encodeTreeHead(head));
    expect(arrived).toEqual(head);
    await verifyTreeHead(primitives, trust, arrived);
  });

  it('with fewer witnesses, one of them twice, or strangers is refused', async () => {
    const head = await headOf(tree, 5, [0, 1]);
    expect(await codeOf(() => verifyTreeHead(primitives, trust, head))).toBe('E_LOG');
    const twice = { ...head, cosignatures: [...head.cosignatures, head.cosignatures[0]!] };
    expect(await codeOf(() => verifyTreeHead(primitives, trust, twice))).toBe('E_LOG');
    const renamed = [...head.cosignatures, { ...head.cosignatures[0]!, witness: memberId('witness-2') }];
    expect(await codeOf(() => verifyTreeHead(primitives, trust, { ...head, cosignatures: renamed }))).toBe('E_LOG');
    const stranger = await (await witnessHead(primitives, stateOf(9), head, [])).cosign(await freshSigner(primitives));
    expect(await codeOf(() => verifyTreeHead(primitives, trust, withCosignatures(head, [stranger])))).toBe('E_LOG');
  });

  it('of another log, or with anything changed, is refused', async () => {
    const head = await headOf(tree, 5);
    const other = await freshSigner(primitives);
    const changes: Partial<SignedTreeHead>[] = [
      { logKey: other.publicKey },
      { size: 6 },
      { root: flipped(head.root, 0) },
      { timestampMs: head.timestampMs + 1 },
      { signature: flipped(head.signature, 3) },
      { cosignatures: [] },
    ];
    for (const changed of changes) {
      expect(await codeOf(() => verifyTreeHead(primitives, trust, { ...head, ...changed }))).toBe('E_LOG');
    }
  });

  it('is not checked against witnesses that are none, or counted twice', async () => {
    const head = await headOf(tree, 5);
    const [first, second] = trust.witnesses;
    const twins = { ...trust, witnesses: [first!, { memberId: second!.memberId, publicKey: first!.publicKey }] };
    await expect(verifyTreeHead(primitives, { ...trust, witnesses: [] }, head)).rejects.toThrow(ParameterError);
    await expect(verifyTreeHead(primitives, twins, head)).rejects.toThrow(ParameterError);
  });

  it('is refused as bytes when cut, padded or with witnesses out of order', async () => {
    const bytes = encodeTreeHead(await headOf(tree, 5));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeTreeHead(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
    expect(() => decodeTreeHead(Uint8Array.of(...bytes, 0))).toThrow(MalformedMessage);
    const head = await headOf(tree, 5);
    const exchanged = encodeTreeHead({ ...head, cosignatures: [...head.cosignatures].reverse() });
    expect(() => decodeTreeHead(exchanged)).toThrow(/not above/);
  });
});

describe('a reader of the log', () => {
  it('moves from head to head and finds entries', async () => {
    let view = await openLogView(primitives, trust, await headOf(tree, 5));
    for (const size of [5, 6, 9, 12]) {
      const consistency = proveConsistency(primitives, tree, view.head.size, size);
      view = await advanceLogView(primitives, trust, view, { head: await headOf(tree, size), consistency });
      expect(view.head.size).toBe(size);
    }
    const proof = { index: 4, path: proveInclusion(primitives, tree, 4) };
    expect(requireLogged(primitives, view, entries[4]!, proof).kind).toBe('roster');
  });

  it('that is shown two heads of one size raises the alarm with both as evidence (attack 9)', async () => {
    const view = await openLogView(primitives, trust, await headOf(tree, 9));
    const other = await headOf(forked, 9);
    const error = await errorOf(() => advanceLogView(primitives, trust, view, { head: other, consistency: [] }));
    expect(error.code).toBe('E_SPLIT');
    // Whoever has the log's key can check the evidence alone.
    const heads = (error.evidence as Uint8Array[]).map(decodeTreeHead);
    await Promise.all(heads.map((head) => verifyTreeHead(primitives, trust, head)));
    expect(heads.map((head) => head.size)).toEqual([9, 9]);
    expect(heads[0]!.root).not.toEqual(heads[1]!.root);
  });

  it('aborts when the next head does not continue the last one, or no proof comes (attack 9)', async () => {
    const view = await openLogView(primitives, trust, await headOf(tree, 5));
    const attempts = [
      { head: await headOf(forked, 9), consistency: proveConsistency(primitives, forked, 5, 9) },
      { head: await headOf(forked, 9), consistency: proveConsistency(primitives, tree, 5, 9) },
      { head: await headOf(tree, 9), consistency: [] },
      { head: await headOf(tree, 4), consistency: [] },
    ];
    for (const next of attempts)
      expect(await codeOf(() => advanceLogView(primitives, trust, view, next))).toBe('E_LOG');
    expect(view.head.size).toBe(5);
  });

  it('aborts when an entry is not shown to be there, or is shown as something else (attack 9)', async () => {
    const view = await openLogView(primitives, trust, await headOf(tree, 12));
    const entry = entries[4]!;
    const path = proveInclusion(primitives, tree, 4);
    const missing: [LogEntry, { index: number; path: Uint8Array[] }][] = [
      [entry, { index: 4, path: [] }],
      [entry, { index: 5, path }],
      [
        { ...entry, kind: 'result' },
        { index: 4, path },
      ],
      [
        { ...entry, contextHash: new Uint8Array(32) },
        { index: 4, path },
      ],
      [
        { ...entry, content: new Uint8Array(32) },
        { index: 4, path },
      ],
      [entryOf(100), { index: 4, path: proveInclusion(primitives, forked, 4) }],
    ];
    for (const [claim, proof] of missing) {
      expect(await codeOf(() => requireLogged(primitives, view, claim, proof))).toBe('E_LOG');
    }
  });
});

describe('a witness', () => {
  it('signs what continues its last head, also the same again after a restart', async () => {
    let state = stateOf(0);
    for (const size of [3, 7, 7, 12]) {
      const head = await signTreeHead(primitives, log, sized(tree, size), NOW_MS);
      const step = await witnessHead(
        primitives,
        state,
        head,
        proveConsistency(primitives, tree, state.last?.size ?? size, size),
      );
      state = step.state;
      const first = await step.cosign(witnesses[0]!);
      expect(await step.cosign(witnesses[0]!)).toEqual(first);
    }
    expect(state.last?.size).toBe(12);
  });

  it('never signs a second history: a forked log does not reach its quorum (attack 9)', async () => {
    // Four witnesses, one of whom signs anything. The log shows one history to half of the honest ones and another to the rest.
    const one = await signTreeHead(primitives, log, sized(tree, 9), NOW_MS);
    const two = await signTreeHead(primitives, log, sized(forked, 9), NOW_MS);
    const gathered = new Map<SignedTreeHead, SignedTreeHead>([
      [one, one],
      [two, two],
    ]);
    const states = new Map([0, 1, 2].map((i) => [i, stateOf(i)]));
    const ask = async (i: number, head: SignedTreeHead): Promise<unknown> => {
      const state = i === 3 ? stateOf(3) : states.get(i)!;
      const step = await witnessHead(primitives, state, head, []);
      states.set(i, step.state);
      gathered.set(head, withCosignatures(gathered.get(head)!, [await step.cosign(witnesses[i]!)]));
      return 'signed';
    };
    for (const [i, head] of [
      [0, one],
      [1, one],
      [2, two],
      [3, one],
      [3, two],
    ] as const)
      await ask(i, head);
    for (const [i, head] of [
      [0, two],
      [1, two],
      [2, one],
    ] as const) {
      expect(await codeOf(() => ask(i, head))).toBe('E_SPLIT');
    }
    await verifyTreeHead(primitives, trust, gathered.get(one)!);
    expect(await codeOf(() => verifyTreeHead(primitives, trust, gathered.get(two)!))).toBe('E_LOG');
  });

  it('remembers over a restart what it signed, and refuses a damaged memory', async () => {
    expect(decodeWitness(encodeWitness(stateOf(1)))).toEqual(stateOf(1));
    const { state } = await witnessHead(primitives, stateOf(0), await headOf(tree, 7), []);
    const bytes = encodeWitness(state);
    const restored = decodeWitness(bytes);
    expect(restored).toEqual(state);
    const other = await signTreeHead(primitives, log, sized(forked, 7), NOW_MS);
    expect(await codeOf(() => witnessHead(primitives, restored, other, []))).toBe('E_SPLIT');
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeWitness(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
    expect(() => decodeWitness(Uint8Array.of(...bytes, 0))).toThrow(MalformedMessage);
  });

  it('refuses a shorter head, a missing proof, another log and a forged signature', async () => {
    const first = await signTreeHead(primitives, log, sized(tree, 7), NOW_MS);
    const { state } = await witnessHead(primitives, stateOf(0), first, []);
    const attempts: [SignedTreeHead, Uint8Array[]][] = [
      [await signTreeHead(primitives, log, sized(tree, 5), NOW_MS), []],
      [await signTreeHead(primitives, log, sized(tree, 12), NOW_MS), []],
      [await signTreeHead(primitives, log, sized(forked, 12), NOW_MS), proveConsistency(primitives, forked, 7, 12)],
      [await signTreeHead(primitives, await freshSigner(primitives), sized(tree, 7), NOW_MS), []],
      [{ ...first, signature: flipped(first.signature, 9) }, []],
    ];
    for (const [head, proof] of attempts) {
      expect(await codeOf(() => witnessHead(primitives, state, head, proof))).toBe('E_LOG');
    }
  });
});

describe('an entry of the log', () => {
  it('travels, and is refused as bytes of another kind or length', () => {
    const bytes = encodeEntry(entries[3]!);
    expect(decodeEntry(bytes)).toEqual(entries[3]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeEntry(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
    const kindAt = 4 + 'sumus/1/log-entry'.length;
    const hostile = bytes.slice();
    hostile[kindAt] = 200;
    expect(() => decodeEntry(hostile)).toThrow(/kind is 200/);
    expect(() => decodeEntry(flipped(bytes, 5))).toThrow(/label/);
  });
});
