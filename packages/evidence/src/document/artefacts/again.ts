// 20 and 21: how the run can be told from any other and made again as far as it may, and when all of this has to be looked at anew.

import { epsilonAfter } from '@sumus/federation/plan';
import { computed, inLog, inPlan } from '../fact.ts';
import { eventsOf, type Making, type Subject } from '../subject.ts';
import { upwards } from '../upwards.ts';

export const reproducibility: Making = (subject, exhibit) => {
  const { signed, plan, software, examined, tests, benches, state } = subject;
  const { model } = plan;
  exhibit.fact(
    `Plan ${signed.id}, signed by ${signed.signedBy}: everything that was agreed follows from it.`,
    inPlan('its identity'),
  );
  exhibit.fact(
    `First weights: seed ${model.firstWeightsSeed} and the architecture; published as ${state.first.modelHash}. Seeds of noise, keys and batches are never kept.`,
    inPlan('model.firstWeightsSeed'),
  );
  exhibit.fact(
    `${software.name} ${software.version}, commit ${software.commit ?? 'not told'}, runtime ${software.runtime ?? 'not told'}.`,
    computed('the software that made this document'),
  );
  exhibit.fact(`Log: ${examined.digest.size} events, digest ${examined.digest.head}.`, inLog('all'));
  const last = eventsOf(subject, 'released').at(-1);
  if (last !== undefined)
    exhibit.fact(
      `Last model: version ${last.event.version}, SHA-256 ${last.event.modelHash ?? 'known to the participants alone'}.`,
      inLog(`event ${last.at}`),
    );
  if (tests === undefined) exhibit.missing('A report of the software’s tests (--tests)');
  else {
    const said = `Tests: ${tests.passed} passed, ${tests.failed} failed; report SHA-256 ${tests.sha256}.`;
    exhibit.fact(said, { from: 'test', where: 'the report that was handed in' }, tests.failed === 0);
  }
  for (const { bench, sha256, machine, smoke } of benches) {
    exhibit.fact(`Bench ${bench}${smoke ? ' (a smoke run: it measured nothing)' : ''}, report SHA-256 ${sha256}.`, {
      from: 'report',
      where: machine,
    });
  }
};

const BUDGET_SHARE = 0.8;

export const reassessment: Making = (subject, exhibit) => {
  const triggers = triggersOf(subject);
  exhibit.table({
    title: 'When this has to be looked at anew',
    columns: ['trigger', 'now', 'has happened'],
    rows: triggers.map(({ trigger, now, hasHappened }) => [trigger, now, hasHappened ? 'YES' : 'no']),
    source: computed('log, plan and ledgers'),
  });
};

interface Trigger {
  readonly trigger: string;
  readonly now: string;
  readonly hasHappened: boolean;
}

function triggersOf(subject: Subject): readonly Trigger[] {
  const { plan, signed, examined } = subject;
  const started = eventsOf(subject, 'run started')[0]?.at ?? Number.POSITIVE_INFINITY;
  const late = eventsOf(subject, 'member joined').filter(({ at }) => at > started);
  const gone = eventsOf(subject, 'member left');
  const evidence = eventsOf(subject, 'evidence found');
  const triggers: Trigger[] = [
    {
      trigger: 'a new party',
      now: late.length === 0 ? 'none since the run began' : late.map(({ event }) => event.cause.member).join(', '),
      hasHappened: late.length > 0,
    },
    {
      trigger: 'a party left or was given up',
      now: gone.length === 0 ? 'none' : gone.map(({ event }) => event.member).join(', '),
      hasHappened: gone.length > 0,
    },
    {
      trigger: 'a change of parameters',
      now: `plan ${signed.id}: any other is another run, and needs everybody’s yes anew`,
      hasHappened: false,
    },
    {
      trigger: 'somebody broke the rules',
      now: evidence.length === 0 ? 'no evidence' : `${evidence.length} times`,
      hasHappened: evidence.length > 0,
    },
    {
      trigger: 'something is wrong with log or ledgers',
      now: `${examined.findings.length} findings`,
      hasHappened: examined.findings.length > 0,
    },
  ];
  const { privacy } = plan;
  if (privacy.kind === 'none') return triggers;
  const tried = eventsOf(subject, 'released').length + eventsOf(subject, 'round failed').length;
  const answer = tried === 0 ? undefined : epsilonAfter(plan, tried);
  const spent = answer?.kind === 'bound' ? answer.epsilon : tried === 0 ? 0 : Number.POSITIVE_INFINITY;
  const now = `ε ≤ ${upwards(spent)} of ${privacy.epsilonAtMost} in this run`;
  return [
    ...triggers,
    {
      trigger: `more than ${100 * BUDGET_SHARE} % of the budget is spent`,
      now,
      hasHappened: spent > BUDGET_SHARE * privacy.epsilonAtMost,
    },
  ];
}
