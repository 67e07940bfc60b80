import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { canonicalJson, serializeMechanism } from '../mechanisms/canonical.ts';
import { mechanismFrom, under } from '../mechanisms/constructors.ts';
import type { Adjacency, Mechanism, Unit } from '../mechanisms/mechanism.ts';
import { concentrated, renyi, tightest } from './accounting.ts';
import { Budget } from './budget.ts';
import type { BudgetAccountant } from './chargeable.ts';
import { History, type HistoryHeader, type Sha256 } from './history.ts';
import { Ledger } from './ledger.ts';

const sha256: Sha256 = (...chunks) => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
};

interface Toy {
  readonly name: 'gaussian';
  readonly noiseMultiplier: number;
  readonly adjacency: Adjacency;
  readonly unit: Unit;
}

const gaussian = (noiseMultiplier: number, adjacency: Adjacency = 'add-remove', unit: Unit = 'record'): Toy => ({
  name: 'gaussian',
  noiseMultiplier,
  adjacency,
  unit,
});

function readToy(data: unknown): Toy {
  const { noiseMultiplier, adjacency, unit } = data as Toy;
  if (!(noiseMultiplier > 0)) throw new ParameterError(`noise ${noiseMultiplier}`);
  return gaussian(noiseMultiplier, adjacency, unit);
}

const rho = (charges: readonly { mechanism: Toy; count: number }[]): number =>
  charges.reduce((sum, { mechanism, count }) => sum + count / (2 * mechanism.noiseMultiplier ** 2), 0);
const loose: BudgetAccountant<Toy> = {
  name: 'loose',
  fullyAdaptive: true,
  epsilon: (charges, delta) => rho(charges) + 2 * Math.sqrt(rho(charges) * Math.log(1 / delta)),
};
const tight: BudgetAccountant<Toy> = {
  name: 'tight',
  fullyAdaptive: false,
  epsilon: (charges, delta) => 0.9 * (loose.epsilon(charges, delta) ?? 0),
};

const header: HistoryHeader = {
  dataset: 'ward 7',
  unit: 'record',
  adjacency: 'add-remove',
  parameters: 'fixed-in-advance',
};
const empty = (): History<Toy> => History.begin<Toy>(header, sha256);
const limit = { epsilon: 2, delta: 1e-6 };

function spent(budget: Budget<Toy>, mechanism: Toy, count = 1): Budget<Toy> {
  const after = budget.spend({ mechanism, count });
  if (after.kind !== 'budget') throw new Error('exhausted');
  return after;
}

