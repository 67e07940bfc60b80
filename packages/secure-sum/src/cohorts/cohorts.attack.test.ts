// Attack 64 (a poison that bypasses the clip) and attack 76 (two sums that differ by one member), through encodings and sums.
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { normOf, sumOf, testEncoding, vectorOf } from '../encoding/seeded-encodings.contract.ts';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ProtocolViolation } from '../errors.ts';
import { combine, requireTurnover, turnoverOf, withinNorm } from './index.ts';

const test = testEncoding(nodePrimitives(), { vectorLength: 500 });
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

describe('attack 64: a member that ignores its clip', () => {
  it('passes the range of a large sum, and the filter over cohorts leaves its cohort out', () => {
    const next = seededWords(2);
    const common = vectorOf('gaussian', 500, next);
    const update = (): Float32Array<ArrayBuffer> => {
      const own = vectorOf('gaussian', 500, next);
      const mixed = common.map((value, i) => value + own[i]);
      const norm = normOf(mixed) * 1.000001;
      return mixed.map((value) => value / norm);
    };
    const members = 10;
    const cohorts = Array.from({ length: 10 }, (_, cohort) => {
      const words = Array.from({ length: members }, () => test.encode(engine, { values: update() }).words);
      // One member of cohort 4 sends the largest words there are: 6.4 times the clip, all that words can hold.
      if (cohort === 4) words[0] = words[0].map(() => (next() % 2 ? 1 : -1) * test.encoding.largestWord);
      // Ten clips are more than that and the nine others together, so the sum is one that could have been made.
      return test.decode(engine, sumOf(words, 23), members);
    });
    const { kept, rejected } = withinNorm(cohorts, 1.15);
    expect(rejected).toEqual([4]);
    const honest = combine(kept, { kind: 'mean' });
    const poisoned = combine(cohorts, { kind: 'mean' });
    const robust = combine(cohorts, { kind: 'geometric-median' });
    const apart = (a: Float32Array): number => normOf(a.map((value, i) => value - honest[i])) / normOf(honest);
    expect(apart(robust)).toBeLessThan(apart(poisoned) / 2);
  });
});

describe('attack 76: consecutive sums that differ by one member', () => {
  const next = seededWords(3);
  const updates = Array.from({ length: 6 }, () => {
    const raw = vectorOf('gaussian', 500, next);
    const norm = normOf(raw) * 1.000001;
    return raw.map((value) => value / norm);
  });
  const ids = updates.map((_, i) => `silo-${i}`);
  const meanOf = (members: readonly number[]): Float32Array => {
    const words = members.map((i) => test.encode(engine, { values: updates[i] }).words);
    return test.decode(engine, sumOf(words, 23), members.length).mean;
  };

  it('give that member away without the check', () => {
    const all = meanOf([0, 1, 2, 3, 4, 5]);
    const without = meanOf([0, 1, 2, 3, 4]);
    const difference = all.map((value, i) => 6 * value - 5 * without[i]);
    expect(normOf(difference.map((value, i) => value - updates[5][i]))).toBeLessThan(0.01);
  });

  it('are refused by a policy, or charged to whom the verdict names', () => {
    const turnover = turnoverOf(ids.slice(0, 5), [ids], 3);
    expect(turnover).toEqual({ kind: 'small', earlier: 0, exposed: ['silo-5'] });
    expect(() => requireTurnover(turnover)).toThrow(ProtocolViolation);
    requireTurnover(turnoverOf(ids.slice(0, 3), [ids], 3));
    requireTurnover(turnoverOf(ids, [ids], 3));
  });
});
