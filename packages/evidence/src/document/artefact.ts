// One of the twenty-one artefacts: what it is, what is shown of it, and where it is asked for.

import type { Shown } from './fact.ts';
import type { AskedFor } from './frameworks.ts';

/**
 * `contradicted`: a fact speaks against it. `in doubt`: it rests on a log or a ledger in which something is wrong. `stated`: all there is are
 * somebody's words.
 */
export type Status = 'shown' | 'shown in part' | 'stated' | 'not shown' | 'in doubt' | 'contradicted';

export interface Artefact extends Shown {
  /** 1 to 21. */
  readonly number: number;
  readonly title: string;
  readonly status: Status;
  readonly askedForBy: AskedFor;
}

export function statusOf({ facts, tables, notShown }: Shown, isLogIntact: boolean): Status {
  if (facts.some(({ holds }) => !holds)) return 'contradicted';
  const sources = [...facts, ...tables].map(({ source }) => source.from);
  if (sources.length === 0) return 'not shown';
  // The plan, too, is read out of the log.
  if (!isLogIntact && sources.some((from) => ['plan', 'log', 'ledger', 'computed'].includes(from))) return 'in doubt';
  if (notShown.length > 0) return 'shown in part';
  return sources.every((from) => from === 'statement') ? 'stated' : 'shown';
}
