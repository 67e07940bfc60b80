// 5 and 6: that nobody sees one participant's update, and the log of every round.

import { exhibitBenches } from '../bench-reports.ts';
import { inLog, inPlan } from '../fact.ts';
import { eventsOf, type Making } from '../subject.ts';
import { exhibitTests } from '../tests.ts';

export const noPlaintextPath: Making = (subject, exhibit) => {
  const { protection } = subject.plan;
  if (protection.kind === 'none') {
    exhibit.fact(
      `The coordinator reads every update: the plan has no protection. The reason given: ${protection.reason}`,
      inPlan('protection'),
      false,
    );
    return;
  }
  exhibit.fact(
    `Updates are protected by ${protection.kind}: what reaches the coordinator is not an update.`,
    inPlan('protection'),
  );
  exhibitTests(exhibit, 5, subject.tests);
  exhibitBenches(exhibit, 5, subject.benches);
};

export const logOfRounds: Making = (subject, exhibit) => {
  const { examined, plan } = subject;
  const opened = eventsOf(subject, 'round opened');
  const frames = eventsOf(subject, 'frame taken');
  const released = eventsOf(subject, 'released');
  exhibit.table({
    title: 'Rounds that came to a sum',
    columns: [
      'round',
      'event',
      'contributors',
      'at least',
      'missing',
      'root of contributors and contributions',
      'sum (SHA-256)',
      'model (SHA-256)',
      'messages, each by its hash',
      'ledger record',
    ],
    rows: released.map(({ at, event }) => {
      const members = opened.find((one) => one.event.round === event.round)?.event.members ?? [];
      const missing = members.filter((name) => !event.contributors.includes(name));
      return [
        event.round,
        at,
        event.published.contributors,
        plan.contributors.minimum,
        missing.length === 0 ? 'none' : missing.join(', '),
        event.published.contributorsRoot,
        event.published.result,
        event.modelHash,
        frames.filter((one) => one.event.round === event.round).length,
        event.record.index,
      ];
    }),
    source: inLog('released, round opened, frame taken'),
  });
  exhibit.table({
    title: 'Rounds that failed',
    columns: ['round', 'event', 'code', 'reason', 'ledger record'],
    rows: eventsOf(subject, 'round failed').map(({ at, event }) => [
      event.round,
      at,
      event.code,
      event.reason,
      event.record.index,
    ]),
    source: inLog('round failed'),
  });
  const { size, head } = examined.digest;
  exhibit.fact(
    `The log has ${size} events; its digest is ${head}. Keep both: the next examination finds out by them whether anything of these was changed.`,
    inLog('all'),
  );
  exhibit.fact(
    `${examined.signed} events carry signatures that hold: the plan, certificates, records and published sums.`,
    inLog('run created, member joined, released, round failed, plan declined, member sat out'),
  );
  if (examined.unsigned.length > 0) {
    exhibit.missing(
      `Signatures on the coordinator’s own word: clocks, metrics, and events that are ${examined.unsigned.map((kind) => `"${kind}"`).join(', ')} are held by their order and by a digest that was kept alone`,
    );
  }
  if (examined.ledgers.length === 0) {
    exhibit.missing(
      'Participants’ own ledgers beside the log: none was handed in (--ledger); a coordinator that writes its whole log anew is found out by them',
    );
  } else {
    for (const { member, records, verified } of examined.ledgers) {
      const said = verified === undefined ? 'is damaged or of another key' : 'is intact and agrees with the log';
      exhibit.fact(
        `The ledger of ${member}, ${records.length} records, ${said}.`,
        { from: 'ledger', where: member },
        verified !== undefined,
      );
    }
  }
};
