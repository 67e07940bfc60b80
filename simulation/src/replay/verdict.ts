// Whether a run with faults came out well: every sum that was published is the sum of those who are said to be in it, everybody has the same
// models, no round was opened twice, every record holds, and it came to an end. Looks at everybody's state, which only a simulation may.
//
//   model v+1 = model v + (1 / n)·Σ updates of its contributors, each within half a step of the quantiser, and one for rounding at random:
//   after rotation the difference has a norm of at most √words steps, and floats

import { runs } from '@sumus/federation/coordinator';
import { verifyLedger } from '@sumus/federation/ledger';
import { firstWeightsOf } from '@sumus/federation/model';
import { type CheckedPlan, wordEncodingOf } from '@sumus/federation/plan';
import { bytesOfPublished, type Published } from '@sumus/federation/release';
import type { RunEvent } from '@sumus/federation/run';
import type { Primitives } from '@sumus/platform/primitives';
import type { Simulated } from '../federation/simulate.ts';
import type { Updates } from './updates.ts';

export interface Verdict {
  readonly outcome: 'right sums' | 'clean abort';
  readonly sums: number;
  readonly end: string;
  /** Empty: it came out well. */
  readonly problems: readonly string[];
}

export async function verdictOf(platform: Primitives, simulated: Simulated, updates: Updates): Promise<Verdict> {
  const { server, enrolment, teller } = simulated;
  const { plan } = enrolment.plan;
  const problems = [
    ...openedTwice(server.everAppended),
    ...wrongModels(plan, simulated, updates),
    ...(await damagedLedgers(platform, simulated)),
    ...unfolded(platform, simulated),
  ];
  if (!server.hasEnded) problems.push('the run has no end');
  const sums = server.disk.events.filter(({ kind }) => kind === 'released').length;
  return {
    outcome: sums === plan.stopping.rounds ? 'right sums' : 'clean abort',
    sums,
    end: teller.ended?.why ?? 'none',
    problems,
  };
}

/** Also over what a server forgot: what was opened is known. */
export function openedTwice(events: readonly RunEvent[]): readonly string[] {
  const sums = new Map<number, string>();
  const problems: string[] = [];
  for (const event of events) {
    if (event.kind !== 'released') continue;
    const said = JSON.stringify([event.contributors, event.contributions, event.published.result]);
    const before = sums.get(event.round);
    if (before !== undefined && before !== said)
      problems.push(`round ${event.round} was opened twice, with two results`);
    sums.set(event.round, said);
  }
  return problems;
}

interface Come {
  readonly who: string;
  readonly published: Published;
}

/** The models that anybody came to: the same for all, and each the one before it and the mean of its contributors. */
function wrongModels(plan: CheckedPlan, { members, server }: Simulated, updates: Updates): readonly string[] {
  const problems: string[] = [];
  const known = new Map<number, Come>();
  const come: Come[] = members.flatMap(({ name, models }) => models.map(({ published }) => ({ who: name, published })));
  const newest = server.coordinator?.published;
  if (newest !== undefined && newest.version > 0) come.push({ who: 'the server', published: newest });
  for (const one of come) {
    const before = known.get(one.published.version);
    if (before === undefined) known.set(one.published.version, one);
    else if (!isSame(before.published, one.published)) {
      problems.push(`${before.who} and ${one.who} have different models ${one.published.version}`);
    }
  }
  const releases = new Map(
    server.everAppended.flatMap((event) => (event.kind === 'released' ? [[event.version, event] as const] : [])),
  );
  for (const [version, { published, who }] of known) {
    const release = releases.get(version);
    const start = version === 1 ? firstWeightsOf(plan) : weightsOf(known.get(version - 1)?.published);
    const weights = weightsOf(published);
    if (release === undefined) problems.push(`${who} has model ${version}, which was never published`);
    if (release === undefined || start === undefined || weights === undefined) continue;
    const off = distance(plan, { start, weights, contributors: release.contributors }, updates);
    if (off === undefined) problems.push(`model ${version} is said to be of somebody who never trained for it`);
    else if (off > 1)
      problems.push(`model ${version} is not the mean of its contributors: off by ${off.toFixed(1)} of the bound`);
  }
  return problems;
}

const isSame = (a: Published, b: Published): boolean =>
  Buffer.from(bytesOfPublished(a)).equals(Buffer.from(bytesOfPublished(b)));

const weightsOf = (published: Published | undefined): Float32Array | undefined =>
  published?.kind === 'model' ? published.server.weights : undefined;

interface Step {
  readonly start: Float32Array;
  readonly weights: Float32Array;
  readonly contributors: readonly string[];
}

/** ‖weights − start − mean‖ over its bound; undefined where an update is not known. */
function distance(plan: CheckedPlan, { start, weights, contributors }: Step, updates: Updates): number | undefined {
  const mean = new Float64Array(start.length);
  for (const name of contributors) {
    const update = updates.of(name, start);
    if (update === undefined) return undefined;
    update.forEach((value, i) => {
      mean[i] = (mean[i] ?? 0) + value / contributors.length;
    });
  }
  const { scale, words } = wordEncodingOf(plan);
  let [squares, size] = [0, 0];
  mean.forEach((value, i) => {
    const moved = (weights[i] ?? 0) - (start[i] ?? 0);
    squares += (moved - value) ** 2;
    size += (weights[i] ?? 0) ** 2 + value ** 2;
  });
  return Math.sqrt(squares) / ((1.5 * Math.sqrt(words)) / scale + 2 ** -20 * Math.sqrt(size));
}

async function damagedLedgers(platform: Primitives, { server, members }: Simulated): Promise<readonly string[]> {
  const problems: string[] = [];
  const all = [
    ['the server', server.coordinator?.state.ledger] as const,
    ...members.map(({ name, state }) => [name, state?.ledger] as const),
  ];
  for (const [name, ledger] of all) {
    if (ledger === undefined) continue;
    const verdict = await verifyLedger(platform, ledger.owner, ledger.records);
    if (verdict.kind === 'damaged') problems.push(`the ledger of ${name} is damaged: ${verdict.findings[0]?.what}`);
  }
  for (const { name, state } of members) {
    // One upload a round: a second would be a second answer to one question.
    const left = (state?.ledger.records ?? []).flatMap(({ content }) =>
      content.kind === 'left' ? [content.round] : [],
    );
    const twice = left.find((round, place) => left.indexOf(round) !== place);
    if (twice !== undefined) problems.push(`${name} contributed to round ${twice} twice`);
  }
  return problems;
}

/** The coordinator is what its log says, and nothing else. */
function unfolded(platform: Primitives, { server }: Simulated): readonly string[] {
  const state = runs.foldAll({ primitives: platform }, undefined, server.disk.events);
  return JSON.stringify(state) === JSON.stringify(server.coordinator?.state)
    ? []
    : ['the log does not fold to the state'];
}
