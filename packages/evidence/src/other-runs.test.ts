// Logs of runs of other kinds than the usual one are examined without a word: turns, buffers, sums for participants alone.

import { ledgerText } from '@sumus/federation/ledger';
import { checkPlan, type Plan, problemLines } from '@sumus/federation/plan';
import { eventLine } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { dealtOut, labelledExamples } from '@sumus/simulation/examples';
import { diceOf, seededBytes, simulate } from '@sumus/simulation/federation';
import { describe, expect, it } from 'vitest';
import { evidenceOf } from './document/index.ts';
import { examineLog } from './log/index.ts';
import { evidencePage } from './page/index.ts';
import { samplePlan, textOf } from './sample-run.contract.ts';

type Change = (plan: Plan) => Plan;

const localOf = ({ exchange }: Plan) => {
  if (exchange.schedule === 'one-round') throw new RangeError('no rounds');
  const { localWork, combine, server } = exchange;
  return { localWork, combine, server };
};

const kinds: readonly (readonly [string, Change])[] = [
  [
    'in turns, a release each',
    (plan) => ({
      ...plan,
      exchange: {
        ...localOf(plan),
        schedule: 'round-robin',
        release: { after: 'turn', warning: 'every release shows the update of one participant' },
      },
      protection: { kind: 'none', reason: 'numbers that belong to nobody' },
      contributors: { ...plan.contributors, minimum: 4 },
    }),
  ],
  [
    'in random order, under one-shot, for participants alone',
    (plan) => ({
      ...plan,
      openedTo: 'participants',
      exchange: { ...localOf(plan), schedule: 'random-order', release: { after: 'cycle' } },
    }),
  ],
  [
    'of buffers, under one-shot',
    (plan) => ({
      ...plan,
      exchange: {
        ...localOf(plan),
        schedule: 'asynchronous',
        release: { after: 'cycle' },
        buffer: 4,
        staleness: { atMost: 2, weight: 'constant' },
      },
    }),
  ],
];

describe.each(kinds)('a run %s', (_, change) => {
  it('has a log that is examined and evidence that is made', async () => {
    const platform = nodePrimitives();
    const check = checkPlan(change(samplePlan('one-shot', null)));
    if (check.kind === 'invalid') throw new RangeError(problemLines(check.problems).join('; '));
    const dice = diceOf(seededBytes(platform, 3, 'data'));
    const labels = Uint32Array.from({ length: 100 }, () => dice.below(3));
    const inputs = Float32Array.from({ length: 800 }, () => dice.below(1000) / 1000);
    const all = labelledExamples({ name: 'made up', inputSize: 8, inputs, labels, classNames: ['a', 'b', 'c'] });
    const random = seededBytes(platform, 3, 'partition');
    const parts = dealtOut(all, { participants: 5, partition: { kind: 'iid' }, atLeast: 1 }, random);
    const { server, members } = await simulate({ platform, plan: check.plan, parts, seed: 3, now: () => 0 });
    const text = textOf(server.disk.events.map(eventLine));
    const ledgers = members.map(({ name, state }) => ({ member: name, text: ledgerText(state?.ledger.records ?? []) }));
    const examined = await examineLog(platform, { text, ledgers });
    expect(examined.findings).toEqual([]);
    expect(examined.state?.releases.length).toBeGreaterThan(0);
    const software = { name: 'sumus', version: '0', commit: null, runtime: null };
    const evidence = evidenceOf({ examined, software, madeAtMs: 1_795_000_000_000 });
    expect(evidence.artefacts).toHaveLength(21);
    expect(evidencePage(evidence)).toContain('</html>');
  }, 60_000);
});
