import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { Seen } from './leak.ts';
import { type Played, play, playedText } from './play.ts';
import { openedTwice } from './verdict.ts';

const platform = nodePrimitives();
const isFull =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
const well = { outcome: 'right sums', sums: 2, end: 'all rounds done', problems: [] };
const masked = play(platform, 1, { protection: 'mask', faults: [] });
const logOf = ({ simulated }: Played): string => JSON.stringify(simulated.server.disk.events);

describe('a run without faults', () => {
  it('under mask comes to the right sums, and nothing gets out', async () => {
    expect((await masked).verdict).toEqual(well);
  });

  it('under one-shot comes to the right sums, and nothing gets out', async () => {
    expect((await play(platform, 1, { protection: 'one-shot', faults: [] })).verdict).toEqual(well);
  });

  it('is the same again from the same seed, and another from another', async () => {
    const [first, again, other] = [
      await play(platform, 2, { protection: 'none', faults: [] }),
      await play(platform, 2, { protection: 'none', faults: [] }),
      await play(platform, 3, { protection: 'none', faults: [] }),
    ];
    expect(logOf(again)).toBe(logOf(first));
    expect(logOf(other)).not.toBe(logOf(first));
  });
});

/** Two of each kind that the order of seeds has, under both protections; all 200 with SUMUS_FULL=1. */
const seeds = isFull ? Array.from({ length: 200 }, (_, seed) => seed) : [28, 31, 47, 74, 93, 150];

describe('a schedule of faults', () => {
  it.each(seeds)('from seed %i ends in the right sums or a clean abort, and nothing gets out', async (seed) => {
    const played = await play(platform, seed);
    expect(played.verdict.problems, playedText(played).join('\n')).toEqual([]);
  });

  it('that loses and crashes nothing but time still comes to the right sums', async () => {
    const faults = [
      { kind: 'crash', who: 'server', step: 60, outputs: 1, downMs: 500 },
      { kind: 'crash', who: 2, step: 9, outputs: 1, downMs: 500 },
      { kind: 'message', from: 4, to: 'server', nth: 7, what: { kind: 'twice', againAfterMs: 900 } },
      { kind: 'message', from: 'server', to: 1, nth: 8, what: { kind: 'bent', at: 0.7 } },
    ] as const;
    const { verdict, simulated } = await play(platform, 5, { protection: 'mask', faults });
    expect(verdict).toEqual(well);
    expect(simulated.server.restarts).toBe(1);
  });
});

describe('a server that forgets what it opened', () => {
  const forgetting = (step: number, forgets: number) =>
    [{ kind: 'crash', who: 'server', step, outputs: 9, downMs: 100, forgets }] as const;

  it('opens a round twice where nothing protects sums, and the verdict finds it', async () => {
    const { verdict } = await play(platform, 8, { protection: 'none', faults: forgetting(30, 3) });
    expect(verdict.problems).toContain('round 0 was opened twice, with two results');
  });

  const places = isFull
    ? Array.from({ length: 30 }, (_, i) => [60 + i, 3 + (i % 4) * 4] as const)
    : ([[78, 8]] as const);

  it.each(places)('opens none under mask: members do not answer twice (step %i, %i events)', async (step, forgets) => {
    const { verdict } = await play(platform, 8, { protection: 'mask', faults: forgetting(step, forgets) });
    expect(verdict.problems).toEqual([]);
  });
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

  it('finds bytes wherever they are', () => {
    const seen = new Seen([
      { where: 'here', bytes: new Uint8Array(10) },
      { where: 'there', bytes: Uint8Array.of(0, 1, 2, 3, 4) },
    ]);
    expect([seen.holding(Buffer.from([1, 2, 3])), seen.holding(Buffer.from([1, 3]))]).toEqual([['there'], []]);
  });
});

describe('the verdict', () => {
  it('finds a sum that is not that of its contributors', async () => {
    const { verdict } = await play(platform, 1, {
      protection: 'none',
      faults: [],
      around: (worker, place) => (work) => {
        const result = worker(work);
        if (place !== 2 || result.kind !== 'update') return result;
        return { ...result, update: result.update.map((value) => -value) };
      },
    });
    expect(verdict.problems.join()).toMatch(/model 1 is not the mean of its contributors/);
  });

  it('finds a round that was opened twice, also where the server has forgotten the first time', async () => {
    const { everAppended } = (await masked).simulated.server;
    expect(openedTwice(everAppended)).toEqual([]);
    const second = everAppended.flatMap((event) =>
      event.kind === 'released' ? [{ ...event, contributors: event.contributors.slice(1) }] : [],
    );
    expect(openedTwice([...everAppended, ...second])).toHaveLength(2);
  });
});
