import { describe, expect, it } from 'vitest';
import { verifyLedger } from '../ledger/verify.ts';
import { fold } from './fold.ts';
import { lossOf, type RunWorld, runWorld } from './run-world.contract.ts';

async function isIntact(world: RunWorld): Promise<void> {
  const { primitives } = world.coordinatorSetup;
  const { ledger } = world.coordinator.state;
  expect((await verifyLedger(primitives, ledger.owner, ledger.records)).kind).toBe('intact');
  for (const { state } of world.members) {
    expect((await verifyLedger(primitives, state.ledger.owner, state.ledger.records)).kind).toBe('intact');
  }
}

describe.each(['none', 'mask'] as const)('a whole run under %s', (protection) => {
  it('trains one model that everybody computes, with receipts, ledgers, and a log that is its state', async () => {
    const world = await runWorld({ plan: { protection } });
    world.onStep = async () => {
      let state: ReturnType<typeof fold>;
      for (const event of world.log) state = fold(world.coordinatorSetup.primitives, state, event);
      expect(state).toEqual(world.coordinator.state);
    };
    await world.play();
    const { phase, releases } = world.coordinator.state;
    expect(world.members.flatMap(({ refused }) => refused)).toEqual([]);
    expect(world.refused).toEqual([]);
    expect(phase).toMatchObject({ kind: 'ended', why: 'all rounds done' });
    expect(releases).toHaveLength(3);
    const [first] = world.members;
    const last = first?.models.at(-1)?.published;
    if (last?.kind !== 'model') throw new Error('no model');
    for (const { models } of world.members) {
      expect(models).toHaveLength(3);
      expect(models.every(({ contributed }) => contributed)).toBe(true);
      expect(models.at(-1)?.published).toEqual(last);
    }
    expect(world.coordinator.published).toEqual(last);
    const losses = first?.models.map(({ published }) =>
      published.kind === 'model' ? lossOf(world, published.server.weights) : 9,
    );
    expect(losses?.[2]).toBeLessThan(0.7);
    expect(losses?.[2]).toBeLessThan(losses?.[0] ?? 0);
    await isIntact(world);
    for (const { state } of world.members) {
      const kinds = state.ledger.records.map(({ content }) => content.kind);
      expect(kinds.filter((kind) => kind === 'left')).toHaveLength(3);
      expect(kinds.filter((kind) => kind === 'receipt kept')).toHaveLength(3);
      // What left is what the receipts are for.
      const contents = state.ledger.records.map(({ content }) => content);
      const left = contents.flatMap((one) => (one.kind === 'left' ? [one.hash] : []));
      expect(contents.flatMap((one) => (one.kind === 'receipt kept' ? [one.contribution] : []))).toEqual(left);
    }
    expect(releases.map(({ metrics }) => metrics.map(({ name }) => name))).toEqual([['loss'], ['loss'], ['loss']]);
  });
});
