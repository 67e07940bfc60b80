import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import type { Plan, Release } from '../plan/plan.ts';
import { checkedPlan, oneRoundPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import type { Permutation } from './order.ts';
import {
  awaited,
  type ScheduleEvent,
  type ScheduleRule,
  type ScheduleState,
  scheduleRule,
  scheduleStep,
  startSchedule,
} from './schedule.ts';

const MEMBERS = 12;

/** As the beacon's shuffle: a function of the label alone, here by a hash. */
const permutation: Permutation = (label, count) => {
  const { sha256 } = nodePrimitives();
  const key = (i: number): string => Buffer.from(sha256(Buffer.from(`${label}/${i}`))).toString('hex');
  const order = Array.from({ length: count }, (_, i) => ({ i, key: key(i) }));
  return Uint32Array.from(order.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ i }) => i));
};

const turn: Release = { after: 'turn', warning: 'every release shows the update of one participant' };

function ruleOf(schedule: Plan['exchange']['schedule'], change: (plan: Plan) => Plan = (plan) => plan): ScheduleRule {
  if (schedule === 'one-round') return scheduleRule(checkedPlan(change(oneRoundPlan())), MEMBERS);
  const protection = schedule === 'synchronous' ? 'mask' : 'one-shot';
  return scheduleRule(checkedPlan(change(samplePlan({ schedule, protection }))), MEMBERS);
}
const releasingTurns = (plan: Plan): Plan =>
  ({
    ...plan,
    exchange: { ...plan.exchange, release: turn },
    protection: { kind: 'none', reason: 'a test of turns' },
  }) as Plan;

class Fold {
  state: ScheduleState;
  readonly rule: ScheduleRule;
  constructor(rule: ScheduleRule) {
    this.rule = rule;
    this.state = startSchedule(rule, permutation);
  }
  do(event: ScheduleEvent): this {
    const step = scheduleStep(this.rule, this.state, event, permutation);
    if (step.kind === 'refused') throw new Error(`${step.reason}: ${step.text}`);
    this.state = step.state;
    return this;
  }
  contributed(...members: readonly number[]): this {
    for (const member of members) this.do({ kind: 'contributed', member, version: this.state.version });
    return this;
  }
  refusal(event: ScheduleEvent): string {
    const step = scheduleStep(this.rule, this.state, event, permutation);
    return step.kind === 'refused' ? step.reason : 'taken';
  }
  get awaited(): readonly number[] {
    return awaited(this.rule, this.state);
  }
  /** All of one cycle, each in its turn. */
  wholeOrder(): readonly number[] {
    const order: number[] = [];
    while (this.state.phase === 'collecting') {
      const [member] = this.awaited;
      if (member === undefined) throw new Error('nobody is awaited');
      order.push(member);
      this.contributed(member);
    }
    return order;
  }
}

const everybody = Array.from({ length: MEMBERS }, (_, i) => i);

