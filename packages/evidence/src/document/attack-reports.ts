// What `sumus attack` found, as JSON: inversion of gradients (11), membership (10), an insider (12). The command attacks networks of its own making
// on data that were handed to it, so what it found tells of the method and these data, and not of the model of this run: which is said.

import { MalformedMessage } from '@sumus/federation/errors';
import type { Exhibit } from './fact.ts';

export interface AttackReport {
  readonly artefact: 10 | 11 | 12;
  /** SHA-256 of the report, hexadecimal. */
  readonly sha256: string;
  /** A sentence each. */
  readonly found: readonly string[];
}

export function readAttackReport(text: string, sha256: string): AttackReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedMessage('a report of an attack is JSON, and this is not', { cause });
  }
  const parts = membersOf(value);
  if (parts.has('rates')) return { artefact: 10, sha256, found: membership(parts) };
  if (parts.has('attacks')) return { artefact: 11, sha256, found: inversions(parts) };
  if (parts.has('correlations')) return { artefact: 12, sha256, found: insider(parts) };
  throw new MalformedMessage('no report of an attack: make one with sumus attack invert, membership or insider --json');
}

type Parts = ReadonlyMap<string, unknown>;

const membersOf = (value: unknown): Parts =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

function numberIn(parts: Parts, name: string): number {
  const value = parts.get(name);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new MalformedMessage(`no report of an attack: "${name}" is no number`);
}

function listIn(parts: Parts, name: string): readonly unknown[] {
  const value = parts.get(name);
  if (Array.isArray(value)) return value;
  throw new MalformedMessage(`no report of an attack: "${name}" is no list`);
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

const noiseOf = (parts: Parts): string => {
  const noise = parts.get('noise') ?? null;
  return noise === null ? 'without noise' : `with noise ${JSON.stringify(noise)}`;
};

function membership(parts: Parts): readonly string[] {
  const epsilon = parts.get('epsilon');
  const promised = typeof epsilon === 'number' ? `, ε = ${epsilon} at δ = ${parts.get('delta')}` : '';
  const decisions = `of ${numberIn(parts, 'members')} decisions about members and ${numberIn(parts, 'others')} about others`;
  return listIn(parts, 'rates').map((one) => {
    const rate = membersOf(one);
    const [found, accused] = [numberIn(rate, 'truePositiveRate'), numberIn(rate, 'falsePositiveRate')];
    return `Membership by shadow models, ${noiseOf(parts)}${promised}: ${percent(found)} of members are found where at most ${percent(accused)} of others are accused, ${decisions}.`;
  });
}

function inversions(parts: Parts): readonly string[] {
  return listIn(parts, 'attacks').map((one) => {
    const attack = membersOf(one);
    const seen = `${attack.get('seen')} of ${numberIn(attack, 'participants')} × ${numberIn(attack, 'batch')}`;
    return `Inversion (${attack.get('attack')}), ${noiseOf(parts)}, of what is seen as ${seen}: ${percent(numberIn(attack, 'exactShare'))} of ${numberIn(attack, 'pictures')} records come back exactly, mean likeness ${Number(numberIn(attack, 'meanSsim').toPrecision(3))}.`;
  });
}

function insider(parts: Parts): readonly string[] {
  const said = `An insider (GAN), ${noiseOf(parts)}, protection ${parts.get('protection')}: what it made of class ${numberIn(parts, 'target')} looks most like class ${numberIn(parts, 'nearestClass')}.`;
  return [said];
}

/** Whether there was anything. */
export function exhibitAttacks(exhibit: Exhibit, artefact: number, reports: readonly AttackReport[]): boolean {
  const ours = reports.filter((one) => one.artefact === artefact);
  for (const { found, sha256 } of ours) {
    const where = `sumus attack, report ${sha256.slice(0, 12)}: on networks of its own, not on the model of this run`;
    for (const text of found) exhibit.fact(text, { from: 'report', where });
  }
  return ours.length > 0;
}
