import { describe, expect, it } from 'vitest';
import {
  advancedControl,
  controlChange,
  driftCorrection,
  joined,
  nextSharedControl,
  parted,
} from './control-variates.ts';

const shared = Float32Array.of(0.5, -1, 0.25);
const own = Float32Array.of(1, 1, -2);

describe('SCAFFOLD', () => {
  it('corrects every gradient by c − c_i', () => {
    expect([...driftCorrection(shared, { own })]).toEqual([-0.5, -2, 2.25]);
  });

  it('advances c_i by option II: c_i − c + (x − y)/(K·η)', () => {
    const [x, y] = [Float32Array.of(1, 2, 3), Float32Array.of(0.5, 2.25, 3)];
    const update = y.map((value, i) => value - x[i]);
    const change = controlChange(update, { shared, steps: 5, learningRate: 0.1 });
    const next = advancedControl(own, change, undefined);
    for (let i = 0; i < 3; i++) {
      expect(next[i]).toBeCloseTo(own[i] - shared[i] + (x[i] - y[i]) / (5 * 0.1), 6);
    }
  });

  it('keeps c the mean of all c_i, whoever takes part, when it starts so and supports are shared', () => {
    const members = 4;
    const controls = Array.from({ length: members }, () => new Float32Array(3));
    let c = new Float32Array(3);
    for (let round = 0; round < 6; round++) {
      const indices = round % 2 === 0 ? undefined : Uint32Array.of(0, 2);
      const taking = [0, 1, 2, 3].filter((i) => (i + round) % 3 !== 0);
      const changes = taking.map((i) =>
        controlChange(Float32Array.of(Math.sin(i + round), i - 1, 0.1 * round), {
          shared: c,
          steps: 4,
          learningRate: 0.5,
        }),
      );
      taking.forEach((i, at) => {
        controls[i] = advancedControl(controls[i], changes[at], indices);
      });
      const at = indices ?? Uint32Array.of(0, 1, 2);
      const meanChange = Float32Array.from(at, (j) => changes.reduce((sum, one) => sum + one[j], 0) / taking.length);
      c = nextSharedControl(c, { meanChange, indices, contributors: taking.length, members });
      c.forEach((value, j) => {
        expect(value).toBeCloseTo(controls.reduce((sum, one) => sum + one[j], 0) / members, 4);
      });
    }
  });

  it('reaches the common optimum of unequal quadratics, where plain local steps stop at another point', () => {
    // fᵢ(y) = aᵢ/2·(y − bᵢ)²: the optimum of the mean is Σ aᵢbᵢ / Σ aᵢ = 1/11·(1·0 + 10·1).
    const [a, b] = [
      [1, 10],
      [0, 1],
    ] as const;
    const optimum = 10 / 11;
    const reached = (isCorrected: boolean): number => {
      let x = 0;
      let c = new Float32Array(1);
      const controls = [new Float32Array(1), new Float32Array(1)];
      for (let round = 0; round < 200; round++) {
        const updates: number[] = [];
        const changes: Float32Array[] = [];
        for (const i of [0, 1] as const) {
          const drift = isCorrected ? driftCorrection(c, { own: controls[i] })[0] : 0;
          let y = x;
          for (let step = 0; step < 10; step++) y -= 0.05 * (a[i] * (y - b[i]) + drift);
          updates.push(y - x);
          changes.push(controlChange(Float32Array.of(y - x), { shared: c, steps: 10, learningRate: 0.05 }));
        }
        changes.forEach((change, i) => {
          controls[i] = advancedControl(controls[i], change, undefined);
        });
        x += (updates[0] + updates[1]) / 2;
        const meanChange = Float32Array.of((changes[0][0] + changes[1][0]) / 2);
        c = nextSharedControl(c, { meanChange, indices: undefined, contributors: 2, members: 2 });
      }
      return x;
    };
    expect(reached(true)).toBeCloseTo(optimum, 4);
    expect(Math.abs(reached(false) - optimum)).toBeGreaterThan(0.05);
  });

  it('sums update and change as one vector', () => {
    const both = joined(shared, own);
    expect([...both]).toEqual([...shared, ...own]);
    expect(parted(both)).toEqual({ update: shared, change: own });
    expect(() => parted(new Float32Array(3))).toThrow(/two halves/);
    expect(() => joined(shared, new Float32Array(2))).toThrow();
  });

  it('refuses what cannot be: no steps, more contributors than members, a change that is not finite', () => {
    expect(() => controlChange(shared, { shared, steps: 0, learningRate: 0.1 })).toThrow(/0 steps/);
    const one = { meanChange: shared, indices: undefined, contributors: 5, members: 4 };
    expect(() => nextSharedControl(shared, one)).toThrow(/5 contributors/);
    expect(() =>
      nextSharedControl(shared, { ...one, contributors: 4, meanChange: Float32Array.of(0, Number.NaN, 0) }),
    ).toThrow(/NaN/);
  });
});
