// One party of a recorded round of mask, in a process of its own, as it is deployed: a client's process has no other clients in it, and a
// server's no client. (With a hundred members in one heap every collection of OpenSSL's buffers walks through all of them: 3.0 ms for one
// mask's stream instead of 1.3.) Messages are read before the clock starts, since the transport is nobody's here; everything between the
// first event and the last counts, in processor time of the whole process, the collector's and the compiler's threads included.
//
// Each party goes through the round several times: in a process that never did it before, then again. Every time the server has met
// nobody before; the client has met nobody, and in turns has been in a round with the same members.

import { execFile } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { wasmEngine } from '@sumus/secure-sum/engine';
import { startCoordinator, stepCoordinator } from '@sumus/secure-sum/mask/coordinator';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { processClock } from '../measure.ts';
import { type ClientCost, playClient, type RecordedClient } from './mask-client.ts';
import { coordinatorSetup, RECORD_FILES, type Record as RoundRecord } from './mask-record.ts';
import {
  configurationOf,
  memberOf,
  openRound,
  proofsFor,
  recordedMember,
  rosterFrom,
  trustOf,
  valueAt,
  valuesOf,
} from './mask-world.ts';

export interface ClientReplay {
  /** In a process that did nothing before. */
  readonly first: ClientCost;
  /** Meeting all members for the first time. */
  readonly newcomer: readonly ClientCost[];
  /** Having been in a round with them. */
  readonly known: readonly ClientCost[];
  /** Expanding the client's masks and nothing else, between the rounds: through the primitives, and by OpenSSL with one cipher a mask. */
  readonly expansionMs: readonly number[];
  readonly bareExpansionMs: readonly number[];
}

export interface ServerReplay {
  /** Of each time: the whole round, with nothing measured inside. */
  readonly ms: readonly number[];
  /** In hashes and signatures, when the round is gone through with a clock around each, less what the clock takes. */
  readonly checkMs: readonly number[];
  /** Processor time of the steps of one kind, all together: the least of all times. */
  readonly steps: Readonly<Record<string, number>>;
}

/** Starts the process, waits for it and returns what it measured. */
export const replayClient = (folder: string, runs: number): Promise<ClientReplay> => replayed('client', folder, runs);
export const replayServer = (folder: string, runs: number): Promise<ServerReplay> => replayed('server', folder, runs);

async function replayed<Found>(party: 'client' | 'server', folder: string, runs: number): Promise<Found> {
  const script = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', ...profiling(party), script, party, folder, String(runs)],
    { maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout) as Found;
}

