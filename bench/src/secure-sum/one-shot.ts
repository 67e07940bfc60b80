// One-shot rounds: 1,000,000 values, 16 bits, w = 23, three to a coefficient, a committee of 32. First a whole round, its sum compared
// with the plain one; then a client, the server for one client (arithmetic alone, and with every check), and the opening, each by itself.
// What dropped out costs nobody anything, so there is no row for it.

import { wasmEngine } from '@sumus/lattice/engine';
import { PackedSum } from '@sumus/lattice/one-time/sums';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import type { OneShotLiteral } from '@sumus/secure-sum/one-shot';
import { memberStep, startMember } from '@sumus/secure-sum/one-shot/committee';
import {
  type CollectorState,
  collectorStep,
  DELIVERY,
  decodeContribution,
  type OneShotResult,
  type OpenerState,
  openerStep,
  startCollector,
  startOpener,
} from '@sumus/secure-sum/one-shot/coordinator';
import { type Findings, planFor, type Rows, timingResult } from '../lattice/row.ts';
import { measure, processClock } from '../measure.ts';
import { type OneShotWorld, oneShotWorld } from './one-shot-round.ts';
import { ONE_SHOT_TARGETS } from './targets.ts';

const literal = (vectorLength: number): OneShotLiteral => ({
  vectorLength,
  maximumContributors: 100,
  minimumContributors: 3,
  wordBits: 23,
  wordsPerCoefficient: 3,
  valueBits: 16,
  committee: { members: 32, corrupt: 10, choice: 'fixed' },
  openedTo: 'everyone',
});

/** Contributions that are kept for measuring the server. */
const KEPT = 4;

export const oneShotRows: Rows = async (options): Promise<Findings> => {
  const length = options.smoke ? 20_000 : 1_000_000;
  const n = options.smoke ? 4 : 100;
  const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
  const engine = await wasmEngine();
  const world = await oneShotWorld(primitives, engine, n, literal(length));
  const values = valuesOf(length, 0, 32_767);
  options.say(`a whole round of ${n} clients and 32 members`);
  const { kept, reopen, memberCloseMs, memberAnswerMs } = await wholeRound(world, n, length);
  const [first] = kept;
  if (first === undefined) throw new Error('nobody contributed');

  const four = await oneShotWorld(primitives, engine, 1, {
    ...literal(length),
    wordBits: 19,
    wordsPerCoefficient: 4,
    valueBits: 12,
  });
  const smaller = await four.contribute(0, valuesOf(length, 0, 2047));

  const ciphertexts = kept.map((bytes) => decodeContribution(world.coordinator.round.parameters, bytes).ciphertext);
  const emptySum = (): PackedSum => new PackedSum(world.lattice, world.coordinator.round.parameters.oneTime, length);
  let sum = emptySum();
  const add = (): void => {
    // A sum is full at 100: the next one begins at zero.
    if (sum.contributions === 100) {
      sum.release();
      sum = emptySum();
    }
    const ciphertext = ciphertexts[sum.contributions % 2];
    if (ciphertext === undefined) throw new Error('no ciphertext');
    sum.add(ciphertext);
  };
  const collect = collecting(world, kept);
  options.say('client, server and opening, timed');
  const timings = await measure(
    [
      { name: 'one-shot client', work: async () => void (await world.contribute(0, values)) },
      { name: 'one-shot server, one client, arithmetic and unpacking', work: add },
      { name: 'one-shot server, one client, with hashing, signature and commitment checks', work: collect },
      { name: 'one-shot final: reconstruction, opening, hash of the result', work: async () => void (await reopen()) },
    ],
    planFor(options, { rounds: 12, sampleMs: 60 }),
  );
  const [client, server, checked, final] = timings;
  if (!client || !server || !checked || !final) throw new Error('a timing is missing');
  const uploadBytes = first.length;
  return {
    results: [
      { name: 'one-shot parameters', value: `${world.coordinator.round.parameters.oneTime}` },
      timingResult(client, { sizeBytes: uploadBytes }),
      timingResult(server),
      timingResult(checked),
      timingResult(final),
      { name: 'one-shot member, set of all clients: checks, boxes, signature', cpuMs: memberCloseMs },
      { name: 'one-shot member, certificate: checks, answer', cpuMs: memberAnswerMs },
    ],
    outcomes: [
      [ONE_SHOT_TARGETS.client.name, { measured: client.cpuMs.minimum }],
      [ONE_SHOT_TARGETS.server.name, { measured: server.cpuMs.minimum }],
      [ONE_SHOT_TARGETS.checks.name, { measured: checked.cpuMs.minimum - server.cpuMs.minimum }],
      [ONE_SHOT_TARGETS.final.name, { measured: final.cpuMs.minimum }],
      [ONE_SHOT_TARGETS.upload.name, { measured: uploadBytes / 1e6 }],
      [ONE_SHOT_TARGETS.uploadAtFour.name, { measured: smaller.bytes.length / 1e6 }],
    ],
  };
};

