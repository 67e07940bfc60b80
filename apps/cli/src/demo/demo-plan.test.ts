// The demonstration's data and plans: what nobody may get wrong is that a digit is in two places, and that the ε that is said is promised.
import { epsilonAfter } from '@sumus/federation/plan';
import { describe, expect, it } from 'vitest';
import { type DemoPlanOptions, demoPlan } from './demo-plan.ts';
import { dealtDigits, packagedDigits, SIDE } from './digits.ts';

const options: DemoPlanOptions = {
  model: 'ridge',
  participants: 5,
  records: 1800,
  epsilon: 8,
  delta: 1e-5,
  authority: 'ab'.repeat(32),
  endsAtMs: 1_900_000_000_000,
};

describe('the digits of the demonstration', () => {
  const all = packagedDigits();
  const dealt = dealtDigits({ participants: 5, testCount: 1000 }, all);

  it('are ten thousand, whole bytes, of all classes', () => {
    expect(all.count).toBe(10_000);
    expect(new Set(all.labels).size).toBe(10);
    expect(all.inputs.every((value) => value >= 0 && value <= 1 && Number.isInteger(Math.round(255 * value)))).toBe(
      true,
    );
  });

  it('go to one place each: no participant, and not the test, has what another has', () => {
    const named = new Map<string, number>();
    for (let row = 0; row < all.count; row += 1) {
      const name = Buffer.from(all.inputs.slice(row * SIDE ** 2, (row + 1) * SIDE ** 2).buffer).toString('latin1');
      named.set(name, (named.get(name) ?? 0) + 1);
    }
    for (const { inputs, count } of [dealt.test, ...dealt.parts]) {
      for (let row = 0; row < count; row += 1) {
        const name = Buffer.from(inputs.slice(row * SIDE ** 2, (row + 1) * SIDE ** 2).buffer).toString('latin1');
        named.set(name, (named.get(name) ?? 0) - 1);
      }
    }
    expect([...named.values()].every((left) => left >= 0)).toBe(true);
    expect([dealt.test.count, ...dealt.parts.map(({ count }) => count)]).toEqual([1000, 1800, 1800, 1800, 1800, 1800]);
    expect(dealt.parts.every(({ labels }) => new Set(labels).size === 10)).toBe(true);
  });
});

describe('the plans of the demonstration', () => {
  it.each([
    ['ridge', 'one-shot'],
    ['lenet', 'mask'],
  ] as const)('%s keeps the ε that it promises, by %s, of everybody', (model, protection) => {
    const plan = demoPlan({ ...options, model });
    expect(plan.protection.kind).toBe(protection);
    expect(plan.contributors).toMatchObject({ minimum: 5, maximum: 5, admission: { kind: 'invitation' } });
    expect(plan.privacy).toMatchObject({ kind: 'central', unit: 'record', delta: 1e-5, epsilonAtMost: 8 });
    const cost = epsilonAfter(plan, plan.stopping.rounds);
    expect(cost?.kind === 'bound' ? cost.epsilon : Number.NaN).toBeLessThanOrEqual(8);
  });

  it('refuse what cannot be promised', () => {
    expect(() => demoPlan({ ...options, participants: 2 })).toThrow(/contributors\.minimum/);
  });
});
