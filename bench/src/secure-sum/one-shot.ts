// One-shot rounds: 1,000,000 values, 16 bits, w = 23, three to a coefficient, a committee of 32. First a whole round, its sum compared
// with the plain one; then a client and the server for one client (arithmetic alone, and with every check), each in a process of its own
// (one-shot-replay.ts), and the opening.
// What dropped out costs nobody anything, so there is no row for it.

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OneShotLiteral } from '@sumus/secure-sum/one-shot';
import { memberStep, startMember } from '@sumus/secure-sum/one-shot/committee';
import {
  type CollectorState,
  collectorStep,
  DELIVERY,
  type OneShotResult,
  type OpenerState,
  openerStep,
  startCollector,
  startOpener,
} from '@sumus/secure-sum/one-shot/coordinator';
import { type Findings, planFor, type Rows, timingResult } from '../lattice/row.ts';
import { measure, processClock, statistic } from '../measure.ts';
import { CHROMIUM_TARGETS, chromiumOutcome, oneShotInChromium } from './chromium.ts';
import { replayOneShotClient, replayOneShotServer, seededWorld } from './one-shot-replay.ts';
import { contributionValues, type OneShotWorld } from './one-shot-round.ts';
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

export const oneShotRows: Rows = async (options): Promise<Findings> => {
  const length = options.smoke ? 20_000 : 1_000_000;
  const n = options.smoke ? 4 : 100;
  const world = await seededWorld(n, literal(length));
  const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-one-shot-'));
  try {
    options.say(`a whole round of ${n} clients and 32 members`);
    const file = join(folder, 'contributions.bin');
    const { uploadBytes, reopen, memberCloseMs, memberAnswerMs } = await wholeRound(world, n, length, file);
    const replay = { contributors: n, literal: literal(length), file, bytes: uploadBytes, runs: options.smoke ? 1 : 6 };
    options.say('client and server, each in a process of its own');
    const client = await replayOneShotClient(replay);
    const server = await replayOneShotServer(replay);
    const [final] = await measure(
      [
        {
          name: 'one-shot final: reconstruction, opening, hash of the result',
          work: async () => void (await reopen()),
        },
      ],
      planFor(options, { rounds: 12, sampleMs: 60 }),
    );
    if (final === undefined) throw new Error('a timing is missing');
    options.say('the same client in Chromium');
    const inPage = await oneShotInChromium(
      replay.literal,
      n,
      options.smoke ? { samples: 1, unitsEach: 1 } : { samples: 8, unitsEach: 8 },
    );
    const four = await seededWorld(1, { ...literal(length), wordBits: 19, wordsPerCoefficient: 4, valueBits: 12 });
    const smaller = await four.contribute(0, contributionValues(length, 0, 2047));
    const added = statistic(server.addedMs);
    const collected = statistic(server.collectedMs);
    const strangers = statistic(server.strangersMs);
    const clientMs = statistic(client.ms);
    return {
      results: [
        { name: 'one-shot parameters', value: `${world.coordinator.round.parameters.oneTime}` },
        {
          name: 'one-shot client',
          cpuMsMinimum: clientMs.minimum,
          cpuMsMedian: clientMs.median,
          firstOfItsProcessCpuMs: client.firstMs,
          sizeBytes: uploadBytes,
        },
        {
          name: 'one-shot server, one client, arithmetic and unpacking',
          cpuMsMinimum: added.minimum,
          cpuMsMedian: added.median,
        },
        {
          name: 'one-shot server, one client, with hashing, signature and commitment checks',
          cpuMsMinimum: collected.minimum,
          cpuMsMedian: collected.median,
        },
        {
          name: 'one-shot server, one client, the same where it met nobody before',
          cpuMsMinimum: strangers.minimum,
          cpuMsMedian: strangers.median,
        },
        {
          name: 'one-shot client in Chromium: processor time of its process',
          cpuMsMinimum: typeof inPage === 'string' ? null : Math.min(...inPage),
          nodeCpuMsOfAsMany: leastMean(client.ms, 8),
        },
        timingResult(final),
        { name: 'one-shot member, set of all clients: checks, boxes, signature', cpuMs: memberCloseMs },
        { name: 'one-shot member, certificate: checks, answer', cpuMs: memberAnswerMs },
      ],
      outcomes: [
        [ONE_SHOT_TARGETS.client.name, { measured: clientMs.minimum }],
        [ONE_SHOT_TARGETS.server.name, { measured: added.minimum }],
        [ONE_SHOT_TARGETS.checks.name, { measured: collected.minimum - added.minimum }],
        [ONE_SHOT_TARGETS.final.name, { measured: final.cpuMs.minimum }],
        [ONE_SHOT_TARGETS.upload.name, { measured: uploadBytes / 1e6 }],
        [CHROMIUM_TARGETS.oneShot.name, chromiumOutcome(inPage, leastMean(client.ms, 8))],
        [ONE_SHOT_TARGETS.uploadAtFour.name, { measured: smaller.bytes.length / 1e6 }],
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The least mean of so many in a row, as samples in Chromium are. */
function leastMean(ms: readonly number[], count: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + count <= ms.length; at += count) {
    least = Math.min(least, ms.slice(at, at + count).reduce((sum, one) => sum + one, 0) / count);
  }
  return least;
}

interface WholeRound {
  readonly uploadBytes: number;
  /** Opens once more: the answer that completes the quorum, again. */
  readonly reopen: () => Promise<OneShotResult>;
  readonly memberCloseMs: number;
  readonly memberAnswerMs: number;
}

/** Writes all contributions into `file`. */
async function wholeRound(world: OneShotWorld, n: number, length: number, file: string): Promise<WholeRound> {
  const { coordinator, members, models } = world;
  const plain = new Int32Array(length);
  let uploadBytes = 0;
  let state: CollectorState = startCollector(coordinator);
  for (let i = 0; i < n; i += 1) {
    const values = contributionValues(length, i, 32_767);
    for (let j = 0; j < length; j += 1) plain[j] = (plain[j] ?? 0) + (values[j] ?? 0);
    const { bytes } = await world.contribute(i, values);
    uploadBytes = bytes.length;
    appendFileSync(file, bytes);
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
  return { uploadBytes, reopen, memberCloseMs, memberAnswerMs };
}

type Sent = { readonly kind: string; readonly type?: string; readonly bytes?: Uint8Array; readonly to?: object };

function sentTo(outputs: readonly Sent[], type?: string, memberId?: string): Uint8Array {
  for (const { kind, type: of, bytes, to } of outputs) {
    const forThem = memberId === undefined || (to !== undefined && 'memberId' in to && to.memberId === memberId);
    if (kind === 'send' && bytes !== undefined && (type === undefined || of === type) && forThem) return bytes;
  }
  throw new Error(`nothing of ${type ?? 'any kind'} was sent`);
}
