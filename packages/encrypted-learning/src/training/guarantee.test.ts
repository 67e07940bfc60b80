import { describe, expect, it } from 'vitest';
import { descend } from './descent.ts';
import { dataGradient } from './gradient.ts';
import { type GuaranteeLiteral, guarantee } from './guarantee.ts';
import { madeRows, seededNumbers, seededSource, unitRows } from './made-rows.contract.ts';
import { noisePlacement } from './noise-placement.ts';
import { descendPrivately, gridPerturbation, perturbOnce } from './private-descent.ts';
import { type RecipeLiteral, recipe } from './recipe.ts';
import { releaseWithStatement } from './release.ts';
import { recheckStatement, type Statement } from './statement.ts';

const PROJECTED: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 7, method: 'chebyshev' } },
  iterations: 32,
  learningRate: { kind: 'constant', rate: 16 },
  ridge: 1e-4,
  projectionRadius: 7.999,
};

const of = (literal: RecipeLiteral, more: Partial<GuaranteeLiteral> = {}): GuaranteeLiteral => ({
  recipe: recipe(literal),
  rowCount: 1000,
  columns: 10,
  normBound: 1,
  adjacency: 'replace-one',
  epsilon: 1,
  delta: 1e-5,
  ...more,
});

function made(literal: GuaranteeLiteral) {
  const found = guarantee(literal);
  if (found.kind !== 'guaranteed') throw new Error(found.reason);
  return found.guarantee;
}

