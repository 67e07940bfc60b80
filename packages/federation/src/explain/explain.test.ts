import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { checkedPlan, oneRoundPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import { wordEncodingOf } from '../plan/sums.ts';
import { explain, explanationText } from './index.ts';
import { upwards } from './privacy-in-words.ts';

const textOf = (plan: unknown): string => explanationText(explain(checkedPlan(plan)));

describe('an explanation', () => {
  it('says that masks hide updates and show the sum, and how many may collude', () => {
    const { server, collusion } = explain(checkedPlan());
    expect(server.join(' ')).toContain('masked words');
    expect(server.join(' ')).toContain('at least 9 contributions');
    expect(collusion.join(' ')).toContain('up to 3 of each 9 participants');
    expect(collusion.join(' ')).toContain('8 of 9 contributors');
  });

  it('says that without protection the server reads everything, first of all warnings', () => {
    const { server, warnings } = explain(checkedPlan(samplePlan({ protection: 'none' })));
    expect(server.join(' ')).toContain('Every update of every participant, in clear.');
    expect(warnings[0]).toContain('the digits are published already');
  });

  it('says that the server sees neither sums nor models where they are for participants', () => {
    const plan = samplePlan({ schedule: 'asynchronous', protection: 'one-shot' });
    expect(explain(checkedPlan({ ...plan, openedTo: 'participants' })).server.join(' ')).toContain(
      'neither a sum nor a model',
    );
    expect(explain(checkedPlan(plan)).server.join(' ')).toContain('learns the sum');
  });

  it('says that threshold members together open everything', () => {
    expect(textOf(samplePlan({ protection: 'threshold' }))).toContain(
      '21 of 30 members together can open any contribution',
    );
  });

  it('says that a release per turn shows the update of the one before', () => {
    const plan = samplePlan({ schedule: 'round-robin', protection: 'none' });
    const turn = { after: 'turn', warning: 'every release shows the update of one participant' };
    const text = textOf({ ...plan, exchange: { ...plan.exchange, release: turn } });
    expect(text).toContain('The update of the one before, by subtraction.');
    expect(text).not.toContain('contributors who tell each other');
  });

  it('says that metrics are those of every cohort by itself', () => {
    const plan = samplePlan({ minimumContributors: 15 });
    const inCohorts = { ...plan, robustness: { kind: 'cohorts', cohorts: 5, rule: 'median', trim: 0 } };
    expect(textOf(inCohorts)).toContain("The loss of each cohort's sum of 3 contributors or more");
    expect(textOf(plan)).toContain('The loss of a sum');
  });

  it('says what a table is made of, what is summed for it, and who learns that', () => {
    const table = {
      ...samplePlan(),
      preparation: {
        kind: 'table',
        columns: Array.from({ length: 784 }, (_, i) => ({ name: `c${i}`, type: 'number' })),
        target: { column: 'income', classes: ['low', 'high'] },
        steps: [{ kind: 'standard', column: 'c0', bounds: [0, 1] }],
        rowsAtMost: 1000,
      },
    };
    const text = textOf(table);
    expect(text).toContain('784 columns of a table become numbers by one recipe for all, and income is predicted');
    expect(text).toContain('3 sums of columns');
    expect(text).toContain('one participant counts for at most 1000 rows');
    expect(text).toContain('means, deviations and most frequent categories that were summed');
    const declared = { ...table, preparation: { ...table.preparation, steps: [] } };
    expect(textOf(declared)).toContain('nothing has to be summed for it');
    const scattered = { ...samplePlan(), preparation: { kind: 'scattering', featureCount: 784, radius: 28 } };
    expect(textOf(scattered)).toContain('784 scattering features of each image');
  });

  it('says the ε at the end, rounded up, and of how many rounds', () => {
    const plan = checkedPlan(samplePlan({ epsilon: 30 }));
    const { epsilon, rounds, sentences } = explain(plan).privacy;
    if (epsilon === null) throw new Error('no ε');
    expect(rounds).toBe(20);
    const said = Number(/ε ≤ ([\d.]+) /.exec(sentences[0] ?? '')?.[1]);
    expect(said).toBeGreaterThanOrEqual(epsilon);
    expect(said).toBeLessThan(epsilon * 1.002);
  });

  it('says when the budget ends before the rounds do', () => {
    const plan = samplePlan({ epsilon: 3 });
    const weak = { ...plan, privacy: { ...plan.privacy, noiseMultiplier: 1, epsilonAtMost: 2.5 } };
    const { privacy, warnings } = explain(checkedPlan(weak));
    expect(privacy.rounds).toBeLessThan(20);
    expect(privacy.epsilon).toBeLessThanOrEqual(2.5);
    expect(warnings.join(' ')).toContain(`pays for ${privacy.rounds} of the 20 rounds`);
  });

  it('says that nothing is promised where nothing is', () => {
    const { privacy, warnings } = explain(checkedPlan());
    expect(privacy.epsilon).toBeNull();
    expect(privacy.sentences[0]).toContain('nothing is promised');
    expect(warnings.join(' ')).toContain('data minimisation, not privacy');
  });

  it("says the paper's true ε beside the one per upload", () => {
    const plan: Plan = {
      ...samplePlan({ protection: 'none' }),
      sharing: {
        ...samplePlan().sharing,
        upload: { fraction: 0.1, selection: { kind: 'random-above-threshold', threshold: 1e-4 } },
        clamp: 1e-3,
      },
      privacy: {
        kind: 'sparse-vector',
        unit: 'participant',
        adjacency: 'replace-one',
        delta: 1e-6,
        epsilonAtMost: 1e6,
        epsilonPerUpload: 1,
        threshold: 1e-4,
      },
      metrics: [],
    };
    expect(textOf(plan)).toContain('ε = 1 an upload is ε = 785 a round');
  });

  it('counts bytes as secure-sum packs them', () => {
    const plan = checkedPlan();
    const { words, wordBits } = wordEncodingOf(plan);
    const { vector, up, down } = explain(plan).bytes;
    expect(vector).toBe(Math.ceil((words * wordBits) / 8));
    expect(up).toBeGreaterThan(vector);
    expect(down).toBe(4 * 7850);
    for (const protection of ['one-shot', 'threshold'] as const) {
      expect(explain(checkedPlan(samplePlan({ protection }))).bytes.up).toBeGreaterThan(vector);
    }
    const own = samplePlan({ protection: 'none', uploadFraction: 0.01 });
    expect(explain(checkedPlan({ ...own, sharing: { ...own.sharing, support: { kind: 'own' } } })).bytes.up).toBe(
      79 * 7,
    );
    expect(explain(checkedPlan(oneRoundPlan())).bytes.down).toBe(0);
  });

  it('has no sentence without its end', () => {
    for (const plan of [
      samplePlan(),
      samplePlan({ epsilon: 3 }),
      oneRoundPlan(),
      samplePlan({ protection: 'threshold' }),
    ]) {
      const { run, server, participants, collusion, warnings } = explain(checkedPlan(plan));
      for (const sentence of [...run, ...server, ...participants, ...collusion, ...warnings]) {
        expect(sentence).toMatch(/^[A-Z0-9].*[.a-z]$/);
        expect(sentence).not.toMatch(/undefined|NaN|\[object/);
      }
    }
  });
});

it('never rounds an ε down', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (epsilon) => {
      const said = Number(upwards(epsilon));
      expect(said).toBeGreaterThanOrEqual(epsilon);
      expect(said).toBeLessThanOrEqual(epsilon * 1.0021);
    }),
    { seed: 3, numRuns: 2000 },
  );
});
