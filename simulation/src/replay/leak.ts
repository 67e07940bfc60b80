// Whether anything secret got out: looks for what members trained, and for their keys, in everything that was ever sent or stored outside of
// them. What is looked for: an update as floats; its words as they would be summed, packed at any width, give or take a rounding step; an
// identity's secret key. A sum of several has none of these in it; without protection every upload has, which is how this search is
// tried out.

import { type CheckedPlan, wordEncodingOf } from '@sumus/federation/plan';
import { contextOfRound, type RunEvent } from '@sumus/federation/run';
import type { Primitives } from '@sumus/platform/primitives';
import { encode, rotationOf } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import { PROJECT } from '../federation/enrolment.ts';
import type { Simulated } from '../federation/simulate.ts';
import { seededBytes } from '../seeds/seeded.ts';
import type { Updates } from './updates.ts';

export interface Outside {
  /** Who has it now, for people. */
  readonly where: string;
  readonly bytes: Uint8Array;
}

/** Words in a row that have to fit. */
const WINDOW = 12;
/** Rounding at random, twice. */
const STEPS = 2;

export function leaksIn(
  { platform, engine, seed }: { readonly platform: Primitives; readonly engine: Engine; readonly seed: number },
  { enrolment, server, members }: Simulated,
  updates: Updates,
  outside: readonly Outside[],
): readonly string[] {
  const { plan } = enrolment.plan;
  const stored = [...server.disk.blobs].map(([name, bytes]) => ({
    where: `blob ${name.slice(0, 8)} of the server`,
    bytes,
  }));
  const log = new TextEncoder().encode(JSON.stringify(server.everAppended));
  const seen = new Seen([...outside, ...stored, { where: "the server's log", bytes: log }]);
  const found = new Set<string>();
  for (const { name } of members) {
    // The first bytes that an identity draws are its key.
    const key = Buffer.from(seededBytes(platform, seed, `member ${name}`)(32));
    for (const spelt of [key, Buffer.from(key.toString('hex'))]) {
      for (const where of seen.holding(spelt)) found.add(`the key of ${name} is in ${where}`);
    }
  }
  const windows: Wanted[] = [];
  for (const { name, update } of updates.all()) {
    const floats = Buffer.from(update.buffer, update.byteOffset, update.byteLength);
    for (const where of seen.holding(floats.subarray(0, 16))) found.add(`an update of ${name} is in ${where}`);
    for (const round of roundsOf(server.everAppended)) {
      windows.push({ name, words: windowOf({ platform, engine }, plan, round, update) });
    }
  }
  for (const width of widthsOf(plan)) {
    for (const { name, where } of seen.holdingWords(windows, width)) found.add(`words of ${name} are in ${where}`);
  }
  return [...found];
}

interface Wanted {
  readonly name: string;
  readonly words: Int32Array;
}

/** Everything that anybody outside has, in one piece, so that it is gone through once for all that is looked for. */
export class Seen {
  readonly #bytes: Buffer;
  readonly #parts: readonly { readonly where: string; readonly from: number; readonly to: number }[];

  constructor(outside: readonly Outside[]) {
    this.#bytes = Buffer.concat(outside.map(({ bytes }) => bytes));
    let from = 0;
    this.#parts = outside.map(({ where, bytes }) => {
      const part = { where, from, to: from + bytes.length };
      from = part.to;
      return part;
    });
  }

  /** The first place where these bytes are. */
  holding(wanted: Buffer): readonly string[] {
    const at = this.#bytes.indexOf(wanted);
    return at < 0 ? [] : [this.#whereIs(at)];
  }

  /** Where words of so many bits, lowest first, beginning at any byte, are those of a window, up to rounding. */
  holdingWords(
    windows: readonly Wanted[],
    width: number,
  ): readonly { readonly name: string; readonly where: string }[] {
    const modulus = 2 ** width;
    const byFirst = new Map<number, Wanted[]>();
    for (const window of windows) {
      for (let off = -STEPS; off <= STEPS; off++) {
        const first = ((((window.words[0] ?? 0) + off) % modulus) + modulus) % modulus;
        byFirst.set(first, [...(byFirst.get(first) ?? []), window]);
      }
    }
    const found: { name: string; where: string }[] = [];
    const bytes = this.#bytes;
    const total = Math.ceil((WINDOW * width) / 8);
    for (let start = 0; start + total <= bytes.length; start++) {
      for (const { name, words } of byFirst.get(wordAt(bytes, 8 * start, width)) ?? []) {
        if (isAt(bytes, start, words, width)) found.push({ name, where: this.#whereIs(start) });
      }
    }
    return found;
  }

  #whereIs(at: number): string {
    return this.#parts.find(({ from, to }) => from <= at && at < to)?.where ?? 'nothing';
  }
}

function isAt(bytes: Uint8Array, start: number, words: Int32Array, width: number): boolean {
  const modulus = 2 ** width;
  return words.every((word, i) => {
    const wanted = ((word % modulus) + modulus) % modulus;
    const off = Math.abs(wordAt(bytes, 8 * start + i * width, width) - wanted);
    return Math.min(off, modulus - off) <= STEPS;
  });
}

/** Of one whole number, and as they are packed. */
const widthsOf = (plan: CheckedPlan): readonly number[] => [...new Set([32, wordEncodingOf(plan).wordBits])];

interface RoundPlace {
  readonly round: number;
  readonly members: readonly string[];
  readonly draw: string;
  readonly runId: string;
}

/** Rounds with the members and the draw under which they were rotated. */
function roundsOf(events: readonly RunEvent[]): readonly RoundPlace[] {
  let [members, draw, runId]: [readonly string[], string, string] = [[], '', ''];
  const rounds: RoundPlace[] = [];
  for (const event of events) {
    if (event.kind === 'run created') runId = event.runId;
    else if (event.kind === 'run started') members = event.members;
    else if (event.kind === 'order drawn') draw = event.value;
    else if (event.kind === 'round opened') rounds.push({ round: event.round, members, draw, runId });
  }
  return rounds;
}

/** The place of a vector where its words are largest: where they are small, anything would look like them. */
function windowOf(
  { platform, engine }: { readonly platform: Primitives; readonly engine: Engine },
  plan: CheckedPlan,
  { round, members, draw, runId }: RoundPlace,
  update: Float32Array,
): Int32Array {
  const encoding = wordEncodingOf(plan);
  const context = contextOfRound(platform, { projectId: PROJECT, runId }, members, draw, round);
  const rotation = rotationOf(platform, context, encoding.windows);
  const { words } = encode(engine, platform, encoding, rotation, { values: update });
  let [best, place] = [-1, 0];
  for (let at = 0; at + WINDOW <= words.length; at++) {
    const size = Math.min(...words.subarray(at, at + WINDOW).map(Math.abs));
    if (size > best) [best, place] = [size, at];
  }
  // What is packed begins on a byte only every eighth word.
  return words.slice(place & ~7, (place & ~7) + WINDOW);
}

/** In [0, 2^width), lowest bit first. */
function wordAt(bytes: Uint8Array, bit: number, width: number): number {
  let [word, taken] = [0, 0];
  while (taken < width) {
    const at = bit + taken;
    const some = Math.min(8 - (at & 7), width - taken);
    const part = ((bytes[at >> 3] ?? 0) >> (at & 7)) & ((1 << some) - 1);
    word += part * 2 ** taken;
    taken += some;
  }
  return word;
}
