// Attack 72 of the specification's list, across the protocols: one random configuration after another, the same vectors through mask,
// one-shot and threshold, whoever drops out, against plain addition. (mask and one-shot have suites of 10,000 of their
// own, mask/round.test.ts and one-shot/differential.test.ts.) A slice by default; 1,000 sums through each with SUMUS_FULL=1.

import { wasmEngine as latticeEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from './engine/index.ts';
import { runsWhole, seededWords } from './engine/seeded-words.contract.ts';
import { SimulatedRound, seededVector, simulatedProject } from './mask/simulation.contract.ts';
import { play } from './one-shot/one-shot-driver.contract.ts';
import { world } from './one-shot/one-shot-world.contract.ts';
import { sumThrough } from './threshold/sum-through.contract.ts';
import { contributionOf, type Founded, found, roundAt, worldOf } from './threshold/threshold-world.contract.ts';

const SILOS = 5;
const platform = nodePrimitives();
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

interface Configuration {
  readonly valueBits: number;
  readonly wordBits: number;
  readonly vectorLength: number;
  /** By place in the list of silos, ascending: who stays to the end. */
  readonly present: readonly number[];
  readonly vectors: readonly Int32Array[];
}

function configuration(next: () => number, lengthAtMost: number): Configuration {
  const valueBits = 2 + (next() % 15);
  const wordBits = valueBits + 3 + (next() % 3);
  const vectorLength = 1 + (next() % lengthAtMost);
  return { valueBits, wordBits, vectorLength, ...drawn(next, valueBits, vectorLength) };
}

/** Who stays, and what they have: now and then everybody the largest values, or the smallest. */
function drawn(
  next: () => number,
  valueBits: number,
  vectorLength: number,
): Pick<Configuration, 'present' | 'vectors'> {
  const present = [0, 1, 2, 3, 4].filter(() => next() % 5 !== 0);
  const seed = next();
  const extreme = next() % 6;
  const largest = 2 ** (valueBits - 1) - 1;
  const vectors = Array.from({ length: SILOS }, (_, silo) => {
    if (extreme < 2) return new Int32Array(vectorLength).fill(extreme === 0 ? largest : -largest);
    return seededVector(vectorLength, valueBits, seed + silo);
  });
  return { present, vectors };
}

const plain = ({ vectors, vectorLength }: Configuration, silos: readonly number[]): number[] =>
  Array.from({ length: vectorLength }, (_, at) => silos.reduce((sum, silo) => sum + vectors[silo]![at]!, 0));

async function throughMask(one: Configuration): Promise<Int32Array | undefined> {
  const { valueBits, wordBits, vectorLength, present, vectors } = one;
  const project = await simulatedProject(platform, engine, SILOS);
  const round = new SimulatedRound(project, {
    members: SILOS,
    configuration: { valueBits, wordBits, vectorLength },
    vectorOf: (member) => vectors[member]!,
    dropsAt: (member) => (present.includes(member) ? undefined : 2),
  });
  await round.run();
  return round.result?.sum;
}

async function throughOneShot(one: Configuration): Promise<Int32Array | undefined> {
  const { valueBits, wordBits, vectorLength, present, vectors } = one;
  const literal = { valueBits, wordBits, vectorLength, maximumContributors: SILOS, wordsPerCoefficient: 2 };
  const open = await world(platform, await latticeEngine(), { contributors: SILOS, literal });
  const { result } = await play(open, { contribute: present, vectors: (silo) => vectors[silo]! });
  return result?.sum;
}

/** `round`: each sum of an epoch is another one. */
async function throughThreshold(founded: Founded, one: Configuration, round: number): Promise<Int32Array | undefined> {
  const at = roundAt(founded, round);
  const alsoContributed: Uint8Array[] = [];
  for (const silo of one.present) alsoContributed.push(await contributionOf(founded, silo, at, one.vectors[silo]!));
  const activeSet = founded.epoch.circle.members.map(({ number }) => number).filter((_, i) => i !== round % 5);
  const { result } = await sumThrough(founded, founded.states, { round, contributors: [], alsoContributed, activeSet });
  return result?.sum;
}

describe('attack 72: random configurations through every protocol', () => {
  const turns = runsWhole() ? 50 : 3;
  const sumsEach = runsWhole() ? 20 : 3;

  it(`give the plain integer sum, ${turns} times ${sumsEach}`, async () => {
    const next = seededWords(72);
    let opened = 0;
    for (let turn = 0; turn < turns; turn++) {
      const first = configuration(next, 60);
      const { valueBits, vectorLength } = first;
      const founded = await found(
        await worldOf(platform, { valueBits, vectorLength, sums: sumsEach }, { seed: 1 + (turn % 250) }),
      );
      for (let round = 1; round <= sumsEach; round++) {
        const one = round === 1 ? first : { ...first, ...drawn(next, valueBits, vectorLength) };
        const what = JSON.stringify({ ...one, vectors: undefined, turn, round });
        const expected = plain(one, one.present);
        const enough = one.present.length >= 3;
        // Of five members mask needs four. Who is enough for one-shot and threshold may be too few for it, and then it says so.
        const masked = await throughMask(one);
        expect(masked && [...masked], what).toEqual(one.present.length >= 4 ? expected : undefined);
        const once = enough ? await throughOneShot(one) : undefined;
        expect(once && [...once], what).toEqual(enough ? expected : undefined);
        const threshold = enough ? await throughThreshold(founded, one, round) : undefined;
        expect(threshold && [...threshold], what).toEqual(enough ? expected : undefined);
        opened += enough ? 1 : 0;
      }
    }
    expect(opened).toBeGreaterThan((turns * sumsEach) / 2);
  }, 1_800_000);
});
