// What must hold of ε whatever the mechanism: it rises with the steps and the rate, falls with noise and δ, and does not care in which
// order or in how many pieces a history is told.
import { describe, expect, it } from 'vitest';
import { under } from '../mechanisms/constructors.ts';
import type { Answer } from './answer.ts';
import { exactEpsilon } from './exact.ts';
import { knownAnswers, sampledGaussian } from './known-answers.contract.ts';
import { renyiEpsilon } from './renyi.ts';
import { tightestEpsilon } from './tightest.ts';

const m = under({ adjacency: 'add-remove', unit: 'record' });
const full =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

function epsilonOf(answer: Answer): number {
  if (answer.kind === 'refused') throw new Error(answer.reason);
  return answer.epsilon;
}

/** A small generator for parameters of the whole range that is promised; fixed seeds. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomRun(next: () => number): { q: number; sigma: number; steps: number; delta: number } {
  return {
    q: 10 ** (-6 * next()),
    sigma: 10 ** (-0.5 + 2.5 * next()),
    steps: Math.max(1, Math.round(10 ** (5 * next()))),
    delta: 10 ** (-3 - 9 * next()),
  };
}

describe('ε', () => {
  it('rises with steps and rate, falls with noise and with δ', () => {
    const next = uniform(7);
    for (let round = 0; round < (full ? 300 : 12); round += 1) {
      const { q, sigma, steps, delta } = randomRun(next);
      const at = (run: { q?: number; sigma?: number; steps?: number; delta?: number }): number =>
        epsilonOf(
          tightestEpsilon([sampledGaussian(run.q ?? q, run.sigma ?? sigma, run.steps ?? steps)], run.delta ?? delta),
        );
      const here = at({}) * (1 - 1e-3);
      const run = { q, sigma, steps, delta };
      expect({ run, more: at({ steps: steps * 2 }) >= here }).toEqual({ run, more: true });
      expect({ run, more: at({ q: Math.min(1, q * 1.5) }) >= here }).toEqual({ run, more: true });
      expect({ run, more: at({ sigma: sigma / 1.5 }) >= here }).toEqual({ run, more: true });
      expect({ run, more: at({ delta: delta / 10 }) >= here }).toEqual({ run, more: true });
    }
  });

  it('lies within the bounds of every sound accountant, over the whole range of parameters', () => {
    const next = uniform(11);
    for (let round = 0; round < (full ? 1000 : 30); round += 1) {
      const { q, sigma, steps, delta } = randomRun(next);
      const history = [sampledGaussian(q, sigma, steps)];
      const [tightest, renyi] = [tightestEpsilon(history, delta), renyiEpsilon(history, delta)];
      if (tightest.kind === 'refused' || renyi.kind === 'refused') throw new Error('no answer');
      const run = { q, sigma, steps, delta };
      expect({ run, holds: renyi.epsilon >= (tightest.lower ?? 0) * (1 - 1e-9) }).toEqual({ run, holds: true });
      expect({ run, holds: tightest.epsilon <= renyi.epsilon * (1 + 1e-9) }).toEqual({ run, holds: true });
    }
  });

  it('is the same in whatever order and pieces a history is told', () => {
    const a = sampledGaussian(0.01, 1.2, 500);
    const b = m.repetition({ inner: m.laplace({ scaleMultiplier: 20 }), count: 30 });
    const c = m.gaussian({ noiseMultiplier: 9 });
    const whole = epsilonOf(exactEpsilon([a, b, c], 1e-6));
    expect(epsilonOf(exactEpsilon([c, b, a], 1e-6))).toBeCloseTo(whole, 9);
    expect(
      epsilonOf(exactEpsilon([m.composition({ parts: [b, m.composition({ parts: [c] }), a] })], 1e-6)),
    ).toBeCloseTo(whole, 9);
    const halves = [sampledGaussian(0.01, 1.2, 200), b, c, sampledGaussian(0.01, 1.2, 300)];
    expect(epsilonOf(exactEpsilon(halves, 1e-6))).toBe(whole);
  });

  it('of unequal parts that happen to be equal is that of the repetition', () => {
    // Equal to the last digit but one: they are counted as two laws.
    const nearly = [sampledGaussian(0.01, 1, 500), sampledGaussian(0.01, 1 + 1e-14, 500)];
    const once = epsilonOf(exactEpsilon([sampledGaussian(0.01, 1, 1000)], 1e-6));
    expect(epsilonOf(exactEpsilon(nearly, 1e-6)) / once).toBeCloseTo(1, 8);
  });

  it('of a sampling rate of one is that of no sampling, and of zero nothing', () => {
    const plain = m.repetition({ inner: m.gaussian({ noiseMultiplier: 3 }), count: 7 });
    expect(epsilonOf(tightestEpsilon([sampledGaussian(1, 3, 7)], 1e-6))).toBe(
      epsilonOf(tightestEpsilon([plain], 1e-6)),
    );
    expect(epsilonOf(tightestEpsilon([sampledGaussian(0, 3, 7)], 1e-6))).toBe(0);
  });

  it('is answered in time for a slider', () => {
    const history = [sampledGaussian(0.01, 1, 10_000)];
    tightestEpsilon(history, 1e-5);
    const started = performance.now();
    for (let round = 0; round < 5; round += 1) tightestEpsilon(history, 1e-5);
    // 15 ms is the aim; ten times that fails only when something is broken, not when the machine is busy.
    expect((performance.now() - started) / 5).toBeLessThan(150);
  });

  it('needs a δ and a history, of one adjacency and one unit', () => {
    const other = under({ adjacency: 'replace-one', unit: 'record' }).gaussian({ noiseMultiplier: 1 });
    const participant = under({ adjacency: 'add-remove', unit: 'participant' }).gaussian({ noiseMultiplier: 1 });
    const one = knownAnswers[0]!.history;
    for (const accountant of [tightestEpsilon, exactEpsilon, renyiEpsilon]) {
      for (const delta of [0, 1, -1, 2, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => accountant(one, delta)).toThrow(/δ must be in \(0, 1\)/);
      expect(() => accountant([], 1e-5)).toThrow(/empty history/);
      expect(() => accountant([...one, other], 1e-5)).toThrow(/mixes the adjacencies add-remove and replace-one/);
      expect(() => accountant([...one, participant], 1e-5)).toThrow(/mixes the units record and participant/);
    }
  });
});
