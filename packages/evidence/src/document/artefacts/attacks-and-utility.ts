// 10 to 13: what attacks found, and what the model is worth.

import { exhibitAttacks } from '../attack-reports.ts';
import { exhibitBenches } from '../bench-reports.ts';
import { inLog } from '../fact.ts';
import { eventsOf, exhibitStatement, type Making } from '../subject.ts';
import { exhibitTests } from '../tests.ts';

export const membershipInference: Making = (subject, exhibit) => {
  exhibitAttacks(exhibit, 10, subject.attacks);
  exhibitStatement(
    subject,
    exhibit,
    'membershipInference',
    'Membership inference against the model of this run (LiRA or quantile attack): its true positive rate at 0.1 % false positives, before and after',
  );
};

export const reconstruction: Making = (subject, exhibit) => {
  exhibitTests(exhibit, 11, subject.tests);
  const wasTried = exhibitAttacks(exhibit, 11, subject.attacks);
  if (!exhibitBenches(exhibit, 11, subject.benches) && !wasTried) {
    exhibit.missing(
      'How many records come back by batch size, in clear, encrypted and with noise: run npm run bench -- attacks --json and hand it in (--bench)',
    );
  }
};

export const modelInversion: Making = (subject, exhibit) => {
  exhibitAttacks(exhibit, 12, subject.attacks);
  exhibitStatement(
    subject,
    exhibit,
    'residualRisk',
    'The outcome of a model-inversion or GAN-insider test against the model of this run, and the residual risk that is accepted',
  );
};

export const utility: Making = (subject, exhibit) => {
  exhibit.table({
    title: 'Metrics of published sums, over all contributors together',
    columns: ['round', 'version', 'metric', 'value', 'contributors', 'units at least'],
    rows: eventsOf(subject, 'released').flatMap(({ event }) =>
      event.metrics.map(({ name, value, contributors, unitsAtLeast }) => [
        event.round,
        event.version,
        name,
        value,
        contributors,
        unitsAtLeast,
      ]),
    ),
    source: inLog('released: metrics, the coordinator’s word'),
  });
  exhibitBenches(exhibit, 13, subject.benches);
  exhibitStatement(
    subject,
    exhibit,
    'utility',
    'The accuracy beside a non-private, a centralised and a standalone model',
  );
  exhibitStatement(
    subject,
    exhibit,
    'subgroups',
    'The accuracy of each subgroup: differential privacy may cost small groups more',
  );
};
