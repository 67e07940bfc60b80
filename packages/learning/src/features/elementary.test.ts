import { describe, expect, it } from 'vitest';
import { circle, exponential } from './elementary.ts';

describe('the elementary functions of tables', () => {
  it('are exp to 1e-12 of its value from -50 to 0, to 1e-13 absolutely below', () => {
    let worst = 0;
    for (let x = -50; x <= 0; x += 1 / 128) worst = Math.max(worst, Math.abs(exponential(x) / Math.exp(x) - 1));
    expect(worst).toBeLessThan(1e-12);
    for (let x = -1000; x <= -50; x += 0.5) expect(Math.abs(exponential(x) - Math.exp(x))).toBeLessThan(1e-13);
    expect(exponential(0)).toBe(1);
  });

  it('are cos and sin to 1e-13 within a turn', () => {
    let worst = 0;
    for (let x = -2 * Math.PI; x <= 2 * Math.PI; x += 1 / 1024) {
      const { cosine, sine } = circle(x);
      worst = Math.max(worst, Math.abs(cosine - Math.cos(x)), Math.abs(sine - Math.sin(x)));
    }
    expect(worst).toBeLessThan(1e-13);
    expect(circle(0)).toEqual({ cosine: 1, sine: 0 });
  });
});