describe('a budget', () => {
  it('spends into another value and leaves the old one as it was', () => {
    const before = Budget.over(empty(), limit, loose);
    const after = spent(before, gaussian(10), 3);
    expect(before.statement.epsilon).toBe(0);
    expect(after.statement.epsilon).toBe(loose.epsilon([{ mechanism: gaussian(10), count: 3 }], 1e-6));
    expect(after.statement).toMatchObject({
      delta: 1e-6,
      adjacency: 'add-remove',
      unit: 'record',
      accountant: 'loose',
    });
  });

  it('says that it is exhausted, with what the charge would have led to, and has then not been charged', () => {
    const budget = spent(Budget.over(empty(), limit, loose), gaussian(10), 3);
    const refused = budget.spend({ mechanism: gaussian(1), count: 1 });
    expect(refused).toMatchObject({ kind: 'budget-exhausted', spent: budget.statement.epsilon });
    expect(refused.kind === 'budget-exhausted' && refused.wouldBe > 2).toBe(true);
    expect(budget.history.length).toBe(1);
  });

  it('costs the same in any order and grouping', () => {
    const one = spent(spent(spent(Budget.over(empty(), limit, loose), gaussian(20), 2), gaussian(15)), gaussian(20), 3);
    const other = spent(spent(Budget.over(empty(), limit, loose), gaussian(15)), gaussian(20), 5);
    expect(one.statement.epsilon).toBe(other.statement.epsilon);
    expect(one.history.head).not.toBe(other.history.head);
  });

  it('charges what other runs on the same data have spent', () => {
    const first = spent(Budget.over(empty(), limit, loose), gaussian(40), 20);
    expect(Budget.over(first.history, limit, loose).roundsLeft(gaussian(40))).toBe(
      Budget.over(empty(), limit, loose).roundsLeft(gaussian(40)) - 20,
    );
  });

  it('takes an additional δ out of δ before the accountant sees it', () => {
    const budget = Budget.over(empty(), limit, loose);
    const after = budget.spend({ mechanism: gaussian(10), count: 1, additionalDelta: 9e-7 });
    expect(after.kind === 'budget' && after.statement.epsilon).toBeCloseTo(
      loose.epsilon([{ mechanism: gaussian(10), count: 1 }], 1e-7)!,
      6,
    );
    expect(budget.spend({ mechanism: gaussian(1e6), count: 1, additionalDelta: 1e-6 }).kind).toBe('budget-exhausted');
  });

  it('can be read again by a tighter accountant', () => {
    const budget = spent(Budget.over(empty(), limit, loose), gaussian(10), 3);
    expect(budget.reaccount(tight).statement.epsilon).toBeCloseTo(0.9 * budget.statement.epsilon, 12);
    expect(budget.reaccount(tight).roundsLeft(gaussian(10))).toBeGreaterThan(budget.roundsLeft(gaussian(10)));
  });

  it('forecasts rounds, never one too many, and never too few', () => {
    const budget = spent(Budget.over(empty(), limit, loose), gaussian(10), 3);
    const rounds = budget.roundsLeft(gaussian(30));
    const last = spent(budget, gaussian(30), rounds);
    expect(last.statement.epsilon).toBeLessThanOrEqual(limit.epsilon);
    expect(budget.spend({ mechanism: gaussian(30), count: rounds + 1 }).kind).toBe('budget-exhausted');
    expect(budget.roundsLeft(gaussian(0.01))).toBe(0);
  });

  it('forecasts at most 2^40 rounds, also of what costs nothing', () => {
    const free: BudgetAccountant<Toy> = { ...loose, name: 'free', epsilon: () => 0 };
    expect(Budget.over(empty(), limit, free).roundsLeft(gaussian(1))).toBe(2 ** 40);
  });

  it('forecasts noise on the safe side', () => {
    const budget = spent(Budget.over(empty(), limit, loose), gaussian(10), 3);
    const noise = budget.noiseNeeded(500, (noiseMultiplier) => gaussian(noiseMultiplier))!;
    expect(budget.spend({ mechanism: gaussian(noise), count: 500 }).kind).toBe('budget');
    expect(budget.spend({ mechanism: gaussian(noise * 0.9998), count: 500 }).kind).toBe('budget-exhausted');
    expect(budget.noiseNeeded(500, (noiseMultiplier) => gaussian(noiseMultiplier), { most: 2 })).toBeUndefined();
  });

  it.each([
    { epsilon: Number.POSITIVE_INFINITY, delta: 1e-6 },
    { epsilon: 0, delta: 1e-6 },
    { epsilon: Number.NaN, delta: 1e-6 },
    { epsilon: 1, delta: 0 },
    { epsilon: 1, delta: 1 },
    { epsilon: 1, delta: Number.NaN },
  ])('refuses the limit $epsilon, $delta', (bad) => {
    expect(() => Budget.over(empty(), bad, loose)).toThrow(ParameterError);
  });

  it('refuses another adjacency, another unit and counts that are none', () => {
    const budget = Budget.over(empty(), limit, loose);
    expect(() => budget.spend({ mechanism: gaussian(10, 'replace-one'), count: 1 })).toThrow('replace-one');
    expect(() => budget.spend({ mechanism: gaussian(10, 'add-remove', 'participant'), count: 1 })).toThrow(
      'participant',
    );
    for (const count of [0, -1, 1.5, Number.NaN]) {
      expect(() => budget.spend({ mechanism: gaussian(10), count })).toThrow(ParameterError);
    }
  });

  it('refuses an accountant that needs a fixed plan where the plan is not fixed, and one that does not cover a mechanism', () => {
    const adaptive = History.begin<Toy>({ ...header, parameters: 'adaptive' }, sha256);
    expect(() => Budget.over(adaptive, limit, tight)).toThrow('fixed in advance');
    expect(Budget.over(adaptive, limit, loose).statement.epsilon).toBe(0);
    const blind: BudgetAccountant<Toy> = { ...loose, name: 'blind', epsilon: () => undefined };
    expect(() => Budget.over(empty(), limit, blind).spend({ mechanism: gaussian(1), count: 1 })).toThrow(
      'blind does not cover',
    );
  });
});

