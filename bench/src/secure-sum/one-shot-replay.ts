// One party of a one-shot round in a process of its own, as it is deployed: a client makes contributions with nobody else in its heap, and
// a server takes in each of them once, with a state that has seen none of them. Both have the same world, because it follows from a seed;
// contributions lie one after another in a file, which is read before the clock starts. Everything from the first to the last counts, in
// processor time of the whole process, the collector's and the compiler's threads included.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { wasmEngine } from '@sumus/lattice/engine';
import { PackedSum } from '@sumus/lattice/one-time/sums';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import type { OneShotLiteral } from '@sumus/secure-sum/one-shot';
import {
  type CollectorState,
  collectorStep,
  decodeContribution,
  startCollector,
} from '@sumus/secure-sum/one-shot/coordinator';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { processClock } from '../measure.ts';
import { seeded } from './mask-world.ts';
import { contributionValues, type OneShotWorld, oneShotWorld } from './one-shot-round.ts';

/** What is replayed; the file holds contributions of `bytes` bytes each, one of each contributor. */
export interface OneShotReplay {
  readonly contributors: number;
  readonly literal: OneShotLiteral;
  readonly file: string;
  readonly bytes: number;
  readonly runs: number;
}

export interface ClientTimes {
  readonly firstMs: number;
  /** Of each contribution after it. */
  readonly ms: readonly number[];
}

/** Per contribution, of each run. */
export interface ServerTimes {
  /** Reading, checking and adding it whole, of members who contributed before. */
  readonly collectedMs: readonly number[];
  /** The same at a server that has met nobody: it checks certificates and keys as well. */
  readonly strangersMs: readonly number[];
  /** Unpacking and adding the encrypted vector alone. */
  readonly addedMs: readonly number[];
}

export const replayOneShotClient = (replay: OneShotReplay): Promise<ClientTimes> => replayed('client', replay);
export const replayOneShotServer = (replay: OneShotReplay): Promise<ServerTimes> => replayed('server', replay);

async function replayed<Found>(party: 'client' | 'server', replay: OneShotReplay): Promise<Found> {
  const script = fileURLToPath(import.meta.url);
  const words = ['--expose-gc', script, party, JSON.stringify(replay)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Found;
}

/** The same world in every process. */
export async function seededWorld(contributors: number, literal: OneShotLiteral): Promise<OneShotWorld> {
  return oneShotWorld(seeded(platform(), 'one-shot'), await wasmEngine(), contributors, literal);
}

const platform = (): SecretPrimitives => ({ ...nodePrimitives(), secretKeys: SecretKey });

async function client({ contributors, literal, runs }: OneShotReplay): Promise<ClientTimes> {
  const world = await seededWorld(contributors, literal);
  const values = contributionValues(literal.vectorLength, 0, 2 ** (literal.valueBits - 1) - 1);
  const once = async (): Promise<number> => {
    const before = processClock.cpuMs();
    await world.contribute(0, values);
    return processClock.cpuMs() - before;
  };
  const firstMs = await once();
  const ms: number[] = [];
  for (let run = 0; run < 8 * runs; run += 1) ms.push(await once());
  return { firstMs, ms };
}

async function server({ contributors, literal, file, bytes, runs }: OneShotReplay): Promise<ServerTimes> {
  const world = await seededWorld(contributors, literal);
  const whole = readFileSync(file);
  const messages = Array.from(
    { length: contributors },
    (_, i) => new Uint8Array(whole.buffer, whole.byteOffset + i * bytes, bytes),
  );
  const { parameters } = world.coordinator.round;
  const collect = async (primitives: SecretPrimitives): Promise<number> => {
    const coordinator = { ...world.coordinator, primitives };
    globalThis.gc?.();
    const before = processClock.cpuMs();
    let state: CollectorState = startCollector(coordinator);
    for (const message of messages) {
      ({ state } = await collectorStep(coordinator, state, { kind: 'contribution', bytes: message }));
    }
    const spent = processClock.cpuMs() - before;
    if (state.phase === 'aborted' || state.kept.size !== contributors) {
      throw new Error(`the collector is ${state.phase}`);
    }
    state.total.release();
    return spent / contributors;
  };
  // Added is what was hashed a moment before: it lies near the processor, as this copy does.
  const near = new Uint8Array(bytes);
  const add = (): number => {
    globalThis.gc?.();
    const sum = new PackedSum(world.lattice, parameters.oneTime, literal.vectorLength);
    let spent = 0;
    for (const message of messages) {
      near.set(message);
      const { ciphertext } = decodeContribution(parameters, near);
      const before = processClock.cpuMs();
      sum.add(ciphertext);
      spent += processClock.cpuMs() - before;
    }
    sum.release();
    return spent / contributors;
  };
  const times = { collectedMs: [] as number[], strangersMs: [] as number[], addedMs: [] as number[] };
  const settled = platform();
  await collect(settled);
  for (let run = 0; run < runs; run += 1) {
    times.collectedMs.push(await collect(settled));
    times.strangersMs.push(await collect(platform()));
    times.addedMs.push(add());
  }
  return times;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [party, replay = '{}'] = process.argv.slice(2);
  const given = JSON.parse(replay) as OneShotReplay;
  process.stdout.write(JSON.stringify(party === 'client' ? await client(given) : await server(given)));
}
