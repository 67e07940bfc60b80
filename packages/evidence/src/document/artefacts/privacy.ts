// 7, 8 and 9: what differential privacy promises in this run, what it cost so far, and what tried to refute it.

import { epsilonSpent, spentOf } from '@sumus/federation/ledger';
import { epsilonAfter, noiseOf, type Promised, priceOfRound, unitNormOf } from '@sumus/federation/plan';
import { exhibitBenches } from '../bench-reports.ts';
import { computed, type Exhibit, inLog, inPlan } from '../fact.ts';
import { eventsOf, exhibitStatement, type Making, type Subject } from '../subject.ts';
import { exhibitTests } from '../tests.ts';
import { upwards } from '../upwards.ts';

export const privacyStatement: Making = (subject, exhibit) => {
  const { plan, explanation } = subject;
  const { privacy } = plan;
  if (privacy.kind === 'none') {
    exhibit.fact(`No differential privacy is promised. The reason given: ${privacy.reason}`, inPlan('privacy'));
    exhibit.missing('A differential-privacy statement: this plan promises none');
    return;
  }
  for (const sentence of explanation.privacy.sentences) exhibit.fact(sentence, computed('explain(plan).privacy'));
  const unit = privacy.unit === 'record' ? 'one record' : 'all that one participant has';
  exhibit.fact(
    `Unit: ${unit}; adjacency: ${privacy.adjacency}; δ = ${privacy.delta}; hard stop at ε = ${privacy.epsilonAtMost}: a round that would pass it is refused by every participant for itself.`,
    inPlan('privacy'),
  );
  exhibit.fact(
    `Sensitivity: a unit moves a participant’s vector by at most ${unitNormOf(plan)} (L2).`,
    computed(`unitNormOf(plan): clipping norm C = ${'clippingNorm' in privacy ? privacy.clippingNorm : 'none'}`),
  );
  const noise = noiseOf(plan);
  if (noise !== undefined) {
    const law = privacy.kind === 'central' ? privacy.noise : 'discrete-gaussian';
    exhibit.fact(
      `Noise: ${law}, drawn exactly on whole numbers, of deviation ${noise.stddev} in a sum, made by ${noise.shares} honest contributors together.`,
      computed('noiseOf(plan)'),
    );
  }
  const price = priceOfRound(plan);
  if (price !== undefined)
    exhibit.fact(`Mechanism of one round: ${JSON.stringify(price)}`, computed('priceOfRound(plan)'));
  spentInRun(subject, exhibit, privacy);
  spentInAll(subject, exhibit, privacy);
  exhibitBenches(exhibit, 7, subject.benches);
};

/** Rounds that failed are charged as well: their sums may be known to somebody. */
function spentInRun(subject: Subject, exhibit: Exhibit, { delta, epsilonAtMost }: Promised): void {
  const tried = eventsOf(subject, 'released').length + eventsOf(subject, 'round failed').length;
  if (tried === 0) return;
  const answer = epsilonAfter(subject.plan, tried);
  if (answer?.kind !== 'bound') {
    exhibit.missing(`A bound on the ε of the ${tried} rounds that were tried`);
    return;
  }
  exhibit.fact(
    `At most ε = ${upwards(answer.epsilon)} at δ = ${delta} by ${answer.accountant} for whoever was in all ${tried} rounds that were tried; ${upwards(Math.max(0, epsilonAtMost - answer.epsilon))} of ${epsilonAtMost} is left.`,
    inLog('released, round failed; epsilonAfter(plan, rounds)'),
    answer.epsilon <= epsilonAtMost,
  );
}

/** By participants' own ledgers, which know of other runs on the same data. */
function spentInAll({ examined }: Subject, exhibit: Exhibit, { delta }: Promised): void {
  const rows: (readonly (string | number | null)[])[] = [];
  for (const { member, verified } of examined.ledgers) {
    if (verified === undefined) continue;
    const plans = new Set(verified.records.flatMap(({ content }) => (content.kind === 'charged' ? [content.plan] : [])))
      .size;
    for (const spent of spentOf(verified)) {
      const answer = epsilonSpent(spent, delta);
      const epsilon = answer.kind === 'bound' ? upwards(answer.epsilon) : null;
      rows.push([member, spent.dataset, spent.unit, spent.adjacency, plans, spent.charges.length, epsilon, delta]);
    }
  }
  exhibit.table({
    title: 'What data sets were charged with, over all runs in the ledgers',
    columns: ['participant', 'data set', 'unit', 'adjacency', 'plans', 'charges', 'ε', 'δ'],
    rows,
    source: { from: 'ledger', where: 'charged' },
  });
  if (rows.length === 0)
    exhibit.missing(
      'What other runs charged to the same data: it is in participants’ own ledgers, none of which was handed in (--ledger)',
    );
}

export const counterExamples: Making = (subject, exhibit) => {
  if (subject.plan.privacy.kind === 'none')
    return exhibit.missing('A search for counter-examples: no sensitivity is claimed');
  exhibitTests(exhibit, 8, subject.tests);
};

export const privacyAudit: Making = (subject, exhibit) => {
  if (subject.plan.privacy.kind === 'none') return exhibit.missing('An empirical audit: no ε is claimed');
  exhibitTests(exhibit, 9, subject.tests);
  exhibitStatement(subject, exhibit, 'privacyAudit', 'An audit of this very run by canaries: none was handed in');
};
