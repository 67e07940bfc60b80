// 17 to 19: rights of the people whose data it is, who else is involved, and what happens in an incident. A log knows little of these: most
// of it is for the owner to state.

import { inLog } from '../fact.ts';
import { eventsOf, exhibitStatement, type Making } from '../subject.ts';
import { exhibitTests } from '../tests.ts';

export const dataSubjects: Making = (subject, exhibit) => {
  for (const { at, event } of eventsOf(subject, 'member left')) {
    exhibit.fact(`${event.member} left: ${event.reason} It was in no later sum.`, inLog(`event ${at}`));
  }
  exhibitStatement(subject, exhibit, 'withdrawal', 'How people withdraw, and to what effect');
  exhibit.missing(
    'Unlearning: what was summed stays in the models that were made of it; who leaves is in no later one',
  );
};

export const transfersAndProcessors: Making = (subject, exhibit) => {
  exhibitStatement(subject, exhibit, 'processors', 'The list of processors, whoever runs the server first');
  exhibitStatement(subject, exhibit, 'transfers', 'The list of transfers to other countries');
};

export const incidents: Making = (subject, exhibit) => {
  for (const { at, event } of eventsOf(subject, 'evidence found')) {
    exhibit.fact(
      `${event.code}, accused ${event.accused.join(', ') || 'nobody by name'}: ${event.reason}`,
      inLog(`event ${at}`),
    );
  }
  exhibitTests(exhibit, 19, subject.tests);
  exhibitStatement(subject, exhibit, 'incidents', 'The path of an incident: who is told, by when');
  exhibitStatement(subject, exhibit, 'drill', 'A drill for a compromised key: when, by whom, and what came of it');
};
