// 14 and 15: how little leaves, and what happens when things go wrong.

import { exhibitBenches } from '../bench-reports.ts';
import { inLog, inPlan } from '../fact.ts';
import { eventsOf, exhibitStatement, type Making } from '../subject.ts';
import { exhibitTests } from '../tests.ts';

export const minimisation: Making = (subject, exhibit) => {
  const { plan, examined } = subject;
  const { batching, contributors, sharing, metrics, exchange, openedTo } = plan;
  exhibit.table({
    title: 'What the plan lets leave',
    columns: ['what', 'value'],
    rows: [
      ['a contribution stands for at least', `${batching.minimumUnits} ${batching.countedIn}`],
      ['batches', JSON.stringify(batching.sampling)],
      ['contributors in a sum, at least', contributors.minimum],
      [
        'share of an update that leaves (θ_u)',
        exchange.schedule === 'one-round' ? 'statistics, once' : sharing.upload.fraction,
      ],
      ['sums and models are open to', openedTo],
      [
        'metrics that leave',
        metrics.length === 0
          ? 'none'
          : metrics.map(({ name, resolution }) => `${name} in steps of ${resolution}`).join(', '),
      ],
    ],
    source: inPlan('batching, contributors, sharing, metrics'),
  });
  exhibit.fact(
    'What leaves a training worker is an aggregate of a batch or of an epoch; the gradient of one record is never an output of it.',
    inPlan('batching, exchange.localWork'),
  );
  const fewest = Math.min(...eventsOf(subject, 'released').map(({ event }) => event.published.contributors));
  if (Number.isFinite(fewest)) {
    exhibit.fact(
      `The smallest published sum is of ${fewest} contributors, of at least ${contributors.minimum} that were agreed.`,
      inLog('released'),
      fewest >= contributors.minimum,
    );
  }
  exhibit.table({
    title: 'What left each participant, by its own ledger',
    columns: ['participant', 'what', 'times', 'bytes', 'coordinates at most', 'protection'],
    rows: examined.ledgers.flatMap(({ member, verified }) => leftOf(member, verified?.records ?? [])),
    source: { from: 'ledger', where: 'left' },
  });
  if (examined.ledgers.length === 0)
    exhibit.missing('What left each participant by its own record: no ledger was handed in (--ledger)');
  exhibitStatement(
    subject,
    exhibit,
    'retention',
    'Retention times of data, models, logs and ledgers, and the log of their deletion',
  );
};

type LedgerRecords = Parameters<Making>[0]['examined']['ledgers'][number]['records'];

function leftOf(member: string, records: LedgerRecords): readonly (readonly (string | number)[])[] {
  const totals = new Map<
    string,
    { what: string; protection: string; times: number; bytes: number; coordinates: number }
  >();
  for (const { content } of records) {
    if (content.kind !== 'left') continue;
    const { what, protection, bytes, coordinates } = content;
    const key = `${what} ${protection}`;
    const total = totals.get(key) ?? { what, protection, times: 0, bytes: 0, coordinates: 0 };
    totals.set(key, {
      what,
      protection,
      times: total.times + 1,
      bytes: total.bytes + bytes,
      coordinates: Math.max(total.coordinates, coordinates),
    });
  }
  return [...totals.values()].map(({ what, times, bytes, coordinates, protection }) => [
    member,
    what,
    times,
    bytes,
    coordinates,
    protection,
  ]);
}

export const robustness: Making = (subject, exhibit) => {
  exhibit.table({
    title: 'What went wrong in this run, and what came of it',
    columns: ['what', 'times', 'events'],
    rows: [
      [
        'messages that were late, out of turn or refused: numbered, and not used',
        ...timesOf(subject, 'message ignored'),
      ],
      ['participants that let a round pass', ...timesOf(subject, 'member sat out')],
      ['members that left or were given up', ...timesOf(subject, 'member left')],
      ['rounds that failed, with nothing of them used', ...timesOf(subject, 'round failed')],
      ['rules that were broken, with evidence that convinces others', ...timesOf(subject, 'evidence found')],
    ],
    source: inLog('all events of these kinds'),
  });
  exhibitTests(exhibit, 15, subject.tests);
  exhibitBenches(exhibit, 15, subject.benches);
};

function timesOf(
  subject: Parameters<Making>[0],
  kind: 'message ignored' | 'member sat out' | 'member left' | 'round failed' | 'evidence found',
): readonly [number, string] {
  const found = eventsOf(subject, kind);
  const listed = found.slice(0, 20).map(({ at }) => at);
  return [found.length, `${listed.join(', ')}${found.length > listed.length ? ', …' : ''}`];
}