describe('a synchronous round', () => {
  it('takes everybody once, in any order, and is due when all came', () => {
    const fold = new Fold(ruleOf('synchronous'));
    expect(fold.awaited).toEqual(everybody);
    fold.contributed(...everybody.slice(1).reverse());
    expect(fold.state.phase).toBe('collecting');
    expect(fold.refusal({ kind: 'contributed', member: 5, version: 0 })).toBe('twice in a release');
    fold.contributed(0);
    expect(fold.state.phase).toBe('due');
    expect(fold.refusal({ kind: 'contributed', member: 0, version: 0 })).toBe('not collecting');
    fold.do({ kind: 'released' });
    expect(fold.state).toMatchObject({ version: 1, contributors: [], phase: 'collecting' });
    expect(fold.refusal({ kind: 'contributed', member: 0, version: 0 })).toBe('another model');
    expect(fold.refusal({ kind: 'contributed', member: 0, version: 2 })).toBe('another model');
  });

  it('is due at the end of its window with the minimum, and fails with one fewer', () => {
    const rule = ruleOf('synchronous');
    expect(rule.fewest).toBe(9);
    expect(new Fold(rule).contributed(...everybody.slice(0, 9)).do({ kind: 'window over' }).state.phase).toBe('due');
    const few = new Fold(rule).contributed(...everybody.slice(0, 8)).do({ kind: 'window over' });
    expect(few.state.phase).toBe('failed');
    expect(few.refusal({ kind: 'released' })).toBe('nothing is due');
  });

  it('does not wait for those who are missing, and fails when too many are', () => {
    const fold = new Fold(ruleOf('synchronous')).contributed(...everybody.slice(0, 9));
    for (const member of [9, 10, 11]) fold.do({ kind: 'missing', member });
    expect(fold.state.phase).toBe('due');
    const few = new Fold(ruleOf('synchronous')).contributed(...everybody.slice(0, 8));
    for (const member of [8, 9, 10, 11]) few.do({ kind: 'missing', member });
    expect(few.state.phase).toBe('failed');
    expect(few.refusal({ kind: 'missing', member: 3 })).toBe('not collecting');
  });

  it('samples its cohort by the beacon: the size of the plan, another one each round, nobody from outside', () => {
    const sampled = (plan: Plan): Plan =>
      ({ ...plan, exchange: { ...plan.exchange, cohort: { kind: 'sampled', size: 9 } } }) as Plan;
    const fold = new Fold(ruleOf('synchronous', sampled));
    const cohorts: string[] = [];
    const seen = new Set<number>();
    for (let round = 0; round < 6; round++) {
      const { members } = fold.state;
      expect(members).toHaveLength(9);
      expect(new Set(members).size).toBe(9);
      const outside = everybody.find((member) => !members.includes(member)) ?? -1;
      expect(fold.refusal({ kind: 'contributed', member: outside, version: round })).toBe('not in this release');
      cohorts.push(members.join());
      for (const member of members) seen.add(member);
      fold.contributed(...members).do({ kind: 'released' });
    }
    expect(new Set(cohorts).size).toBe(6);
    expect(seen.size).toBe(MEMBERS);
  });
});

describe.each(['round-robin', 'random-order'] as const)('turns in %s', (schedule) => {
  it('take one member at a time, and release a cycle', () => {
    const fold = new Fold(ruleOf(schedule));
    const [first, second] = fold.state.members;
    expect(fold.awaited).toEqual([first]);
    expect(fold.refusal({ kind: 'contributed', member: second, version: 0 })).toBe('not its turn');
    const order = fold.wholeOrder();
    expect([...order].sort((a, b) => a - b)).toEqual(everybody);
    expect(fold.state).toMatchObject({ phase: 'due', version: 0 });
    const next = fold.do({ kind: 'released' }).wholeOrder();
    if (schedule === 'round-robin') expect(next).toEqual(order);
    else expect(next).not.toEqual(order);
  });

  it('pass over who is missing, before or in its turn, and fail below the minimum', () => {
    const fold = new Fold(ruleOf(schedule));
    const [first, second, third] = fold.state.members;
    fold.do({ kind: 'missing', member: second }).contributed(first);
    expect(fold.awaited).toEqual([third]);
    fold.do({ kind: 'missing', member: third });
    expect(fold.refusal({ kind: 'contributed', member: third, version: 0 })).toBe('twice in a release');
    fold.wholeOrder();
    expect(fold.state.phase).toBe('due');
    expect(fold.state.contributors).toHaveLength(MEMBERS - 2);
    const few = new Fold(ruleOf(schedule));
    for (const member of few.state.members.slice(0, 4)) few.do({ kind: 'missing', member });
    few.wholeOrder();
    expect(few.state.phase).toBe('failed');
  });

  it('release every turn only where the plan spells it out, and go on with the same order', () => {
    const fold = new Fold(ruleOf(schedule, releasingTurns));
    const { members } = fold.state;
    members.forEach((member, at) => {
      expect(fold.awaited).toEqual([member]);
      if (at > 0) expect(fold.refusal({ kind: 'contributed', member: members[at - 1], version: at })).not.toBe('taken');
      fold.contributed(member);
      expect(fold.state).toMatchObject({ phase: 'due', version: at, contributors: [member] });
      fold.do({ kind: 'released' });
    });
    expect(fold.state).toMatchObject({ version: MEMBERS, cycle: 1, turn: 0 });
    // Whoever lets the last turn pass does not stop the run.
    const late = new Fold(ruleOf(schedule, releasingTurns));
    const last = late.state.members[MEMBERS - 1] ?? -1;
    late.do({ kind: 'missing', member: last });
    for (let at = 0; at < MEMBERS - 1; at++) late.contributed(late.awaited[0] ?? -1).do({ kind: 'released' });
    expect(late.state).toMatchObject({ version: MEMBERS - 1, phase: 'collecting', cycle: 1 });
  });
});

