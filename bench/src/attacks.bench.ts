// What does summing a batch hide? The share of a batch's pictures that a server reads exactly out of its aggregated gradient, against
// batch size; then the same server before a sum over thirty participants that was opened as agreed, before gradients that were clipped
// and noised, and before sealed updates.

import { addMask, readWords, wordsOf } from '@sumus/attacks/sealed';
import { batchOf, madeUp, mnist, type Pictures, seededWords } from './attacks/pictures.ts';
import { type Attack, imprintingServer, passiveServer } from './attacks/servers.ts';
import {
  BATCHES,
  BINS,
  cellName,
  KNOWN,
  SEALED,
  SERVERS,
  type Server,
  TARGETS,
  theory,
  theoryName,
} from './attacks/targets.ts';
import { type Bench, type BenchOptions, composeReport, type Outcome, type Result } from './report.ts';

/** A step of the fixed-point words: far below the tolerance of a recovery, so that words alone hide nothing. */
const STEP = 2 ** -28;
const PARTICIPANTS = 30;
const OWN_BATCH = 8;

export const attacks: Bench = {
  name: 'attacks',
  question: 'How many pictures does a server read out of an aggregated gradient, out of sealed ones, out of a sum?',
  async run(options) {
    const found = options.smoke ? { victims: madeUp(64), known: madeUp(128) } : mnist();
    const outcomes = new Map<string, Outcome>();
    const results: Result[] = [];
    if ('missing' in found) {
      for (const { name } of TARGETS) outcomes.set(name, { measured: null, reason: found.missing });
    } else {
      const { victims, known } = found;
      const servers = await serversFor(options, known);
      for (const [server, attack] of servers) {
        for (const [column, batch] of batchesFor(options).entries()) {
          const rate = rateOf(attack, victims, batch, options.smoke ? 1 : repeats(server, batch));
          results.push(row(server, batch, rate));
          const table = KNOWN[server][column] ?? 0;
          outcomes.set(cellName(server, batch), { measured: Math.abs(rate.percent - table) });
          const expected = theory(server, batch);
          if (expected !== undefined) {
            outcomes.set(theoryName(server, batch), { measured: Math.abs(rate.percent - expected) });
          }
          options.say(`${server}, batch ${batch}: ${rate.percent.toFixed(1)} %, in the table ${table}`);
        }
        results.push(openedSum(server, attack, victims, options), noised(server, attack, victims, options));
      }
      const { sealed, control, pictures } = sealedUpdates(servers, victims, options.smoke ? 1 : 50);
      results.push({ name: 'sealed updates of one picture', pictures, recovered: sealed, recoveredUnmasked: control });
      outcomes.set(
        SEALED.name,
        control === pictures
          ? { measured: sealed }
          : { measured: null, reason: `the control, words without a mask, gave ${control} of ${pictures}` },
      );
    }
    return composeReport({ bench: 'attacks', options, targets: TARGETS, results, outcomes });
  },
};

async function serversFor({ smoke }: BenchOptions, known: Pictures): Promise<readonly (readonly [Server, Attack])[]> {
  const wanted = smoke ? SERVERS.slice(0, 2) : SERVERS;
  const most = PARTICIPANTS * OWN_BATCH;
  return Promise.all(
    wanted.map(
      async (server) =>
        [
          server,
          server === 'passive' ? await passiveServer(most) : await imprintingServer(known, BINS[server], most),
        ] as const,
    ),
  );
}

const batchesFor = ({ smoke }: BenchOptions): readonly number[] => (smoke ? BATCHES.slice(0, 2) : BATCHES);

/** About two thousand pictures a cell, so that its standard error is near one point; fewer where a network is large and all is found. */
function repeats(server: Server, batch: number): number {
  const wanted = Math.ceil(2000 / batch);
  return Math.max(20, Math.min(wanted, server === 'imprint, k = 1000' ? 100 : 500));
}