/** The same in every run; the largest of both signs among them. */
function valuesOf(length: number, party: number, highest: number): Int32Array {
  const values = new Int32Array(length);
  for (let i = 0; i < length; i += 1) values[i] = ((i * 7919 + party * 104_729) % (2 * highest + 1)) - highest;
  return values;
}

/** One more contribution to a collector that begins anew when it has them all. */
function collecting(world: OneShotWorld, kept: readonly Uint8Array[]): () => Promise<void> {
  let state: CollectorState = startCollector(world.coordinator);
  let next = 0;
  return async () => {
    const bytes = kept[next];
    if (bytes === undefined) throw new Error('no contribution');
    ({ state } = await collectorStep(world.coordinator, state, { kind: 'contribution', bytes }));
    next += 1;
    if (next < kept.length) return;
    if (state.phase === 'collecting') state.total.release();
    state = startCollector(world.coordinator);
    next = 0;
  };
}

interface WholeRound {
  readonly kept: readonly Uint8Array[];
  /** Opens once more: the answer that completes the quorum, again. */
  readonly reopen: () => Promise<OneShotResult>;
  readonly memberCloseMs: number;
  readonly memberAnswerMs: number;
}

async function wholeRound(world: OneShotWorld, n: number, length: number): Promise<WholeRound> {
  const { coordinator, members, models } = world;
  const plain = new Int32Array(length);
  const kept: Uint8Array[] = [];
  let state: CollectorState = startCollector(coordinator);
  for (let i = 0; i < n; i += 1) {
    const values = valuesOf(length, i, 32_767);
    for (let j = 0; j < length; j += 1) plain[j] = (plain[j] ?? 0) + (values[j] ?? 0);
    const { bytes } = await world.contribute(i, values);
    if (i < KEPT) kept.push(bytes);
    ({ state } = await collectorStep(coordinator, state, { kind: 'contribution', bytes }));
  }
  if (state.phase === 'collecting') ({ state } = await collectorStep(coordinator, state, { kind: 'time is up' }));
  const opening = startOpener(coordinator, state);
  let opener: OpenerState = opening.state;
  let certificate: Uint8Array | undefined;
  let memberCloseMs = Number.POSITIVE_INFINITY;
  let memberAnswerMs = Number.POSITIVE_INFINITY;
  const signed = [];
  for (const member of members) {
    const request = sentTo(opening.outputs, DELIVERY.close, member.memberId);
    const before = processClock.cpuMs();
    const closed = await memberStep(member, startMember(member, world.start()).state, {
      kind: 'close',
      request,
      models,
    });
    memberCloseMs = Math.min(memberCloseMs, processClock.cpuMs() - before);
    signed.push({ member, state: closed.state });
    const next = await openerStep(coordinator, opener, { kind: 'signature', bytes: sentTo(closed.outputs) });
    opener = next.state;
    if (next.outputs.length > 0) certificate ??= sentTo(next.outputs, DELIVERY.certificate, member.memberId);
  }
  if (certificate === undefined) throw new Error('no certificate');
  let reopen: WholeRound['reopen'] | undefined;
  for (const { member, state: serving } of signed) {
    const before = processClock.cpuMs();
    const answered = await memberStep(member, serving, { kind: 'certificate', certificate });
    memberAnswerMs = Math.min(memberAnswerMs, processClock.cpuMs() - before);
    const waiting = opener;
    const bytes = sentTo(answered.outputs);
    // A copy, because a state is used once.
    const attempt = async (): Promise<OneShotResult | undefined> => {
      const made = await openerStep(coordinator, { ...waiting }, { kind: 'answer', bytes });
      opener = made.state;
      for (const output of made.outputs) if (output.kind === 'done') return output.result;
      return undefined;
    };
    const result = await attempt();
    if (result === undefined) continue;
    for (let j = 0; j < length; j += 1)
      if (result.sum[j] !== plain[j]) throw new Error(`value ${j} of the sum is wrong`);
    reopen = async () => {
      const again = await attempt();
      if (again === undefined) throw new Error('it did not open again');
      return again;
    };
    break;
  }
  if (reopen === undefined) throw new Error('the sum did not open');
  return { kept, reopen, memberCloseMs, memberAnswerMs };
}

type Sent = { readonly kind: string; readonly type?: string; readonly bytes?: Uint8Array; readonly to?: object };

function sentTo(outputs: readonly Sent[], type?: string, memberId?: string): Uint8Array {
  for (const { kind, type: of, bytes, to } of outputs) {
    const forThem = memberId === undefined || (to !== undefined && 'memberId' in to && to.memberId === memberId);
    if (kind === 'send' && bytes !== undefined && (type === undefined || of === type) && forThem) return bytes;
  }
  throw new Error(`nothing of ${type ?? 'any kind'} was sent`);
}