describe('a history', () => {
  const history = empty()
    .append({ mechanism: gaussian(10), count: 3, note: 'search, first grid' })
    .append({ mechanism: gaussian(12.5), count: 1, additionalDelta: 1e-9, note: 'Läufe ✓' });

  it('is written as text and read back to the same head', () => {
    const again = History.replay(history.toText(), readToy, sha256);
    expect(again.head).toBe(history.head);
    expect(again.entries).toEqual(history.entries);
    expect(again.toText()).toBe(history.toText());
  });

  it('has a head that anyone can compute from the text', () => {
    const lines = history.toText().split('\n');
    let digest = createHash('sha256').update(`${lines[0]}\n${lines[1]}`, 'utf8').digest();
    for (const line of lines.slice(2, -2)) digest = createHash('sha256').update(digest).update(line, 'utf8').digest();
    expect(digest.toString('hex')).toBe(history.head);
  });

  it('refuses every text in which one character is another', () => {
    const text = history.toText();
    for (let i = 0; i < text.length; i++) {
      const broken = text.slice(0, i) + (text[i] === '1' ? '2' : '1') + text.slice(i + 1);
      expect(() => History.replay(broken, readToy, sha256)).toThrow(MalformedMessage);
    }
  });

  it('refuses a text that lost its end, an entry, its order, or gained a field', () => {
    const text = history.toText();
    const lines = text.split('\n');
    const without = (index: number): string => lines.filter((_, i) => i !== index).join('\n');
    const swapped = [...lines];
    [swapped[2], swapped[3]] = [swapped[3]!, swapped[2]!];
    for (const broken of [
      '',
      text.slice(0, -1),
      without(2),
      without(3),
      without(4),
      swapped.join('\n'),
      text.replace('"count"', '"z":1,"count"'),
    ]) {
      expect(() => History.replay(broken, readToy, sha256)).toThrow(MalformedMessage);
    }
  });

  it('is told from an older copy of itself by the head that was kept', () => {
    const older = history.toText();
    const newest = history.append({ mechanism: gaussian(9), count: 1 });
    expect(History.replay(newest.toText(), readToy, sha256, newest.head).head).toBe(newest.head);
    expect(History.replay(older, readToy, sha256).length).toBe(2);
    expect(() => History.replay(older, readToy, sha256, newest.head)).toThrow(MalformedMessage);
    expect(() => History.replay(older, readToy, sha256, newest.head)).toThrow('was kept');
  });

  it('keeps what was written, whatever its writer does to the value afterwards', () => {
    const mine = { ...gaussian(10) };
    const budget = spent(Budget.over(empty(), limit, loose), mine, 3);
    expect(() => {
      (mine as { noiseMultiplier: number }).noiseMultiplier = 1000;
    }).toThrow(TypeError);
    expect(budget.reaccount(loose).statement.epsilon).toBe(budget.statement.epsilon);
    const computed = { ...gaussian(10) };
    Object.defineProperty(computed, 'noiseMultiplier', { enumerable: true, get: () => Math.random() });
    expect(() => empty().append({ mechanism: computed, count: 1 })).toThrow('computed');
  });

  it('grows by thousands of entries without growing slow', () => {
    let long = empty();
    for (let i = 0; i < 20_000; i++) long = long.append({ mechanism: gaussian(10 + (i % 7)), count: 1 });
    expect(long.charges).toHaveLength(7);
    expect(long.charges.reduce((sum, { count }) => sum + count, 0)).toBe(20_000);
    expect(long.entries).toHaveLength(20_000);
  });
});

