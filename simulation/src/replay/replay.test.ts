import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { Seen } from './leak.ts';
import { play } from './play.ts';
import { openedTwice } from './verdict.ts';

const platform = nodePrimitives();

describe('a run without faults', () => {
  it.each(['mask'] as const)(
    'under %s comes to the right sums, twice alike, and nothing gets out',
    async (protection) => {
      const first = await play(platform, 1, { protection, faults: [] });
      expect(first.verdict).toEqual({ outcome: 'right sums', sums: 2, end: 'all rounds done', problems: [] });
      const again = await play(platform, 1, { protection, faults: [] });
      const logOf = ({ simulated }: typeof first) => JSON.stringify(simulated.server.disk.events);
      expect(logOf(again)).toBe(logOf(first));
    },
  );
});

describe('the search for leaks', () => {
  it('finds every upload where nothing protects it', async () => {
    const { verdict } = await play(platform, 1, { protection: 'none', faults: [] });
    expect(verdict.outcome).toBe('right sums');
    const named = verdict.problems.map((problem) => /^words of (participant-\d)/.exec(problem)?.[1]);
    expect([...new Set(named)].sort()).toEqual([1, 2, 3, 4, 5, 6].map((place) => `participant-${place}`));
  });

  it('finds words at any byte, packed at any width, up to a rounding step, and not up to more', () => {
    const words = Int32Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1000 + 37 * i));
    for (const width of [17, 21, 32]) {
      const bits = [...words].map((word) => (BigInt(word) + 1n) & (2n ** BigInt(width) - 1n));
      const packed = bits.reduce((all, word, i) => all | (word << BigInt(i * width)), 0n);
      const bytes = new Uint8Array(200);
      for (let i = 0; i < 60; i += 1) bytes[77 + i] = Number((packed >> BigInt(8 * i)) & 255n);
      const seen = new Seen([
        { where: 'here', bytes: new Uint8Array(50) },
        { where: 'there', bytes },
      ]);
      expect(seen.holdingWords([{ name: 'her', words }], width)).toEqual([{ name: 'her', where: 'there' }]);
      expect(seen.holdingWords([{ name: 'her', words: words.map((word) => word + 9) }], width)).toEqual([]);
    }
  });
});

describe('the verdict', () => {
  it('finds a sum that is not that of its contributors', async () => {
    const { verdict } = await play(platform, 1, {
      protection: 'mask',
      faults: [],
      around: (worker, place) => (work) => {
        const result = worker(work);
        if (place !== 2 || result.kind !== 'update') return result;
        return { ...result, update: result.update.map((value) => -value) };
      },
    });
    expect(verdict.problems.join()).toMatch(/model 1 is not the mean of its contributors/);
  });

  it('finds a round that was opened twice', async () => {
    const { simulated } = await play(platform, 1, { protection: 'mask', faults: [] });
    const { everAppended } = simulated.server;
    expect(openedTwice(everAppended)).toEqual([]);
    const second = everAppended.flatMap((event) =>
      event.kind === 'released' ? [{ ...event, contributors: event.contributors.slice(1) }] : [],
    );
    expect(openedTwice([...everAppended, ...second])).toHaveLength(2);
  });
});
