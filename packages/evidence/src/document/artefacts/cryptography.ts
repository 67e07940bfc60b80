// 3, 4 and 16: what is computed with, how keys came about, and what could be seen from the side.

import { maskParametersOf, oneShotOf, wordEncodingOf } from '@sumus/federation/plan';
import { thresholdKeyOf } from '@sumus/federation/sum';
import { securityLimitBits } from '@sumus/lattice/parameters';
import { computed, type Exhibit, inLog, inPlan } from '../fact.ts';
import { eventsOf, exhibitStatement, type Making, type Subject } from '../subject.ts';
import { exhibitTests } from '../tests.ts';

export const billOfMaterials: Making = (subject, exhibit) => {
  const { software } = subject;
  exhibit.table({
    title: 'Cryptography in this run',
    columns: ['what for', 'scheme', 'parameters', 'estimated strength'],
    rows: [
      ...protectionRows(subject, exhibit),
      [
        'messages, plan, ledgers, certificates',
        'Ed25519 (RFC 8032), strict verification',
        'canonical encodings, prime order',
        '126 bits, classical',
      ],
      ['hashes', 'SHA-256', '', '128 bits against collisions'],
      [
        'boxes between members',
        'X25519, HKDF-SHA-256, AEAD',
        'the suite is in the context of the round',
        '126 bits, classical; hybrid boxes where the parameters say so',
      ],
      ['keystreams', 'ChaCha20 (RFC 8439)', '256-bit keys, one per stream', '256 bits'],
      ['randomness of participants', 'the platform’s cryptographic generator', 'noise and keys draw from it alone', ''],
    ],
    source: computed('the plan, by the code that runs it'),
  });
  exhibit.fact(
    `${software.name} ${software.version}${software.commit === null ? '' : `, commit ${software.commit}`}: all lattice arithmetic is its own, compared bit by bit with a second engine in its tests.`,
    computed('the software'),
  );
  if (software.commit === null) exhibit.missing('The commit of the software that ran: it was not told (--commit)');
  exhibit.missing(
    'An estimate of these very parameters by an independent estimator: none was handed in; what stands is the row of the table',
  );
};

/** Quantum bits are nobody's claim here: the table is for classical attacks. */
function protectionRows({ plan }: Subject, exhibit: Exhibit): (readonly string[])[] {
  const { protection, contributors } = plan;
  switch (protection.kind) {
    case 'mask': {
      const { threshold, sharingSet, corrupt, graph } = maskParametersOf(plan, contributors.maximum);
      const shares = `${threshold} of ${sharingSet} shares open a seed, ${corrupt} may be corrupt, ${graph} graph, of ${contributors.maximum} members`;
      return [
        [
          'sums of updates',
          'pairwise masks, additive',
          shares,
          'uniform words: statistical, but for the keys under them',
        ],
      ];
    }
    case 'one-shot': {
      const { oneTime } = oneShotOf(plan);
      const { degree, modulusBits, committee, secret, error } = oneTime;
      exhibit.fact(oneTime.description, computed('oneShotOf(plan).oneTime'));
      const { limit, isWithin } = limitOf(degree, modulusBits);
      exhibit.fact(
        `log2 q = ${modulusBits.toFixed(2)}, special primes included, and at most ${limit} for N = ${degree}.`,
        computed('lattice/parameters: eprint 2024/463, table 5.2, classical, ternary secret'),
        isWithin,
      );
      const laws = `secret ${JSON.stringify(secret)}, error ${JSON.stringify(error)}`;
      return [
        [
          'sums of updates',
          'one-time additive RLWE keys',
          `N = ${degree}, log2 q = ${modulusBits.toFixed(2)}, ${laws}; committee of ${committee.members}, ${committee.corrupt} corrupt tolerated`,
          '≥ 128 bits by the table',
        ],
      ];
    }
    case 'threshold': {
      const { integers, sums } = thresholdKeyOf({ plan, encoding: wordEncodingOf(plan) });
      exhibit.fact(String(integers), computed('thresholdKeyOf(plan).integers'));
      return [
        [
          'sums of updates',
          'exact integer RLWE encryption under a shared key',
          `${protection.threshold} of ${protection.members} shares open; one key opens at most ${sums} sums`,
          '≥ 128 bits: parameters over the table are refused when they are made',
        ],
      ];
    }
    case 'none':
      return [['sums of updates', 'none', protection.reason, 'none: updates are in clear']];
    default:
      return protection satisfies never;
  }
}

function limitOf(degree: number, modulusBits: number): { readonly limit: number | string; readonly isWithin: boolean } {
  const limit = securityLimitBits(degree);
  return { limit: limit ?? 'no row', isWithin: limit !== undefined && modulusBits <= limit };
}

export const keyCeremony: Making = (subject, exhibit) => {
  const { plan } = subject;
  const { protection } = plan;
  if (protection.kind === 'none') {
    exhibit.fact('There is no key of a sum: nothing is protected.', inPlan('protection'));
    return;
  }
  const opened = eventsOf(subject, 'round opened');
  const released = eventsOf(subject, 'released');
  const foundings = opened.filter(({ event }) => event.epoch === event.round);
  exhibit.table({
    title: protection.kind === 'mask' ? 'Rounds, each with keys of its own' : 'Foundings: of a committee, or of a key',
    columns: ['round', 'event', 'members', 'rounds that it served', 'standing after its first sum (SHA-256)'],
    rows: foundings.map(({ at, event }) => {
      const served = opened.filter((one) => one.event.epoch === event.round).length;
      const first = released.find((one) => one.event.round >= event.round);
      return [event.round, at, event.members.join(', '), served, first?.event.standing.sha256 ?? null];
    }),
    source: inLog('round opened, released'),
  });
  exhibit.fact(`Rotation: ${foundings.length} foundings in ${opened.length} rounds.`, inLog('round opened: epoch'));
  const threshold =
    protection.kind === 'threshold'
      ? `${protection.threshold} of ${protection.members} members open a sum`
      : protection.kind === 'one-shot'
        ? `a committee of ${protection.committee.members}, of whom ${protection.committee.corrupt} may be corrupt, opens a sum (${protection.committee.choice})`
        : `${maskParametersOf(plan, plan.contributors.maximum).threshold} members open the seed of one that is gone`;
  exhibit.fact(`Threshold: ${threshold}.`, inPlan('protection'));
  exhibitStatement(
    subject,
    exhibit,
    'keyDestruction',
    'That keys were destroyed after the run: it happens on the participants’ machines, and no log can show it',
  );
};

export const sideChannels: Making = (subject, exhibit) => {
  const { plan } = subject;
  exhibitTests(exhibit, 16, subject.tests);
  exhibit.fact(
    plan.protection.kind === 'threshold'
      ? 'Sums are decrypted exactly, with flooding noise sized for every sum that the key may open; no approximate (CKKS) result is released in a run.'
      : 'No approximate (CKKS) decryption takes place in a run: sums are of whole numbers, and exact.',
    inPlan('protection'),
  );
  exhibit.missing('Measured timing of secret-dependent code on the participants’ machines');
};
