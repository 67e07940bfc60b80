// Contributions through real sums and back into a model: DSSGD with error feedback, released per cycle, over several cycles. Every protection
// publishes the same bytes as plain addition, and so the same model: accuracy with and without protection is the same number.
import type { Engine } from '@sumus/secure-sum/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { type KeptInTheClear, NOTHING_KEPT } from '../contribution/index.ts';
import {
  added,
  contributed,
  firstOf,
  numbers,
  rotationFor,
  smallPlan,
  sumEngine,
  supportFor,
  workOf,
} from '../contribution/small-run.contract.ts';
import type { CheckedPlan, Protection } from '../plan/index.ts';
import { checkedPlan } from '../plan/sample-plans.contract.ts';
import {
  COMMITTEE,
  MASK,
  ONE_SHOT,
  playSum,
  pointAt,
  type SumWorld,
  sumWorld,
  THRESHOLD,
} from '../sum/sum-world.contract.ts';
import { bytesOfPublished, type Published, release } from './index.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await sumEngine();
});

const MEMBERS = [0, 1, 2, 3, 4];
const isFull =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
/** A key that nobody holds is made anew in every point of the threshold world: one cycle of it, all of them in a full run. */
const cyclesUnder = ({ kind }: Protection): number => (kind === 'threshold' && !isFull ? 1 : 3);

const CLEAR: Protection = { kind: 'none', reason: 'numbers that nobody has to protect' };

/** Only the protection differs: what is encoded is bound to the same numbers. */
const planUnder = (protection: Protection, options: Parameters<typeof smallPlan>[0]): CheckedPlan =>
  checkedPlan({
    ...smallPlan({
      minimumContributors: 4,
      maximumContributors: 5,
      ...options,
      protection: options?.schedule === undefined ? 'mask' : 'one-shot',
    }),
    protection,
  });

interface Cycled {
  readonly published: Published;
  readonly sums: readonly Int32Array[];
}

/** The sums are made by `sumOf`: a real one, or plain addition. */
async function cycled(
  plan: CheckedPlan,
  cycles: number,
  sumOf: (words: readonly Int32Array[], cycle: number) => Promise<Int32Array>,
): Promise<Cycled> {
  let published = firstOf(plan);
  let kept: readonly KeptInTheClear[] = MEMBERS.map(() => NOTHING_KEPT);
  const sums: Int32Array[] = [];
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const all = MEMBERS.map((member) =>
      contributed(plan, workOf(numbers(10 * cycle + member, 0.3)), {
        engine,
        published,
        kept: kept[member],
        seed: 10 * cycle + member,
        round: cycle,
      }),
    );
    kept = all.map((one) => one.kept);
    const words = await sumOf(
      all.map((one) => one.words),
      cycle,
    );
    sums.push(words);
    const result = release(engine, plan, {
      published,
      support: supportFor(plan, published, cycle),
      sums: [{ words, contributors: MEMBERS.length, rotation: rotationFor(plan, cycle) }],
      memberCount: MEMBERS.length,
    });
    if (result.kind === 'rejected') throw new Error(result.reason);
    published = result.published;
  }
  return { published, sums };
}

async function worldOf(plan: CheckedPlan): Promise<SumWorld> {
  const { protection } = plan;
  const committee = protection.kind === 'one-shot' ? { committee: COMMITTEE } : {};
  return sumWorld({ protection, members: MEMBERS.length, minimum: 4, change: () => plan, ...committee });
}

async function through(plan: CheckedPlan): Promise<Cycled> {
  const world = await worldOf(plan);
  return cycled(plan, cyclesUnder(plan.protection), async (words, cycle) => {
    const played = await playSum(world, pointAt(cycle), { words: (index) => words[index] ?? new Int32Array(0) });
    if (played.result?.sum === undefined) throw new Error(`no sum: ${played.aborted}`);
    return played.result.sum;
  });
}

const feedback = { uploadFraction: 0.1 };

describe.each<readonly [string, Protection]>([
  ['none', CLEAR],
  ['mask', MASK],
  ['one-shot', ONE_SHOT],
  ['threshold', THRESHOLD],
])('under %s', (_, protection) => {
  it('a tenth of each update with error feedback gives the bits of plain addition', async () => {
    const plan = planUnder(protection, feedback);
    const plain = await cycled(planUnder(CLEAR, feedback), cyclesUnder(protection), async (words) => added(words));
    const found = await through(plan);
    expect(found.sums).toEqual(plain.sums);
    expect(bytesOfPublished(found.published)).toEqual(bytesOfPublished(plain.published));
    expect(plain.sums[0]?.some((word) => word !== 0)).toBe(true);
  });
});

describe.each<readonly [string, Protection]>([
  ['mask', MASK],
  ['one-shot', ONE_SHOT],
])('under %s with a promise', (_, protection) => {
  it('the noise of every participant is in the sum, to the bit', async () => {
    const options = { epsilon: 8, unit: 'participant' as const, rounds: 3 };
    const withNoise = planUnder(protection, options);
    const found = await through(withNoise);
    const plain = await cycled(withNoise, 3, async (words) => added(words));
    expect(found.sums).toEqual(plain.sums);
    expect(bytesOfPublished(found.published)).toEqual(bytesOfPublished(plain.published));
  });
});

describe('a cycle of turns under one-shot', () => {
  it.each(['round-robin', 'random-order'] as const)('%s gives the bits of plain addition', async (schedule) => {
    const options = { uploadFraction: 0.1, schedule };
    const plain = await cycled(planUnder(CLEAR, options), 3, async (words) => added(words));
    const found = await through(planUnder(ONE_SHOT, options));
    expect(found.sums).toEqual(plain.sums);
    expect(bytesOfPublished(found.published)).toEqual(bytesOfPublished(plain.published));
  });
});