describe('a guarantee without clipping', () => {
  it('has the sensitivity 2B(1 + η) of a sum under replacement, and half of it when a row is taken out', () => {
    const replace = made(of(PROJECTED));
    expect(replace.supError).toBeCloseTo(0.026, 3);
    expect(replace.sensitivity).toBeGreaterThan(2 * (1 + replace.supError));
    // Twice half a cell a coordinate, two runs: √10 · 2^-14.
    expect(replace.sensitivity).toBeLessThan(2 * (1 + replace.supError) + 3.2 * 2 ** -14);
    expect(made(of(PROJECTED, { adjacency: 'zero-out' })).sensitivity).toBeLessThan(1.001 * (1 + replace.supError));
  });

  it('needs no more noise than zero-concentrated accounting says, and not much less', () => {
    // s/Δ = 22.9 at ε = 1, δ = 1e-5, T = 32 by zCDP with the Canonne–Kamath–Steinke conversion.
    const { noiseMultiplier } = made(of(PROJECTED));
    expect(noiseMultiplier).toBeLessThan(22.9);
    expect(noiseMultiplier).toBeGreaterThan(18);
  });

  it('the gradient of one row never exceeds the bound while the weights are on the ball, and does outside it', () => {
    const rows = unitRows(madeRows({ count: 200, columns: 10, seed: 5 }));
    const { lipschitz, literal } = made(of(PROJECTED));
    const next = seededNumbers(6);
    const longest = (radius: number): number => {
      let most = 0;
      for (let trial = 0; trial < 50; trial += 1) {
        const direction = Float64Array.from({ length: 10 }, () => next() - 0.5);
        const scale = radius / Math.hypot(...direction);
        for (let row = 0; row < 200; row += 1) {
          const { sum } = dataGradient(
            rows,
            { from: row, to: row + 1 },
            direction.map((v) => v * scale),
            literal.recipe,
          );
          most = Math.max(most, Math.hypot(...sum));
        }
      }
      return most;
    };
    expect(longest(7.999)).toBeLessThanOrEqual(lipschitz);
    expect(longest(30)).toBeGreaterThan(lipschitz);
  });

  it('is refused where nothing proves the interval', () => {
    const { projectionRadius: _, ...unprojected } = PROJECTED;
    const found = guarantee(of(unprojected));
    expect(found.kind).toBe('refused');
    expect(found.kind === 'refused' && found.reason).toMatch(/project, or take fewer or shorter steps/);
    const nesterov = guarantee(of({ ...unprojected, optimiser: 'nesterov' }));
    expect(nesterov.kind === 'refused' && nesterov.reason).toMatch(/nothing keeps/);
    const wide = guarantee(of({ ...PROJECTED, projectionRadius: 8.5 }));
    expect(wide.kind === 'refused' && wide.reason).toMatch(/does not keep/);
  });

  it('holds by coupling where steps are too short to get far, and pays for the noise that might', () => {
    const { projectionRadius: _, ...unprojected } = PROJECTED;
    const short = of({ ...unprojected, iterations: 20, learningRate: { kind: 'constant', rate: 0.2 } });
    const found = made(short);
    expect(found.invariant.kind).toBe('coupling');
    expect(found.delta).toBeLessThanOrEqual(1e-5);
    // A run that gets within a hair of the border cannot be coupled.
    const long = guarantee(
      of({ ...unprojected, iterations: 20, learningRate: { kind: 'constant', rate: 0.3896 } }, { rowCount: 100 }),
    );
    expect(long.kind === 'refused' && long.reason).toMatch(/leave the interval with probability/);
  });

  it('charges what approximate arithmetic may add', () => {
    const exact = made(of(PROJECTED)).sensitivity;
    const approximate = made(of(PROJECTED, { arithmeticError: 0.01 })).sensitivity;
    expect(approximate - exact).toBeCloseTo(2 * 0.01 * Math.sqrt(10), 6);
  });

  it('noise once at the end needs a convex surrogate', () => {
    const once = { ...PROJECTED, learningRate: { kind: 'constant', rate: 3 }, iterations: 100 } as const;
    const falling = guarantee(of(once, { placement: 'once' }));
    expect(falling.kind === 'refused' && falling.reason).toMatch(/not convex/);
    const convex = made(of({ ...once, model: { kind: 'logistic-exact' }, ridge: 1e-2 }, { placement: 'once' }));
    expect(convex.history.length).toBe(1);
    // At most 2L/(nλ), the sensitivity of the minimiser.
    expect(convex.sensitivity).toBeLessThan(2 / (1000 * 1e-2));
  });

  it('noise once at the end is charged for the grid that the result is rounded to', () => {
    const exact = { ...PROJECTED, model: { kind: 'logistic-exact' }, ridge: 1e-2, iterations: 100 } as const;
    const literal = of(
      { ...exact, learningRate: { kind: 'constant', rate: 3 } },
      { placement: 'once', rowCount: 100_000, columns: 100 },
    );
    const fine = made({ ...literal, granularity: 2 ** -30, epsilon: 1000, delta: 0.5 });
    const coarse = made({ ...literal, granularity: 2 ** -14 });
    // Two results a hair apart on either side of the middle of a cell end a whole cell apart, in every coordinate.
    expect(coarse.sensitivity - fine.sensitivity).toBeGreaterThanOrEqual(0.999 * 2 ** -14 * 10);
    // Left to itself the grid costs next to nothing.
    expect(made(literal).sensitivity).toBeLessThan(1.001 * fine.sensitivity);
  });

  it('a grid too fine for the sampler is refused, or chosen coarser', () => {
    const strict = of(PROJECTED, { epsilon: 0.05 });
    const found = guarantee({ ...strict, granularity: 2 ** -14 });
    expect(found.kind === 'refused' && found.reason).toMatch(/coarser grid/);
    const own = made(strict);
    expect(own.granularity).toBeGreaterThan(2 ** -14);
    expect(() => gridPerturbation(own, seededSource(1))(new Float64Array(10))).not.toThrow();
  });

  it('the interval is proved for what runs: arithmetic that may carry the weights out of it is counted', () => {
    const { projectionRadius: _, ...unprojected } = PROJECTED;
    const short = { ...unprojected, iterations: 20, learningRate: { kind: 'constant', rate: 0.2 } } as const;
    expect(guarantee(of(short)).kind).toBe('guaranteed');
    // Each mean gradient may be off by 1000·√10/1000: the reach is four times as far.
    const found = guarantee(of(short, { arithmeticError: 1000 }));
    expect(found.kind === 'refused' && found.reason).toMatch(/can reach/);
    const once = { ...short, model: { kind: 'logistic', activation: { degree: 9 } }, ridge: 0.1 } as const;
    expect(guarantee(of(once, { placement: 'once' })).kind).toBe('guaranteed');
    const off = guarantee(of(once, { placement: 'once', arithmeticError: 3 }));
    expect(off.kind === 'refused' && off.reason).toMatch(/can reach/);
  });

  it('says where noise costs less, and why where only one place can be had', () => {
    const exact = recipe({
      ...PROJECTED,
      model: { kind: 'logistic-exact' },
      learningRate: { kind: 'constant', rate: 3 },
      ridge: 1e-2,
      iterations: 200,
    });
    const base = {
      rowCount: 1000,
      columns: 10,
      normBound: 1,
      adjacency: 'replace-one',
      epsilon: 1,
      delta: 1e-5,
    } as const;
    const strong = noisePlacement({ ...base, recipe: exact });
    expect(strong.better).toBe('once');
    expect(strong.onceStddev).toBeLessThan(strong.everyStepStddev ?? 0);
    const falling = noisePlacement({ ...base, recipe: recipe(PROJECTED) });
    expect(falling.better).toBe('every-step');
    expect(falling.reason).toMatch(/not convex/);
  });

  it('batches: rows that come or go are refused, and a pass costs one release', () => {
    const batched = { ...PROJECTED, batchSize: 100 };
    expect(guarantee(of(batched, { adjacency: 'add-remove' })).kind).toBe('refused');
    // 32 steps over ten batches: four passes.
    expect(made(of(batched)).noiseMultiplier).toBeLessThan(made(of(PROJECTED)).noiseMultiplier / 2.5);
  });
});