/** SUMUS_PROFILE=folder writes a profile of each party's process there. */
function profiling(party: string): string[] {
  const folder = process.env['SUMUS_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(folder, party)}`];
}

const platform = (): SecretPrimitives => ({ ...nodePrimitives(), secretKeys: SecretKey });

async function main(party: string | undefined, folder: string, runs: number): Promise<void> {
  const record = JSON.parse(readFileSync(join(folder, RECORD_FILES.record), 'utf8')) as RoundRecord;
  const found = party === 'client' ? await client(record, folder, runs) : await server(record, folder, runs);
  process.stdout.write(JSON.stringify(found));
}

async function client(record: RoundRecord, folder: string, runs: number): Promise<ClientReplay> {
  const { size, neighbours } = record;
  const engine = await wasmEngine();
  const [roster, boxes, ...later] = pieces(readFileSync(join(folder, RECORD_FILES.client)), record.client);
  if (roster === undefined || boxes === undefined) throw new Error('the record of the client is incomplete');
  const told: RecordedClient = { roster, boxes, later, sent: record.sent };
  const values = valuesOf(size, recordedMember(size));
  const play = async (primitives: SecretPrimitives): Promise<ClientCost> => {
    const setup = await memberOf(primitives, engine, size, recordedMember(size));
    collectGarbage();
    return playClient(primitives, setup, size, told, values, processClock.cpuMs);
  };
  const settled = platform();
  const first = await play(settled);
  const found = { newcomer: [] as ClientCost[], known: [] as ClientCost[] };
  const expansions = { ours: [] as number[], bare: [] as number[] };
  const bytes = Math.ceil(configurationOf(size).wordBits / 8) * size.vectorLength;
  for (let run = 0; run < runs; run += 1) {
    found.known.push(await play(settled));
    expansions.ours.push(expand(neighbours + 1, bytes, settled));
    found.newcomer.push(await play(platform()));
    expansions.bare.push(expandBare(neighbours + 1, bytes));
  }
  return { first, ...found, expansionMs: expansions.ours, bareExpansionMs: expansions.bare };
}

/** What a client cannot do without: its masks' streams, by the fastest way that the platform has. */
function expand(masks: number, bytes: number, { chacha20Stream }: SecretPrimitives): number {
  if (chacha20Stream === undefined) throw new Error('Node has keystreams');
  const key = new Uint8Array(32);
  const nonce = new Uint8Array(12);
  const out = new Uint8Array(122_880);
  collectGarbage();
  const before = processClock.cpuMs();
  for (let mask = 0; mask < masks; mask += 1) {
    key[0] = mask;
    const stream = chacha20Stream(key, nonce, 0);
    for (let at = 0; at < bytes; at += out.length) stream.fill(out.subarray(0, Math.min(out.length, bytes - at)));
    stream.end();
  }
  return processClock.cpuMs() - before;
}

/** By OpenSSL itself: one cipher a mask, and what it gives is looked at by nobody, but left to the collector. */
function expandBare(masks: number, bytes: number): number {
  const key = new Uint8Array(32);
  const zeros = new Uint8Array(65_536);
  collectGarbage();
  const before = processClock.cpuMs();
  for (let mask = 0; mask < masks; mask += 1) {
    key[0] = mask;
    const cipher = createCipheriv('chacha20', key, new Uint8Array(16));
    for (let at = 0; at < bytes; at += zeros.length)
      cipher.update(zeros.subarray(0, Math.min(zeros.length, bytes - at)));
  }
  return processClock.cpuMs() - before;
}

async function server(record: RoundRecord, folder: string, runs: number): Promise<ServerReplay> {
  const { size, told } = record;
  const engine = await wasmEngine();
  const messages = pieces(
    readFileSync(join(folder, RECORD_FILES.told)),
    told.filter((one) => typeof one === 'number'),
  );
  const play = async (
    counted: (platform: SecretPrimitives) => PublicPrimitives,
    watch?: Stopwatch,
  ): Promise<number> => {
    const primitives = platform();
    const open = openRound(primitives, size);
    const trust = await trustOf(primitives);
    const setup = coordinatorSetup(
      primitives,
      { engine, configuration: configurationOf(size), trust },
      counted(primitives),
    );
    // Drawn by the members; the server is told.
    const drawing = await proofsFor(primitives, open, rosterFrom(primitives, open, rosterBytes(folder, record)));
    collectGarbage();
    let next = 0;
    let last = processClock.cpuMs();
    const before = last;
    let { state } = startCoordinator(setup, open);
    for (const one of told) {
      const { phase } = state;
      const event =
        typeof one === 'number'
          ? ({ kind: 'received', bytes: messages[next++]! } as const)
          : one === 'beacon'
            ? ({ kind: one, beacon: drawing.beacon } as const)
            : ({ kind: one } as const);
      ({ state } = await stepCoordinator(setup, state, event));
      if (watch === undefined) continue;
      const now = processClock.cpuMs();
      watch.add(`${event.kind} while ${phase}`, now - last);
      last = now;
    }
    const ms = processClock.cpuMs() - before;
    if (state.phase !== 'done') throw new Error(`the server ended ${state.phase}`);
    requireExact(record, state.result);
    return ms;
  };
  const clockMs = costOfClock();
  const ms: number[] = [];
  const checkMs: number[] = [];
  const steps: { [step: string]: number } = {};
  for (let run = 0; run < runs; run += 1) {
    ms.push(await play((primitives) => primitives));
    const watch = new Stopwatch();
    await play((primitives) => primitives, watch);
    for (const [step, total] of watch.totals) steps[step] = Math.min(steps[step] ?? Number.POSITIVE_INFINITY, total);
    let spent = 0;
    await play((primitives) => counting(primitives, (before) => (spent += processClock.cpuMs() - before - clockMs)));
    checkMs.push(spent);
  }
  return { ms, checkMs, steps };
}

class Stopwatch {
  readonly totals = new Map<string, number>();

  add(step: string, ms: number): void {
    this.totals.set(step, (this.totals.get(step) ?? 0) + ms);
  }
}

/** The same primitives, with the time of checks handed to `add`. */
function counting(primitives: SecretPrimitives, add: (before: number) => void): PublicPrimitives {
  return {
    ...primitives,
    sha256: (...chunks) => {
      const before = processClock.cpuMs();
      const hash = primitives.sha256(...chunks);
      add(before);
      return hash;
    },
    ed25519: {
      verify: async (...input) => {
        const before = processClock.cpuMs();
        const valid = await primitives.ed25519.verify(...input);
        add(before);
        return valid;
      },
    },
  };
}

const rosterBytes = (folder: string, { client: [length = 0] }: RoundRecord): Uint8Array =>
  readFileSync(join(folder, RECORD_FILES.client)).subarray(0, length);

/** Each in memory of its own, as a network would leave it. */
function pieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return lengths.map((length) => {
    const piece = new Uint8Array(bytes.subarray(at, at + length));
    at += length;
    return piece;
  });
}

function requireExact(
  { size }: RoundRecord,
  { sum, contributors }: { readonly sum: Int32Array; readonly contributors: readonly number[] },
): void {
  const staying = size.members - size.dropped;
  let right = contributors.length === staying;
  // Every 997th value: all of them would take longer than the round.
  for (let j = 0; j < sum.length; j += 997) {
    let expected = 0;
    for (let i = 0; i < staying; i += 1) expected += valueAt(i, j);
    right &&= sum[j] === expected;
  }
  if (!right) throw new Error('the sum is not exact');
}

/** So that a measurement does not begin with what others left behind. */
function collectGarbage(): void {
  globalThis.gc?.();
}

/** What reading the clock twice adds to what is between, in the mean. */
function costOfClock(): number {
  const readings = 2000;
  let totalMs = 0;
  for (let i = 0; i < readings; i += 1) {
    const before = processClock.cpuMs();
    totalMs += processClock.cpuMs() - before;
  }
  return totalMs / readings;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [party, folder = '', runs = '1'] = process.argv.slice(2);
  await main(party, folder, Number(runs));
}