interface Rate {
  readonly percent: number;
  readonly pictures: number;
}

function rateOf(attack: Attack, victims: Pictures, batch: number, times: number): Rate {
  const words = seededWords(8, batch);
  let found = 0;
  for (let i = 0; i < times; i += 1) {
    const own = batchOf(victims, batch, words);
    // Ten honest initialisations; the imprinting server keeps its own first layer.
    found += attack.found(own, attack.gradientOf(own, Math.floor((10 * i) / times)));
  }
  return { percent: (100 * found) / (batch * times), pictures: batch * times };
}

function row(server: Server, batch: number, { percent, pictures }: Rate): Result {
  const name = `${server}, batch ${batch}`;
  const expected = theory(server, batch);
  return {
    name,
    recoveredPercent: percent,
    ...(expected === undefined ? {} : { expectedPercent: expected }),
    pictures,
  };
}

/** A published sum of thirty participants' gradients is the gradient of one batch thirty times as large: the same attack meets it. */
function openedSum(server: Server, attack: Attack, victims: Pictures, { smoke }: BenchOptions): Result {
  const participants = smoke ? 3 : PARTICIPANTS;
  const rate = rateOf(attack, victims, participants * OWN_BATCH, smoke ? 1 : 10);
  return {
    ...row(server, participants * OWN_BATCH, rate),
    name: `${server}, opened sum of ${participants} participants with ${OWN_BATCH} pictures each`,
  };
}

/**
 * One picture a gradient, clipped to norm 1, under Gaussian noise of deviation 1 a coordinate (record-level, noise multiplier 1; noise of
 * a seed, because this is a measurement). Clipped alone beside it: clipping only scales what a picture gives, and hides nothing.
 */
function noised(server: Server, attack: Attack, victims: Pictures, { smoke }: BenchOptions): Result {
  const words = seededWords(10, 0);
  const noise = normals(10);
  const pictures = smoke ? 1 : 20;
  let [clippedFound, noisedFound] = [0, 0];
  for (let i = 0; i < pictures; i += 1) {
    const own = batchOf(victims, 1, words);
    const sum = attack.clippedSumOf(own, 0);
    clippedFound += attack.found(own, sum);
    noisedFound += attack.found(own, noise(sum));
  }
  return {
    name: `${server}, one picture, clipped to norm 1, noise multiplier 1`,
    pictures,
    recovered: noisedFound,
    recoveredWithoutNoise: clippedFound,
  };
}

/** Adds numbers of deviation 1 by Box and Muller's formula, which is good enough to hide a picture in a bench and nowhere else. */
function normals(seed: number): (values: Float32Array) => Float32Array {
  const words = seededWords(seed, 1);
  return (values) => {
    const drawn = words(2 * values.length);
    return values.map((value, i) => {
      const radius = Math.sqrt(-2 * Math.log(((drawn[2 * i] ?? 0) + 1) / 2 ** 32));
      return value + radius * Math.cos((2 * Math.PI * (drawn[2 * i + 1] ?? 0)) / 2 ** 32);
    });
  };
}

interface Sealed {
  readonly sealed: number;
  readonly control: number;
  readonly pictures: number;
}

/** One picture a participant, the easiest prey; its words under a uniform mask, and without one to show that the reading is right. */
function sealedUpdates(servers: readonly (readonly [Server, Attack])[], victims: Pictures, times: number): Sealed {
  const words = seededWords(9, 0);
  const masks = seededWords(9, 1);
  let [sealed, control] = [0, 0];
  for (const [, attack] of servers) {
    for (let i = 0; i < times; i += 1) {
      const own = batchOf(victims, 1, words);
      const plain = wordsOf(attack.gradientOf(own, 0), STEP);
      const masked = addMask(plain, masks(plain.length));
      control += attack.found(own, readWords(plain, STEP));
      sealed += attack.found(own, readWords(masked, STEP));
    }
  }
  return { sealed, control, pictures: servers.length * times };
}