describe('the private descent', () => {
  const rows = unitRows(madeRows({ count: 1000, columns: 10, seed: 8 }));
  const bound = made(of(PROJECTED));

  it('adds Gaussian integers of the stated deviation, and not of 1.2 times it', () => {
    const perturb = gridPerturbation(bound, seededSource(9));
    let square = 0;
    const draws = 4000;
    for (let i = 0; i < draws; i += 1) {
      const values = new Float64Array(10);
      perturb(values);
      for (const value of values) square += value * value;
    }
    const variance = square / (10 * draws) / bound.noiseStddev ** 2;
    // χ² of 40,000: five deviations are 3.5 %.
    expect(Math.abs(variance - 1)).toBeLessThan(0.036);
    expect(Math.abs(1.44 - variance)).toBeGreaterThan(0.036);
  });

  it('stays on the ball and gives a statement that can be checked again', () => {
    const run = descendPrivately(rows, bound, seededSource(10));
    expect(Math.max(...run.margins)).toBeLessThanOrEqual(8);
    const released = releaseWithStatement(run, PROJECTED);
    if (released.kind !== 'released' || released.statement === null) throw new Error('not released');
    const plain: Statement = JSON.parse(JSON.stringify(released.statement));
    expect(recheckStatement(plain).kind).toBe('holds');
  });

  it('a statement that claims too much is caught', () => {
    const released = releaseWithStatement(descendPrivately(rows, bound, seededSource(10)), PROJECTED);
    if (released.kind !== 'released' || released.statement === null) throw new Error('not released');
    const { statement } = released;
    const lies: readonly Partial<Statement>[] = [
      { epsilon: 0.9 },
      { delta: 1e-6 },
      { sensitivity: statement.sensitivity * 0.99 },
      { noiseStddev: statement.noiseStddev * 0.99 },
      { supError: 0.001 },
      { adjacency: 'zero-out' },
      { normBound: 2 },
      { history: [] },
      { recipe: { ...PROJECTED, iterations: 64 } },
      { recipe: { ...PROJECTED, projectionRadius: 9 } },
      { invariant: { kind: 'always' } },
      { invariant: { kind: 'projection', radius: 1 } },
      { rho: statement.rho / 2 },
      { interval: 4 },
      { interval: null },
      { coefficients: [] },
      { columns: 9 },
      { rowCount: 2000 },
      { targetBound: 3 },
      { granularity: 2 ** -15 },
      { noiseStddev: Number.NaN },
      { sensitivity: Number.NaN, noiseStddev: Number.NaN },
      { supError: Number.NaN },
      { supError: 1 },
      { arithmeticError: -1 },
    ];
    for (const lie of lies) {
      expect(recheckStatement({ ...statement, ...lie }).kind, JSON.stringify(lie)).toBe('fails');
    }
  });

  it('a statement that nobody could have made fails, and does not throw', () => {
    const released = releaseWithStatement(descendPrivately(rows, bound, seededSource(10)), PROJECTED);
    if (released.kind !== 'released' || released.statement === null) throw new Error('not released');
    const text = JSON.stringify(released.statement);
    const broken = [
      text.replace('replace-one', 'replace-all'),
      text.replace('"record"', '"person"'),
      text.replace('statement 1', 'statement 2'),
      text.replace(/"recipe":\{.*?\},"coefficients"/, '"recipe":null,"coefficients"'),
      text.replace('"epsilon":1', '"epsilon":"one"'),
      text.replace(/"history":\[.*?\]/, '"history":null'),
      text.replace('"rho"', '"rhó"'),
    ];
    for (const one of broken) {
      expect(one).not.toBe(text);
      expect(recheckStatement(JSON.parse(one)).kind, one).toBe('fails');
    }
  });

  it('is stated with the recipe that was accounted and no other', () => {
    const run = descendPrivately(rows, bound, seededSource(10));
    expect(() => releaseWithStatement(run, { ...PROJECTED, learningRate: { kind: 'constant', rate: 8 } })).toThrow(
      /another recipe/,
    );
  });

  it('runs on the rows that were accounted and no others', () => {
    expect(() => descendPrivately(madeRows({ count: 1000, columns: 10, seed: 8 }), bound, seededSource(1))).toThrow(
      /B = 1/,
    );
    expect(() =>
      descendPrivately(unitRows(madeRows({ count: 999, columns: 10, seed: 8 })), bound, seededSource(1)),
    ).toThrow(/1000 rows/);
  });

  it('puts noise once on descents by rows that were accounted and no others', () => {
    const exact = { ...PROJECTED, model: { kind: 'logistic-exact' }, ridge: 1e-2, iterations: 5 } as const;
    const once = made(of({ ...exact, learningRate: { kind: 'constant', rate: 3 } }, { placement: 'once' }));
    const by = (other: typeof rows) => perturbOnce(descend(other, once.literal.recipe), once, seededSource(1));
    expect(() => by(rows)).not.toThrow();
    expect(() => by(madeRows({ count: 1000, columns: 10, seed: 8 }))).toThrow(/B = 1/);
    expect(() => by(unitRows(madeRows({ count: 10, columns: 10, seed: 8 })))).toThrow(/1000 rows/);
  });

  it('without noise to speak of is the descent in the clear, up to the grid', () => {
    const tiny = made(of({ ...PROJECTED, learningRate: { kind: 'constant', rate: 1 } }, { epsilon: 1000, delta: 0.5 }));
    const exact = descend(rows, tiny.literal.recipe).weights;
    const noisy = descendPrivately(rows, tiny, seededSource(11)).weights;
    const distance = Math.hypot(...exact.map((w, j) => w - (noisy[j] ?? 0)));
    expect(distance).toBeLessThan(0.2);
    expect(distance).toBeGreaterThan(0);
  });
});
