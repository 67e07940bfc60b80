// A log as text: one event a line, as a store writes it and a server exports it. Reading goes on past a bad line, so that all of them are
// named; what follows from what is examine.ts's to say.

import { type RunEvent, readEvent } from '@sumus/federation/run';
import type { LogFinding } from './finding.ts';

export interface LogLines {
  /** Without their ends. */
  readonly lines: readonly string[];
  /** By line; undefined where a line is none. */
  readonly events: readonly (RunEvent | undefined)[];
  readonly findings: readonly LogFinding[];
}

export function readLog(text: string): LogLines {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const findings: LogFinding[] = [];
  if (rest !== '') {
    findings.push({ at: lines.length, code: 'unreadable', what: 'the last line has no end: its writing was cut' });
  }
  const events = lines.map((line, at) => {
    try {
      return readEvent(line);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      findings.push({ at, code: 'unreadable', what: error.message });
      return undefined;
    }
  });
  return { lines, events, findings };
}

/** What is wrong with bytes or with a peer comes as these; anything else is a mistake of ours. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && ['MalformedMessage', 'ProtocolViolation', 'ParameterError'].includes(error.name);
