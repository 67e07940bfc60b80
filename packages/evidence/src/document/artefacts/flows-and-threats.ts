// 1 and 2: what flows where under whose key, and who could do what.

import { computed, inLog, inPlan } from '../fact.ts';
import { exhibitStatement, type Making, type Subject } from '../subject.ts';

export const dataFlow: Making = (subject, exhibit) => {
  const { plan, signed, state, examined } = subject;
  const { admission } = plan.contributors;
  exhibit.table({
    title: 'What flows, protected by what, under whose key',
    columns: ['from', 'to', 'what', 'protected by', 'who holds the key or share'],
    rows: flowsOf(subject),
    isFlow: true,
    source: computed('the plan’s protection and openedTo'),
  });
  exhibit.table({
    title: 'Keys of this run',
    columns: ['whose', 'Ed25519 key', 'what it signs'],
    rows: [
      ['the owner of the plan', signed.signedBy, 'the plan'],
      ['the coordinator', state.coordinator, 'its messages, published sums and its ledger'],
      ...(admission.kind === 'invitation'
        ? [['the enrolment authority', admission.authority, 'certificates of members, revocations']]
        : []),
      ...[...examined.certificates.values()].map(({ member, role, publicKey }) => [
        `${member} (${role})`,
        publicKey,
        'its messages and its own ledger',
      ]),
    ],
    source: inLog('run created, member joined'),
  });
  exhibit.fact(
    'Records of data stay at the participant that holds them: what is trained on is no part of any message.',
    inPlan('the exchange and its messages'),
  );
  exhibitStatement(subject, exhibit, 'controllers', 'The map of controllers and joint controllers');
};

function flowsOf({ plan }: Subject): readonly (readonly string[])[] {
  const { protection, openedTo, exchange } = plan;
  const what = exchange.schedule === 'one-round' ? 'statistics of its records, summed up' : 'an update of the model';
  const open = openedTo === 'everyone' ? 'everybody, the coordinator too' : 'the contributors alone';
  const model: readonly string[] =
    openedTo === 'everyone'
      ? [
          'coordinator',
          'participants',
          'the sum of a round and the model after it',
          'the coordinator’s signature',
          'nobody: it is open',
        ]
      : [
          'committee',
          'contributors',
          'answers that open the sum',
          'boxes to each contributor',
          'each contributor its own',
        ];
  switch (protection.kind) {
    case 'mask':
      return [
        [
          'participant',
          'participant, through the coordinator',
          'shares of the seeds of its masks',
          'boxes between two participants',
          'each participant its own; no single share tells anything',
        ],
        [
          'participant',
          'coordinator',
          `${what}, masked`,
          'pairwise masks that cancel in the sum',
          'pairs of participants; the coordinator holds none',
        ],
        model,
      ];
    case 'one-shot':
      return [
        [
          'participant',
          'committee, through the coordinator',
          'shares of its one-time key',
          'boxes to each committee member',
          `${protection.committee.members} committee members, a share each`,
        ],
        [
          'participant',
          'coordinator',
          `${what}, encrypted`,
          'a one-time lattice key',
          'the participant; shares at the committee',
        ],
        ['committee', open, 'shares of the sum of the keys', 'only the sum is answered for', 'the committee'],
        model,
      ];
    case 'threshold':
      return [
        [
          'participant',
          'participant, through the coordinator',
          'its part in founding a shared key',
          'commitments, then boxes',
          `${protection.members} members, a share each`,
        ],
        [
          'participant',
          'coordinator',
          `${what}, encrypted`,
          'a lattice key that nobody holds alone',
          `${protection.threshold} of ${protection.members} members together`,
        ],
        ['members', 'coordinator', 'partial decryptions of the sum', 'flooding noise', 'the members'],
        model,
      ];
    case 'none':
      return [
        ['participant', 'coordinator', `${what}, in clear`, 'nothing', 'nobody: the coordinator reads it'],
        model,
      ];
    default:
      return protection satisfies never;
  }
}

/** What no protection here covers, whoever plans the run. */
const NOT_COVERED: readonly string[] = [
  'a participant that trains a generator against the shared model (GAN insider): it sees what every participant may see',
  'poisoning: a participant’s lie about its own update is bounded by the clipping norm, and cannot be told from an honest one',
  'availability: who refuses to answer can make a round fail; it is named, and nothing of the round is used',
  'what the model itself tells about the data it was trained on, beyond what differential privacy promises',
  'a participant’s own machine: whoever is in control of it reads its data',
];

export const threatModel: Making = ({ explanation }, exhibit) => {
  const rows: (readonly string[])[] = [];
  for (const [who, mode, sentences] of [
    ['the coordinator', 'active: it may lie, delay and choose', explanation.server],
    ['a participant', 'follows the protocol or lies about its own part', explanation.participants],
    ['coordinator and participants together', 'pooling all they see', explanation.collusion],
    ['whoever gets the model (end user)', 'passive', explanation.privacy.sentences],
  ] as const) {
    for (const sentence of sentences) rows.push([who, mode, sentence]);
  }
  exhibit.table({
    title: 'Who learns what',
    columns: ['adversary', 'behaviour', 'what it learns, or what is promised against it'],
    rows,
    source: computed('explain(plan)'),
  });
  exhibit.table({
    title: 'Not covered',
    columns: ['what is not covered'],
    rows: NOT_COVERED.map((what) => [what]),
    source: computed('docs/threats.md'),
  });
  for (const warning of explanation.warnings) exhibit.fact(warning, computed('explain(plan).warnings'));
};
