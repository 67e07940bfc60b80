// sumus budget check FILE: every case of a reference file, accounted. One line a case: {id, epsilon, lower, rdp, zcdp, ms}; epsilon is
// our least sound bound, or null with a reason. A case that cannot be read is a reason too, not the end of the rest.
import { readFileSync } from 'node:fs';
import {
  type Answer,
  concentratedEpsilon,
  type History,
  pureEpsilon,
  renyiEpsilon,
  tightestEpsilon,
} from '@sumus/differential-privacy/accountants';
import { MalformedMessage, ParameterError } from '@sumus/differential-privacy/errors';
import { noiseFor } from '@sumus/differential-privacy/inverse';
import { entryId, type ReferenceCase, referenceCase, referenceEntries } from '@sumus/differential-privacy/reference';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { formatted } from './budget-epsilon.ts';

interface Line {
  readonly id: string;
  readonly epsilon: number | null;
  /** A lower bound on the true ε: by an exact accountant, or measured by an audit (which gives no ε). */
  readonly lower: number | null;
  readonly rdp: number | null;
  readonly zcdp: number | null;
  readonly ms: number;
  readonly accountant?: string;
  /** The noise multiplier found, for a case that asks for one; its ε is the one that this noise has. */
  readonly sigma?: number;
  readonly reason?: string;
}

export function checkFile(path: string, options: { readonly json?: true }): void {
  let entries: readonly unknown[];
  try {
    entries = referenceEntries(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new UsageError(`${path} is no file of reference cases: ${messageOf(error)}`, { cause: error });
  }
  const lines: Line[] = [];
  for (const [at, entry] of entries.entries()) {
    const line = lineOf(entry, entryId(entry, at));
    if (options.json) printJson(line);
    else lines.push(line);
  }
  if (options.json) return;
  const rows = lines.map((line) => [
    line.id,
    show(line.epsilon, 'up'),
    show(line.lower, 'down'),
    show(line.rdp, 'up'),
    show(line.zcdp, 'up'),
    line.ms.toFixed(1),
    line.reason ?? (line.sigma === undefined ? (line.accountant ?? '') : `noise multiplier ${line.sigma}`),
  ]);
  printColumns([['case', 'ε', 'at least', 'rdp', 'zcdp', 'ms', ''], ...rows]);
}

const show = (value: number | null, direction: 'up' | 'down'): string =>
  value === null ? '—' : formatted(value, direction, 8);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function lineOf(entry: unknown, id: string): Line {
  const started = process.cpuUsage();
  const elapsed = (): number => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  };
  const nothing = (reason: string, lower: number | null = null): Line => ({
    id,
    epsilon: null,
    lower,
    rdp: null,
    zcdp: null,
    ms: elapsed(),
    reason,
  });
  try {
    const one = referenceCase(entry, id);
    return one.kind === 'not applicable' ? nothing(one.reason, one.lower) : accounted(one, elapsed, nothing);
  } catch (error) {
    // Whatever goes wrong in one case, the others are still accounted.
    const expected = error instanceof ParameterError || error instanceof MalformedMessage;
    return nothing(expected ? error.message : `unexpected: ${messageOf(error)}`);
  }
}

function accounted(
  one: Exclude<ReferenceCase, { kind: 'not applicable' }>,
  elapsed: () => number,
  nothing: (reason: string) => Line,
): Line {
  const { id, delta } = one;
  if (one.kind === 'calibration') {
    const found = noiseFor({ epsilon: one.targetEpsilon, delta }, one.historyAt);
    if (found.kind === 'none') return nothing(found.reason);
    const ms = elapsed();
    const history = one.historyAt(found.value);
    const { epsilon, lower, accountant } = found.bound;
    return { id, epsilon, lower, ...others(history, delta), ms, accountant, sigma: found.value };
  }
  if (delta === 0) {
    const pure = pureEpsilon(one.history);
    if (!Number.isFinite(pure)) return nothing('at δ = 0 there is no finite ε: the mechanism is not pure');
    return { id, epsilon: pure, lower: pure, rdp: null, zcdp: null, ms: elapsed(), accountant: 'closed form' };
  }
  const answer = tightestEpsilon(one.history, delta);
  const ms = elapsed();
  if (answer.kind === 'refused') return { ...nothing(answer.reason), ms };
  const { epsilon, lower, accountant } = answer;
  return { id, epsilon, lower, ...others(one.history, delta), ms, accountant };
}

function others(history: History, delta: number): { rdp: number | null; zcdp: number | null } {
  const value = (answer: Answer): number | null => (answer.kind === 'bound' ? answer.epsilon : null);
  return { rdp: value(renyiEpsilon(history, delta)), zcdp: value(concentratedEpsilon(history, delta)) };
}
