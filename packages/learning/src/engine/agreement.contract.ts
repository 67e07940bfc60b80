// Runs one kernel call in both engines on equal inputs. Every buffer stands between guards, so that a kernel that writes past an end
// is caught even when what it computes is right.

import { expect } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';

const GUARD = 16;
const GUARD_VALUE = 12345.678;

/** Seeded floats in [-1, 1), for tests only (mulberry32). */
export function seededFloats(length: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 0x9e3779b9) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

export type Buffers = Readonly<Record<string, Float32Array>>;

let engines: Promise<readonly Engine[]> | undefined;

/** What every buffer holds after `run`, in the WebAssembly engine and in the reference engine. */
export async function inBothEngines(
  buffers: Buffers,
  run: (engine: Engine, at: (name: string) => number) => void,
): Promise<readonly [wasm: Buffers, reference: Buffers]> {
  engines ??= Promise.all([wasmEngine(), referenceEngine()]);
  const results = (await engines).map((engine): Buffers => {
    const places = new Map<string, number>();
    for (const [name, values] of Object.entries(buffers)) {
      const start = engine.memory.reserve(4 * (values.length + 2 * GUARD));
      places.set(name, start + 4 * GUARD);
    }
    for (const [name, values] of Object.entries(buffers)) {
      const guarded = engine.memory.f32((places.get(name) ?? 0) - 4 * GUARD, values.length + 2 * GUARD);
      guarded.fill(GUARD_VALUE);
      guarded.set(values, GUARD);
    }
    run(engine, (name) => {
      const place = places.get(name);
      if (place === undefined) throw new Error(`no buffer ${name}`);
      return place;
    });
    return Object.fromEntries(
      Object.entries(buffers).map(([name, values]) => {
        const guarded = engine.memory.f32((places.get(name) ?? 0) - 4 * GUARD, values.length + 2 * GUARD);
        for (let i = 0; i < GUARD; i++) {
          expect(guarded[i], `${engine.name}: ${name}, ${GUARD - i} before its start`).toBe(Math.fround(GUARD_VALUE));
          expect(guarded[GUARD + values.length + i], `${engine.name}: ${name}, ${i} past its end`).toBe(
            Math.fround(GUARD_VALUE),
          );
        }
        return [name, guarded.slice(GUARD, GUARD + values.length)];
      }),
    );
  });
  return [results[0], results[1]];
}

/** Largest |a - b| / max(1, |b|). */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    const error = Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i]));
    if (Number.isNaN(error)) return Number.NaN;
    worst = Math.max(worst, error);
  }
  return worst;
}

/** Runs in both engines and requires the named buffers to agree to `tolerance`. */
export async function agree(
  buffers: Buffers,
  outputs: readonly string[],
  tolerance: number,
  run: (engine: Engine, at: (name: string) => number) => void,
): Promise<void> {
  const [wasm, reference] = await inBothEngines(buffers, run);
  for (const name of outputs) {
    expect(distance(wasm[name], reference[name]), `${name} differs`).toBeLessThanOrEqual(tolerance);
    expect(
      buffers[name].some((value, i) => value !== reference[name][i]),
      `${name} was written`,
    ).toBe(true);
  }
}