describe('a ledger', () => {
  it('charges what its budget can pay, and nothing when it cannot', () => {
    const ledger = new Ledger(Budget.over(empty(), limit, loose));
    expect(ledger.charge({ mechanism: gaussian(10), count: 3 })).toBeUndefined();
    const { head } = ledger.budget.history;
    expect(ledger.charge({ mechanism: gaussian(1), count: 1 })).toMatchObject({ kind: 'budget-exhausted' });
    expect(ledger.budget.history.head).toBe(head);
    expect(ledger.budget.history.length).toBe(1);
  });

  it('is the only one of its history, of all that grew from the same beginning', () => {
    const beginning = empty();
    const grown = beginning.append({ mechanism: gaussian(10), count: 3 });
    const ledger = new Ledger(Budget.over(grown, limit, loose));
    ledger.charge({ mechanism: gaussian(10), count: 1 });
    const aside = ledger.budget.history.append({ mechanism: gaussian(20), count: 1 });
    for (const history of [beginning, grown, ledger.budget.history, aside]) {
      expect(() => new Ledger(Budget.over(history, limit, loose))).toThrow('ward 7 has a ledger already');
    }
    const read = History.replay(ledger.budget.history.toText(), readToy, sha256);
    expect(new Ledger(Budget.over(read, limit, loose)).budget.history.head).toBe(ledger.budget.history.head);
  });

  it('can be read by a tighter accountant while it grows', () => {
    const ledger = new Ledger(Budget.over(empty(), limit, loose));
    ledger.charge({ mechanism: gaussian(10), count: 3 });
    const before = ledger.budget.statement.epsilon;
    ledger.reaccount(tight);
    expect(ledger.budget.statement.epsilon).toBeCloseTo(0.9 * before, 12);
    expect(() => JSON.stringify(ledger)).toThrow('written down');
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, 'x', null], a: { d: true, c: 0.1 } })).toBe(
      '{"a":{"c":0.1,"d":true},"b":[1,"x",null]}',
    );
  });

  it('refuses what JSON would change', () => {
    for (const value of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -0,
      undefined,
      1n,
      new Date(0),
      () => 1,
      { a: undefined },
      // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
      [1, , 2],
      [undefined],
    ]) {
      expect(() => canonicalJson(value)).toThrow(ParameterError);
    }
    expect(() => canonicalJson(-0)).toThrow('-0');
  });

  it('has one strictness: a mechanism is written as a history writes it, and refused as it refuses it', () => {
    const mechanism = under({ adjacency: 'add-remove', unit: 'record' }).gaussian({ noiseMultiplier: 2 });
    expect(serializeMechanism(mechanism)).toBe(canonicalJson(mechanism));
    for (const noiseMultiplier of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => serializeMechanism({ ...mechanism, noiseMultiplier } as Mechanism)).toThrow(ParameterError);
    }
  });
});