describe('an asynchronous exchange', () => {
  const rule = (): ScheduleRule => ruleOf('asynchronous');

  it('releases when its buffer is full, never before, and takes each once a buffer', () => {
    const fold = new Fold(rule()).contributed(...everybody.slice(0, 8));
    expect(fold.refusal({ kind: 'contributed', member: 3, version: 0 })).toBe('twice in a release');
    fold.do({ kind: 'window over' });
    expect(fold.state.phase).toBe('collecting');
    fold.contributed(11);
    expect(fold.state.phase).toBe('due');
    fold.do({ kind: 'released' }).contributed(3);
    expect(fold.state).toMatchObject({ version: 1, contributors: [3] });
  });

  it('takes what is at most so many versions old', () => {
    const fold = new Fold(rule());
    for (let release = 0; release < 6; release++) fold.contributed(...everybody.slice(0, 9)).do({ kind: 'released' });
    expect(fold.refusal({ kind: 'contributed', member: 0, version: 1 })).toBe('too stale');
    expect(fold.refusal({ kind: 'contributed', member: 0, version: 2 })).toBe('taken');
    expect(fold.refusal({ kind: 'contributed', member: 0, version: 7 })).toBe('another model');
    expect(fold.refusal({ kind: 'contributed', member: 0, version: -1 })).toBe('another model');
  });

  it('fails when those who are left cannot fill it', () => {
    const fold = new Fold(rule());
    for (const member of [0, 1, 2]) fold.do({ kind: 'missing', member });
    expect(fold.state.phase).toBe('collecting');
    fold.do({ kind: 'missing', member: 3 });
    expect(fold.state.phase).toBe('failed');
  });
});

describe('every schedule', () => {
  it('never releases fewer than the minimum, whatever happens: 300 random histories', () => {
    let seed = 1;
    const below = (bound: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * bound);
    };
    const rules = (['synchronous', 'round-robin', 'random-order', 'asynchronous', 'one-round'] as const).map((one) =>
      ruleOf(one),
    );
    let due = 0;
    let failed = 0;
    for (let history = 0; history < 300; history++) {
      const rule = rules[history % rules.length];
      const fold = new Fold(rule);
      for (let step = 0; step < 60; step++) {
        const member = below(MEMBERS + 1);
        const kinds = [
          'contributed',
          'contributed',
          'contributed',
          'missing',
          below(8) === 0 ? 'window over' : 'released',
        ] as const;
        const kind = kinds[below(kinds.length)];
        const event: ScheduleEvent =
          kind === 'contributed'
            ? {
                kind,
                member: below(3) > 0 ? (fold.awaited[0] ?? member) : member,
                version: fold.state.version - (below(9) === 0 ? 1 : 0),
              }
            : kind === 'missing'
              ? { kind, member }
              : { kind };
        const result = scheduleStep(rule, fold.state, event, permutation);
        if (result.kind === 'refused') continue;
        if (result.state.phase === 'due') {
          due += 1;
          expect(result.state.contributors.length).toBeGreaterThanOrEqual(rule.fewest);
          expect(new Set(result.state.contributors).size).toBe(result.state.contributors.length);
        }
        if (result.state.phase === 'failed') failed += 1;
        fold.state = result.state;
      }
    }
    // Both ends were seen, or this test would hold of nothing.
    expect(due).toBeGreaterThan(20);
    expect(failed).toBeGreaterThan(20);
  });

  it('is not for fewer or more members than the plan has', () => {
    for (const members of [8, 31, 9.5]) expect(() => scheduleRule(checkedPlan(), members)).toThrow(/members/);
  });
});
