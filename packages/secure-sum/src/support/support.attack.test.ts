// Attack 67: a support that somebody was told otherwise, and coordinates that are one participant's.
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { configurationHash } from '../context/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { CONFIGURATION } from '../seeded-members.contract.ts';
import {
  gather,
  publishable,
  requireAnnounced,
  requirePublishable,
  supportOf,
  touchedWords,
  wholeSupport,
  zeroUnselected,
} from './index.ts';

const primitives = nodePrimitives();
const support = supportOf(primitives, 10, Uint32Array.of(0, 2, 4, 6, 8));

function codeOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

describe('attack 67: another support', () => {
  const other = supportOf(primitives, 10, Uint32Array.of(0, 2, 4, 6, 9));

  it('than the one derived here is refused where it is announced', () => {
    requireAnnounced(support, support.hash);
    expect(() => requireAnnounced(support, other.hash)).toThrow(ProtocolViolation);
    expect(codeOf(() => requireAnnounced(support, wholeSupport(primitives, 10).hash))).toBe('E_CTX');
  });

  it('is another configuration, and so another context', () => {
    const hashOf = (supportHash: Uint8Array): Uint8Array =>
      configurationHash(primitives, { ...CONFIGURATION, supportHash });
    expect(hashOf(support.hash)).not.toEqual(hashOf(other.hash));
  });
});

describe('attack 67: a coordinate of a single contributor', () => {
  // Three participants select two of five coordinates each; one of them alone touches coordinate 8.
  const vectors = [
    [9, 0, 8, 0, 1, 0, 0, 0, 0, 0],
    [7, 0, 1, 0, 6, 0, 0, 0, 0, 0],
    [5, 0, 0, 0, 1, 0, 2, 0, 4, 0],
  ].map((values) => zeroUnselected(gather(support, Float32Array.from(values)), { kind: 'largest', count: 2 }));
  const sum = (lists: readonly ArrayLike<number>[]): Int32Array =>
    Int32Array.from(lists[0], (_, i) => lists.reduce((total, list) => total + list[i], 0));
  const counts = sum(vectors.map((values) => touchedWords(support, values)));

  it('is found by the sum of touches, and its value is in no sum', () => {
    expect([...counts]).toEqual([3, 1, 1, 0, 1]);
    const narrowed = publishable(primitives, support, counts, { fewest: 2, unreliable: 0, contributors: 3 });
    expect([...(narrowed?.indices ?? [])]).toEqual([0]);
    expect(narrowed?.hash).not.toEqual(support.hash);
  });

  it('would be published without the rule: the sum there is the value of one', () => {
    const opened = sum(vectors);
    const alone = [...counts].flatMap((count, i) => (count === 1 ? [i] : []));
    for (const i of alone) expect(vectors.filter((values) => values[i] === opened[i])).toHaveLength(1);
    expect(alone).toHaveLength(3);
  });

  it('is none where everybody contributes everywhere, unless there are too few contributors', () => {
    const whole = wholeSupport(primitives, 3);
    const all = publishable(primitives, whole, Int32Array.of(3, 3, 3), { fewest: 3, unreliable: 0, contributors: 3 });
    expect([...(all?.indices ?? [])]).toEqual([0, 1, 2]);
    expect(
      publishable(primitives, whole, Int32Array.of(1, 1, 0), { fewest: 2, unreliable: 0, contributors: 3 }),
    ).toBeUndefined();
    // A corrupt one may touch where one honest participant does, and another drop out before the values are summed.
    for (const [unreliable, kept] of [
      [0, [0, 1, 2]],
      [1, [0]],
      [2, undefined],
    ] as const) {
      const narrowed = publishable(primitives, whole, Int32Array.of(3, 2, 2), {
        fewest: 2,
        unreliable,
        contributors: 3,
      });
      expect(narrowed === undefined ? undefined : [...(narrowed.indices ?? [])]).toEqual(kept);
    }
    for (const unreliable of [-1, 0.5, Number.NaN]) {
      const rule = { fewest: 2, unreliable, contributors: 3 };
      expect(codeOf(() => publishable(primitives, whole, Int32Array.of(3, 3, 3), rule))).toBe('E_PARAMETER');
    }
    requirePublishable(3, 3);
    expect(codeOf(() => requirePublishable(2, 3))).toBe('E_TOO_FEW');
  });

  it('cannot be argued away: a τ of 1, and counts that contributors cannot have, are refused', () => {
    for (const fewest of [0, 1, 1.5, Number.NaN]) {
      expect(codeOf(() => publishable(primitives, support, counts, { fewest, unreliable: 0, contributors: 3 }))).toBe(
        'E_PARAMETER',
      );
      expect(codeOf(() => requirePublishable(9, fewest))).toBe('E_PARAMETER');
    }
    const broken = [Int32Array.of(4, 0, 0, 0, 0), Int32Array.of(-1, 0, 0, 0, 0)];
    for (const words of broken) {
      expect(codeOf(() => publishable(primitives, support, words, { fewest: 2, unreliable: 0, contributors: 3 }))).toBe(
        'E_RANGE',
      );
    }
    expect(
      codeOf(() => publishable(primitives, support, new Int32Array(4), { fewest: 2, unreliable: 0, contributors: 3 })),
    ).toBe('E_LEN');
  });
});