describe("this package's accountants over one history", () => {
  const real = under({ adjacency: 'add-remove', unit: 'record' });
  const history = History.begin<Mechanism>(header, sha256)
    .append({
      mechanism: real.poissonSampled({ inner: real.gaussian({ noiseMultiplier: 3 }), samplingRate: 0.05 }),
      count: 500,
      note: 'training',
    })
    .append({ mechanism: real.laplace({ scaleMultiplier: 50 }), count: 100, note: 'statistics' });

  it('agree with the published value of a mixed history, from above, and in their order', () => {
    const [best, moments] = [tightest, renyi].map(
      (one) => Budget.over(history, { epsilon: 10, delta: 1e-6 }, one).statement.epsilon,
    );
    expect(best).toBeGreaterThanOrEqual(1.961817 - 1e-6);
    expect(best).toBeLessThan(1.961817 * 1.0005);
    expect(moments).toBeGreaterThan(best!);
  });

  it('read it back from text as it was', () => {
    const again = History.replay(history.toText(), mechanismFrom, sha256);
    expect(again.head).toBe(history.head);
    expect(Budget.over(again, { epsilon: 10, delta: 1e-6 }, tightest).statement).toEqual(
      Budget.over(history, { epsilon: 10, delta: 1e-6 }, tightest).statement,
    );
    const broken = history.toText().replace('"samplingRate":0.05', '"samplingRate":1.05');
    expect(() => History.replay(broken, mechanismFrom, sha256)).toThrow(MalformedMessage);
  });

  it('price nothing that no constructor made: a negative rate, noise or count is not a way to ε = 0', () => {
    const budget = Budget.over(History.begin<Mechanism>(header, sha256), { epsilon: 100, delta: 1e-6 }, tightest);
    const frame = { adjacency: 'add-remove', unit: 'record' } as const;
    const inner = real.gaussian({ noiseMultiplier: 1 });
    const forged: readonly Mechanism[] = [
      { ...frame, kind: 'poissonSampled', samplingRate: -0.5, inner },
      { ...frame, kind: 'gaussian', noiseMultiplier: -30 },
      { ...frame, kind: 'repetition', count: 1e-3, inner },
      {
        ...frame,
        kind: 'repetition',
        count: 1,
        inner: under({ adjacency: 'replace-one', unit: 'participant' }).gaussian({ noiseMultiplier: 10 }),
      },
    ];
    for (const mechanism of forged) {
      for (const count of [1, 2]) expect(() => budget.spend({ mechanism, count })).toThrow(ParameterError);
    }
  });

  it('serve adaptive histories by zCDP alone', () => {
    const adaptive = History.begin<Mechanism>({ ...header, parameters: 'adaptive' }, sha256).append({
      mechanism: real.gaussian({ noiseMultiplier: 5 }),
      count: 3,
    });
    const budget = Budget.over(adaptive, { epsilon: 5, delta: 1e-6 }, concentrated);
    expect(budget.statement.epsilon).toBeGreaterThan(
      tightest.epsilon([{ mechanism: real.gaussian({ noiseMultiplier: 5 }), count: 3 }], 1e-6)!,
    );
    for (const one of [tightest, renyi]) expect(() => budget.reaccount(one)).toThrow('fixed in advance');
  });

  it('serve no additional δ there: no filter here stops on both', () => {
    const adaptive = History.begin<Mechanism>({ ...header, parameters: 'adaptive' }, sha256);
    const budget = Budget.over(adaptive, { epsilon: 5, delta: 1e-6 }, concentrated);
    const charge = { mechanism: real.gaussian({ noiseMultiplier: 5 }), count: 1 };
    expect(budget.spend(charge).kind).toBe('budget');
    expect(() => budget.spend({ ...charge, additionalDelta: 1e-9 })).toThrow('additional δ');
  });

  it('forecast on the safe side', () => {
    const budget = Budget.over(history, { epsilon: 3, delta: 1e-6 }, tightest);
    const step = real.poissonSampled({ inner: real.gaussian({ noiseMultiplier: 3 }), samplingRate: 0.05 });
    const rounds = budget.roundsLeft(step);
    expect(budget.spend({ mechanism: step, count: rounds }).kind).toBe('budget');
    expect(budget.spend({ mechanism: step, count: rounds + 1 }).kind).toBe('budget-exhausted');
  });
});
