import { describe, expect, it } from 'vitest';
import { added, contributed, numbers, smallPlan, workOf } from '../contribution/small-run.contract.ts';
import { type Plan, wordEncodingOf } from '../plan/index.ts';
import { checkedPlan, oneRoundPlan } from '../plan/sample-plans.contract.ts';
import { engine, released } from './released.contract.ts';

describe('metrics', () => {
  const metrics: Plan['metrics'] = [
    { name: 'loss', resolution: 0.01, minimumUnits: 10 },
    { name: 'accuracy', resolution: 0.05, minimumUnits: 20 },
    { name: 'examples', resolution: 10, minimumUnits: 10 },
  ];
  const plan = smallPlan({}, (base) => ({ ...base, metrics }));
  const work = [
    { meanLoss: 0.3, accuracy: 0.9, examples: 104 },
    { meanLoss: 0.512, accuracy: 0.8, examples: 26 },
    { meanLoss: 400, accuracy: 1, examples: 20 },
  ];

  it('are means over contributors, and sums of examples, no finer than their resolution', () => {
    const words = work.map((one, seed) => contributed(plan, workOf(numbers(seed), one), { engine, seed }).words);
    const result = released(plan, added(words), 3);
    if (result.kind !== 'released') throw new Error(result.reason);
    const found = Object.fromEntries(result.metrics.map(({ name, value }) => [name, value]));
    expect(found['loss']).toBeCloseTo((0.3 + 0.51 + 100) / 3, 6);
    expect(found['accuracy']).toBeCloseTo(0.9, 6);
    expect(found['examples']).toBe(100 + 30 + 20);
    expect(result.metrics.map(({ contributors, unitsAtLeast }) => [contributors, unitsAtLeast])).toEqual([
      [3, 30],
      [3, 60],
      [3, 30],
    ]);
  });

  it('are in no sum of statistics: nothing was trained that had a loss', () => {
    const reason = 'numbers that nobody has to protect';
    const statistics = checkedPlan({
      ...oneRoundPlan(),
      metrics: [...metrics].map((one) => ({ ...one, minimumUnits: 100 })),
      privacy: { kind: 'none', reason },
    });
    expect(wordEncodingOf(statistics).counters).toEqual([]);
  });

  it('of one participant are in no sum: where turns are released none is encoded', () => {
    const turns = smallPlan({ schedule: 'round-robin', protection: 'none' }, (base) => ({
      ...base,
      metrics,
      exchange: {
        ...base.exchange,
        release: { after: 'turn', warning: 'every release shows the update of one participant' },
      } as Plan['exchange'],
    }));
    expect(wordEncodingOf(turns).counters).toEqual([]);
    const { words } = contributed(turns, workOf(numbers(1)), { engine });
    const result = released(turns, words, 1);
    expect(result).toMatchObject({ kind: 'released', metrics: [] });
  });
});
